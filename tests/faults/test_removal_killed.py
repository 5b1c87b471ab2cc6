"""Forgetting what is missing, and a whole library, is killed with SIGKILL again and again; it goes on, and ends complete.

The seed is fixed; SEGUE_TEST_SEED replays another, and SEGUE_TEST_LONG=1 kills ten times as often.
"""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bench.tiny_files import make_library
from segue.core.access import SYSTEM
from segue.core.db import Database
from segue.core.storage import open_storage
from segue.jobs import JobService
from segue.library.models import Album, ArtistCount, ExternalIdRow, File, Folder, GenreCount, Library, RawTags, Track
from segue.library.scan.service import ScanService
from segue.library.scan.steering import ScanSteering
from segue.library.search import TABLES
from segue.settings import Settings
from tests.faults import forking, removal_worker
from tests.faults.burying import all_died
from tests.library.scan.recount import differences
from tests.waiting import PATIENCE_S

LONG = 10 if os.environ.get("SEGUE_TEST_LONG") == "1" else 1
KILLS = 4
SEED = int(os.environ.get("SEGUE_TEST_SEED", "1965"))
pytestmark = [
    pytest.mark.anyio,
    pytest.mark.timeout(900 * LONG),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs POSIX signals"),
]


async def test_a_purge_and_a_removal_killed_again_and_again_go_on_to_the_end(
    db: Database, db_url: str, tmp_path: Path
) -> None:
    music = tmp_path / "music"
    music.mkdir()
    make_library(music, 36, tracks_per_album=6)
    chance = random.Random(SEED)
    jobs = JobService(db, removal_worker.registry())
    await jobs.declare()
    scans = ScanService(db, jobs, open_storage(None, tmp_path), Settings(data_dir=tmp_path / "data"))
    steering = ScanSteering(db, jobs, scans)
    library = await scans.add_library(str(music), "Mine")
    server = forking.server()

    async def to_the_end(job: int | None, kills: int) -> int:
        assert job is not None
        killed = 0
        while (await jobs.get(SYSTEM, job)).active:
            point = chance.randrange(5, 60) if kills > 0 else 0
            kills -= 1
            process = server.Process(
                target=removal_worker.work, args=(db_url, str(tmp_path), job, point, chance.randrange(1 << 30))
            )
            process.start()
            process.join(PATIENCE_S)
            assert process.exitcode in (0, -signal.SIGKILL)
            killed += process.exitcode == -signal.SIGKILL
            await all_died(jobs)
            assert await differences(db) == []
        assert (await jobs.get(SYSTEM, job)).state == "done"
        return killed

    await to_the_end((await scans.status(SYSTEM)).job, 0)
    for path in sorted(music.rglob("*.flac"))[:15]:
        path.unlink()
    await scans.request(library, accept_missing=True)
    await to_the_end((await scans.status(SYSTEM)).job, 0)
    gone = await steering.purge(library, confirm="Mine")
    assert gone.files == 15
    assert await to_the_end(gone.job, KILLS * LONG) > 1
    assert [await _count(db, model) for model in (File, Track, RawTags)] == [21, 21, 21]

    assert await to_the_end(await scans.remove_library(library, confirm="Mine"), KILLS * LONG) > 1
    left = (Library, Folder, File, RawTags, Album, Track, ArtistCount, GenreCount, ExternalIdRow)
    assert [await _count(db, model) for model in left] == [0] * len(left)
    assert [await _count(db, TABLES[kind]) for kind in ("album", "track")] == [0, 0]
    await scans.close()


async def _count(db: Database, what: object) -> int:
    async with db.read() as conn:
        return int(await conn.scalar(select(func.count()).select_from(what)) or 0)  # type: ignore[arg-type]
