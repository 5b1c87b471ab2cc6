"""Every statement of leasing: who may work on a job, for how long, and how a start ends.

A lease is (job, token). The token grows with every lease, and each statement that writes for a running job names it, so
a worker that stalled and woke up after its job was given to another changes nothing. On PostgreSQL the row is locked
until the transaction ends, so the fence also holds between statement and commit; SQLite lets one writer in at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Row,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    null,
    select,
    text,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.clock import utc_now
from segue.core.db import Transaction, UtcDateTime
from segue.jobs.errors import LeaseLost
from segue.jobs.models import IS_QUEUED, IS_RUNNING, Job, JobQueue, JobStart

MAX_TRACEBACK = 20_000
"""Characters of a traceback that are kept: its end, where the cause is."""


class Clock:
    """The database's clock as this machine sees it, so that machines whose clocks differ agree on when a lease ends.

    On SQLite everybody is on one machine and its clock will do.
    """

    def __init__(self) -> None:
        self.offset = timedelta()

    def now(self) -> datetime:
        return utc_now() + self.offset

    async def adjust(self, conn: AsyncConnection) -> None:
        """Measure how far this machine's clock is from the database's, to within half a round trip."""
        if conn.dialect.name != "postgresql":
            return
        before = utc_now()
        theirs = await conn.scalar(text("SELECT clock_timestamp()"))
        after = utc_now()
        self.offset = theirs - (before + (after - before) / 2)


@dataclass(frozen=True, slots=True)
class Terms:
    """What every lease of a worker has in common: how long it lasts unless lengthened, and by which clock."""

    lease_s: float
    clock: Clock

    def extension(self) -> dict[str, Any]:
        now = self.clock.now()
        return {"heartbeat_at": now, "leased_until": now + timedelta(seconds=self.lease_s)}


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a job, as its row was when it was given."""

    id: int
    kind: str
    queue: str
    token: int
    params: dict[str, Any]
    checkpoint: dict[str, Any] | None
    attempts: int
    deaths: int
    max_attempts: int
    created_by: int | None
    started_at: datetime
    terms: Terms


@dataclass(frozen=True, slots=True)
class Room:
    """How many jobs of a queue may start now."""

    queue: str
    free: int
    limited: bool = False
    """It has a limit that counts over all workers."""
    rate_period_s: float | None = None


@dataclass(frozen=True, slots=True)
class Flags:
    """What the table says about a job that a worker believes to hold."""

    owned: bool
    cancel: bool


async def rooms(conn: AsyncConnection, queues: Collection[str], slots: int, now: datetime) -> list[Room]:
    """How much each of `queues` lets in at `now`, at most `slots`: its concurrency and rate less what runs and ran."""
    running = select(func.count()).where(IS_RUNNING, Job.queue == JobQueue.name).scalar_subquery()
    statement = select(
        JobQueue.name,
        JobQueue.paused,
        JobQueue.concurrency,
        JobQueue.rate_limit,
        JobQueue.rate_period_s,
        running.label("running"),
    ).where(JobQueue.name.in_(queues))
    found: list[Room] = []
    for row in await conn.execute(statement):
        free = slots
        if row.concurrency is not None:
            free = min(free, row.concurrency - row.running)
        if row.rate_limit is not None and free > 0:
            since = now - timedelta(seconds=row.rate_period_s)
            recent = select(func.count()).where(JobStart.queue == row.name, JobStart.started_at > since)
            free = min(free, row.rate_limit - (await conn.scalar(recent) or 0))
        limited = row.concurrency is not None or row.rate_limit is not None
        free = 0 if row.paused else max(free, 0)
        found.append(Room(row.name, free, limited, row.rate_period_s))
    return found


_ANY_READY = select(Job.id).where(IS_QUEUED, Job.run_at <= bindparam("now", type_=UtcDateTime)).limit(1)


async def any_ready(conn: AsyncConnection, now: datetime) -> bool:
    """Whether any job at all could start: the one question of a worker that has nothing to do."""
    return (await conn.execute(_ANY_READY, {"now": now})).first() is not None


async def choose(
    conn: AsyncConnection, rooms: Sequence[Room], kinds: Collection[str], slots: int, now: datetime
) -> dict[str, int]:
    """Which queues to lease from and how many each, so that the most urgent `slots` jobs of all of them are taken."""
    heads = [
        select(
            select(Job.queue, Job.priority, Job.run_at, Job.id)
            .where(IS_QUEUED, Job.queue == room.queue, Job.run_at <= now, Job.kind.in_(kinds))
            .order_by(Job.priority.desc(), Job.run_at, Job.id)
            .limit(min(room.free, slots))
            .subquery()
        )
        for room in rooms
        if room.free > 0
    ]
    if not heads:
        return {}
    rows = (await conn.execute(union_all(*heads) if len(heads) > 1 else heads[0])).all()
    urgent = sorted(rows, key=lambda row: (-row.priority, row.run_at, row.id))[:slots]
    counts: dict[str, int] = {}
    for row in urgent:
        counts[row.queue] = counts.get(row.queue, 0) + 1
    return counts


async def lock_queues(tx: Transaction, queues: Collection[str]) -> None:
    """On PostgreSQL, let one transaction at a time count and lease in `queues`; on SQLite that is so anyway."""
    if tx.dialect == "postgresql" and queues:
        rows = select(JobQueue.name).where(JobQueue.name.in_(queues)).order_by(JobQueue.name)
        await tx.execute(rows.with_for_update())


async def take(
    tx: Transaction, room: Room, count: int, kinds: Collection[str], owner: str, terms: Terms
) -> list[Lease]:
    """Lease up to `count` jobs of one queue to `owner` in one statement; most urgent first."""
    now = terms.clock.now()
    picked = (
        select(Job.id)
        .where(IS_QUEUED, Job.queue == room.queue, Job.run_at <= now, Job.kind.in_(kinds))
        .order_by(Job.priority.desc(), Job.run_at, Job.id)
        .limit(count)
        .with_for_update(skip_locked=True)
        .cte("picked")
    )
    statement = (
        update(Job)
        .where(Job.id.in_(select(picked.c.id)))
        .values(
            state="running",
            lease_owner=owner,
            lease_token=Job.lease_token + 1,
            leased_until=now + timedelta(seconds=terms.lease_s),
            heartbeat_at=now,
            started_at=now,
            waiting=None,
        )
        .returning(
            Job.id,
            Job.kind,
            Job.queue,
            Job.lease_token,
            Job.params,
            Job.checkpoint,
            Job.attempts,
            Job.deaths,
            Job.max_attempts,
            Job.created_by,
            Job.priority,
            Job.run_at,
        )
    )
    rows = (await tx.execute(statement)).all()
    if room.rate_period_s is not None and rows:
        outside = now - timedelta(seconds=room.rate_period_s)
        await tx.execute(delete(JobStart).where(JobStart.queue == room.queue, JobStart.started_at <= outside))
        await tx.execute(insert(JobStart), [{"queue": room.queue, "started_at": now} for _ in rows])
    for row in rows:
        tx.changed("job", row.id)
    return [_lease(row, terms, now) for row in sorted(rows, key=lambda row: (-row.priority, row.run_at, row.id))]


def _lease(row: Row[Any], terms: Terms, now: datetime) -> Lease:
    return Lease(
        id=row.id,
        kind=row.kind,
        queue=row.queue,
        token=row.lease_token,
        params=row.params,
        checkpoint=row.checkpoint,
        attempts=row.attempts,
        deaths=row.deaths,
        max_attempts=row.max_attempts,
        created_by=row.created_by,
        started_at=now,
        terms=terms,
    )


def _ours(lease: Lease) -> Any:
    return (Job.id == lease.id) & (Job.lease_token == lease.token) & IS_RUNNING


async def _write(tx: Transaction, lease: Lease, values: Mapping[str, Any]) -> None:
    """Change the row of a job that is ours. Raises LeaseLost when it is not."""
    result = await tx.execute(update(Job).where(_ours(lease)).values(**values))
    if result.rowcount != 1:
        raise LeaseLost(lease.id, lease.token)


async def guard(tx: Transaction, lease: Lease) -> None:
    """Hold the job's row for this transaction and lengthen its lease. Raises LeaseLost when it is not ours."""
    await _write(tx, lease, lease.terms.extension())


async def save(tx: Transaction, lease: Lease, checkpoint: dict[str, Any], progress: dict[str, Any] | None) -> None:
    """Keep a checkpoint, and the progress where there is any, and lengthen the lease. Raises LeaseLost."""
    values = lease.terms.extension() | {"checkpoint": checkpoint}
    if progress is not None:
        values["progress"] = progress
    await _write(tx, lease, values)


async def is_cancel_requested(conn: AsyncConnection, job_id: int) -> bool:
    asked = await conn.scalar(select(Job.cancel_requested_at).where(Job.id == job_id))
    return asked is not None


async def finish(
    tx: Transaction,
    lease: Lease,
    state: str,
    *,
    result: dict[str, Any] | None = None,
    error: dict[str, Any] | None = None,
    traceback: str | None = None,
    progress: dict[str, Any] | None = None,
    counts: bool = False,
) -> None:
    """End the job as done, failed or cancelled. `counts` adds one to its attempts. Raises LeaseLost."""
    values: dict[str, Any] = _released() | {"state": state, "result": result, "error": error}
    values["finished_at"] = lease.terms.clock.now()
    values["traceback"] = traceback[-MAX_TRACEBACK:] if traceback else None
    if progress is not None:
        values["progress"] = progress
    if counts:
        values["attempts"] = Job.attempts + 1
    await _write(tx, lease, values)
    tx.changed("job", lease.id)


async def put_back(
    tx: Transaction,
    lease: Lease,
    run_at: datetime,
    *,
    waiting: dict[str, Any] | None = None,
    error: dict[str, Any] | None = None,
    traceback: str | None = None,
    progress: dict[str, Any] | None = None,
    counts: bool = False,
) -> None:
    """Queue the job again for `run_at`, its checkpoint kept; one that somebody cancelled meanwhile is cancelled.

    `counts` adds one to its attempts. Raises LeaseLost.
    """
    asked = Job.cancel_requested_at.is_not(None)
    values: dict[str, Any] = _released() | {"run_at": run_at, "waiting": waiting}
    values["state"] = case((asked, "cancelled"), else_="queued")
    values["finished_at"] = case((asked, literal(lease.terms.clock.now(), UtcDateTime)), else_=null())
    if error is not None:
        values |= {"error": error, "traceback": traceback[-MAX_TRACEBACK:] if traceback else None}
    if progress is not None:
        values["progress"] = progress
    if counts:
        values["attempts"] = Job.attempts + 1
    await _write(tx, lease, values)
    tx.changed("job", lease.id)


def _released() -> dict[str, Any]:
    return {"lease_owner": None, "leased_until": None}


async def beat(tx: Transaction, held: Collection[tuple[int, int]], terms: Terms) -> None:
    """Lengthen the leases `held` (pairs of job id and token) that are still ours.

    A row that a step's transaction has locked is passed over: it cannot be taken from us before that commits, and
    waiting for it would keep the other leases from being lengthened.
    """
    picked = select(Job.id).where(IS_RUNNING, tuple_(Job.id, Job.lease_token).in_(list(held)))
    picked = picked.with_for_update(skip_locked=True)
    await tx.execute(update(Job).where(Job.id.in_(select(picked.cte("picked").c.id))).values(**terms.extension()))


async def write_progress(tx: Transaction, job_id: int, token: int, progress: dict[str, Any]) -> bool:
    """Show progress, if the job is still ours. False where it is not, or where a step's transaction has locked the row."""
    picked = select(Job.id).where(Job.id == job_id, Job.lease_token == token, IS_RUNNING)
    picked = picked.with_for_update(skip_locked=True)
    result = await tx.execute(
        update(Job).where(Job.id.in_(select(picked.cte("picked").c.id))).values(progress=progress)
    )
    return result.rowcount == 1


async def flags(conn: AsyncConnection, held: Mapping[int, int]) -> dict[int, Flags]:
    """For each job id of `held` (id to token): is it still ours, and has somebody asked to cancel it?"""
    found = {job_id: Flags(owned=False, cancel=False) for job_id in held}
    statement = select(Job.id, Job.lease_token, Job.cancel_requested_at, Job.state).where(Job.id.in_(list(held)))
    for row in await conn.execute(statement):
        owned = row.state == "running" and row.lease_token == held[row.id]
        found[row.id] = Flags(owned=owned, cancel=row.cancel_requested_at is not None)
    return found


@dataclass(frozen=True, slots=True)
class Expired:
    """A running job whose worker has not been heard of for longer than its lease."""

    id: int
    kind: str
    attempts: int
    deaths: int
    max_attempts: int
    cancel: bool
    last_beat: datetime | None


async def any_expired(conn: AsyncConnection, now: datetime) -> bool:
    """Whether some running job's lease has run out."""
    return (await conn.execute(select(Job.id).where(IS_RUNNING, Job.leased_until < now).limit(1))).first() is not None


async def expired(tx: Transaction, now: datetime) -> list[Expired]:
    """The jobs whose lease has run out, locked for this transaction where rows can be locked."""
    statement = (
        select(
            Job.id,
            Job.kind,
            Job.attempts,
            Job.deaths,
            Job.max_attempts,
            Job.cancel_requested_at,
            Job.heartbeat_at,
        )
        .where(IS_RUNNING, Job.leased_until < now)
        .with_for_update(skip_locked=True)
    )
    return [
        Expired(
            id=row.id,
            kind=row.kind,
            attempts=row.attempts,
            deaths=row.deaths,
            max_attempts=row.max_attempts,
            cancel=row.cancel_requested_at is not None,
            last_beat=row.heartbeat_at,
        )
        for row in await tx.execute(statement)
    ]


async def bury(tx: Transaction, dead: Expired, values: Mapping[str, Any]) -> None:
    """Take an expired lease back: `values` say what becomes of the job. The next lease has a higher token."""
    await tx.execute(update(Job).where(Job.id == dead.id, IS_RUNNING).values(**_released(), **values))
    tx.changed("job", dead.id)


async def expire_worker(tx: Transaction, owner: str, now: datetime) -> None:
    """Let the leases of a worker that is known to be dead run out at once."""
    past = now - timedelta(days=1)  # by any clock
    await tx.execute(update(Job).where(IS_RUNNING, Job.lease_owner == owner).values(leased_until=past))
