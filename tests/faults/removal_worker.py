"""A worker process that purges and removes libraries, and kills itself with SIGKILL at a given statement; see `scan_worker`."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

from segue.core.access import SYSTEM
from segue.core.storage import open_storage
from segue.jobs import JobService, Registry, RetryPolicy
from segue.jobs.worker import WorkerSettings, run_worker
from segue.library import tasks
from segue.library.scan import libraries, purge
from segue.library.scan.service import ScanService
from segue.library.scan.steering import ScanSteering
from segue.library.scan.write import large
from segue.settings import Settings
from tests.conftest import open_database
from tests.faults import scan_worker


def registry() -> Registry:
    """The jobs of scanning, purging and removing, tried again at once and as often as it takes."""
    patient = [
        replace(job, retry=RetryPolicy(base_s=0.01, cap_s=0.02), max_attempts=10_000)
        for job in (tasks.scan, tasks.purge, tasks.remove)
    ]
    return Registry().add(tasks.QUEUE, *patient)


def work(url: str, place: str, job: int, die_at: int, seed: int) -> None:
    """Work until the job has ended, or until statement `die_at` (0: never), counted from the start."""
    purge.AT_ONCE = libraries.FILES_AT_ONCE = 3
    libraries.ALBUMS_AT_ONCE = 1
    large.LARGE = 5
    if die_at:
        scan_worker.kill_at(die_at, random.Random(seed))
    asyncio.run(_work(url, Path(place), job))


async def _work(url: str, place: Path, job: int) -> None:
    db = open_database(url, readers=4, writers=6)
    jobs = JobService(db, registry())
    scans = ScanService(db, jobs, open_storage(None, place), Settings(data_dir=place / "data", scan={"workers": 1}))
    steering = ScanSteering(db, jobs, scans)
    stop = asyncio.Event()

    async def end_when_done() -> None:
        while (await jobs.get(SYSTEM, job)).active:
            await asyncio.sleep(0.05)
        stop.set()

    def resolve(wanted: type) -> Any:
        return {ScanService: scans, ScanSteering: steering}[wanted]

    rhythm = WorkerSettings(slots=1, lease_s=0.8, watch_s=0.1, poll_s=0.05, stop_grace_s=2.0)
    watching = asyncio.create_task(end_when_done())
    await run_worker(db, jobs.registry, stop=stop, resolve=resolve, service=jobs, settings=rhythm)
    await watching
    await scans.close()
    await db.close()
