"""An undo is killed with SIGKILL in the middle, again and again; what it comes to is what there was before the scan.

The seed is fixed; SEGUE_TEST_SEED replays another, and SEGUE_TEST_LONG=1 does it for more libraries.
"""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path

import pytest

from segue.core.access import SYSTEM
from segue.core.db import Database
from segue.jobs import JobService
from segue.library.journal.service import JournalService
from segue.library.scan import pipeline
from tests.faults import forking, undo_worker
from tests.faults.burying import all_died
from tests.library.scan.ground import house
from tests.library.scan.recount import differences
from tests.library.scan.test_undo import exactly, without
from tests.waiting import PATIENCE_S

LONG = 10 if os.environ.get("SEGUE_TEST_LONG") == "1" else 1
KILLS = 4
SEED = int(os.environ.get("SEGUE_TEST_SEED", "1965"))
pytestmark = [
    pytest.mark.anyio,
    pytest.mark.timeout(900 * LONG),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs POSIX signals"),
]


async def test_an_undo_killed_again_and_again_ends_as_an_undisturbed_one(
    db: Database, db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "FEWEST", 4)
    monkeypatch.setattr(pipeline, "MOST", 6)
    chance = random.Random(SEED)
    async with house(db, tmp_path) as home:
        for n in range(12):
            home.song(f"D{n // 3}/{n}.flac", title=f"t{n}", artist=f"by {n % 4}", album=f"Album {n // 3}", seed=n)
        await home.scan()
        before = await exactly(home)
        for n in range(0, 12, 2):
            home.song(f"D{n // 3}/{n}.flac", title=f"new {n}", artist="Ann", album=f"Other {n // 6}", seed=n)
        (home.music / "D0").rename(home.music / "Moved")
        (home.music / "D3/11.flac").unlink()
        home.song("New/1.flac", title="new", artist="Ann", album="New")
        await home.scan(accept_missing=True)
        jobs = JobService(db, undo_worker.registry())
        await jobs.declare()
        journals = JournalService(db, jobs)
        last = await journals.latest(home.library_id)
        job = await journals.undo(SYSTEM, last.id)
        server = forking.server()
        killed, kills = 0, KILLS * LONG
        while (await jobs.get(SYSTEM, job)).active:
            point = chance.randrange(10, 90) if kills > 0 else 0
            kills -= 1
            process = server.Process(target=undo_worker.work, args=(db_url, job, point, chance.randrange(1 << 30)))
            process.start()
            process.join(PATIENCE_S)
            assert process.exitcode in (0, -signal.SIGKILL)
            killed += process.exitcode == -signal.SIGKILL
            await all_died(jobs)
        assert killed > 1
        assert (await jobs.get(SYSTEM, job)).state == "done"
        assert await differences(db) == []
        assert without(await exactly(home), before) == without(before, before)
        assert (await journals.get(last.id)).state == "undone"
