"""What crosses the REST API of jobs."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, Field

from segue.core.clock import rfc3339
from segue.core.ids import format_id, format_id_or_none
from segue.core.rest import Body
from segue.jobs.repository import JobInfo, QueueInfo, WorkerInfo
from segue.jobs.schedules import ScheduleInfo
from segue.jobs.service import Ticket

State = Literal["queued", "running", "done", "failed", "cancelled"]


class Message(BaseModel):
    """Words as a code and their facts, so that they can be told in any language."""

    code: str = Field(examples=["reading_folder"])
    params: dict[str, Any] = Field(default_factory=dict)


class ProgressAnswer(BaseModel):
    """How far: `done` of `total` `unit`s; `rate` in units a second, `eta_s` in seconds. What is not known is null."""

    done: int | None = Field(None, examples=[1280])
    total: int | None = Field(None, examples=[52000])
    unit: str | None = Field(None, examples=["files"])
    phase: str | None = Field(None, examples=["read"])
    rate: float | None = Field(None, examples=[640.5])
    eta_s: float | None = Field(None, examples=[79.2])
    message: Message | None = None


class ErrorAnswer(BaseModel):
    code: str = Field(examples=["job_crashed"])
    message: str = Field(examples=["OSError: [Errno 5] Input/output error"])
    params: dict[str, Any] = Field(default_factory=dict)


class JobAnswer(BaseModel):
    """A job. `waiting` says why a queued one waits for its `run_at`; `error` why its last start did not end well."""

    id: str = Field(examples=["jo-12"])
    kind: str = Field(examples=["library.scan"])
    queue: str = Field(examples=["scan"])
    state: State
    priority: int
    params: dict[str, Any]
    dedup_key: str | None
    progress: ProgressAnswer | None
    result: dict[str, Any] | None
    waiting: Message | None
    error: ErrorAnswer | None
    attempts: int = Field(description="Starts that failed or died.")
    max_attempts: int
    cancelling: bool = Field(description="Somebody asked to cancel it, and it has not ended yet.")
    created_by: str | None = Field(examples=["us-1"])
    run_at: str | None
    created_at: str | None
    started_at: str | None
    finished_at: str | None

    @classmethod
    def of(cls, job: JobInfo) -> Self:
        return cls(**_members(job))


class WholeJobAnswer(JobAnswer):
    traceback: str | None = Field(None, description="For administrators: where in the program it failed.")

    @classmethod
    def whole(cls, job: JobInfo, *, with_traceback: bool) -> Self:
        return cls(**_members(job), traceback=job.traceback if with_traceback else None)


def _members(job: JobInfo) -> dict[str, Any]:
    return {
        "id": format_id("jo", job.id),
        "kind": job.kind,
        "queue": job.queue,
        "state": job.state,
        "priority": job.priority,
        "params": job.params,
        "dedup_key": job.dedup_key,
        "progress": job.progress,
        "result": job.result,
        "waiting": job.waiting,
        "error": job.error,
        "attempts": job.attempts,
        "max_attempts": job.max_attempts,
        "cancelling": job.state == "running" and job.cancel_requested_at is not None,
        "created_by": format_id_or_none("us", job.created_by),
        "run_at": rfc3339(job.run_at),
        "created_at": rfc3339(job.created_at),
        "started_at": rfc3339(job.started_at),
        "finished_at": rfc3339(job.finished_at),
    }


class RetryBody(Body):
    from_start: bool = Field(False, description="Forget the checkpoint instead of going on from it.")


class QueueAnswer(BaseModel):
    """A queue, its limits (null: none) and how many jobs wait and run in it."""

    name: str = Field(examples=["scan"])
    concurrency: int | None = Field(description="At most so many at once, over all workers.")
    rate_limit: int | None = Field(description="At most so many starts in any `rate_period_s` seconds.")
    rate_period_s: float | None
    paused: bool
    queued: int
    running: int

    @classmethod
    def of(cls, queue: QueueInfo) -> Self:
        return cls.model_validate(queue, from_attributes=True)


class QueueBody(Body):
    """What is left out stays as it is; null takes a limit away."""

    paused: bool = False
    concurrency: int | None = Field(None, ge=1, le=10_000)
    rate_limit: int | None = Field(None, ge=1, le=1_000_000)
    rate_period_s: float | None = Field(None, gt=0, le=31_536_000)


class WorkerAnswer(BaseModel):
    id: str
    host: str
    pid: int
    queues: list[str]
    slots: int
    started_at: str | None
    heartbeat_at: str | None

    @classmethod
    def of(cls, worker: WorkerInfo) -> Self:
        return cls(
            id=worker.id,
            host=worker.host,
            pid=worker.pid,
            queues=worker.queues,
            slots=worker.slots,
            started_at=rfc3339(worker.started_at),
            heartbeat_at=rfc3339(worker.heartbeat_at),
        )


class ScheduleAnswer(BaseModel):
    """A schedule. `time_zone` null follows the server's."""

    name: str = Field(examples=["library.scan"])
    kind: str = Field(examples=["library.scan"])
    params: dict[str, Any]
    cron: str = Field(examples=["30 4 * * *"])
    time_zone: str | None = Field(examples=["Europe/Berlin"])
    enabled: bool
    last_run_at: str | None
    last_job: str | None
    next_run_at: str | None

    @classmethod
    def of(cls, schedule: ScheduleInfo) -> Self:
        return cls(
            name=schedule.name,
            kind=schedule.kind,
            params=schedule.params,
            cron=schedule.cron,
            time_zone=schedule.time_zone,
            enabled=schedule.enabled,
            last_run_at=rfc3339(schedule.last_run_at),
            last_job=format_id_or_none("jo", schedule.last_job_id),
            next_run_at=rfc3339(schedule.next_run_at),
        )


class ScheduleBody(Body):
    """What is left out stays as it is."""

    cron: str | None = Field(None, max_length=100, examples=["30 4 * * 1"])
    enabled: bool | None = None
    time_zone: str | None = Field(None, max_length=64, description="null: the server's zone.")


class TicketAnswer(BaseModel):
    """A job that was asked for; `created` is false where equal work was there already."""

    job: str = Field(examples=["jo-12"])
    created: bool

    @classmethod
    def of(cls, ticket: Ticket) -> Self:
        return cls(job=format_id("jo", ticket.id), created=ticket.created)
