"""A worker that listens to music is killed with SIGKILL again and again: in the end everything is heard, nothing that was heard
is heard again, and what was wrong says so.

The seed is fixed; SEGUE_TEST_SEED replays another, and SEGUE_TEST_LONG=1 kills ten times as often.
"""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path

import pytest

from segue.analysis import drawings
from segue.core.access import SYSTEM
from segue.core.db import Database
from tests.analysis.store.ground import Studio, studio
from tests.faults import analysis_worker, forking
from tests.faults.burying import all_died
from tests.waiting import PATIENCE_S

LONG = 10 if os.environ.get("SEGUE_TEST_LONG") == "1" else 1
SEED = int(os.environ.get("SEGUE_TEST_SEED", "1977"))
KILLS = 5 * LONG
SONGS = 12 * LONG
pytestmark = [
    pytest.mark.anyio,
    pytest.mark.timeout(900 * LONG),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs POSIX signals"),
]


@pytest.fixture
def db_kind() -> str:
    return "sqlite"


async def test_everything_is_heard_once_however_often_its_worker_is_killed(
    db: Database, db_url: str, tmp_path: Path
) -> None:
    chance = random.Random(SEED)
    async with studio(db, tmp_path) as here:
        for number in range(SONGS):
            here.home.song(f"{number % 3}/{number}.flac", title=f"Song {number}", album=f"{number % 3}", seed=number)
        here.plan(**{"3.flac": "refuse"})
        await here.scan()
        server = forking.server()
        killed, left = 0, KILLS
        while await here.busy():
            before, heard = await _done(here), len(here.log)
            point = chance.randrange(5, 60) if left > 0 else 0
            left -= 1
            process = server.Process(
                target=analysis_worker.work, args=(db_url, str(tmp_path), point, chance.randrange(1 << 30))
            )
            process.start()
            process.join(PATIENCE_S)
            assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
            killed += process.exitcode == -signal.SIGKILL
            await all_died(here.jobs)
            assert before.isdisjoint(here.log[heard:]), "what was heard is not heard again"
        assert await here.states() == {"done": SONGS - 1, "failed": 1}
        assert killed > KILLS // 2
        assert len(here.log) <= SONGS + 3 * killed
        for row in await here.sounds():
            assert (row.state == "done") == await here.storage.exists(drawings.storage_key(bytes(row.key)))
            assert row.state == "failed" or await here.analysis.heard(row.id)
        for track in await here.home.tracks():
            assert (track.title == "Song 3") == (track.energy is None)


async def _done(here: Studio) -> set[str]:
    """The names of the files that were heard for good."""
    sounds = {row.id for row in await here.sounds() if row.state == "done"}
    found = set()
    for track in await here.home.tracks():
        analysis = await here.analysis.of_track(SYSTEM, track.id)
        if analysis.sound_id in sounds:
            found.add(f"{track.title.removeprefix('Song ')}.flac")
    return found
