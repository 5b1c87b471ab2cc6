"""What a worker does with jobs that succeed, fail, wait, are cancelled, take too long or misbehave, on both databases."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DataError, OperationalError

from segue.core.access import SYSTEM
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.core.errors import NotFound
from segue.jobs import Failed, JobContext, JobService, Queue, Registry, RetryPolicy, job, leases
from segue.jobs.errors import Cancelled, LeaseLost
from segue.jobs.models import Job
from segue.jobs.worker import WorkerSettings
from tests.jobs.ground import QUICK, ended, in_state, until, working
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.anyio

SOON = RetryPolicy(base_s=0.01, cap_s=0.02)


class Diary:
    """What happened, in order; and gates that jobs wait at."""

    def __init__(self) -> None:
        self.lines: list[Any] = []
        self.gate = asyncio.Event()
        self.entered = asyncio.Event()


def registry_of(*declared: Any) -> Registry:
    return Registry().add(*declared)


async def test_a_job_is_done_once_and_its_result_is_kept(db: Database) -> None:
    @job("add")
    async def add(job: JobContext, params: dict[str, Any]) -> dict[str, Any]:
        job.progress(1, 2, unit="numbers", phase="adding", message="adding", left=params["a"])
        return {"sum": params["a"] + params["b"]}

    registry = registry_of(add)
    service = JobService(db, registry)
    ticket = await service.enqueue_now("add", {"a": 1, "b": 2})
    async with working(db, registry):
        found = await ended(service, ticket.id)
    assert (found.state, found.result, found.attempts, found.error) == ("done", {"sum": 3}, 0, None)
    assert found.progress is not None
    assert found.progress["message"] == {"code": "adding", "params": {"left": 1}}
    assert found.started_at is not None
    assert found.finished_at is not None
    assert found.finished_at >= found.started_at


async def test_progress_is_seen_while_the_job_runs(db: Database) -> None:
    gate = asyncio.Event()

    @job("walk")
    async def walk(job: JobContext, params: dict[str, Any]) -> None:
        job.progress(5, 10, unit="folders")
        job.advance(2)
        await gate.wait()

    registry = registry_of(walk)
    service = JobService(db, registry)
    ticket = await service.enqueue_now("walk")
    async with working(db, registry):

        async def shown() -> bool:
            found = await service.get(SYSTEM, ticket.id)
            return found.progress is not None and found.progress["done"] == 7

        await until(shown)
        gate.set()
        await ended(service, ticket.id)


async def test_more_urgent_jobs_go_first_over_all_queues(db: Database) -> None:
    order: list[int] = []

    @job("note")
    async def note(job: JobContext, params: dict[str, Any]) -> None:
        order.append(params["n"])

    registry = registry_of(note, Queue("other"))
    service = JobService(db, registry)
    priorities = [0, 5, -3, 9, 5, 0]
    tickets = [
        await service.enqueue_now("note", {"n": n}, priority=p, queue="other" if n % 2 else "default")
        for n, p in enumerate(priorities)
    ]
    async with working(db, registry, WorkerSettings(slots=1, lease_s=3, poll_s=0.05)):
        for ticket in tickets:
            await ended(service, ticket.id)
    assert order == [3, 1, 4, 0, 5, 2]


async def test_a_job_waits_for_its_moment(db: Database) -> None:
    @job("note")
    async def note(job: JobContext, params: dict[str, Any]) -> None: ...

    registry = registry_of(note)
    service = JobService(db, registry)
    moment = utc_now() + timedelta(seconds=0.4)
    ticket = await service.enqueue_now("note", run_at=moment)
    async with working(db, registry):
        found = await ended(service, ticket.id)
    assert found.started_at is not None
    assert found.started_at >= moment


async def test_a_failing_job_is_tried_again_and_fails_in_the_end_with_its_reason(db: Database) -> None:
    starts: list[int] = []

    @job("fail", max_attempts=3, retry=SOON)
    async def fail(job: JobContext, params: dict[str, Any]) -> None:
        starts.append(job.attempts)
        raise ValueError("no luck\x00 \udcff")

    registry = registry_of(fail)
    service = JobService(db, registry)
    ticket = await service.enqueue_now("fail")
    async with working(db, registry):
        found = await ended(service, ticket.id)
    assert starts == [0, 1, 2]
    assert (found.state, found.attempts) == ("failed", 3)
    assert found.error == {"code": "job_crashed", "message": "ValueError: no luck ?", "params": {"type": "ValueError"}}
    assert found.traceback is not None
    assert "raise ValueError" in found.traceback


async def test_a_failed_job_waits_at_most_its_backoff(db: Database) -> None:
    @job("fail", max_attempts=3, retry=RetryPolicy(base_s=1000, cap_s=1000))
    async def fail(job: JobContext, params: dict[str, Any]) -> None:
        raise ValueError

    registry = registry_of(fail)
    service = JobService(db, registry)
    ticket = await service.enqueue_now("fail")
    async with working(db, registry):

        async def tried() -> Any:
            found = await service.get(SYSTEM, ticket.id)
            return found if found.attempts else None

        found = await until(tried)
    assert found.state == "queued"
    assert found.waiting["code"] == "retry"
    assert utc_now() - timedelta(minutes=1) < found.run_at <= utc_now() + timedelta(seconds=1000)


async def test_an_error_of_the_domain_keeps_its_code_and_a_final_one_is_not_tried_again(db: Database) -> None:
    class TrackNotFound(NotFound):
        def __init__(self, track: int) -> None:
            super().__init__("track_not_found", f"There is no track {track}.", track=track)

    @job("final", final_errors=[NotFound])
    async def final(job: JobContext, params: dict[str, Any]) -> None:
        raise TrackNotFound(7)

    @job("hopeless")
    async def hopeless(job: JobContext, params: dict[str, Any]) -> None:
        raise Failed("no_such_folder", "The folder is not there.", path="music")

    registry = registry_of(final, hopeless)
    service = JobService(db, registry)
    first, second = await service.enqueue_now("final"), await service.enqueue_now("hopeless")
    async with working(db, registry):
        one, two = await ended(service, first.id), await ended(service, second.id)
    assert (one.state, one.attempts, one.error) == (
        "failed",
        1,
        {"code": "track_not_found", "message": "There is no track 7.", "params": {"track": 7}},
    )
    assert (two.state, two.attempts) == ("failed", 1)
    assert two.error is not None
    assert two.error["code"] == "no_such_folder"


async def test_a_job_that_takes_too_long_is_ended_and_says_so(db: Database) -> None:
    @job("slow", timeout=timedelta(seconds=0.1), max_attempts=1)
    async def slow(job: JobContext, params: dict[str, Any]) -> None:
        await asyncio.Event().wait()

    registry = registry_of(slow)
    service = JobService(db, registry)
    ticket = await service.enqueue_now("slow")
    async with working(db, registry):
        found = await ended(service, ticket.id)
    assert found.error is not None
    assert found.error["code"] == "job_timed_out"


async def test_a_job_goes_on_from_its_checkpoint_after_a_failure(db: Database) -> None:
    seen: list[int] = []

    @job("steps", retry=SOON)
    async def steps(job: JobContext, params: dict[str, Any]) -> None:
        for step in range(job.checkpoint.get("after", 0), 6):
            seen.append(step)
            await job.save({"after": step + 1})
            if step in (1, 3) and job.attempts < 2:
                raise OSError("the disk was away")

    registry = registry_of(steps)
    service = JobService(db, registry)
    ticket = await service.enqueue_now("steps")
    async with working(db, registry):
        found = await ended(service, ticket.id)
    assert seen == [0, 1, 2, 3, 4, 5]
    assert (found.state, found.attempts) == ("done", 2)


async def test_a_long_wait_holds_no_slot_and_is_no_attempt(db: Database) -> None:
    starts: list[dict[str, Any]] = []

    @job("polite")
    async def polite(job: JobContext, params: dict[str, Any]) -> None:
        starts.append(job.checkpoint)
        if not job.checkpoint:
            await job.save({"page": 2})
            job.retry_later(utc_now() + timedelta(hours=1), "throttled", service="musicbrainz")

    @job("note")
    async def note(job: JobContext, params: dict[str, Any]) -> None: ...

    registry = registry_of(polite, note)
    service = JobService(db, registry)
    waiting = await service.enqueue_now("polite", dedup_key="polite")
    async with working(db, registry, WorkerSettings(slots=1, lease_s=3, poll_s=0.05)):
        other = await service.enqueue_now("note", priority=-1)
        await ended(service, other.id)
        found = await service.get(SYSTEM, waiting.id)
        assert (found.state, found.attempts) == ("queued", 0)
        assert found.waiting == {"code": "throttled", "params": {"service": "musicbrainz"}}
        await service.enqueue_now("polite", dedup_key="polite")
        assert (await service.get(SYSTEM, waiting.id)).run_at == found.run_at, "folding must not undo the wait"
        async with db.write() as tx:
            await tx.execute(update(Job).where(Job.id == waiting.id).values(run_at=utc_now()))
        assert (await ended(service, waiting.id)).state == "done"
    assert starts == [{}, {"page": 2}]


async def test_a_running_job_is_cancelled_at_its_next_step(db: Database) -> None:
    entered = asyncio.Event()
    tidied: list[bool] = []

    @job("steps")
    async def steps(job: JobContext, params: dict[str, Any]) -> None:
        step = 0
        try:
            while True:
                step += 1
                await job.save({"step": step})
                entered.set()
                await asyncio.sleep(0.01)
        except Cancelled:
            tidied.append(await job.cancelled())
            raise

    registry = registry_of(steps)
    service = JobService(db, registry)
    ticket = await service.enqueue_now("steps")
    async with working(db, registry):
        await entered.wait()
        assert (await service.cancel(SYSTEM, ticket.id)).cancel_requested_at is not None
        found = await ended(service, ticket.id)
    assert (found.state, found.attempts, found.error, tidied) == ("cancelled", 0, None, [True])


async def test_a_job_that_never_looks_is_cancelled_all_the_same(db: Database) -> None:
    entered = asyncio.Event()

    @job("deaf")
    async def deaf(job: JobContext, params: dict[str, Any]) -> None:
        entered.set()
        await asyncio.Event().wait()

    registry = registry_of(deaf)
    service = JobService(db, registry)
    ticket = await service.enqueue_now("deaf")
    async with working(db, registry):
        await entered.wait()
        await service.cancel(SYSTEM, ticket.id)
        assert (await ended(service, ticket.id)).state == "cancelled"


async def test_an_interruption_inside_a_task_group_is_understood(db: Database) -> None:
    @job("grouped")
    async def grouped(job: JobContext, params: dict[str, Any]) -> None:
        async def wait() -> None:
            job.retry_later(utc_now() + timedelta(hours=1), "later")

        async with asyncio.TaskGroup() as group:
            group.create_task(wait())

    registry = registry_of(grouped)
    service = JobService(db, registry)
    ticket = await service.enqueue_now("grouped")
    async with working(db, registry):

        async def waiting() -> bool:
            return (await service.get(SYSTEM, ticket.id)).waiting is not None

        await until(waiting)
    assert (await service.get(SYSTEM, ticket.id)).attempts == 0


async def test_a_step_and_its_checkpoint_are_one_commit(db: Database) -> None:
    @job("steps", retry=SOON)
    async def steps(job: JobContext, params: dict[str, Any]) -> None:
        for step in range(job.checkpoint.get("after", 0), 3):
            async with job.db.write() as tx:
                await job.guard(tx)
                await service.enqueue(tx, "note", {"step": step})
                await job.save({"after": step + 1}, tx=tx)
                if step == 1 and job.attempts == 0:
                    raise OSError("torn")

    @job("note", queue="notes")
    async def note(job: JobContext, params: dict[str, Any]) -> None: ...

    registry = registry_of(steps, note)
    service = JobService(db, registry)
    ticket = await service.enqueue_now("steps")
    async with working(db, registry, queues=["default"]):
        await ended(service, ticket.id)
    notes = (await service.page(SYSTEM, kinds=["note"])).items
    assert sorted(row.params["step"] for row in notes) == [0, 1, 2]


async def test_work_of_one_step_ends_in_its_own_transaction(db: Database) -> None:
    @job("once")
    async def once(job: JobContext, params: dict[str, Any]) -> None:
        async with job.db.write() as tx:
            await job.complete(tx, {"made": 1})
            if job.attempts == 0:
                raise OSError("torn")

    registry = registry_of(once)
    registry.kinds["once"] = job("once", retry=SOON)(once.work)
    service = JobService(db, registry)
    ticket = await service.enqueue_now("once")
    async with working(db, registry):
        found = await ended(service, ticket.id)
    assert (found.state, found.result, found.attempts) == ("done", {"made": 1}, 1)


async def test_a_start_that_lost_its_lease_writes_nothing_more_and_is_cancelled(db: Database) -> None:
    entered, refused = asyncio.Event(), asyncio.Event()

    @job("robbed")
    async def robbed(job: JobContext, params: dict[str, Any]) -> None:
        if job.checkpoint:
            return
        entered.set()
        try:
            await asyncio.Event().wait()
        finally:
            try:
                async with job.db.write() as tx:
                    await job.guard(tx)
            except LeaseLost:
                refused.set()

    registry = registry_of(robbed)
    service = JobService(db, registry)
    ticket = await service.enqueue_now("robbed")
    async with working(db, registry):
        await entered.wait()
        async with db.write() as tx:  # as another worker would, after this one has been silent for too long
            values = {"state": "queued", "lease_token": Job.lease_token + 1, "checkpoint": {"by": "another"}}
            await tx.execute(update(Job).where(Job.id == ticket.id).values(**values))
        await asyncio.wait_for(refused.wait(), PATIENCE_S)
        found = await ended(service, ticket.id)
    assert (found.state, found.attempts) == ("done", 0)


async def test_a_stop_lets_jobs_reach_a_step_and_gives_them_back_without_an_attempt(db: Database) -> None:
    entered = asyncio.Event()
    starts: list[int] = []

    @job("long")
    async def long(job: JobContext, params: dict[str, Any]) -> None:
        step = job.checkpoint.get("step", 0)
        starts.append(step)
        if len(starts) > 1:
            return
        while True:
            step += 1
            await job.save({"step": step})
            entered.set()
            await asyncio.sleep(0.01)

    registry = registry_of(long)
    service = JobService(db, registry)
    ticket = await service.enqueue_now("long")
    async with working(db, registry):
        await entered.wait()
    found = await service.get(SYSTEM, ticket.id)
    assert (found.state, found.attempts, found.waiting) == ("queued", 0, None)
    assert await service.workers() == []
    async with working(db, registry):
        await ended(service, ticket.id)
    assert len(starts) == 2
    assert starts[1] >= 1


async def test_a_stop_does_not_wait_for_a_job_that_will_not_end(db: Database) -> None:
    entered = asyncio.Event()
    gate = asyncio.Event()

    @job("stubborn")
    async def stubborn(job: JobContext, params: dict[str, Any]) -> None:
        entered.set()
        while not gate.is_set():
            try:
                await gate.wait()
            except asyncio.CancelledError:
                continue

    registry = registry_of(stubborn)
    service = JobService(db, registry)
    ticket = await service.enqueue_now("stubborn")
    async with working(db, registry, WorkerSettings(lease_s=60, poll_s=0.05, stop_grace_s=0.1)):
        await entered.wait()
    found = await service.get(SYSTEM, ticket.id)
    gate.set()
    assert (found.state, found.attempts) == ("queued", 0)


async def test_a_lease_outlives_a_long_call_that_keeps_the_loop_busy(db: Database) -> None:
    starts: list[int] = []

    @job("busy")
    async def busy(job: JobContext, params: dict[str, Any]) -> None:
        starts.append(1)
        time.sleep(4)  # a sync call, which nobody should make, must not cost the lease

    registry = registry_of(busy)
    service = JobService(db, registry)
    ticket = await service.enqueue_now("busy")
    async with working(db, registry, WorkerSettings(slots=1, lease_s=2, watch_s=0.1, poll_s=0.05)):
        found = await ended(service, ticket.id)
    assert (found.state, found.attempts, starts) == ("done", 0, [1])


async def test_a_result_that_is_not_json_is_a_failure_and_not_a_crash_of_the_worker(db: Database) -> None:
    @job("odd", max_attempts=1)
    async def odd(job: JobContext, params: dict[str, Any]) -> dict[str, Any]:
        return {"path": Path("a")}

    @job("rude", max_attempts=1)
    async def rude(job: JobContext, params: dict[str, Any]) -> None:
        raise SystemExit(3)

    registry = registry_of(odd, rude)
    service = JobService(db, registry)
    tickets = [await service.enqueue_now("odd"), await service.enqueue_now("rude")]
    async with working(db, registry):
        assert [(await ended(service, ticket.id)).state for ticket in tickets] == ["failed", "failed"]


async def test_a_kind_this_worker_does_not_know_is_left_for_one_that_does(db: Database) -> None:
    @job("new")
    async def new(job: JobContext, params: dict[str, Any]) -> None: ...

    @job("old")
    async def old(job: JobContext, params: dict[str, Any]) -> None: ...

    service = JobService(db, registry_of(new, old))
    unknown = await service.enqueue_now("new", priority=9)
    known = await service.enqueue_now("old")
    async with working(db, registry_of(old)):
        await ended(service, known.id)
    assert (await service.get(SYSTEM, unknown.id)).state == "queued"


async def test_a_queue_never_runs_more_than_its_concurrency_over_three_workers(db: Database) -> None:
    now_running = 0
    most = 0

    @job("narrow", queue="narrow")
    async def narrow(job: JobContext, params: dict[str, Any]) -> None:
        nonlocal now_running, most
        now_running += 1
        most = max(most, now_running)
        await asyncio.sleep(0.005)
        now_running -= 1

    registry = registry_of(narrow, Queue("narrow", concurrency=2))
    service = JobService(db, registry)
    tickets = [await service.enqueue_now("narrow") for _ in range(24)]
    async with working(db, registry), working(db, registry), working(db, registry):
        for ticket in tickets:
            await ended(service, ticket.id)
    assert most == 2


async def test_a_queue_starts_no_more_than_its_rate_in_any_period(db: Database) -> None:
    @job("polite", queue="web")
    async def polite(job: JobContext, params: dict[str, Any]) -> None: ...

    registry = registry_of(polite, Queue("web", rate_limit=4, rate_period_s=0.5))
    service = JobService(db, registry)
    tickets = [await service.enqueue_now("polite") for _ in range(14)]
    async with working(db, registry), working(db, registry):
        found = [await ended(service, ticket.id) for ticket in tickets]
    starts = sorted(row.started_at for row in found if row.started_at)
    assert len(starts) == 14
    for early, late in zip(starts, starts[4:], strict=False):
        assert late - early >= timedelta(seconds=0.5)


async def test_three_workers_do_each_of_many_jobs_exactly_once(db: Database) -> None:
    done: list[int] = []

    @job("note")
    async def note(job: JobContext, params: dict[str, Any]) -> None:
        done.append(params["n"])

    registry = registry_of(note)
    service = JobService(db, registry)
    async with db.write() as tx:
        for n in range(150):
            await service.enqueue(tx, "note", {"n": n})
    async with working(db, registry), working(db, registry), working(db, registry):

        async def empty() -> bool:
            return not (await service.page(SYSTEM, states=["queued", "running"], limit=1)).items

        await until(empty)
    assert sorted(done) == list(range(150))


async def test_a_dead_workers_job_goes_on_and_a_poison_one_fails_with_a_reason(db: Database) -> None:
    @job("poison", max_attempts=3, retry=SOON)
    async def poison(job: JobContext, params: dict[str, Any]) -> None: ...

    registry = registry_of(poison)
    service = JobService(db, registry)
    await service.declare()
    ticket = await service.enqueue_now("poison")
    for _ in range(3):
        async with db.write() as tx:  # a worker took it and was never heard of again
            past = utc_now() - timedelta(seconds=60)
            await tx.execute(
                update(Job)
                .where(Job.id == ticket.id)
                .values(state="running", lease_owner="gone", leased_until=past, heartbeat_at=past, run_at=past)
            )
        async with working(db, registry, queues=[]):
            found = await until(lambda: not_running(service, ticket.id))
    assert found.state == "failed"
    assert found.attempts == 3
    assert found.error is not None
    assert found.error["code"] == "job_worker_died"
    assert "3 times" in found.error["message"]
    assert found.error["params"]["deaths"] == 3


async def not_running(service: JobService, job_id: int) -> Any:
    found = await service.get(SYSTEM, job_id)
    return None if found.state == "running" else found


async def test_a_worker_known_to_be_dead_gives_up_its_jobs_at_once(db: Database) -> None:
    @job("note")
    async def note(job: JobContext, params: dict[str, Any]) -> None: ...

    registry = registry_of(note)
    service = JobService(db, registry)
    ticket = await service.enqueue_now("note")
    async with db.write() as tx:
        later = utc_now() + timedelta(hours=1)
        values = {"state": "running", "lease_owner": "gone", "leased_until": later}
        await tx.execute(update(Job).where(Job.id == ticket.id).values(**values))
    await service.worker_died("gone")
    async with working(db, registry):
        found = await ended(service, ticket.id)
    assert (found.state, found.attempts) == ("done", 1)


async def test_a_cancelled_job_whose_worker_died_is_cancelled(db: Database) -> None:
    @job("note")
    async def note(job: JobContext, params: dict[str, Any]) -> None: ...

    registry = registry_of(note)
    service = JobService(db, registry)
    ticket = await service.enqueue_now("note")
    async with db.write() as tx:
        past = utc_now() - timedelta(seconds=60)
        await tx.execute(update(Job).where(Job.id == ticket.id).values(state="running", leased_until=past))
    await service.cancel(SYSTEM, ticket.id)
    async with working(db, registry):
        assert (await ended(service, ticket.id)).state == "cancelled"


async def test_a_worker_that_is_stopped_before_it_has_begun_leaves_no_row_behind(db: Database) -> None:
    async with working(db, registry_of()) as stop:
        stop.set()
    assert await JobService(db, registry_of()).workers() == []


async def test_a_worker_is_listed_while_it_works(db: Database) -> None:
    registry = registry_of()
    service = JobService(db, registry)
    async with working(db, registry, worker_id="w1"):
        [worker] = await until(service.workers)
        assert (worker.id, worker.queues, worker.slots) == ("w1", ["default"], QUICK.slots)
    assert await service.workers() == []


async def test_a_cancel_while_the_job_is_put_back_is_not_forgotten(db: Database) -> None:
    @job("fickle", retry=RetryPolicy(base_s=1000))
    async def fickle(job: JobContext, params: dict[str, Any]) -> None:
        await service.cancel(SYSTEM, job.id)
        job.retry_later(utc_now() + timedelta(hours=1), "later")

    registry = registry_of(fickle)
    service = JobService(db, registry)
    ticket = await service.enqueue_now("fickle")
    async with working(db, registry):
        found = await ended(service, ticket.id)
    assert found.state == "cancelled"
    assert found.finished_at is not None


async def test_a_job_gets_the_services_of_the_program(db: Database) -> None:
    class Kitchen:
        soup = "leek"

    kitchen = Kitchen()

    @job("cook")
    async def cook(job: JobContext, params: dict[str, Any]) -> dict[str, Any]:
        assert isinstance(job.service(JobService), JobService)
        return {"soup": job.service(Kitchen).soup}

    registry = registry_of(cook)
    service = JobService(db, registry)
    ticket = await service.enqueue_now("cook")
    async with working(db, registry, resolve={Kitchen: kitchen}.__getitem__):
        assert (await ended(service, ticket.id)).result == {"soup": "leek"}
    await in_state(service, ticket.id, "done")


async def test_an_end_that_the_database_will_not_take_fails_the_job_and_not_its_neighbours(db: Database) -> None:
    @job("odd")
    async def odd(job: JobContext, params: dict[str, Any]) -> None:
        await asyncio.sleep(0)
        job.retry_later(utc_now() + timedelta(hours=1), "x" * 10, huge=params["huge"])

    @job("note")
    async def note(job: JobContext, params: dict[str, Any]) -> None: ...

    registry = registry_of(odd, note)
    service = JobService(db, registry)
    odd_one = await service.enqueue_now("odd", {"huge": 1})
    others = [await service.enqueue_now("note") for _ in range(3)]

    refuse = DataError("UPDATE jobs", {}, ValueError("out of range"))
    original = leases.put_back

    async def put_back(*args: Any, **options: Any) -> None:
        raise refuse

    leases.put_back = put_back  # type: ignore[assignment]
    try:
        async with working(db, registry):
            found = await ended(service, odd_one.id)
            assert [(await ended(service, ticket.id)).state for ticket in others] == ["done"] * 3
    finally:
        leases.put_back = original
    assert found.state == "failed"
    assert found.error is not None
    assert found.error["code"] == "job_end_refused"


async def test_an_end_outlives_a_database_that_is_away_for_a_moment(db: Database) -> None:
    @job("note")
    async def note(job: JobContext, params: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True}

    registry = registry_of(note)
    service = JobService(db, registry)
    ticket = await service.enqueue_now("note")
    original, refusals = leases.finish, 2

    async def finish(*args: Any, **options: Any) -> None:
        nonlocal refusals
        if refusals:
            refusals -= 1
            raise OperationalError("UPDATE jobs", {}, OSError("the server closed the connection"))
        await original(*args, **options)

    leases.finish = finish  # type: ignore[assignment]
    try:
        async with working(db, registry):
            found = await ended(service, ticket.id)
    finally:
        leases.finish = original
    assert (found.state, found.attempts, found.result) == ("done", 0, {"ok": True})


@pytest.mark.parametrize("db_kind", ["postgresql"])
async def test_a_long_step_that_locks_its_row_does_not_cost_its_neighbours_their_leases(db: Database) -> None:
    locked, gate = asyncio.Event(), asyncio.Event()

    @job("long")
    async def long(job: JobContext, params: dict[str, Any]) -> None:
        async with job.db.write() as tx:
            await job.guard(tx)
            job.progress(1, 2)
            locked.set()
            await gate.wait()
            await job.save({"after": 1}, tx=tx)

    @job("neighbour")
    async def neighbour(job: JobContext, params: dict[str, Any]) -> None:
        await gate.wait()

    registry = registry_of(long, neighbour)
    service = JobService(db, registry)
    tickets = [await service.enqueue_now("long"), await service.enqueue_now("neighbour")]
    async with working(db, registry, WorkerSettings(slots=4, lease_s=2, watch_s=0.05, poll_s=0.05)):
        await locked.wait()
        first = (await service.workers())[0].heartbeat_at

        async def beaten_past_the_lease() -> bool:
            return (await service.workers())[0].heartbeat_at > first + timedelta(seconds=3)

        await until(beaten_past_the_lease)
        gate.set()
        found = [await ended(service, ticket.id) for ticket in tickets]
    assert [(job.state, job.attempts) for job in found] == [("done", 0), ("done", 0)]
