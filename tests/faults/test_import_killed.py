"""A worker that reads and brings in a history is killed with SIGKILL again and again: in the end each listen is one play.

The seed is fixed; SEGUE_TEST_SEED replays another, and SEGUE_TEST_LONG=1 kills ten times as often.
"""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path

import pytest

from segue.core.db import Database
from tests.faults import forking, import_worker
from tests.faults.burying import all_died
from tests.listening.imports.exports import at, listenbrainz
from tests.listening.imports.ground import SAID, UNKNOWN, ground, parts
from tests.listening.recount import check
from tests.waiting import PATIENCE_S

LONG = 10 if os.environ.get("SEGUE_TEST_LONG") == "1" else 1
SEED = int(os.environ.get("SEGUE_TEST_SEED", "1969"))
KILLS = 5 * LONG
LISTENS = 180 * LONG
pytestmark = [
    pytest.mark.anyio,
    pytest.mark.timeout(900 * LONG),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs POSIX signals"),
]


async def test_a_history_is_brought_in_once_however_often_its_worker_is_killed(
    db: Database, db_url: str, tmp_path: Path
) -> None:
    chance = random.Random(SEED)
    house = await ground(db, tmp_path)
    await house.jobs.declare()
    said = [SAID[number % 4] if number % 3 else UNKNOWN for number in range(LISTENS)]
    number = (await house.imports.upload(house.anna, "history", parts(listenbrainz(said)))).id
    server = forking.server()
    killed = 0

    async def until_done(kills: int, least: int, most: int) -> None:
        nonlocal killed
        while await import_worker.busy(house, number):
            point = chance.randrange(least, most) if kills > 0 else 0
            kills -= 1
            args = (db_url, str(tmp_path), number, point, chance.randrange(1 << 30))
            process = server.Process(target=import_worker.work, args=args)
            process.start()
            process.join(PATIENCE_S)
            assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
            killed += process.exitcode == -signal.SIGKILL
            await all_died(house.jobs)

    await until_done(2 * LONG, 3, 12)
    assert (await house.imports.get(house.anna, number)).state == "ready"
    await house.imports.start(house.anna, number)
    await until_done(KILLS, 10, 50)
    view = await house.imports.get(house.anna, number)
    assert view.state == "done", (view.code, view.params)
    assert view.result is not None and (view.result["added"], view.result["folded"]) == (LISTENS, 0)
    plays = await house.plays()
    assert [(play.played_at, play.title) for play in plays] == [(at(n), one[0]) for n, one in enumerate(said)]
    await check(db, 1)
    assert killed > KILLS // 2
