"""Putting jobs in, folding equal ones, cancelling, retrying, queues, schedules and tidying up, on both databases."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from segue.core.access import SYSTEM, Actor
from segue.core.changes import ChangeFeed, ChangePage
from segue.core.clock import UnknownTimeZone, utc_now
from segue.core.db import Database
from segue.jobs import JobContext, JobService, Queue, Registry, Schedule, job
from segue.jobs import schedules as schedule_rows
from segue.jobs.errors import (
    AlreadyActive,
    BadCron,
    BadQueueLimit,
    JobNotFound,
    NotCancellable,
    NotRetryable,
    ScheduleNotFound,
    UnknownJobKind,
    UnknownQueue,
)
from segue.jobs.service import Retention
from tests.jobs.ground import ended, until, working

pytestmark = pytest.mark.anyio

ANNA = Actor(user_id=1, name="anna")
BEN = Actor(user_id=2, name="ben")


@job("tidy", priority=3)
async def tidy(job: JobContext, params: dict[str, Any]) -> dict[str, Any]:
    return {"swept": params.get("rooms", 0)}


@job("fail", max_attempts=1)
async def fail(job: JobContext, params: dict[str, Any]) -> None:
    raise ValueError("no luck")


@pytest.fixture
def registry() -> Registry:
    return Registry().add(
        tidy, fail, Queue("web", rate_limit=5, rate_period_s=1), Schedule("nightly", "tidy", "30 4 * * *")
    )


@pytest.fixture
async def service(db: Database, registry: Registry) -> JobService:
    service = JobService(db, registry, time_zone="Europe/Berlin")
    await service.declare()
    return service


async def test_a_job_is_there_when_its_transaction_is_committed(db: Database, service: JobService) -> None:
    async with db.write() as tx:
        ticket = await service.enqueue(tx, "tidy", {"rooms": 3})
    found = await service.get(SYSTEM, ticket.id)
    assert (found.state, found.params, found.priority, found.attempts) == ("queued", {"rooms": 3}, 3, 0)
    assert found.created_at.tzinfo is not None


async def test_a_job_is_not_there_when_its_transaction_is_rolled_back(db: Database, service: JobService) -> None:
    rang: list[bool] = []
    service.registry.wakeups.add(lambda: rang.append(True))
    with pytest.raises(ZeroDivisionError):
        async with db.write() as tx:
            await service.enqueue(tx, "tidy")
            raise ZeroDivisionError
    assert (await service.page(SYSTEM)).items == []
    assert rang == []
    await service.enqueue_now("tidy")
    assert rang == [True]


async def test_an_unknown_kind_or_queue_is_refused(service: JobService) -> None:
    with pytest.raises(UnknownJobKind):
        await service.enqueue_now("tydi")
    with pytest.raises(UnknownQueue):
        await service.enqueue_now("tidy", queue="nowhere")


async def test_equal_work_folds_and_takes_over_the_higher_urgency(service: JobService) -> None:
    later = utc_now() + timedelta(hours=1)
    first = await service.enqueue_now("tidy", dedup_key="house", priority=1, run_at=later)
    second = await service.enqueue_now("tidy", dedup_key="house", priority=5)
    third = await service.enqueue_now("tidy", dedup_key="house", priority=2, run_at=later)
    assert (first.created, second.created, third.created) == (True, False, False)
    assert first.id == second.id == third.id
    found = await service.get(SYSTEM, first.id)
    assert found.priority == 5
    assert found.run_at < later
    assert (await service.active_with_key("house")) == found


async def test_equal_work_asked_for_at_once_from_everywhere_is_one_job(db: Database, service: JobService) -> None:
    tickets = await asyncio.gather(*(service.enqueue_now("tidy", dedup_key=f"k{n % 3}") for n in range(30)))
    assert len({ticket.id for ticket in tickets}) == 3
    assert sum(ticket.created for ticket in tickets) == 3
    assert len((await service.page(SYSTEM)).items) == 3


async def test_work_that_has_ended_does_not_fold_new_work(
    db: Database, service: JobService, registry: Registry
) -> None:
    first = await service.enqueue_now("tidy", dedup_key="house")
    async with working(db, registry):
        await ended(service, first.id)
    second = await service.enqueue_now("tidy", dedup_key="house")
    assert second.created
    assert second.id != first.id


async def test_jobs_are_listed_newest_first_in_pages(service: JobService) -> None:
    ids = [(await service.enqueue_now("tidy" if n % 2 else "fail")).id for n in range(7)]
    first = await service.page(SYSTEM, limit=3)
    assert [job.id for job in first.items] == ids[:3:-1]
    second = await service.page(SYSTEM, limit=3, before=first.next)
    third = await service.page(SYSTEM, limit=3, before=second.next)
    assert [job.id for job in (*second.items, *third.items)] == ids[3::-1]
    assert third.next is None
    assert [job.kind for job in (await service.page(SYSTEM, kinds=["fail"])).items] == ["fail"] * 4
    assert (await service.page(SYSTEM, states=["running", "done"])).items == []
    assert (await service.latest("tidy")) == await service.get(SYSTEM, ids[5])


async def test_a_person_sees_and_cancels_only_their_own_jobs(service: JobService) -> None:
    annas = await service.enqueue_now("tidy", created_by=1)
    systems = await service.enqueue_now("tidy")
    assert [job.id for job in (await service.page(ANNA)).items] == [annas.id]
    assert (await service.page(BEN)).items == []
    for job_id in (annas.id, systems.id):
        with pytest.raises(JobNotFound):
            await service.get(BEN, job_id)
        with pytest.raises(JobNotFound):
            await service.cancel(BEN, job_id)
    assert (await service.cancel(ANNA, annas.id)).state == "cancelled"


async def test_a_queued_job_is_cancelled_at_once_and_can_be_retried(service: JobService) -> None:
    ticket = await service.enqueue_now("tidy", dedup_key="house")
    cancelled = await service.cancel(SYSTEM, ticket.id)
    assert cancelled.state == "cancelled"
    assert cancelled.finished_at is not None
    with pytest.raises(NotCancellable):
        await service.cancel(SYSTEM, ticket.id)
    again = await service.retry(SYSTEM, ticket.id)
    assert (again.state, again.finished_at, again.cancel_requested_at) == ("queued", None, None)
    with pytest.raises(NotRetryable):
        await service.retry(SYSTEM, ticket.id)


async def test_a_retry_beside_equal_active_work_is_refused(service: JobService) -> None:
    first = await service.enqueue_now("tidy", dedup_key="house")
    await service.cancel(SYSTEM, first.id)
    second = await service.enqueue_now("tidy", dedup_key="house")
    with pytest.raises(AlreadyActive) as caught:
        await service.retry(SYSTEM, first.id)
    assert caught.value.params["active"] == f"jo-{second.id}"
    assert (await service.get(SYSTEM, first.id)).state == "cancelled"


async def test_a_job_nobody_has_is_not_found(service: JobService) -> None:
    for call in (service.get, service.cancel, service.retry):
        with pytest.raises(JobNotFound):
            await call(SYSTEM, 404)


async def test_what_changes_is_announced(db: Database, service: JobService) -> None:
    feed = ChangeFeed(db)
    ticket = await service.enqueue_now("tidy")
    page = await until(lambda: announced(feed, 0))
    assert [(item.kind, item.id) for item in page.items] == [("job", f"jo-{ticket.id}")]
    await service.cancel(SYSTEM, ticket.id)
    assert (await until(lambda: announced(feed, page.cursor))).items[0].op == "upsert"


async def announced(feed: ChangeFeed, cursor: int) -> ChangePage | None:
    """What the feed tells after `cursor`; it holds back what is younger than any running transaction of the server."""
    page = await feed.since(cursor, SYSTEM)
    return page if page.items else None


async def test_a_queue_is_paused_and_its_limits_changed(db: Database, service: JobService, registry: Registry) -> None:
    await service.change_queue("default", paused=True, concurrency=2)
    ticket = await service.enqueue_now("tidy")
    async with working(db, registry):
        marker = await service.enqueue_now("fail", queue="web")
        await ended(service, marker.id)
        assert (await service.get(SYSTEM, ticket.id)).state == "queued"
        queue = await service.change_queue("default", paused=False, concurrency=None)
        assert (queue.paused, queue.concurrency) == (False, None)
        assert (await ended(service, ticket.id)).state == "done"


async def test_wrong_limits_are_refused(service: JobService) -> None:
    with pytest.raises(BadQueueLimit):
        await service.change_queue("default", concurrency=0)
    with pytest.raises(BadQueueLimit):
        await service.change_queue("default", rate_limit=3)
    with pytest.raises(BadQueueLimit):
        await service.change_queue("web", rate_period_s=None)
    with pytest.raises(UnknownQueue):
        await service.change_queue("nowhere", paused=True)


async def test_what_a_person_set_outlives_a_restart_and_the_rest_follows_the_program(
    db: Database, service: JobService
) -> None:
    await service.change_queue("default", concurrency=3)
    newer = Registry().add(tidy, Queue("default", concurrency=9), Queue("web", rate_limit=50, rate_period_s=1))
    await JobService(db, newer).declare()
    queues = {queue.name: queue for queue in await service.queues()}
    assert queues["default"].concurrency == 3
    assert queues["web"].rate_limit == 50


async def test_a_schedule_is_due_in_the_servers_zone(service: JobService) -> None:
    [nightly] = await service.schedules()
    assert nightly.next_run_at is not None
    local = nightly.next_run_at.astimezone(ZoneInfo("Europe/Berlin"))
    assert (local.hour, local.minute) == (4, 30)


async def test_runs_that_were_missed_become_one(db: Database, service: JobService) -> None:
    week_ago = utc_now() - timedelta(days=7)
    async with db.write() as tx:
        await schedule_rows.change(tx, "nightly", {"next_run_at": week_ago})
    await service.declare()
    assert len(await service.run_due_schedules(utc_now())) == 1
    assert await service.run_due_schedules(utc_now()) == []
    [nightly] = await service.schedules()
    assert nightly.next_run_at is not None
    assert nightly.last_run_at is not None
    assert nightly.next_run_at > utc_now()
    assert len((await service.page(SYSTEM)).items) == 1


async def test_many_workers_finding_a_schedule_due_enqueue_it_once(db: Database, service: JobService) -> None:
    for day in range(1, 6):
        now = datetime(2030, 1, day, 12, tzinfo=UTC)
        made = await asyncio.gather(*(service.run_due_schedules(now) for _ in range(6)))
        assert sum(len(ids) for ids in made) == 1
        [nightly] = await service.schedules()
        assert nightly.next_run_at == datetime(2030, 1, day + 1, 3, 30, tzinfo=UTC)
        assert nightly.last_job_id is not None
        await service.cancel(SYSTEM, nightly.last_job_id)


async def test_a_run_still_going_is_not_joined_by_the_next(service: JobService) -> None:
    [first] = await service.run_due_schedules(datetime(2030, 1, 1, 12, tzinfo=UTC))
    [second] = await service.run_due_schedules(datetime(2030, 1, 2, 12, tzinfo=UTC))
    assert first == second


async def test_a_schedule_is_changed_switched_off_and_run_by_hand(service: JobService) -> None:
    changed = await service.change_schedule("nightly", cron=" 0  5 * * 1 ", time_zone="Asia/Tokyo")
    assert changed.cron == "0 5 * * 1"
    assert changed.next_run_at is not None
    assert (changed.next_run_at.hour, changed.next_run_at.weekday()) == (20, 6)
    off = await service.change_schedule("nightly", enabled=False)
    assert off.next_run_at is None
    assert await service.run_due_schedules(datetime(2040, 1, 1, tzinfo=UTC)) == []
    ticket = await service.run_schedule_now(ANNA, "nightly")
    assert (await service.get(ANNA, ticket.id)).kind == "tidy"
    await service.declare()
    [kept] = await service.schedules()
    assert (kept.cron, kept.enabled) == ("0 5 * * 1", False)


async def test_a_bad_change_of_a_schedule_is_refused_and_changes_nothing(service: JobService) -> None:
    with pytest.raises(BadCron):
        await service.change_schedule("nightly", cron="every day")
    with pytest.raises(UnknownTimeZone):
        await service.change_schedule("nightly", time_zone="Mars/Olympus")
    with pytest.raises(ScheduleNotFound):
        await service.change_schedule("weekly", enabled=False)
    [kept] = await service.schedules()
    assert kept.cron == "30 4 * * *"


async def test_old_jobs_are_forgotten_by_how_they_ended(db: Database, registry: Registry, service: JobService) -> None:
    done = await service.enqueue_now("tidy")
    failed = await service.enqueue_now("fail")
    waiting = await service.enqueue_now("tidy", run_at=utc_now() + timedelta(hours=1))
    async with working(db, registry):
        await ended(service, done.id)
        await ended(service, failed.id)
    assert await service.sweep() == {"done": 0, "failed": 0, "cancelled": 0}
    strict = JobService(db, registry, retention=Retention(done=timedelta(0), failed=timedelta(days=1)))
    feed = ChangeFeed(db)

    async def told_of_all() -> int | None:
        page = await feed.since(0, SYSTEM)
        return page.cursor if len(page.items) == 3 else None

    cursor = await until(told_of_all)
    assert await strict.sweep() == {"done": 1, "failed": 0, "cancelled": 0}
    page = await until(lambda: announced(feed, cursor))
    assert [(item.id, item.op) for item in page.items] == [(f"jo-{done.id}", "delete")]
    assert {job.id for job in (await service.page(SYSTEM)).items} == {failed.id, waiting.id}


async def test_a_schedule_that_cannot_run_does_not_hold_up_the_others(db: Database, service: JobService) -> None:
    now = datetime(2030, 1, 1, 12, tzinfo=UTC)
    async with db.write() as tx:
        broken = {"name": "broken", "kind": "tidy", "params": {}, "cron": "0 1 * * *", "time_zone": "Mars/Olympus"}
        await schedule_rows.add(tx, broken | {"enabled": True, "next_run_at": now})
    service.registry.add(Schedule("broken", "tidy", "0 1 * * *"))
    assert len(await service.run_due_schedules(now)) == 1
    found = {schedule.name: schedule for schedule in await service.schedules()}
    assert found["broken"].next_run_at is None
    assert found["nightly"].last_job_id is not None


async def test_an_erased_persons_jobs_go_with_them(db: Database, service: JobService) -> None:
    annas = await service.enqueue_now("tidy", created_by=1)
    bens = await service.enqueue_now("tidy", created_by=2)
    async with db.write() as tx:
        await service.on_user_erased(tx, 1)
    assert [job.id for job in (await service.page(SYSTEM)).items] == [bens.id]
    assert annas.id != bens.id


async def test_what_an_open_page_follows_is_what_runs(db: Database, service: JobService, registry: Registry) -> None:
    gate = asyncio.Event()

    @job("slow")
    async def slow(job: JobContext, params: dict[str, Any]) -> None:
        job.progress(1, 4, unit="rooms")
        await gate.wait()

    registry.add(slow)
    ticket = await service.enqueue_now("slow", created_by=1)
    assert await service.running(SYSTEM) == {"items": []}
    async with working(db, registry):

        async def seen() -> Any:
            items = (await service.running(ANNA))["items"]
            return items and items[0]["progress"] and items[0]

        found = await until(seen)
        assert (found["id"], found["progress"]["total"]) == (f"jo-{ticket.id}", 4)
        assert await service.running(BEN) == {"items": []}
        gate.set()
        await ended(service, ticket.id)
