"""Jobs that a command waits for: somebody to do them, and their end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segue.app import Segue
    from segue.jobs.repository import JobInfo

LOOK_EVERY_S = 0.2


@contextlib.asynccontextmanager
async def somebody_works(segue: Segue, *queues: str) -> AsyncIterator[None]:
    """A worker for these queues (by default that of scans) in this process for as long as the block runs, unless another
    one is alive."""
    from segue.core.clock import utc_now
    from segue.jobs import JobService
    from segue.jobs.worker import run_worker

    jobs = segue.services.get(JobService)
    alive = [one for one in await jobs.workers() if (utc_now() - one.heartbeat_at).total_seconds() < 30]
    if alive:
        yield
        return
    stop = asyncio.Event()
    worker = asyncio.create_task(
        run_worker(
            segue.db, jobs.registry, stop=stop, queues=queues or ("scan",), resolve=segue.services.get, service=jobs
        )
    )
    try:
        yield
    finally:
        stop.set()
        await worker


async def finished(segue: Segue, number: int) -> JobInfo:
    """The job once it has ended."""
    from segue.core.access import SYSTEM
    from segue.jobs import JobService

    jobs = segue.services.get(JobService)
    while (job := await jobs.get(SYSTEM, number)).active:
        await asyncio.sleep(LOOK_EVERY_S)
    return job
