"""The worker child of `segue serve`: started again when killed, told of work, never outliving its parent."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
from sqlalchemy import text

from segue.core.access import SYSTEM
from segue.core.db import Database
from segue.jobs import JobService
from segue.jobs.supervisor import Supervisor
from tests.faults import jobs_nursery as nursery
from tests.jobs.ground import ended, in_state, jobs_database, until

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
CHILD = Path(__file__).with_name("supervised_worker.py")
ENV = {"PYTHONPATH": str(ROOT)}


@pytest.fixture
def db_kind() -> str:
    return "sqlite"


@pytest.fixture
async def db(db_url: str) -> AsyncIterator[Database]:
    async with jobs_database(db_url) as database:
        yield database


@pytest.fixture
async def service(db: Database) -> JobService:
    service = JobService(db, nursery.registry())
    await service.declare()
    return service


def command(db_url: str, *more: str) -> list[str]:
    return [sys.executable, str(CHILD), db_url, "", *more]


@asynccontextmanager
async def supervised(service: JobService, command: list[str]) -> AsyncIterator[Supervisor]:
    stop = asyncio.Event()
    supervisor = Supervisor(command, died=service.worker_died, env=ENV)
    task = asyncio.create_task(supervisor.run(stop))
    try:
        yield supervisor
    finally:
        stop.set()
        await task


async def test_a_killed_child_is_started_again_and_its_job_goes_on_at_once(db_url: str, service: JobService) -> None:
    ticket = await service.enqueue_now("fault.long")
    async with supervised(service, command(db_url)) as supervisor:

        async def has_saved() -> bool:
            async with service.db.read() as conn:
                return bool((await conn.execute(text("SELECT id FROM jobs WHERE checkpoint IS NOT NULL"))).first())

        await until(has_saved)
        first = supervisor.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        found = await ended(service, ticket.id)  # the lease of ten minutes was ended by the supervisor's report
        assert (found.state, found.attempts) == ("done", 1)
        assert supervisor.pid not in (None, first)
        assert supervisor.restarts == 1
    assert supervisor.pid is None
    assert await service.workers() == []


async def test_a_nudge_is_quicker_than_looking(db_url: str, service: JobService) -> None:
    async with supervised(service, command(db_url, "slow")) as supervisor:
        service.registry.wakeups.add(supervisor.nudge)
        first = await service.enqueue_now("fault.steps", {"steps": 0})
        await until(service.workers)
        await ended(service, first.id)
        second = await service.enqueue_now("fault.steps", {"steps": 0})
        await ended(service, second.id)  # it looks by itself only once an hour


async def test_a_child_that_cannot_start_is_tried_again_with_pauses(service: JobService) -> None:
    async with supervised(service, [sys.executable, "-c", "raise SystemExit(3)"]) as supervisor:

        async def tried_twice() -> bool:
            return supervisor.restarts >= 2

        await until(tried_twice)


async def test_a_child_ends_when_its_parent_is_killed(db_url: str, service: JobService) -> None:
    ticket = await service.enqueue_now("fault.long")
    parent = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "import asyncio, sys\n"
        "from segue.jobs.supervisor import Supervisor\n"
        "async def died(worker): pass\n"
        "asyncio.run(Supervisor(sys.argv[1:], died=died).run(asyncio.Event()))\n",
        *command(db_url),
        env=os.environ | ENV,
    )
    await in_state(service, ticket.id, "running")
    [worker] = await service.workers()
    child = psutil.Process(worker.pid)
    parent.kill()
    await parent.wait()

    async def gone() -> bool:
        with contextlib.suppress(psutil.NoSuchProcess):
            return child.status() == psutil.STATUS_ZOMBIE
        return True

    await until(gone)
    assert (await service.get(SYSTEM, ticket.id)).state == "queued", "it gave its job back before it ended"
