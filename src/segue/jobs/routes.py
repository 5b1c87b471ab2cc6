"""REST of background work: what runs, how far it is, why it failed; cancel, retry, pause, schedules."""

from __future__ import annotations

from typing import Annotated, get_args

from fastapi import Query

from segue.core.errors import FieldProblem, Invalid
from segue.core.ids import parse_id
from segue.core.rest import Access, BadCursor, CurrentActor, Cursor, Limit, Page, Router, service
from segue.jobs.schemas import (
    JobAnswer,
    QueueAnswer,
    QueueBody,
    RetryBody,
    ScheduleAnswer,
    ScheduleBody,
    State,
    TicketAnswer,
    WholeJobAnswer,
    WorkerAnswer,
)
from segue.jobs.service import UNCHANGED, JobService

router = Router(prefix="/jobs", tags=["jobs"])
Jobs = Annotated[JobService, service(JobService)]


class UnknownState(Invalid):
    def __init__(self, name: str) -> None:
        message = f"There is no state {name[:40]!r}; there are {', '.join(get_args(State))}."
        super().__init__("unknown_state", message, fields=[FieldProblem("state", "unknown_state", message)])


@router.get("", access=Access.signed_in, summary="Jobs, newest first")
async def list_jobs(
    actor: CurrentActor,
    jobs: Jobs,
    state: Annotated[
        str | None,
        Query(max_length=100, description="Only these states, separated by commas.", examples=["running,queued"]),
    ] = None,
    kind: Annotated[str | None, Query(max_length=1000, description="Only these kinds, separated by commas.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[JobAnswer]:
    """Administrators see every job, others those they asked for."""
    states = _words(state)
    for name in states:
        if name not in get_args(State):
            raise UnknownState(name)
    if cursor is not None and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise BadCursor
    page = await jobs.page(
        actor, states=states, kinds=_words(kind), limit=limit, before=int(cursor) if cursor is not None else None
    )
    following = None if page.next is None else str(page.next)
    return Page(items=[JobAnswer.of(job) for job in page.items], next=following)


def _words(text: str | None) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()] if text else []


@router.get("/queues", access=Access.admin, summary="Queues, their limits and how full they are")
async def list_queues(jobs: Jobs) -> Page[QueueAnswer]:
    return Page(items=[QueueAnswer.of(queue) for queue in await jobs.queues()])


@router.patch("/queues/{name}", access=Access.admin, summary="Pause or resume a queue, change its limits")
async def change_queue(name: str, body: QueueBody, jobs: Jobs) -> QueueAnswer:
    """What runs goes on; the change counts for what starts next."""
    given = body.model_fields_set
    changed = await jobs.change_queue(
        name,
        paused=body.paused if "paused" in given else None,
        concurrency=body.concurrency if "concurrency" in given else UNCHANGED,
        rate_limit=body.rate_limit if "rate_limit" in given else UNCHANGED,
        rate_period_s=body.rate_period_s if "rate_period_s" in given else UNCHANGED,
    )
    return QueueAnswer.of(changed)


@router.get("/workers", access=Access.admin, summary="Worker processes at work")
async def list_workers(jobs: Jobs) -> Page[WorkerAnswer]:
    return Page(items=[WorkerAnswer.of(worker) for worker in await jobs.workers()])


@router.get("/schedules", access=Access.admin, summary="What runs by the clock, and when next")
async def list_schedules(jobs: Jobs) -> Page[ScheduleAnswer]:
    return Page(items=[ScheduleAnswer.of(schedule) for schedule in await jobs.schedules()])


@router.patch("/schedules/{name}", access=Access.admin, summary="Change when a schedule runs, and whether")
async def change_schedule(name: str, body: ScheduleBody, jobs: Jobs) -> ScheduleAnswer:
    changed = await jobs.change_schedule(
        name,
        cron=body.cron,
        enabled=body.enabled,
        time_zone=body.time_zone if "time_zone" in body.model_fields_set else UNCHANGED,
    )
    return ScheduleAnswer.of(changed)


@router.post("/schedules/{name}/run", access=Access.admin, status_code=202, summary="Run what a schedule makes, now")
async def run_schedule(name: str, actor: CurrentActor, jobs: Jobs) -> TicketAnswer:
    return TicketAnswer.of(await jobs.run_schedule_now(actor, name))


@router.get("/{id}", access=Access.signed_in, summary="One job")
async def get_job(id: str, actor: CurrentActor, jobs: Jobs) -> WholeJobAnswer:
    job = await jobs.get(actor, parse_id(id, "jo"))
    return WholeJobAnswer.whole(job, with_traceback=actor.is_admin)


@router.post("/{id}/cancel", access=Access.signed_in, status_code=202, summary="Cancel a job")
async def cancel_job(id: str, actor: CurrentActor, jobs: Jobs) -> JobAnswer:
    """A queued job is cancelled at once; a running one at its next step. 409 where it has ended."""
    return JobAnswer.of(await jobs.cancel(actor, parse_id(id, "jo")))


@router.post("/{id}/retry", access=Access.signed_in, status_code=202, summary="Try a failed or cancelled job again")
async def retry_job(id: str, actor: CurrentActor, jobs: Jobs, body: RetryBody | None = None) -> JobAnswer:
    """It goes on from its checkpoint. 409 where it is active or done, or where equal work waits or runs."""
    return JobAnswer.of(await jobs.retry(actor, parse_id(id, "jo"), from_start=body.from_start if body else False))
