"""Every statement about schedules: what is declared, what a person changed, what is due."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction
from segue.jobs.models import JobSchedule


@dataclass(frozen=True, slots=True)
class ScheduleInfo:
    """A schedule as people see it. `time_zone` None means the server's; times are aware, in UTC."""

    name: str
    kind: str
    params: dict[str, Any]
    cron: str
    time_zone: str | None
    enabled: bool
    edited_at: datetime | None
    last_run_at: datetime | None
    last_job_id: int | None
    next_run_at: datetime | None


_COLUMNS = tuple(JobSchedule.__table__.columns)


async def page(conn: AsyncConnection) -> list[ScheduleInfo]:
    """Every schedule, by name."""
    return [ScheduleInfo(**row._mapping) for row in await conn.execute(select(*_COLUMNS).order_by(JobSchedule.name))]


async def get_for_update(tx: Transaction, name: str) -> ScheduleInfo | None:
    """The schedule, held still until `tx` ends."""
    row = (await tx.execute(select(*_COLUMNS).where(JobSchedule.name == name).with_for_update())).first()
    return None if row is None else ScheduleInfo(**row._mapping)


async def add(tx: Transaction, values: Mapping[str, Any]) -> None:
    """Make a schedule's row, unless it is there."""
    make = postgresql_insert if tx.dialect == "postgresql" else sqlite_insert
    await tx.execute(make(JobSchedule).values(**values).on_conflict_do_nothing())


async def change(tx: Transaction, name: str, values: Mapping[str, Any]) -> None:
    await tx.execute(update(JobSchedule).where(JobSchedule.name == name).values(**values))


async def drop(tx: Transaction, name: str) -> None:
    """Forget a schedule; none of that name is no error."""
    await tx.execute(delete(JobSchedule).where(JobSchedule.name == name))


async def any_due(conn: AsyncConnection, names: Collection[str], kinds: Collection[str], now: datetime) -> bool:
    """Whether a schedule of `names` is due, or one that a person's choice made, of one of these kinds."""
    statement = select(JobSchedule.name).where(*_due(names, kinds, now)).limit(1)
    return (await conn.execute(statement)).first() is not None


async def take_due(
    tx: Transaction, names: Collection[str], kinds: Collection[str], now: datetime
) -> list[ScheduleInfo]:
    """The schedules that `any_due` means, locked; one that another worker holds is left to it."""
    statement = (
        select(*_COLUMNS).where(*_due(names, kinds, now)).order_by(JobSchedule.name).with_for_update(skip_locked=True)
    )
    return [ScheduleInfo(**row._mapping) for row in await tx.execute(statement)]


def _due(names: Collection[str], kinds: Collection[str], now: datetime) -> tuple[Any, ...]:
    made = and_(JobSchedule.name.contains(":"), JobSchedule.kind.in_(kinds))
    ours = or_(JobSchedule.name.in_(names), made)
    return (JobSchedule.enabled == true(), JobSchedule.next_run_at <= now, ours)
