"""Every query about requests."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.analysis.models import AnalysisRequest
from segue.analysis.repository import SOUNDS
from segue.core.db import Transaction

REQUESTS = cast(Table, AnalysisRequest.__table__)
OPEN = ("pending", "running")
_r = REQUESTS.c
_COLUMNS = (
    *(_r[name] for name in ("id", "user_id", "kind", "name", "track_id", "sound_id", "storage_key", "state", "error")),
    _r.asked_at,
    _r.ended_at,
    SOUNDS.c.state.label("sound_state"),
    SOUNDS.c.error.label("sound_error"),
    SOUNDS.c.analyzed_at,
)
_WITH_SOUND = REQUESTS.outerjoin(SOUNDS, SOUNDS.c.id == _r.sound_id)


async def add(tx: Transaction, values: Mapping[str, Any]) -> int:
    return int(await tx.scalar(insert(REQUESTS).values(**values).returning(_r.id)))


async def get(conn: AsyncConnection, number: int) -> Any | None:
    """A request with the state of its sound: sound_state, sound_error, analyzed_at."""
    return (await conn.execute(select(*_COLUMNS).select_from(_WITH_SOUND).where(_r.id == number))).first()


async def page(conn: AsyncConnection, user_id: int | None, before: int | None, limit: int) -> Sequence[Any]:
    """A person's requests (None: everybody's), newest first."""
    statement = select(*_COLUMNS).select_from(_WITH_SOUND).order_by(_r.id.desc()).limit(limit)
    if user_id is not None:
        statement = statement.where(_r.user_id == user_id)
    if before is not None:
        statement = statement.where(_r.id < before)
    return (await conn.execute(statement)).all()


async def change(tx: Transaction, number: int, **values: Any) -> bool:
    """Whether the request is still there."""
    return bool((await tx.execute(update(REQUESTS).where(_r.id == number).values(**values))).rowcount)


async def count_open(conn: AsyncConnection, user_id: int) -> int:
    """Files that a person asked for and that were not listened to yet."""
    statement = select(func.count()).select_from(REQUESTS)
    statement = statement.where(_r.user_id == user_id, _r.state.in_(OPEN), _r.kind != "track")
    return int(await conn.scalar(statement) or 0)


async def drop(tx: Transaction, numbers: Collection[int]) -> None:
    await tx.execute(delete(REQUESTS).where(_r.id.in_(list(numbers))))


async def ended_before(conn: AsyncConnection, before: datetime, limit: int) -> Sequence[Any]:
    """Requests that ended before then: rows with id, user_id, storage_key. One for a track ends with its sound."""
    statement = (
        select(_r.id, _r.user_id, _r.storage_key)
        .where(_r.asked_at < before, (_r.state.not_in(OPEN)) | (_r.kind == "track"))
        .order_by(_r.id)
        .limit(limit)
    )
    return (await conn.execute(statement)).all()


async def of_person(conn: AsyncConnection, user_id: int) -> Sequence[Any]:
    statement = select(*_COLUMNS).select_from(_WITH_SOUND).where(_r.user_id == user_id).order_by(_r.id)
    return (await conn.execute(statement)).all()
