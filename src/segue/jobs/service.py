"""The verbs of background work, and the only door for other domains."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError

from segue.core.access import Actor
from segue.core.clock import utc_now, zone
from segue.core.db import Database, Transaction
from segue.core.errors import SegueError
from segue.core.ids import format_id
from segue.jobs import leases, repository, schedules
from segue.jobs.cron import check_cron, next_run
from segue.jobs.errors import (
    AlreadyActive,
    BadQueueLimit,
    JobNotFound,
    NotCancellable,
    NotRetryable,
    ScheduleNotFound,
    UnknownQueue,
)
from segue.jobs.registry import Registry
from segue.jobs.repository import ENDED, JobInfo, QueueInfo, WorkerInfo
from segue.jobs.schedules import ScheduleInfo

log = structlog.get_logger("segue.jobs")

SWEEP_BATCH = 500
"""Jobs forgotten in one transaction: a few milliseconds, so that nobody waits for it."""


class Unchanged:
    """Says that a limit stays as it is, where None means that there is none."""


UNCHANGED: Final = Unchanged()


@dataclass(frozen=True, slots=True)
class Retention:
    """How long jobs that have ended are kept, by how they ended."""

    done: timedelta = timedelta(days=7)
    failed: timedelta = timedelta(days=30)
    cancelled: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What enqueuing gave: the job's id, and whether it is a new one or equal work that was there already."""

    id: int
    created: bool


@dataclass(frozen=True, slots=True)
class JobPage:
    """Jobs, newest first. `next` is the `before` of the following page, or None."""

    items: list[JobInfo]
    next: int | None = field(default=None)


class JobService:
    """Everything one can do with jobs short of doing them. `time_zone` is the server's, for cron lines."""

    def __init__(
        self, db: Database, registry: Registry, *, time_zone: str = "UTC", retention: Retention | None = None
    ) -> None:
        self.db = db
        self.registry = registry
        self.time_zone = time_zone
        self.retention = retention or Retention()

    async def enqueue(
        self,
        tx: Transaction,
        kind: str,
        params: BaseModel | Mapping[str, Any] | None = None,
        *,
        dedup_key: str | None = None,
        priority: int | None = None,
        run_at: datetime | None = None,
        queue: str | None = None,
        max_attempts: int | None = None,
        created_by: int | None = None,
    ) -> Ticket:
        """Put a job of `kind` in its queue, as part of `tx`: it is there if `tx` is committed, and never otherwise.

        With a `dedup_key`, an active job that has the same one is returned instead; still queued, it takes over the
        higher priority and the earlier moment. `run_at` (aware) is the earliest start, now by default. Priority, queue
        and max_attempts are the kind's own by default. Raises UnknownJobKind, UnknownQueue, BadJobParams.
        """
        declared = self.registry.kind(kind)
        now = utc_now()
        values: dict[str, Any] = {
            "kind": kind,
            "queue": self.registry.queue(queue or declared.queue).name,
            "priority": declared.priority if priority is None else priority,
            "state": "queued",
            "params": declared.check_params(params),
            "dedup_key": dedup_key,
            "attempts": 0,
            "deaths": 0,
            "max_attempts": max_attempts or declared.max_attempts,
            "run_at": run_at or now,
            "lease_token": 0,
            "created_by": created_by,
            "created_at": now,
        }
        tx.after_commit(self.registry.wakeups.ring)
        while True:
            job_id = await repository.insert_job(tx, values)
            if job_id is not None:
                tx.changed("job", job_id)
                return Ticket(job_id, created=True)
            assert dedup_key is not None
            active = await repository.active_with_key(tx.conn, dedup_key)
            if active is not None:
                await repository.hasten(tx, active, values["priority"], values["run_at"])
                return Ticket(active, created=False)

    async def enqueue_now(
        self, kind: str, params: BaseModel | Mapping[str, Any] | None = None, **options: Any
    ) -> Ticket:
        """Like `enqueue`, in a transaction of its own."""
        async with self.db.write() as tx:
            return await self.enqueue(tx, kind, params, **options)

    async def get(self, actor: Actor, job_id: int) -> JobInfo:
        """The job. Raises JobNotFound, also for one that is not the actor's: admins see all, others their own."""
        async with self.db.read() as conn:
            job = await repository.get(conn, job_id)
        return _visible(actor, job, job_id)

    async def page(
        self,
        actor: Actor,
        *,
        states: Collection[str] = (),
        kinds: Collection[str] = (),
        before: int | None = None,
        limit: int = 50,
    ) -> JobPage:
        """Jobs the actor may see, newest first, `limit` at a time."""
        mine = None if actor.is_admin else actor.person
        async with self.db.read() as conn:
            rows = await repository.page(
                conn, states=states, kinds=kinds, created_by=mine, before=before, limit=limit + 1
            )
        more = len(rows) > limit
        return JobPage(rows[:limit], rows[limit - 1].id if more else None)

    async def active_with_key(self, dedup_key: str) -> JobInfo | None:
        """The queued or running job with this dedup key."""
        async with self.db.read() as conn:
            job_id = await repository.active_with_key(conn, dedup_key)
            return None if job_id is None else await repository.get(conn, job_id)

    async def latest(self, kind: str) -> JobInfo | None:
        """The newest job of `kind`, whatever its state."""
        async with self.db.read() as conn:
            rows = await repository.page(conn, kinds=[kind], limit=1)
        return rows[0] if rows else None

    async def running(self, actor: Actor) -> dict[str, Any]:
        """What runs now and how far it is, for an open page that follows it: {items: [{id, kind, progress}]}."""
        page = await self.page(actor, states=["running"], limit=100)
        items = [{"id": format_id("jo", job.id), "kind": job.kind, "progress": job.progress} for job in page.items]
        return {"items": items}

    async def cancel(self, actor: Actor, job_id: int) -> JobInfo:
        """Cancel a queued job at once; ask a running one to stop, which it does at its next step.

        Raises JobNotFound, NotCancellable for one that has ended.
        """
        async with self.db.write() as tx:
            job = _visible(actor, await repository.get_for_update(tx, job_id), job_id)
            if job.state == "queued":
                await repository.end_queued(tx, job_id, utc_now())
            elif job.state == "running":
                await repository.ask_to_cancel(tx, job_id, utc_now())
            else:
                raise NotCancellable(job_id, job.state)
            tx.changed("job", job_id)
            return _visible(actor, await repository.get(tx.conn, job_id), job_id)

    async def wake(self, tx: Transaction, dedup_key: str, reason: str) -> bool:
        """Let the queued job with this key go on now, if `reason` is what it waits for (`retry_later`)."""
        job_id = await repository.wake(tx, dedup_key, reason, utc_now())
        if job_id is not None:
            tx.changed("job", job_id)
            tx.after_commit(self.registry.wakeups.ring)
        return job_id is not None

    async def retry(self, actor: Actor, job_id: int, *, from_start: bool = False) -> JobInfo:
        """Queue a failed or cancelled job again, to go on from its checkpoint, or `from_start`.

        Raises JobNotFound, NotRetryable, AlreadyActive where equal work (same dedup key) waits or runs.
        """
        try:
            async with self.db.write() as tx:
                job = _visible(actor, await repository.get_for_update(tx, job_id), job_id)
                if job.state not in ("failed", "cancelled"):
                    raise NotRetryable(job_id, job.state)
                await repository.queue_again(tx, job_id, utc_now(), from_start=from_start)
                tx.changed("job", job_id)
                tx.after_commit(self.registry.wakeups.ring)
                return _visible(actor, await repository.get(tx.conn, job_id), job_id)
        except IntegrityError:  # the dedup key is taken
            async with self.db.read() as conn:
                job = _visible(actor, await repository.get(conn, job_id), job_id)
                active = await repository.active_with_key(conn, job.dedup_key or "")
            raise AlreadyActive(job_id, active or job_id) from None

    async def on_user_erased(self, tx: Transaction, user_id: int) -> None:
        """Called inside the transaction that erases a person: what they asked for and does not run yet goes with them;
        a running job is asked to stop and belongs to nobody."""
        for job_id in await repository.erase_person(tx, user_id, utc_now()):
            tx.changed("job", job_id, "delete")

    async def queues(self) -> list[QueueInfo]:
        """Every queue with its limits and how full it is."""
        async with self.db.read() as conn:
            return await repository.queues(conn)

    async def workers(self) -> list[WorkerInfo]:
        """Every worker process that is at work."""
        async with self.db.read() as conn:
            return await repository.workers(conn)

    async def change_queue(
        self,
        name: str,
        *,
        paused: bool | None = None,
        concurrency: int | Unchanged | None = UNCHANGED,
        rate_limit: int | Unchanged | None = UNCHANGED,
        rate_period_s: float | Unchanged | None = UNCHANGED,
    ) -> QueueInfo:
        """Pause or resume a queue, change its limits (None: none). Running jobs go on. From now on the row, not the
        program, says what its limits are. Raises UnknownQueue, BadQueueLimit."""
        async with self.db.write() as tx:
            before = next((queue for queue in await repository.queues(tx.conn) if queue.name == name), None)
            if before is None:
                raise UnknownQueue(name)
            values: dict[str, Any] = {"edited_at": utc_now()}
            if paused is not None:
                values["paused"] = paused
            limits = {"concurrency": concurrency, "rate_limit": rate_limit, "rate_period_s": rate_period_s}
            for field_name, value in limits.items():
                if not isinstance(value, Unchanged):
                    if value is not None and value <= 0:
                        raise BadQueueLimit(field_name, f"{field_name} must be above 0, or null for no limit.")
                    values[field_name] = value
            limit = values.get("rate_limit", before.rate_limit)
            if (limit is None) != (values.get("rate_period_s", before.rate_period_s) is None):
                raise BadQueueLimit("rate_period_s", "A rate limit needs a period in seconds, and a period a limit.")
            await repository.change_queue(tx, name, values)
            tx.after_commit(self.registry.wakeups.ring)
            return next(queue for queue in await repository.queues(tx.conn) if queue.name == name)

    async def schedules(self) -> list[ScheduleInfo]:
        """Every schedule, by name."""
        async with self.db.read() as conn:
            return await schedules.page(conn)

    async def change_schedule(
        self,
        name: str,
        *,
        cron: str | None = None,
        enabled: bool | None = None,
        time_zone: str | Unchanged | None = UNCHANGED,
    ) -> ScheduleInfo:
        """Change when a schedule runs and whether. Raises ScheduleNotFound, BadCron, UnknownTimeZone."""
        async with self.db.write() as tx:
            before = await schedules.get_for_update(tx, name)
            if before is None:
                raise ScheduleNotFound(name)
            line = before.cron if cron is None else check_cron(cron)
            on = before.enabled if enabled is None else enabled
            zone_name = before.time_zone if isinstance(time_zone, Unchanged) else time_zone
            values = {
                "cron": line,
                "enabled": on,
                "time_zone": zone_name,
                "edited_at": utc_now(),
                "next_run_at": self._next_run(line, zone_name, utc_now()) if on else None,
            }
            await schedules.change(tx, name, values)
            after = await schedules.get_for_update(tx, name)
            assert after is not None
            return after

    async def put_schedule(self, tx: Transaction, name: str, kind: str, cron: str, params: Mapping[str, Any]) -> None:
        """Make a schedule that the program does not declare, or change it: one that a person's choice brings about. Its
        name has a colon in it, which those of the program have not. Raises UnknownJobKind, BadCron."""
        if ":" not in name:
            raise ValueError(f"{name} could be a schedule of the program")
        self.registry.kind(kind)
        line = check_cron(cron)
        values: dict[str, Any] = {
            "kind": kind,
            "params": dict(params),
            "cron": line,
            "enabled": True,
            "next_run_at": self._next_run(line, None, utc_now()),
        }
        before = await schedules.get_for_update(tx, name)
        if before is None:
            await schedules.add(tx, {"name": name, **values})
        elif (before.kind, before.params, before.cron, before.enabled) != (kind, dict(params), line, True):
            await schedules.change(tx, name, values)

    async def drop_schedule(self, tx: Transaction, name: str) -> None:
        """Forget a schedule that `put_schedule` made."""
        await schedules.drop(tx, name)

    async def run_schedule_now(self, actor: Actor, name: str) -> Ticket:
        """Enqueue what a schedule makes, now. Raises ScheduleNotFound."""
        async with self.db.write() as tx:
            schedule = await schedules.get_for_update(tx, name)
            if schedule is None:
                raise ScheduleNotFound(name)
            return await self._enqueue_scheduled(tx, schedule, utc_now(), created_by=actor.user_id)

    async def declare(self) -> None:
        """Bring the rows of queues and schedules to what the program declares. Called when a process starts.

        What a person edited stays. A future run is worked out again, for the server's zone may have changed; a run that
        was missed stays due.
        """
        now = utc_now()
        async with self.db.write() as tx:
            await repository.declare_queues(tx, list(self.registry.queues.values()))
            for schedule in self.registry.schedules.values():
                row = await schedules.get_for_update(tx, schedule.name)
                if row is None:
                    values: dict[str, Any] = {
                        "name": schedule.name,
                        "kind": schedule.kind,
                        "params": schedule.params,
                        "cron": check_cron(schedule.cron),
                        "enabled": schedule.enabled,
                        "next_run_at": self._next_run(schedule.cron, None, now) if schedule.enabled else None,
                    }
                    await schedules.add(tx, values)
                    continue
                line = check_cron(schedule.cron) if row.edited_at is None else row.cron
                on = schedule.enabled if row.edited_at is None else row.enabled
                values = {"kind": schedule.kind, "params": schedule.params, "cron": line, "enabled": on}
                if not on:
                    values["next_run_at"] = None
                elif row.next_run_at is None or row.next_run_at > now:
                    values["next_run_at"] = self._next_run(line, row.time_zone, now)
                if any(getattr(row, name) != value for name, value in values.items()):
                    await schedules.change(tx, schedule.name, values)

    async def run_due_schedules(self, now: datetime) -> list[int]:
        """Enqueue what is due at `now`, once for all the runs that were missed. Returns the ids of the jobs.

        Any number of workers may call this at once: one of them finds a schedule due.
        """
        names, kinds = list(self.registry.schedules), list(self.registry.kinds)
        async with self.db.read() as conn:
            if not await schedules.any_due(conn, names, kinds, now):
                return []
        made: list[int] = []
        async with self.db.write() as tx:
            for schedule in await schedules.take_due(tx, names, kinds, now):
                try:
                    following = self._next_run(schedule.cron, schedule.time_zone, now)
                except SegueError as error:
                    log.error("schedule_cannot_run", schedule=schedule.name, reason=error.message, hint=error.hint)
                    await schedules.change(tx, schedule.name, {"next_run_at": None})
                    continue
                ticket = await self._enqueue_scheduled(tx, schedule, now)
                await schedules.change(tx, schedule.name, {"next_run_at": following})
                made.append(ticket.id)
        return made

    async def _enqueue_scheduled(
        self, tx: Transaction, schedule: ScheduleInfo, now: datetime, created_by: int | None = None
    ) -> Ticket:
        key = f"schedule:{schedule.name}"
        ticket = await self.enqueue(tx, schedule.kind, schedule.params, dedup_key=key, created_by=created_by)
        await schedules.change(tx, schedule.name, {"last_run_at": now, "last_job_id": ticket.id})
        return ticket

    def _next_run(self, line: str, zone_name: str | None, after: datetime) -> datetime:
        return next_run(line, after, zone(zone_name or self.time_zone))

    async def worker_died(self, worker_id: str) -> None:
        """A worker process is known to have ended: its jobs go on elsewhere at once, not when their leases end."""
        async with self.db.write() as tx:
            await leases.expire_worker(tx, worker_id, utc_now())
            await repository.forget_worker(tx, worker_id)
            tx.after_commit(self.registry.wakeups.ring)

    async def sweep(self) -> dict[str, int]:
        """Forget jobs that ended longer ago than the retention says. Returns how many, by state."""
        swept: dict[str, int] = {}
        for state in ENDED:
            before = utc_now() - getattr(self.retention, state)
            swept[state] = 0
            while True:
                async with self.db.write() as tx:
                    gone = await repository.sweep(tx, state, before, SWEEP_BATCH)
                    for job_id in gone:
                        tx.changed("job", job_id, "delete")
                swept[state] += len(gone)
                if len(gone) < SWEEP_BATCH:
                    break
        return swept


def _visible(actor: Actor, job: JobInfo | None, job_id: int) -> JobInfo:
    if job is None or not (actor.is_admin or (job.created_by is not None and job.created_by == actor.user_id)):
        raise JobNotFound(job_id)
    return job
