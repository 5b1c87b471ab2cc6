"""What people and other domains ask of jobs: put one in, look, cancel, try again, tidy up. Leasing is in leases.py."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction
from segue.jobs.models import IS_ACTIVE, IS_ENDED, IS_QUEUED, IS_RUNNING, Job, JobQueue, JobTotal, JobWorker
from segue.jobs.registry import Queue

STATES = ("queued", "running", "done", "failed", "cancelled")
ENDED = ("done", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class JobInfo:
    """A job as people see it. `error` is {code, message, params}, `waiting` {code, params}; times are aware, in UTC."""

    id: int
    kind: str
    queue: str
    state: str
    priority: int
    params: dict[str, Any]
    dedup_key: str | None
    progress: dict[str, Any] | None
    result: dict[str, Any] | None
    waiting: dict[str, Any] | None
    error: dict[str, Any] | None
    traceback: str | None
    attempts: int
    max_attempts: int
    run_at: datetime
    cancel_requested_at: datetime | None
    created_by: int | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def active(self) -> bool:
        return self.state in ("queued", "running")


@dataclass(frozen=True, slots=True)
class QueueInfo:
    """A queue, its limits and how full it is."""

    name: str
    concurrency: int | None
    rate_limit: int | None
    rate_period_s: float | None
    paused: bool
    queued: int
    running: int


_SHOWN = tuple(getattr(Job, name) for name in JobInfo.__dataclass_fields__)


def _info(row: Row[Any]) -> JobInfo:
    return JobInfo(**row._mapping)


async def insert_job(tx: Transaction, values: Mapping[str, Any]) -> int | None:
    """Put a job in. Returns its id, or None where an active one has the same dedup key."""
    make = postgresql_insert if tx.dialect == "postgresql" else sqlite_insert
    statement = (
        make(Job)
        .values(**values)
        .on_conflict_do_nothing(index_elements=[Job.dedup_key], index_where=IS_ACTIVE)
        .returning(Job.id)
    )
    job_id: int | None = await tx.scalar(statement)
    return job_id


async def active_with_key(conn: AsyncConnection, dedup_key: str) -> int | None:
    """The id of the queued or running job with this dedup key."""
    job_id: int | None = await conn.scalar(select(Job.id).where(Job.dedup_key == dedup_key, IS_ACTIVE))
    return job_id


async def hasten(tx: Transaction, job_id: int, priority: int, run_at: datetime) -> None:
    """Give a queued job at least this priority, and an earlier `run_at` unless it waits for a reason."""
    earlier = and_(Job.run_at > run_at, Job.waiting.is_(None))
    await tx.execute(update(Job).where(Job.id == job_id, IS_QUEUED, Job.priority < priority).values(priority=priority))
    await tx.execute(update(Job).where(Job.id == job_id, IS_QUEUED, earlier).values(run_at=run_at))


async def wake(tx: Transaction, dedup_key: str, reason: str, now: datetime) -> int | None:
    """Let a queued job that waits for `reason` start now; its id, or None where there is none."""
    waiting = select(Job.id, Job.waiting).where(Job.dedup_key == dedup_key, IS_QUEUED)
    row = (await tx.execute(waiting)).first()
    if row is None or (row.waiting or {}).get("code") != reason:
        return None
    await tx.execute(update(Job).where(Job.id == row.id, IS_QUEUED).values(run_at=now, waiting=None))
    return int(row.id)


async def get(conn: AsyncConnection, job_id: int) -> JobInfo | None:
    row = (await conn.execute(select(*_SHOWN).where(Job.id == job_id))).first()
    return None if row is None else _info(row)


async def get_for_update(tx: Transaction, job_id: int) -> JobInfo | None:
    """The job, held still until `tx` ends."""
    row = (await tx.execute(select(*_SHOWN).where(Job.id == job_id).with_for_update())).first()
    return None if row is None else _info(row)


async def page(
    conn: AsyncConnection,
    *,
    states: Collection[str] = (),
    kinds: Collection[str] = (),
    created_by: int | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[JobInfo]:
    """Jobs, newest first, with ids below `before`. Empty `states` or `kinds` mean any."""
    statement = select(*_SHOWN).order_by(Job.id.desc()).limit(limit)
    if states:
        statement = statement.where(Job.state.in_(states))
        if not set(states) - set(ENDED):
            statement = statement.where(IS_ENDED)
        elif not set(states) & set(ENDED):
            statement = statement.where(IS_ACTIVE)
    if kinds:
        statement = statement.where(Job.kind.in_(kinds))
    if created_by is not None:
        statement = statement.where(Job.created_by == created_by)
    if before is not None:
        statement = statement.where(Job.id < before)
    return [_info(row) for row in await conn.execute(statement)]


async def end_queued(tx: Transaction, job_id: int, now: datetime) -> None:
    """Cancel a job that has not started."""
    await tx.execute(
        update(Job)
        .where(Job.id == job_id, IS_QUEUED)
        .values(state="cancelled", cancel_requested_at=now, finished_at=now, waiting=None)
    )


async def ask_to_cancel(tx: Transaction, job_id: int, now: datetime) -> None:
    """Tell the worker of a running job to stop it."""
    await tx.execute(update(Job).where(Job.id == job_id, IS_RUNNING).values(cancel_requested_at=now))


async def erase_person(tx: Transaction, user_id: int, now: datetime) -> list[int]:
    """Delete a person's jobs that do not run, and cut the running ones loose. Returns the ids of the deleted."""
    running = update(Job).where(Job.created_by == user_id, IS_RUNNING)
    await tx.execute(running.values(created_by=None, cancel_requested_at=now))
    gone = delete(Job).where(Job.created_by == user_id).returning(Job.id)
    return list((await tx.execute(gone)).scalars())


async def queue_again(tx: Transaction, job_id: int, now: datetime, *, from_start: bool) -> None:
    """Put an ended job back in its queue, with a clean slate; its checkpoint is kept unless `from_start`."""
    values: dict[str, Any] = {
        "state": "queued",
        "run_at": now,
        "attempts": 0,
        "deaths": 0,
        "error": None,
        "traceback": None,
        "result": None,
        "waiting": None,
        "cancel_requested_at": None,
        "finished_at": None,
    }
    if from_start:
        values |= {"checkpoint": None, "progress": None}
    await tx.execute(update(Job).where(Job.id == job_id).values(**values))


async def sweep(tx: Transaction, state: str, before: datetime, limit: int) -> list[int]:
    """Forget up to `limit` jobs that ended in `state` before that moment. Returns their ids."""
    old = select(Job.id).where(Job.state == state, Job.finished_at < before, Job.finished_at.is_not(None))
    old = old.order_by(Job.finished_at).limit(limit)
    return list((await tx.execute(delete(Job).where(Job.id.in_(old)).returning(Job.id))).scalars())


async def declare_queues(tx: Transaction, queues: Collection[Queue]) -> None:
    """Make the rows of `queues`, and bring those that no person has edited to what the program declares."""
    known = {row.name: row for row in await tx.execute(select(*JobQueue.__table__.columns))}
    make = postgresql_insert if tx.dialect == "postgresql" else sqlite_insert
    for queue in sorted(queues, key=lambda queue: queue.name):
        limits = {
            "concurrency": queue.concurrency,
            "rate_limit": queue.rate_limit,
            "rate_period_s": queue.rate_period_s,
        }
        row = known.get(queue.name)
        if row is None:
            await tx.execute(make(JobQueue).values(name=queue.name, paused=False, **limits).on_conflict_do_nothing())
        elif row.edited_at is None and any(getattr(row, name) != value for name, value in limits.items()):
            await tx.execute(update(JobQueue).where(JobQueue.name == queue.name).values(**limits))


async def queues(conn: AsyncConnection) -> list[QueueInfo]:
    """Every queue with what waits and runs in it, by name."""
    queued = select(func.count()).where(IS_QUEUED, Job.queue == JobQueue.name).scalar_subquery()
    running = select(func.count()).where(IS_RUNNING, Job.queue == JobQueue.name).scalar_subquery()
    statement = select(
        JobQueue.name,
        JobQueue.concurrency,
        JobQueue.rate_limit,
        JobQueue.rate_period_s,
        JobQueue.paused,
        queued.label("queued"),
        running.label("running"),
    ).order_by(JobQueue.name)
    return [QueueInfo(**row._mapping) for row in await conn.execute(statement)]


async def change_queue(tx: Transaction, name: str, values: Mapping[str, Any]) -> bool:
    """Whether there is such a queue; if so it now has `values`."""
    result = await tx.execute(update(JobQueue).where(JobQueue.name == name).values(**values))
    return result.rowcount == 1


async def register_worker(tx: Transaction, values: Mapping[str, Any]) -> None:
    make = postgresql_insert if tx.dialect == "postgresql" else sqlite_insert
    statement = make(JobWorker).values(**values)
    await tx.execute(statement.on_conflict_do_update(index_elements=[JobWorker.id], set_=dict(values)))


async def worker_beats(tx: Transaction, worker_id: str, now: datetime) -> None:
    await tx.execute(update(JobWorker).where(JobWorker.id == worker_id).values(heartbeat_at=now))


async def forget_worker(tx: Transaction, worker_id: str) -> None:
    await tx.execute(delete(JobWorker).where(JobWorker.id == worker_id))


async def forget_silent_workers(tx: Transaction, before: datetime) -> None:
    """Drop the rows of workers whose heart has not beaten since `before`."""
    await tx.execute(delete(JobWorker).where(JobWorker.heartbeat_at < before))


@dataclass(frozen=True, slots=True)
class WorkerInfo:
    """A worker process: where it runs and when it was last heard of."""

    id: str
    host: str
    pid: int
    queues: list[str]
    slots: int
    started_at: datetime
    heartbeat_at: datetime


async def workers(conn: AsyncConnection) -> list[WorkerInfo]:
    """Every worker that has a row, the longest-running first."""
    statement = select(*JobWorker.__table__.columns).order_by(JobWorker.started_at, JobWorker.id)
    return [WorkerInfo(**row._mapping) for row in await conn.execute(statement)]


async def add_totals(tx: Transaction, totals: Mapping[tuple[str, str], tuple[int, float]]) -> None:
    """Add counts and seconds to the totals of each (kind, outcome)."""
    make = postgresql_insert if tx.dialect == "postgresql" else sqlite_insert
    for (kind, outcome), (count, seconds) in sorted(totals.items()):
        statement = make(JobTotal).values(kind=kind, outcome=outcome, count=count, seconds=seconds)
        grown = {"count": JobTotal.count + count, "seconds": JobTotal.seconds + seconds}
        await tx.execute(statement.on_conflict_do_update(index_elements=[JobTotal.kind, JobTotal.outcome], set_=grown))


async def totals(conn: AsyncConnection) -> dict[tuple[str, str], tuple[int, float]]:
    """Count and seconds of each (kind, outcome) since this database exists."""
    rows = await conn.execute(select(*JobTotal.__table__.columns))
    return {(row.kind, row.outcome): (row._mapping["count"], row.seconds) for row in rows}


@dataclass(frozen=True, slots=True)
class Depth:
    """How many jobs of a kind are in a state, and since when the oldest of them could have started."""

    kind: str
    queue: str
    state: str
    count: int
    oldest: datetime | None


async def depths(conn: AsyncConnection, now: datetime) -> list[Depth]:
    """Queued (due by `now`), delayed and running jobs by kind and queue."""
    found: list[Depth] = []
    for state, condition, since in (
        ("queued", and_(IS_QUEUED, Job.run_at <= now), func.min(Job.run_at)),
        ("delayed", and_(IS_QUEUED, Job.run_at > now), None),
        ("running", IS_RUNNING, func.min(Job.started_at)),
    ):
        columns = [Job.kind, Job.queue, func.count().label("count")]
        if since is not None:
            columns.append(since.label("oldest"))
        rows = await conn.execute(select(*columns).where(condition).group_by(Job.kind, Job.queue))
        found += [Depth(row.kind, row.queue, state, row._mapping["count"], row._mapping.get("oldest")) for row in rows]
    return found
