"""Queries over plays, and over everything of one person."""

from __future__ import annotations

from sqlalchemy import delete

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


async def erase_person(tx: Transaction, user_id: int) -> None:
    """Everything this person did, gone."""
    for table in OF_A_PERSON:
        await tx.execute(delete(table).where(table.user_id == user_id))  # type: ignore[attr-defined]
