"""REST of jobs: who may see what, and what wrong requests are told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI, Request

from segue.core.access import Actor
from segue.core.db import Database
from segue.core.rest import Services, install_problem_handlers
from segue.jobs import JobContext, JobService, Registry, RetryPolicy, Schedule, job
from segue.jobs.metrics import job_metrics
from segue.jobs.routes import router
from tests.jobs.ground import ended, working

pytestmark = pytest.mark.anyio

PEOPLE = {
    "admin": Actor(user_id=1, name="admin", roles=frozenset({"admin"}), libraries=None),
    "anna": Actor(user_id=2, name="anna"),
}
ADMIN, ANNA = {"x-actor": "admin"}, {"x-actor": "anna"}


@job("tidy")
async def tidy(job: JobContext, params: dict[str, Any]) -> dict[str, Any]:
    job.progress(3, 3, unit="rooms")
    return {"rooms": 3}


@job("fail", max_attempts=1, retry=RetryPolicy(base_s=0))
async def fail(job: JobContext, params: dict[str, Any]) -> None:
    raise OSError("no luck")


@pytest.fixture
def registry() -> Registry:
    return Registry().add(tidy, fail, Schedule("nightly", "tidy", "30 4 * * *"))


@pytest.fixture
async def jobs(db: Database, registry: Registry) -> JobService:
    service = JobService(db, registry)
    await service.declare()
    return service


@pytest.fixture
async def client(db: Database, jobs: JobService) -> AsyncIterator[httpx2.AsyncClient]:
    async def authenticate(request: Request) -> Actor | None:
        return PEOPLE.get(request.headers.get("x-actor", ""))

    app = FastAPI()
    app.state.segue = Services(authenticate)
    app.state.segue.add(db)
    app.state.segue.add(jobs)
    app.include_router(router, prefix="/api/v1")
    install_problem_handlers(app)
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://segue/api/v1/", headers=ADMIN) as made:
        yield made


async def test_a_job_is_shown_with_its_progress_and_result(
    db: Database, client: httpx2.AsyncClient, jobs: JobService, registry: Registry
) -> None:
    ticket = await jobs.enqueue_now("tidy", {"house": 1}, created_by=2)
    waiting = (await client.get(f"jobs/jo-{ticket.id}")).json()
    assert waiting["state"] == "queued"
    assert waiting["progress"] is None
    async with working(db, registry):
        await ended(jobs, ticket.id)
    done = (await client.get(f"jobs/jo-{ticket.id}", headers=ANNA)).json()
    assert (done["id"], done["state"], done["result"]) == (f"jo-{ticket.id}", "done", {"rooms": 3})
    assert (done["progress"]["done"], done["progress"]["unit"]) == (3, "rooms")
    assert done["finished_at"].endswith("Z")
    assert done["created_by"] == "us-2"


async def test_jobs_are_paged_and_filtered(client: httpx2.AsyncClient, jobs: JobService) -> None:
    ids = [f"jo-{(await jobs.enqueue_now('tidy')).id}" for _ in range(5)]
    await jobs.enqueue_now("fail")
    first = (await client.get("jobs", params={"kind": "tidy", "state": "queued,running", "limit": 3})).json()
    assert [item["id"] for item in first["items"]] == ids[:1:-1]
    second = (await client.get("jobs", params={"kind": "tidy", "limit": 3, "cursor": first["next"]})).json()
    assert [item["id"] for item in second["items"]] == ids[1::-1]
    assert second["next"] is None


async def test_nobody_sees_another_persons_job_and_strangers_see_none(
    client: httpx2.AsyncClient, jobs: JobService
) -> None:
    ticket = await jobs.enqueue_now("tidy", created_by=1)
    assert (await client.get("jobs", headers=ANNA)).json()["items"] == []
    assert (await client.get(f"jobs/jo-{ticket.id}", headers=ANNA)).status_code == 404
    assert (await client.post(f"jobs/jo-{ticket.id}/cancel", headers=ANNA)).status_code == 404
    assert (await client.get("jobs", headers={"x-actor": "nobody"})).status_code == 401
    for path in ("jobs/queues", "jobs/schedules", "jobs/workers"):
        assert (await client.get(path, headers=ANNA)).status_code == 403
        assert (await client.get(path)).status_code == 200


async def test_a_failed_job_says_why_and_is_retried(
    db: Database, client: httpx2.AsyncClient, jobs: JobService, registry: Registry
) -> None:
    ticket = await jobs.enqueue_now("fail", created_by=2)
    async with working(db, registry):
        await ended(jobs, ticket.id)
    whole = (await client.get(f"jobs/jo-{ticket.id}")).json()
    assert whole["error"] == {"code": "job_crashed", "message": "OSError: no luck", "params": {"type": "OSError"}}
    assert "raise OSError" in whole["traceback"]
    assert (await client.get(f"jobs/jo-{ticket.id}", headers=ANNA)).json()["traceback"] is None
    again = await client.post(f"jobs/jo-{ticket.id}/retry", headers=ANNA)
    assert (again.status_code, again.json()["state"], again.json()["error"]) == (202, "queued", None)
    refused = await client.post(f"jobs/jo-{ticket.id}/retry")
    assert (refused.status_code, refused.json()["code"]) == (409, "job_not_retryable")
    cancelled = await client.post(f"jobs/jo-{ticket.id}/cancel")
    assert (cancelled.status_code, cancelled.json()["state"]) == (202, "cancelled")
    assert (await client.post(f"jobs/jo-{ticket.id}/retry", json={"from_start": True})).status_code == 202


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("jobs?state=sleeping", "state"),
        ("jobs?cursor=%C2%B2", "cursor"),
        ("jobs?limit=0", "limit"),
        ("jobs?stat=done", "stat"),
    ],
)
async def test_a_wrong_parameter_is_named(client: httpx2.AsyncClient, path: str, field: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


@pytest.mark.parametrize("id", ["12", "al-12", "jo-", "jo-99999999999999999999", "jo-1 "])
async def test_a_bad_id_is_refused(client: httpx2.AsyncClient, id: str) -> None:
    assert (await client.get(f"jobs/{id}")).status_code == 422


async def test_a_queue_is_paused_and_given_limits(client: httpx2.AsyncClient) -> None:
    changed = await client.patch(
        "jobs/queues/default", json={"paused": True, "concurrency": 2, "rate_limit": 5, "rate_period_s": 60}
    )
    assert changed.json() == {
        "name": "default",
        "concurrency": 2,
        "rate_limit": 5,
        "rate_period_s": 60.0,
        "paused": True,
        "queued": 0,
        "running": 0,
    }
    changed = await client.patch("jobs/queues/default", json={"concurrency": None})
    assert (changed.json()["concurrency"], changed.json()["paused"], changed.json()["rate_limit"]) == (None, True, 5)
    assert (await client.patch("jobs/queues/default", json={"rate_period_s": None})).status_code == 422
    assert (await client.patch("jobs/queues/default", json={"pause": True})).status_code == 422
    assert (await client.patch("jobs/queues/nowhere", json={"paused": True})).status_code == 404


async def test_a_schedule_is_shown_changed_and_run(client: httpx2.AsyncClient, jobs: JobService) -> None:
    [nightly] = (await client.get("jobs/schedules")).json()["items"]
    assert (nightly["cron"], nightly["enabled"], nightly["last_run_at"]) == ("30 4 * * *", True, None)
    changed = (await client.patch("jobs/schedules/nightly", json={"cron": "0 5 * * 1"})).json()
    assert changed["cron"] == "0 5 * * 1"
    bad = await client.patch("jobs/schedules/nightly", json={"cron": "0 25 * * *"})
    assert bad.status_code == 422
    assert (bad.json()["code"], bad.json()["errors"][0]["field"]) == ("bad_cron", "cron")
    ran = await client.post("jobs/schedules/nightly/run")
    assert ran.status_code == 202
    assert (await client.get(f"jobs/{ran.json()['job']}")).json()["kind"] == "tidy"
    assert (await client.post("jobs/schedules/weekly/run")).status_code == 404


async def test_metrics_tell_what_ended_and_what_waits(db: Database, jobs: JobService, registry: Registry) -> None:
    done = [await jobs.enqueue_now("tidy") for _ in range(3)]
    failed = await jobs.enqueue_now("fail")
    async with working(db, registry):
        for ticket in [*done, failed]:
            await ended(jobs, ticket.id)
    await jobs.enqueue_now("tidy")
    samples = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for metric in await job_metrics(db)
        for sample in metric.samples
    }
    assert samples["segue_jobs_ended_total", "done", "tidy"] == 3
    assert samples["segue_jobs_ended_total", "fail", "failed"] == 1
    assert samples["segue_job_seconds_count", "done", "tidy"] == 3
    assert samples["segue_jobs", "default", "queued", "tidy"] == 1
    assert samples["segue_jobs_oldest_seconds", "default", "queued"] >= 0
