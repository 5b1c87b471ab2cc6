"""A golden data folder: small real files, really scanned once, and copied for every test that wants a Segue of its own."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from segue.accounts.service import AccountService
from segue.app import Segue
from segue.jobs import JobService
from segue.jobs.worker import run_worker
from segue.library.scan.service import ScanService
from segue.settings import load_settings
from tests.conformance.house import APP_PASSWORD, PASSWORD, USERNAME, fill
from tests.library.media import jpeg, make_audio
from tests.waiting import PATIENCE_S


def make_music(folder: Path) -> None:
    """The house of the conformance tests, and an album whose two tracks are long enough to be listened to."""
    fill(folder)
    for number in (1, 2):
        tags = {"title": f"Long Way {number}", "artist": "The Walkers", "album": "Far", "tracknumber": str(number)}
        make_audio(folder / "Far" / f"{number}.flac", tags=tags, cover=jpeg(300, 300), seconds=20, seed=90 + number)


async def make_golden(folder: Path) -> None:
    """`music` and `data` in `folder`: scanned, with one administrator."""
    make_music(folder / "music")
    data = folder / "data"
    data.mkdir()
    segue = Segue(load_settings({"data_dir": data, "scan.workers": 1, "analysis.enabled": False}, environ={}))
    await segue.open()
    await segue.services.get(AccountService).first_admin(USERNAME, PASSWORD, APP_PASSWORD)
    jobs = segue.services.get(JobService)
    await segue.services.get(ScanService).ensure_library(str(folder / "music"))
    stop = asyncio.Event()
    worker = asyncio.create_task(
        run_worker(segue.db, jobs.registry, stop=stop, resolve=segue.services.get, service=jobs)
    )
    async with asyncio.timeout(PATIENCE_S):
        from segue.core.access import SYSTEM

        while (await segue.services.get(ScanService).status(SYSTEM)).scanning:
            await asyncio.sleep(0.05)
    stop.set()
    await worker
    await segue.close()


def copy_data(golden: Path, to: Path) -> Path:
    """The scanned data folder, for one test to use up."""
    return Path(shutil.copytree(golden / "data", to))
