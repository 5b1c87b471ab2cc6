"""Workers are killed at every point of their work, many times, and stalled and stopped; nothing is lost or done twice.

The seed is fixed; `SEGUE_TEST_SEED` replays another, and SEGUE_TEST_LONG=1 kills twenty times as often.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from segue.core.access import SYSTEM
from segue.core.db import Database
from segue.jobs import JobService
from segue.jobs.child import STUCK_EXIT
from tests.faults import jobs_nursery as nursery
from tests.jobs.ground import jobs_database, until
from tests.waiting import PATIENCE_S

LONG = 20 if os.environ.get("SEGUE_TEST_LONG") == "1" else 1
pytestmark = [
    pytest.mark.anyio,
    pytest.mark.timeout(900 * LONG),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and POSIX signals"),
]
SEED = int(os.environ.get("SEGUE_TEST_SEED", "20260"))
STEPS = 8
ROOT = Path(__file__).parents[2]


class Nursery:
    """The process that makes worker processes for us, at the database that `at` names."""

    def __init__(self) -> None:
        self._place: dict[str, str | None] = {}
        self._names = count()
        self.workers: dict[int, str] = {}
        self._process = subprocess.Popen(
            [sys.executable, str(Path(nursery.__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )

    def _ask(self, **order: Any) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def at(self, url: str) -> None:
        base, _, path = url.partition("?options=-csearch_path%3D")
        self._place = {"url": base, "search_path": path or None}
        self.workers.clear()

    def fork(self, seed: int = 0, **life: Any) -> int:
        name = f"worker-{next(self._names)}"
        pid: int = self._ask(do="fork", seed=seed, worker_id=name, **self._place, **life)["pid"]
        self.workers[pid] = name
        return pid

    def next(self) -> dict[str, Any]:
        """What befell the child that something befell next. Waits for it."""
        return self._ask(do="next")

    def signal(self, pid: int, number: int) -> None:
        self._ask(do="signal", pid=pid, number=number)

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(PATIENCE_S)


@pytest.fixture
async def db(db_url: str) -> AsyncIterator[Database]:
    async with jobs_database(db_url) as database:
        yield database


@pytest.fixture
async def service(db: Database) -> JobService:
    service = JobService(db, nursery.registry())
    await service.declare()
    auto = "AUTOINCREMENT" if db.dialect == "sqlite" else "GENERATED ALWAYS AS IDENTITY"
    async with db.write() as tx:
        for statement in nursery.TABLES:
            await tx.execute(text(statement.format(auto=auto)))
    return service


@pytest.fixture(scope="module")
def nursery_process() -> Iterator[Nursery]:
    made = Nursery()
    yield made
    made.close()


@pytest.fixture
def workers(db_url: str, nursery_process: Nursery) -> Nursery:
    nursery_process.at(db_url)
    return nursery_process


async def rows(db: Database, statement: str) -> list[Any]:
    async with db.read() as conn:
        return list((await conn.execute(text(statement))).all())


async def check_every_step_once(db: Database, service: JobService, jobs: list[int], steps: int) -> None:
    """No job lost, no finished step redone, and no commit of a lease after one of a later lease."""
    for job_id in jobs:
        assert (await service.get(SYSTEM, job_id)).state == "done", f"job {job_id} was lost"
    for job_id in jobs:
        done = await rows(db, f"SELECT step, token FROM fault_steps WHERE job = {job_id} ORDER BY n")
        assert [row.step for row in done] == list(range(steps))
        for earlier, later in pairwise(done):
            assert earlier.token <= later.token, "an old lease wrote after a newer one"


async def kill_until_done(service: JobService, workers: Nursery, kills: int, rng: random.Random, fate: Any) -> None:
    """Keep three workers alive, each with a fate of `fate`, until `kills` of them were killed; then let all be done.

    There is always work: whenever a worker ends, new jobs come. Every other death is reported, as a supervisor would; the
    rest is found out by leases that run out.
    """
    jobs: list[int] = []

    async def more_work(jobs_more: int) -> None:
        async with service.db.write() as tx:
            for _ in range(jobs_more):
                jobs.append((await service.enqueue(tx, "fault.steps", {"steps": STEPS})).id)

    await more_work(6)
    for _ in range(3):
        workers.fork(seed=rng.randrange(2**31), **fate())
    killed = 0
    while workers.workers:
        news = workers.next()
        name = workers.workers.pop(news["pid"])
        if news.get("signal") == signal.SIGKILL:
            killed += 1
            if killed % 2:
                await service.worker_died(name)
        else:
            assert news.get("code") == 0, f"a worker ended by itself: {news}"
        if killed < kills:
            await more_work(2)
            workers.fork(seed=rng.randrange(2**31), **fate())
    workers.fork()
    assert workers.next()["code"] == 0
    await check_every_step_once(service.db, service, jobs, STEPS)


async def test_workers_killed_at_any_statement_lose_nothing_and_repeat_nothing(
    service: JobService, workers: Nursery
) -> None:
    rng = random.Random(SEED)
    await kill_until_done(service, workers, 20 * LONG, rng, lambda: {"die_at_point": rng.randint(1, 90)})


async def test_workers_killed_at_any_moment_lose_nothing_and_repeat_nothing(
    service: JobService, workers: Nursery
) -> None:
    rng = random.Random(SEED + 1)
    await kill_until_done(service, workers, 12 * LONG, rng, lambda: {"die_after_s": rng.uniform(0.01, 0.3)})


async def test_a_worker_that_stalled_past_its_lease_is_refused_when_it_wakes_up(
    db: Database, service: JobService, workers: Nursery
) -> None:
    job_id = (await service.enqueue_now("fault.stall", {"steps": 5})).id
    first = workers.fork()
    assert workers.next() == {"pid": first, "stopped": True}
    second = workers.fork()
    news = workers.next()
    assert news == {"pid": second, "stopped": True} or news == {"pid": second, "code": 0}
    assert "code" in news, "the second worker goes on after step 1 and must not stop"
    workers.signal(first, signal.SIGCONT)
    assert workers.next() == {"pid": first, "code": 0}
    await check_every_step_once(db, service, [job_id], 5)
    pids = [row.pid for row in await rows(db, "SELECT pid FROM fault_steps ORDER BY n")]
    assert pids == [first] * 2 + [second] * 3
    notes = [row.note for row in await rows(db, "SELECT note FROM fault_notes")]
    assert notes in ([], ["refused 2"]), "cancelled before it tried, or refused when it did"


async def test_three_processes_do_each_job_exactly_once_and_never_more_at_once_than_allowed(
    db: Database, service: JobService, workers: Nursery
) -> None:
    jobs = {(await service.enqueue_now("fault.narrow")).id for _ in range(40)}
    for _ in range(3):
        workers.fork(lease_s=30)
    assert [workers.next()["code"] for _ in range(3)] == [0, 0, 0]
    ran = await rows(db, "SELECT job, since, until FROM fault_notes")
    assert sorted(row.job for row in ran) == sorted(jobs)
    for one in ran:
        at_once = sum(other.since <= one.since < other.until for other in ran)
        assert at_once <= 2


async def has_saved(db: Database, job_id: int) -> bool:
    return bool(await rows(db, f"SELECT id FROM jobs WHERE id = {job_id} AND checkpoint IS NOT NULL"))


async def test_a_worker_told_to_stop_gives_its_job_back_and_another_goes_on_at_once(
    db: Database, service: JobService, workers: Nursery
) -> None:
    job_id = (await service.enqueue_now("fault.long")).id
    first = workers.fork(lease_s=600, until_done=False)
    await until(lambda: has_saved(db, job_id))
    workers.signal(first, signal.SIGTERM)
    assert workers.next() == {"pid": first, "code": 0}
    found = await service.get(SYSTEM, job_id)
    assert (found.state, found.attempts) == ("queued", 0)
    second = workers.fork(lease_s=600)
    assert workers.next() == {"pid": second, "code": 0}
    assert (await service.get(SYSTEM, job_id)).state == "done"


async def test_a_worker_whose_loop_is_blocked_ends_all_the_same_when_told_to_stop(
    db: Database, service: JobService, workers: Nursery
) -> None:
    job_id = (await service.enqueue_now("fault.block")).id
    worker = workers.fork(lease_s=600, stop_limit_s=0.3, until_done=False)
    await until(lambda: has_saved(db, job_id))
    workers.signal(worker, signal.SIGTERM)
    assert workers.next() == {"pid": worker, "code": STUCK_EXIT}
    assert (await service.get(SYSTEM, job_id)).state == "running", "its lease runs out, or its supervisor reports it"
