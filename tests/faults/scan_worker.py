"""A worker process that scans, and kills itself with SIGKILL at a given point; forked from a server that has imported all.

A point is the moment before or after a transaction of the scan, or a statement inside one.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

from segue.core.access import SYSTEM
from segue.core.db import Transaction
from segue.core.storage import open_storage
from segue.jobs import JobService, Registry, RetryPolicy
from segue.jobs.worker import WorkerSettings, run_worker
from segue.library import tasks
from segue.library.scan import pipeline
from segue.library.scan.service import ScanService
from segue.settings import Settings
from tests.conftest import open_database


def registry() -> Registry:
    """The library's jobs, tried again at once and as often as it takes."""
    patient = replace(tasks.scan, retry=RetryPolicy(base_s=0.01, cap_s=0.02), max_attempts=10_000)
    return Registry().add(tasks.QUEUE, patient, tasks.remove)


def work(url: str, place: str, die_at: int, seed: int) -> None:
    """Work until no scan is wanted, or until point `die_at` (0: never), counted from the start."""
    pipeline.FEWEST, pipeline.MOST = 4, 6
    if die_at:
        kill_at(die_at, random.Random(seed))
    asyncio.run(_work(url, Path(place)))


async def _work(url: str, place: Path) -> None:
    db = open_database(url, readers=4, writers=6)
    jobs = JobService(db, registry())
    settings = Settings(data_dir=place / "data", scan={"workers": 1})
    scans = ScanService(db, jobs, open_storage(None, place), settings)
    stop = asyncio.Event()

    async def end_when_done() -> None:
        while (await scans.status(SYSTEM)).scanning:
            await asyncio.sleep(0.05)
        stop.set()

    def resolve(_wanted: type) -> Any:
        return scans

    rhythm = WorkerSettings(slots=1, lease_s=0.8, watch_s=0.1, poll_s=0.05, stop_grace_s=2.0)
    watching = asyncio.create_task(end_when_done())
    await run_worker(db, jobs.registry, stop=stop, resolve=resolve, service=jobs, settings=rhythm)
    await watching
    await scans.close()
    await db.close()


def kill_at(point: int, chance: random.Random) -> None:
    passed = 0
    execute = Transaction.execute

    async def counted(self: Transaction, statement: Any, params: Any = None) -> Any:
        nonlocal passed
        passed += 1
        if passed == point and chance.random() < 0.5:
            os.kill(os.getpid(), signal.SIGKILL)
        result = await execute(self, statement, params)
        if passed >= point:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    Transaction.execute = counted  # type: ignore[method-assign]
