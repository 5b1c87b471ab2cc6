"""A worker process that undoes a scan, and kills itself with SIGKILL at a given statement; forked like `scan_worker`."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from typing import Any

from segue.core.access import SYSTEM
from segue.jobs import JobService, Registry, RetryPolicy
from segue.jobs.worker import WorkerSettings, run_worker
from segue.library.journal import tasks
from segue.library.journal.service import JournalService
from tests.conftest import open_database
from tests.faults import scan_worker


def registry() -> Registry:
    """The journal's jobs, tried again at once and as often as it takes."""
    return Registry().add(replace(tasks.undo_scan, retry=RetryPolicy(base_s=0.01, cap_s=0.02), max_attempts=10_000))


def work(url: str, job: int, die_at: int, seed: int) -> None:
    """Work until the job has ended, or until statement `die_at` (0: never), counted from the start."""
    if die_at:
        scan_worker.kill_at(die_at, random.Random(seed))
    asyncio.run(_work(url, job))


async def _work(url: str, job: int) -> None:
    db = open_database(url, readers=4, writers=6)
    jobs = JobService(db, registry())
    journals = JournalService(db, jobs)
    stop = asyncio.Event()

    async def end_when_done() -> None:
        while (await jobs.get(SYSTEM, job)).active:
            await asyncio.sleep(0.05)
        stop.set()

    def resolve(_wanted: type) -> Any:
        return journals

    rhythm = WorkerSettings(slots=1, lease_s=0.8, watch_s=0.1, poll_s=0.05, stop_grace_s=2.0)
    watching = asyncio.create_task(end_when_done())
    await run_worker(db, jobs.registry, stop=stop, resolve=resolve, service=jobs, settings=rhythm)
    await watching
    await db.close()
