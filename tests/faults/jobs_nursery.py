"""Makes worker processes quickly, so that many can be killed: it has imported everything, and forks one for every order.

Orders and answers are JSON lines on standard input and output:
  {"do": "fork", ...}     -> {"pid": …}; the rest of the order says what kind of life the worker has (`Life`)
  {"do": "next"}          -> {"pid": …, "signal": … | "code": … | "stopped": true}, once a child has ended or stopped
  {"do": "signal", "pid": …, "number": …}
The tests' own table `fault_steps` has a row for each step that was committed; a step done twice breaks its unique key.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import random
import signal
import sys
import threading
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncTransaction

from segue.core.access import SYSTEM
from segue.core.db import Database
from segue.jobs import JobContext, JobService, Queue, Registry, RetryPolicy, job
from segue.jobs.child import stop_when_told
from segue.jobs.errors import Interruption, LeaseLost
from segue.jobs.worker import WorkerSettings, run_worker

TABLES = (
    "CREATE TABLE fault_steps (n INTEGER PRIMARY KEY {auto}, job INTEGER, step INTEGER, token INTEGER, pid INTEGER,"
    " entered DOUBLE PRECISION, UNIQUE (job, step))",
    "CREATE TABLE fault_notes (n INTEGER PRIMARY KEY {auto}, job INTEGER, note TEXT, since DOUBLE PRECISION,"
    " until DOUBLE PRECISION)",
)
STEP = text("INSERT INTO fault_steps (job, step, token, pid, entered) VALUES (:job, :step, :token, :pid, :entered)")
NOTE = text("INSERT INTO fault_notes (job, note, since, until) VALUES (:job, :note, :since, :until)")
AGAIN_AT_ONCE = RetryPolicy(base_s=0.01, cap_s=0.02)

quiet = threading.Lock()
"""Held by a job that is about to stop its own process, so that the process is not in the middle of a write."""


@dataclass(frozen=True)
class Life:
    """What becomes of one worker process."""

    url: str
    search_path: str | None
    seed: int
    worker_id: str
    lease_s: float = 0.6
    slots: int = 3
    die_at_point: int | None = None
    """kill -9 itself at this statement or commit, counted from the start; at random before or after it."""
    die_after_s: float | None = None
    """kill -9 itself from a thread after so long, wherever it is."""
    stop_limit_s: float = 10.0
    until_done: bool = True
    """End when no job is queued or running; otherwise only by a signal."""


def open_database(url: str, search_path: str | None) -> Database:
    if search_path is None:
        return Database.open(url, readers=2)
    settings = {"server_settings": {"search_path": search_path}}
    return Database.open(url, connect_args=settings, readers=2, writers=4)


@job("fault.steps", max_attempts=100_000, retry=AGAIN_AT_ONCE)
async def steps(job: JobContext, params: dict[str, Any]) -> None:
    """Each step is a row and a checkpoint in one transaction, the last one together with the end of the job."""
    for step in range(job.checkpoint.get("after", 0), params["steps"]):
        async with job.db.write() as tx:
            await job.guard(tx)
            await tx.execute(STEP, _row(job, step))
            if step == params["steps"] - 1:
                await job.complete(tx)
            else:
                await job.save({"after": step + 1}, tx=tx)
        job.progress(step + 1, params["steps"], unit="steps")
        job.check()


@job("fault.stall", max_attempts=100_000, retry=AGAIN_AT_ONCE)
async def stall(job: JobContext, params: dict[str, Any]) -> None:
    """Stops its own process after two steps, at its first start; what it tries after waking up is noted."""
    for step in range(job.checkpoint.get("after", 0), params["steps"]):
        try:
            async with job.db.write() as tx:
                await job.guard(tx)
                await tx.execute(STEP, _row(job, step))
                await job.save({"after": step + 1}, tx=tx)
        except LeaseLost:
            async with job.db.write() as tx:
                await tx.execute(NOTE, {"job": job.id, "note": f"refused {step}", "since": 0, "until": 0})
            raise
        if step == 1:
            with quiet:
                os.kill(os.getpid(), signal.SIGSTOP)


@job("fault.narrow", queue="narrow", max_attempts=100_000)
async def narrow(job: JobContext, params: dict[str, Any]) -> None:
    """Notes from when to when it ran."""
    since = time.monotonic()
    await asyncio.sleep(0.003)
    until = time.monotonic()
    async with job.db.write() as tx:
        await job.guard(tx)
        await tx.execute(NOTE, {"job": job.id, "note": "ran", "since": since, "until": until})


@job("fault.long", max_attempts=100_000)
async def long(job: JobContext, params: dict[str, Any]) -> None:
    """Goes on until it is asked to stop; at its second start it ends."""
    if job.checkpoint:
        return
    step = 0
    while True:
        step += 1
        await job.save({"step": step})
        await asyncio.sleep(0.01)


@job("fault.block", max_attempts=100_000)
async def block(job: JobContext, params: dict[str, Any]) -> None:
    """Keeps the loop of its worker from running, longer than any test."""
    await job.save({"blocked": True})
    time.sleep(600)


def _row(job: JobContext, step: int) -> dict[str, Any]:
    token = job._lease.token
    return {"job": job.id, "step": step, "token": token, "pid": os.getpid(), "entered": time.monotonic()}


def registry() -> Registry:
    return Registry().add(steps, stall, narrow, long, block, Queue("narrow", concurrency=2))


def arm(life: Life) -> None:
    """Make this process kill itself when its time has come."""
    if life.die_after_s is not None:
        threading.Timer(life.die_after_s, os.kill, (os.getpid(), signal.SIGKILL)).start()
    if life.die_at_point is None:
        return
    rng = random.Random(life.seed)
    after = rng.random() < 0.5
    reached = 0

    def wrapped(original: Any) -> Any:
        async def act(self: Any, *args: Any, **options: Any) -> Any:
            nonlocal reached
            if threading.current_thread() is threading.main_thread():
                reached += 1
                if reached == life.die_at_point and not after:
                    os.kill(os.getpid(), signal.SIGKILL)
            value = await original(self, *args, **options)
            if reached == life.die_at_point and threading.current_thread() is threading.main_thread():
                os.kill(os.getpid(), signal.SIGKILL)
            return value

        return act

    for owner, name in ((AsyncConnection, "execute"), (AsyncConnection, "scalar"), (AsyncTransaction, "commit")):
        setattr(owner, name, wrapped(getattr(owner, name)))


def be_quiet_in_other_threads() -> None:
    """Writes of the heartbeat do not begin while a job is about to stop the process."""
    original = Database.write

    @asynccontextmanager
    async def write(self: Database) -> Any:
        if threading.current_thread() is threading.main_thread():
            async with original(self) as tx:
                yield tx
        else:
            with quiet:
                async with original(self) as tx:
                    yield tx

    Database.write = write  # type: ignore[method-assign, assignment]


async def live(life: Life) -> None:
    db = open_database(life.url, life.search_path)
    known = registry()
    service = JobService(db, known)
    stop = asyncio.Event()
    stop_when_told(stop, limit_s=life.stop_limit_s)
    settings = WorkerSettings(
        slots=life.slots, lease_s=life.lease_s, watch_s=0.05, poll_s=0.05, cancel_grace_s=1, stop_grace_s=3
    )

    async def end_when_done() -> None:
        while (await service.page(SYSTEM, states=["queued", "running"], limit=1)).items:
            await asyncio.sleep(0.05)
        stop.set()

    watcher = asyncio.create_task(end_when_done()) if life.until_done else None
    await run_worker(db, known, stop=stop, settings=settings, service=service, worker_id=life.worker_id, seed=life.seed)
    if watcher is not None:
        watcher.cancel()
    await db.close()


def fork(life: Life) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(2, 1)
        be_quiet_in_other_threads()
        arm(life)
        asyncio.run(live(life))
        os._exit(0)
    except BaseException as error:
        if not isinstance(error, Interruption):
            logging.exception("worker process failed")
        os._exit(1)


def next_news() -> dict[str, Any]:
    pid, status = os.waitpid(-1, os.WUNTRACED)
    if os.WIFSTOPPED(status):
        return {"pid": pid, "stopped": True}
    if os.WIFSIGNALED(status):
        return {"pid": pid, "signal": os.WTERMSIG(status)}
    return {"pid": pid, "code": os.WEXITSTATUS(status)}


def main() -> None:
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    for line in sys.stdin:
        order = json.loads(line)
        answer: dict[str, Any] = {}
        match order.pop("do"):
            case "fork":
                answer = {"pid": fork(Life(**order))}
            case "next":
                answer = next_news()
            case "signal":
                os.kill(order["pid"], order["number"])
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
