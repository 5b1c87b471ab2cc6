"""PostgreSQL cuts every connection again and again: workers go on, and each step is still done once."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from segue.core.access import SYSTEM
from segue.core.db import Database
from segue.jobs import JobContext, JobService, Registry, RetryPolicy, job
from segue.jobs.pulse import OUTAGES
from tests.faults import jobs_nursery as nursery
from tests.jobs.ground import jobs_database, until, working

pytestmark = pytest.mark.anyio

LONG = 20 if os.environ.get("SEGUE_TEST_LONG") == "1" else 1


@pytest.fixture
def db_kind() -> str:
    return "postgresql"


@pytest.fixture
async def db(db_url: str) -> AsyncIterator[Database]:
    async with jobs_database(db_url) as database:
        async with database.write() as tx:
            for statement in nursery.TABLES:
                await tx.execute(text(statement.format(auto="GENERATED ALWAYS AS IDENTITY")))
        yield database


async def cut_every_connection(db: Database, admin: Database) -> None:
    """End all server processes that serve `db`, found by the name under which they were started."""
    args: Any = db._connect_args["server_settings"]["application_name"]
    async with admin.write() as tx:
        mark = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :name")
        await tx.execute(mark, {"name": args})


async def test_cut_connections_lose_nothing_and_repeat_nothing(db: Database, db_url: str) -> None:
    marked = Database.open(db_url, connect_args={"server_settings": {"application_name": "to be cut"}})
    admin = Database.open(db_url)

    @job("steps", max_attempts=100_000, retry=RetryPolicy(base_s=0.01, cap_s=0.02))
    async def steps(job: JobContext, params: dict[str, Any]) -> None:
        for step in range(job.checkpoint.get("after", 0), 10):
            async with job.db.write() as tx:
                await job.guard(tx)
                row = {"job": job.id, "step": step, "token": job._lease.token, "pid": 0, "entered": 0.0}
                await tx.execute(nursery.STEP, row)
                await job.save({"after": step + 1}, tx=tx)

    registry = Registry().add(steps)
    service = JobService(db, registry)
    tickets = [await service.enqueue_now("steps") for _ in range(30)]

    async def all_done() -> bool:
        return not (await service.page(SYSTEM, states=["queued", "running"], limit=1)).items

    try:
        async with working(marked, registry), working(marked, registry):
            for _ in range(8 * LONG):
                if await all_done():
                    tickets += [await service.enqueue_now("steps") for _ in range(5)]
                await cut_every_connection(marked, admin)
                await asyncio.sleep(0.1)  # the pause is the point: connections come back, and are cut again
            await until(all_done, 60)
    finally:
        for database in (marked, admin):
            try:
                await database.close()
            except OUTAGES:
                continue
    for ticket in tickets:
        assert (await service.get(SYSTEM, ticket.id)).state == "done"
        async with db.read() as conn:
            done = await conn.execute(text(f"SELECT step FROM fault_steps WHERE job = {ticket.id} ORDER BY n"))
            assert [row.step for row in done] == list(range(10))
