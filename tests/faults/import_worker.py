"""A worker process that reads and brings in an import of history, and kills itself with SIGKILL at a given point.

A point is a statement of a transaction, some listens that were counted and are not committed yet, or a checkpoint: before it,
or right after it.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from pathlib import Path
from typing import Any

from segue.core.db import Transaction
from segue.jobs import JobContext
from segue.jobs.worker import WorkerSettings, run_worker
from segue.listening.imports import bringing
from segue.listening.imports.service import ImportService
from segue.listening.service import ListeningService
from tests.conftest import open_database
from tests.listening.imports.ground import Ground, ground

FEW = 15
"""Listens that are counted in one transaction here."""


def work(url: str, folder: str, number: int, die_at: int, seed: int) -> None:
    """Work until import `number` is read, or brought in, or until point `die_at` (0: never)."""
    bringing.IMPORT_BATCH = FEW
    if die_at:
        _die_at(die_at, random.Random(seed))
    asyncio.run(_work(url, Path(folder), number))


async def _work(url: str, folder: Path, number: int) -> None:
    db = open_database(url, readers=4, writers=6)
    house = await ground(db, folder, songs=())
    stop = asyncio.Event()

    async def end_when_done() -> None:
        while await busy(house, number):
            await asyncio.sleep(0.05)
        stop.set()

    services = {ImportService: house.imports, ListeningService: house.listening}
    rhythm = WorkerSettings(slots=1, lease_s=0.8, watch_s=0.1, poll_s=0.05, stop_grace_s=2.0)
    watching = asyncio.create_task(end_when_done())
    await run_worker(
        db, house.jobs.registry, stop=stop, resolve=services.__getitem__, service=house.jobs, settings=rhythm
    )
    await watching
    await db.close()


async def busy(house: Ground, number: int) -> bool:
    return (await house.imports.get(house.anna, number)).state in ("reading", "running")


def _die_at(point: int, chance: random.Random) -> None:
    passed = 0

    def interrupted(step: Any) -> Any:
        async def run(*args: Any, **options: Any) -> Any:
            nonlocal passed
            passed += 1
            now = passed >= point
            if now and chance.random() < 0.5:
                os.kill(os.getpid(), signal.SIGKILL)
            result = await step(*args, **options)
            if now:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return run

    Transaction.execute = interrupted(Transaction.execute)  # type: ignore[method-assign]
    ListeningService.import_plays = interrupted(ListeningService.import_plays)  # type: ignore[method-assign]
    JobContext.save = interrupted(JobContext.save)  # type: ignore[method-assign]
