"""Every query about alignments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction, upsert_into
from segue.live.alignment.models import LiveAlignment
from segue.live.models import LiveTrack


@dataclass(frozen=True, slots=True)
class TrackRow:
    """A track of a recording: whose, how long, and the library's track that it is here."""

    id: int
    recording_id: int
    title: str
    duration_ms: int | None
    track_id: int | None


async def tracks(conn: AsyncConnection, ids: list[int]) -> dict[int, TrackRow]:
    t = LiveTrack
    columns = (t.id, t.recording_id, t.title, t.duration_ms, t.track_id)
    rows = await conn.execute(select(*columns).where(t.id.in_(ids)))
    return {row.id: TrackRow(*row) for row in rows}


async def alignment(conn: AsyncConnection, first: int, second: int) -> Any | None:
    a = LiveAlignment
    found = await conn.execute(select(a.__table__).where(a.first_id == first, a.second_id == second))
    return found.one_or_none()


async def put(tx: Transaction, values: Mapping[str, Any]) -> None:
    """Keep what was found about a pair, in place of what was found before."""
    statement = upsert_into(tx.dialect, LiveAlignment).values(**values)
    rest = {name: statement.excluded[name] for name in values if name not in ("first_id", "second_id")}
    await tx.execute(statement.on_conflict_do_update(index_elements=["first_id", "second_id"], set_=rest))
