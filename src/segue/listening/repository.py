"""Queries over plays, and over everything of one person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction
from segue.listening.models import (
    Annotation,
    Bookmark,
    HeardName,
    ListeningChoice,
    NowPlaying,
    OwnTag,
    OwnTagged,
    Play,
    PlayChange,
    PlayHour,
    PlayQueue,
    PlayQueueRow,
    PlayRollup,
    SearchEntry,
)

OF_A_PERSON = (
    Play,
    PlayChange,
    PlayHour,
    PlayRollup,
    HeardName,
    NowPlaying,
    Annotation,
    OwnTagged,
    OwnTag,
    SearchEntry,
    ListeningChoice,
    PlayQueueRow,
    PlayQueue,
    Bookmark,
)
"""Every table with rows that are somebody's."""


async def plays_before(
    conn: AsyncConnection, user_id: int, before: tuple[datetime, int] | None, limit: int
) -> Sequence[Any]:
    """One person's plays, newest first, from before the play (`played_at`, `id`)."""
    statement = select(Play.__table__).where(Play.user_id == user_id)
    if before is not None:
        at, number = before
        statement = statement.where((Play.played_at < at) | ((Play.played_at == at) & (Play.id < number)))
    return (await conn.execute(statement.order_by(Play.played_at.desc(), Play.id.desc()).limit(limit))).all()


async def erase_person(tx: Transaction, user_id: int) -> None:
    """Everything this person did, gone."""
    for table in OF_A_PERSON:
        await tx.execute(delete(table).where(table.user_id == user_id))  # type: ignore[attr-defined]
