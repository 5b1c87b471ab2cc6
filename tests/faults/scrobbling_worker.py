"""A worker process that sends queues of listens to an emulator, and kills itself with SIGKILL at a given point.

A point is a statement of a transaction, or a request to a service: before it, or right after it.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from typing import Any

from sqlalchemy import func, select

from segue.core.access import Actor
from segue.core.db import Transaction
from segue.core.outside import gate
from segue.core.outside.sending import Sender
from segue.jobs.worker import WorkerSettings, run_worker
from segue.listening.scrobbling.models import Scrobble
from segue.metadata.providers import lastfm
from tests.conftest import open_database
from tests.listening.scrobbling.ground import ground, without_limits

PERSON = Actor(1, "anna", libraries=None)


def work(url: str, emulator: str, die_at: int, seed: int) -> None:
    """Send until nothing waits, or until point `die_at` (0: never)."""
    impatient()
    if die_at:
        _die_at(die_at, random.Random(seed))
    asyncio.run(_work(url, emulator))


def impatient() -> None:
    """Neither limits nor the breaker nor a 29 is waited for: what they do is tested elsewhere."""
    without_limits(setattr)
    gate.FAILURES = 10**9
    lastfm.RATE_LIMITED_S = 0.01


async def _work(url: str, emulator: str) -> None:
    db = open_database(url, readers=4, writers=6)
    house = await ground(db, emulator, PERSON)
    stop = asyncio.Event()

    async def end_when_done() -> None:
        while await waiting(db):
            await asyncio.sleep(0.05)
        stop.set()

    await house.scrobbling.sweep()
    rhythm = WorkerSettings(slots=2, lease_s=0.8, watch_s=0.1, poll_s=0.05, stop_grace_s=2.0)
    watching = asyncio.create_task(end_when_done())
    await run_worker(db, house.jobs.registry, stop=stop, resolve=house.resolve, service=house.jobs, settings=rhythm)
    await watching
    await house.close()
    await db.close()


async def waiting(db: Any) -> int:
    async with db.read() as conn:
        rows = select(func.count()).select_from(Scrobble).where(Scrobble.state == "waiting")
        return int(await conn.scalar(rows) or 0)


def _die_at(point: int, chance: random.Random) -> None:
    passed = 0

    def due() -> bool:
        nonlocal passed
        passed += 1
        return passed >= point

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def interrupted(step: Any) -> Any:
        async def run(*args: Any, **options: Any) -> Any:
            now = due()
            if now and chance.random() < 0.5:
                die()
            result = await step(*args, **options)
            if now:
                die()
            return result

        return run

    Transaction.execute = interrupted(Transaction.execute)  # type: ignore[method-assign]
    Sender.send = interrupted(Sender.send)  # type: ignore[method-assign]
