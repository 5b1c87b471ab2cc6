"""A worker process that finds and listens to music, and kills itself with SIGKILL at a given point: before a statement of a
transaction or a checkpoint, or right after it."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from pathlib import Path
from typing import Any

from segue.analysis.service import AnalysisService
from segue.core.db import Transaction
from segue.jobs import JobContext
from segue.jobs.worker import WorkerSettings, run_worker
from tests.analysis.store.ground import over
from tests.conftest import open_database


def work(url: str, folder: str, die_at: int, seed: int) -> None:
    """Work until nothing waits any more, or until point `die_at` (0: never)."""
    if die_at:
        _die_at(die_at, random.Random(seed))
    asyncio.run(_work(url, Path(folder)))


async def _work(url: str, folder: Path) -> None:
    db = open_database(url, readers=4, writers=6)
    studio = over(db, folder, None)  # type: ignore[arg-type]
    stop = asyncio.Event()

    async def end_when_done() -> None:
        while await studio.busy():
            await asyncio.sleep(0.05)
        stop.set()

    rhythm = WorkerSettings(slots=2, lease_s=0.8, watch_s=0.1, poll_s=0.05, stop_grace_s=2.0)
    watching = asyncio.create_task(end_when_done())
    services = {AnalysisService: studio.analysis}
    await run_worker(
        db, studio.jobs.registry, stop=stop, resolve=services.__getitem__, service=studio.jobs, settings=rhythm
    )
    await watching
    await db.close()


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
    JobContext.save = interrupted(JobContext.save)  # type: ignore[method-assign]
