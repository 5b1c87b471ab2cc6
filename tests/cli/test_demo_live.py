"""The demonstration has live music: an archive on this machine, its bands' lists wanted, their setlists known."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from segue.app import Segue
from segue.cli.demo_live import an_archive, fill
from segue.emulator.archive_shows import shows
from segue.live.archive import ArchiveClient
from segue.live.service import LiveService
from segue.settings import load_settings


def test_the_demonstration_asks_its_own_archive_and_knows_its_setlists(tmp_path: Path) -> None:
    async def look() -> tuple[list[str], int, int]:
        settings = load_settings({"data_dir": tmp_path})
        await fill(settings)
        await fill(settings)
        segue = Segue(settings)
        await segue.open()
        try:
            live = segue.services.get(LiveService)
            bands = await segue.services.get(ArchiveClient).bands()
            wanted = [one.collection for one in await live.mirrors() if one.wanted]
            async with segue.db.read() as conn:
                kept = (await conn.exec_driver_sql("SELECT count(*) FROM live_setlists")).scalar_one()
            return wanted, len(bands), int(kept)
        finally:
            await segue.close()

    with an_archive(tmp_path / "tapes"):
        assert os.environ["SEGUE_LIVE__BASE_URL"].endswith("/archive")
        assert asyncio.run(look()) == (["etree"], 2, len(shows()))
    assert "SEGUE_LIVE__BASE_URL" not in os.environ
