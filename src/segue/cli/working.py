"""What commands that ask for background work share: a worker where none is alive, and a bar until the job has ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segue.app import Segue
    from segue.jobs.repository import JobInfo

LOOK_EVERY_S = 0.2
ALIVE_S = 30


@contextlib.asynccontextmanager
async def somebody_works(segue: Segue, queues: Sequence[str]) -> AsyncIterator[None]:
    """A worker for `queues` in this process for as long as the block runs, unless another one is alive."""
    from segue.core.clock import utc_now
    from segue.jobs import JobService
    from segue.jobs.worker import run_worker

    jobs = segue.services.get(JobService)
    alive = [one for one in await jobs.workers() if (utc_now() - one.heartbeat_at).total_seconds() < ALIVE_S]
    if alive:
        yield
        return
    stop = asyncio.Event()
    worker = asyncio.create_task(
        run_worker(segue.db, jobs.registry, stop=stop, queues=list(queues), resolve=segue.services.get, service=jobs)
    )
    try:
        yield
    finally:
        stop.set()
        await worker


async def followed(segue: Segue, number: int, queues: Sequence[str] = ("default",)) -> JobInfo:
    """The job once it has ended, with a bar on stderr meanwhile where that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from segue.core.access import SYSTEM
    from segue.jobs import JobService

    jobs = segue.services.get(JobService)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    async with somebody_works(segue, queues):
        with Progress(*columns, console=Console(stderr=True), transient=True, disable=not os.isatty(2)) as bar:
            task = bar.add_task("Waiting", total=None)
            while (job := await jobs.get(SYSTEM, number)).active:
                now = job.progress or {}
                phase = str(now.get("phase") or job.state).capitalize()
                bar.update(task, description=phase, completed=now.get("done") or 0, total=now.get("total"))
                await asyncio.sleep(LOOK_EVERY_S)
    return job
