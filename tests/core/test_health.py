"""Health: what works, what does not, since when; and never a lie while starting."""

import asyncio
from collections.abc import AsyncIterator
from contextvars import Context
from datetime import timedelta

import httpx2
import pytest
from fastapi import FastAPI, Request
from sqlalchemy import func, select

from segue.core.access import Actor
from segue.core.db import Database
from segue.core.health import Check, Finding, Health, HealthChange, Status, database_check, router
from segue.core.rest import Services, install_problem_handlers
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.anyio


class Part:
    """A part whose state the test decides."""

    def __init__(self) -> None:
        self.status: Status = "ok"
        self.asked = 0

    async def check(self) -> Finding:
        self.asked += 1
        return Finding(self.status, f"It is {self.status}.", "in /srv/secret")


def healthy(
    db: Database, check: Check, *, critical: bool = False, fresh_s: float = 0.0, limit_s: float = PATIENCE_S
) -> Health:
    health = Health(db)
    health.register("part", check, critical=critical, fresh_s=fresh_s, limit_s=limit_s)
    health.ready()
    return health


async def rows(db: Database) -> int:
    async with db.read() as conn:
        return int(await conn.scalar(select(func.count()).select_from(HealthChange)) or 0)


async def test_only_a_critical_part_takes_everything_down(db: Database) -> None:
    part = Part()
    for critical, worst in ((False, "degraded"), (True, "down")):
        health = healthy(db, part.check, critical=critical)
        seen = []
        for status in ("ok", "degraded", "down"):
            part.status = status  # type: ignore[assignment]
            seen.append((await health.report()).status)
        assert seen == ["ok", "degraded", worst]


async def test_history_holds_changes_only_and_survives_a_restart(db: Database) -> None:
    part = Part()
    health = healthy(db, part.check)
    for status in ("ok", "ok", "down", "down", "ok"):
        part.status = status  # type: ignore[assignment]
        await health.report()
    again = healthy(db, part.check)
    (component,) = (await again.report()).components
    assert [point.status for point in component.history] == ["ok", "down", "ok"]
    assert component.since == component.history[-1].at
    assert await rows(db) == 3


async def test_a_locked_database_keeps_nobody_waiting_who_asks_how_it_is(db: Database) -> None:
    part = Part()
    health = healthy(db, part.check)
    await health.report()
    async with db.write():
        part.status = "down"
        assert (
            await asyncio.wait_for(asyncio.create_task(health.report(), context=Context()), PATIENCE_S)
        ).status == "degraded"
        if db.dialect == "sqlite":  # PostgreSQL lets several write at once
            assert await rows(db) == 1
    async with asyncio.timeout(PATIENCE_S):
        while await rows(db) < 2:
            await health.report()
    await health.close()


async def test_a_part_that_flaps_does_not_fill_the_table(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segue.core.health.KEPT_PER_COMPONENT", 6)
    part = Part()
    health = healthy(db, part.check)
    for n in range(10):
        part.status = "down" if n % 2 else "ok"
        await health.report()
    assert await rows(db) == 6
    assert await health.prune(timedelta(0)) == 6


async def test_a_check_that_raises_or_hangs_is_a_part_that_is_down(db: Database) -> None:
    async def raises() -> Finding:
        raise OSError("cannot reach db.internal")

    async def hangs() -> Finding:
        await asyncio.Event().wait()
        return Finding("ok", "")

    (component,) = (await healthy(db, raises).report()).components
    assert (component.status, component.message) == ("down", "It does not answer.")
    assert component.detail == "OSError: cannot reach db.internal"
    (component,) = (await healthy(db, hangs, limit_s=0.2).report()).components
    assert (component.status, component.message) == ("down", "No answer within 0.2 seconds.")


async def test_many_who_ask_at_once_make_one_look(db: Database) -> None:
    part = Part()
    health = healthy(db, part.check, fresh_s=600)
    await asyncio.gather(*(health.report() for _ in range(20)))
    assert part.asked == 1


async def test_changes_wait_until_the_tables_are_there(db: Database) -> None:
    part = Part()
    health = Health(db)
    health.register("part", part.check, fresh_s=0)
    await health.report()
    assert await rows(db) == 0
    health.ready()
    await health.report()
    assert await rows(db) == 1


async def test_watching_looks_until_told_to_stop(db: Database) -> None:
    part = Part()
    stop = asyncio.Event()
    watching = asyncio.create_task(healthy(db, part.check).watch(stop, every_s=0.001))
    async with asyncio.timeout(PATIENCE_S):
        while part.asked < 3:
            await asyncio.sleep(0.001)
        stop.set()
        await watching


async def test_the_database_says_how_quickly_it_answers(db: Database) -> None:
    finding = await database_check(db)()
    assert finding.status == "ok"
    assert "answers in" in finding.message


@pytest.fixture
async def asked(db: Database) -> AsyncIterator[tuple[Health, Part, httpx2.AsyncClient]]:
    async def authenticate(request: Request) -> Actor | None:
        return Actor(1, "ana", frozenset({"admin"})) if "authorization" in request.headers else None

    part = Part()
    health = Health(db)
    health.register("part", part.check, critical=True, fresh_s=0)
    app = FastAPI()
    app.state.segue = Services(authenticate)
    app.state.segue.add(health)
    app.include_router(router)
    install_problem_handlers(app)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://segue.test") as http:
        yield health, part, http


async def test_live_always_ready_only_after_the_start(asked: tuple[Health, Part, httpx2.AsyncClient]) -> None:
    health, _, http = asked
    health.starting("Migrating the database (3 of 7).")
    assert (await http.get("/health/live")).json() == {"live": True}
    answer = await http.get("/health/ready")
    assert (answer.status_code, answer.json()["message"]) == (503, "Migrating the database (3 of 7).")
    health.ready()
    assert (await http.get("/health/ready")).status_code == 200
    health.stopping()
    assert (await http.get("/health/ready")).status_code == 503
    assert (await http.get("/health/live")).status_code == 200


async def test_ready_needs_a_database_that_answers() -> None:
    db = Database.open("postgresql://segue@127.0.0.1:1/segue")
    health = Health(db)
    health.ready()
    assert (await health.readiness()).ready is False
    await db.close()


async def test_health_tells_everybody_the_state_and_administrators_the_detail(
    asked: tuple[Health, Part, httpx2.AsyncClient],
) -> None:
    health, part, http = asked
    health.ready()
    answer = await http.get("/health")
    body = answer.json()
    assert (answer.status_code, body["status"], body["phase"]) == (200, "ok", "ready")
    (component,) = body["components"]
    assert (component["name"], component["message"], component["detail"]) == ("part", "It is ok.", None)
    assert component["checked_at"].endswith("Z")
    assert [point["status"] for point in component["history"]] == ["ok"]
    part.status = "down"
    answer = await http.get("/health", headers={"Authorization": "Bearer x"})
    assert (answer.status_code, answer.json()["status"]) == (503, "down")
    assert answer.json()["components"][0]["detail"] == "in /srv/secret"
    assert answer.headers["cache-control"] == "no-store"
