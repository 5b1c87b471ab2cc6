"""How Segue is: which part works, which does not, since when; for people, for load balancers, for `segue doctor`.

/health/live says that the process answers, even while it migrates. /health/ready says that the tables are right and the
database answers, so that requests may come. /health asks every part and remembers when one changed.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import structlog
from fastapi import Response
from pydantic import BaseModel
from sqlalchemy import BigInteger, Index, Integer, Text, delete, insert, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from segue import __version__
from segue.core.clock import utc_now
from segue.core.db import Base, Database, UtcDateTime
from segue.core.errors import SegueError
from segue.core.rest import Access, MaybeActor, Router, json_response, service

log = structlog.get_logger("segue.health")

Status = Literal["ok", "degraded", "down"]
Phase = Literal["starting", "ready", "stopping"]

KEPT_PER_COMPONENT = 200
"""Changes remembered of one component; a part that flaps must not fill the table."""
SHOWN_CHANGES = 10
DATABASE_ANSWERS_WITHIN_S = 2.0
WRITTEN_WITHIN_S = 0.5
"""How long a report waits for its history to be written: people ask how it is just when the database is locked."""


class HealthChange(Base):
    """A component became this at that time."""

    __tablename__ = "health_history"
    __table_args__ = (Index("ix_health_history_component_at", "component", "at"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    component: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found. `message` is for everybody; `detail` (paths, error texts) for administrators."""

    status: Status
    message: str
    detail: str | None = None


Check = Callable[[], Awaitable[Finding]]


@dataclass(frozen=True, slots=True)
class ComponentHealth:
    """One part, when it was looked at, and since when it is so."""

    name: str
    status: Status
    message: str
    detail: str | None
    checked_at: datetime
    since: datetime
    history: tuple[HealthPoint, ...]


@dataclass(frozen=True, slots=True)
class HealthPoint:
    """A change in a component's life."""

    status: Status
    message: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HealthReport:
    """Everything: `down` when a critical part is, `degraded` when any part is not ok."""

    status: Status
    phase: Phase
    components: tuple[ComponentHealth, ...]


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether requests may come, and if not, why not."""

    ready: bool
    message: str


@dataclass
class _Component:
    name: str
    check: Check
    critical: bool
    fresh_s: float
    limit_s: float
    looked_at: float = -1e9
    checked_at: datetime | None = None
    finding: Finding | None = None
    points: deque[HealthPoint] | None = None


class Health:
    """Knows every part. Works from the first moment of the process, before the database has its tables."""

    def __init__(self, db: Database, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._db = db
        self._monotonic = monotonic
        self._components: dict[str, _Component] = {}
        self._unwritten: deque[tuple[str, HealthPoint]] = deque(maxlen=100)
        self._writing: asyncio.Task[None] | None = None
        self._looking = asyncio.Lock()
        self._phase: Phase = "starting"
        self._doing = "Segue is starting."
        self._started = monotonic()

    def register(
        self, name: str, check: Check, *, critical: bool = False, fresh_s: float = 15.0, limit_s: float = 5.0
    ) -> None:
        """Ask `check` about the part called `name`, at most every `fresh_s` seconds, waiting at most `limit_s`.

        A check that raises means `down`. Without a `critical` part nothing works.
        """
        self._components[name] = _Component(name, check, critical, fresh_s, limit_s)

    def starting(self, doing: str) -> None:
        """Not ready yet; `doing` is a sentence such as "Migrating the database (3 of 7)."."""
        self._phase, self._doing = "starting", doing

    def ready(self) -> None:
        """Migrations are done; requests may come."""
        self._phase, self._doing = "ready", "Segue is ready."

    def stopping(self) -> None:
        """No new requests, please."""
        self._phase, self._doing = "stopping", "Segue is stopping."

    @property
    def uptime_s(self) -> float:
        return self._monotonic() - self._started

    async def readiness(self) -> Readiness:
        """Ready when the tables are right and the database answers now."""
        if self._phase != "ready":
            return Readiness(False, self._doing)
        finding = await _found(database_check(self._db), DATABASE_ANSWERS_WITHIN_S)
        return Readiness(finding.status == "ok", self._doing if finding.status == "ok" else finding.message)

    async def report(self) -> HealthReport:
        """How every part is. Looks again where the last look is not fresh; parts are asked at the same time."""
        async with self._looking:
            stale = [c for c in self._components.values() if self._monotonic() - c.looked_at >= c.fresh_s]
            await asyncio.gather(*(self._look(component) for component in stale))
            if self._phase == "ready":
                await self._keep_history()
            parts = [_shown(component) for component in self._components.values()]
        bad = [part for part in parts if part.status != "ok"]
        status: Status = "degraded" if bad else "ok"
        if any(part.status == "down" and self._components[part.name].critical for part in bad):
            status = "down"
        return HealthReport(status, self._phase, tuple(parts))

    async def watch(self, stop: asyncio.Event, every_s: float = 60.0) -> None:
        """Look every `every_s` seconds until `stop`, so that history knows what happened while nobody asked."""
        while not stop.is_set():
            await self.report()
            try:
                async with asyncio.timeout(every_s):
                    await stop.wait()
            except TimeoutError:
                continue

    async def prune(self, keep: timedelta) -> int:
        """Forget changes older than `keep`; how many."""
        async with self._db.write() as tx:
            return (await tx.execute(delete(HealthChange).where(HealthChange.at < utc_now() - keep))).rowcount

    async def _look(self, component: _Component) -> None:
        before = component.finding
        component.finding = finding = await _found(component.check, component.limit_s)
        component.looked_at, component.checked_at = self._monotonic(), utc_now()
        if component.points is None and self._phase == "ready":
            component.points = await self._remembered(component.name)
            last = component.points[-1] if component.points else None
        else:
            last = HealthPoint(before.status, before.message, utc_now()) if before else None
        if last is None or last.status != finding.status:
            point = HealthPoint(finding.status, finding.message, component.checked_at)
            component.points = component.points if component.points is not None else deque(maxlen=SHOWN_CHANGES)
            component.points.append(point)
            self._unwritten.append((component.name, point))
            if finding.status != "ok" or before is not None:
                level = log.info if finding.status == "ok" else log.warning
                level("health_changed", component=component.name, status=finding.status, message=finding.message)

    async def _remembered(self, name: str) -> deque[HealthPoint]:
        points: deque[HealthPoint] = deque(maxlen=SHOWN_CHANGES)
        newest = (
            select(HealthChange.status, HealthChange.message, HealthChange.at)
            .where(HealthChange.component == name)
            .order_by(HealthChange.id.desc())
            .limit(SHOWN_CHANGES)
        )
        try:
            async with self._db.read() as conn:
                rows = (await conn.execute(newest)).all()
        except (SQLAlchemyError, SegueError, OSError) as error:
            log.warning("health_history_unread", problem=str(error))
            return points
        points.extend(HealthPoint(row.status, row.message, row.at) for row in reversed(rows))
        return points

    async def close(self) -> None:
        """Wait no longer for history to be written."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.wait([self._writing])

    async def _keep_history(self) -> None:
        """Have what changed written, without waiting for it longer than a moment."""
        if self._unwritten and (self._writing is None or self._writing.done()):
            self._writing = asyncio.create_task(self._write())
        if self._writing is not None:
            await asyncio.wait([self._writing], timeout=WRITTEN_WITHIN_S)

    async def _write(self) -> None:
        """Write what changed; while the database is away or locked, up to 100 changes wait here."""
        waiting = list(self._unwritten)
        try:
            async with self._db.write() as tx:
                for name, point in waiting:
                    await tx.execute(
                        insert(HealthChange).values(
                            component=name, status=point.status, message=point.message, at=point.at
                        )
                    )
                for name in {name for name, _ in waiting}:
                    kept = (
                        select(HealthChange.id)
                        .where(HealthChange.component == name)
                        .order_by(HealthChange.id.desc())
                        .limit(KEPT_PER_COMPONENT)
                    )
                    old = delete(HealthChange).where(HealthChange.component == name, HealthChange.id.not_in(kept))
                    await tx.execute(old)
        except (SQLAlchemyError, SegueError, OSError) as error:
            log.warning("health_history_unwritten", problem=str(error))
            return
        for change in waiting:
            if change in self._unwritten:
                self._unwritten.remove(change)


def database_check(db: Database) -> Check:
    """Whether the database answers, and how quickly."""

    async def look() -> Finding:
        started = time.perf_counter()
        async with db.read() as conn:
            await conn.execute(text("SELECT 1"))
        took_ms = (time.perf_counter() - started) * 1000
        name = "SQLite" if db.dialect == "sqlite" else "PostgreSQL"
        return Finding("ok", f"{name} answers in {took_ms:.1f} ms.")

    return look


async def _found(check: Check, limit_s: float) -> Finding:
    try:
        async with asyncio.timeout(limit_s):
            return await check()
    except TimeoutError:
        return Finding("down", f"No answer within {limit_s:g} seconds.")
    except SegueError as error:
        return Finding("down", _sentence(error), error.message)
    except Exception as error:
        return Finding("down", "It does not answer.", f"{type(error).__name__}: {error}".splitlines()[0][:500])


def _sentence(error: SegueError) -> str:
    """The kind of error in words: its message may name paths and hosts, which are not for everybody."""
    return f"It does not answer ({error.code.replace('_', ' ')})."


def _shown(component: _Component) -> ComponentHealth:
    assert component.finding is not None
    assert component.checked_at is not None
    finding = component.finding
    points = tuple(component.points or ())
    since = points[-1].at if points else component.checked_at
    return ComponentHealth(
        component.name, finding.status, finding.message, finding.detail, component.checked_at, since, points
    )


# --- routes ---------------------------------------------------------------------------------------------------------

router = Router(prefix="/health", tags=["operations"])
TheHealth = Annotated[Health, service(Health)]
NOT_KEPT = {"Cache-Control": "no-store"}


class HealthPointOut(BaseModel):
    status: Status
    message: str
    at: datetime


class ComponentOut(BaseModel):
    """One part of Segue. `detail` is for administrators only."""

    name: str
    status: Status
    message: str
    detail: str | None = None
    checked_at: datetime
    since: datetime
    history: list[HealthPointOut]


class HealthOut(BaseModel):
    status: Status
    phase: Phase
    version: str
    uptime_s: float
    components: list[ComponentOut]


class ReadyOut(BaseModel):
    ready: bool
    message: str


class LiveOut(BaseModel):
    live: bool


@router.get(
    "",
    access=Access.public,
    response_model=HealthOut,
    responses={503: {"model": HealthOut}},
    summary="How every part is",
)
async def health(health: TheHealth, actor: MaybeActor) -> Response:
    """503 when one without which nothing works is down."""
    report = await health.report()
    trusted = actor is not None and actor.is_admin
    components = [_out(component, trusted) for component in report.components]
    body = {
        "status": report.status,
        "phase": report.phase,
        "version": __version__,
        "uptime_s": round(health.uptime_s, 1),
        "components": components,
    }
    return json_response(body, status=503 if report.status == "down" else 200, headers=NOT_KEPT)


@router.get("/live", access=Access.public, response_model=LiveOut, summary="Whether the process answers")
async def live() -> Response:
    """True also while it starts and migrates."""
    return json_response({"live": True}, headers=NOT_KEPT)


@router.get(
    "/ready",
    access=Access.public,
    response_model=ReadyOut,
    responses={503: {"model": ReadyOut}},
    summary="Whether requests may come",
)
async def ready(health: TheHealth) -> Response:
    """Ready once migrations are done and the database answers. Else 503, and what is being waited for."""
    readiness = await health.readiness()
    body = {"ready": readiness.ready, "message": readiness.message}
    return json_response(body, status=200 if readiness.ready else 503, headers=NOT_KEPT)


def _out(component: ComponentHealth, trusted: bool) -> dict[str, Any]:
    return {
        "name": component.name,
        "status": component.status,
        "message": component.message,
        "detail": component.detail if trusted else None,
        "checked_at": component.checked_at,
        "since": component.since,
        "history": list(component.history),
    }
