"""Workers that send listens are killed with SIGKILL at random points while the services fail in every way at random, and
listening goes on: in the end each service has each play once, as it was, and none besides.

The seed is fixed; SEGUE_TEST_SEED replays another, and SEGUE_TEST_LONG=1 kills twenty times as often.
"""

from __future__ import annotations

import os
import random
import signal
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from segue.core.clock import utc_now
from segue.core.db import Database
from segue.emulator.serving import running
from segue.listening.models import Play
from tests.faults import forking, scrobbling_worker
from tests.faults.burying import all_died
from tests.listening.scrobbling.ground import ground, linked_lastfm, linked_listenbrainz
from tests.waiting import PATIENCE_S

LONG = 20 if os.environ.get("SEGUE_TEST_LONG") == "1" else 1
SEED = int(os.environ.get("SEGUE_TEST_SEED", "1977"))
KILLS = 8 * LONG
pytestmark = [
    pytest.mark.anyio,
    pytest.mark.timeout(900 * LONG),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs POSIX signals"),
]
FAULTS: list[dict[str, Any]] = [
    {"kind": "status", "status": 503},
    {"kind": "reset"},
    {"kind": "lost"},
    {"kind": "lost"},
    {"kind": "truncated"},
    {"kind": "html"},
    {"kind": "nonsense"},
    {"kind": "empty"},
    {"kind": "error", "code": 16, "status": 200, "service": "lastfm"},
    {"kind": "error", "code": 29, "service": "lastfm"},
]


async def test_every_play_arrives_once_and_as_it_was(
    db: Database, db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(SEED)
    server = forking.server()
    killed = 0
    with running() as (emulator, url):
        emulator.lastfm.limit.count = emulator.listenbrainz.limit.count = 10**6
        emulator.lastfm.per_day = 10**6
        house = await ground(db, url, scrobbling_worker.PERSON)
        await linked_lastfm(house, emulator)
        await linked_listenbrainz(house, emulator)
        start, played = utc_now() - timedelta(days=3), 0
        for round_ in range(KILLS + 1):
            emulator.world.faults.clear()
            for fault in chance.sample(FAULTS, 3) if round_ < KILLS else ():
                fault = dict(fault)
                kind = fault.pop("kind")
                emulator.world.faults.add(kind, probability=0.15, seed=chance.randrange(1 << 30), **fault)
            more = chance.randrange(20, 90)
            await house.plays(more, start + timedelta(minutes=played))
            played += more
            point = chance.randrange(3, 60) if round_ < KILLS else 0
            args = (db_url, url, point, chance.randrange(1 << 30))
            process = server.Process(target=scrobbling_worker.work, args=args)
            process.start()
            process.join(PATIENCE_S)
            assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
            killed += process.exitcode == -signal.SIGKILL
            await all_died(house.jobs)
        async with db.read() as conn:
            rows = (await conn.execute(select(Play.played_at, Play.artist, Play.title))).all()
        plays = sorted((int(row.played_at.timestamp()), row.artist.casefold(), row.title.casefold()) for row in rows)
        assert len(plays) == played
        for service in (emulator.lastfm, emulator.listenbrainz):
            person = service.person("anna")
            assert sorted(person.heard) == plays, service.name
            assert person.changed == [], "what is sent again is the same to the letter"
        views = await house.scrobbling.accounts(house.anna)
        assert [(view.waiting, view.refused, view.sent) for view in views] == [(0, 0, played)] * 2
        assert emulator.lastfm.person("anna").sent > played, "some arrived more than once"
        await house.close()
    assert killed >= KILLS // 2
