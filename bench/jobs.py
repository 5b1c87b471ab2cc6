"""How many jobs a second go in, and how many go through from end to end, on SQLite and PostgreSQL?

Prints a table and writes bench/results/jobs.json. The jobs do nothing, so that the engine is what is measured; the ratio
to a bare insert of the same row in a transaction of its own says what transactional enqueuing costs on top.
PostgreSQL is measured where SEGUE_TEST_POSTGRES_URL names one, and that server's own settings count (fsync).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import insert, text

from segue.core.changes import ensure_epoch
from segue.core.clock import utc_now
from segue.core.db import Base, Database
from segue.jobs import JobContext, JobService, Registry, job
from segue.jobs.models import Job
from segue.jobs.worker import WorkerSettings, run_worker

RESULTS = Path(__file__).parent / "results" / "jobs.json"


class Finished:
    """Counts jobs that ran in this process."""

    def __init__(self) -> None:
        self.count = 0
        self.wanted = 0
        self.reached = asyncio.Event()
        self.late_s: list[float] = []

    def add(self, late_s: float) -> None:
        self.count += 1
        self.late_s.append(late_s)
        if self.count >= self.wanted:
            self.reached.set()

    async def reach(self, more: int) -> None:
        self.wanted = self.count + more
        self.reached.clear()
        await self.reached.wait()


def make_registry(finished: Finished) -> Registry:
    @job("bench.nothing")
    async def nothing(job: JobContext, params: dict[str, Any]) -> None:
        finished.add(time.time() - params["asked"])

    @job("bench.steps")
    async def steps(job: JobContext, params: dict[str, Any]) -> None:
        for step in range(params["steps"]):
            async with job.db.write() as tx:
                await job.guard(tx)
                await job.save({"after": step}, tx=tx)
        finished.add(0.0)

    return Registry().add(nothing, steps)


@asynccontextmanager
async def sqlite() -> AsyncIterator[Database]:
    with tempfile.TemporaryDirectory(prefix="segue-bench-") as folder:
        db = Database.open(f"sqlite:///{folder}/segue.db")
        await create(db)
        yield db
        await db.close()


@asynccontextmanager
async def postgresql(url: str) -> AsyncIterator[Database]:
    schema = f"bench_{secrets.token_hex(4)}"
    db = Database.open(url, connect_args={"server_settings": {"search_path": schema}})
    async with db.write() as tx:
        await tx.execute(text(f"CREATE SCHEMA {schema}"))
    await create(db)
    try:
        yield db
    finally:
        async with db.write() as tx:
            await tx.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        await db.close()


async def create(db: Database) -> None:
    names = ("jobs", "job_queues", "job_starts", "job_schedules", "job_workers", "job_totals", "changes", "facts")
    tables = [Base.metadata.tables[name] for name in names]
    async with db.write() as tx:
        await tx.conn.run_sync(lambda conn: Base.metadata.create_all(conn, tables))
    await ensure_epoch(db)


async def a_second(act: Callable[[], Awaitable[Any]], count: int) -> float:
    """How many times a second `act` happens, over `count` times."""
    began = time.perf_counter()
    for _ in range(count):
        await act()
    return count / (time.perf_counter() - began)


async def measure(db: Database, count: int) -> dict[str, float]:
    finished = Finished()
    registry = make_registry(finished)
    service = JobService(db, registry)
    await service.declare()
    figures: dict[str, float] = {}

    async def bare() -> None:
        now = utc_now()
        row = {
            "kind": "bare",
            "queue": "none",
            "priority": 0,
            "state": "done",
            "params": {},
            "attempts": 0,
            "deaths": 0,
        }
        async with db.write() as tx:
            await tx.execute(insert(Job).values(max_attempts=1, run_at=now, lease_token=0, created_at=now, **row))

    async def one() -> None:
        await service.enqueue_now("bench.nothing", {"asked": time.time()})

    figures["bare inserts/s"] = await a_second(bare, count)
    figures["enqueue/s, a transaction each"] = await a_second(one, count)
    figures["enqueue cost ratio"] = figures["bare inserts/s"] / figures["enqueue/s, a transaction each"]
    began = time.perf_counter()
    async with db.write() as tx:
        for _ in range(count):
            await service.enqueue(tx, "bench.nothing", {"asked": time.time()})
    figures["enqueue/s, in one transaction"] = count / (time.perf_counter() - began)

    stop = asyncio.Event()
    waiting = asyncio.create_task(finished.reach(2 * count))
    began = time.perf_counter()
    worker = asyncio.create_task(run_worker(db, registry, stop=stop, settings=WorkerSettings(slots=16)))
    await waiting
    figures["jobs/s through one worker"] = 2 * count / (time.perf_counter() - began)

    await asyncio.sleep(0.5)
    waiting = asyncio.create_task(finished.reach(1))
    steps = count
    began = time.perf_counter()
    await service.enqueue_now("bench.steps", {"steps": steps})
    await waiting
    figures["fenced checkpoints/s"] = steps / (time.perf_counter() - began)

    finished.late_s.clear()
    for _ in range(40):
        await asyncio.sleep(0.02)
        waiting = asyncio.create_task(finished.reach(1))
        await asyncio.sleep(0)
        await one()
        await waiting
    late = sorted(finished.late_s)
    figures["start delay p50, ms"] = late[len(late) // 2] * 1000
    figures["start delay max, ms"] = late[-1] * 1000

    cpu = time.process_time()
    await asyncio.sleep(3)
    figures["idle worker, CPU ms/s"] = (time.process_time() - cpu) / 3 * 1000
    stop.set()
    await worker
    return figures


async def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="jobs of each measurement")
    count = parser.parse_args().count
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    found: dict[str, dict[str, float]] = {}
    async with sqlite() as db:
        found["SQLite"] = await measure(db, count)
    url = os.environ.get("SEGUE_TEST_POSTGRES_URL")
    if url:
        async with postgresql(url) as db:
            found["PostgreSQL"] = await measure(db, count)
    else:
        print("SEGUE_TEST_POSTGRES_URL is not set: only SQLite is measured.", file=sys.stderr)
    print(f"{'':36}" + "".join(f"{name:>14}" for name in found))
    for name in found["SQLite"]:
        print(f"{name:36}" + "".join(f"{figures[name]:14.1f}" for figures in found.values()))
    rounded = {kind: {name: round(value, 2) for name, value in figures.items()} for kind, figures in found.items()}
    RESULTS.parent.mkdir(exist_ok=True)
    machine = {"count": count, "cores": os.cpu_count(), "load_average_1m": round(os.getloadavg()[0], 1)}
    RESULTS.write_text(json.dumps(machine | rounded, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
