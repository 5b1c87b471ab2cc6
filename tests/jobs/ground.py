"""What the tests of jobs share: a service with a registry, workers that stop at the end, conditions that are waited for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from segue.core.access import SYSTEM
from segue.core.changes import ensure_epoch
from segue.core.db import Base, Database
from segue.jobs import JobService, Registry
from segue.jobs.repository import JobInfo
from segue.jobs.worker import WorkerSettings, run_worker
from tests.conftest import open_database
from tests.waiting import PATIENCE_S, until

QUICK = WorkerSettings(slots=4, lease_s=3.0, watch_s=0.05, poll_s=0.05, cancel_grace_s=0.2, stop_grace_s=2.0)
"""Settings under which a test does not wait long."""


TABLES = ("jobs", "job_queues", "job_starts", "job_schedules", "job_workers", "job_totals", "changes", "facts")


@asynccontextmanager
async def jobs_database(url: str) -> AsyncIterator[Database]:
    """A database with the tables of jobs and of the change feed."""
    database = open_database(url, readers=4, writers=6)
    tables = [Base.metadata.tables[name] for name in TABLES]
    async with database.write() as tx:
        await tx.conn.run_sync(lambda conn: Base.metadata.create_all(conn, tables))
    await ensure_epoch(database)
    try:
        yield database
    finally:
        await database.close()


async def ended(service: JobService, job_id: int, limit_s: float = PATIENCE_S) -> JobInfo:
    """The job, once it has ended."""

    async def check() -> JobInfo | None:
        job = await service.get(SYSTEM, job_id)
        return None if job.active else job

    found: JobInfo = await until(check, limit_s)
    return found


async def in_state(service: JobService, job_id: int, state: str) -> JobInfo:
    """The job, once it is in `state`."""

    async def check() -> JobInfo | None:
        job = await service.get(SYSTEM, job_id)
        return job if job.state == state else None

    found: JobInfo = await until(check)
    return found


@asynccontextmanager
async def working(
    db: Database, registry: Registry, settings: WorkerSettings = QUICK, **options: Any
) -> AsyncIterator[asyncio.Event]:
    """A worker that works while the block runs. Gives its stop event."""
    stop = asyncio.Event()
    task = asyncio.create_task(run_worker(db, registry, stop=stop, settings=settings, seed=1, **options))
    try:
        yield stop
    finally:
        stop.set()
        await task
