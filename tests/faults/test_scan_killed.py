"""A scan is killed with SIGKILL at random points, again and again; what it comes to is what an undisturbed one comes to.

The seed is fixed; SEGUE_TEST_SEED replays another, and SEGUE_TEST_LONG=1 kills twenty times as often.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
from pathlib import Path

import pytest

from bench.tiny_files import make_library
from segue.core.access import SYSTEM
from segue.core.db import Database
from segue.core.storage import open_storage
from segue.jobs import JobService, Registry
from segue.library import tasks
from segue.library.scan.service import ScanService
from segue.settings import Settings
from tests.conftest import open_database
from tests.faults import forking, scan_worker
from tests.faults.burying import all_died
from tests.library.scan.recount import differences, portrait
from tests.waiting import PATIENCE_S

LONG = 20 if os.environ.get("SEGUE_TEST_LONG") == "1" else 1
SEED = int(os.environ.get("SEGUE_TEST_SEED", "1965"))
KILLS = 6
pytestmark = [
    pytest.mark.anyio,
    pytest.mark.timeout(900 * LONG),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs POSIX signals"),
]


async def test_a_scan_killed_at_random_points_ends_as_an_undisturbed_one(
    db: Database, db_url: str, tmp_path: Path
) -> None:
    music = tmp_path / "music"
    music.mkdir()
    make_library(music, 72, tracks_per_album=6)
    chance = random.Random(SEED)
    jobs = JobService(db, scan_worker.registry())
    await jobs.declare()
    scans = ScanService(db, jobs, open_storage(None, tmp_path), Settings(data_dir=tmp_path / "data"))
    library = await scans.add_library(str(music), "Mine")
    server = forking.server()
    killed = 0

    async def to_the_end(kills: int) -> None:
        nonlocal killed
        while (await scans.status(SYSTEM)).scanning:
            point = chance.randrange(10, 130) if kills > 0 else 0
            kills -= 1
            process = server.Process(
                target=scan_worker.work, args=(db_url, str(tmp_path), point, chance.randrange(1 << 30))
            )
            process.start()
            process.join(PATIENCE_S)
            assert process.exitcode in (0, -signal.SIGKILL)
            killed += process.exitcode == -signal.SIGKILL
            await all_died(jobs)

    await to_the_end(KILLS * LONG)
    assert killed > 3
    assert await differences(db) == []
    assert (await scans.status(SYSTEM)).count == 72

    folders = sorted({path.parent for path in music.rglob("*.flac")})
    shutil.move(folders[0], music / "Moved here")
    for path in sorted(folders[1].glob("*track.*"))[:2]:
        path.unlink()
    await scans.request(library)
    await to_the_end(KILLS * LONG // 2)
    assert await differences(db) == []

    disturbed = await portrait(db)
    assert disturbed["library"][:4] == (70, 12, 70, 2)
    fresh = await _fresh(tmp_path, music)
    present = {path: row for path, row in disturbed["tracks"].items() if not row["missing"]}
    assert _told(present) == _told(fresh["tracks"])
    assert {row["title"] for row in disturbed["albums"].values()} == {row["title"] for row in fresh["albums"].values()}
    assert disturbed["artists"] == fresh["artists"]
    await scans.close()


@pytest.mark.parametrize("stage", scan_worker.STAGES)
async def test_a_scan_killed_at_a_stage_goes_on_and_reads_nothing_twice_that_was_written(
    db: Database, db_url: str, tmp_path: Path, stage: str
) -> None:
    """At every stage in turn, first in a scan that finds everything new, then in one that finds moved and missing files."""
    music = tmp_path / "music"
    music.mkdir()
    make_library(music, 36, tracks_per_album=6)
    chance = random.Random(f"{SEED} {stage}")
    jobs = JobService(db, scan_worker.registry())
    await jobs.declare()
    scans = ScanService(db, jobs, open_storage(None, tmp_path), Settings(data_dir=tmp_path / "data"))
    library = await scans.add_library(str(music), "Mine")
    server = forking.server()

    async def to_the_end() -> int:
        killed = 0
        often = stage in scan_worker.OFTEN
        for kills in range((2 if often else 1) * LONG, -1, -1):
            if not (await scans.status(SYSTEM)).scanning:
                break
            count = chance.randrange(1, 4) if often else 1
            process = server.Process(
                target=scan_worker.work, args=(db_url, str(tmp_path), count if kills else 0, 0, stage if kills else "")
            )
            process.start()
            process.join(PATIENCE_S)
            assert process.exitcode in (0, -signal.SIGKILL)
            killed += process.exitcode == -signal.SIGKILL
            await all_died(jobs)
        assert not (await scans.status(SYSTEM)).scanning
        assert await differences(db) == []
        return killed

    killed = await to_the_end()
    assert (await scans.status(SYSTEM)).count == 36
    before = {row["title"]: path for path, row in (await portrait(db))["tracks"].items()}
    _nothing_twice(tmp_path / "log")

    (tmp_path / "log").unlink()
    folders = sorted({path.parent for path in music.rglob("*.flac")})
    shutil.move(folders[0], music / "Moved here")
    for path in sorted(folders[1].glob("*track.*"))[:2]:
        path.unlink()
    await scans.request(library)
    killed += await to_the_end()
    assert killed
    _nothing_twice(tmp_path / "log")
    after = await portrait(db)
    assert {row["title"] for row in after["tracks"].values()} == set(before)  # moved ones have kept their rows
    assert sum(row["missing"] for row in after["tracks"].values()) == len(before) - (await scans.status(SYSTEM)).count
    await scans.close()


def _nothing_twice(log: Path) -> None:
    """No file was read after it had been written."""
    written: set[bytes] = set()
    for line in log.read_bytes().splitlines() if log.exists() else ():
        if line[:1] == b"W":
            written.add(line[1:])
        else:
            assert line[1:] not in written


async def _fresh(tmp_path: Path, music: Path) -> dict:
    """What a scan of the same folder gives that nobody disturbs, in a database of its own."""
    from segue.core.changes import ensure_epoch
    from segue.core.db import Base
    from tests.jobs.ground import ended, working

    place = tmp_path / "fresh"
    place.mkdir()
    other = open_database(f"sqlite:///{place / 'segue.db'}")
    async with other.write() as tx:
        await tx.conn.run_sync(Base.metadata.create_all)
    await ensure_epoch(other)
    jobs = JobService(other, Registry().add(tasks))
    await jobs.declare()
    scans = ScanService(other, jobs, open_storage(None, place), Settings(data_dir=place / "data", scan={"workers": 1}))
    await scans.add_library(str(music), "Mine")
    async with working(other, jobs.registry, resolve=lambda _: scans, service=jobs):
        await ended(jobs, (await scans.status(SYSTEM)).job or 0)
    assert await differences(other) == []
    found = await portrait(other)
    await scans.close()
    await other.close()
    return found


def _told(tracks: dict) -> dict:
    return {path: (row["title"], row["artist_display"], row["credits"], row["genres"]) for path, row in tracks.items()}
