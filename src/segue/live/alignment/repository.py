"""Every query about alignments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction, upsert_into
from segue.live.alignment.models import LiveAlignment
from segue.live.models import LiveConcertRecording, LiveRecording, LiveTrack


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


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A track of another recording of the same concert that plays the same song."""

    track: TrackRow
    number: int
    source_type: str
    rank: int


async def same_song(conn: AsyncConnection, track: TrackRow) -> list[Elsewhere]:
    """The tracks of other recordings of a track's concerts that play what it plays, best recording first. A song that was
    played twice is told by which time it is."""
    mine = select(LiveConcertRecording.concert_id).where(LiveConcertRecording.recording_id == track.recording_id)
    held = (
        await conn.execute(
            select(LiveConcertRecording.recording_id, LiveRecording.source_type, LiveConcertRecording.rank)
            .join(LiveRecording, LiveRecording.id == LiveConcertRecording.recording_id)
            .where(LiveConcertRecording.concert_id.in_(mine))
            .order_by(LiveConcertRecording.rank, LiveConcertRecording.recording_id)
        )
    ).all()
    ranks = {row.recording_id: (row.source_type, row.rank) for row in reversed(held)}
    t = LiveTrack
    columns = (t.id, t.recording_id, t.title, t.duration_ms, t.track_id, t.number, t.heard)
    rows = (
        await conn.execute(
            select(*columns).where(t.recording_id.in_([*ranks, track.recording_id])).order_by(t.recording_id, t.number)
        )
    ).all()
    songs = {row.id: songs_of(row.heard) for row in rows}
    times: dict[int, list[tuple[int, int]]] = {}
    seen: Counter[tuple[int, int]] = Counter()
    for row in rows:
        times[row.id] = []
        for song in songs[row.id]:
            seen[row.recording_id, song] += 1
            times[row.id].append((song, seen[row.recording_id, song]))
    wanted = set(times.get(track.id, ()))
    found = [
        Elsewhere(
            TrackRow(row.id, row.recording_id, row.title, row.duration_ms, row.track_id),
            row.number,
            *ranks[row.recording_id],
        )
        for row in rows
        if row.recording_id != track.recording_id and wanted & set(times[row.id])
    ]
    return sorted(found, key=lambda one: (one.rank, one.track.recording_id, one.number))


def songs_of(heard: list[list[Any]] | None) -> list[int]:
    """The numbers of the songs that a track holds, in order."""
    return [int(said[0]) for said in heard or () if said and said[0] is not None]


async def pairs(conn: AsyncConnection, track: int) -> dict[int, Any]:
    """What is known of a track and others, by the other one's number."""
    a = LiveAlignment
    rows = await conn.execute(select(a.__table__).where(or_(a.first_id == track, a.second_id == track)))
    return {row.second_id if row.first_id == track else row.first_id: row for row in rows}


async def alignment(conn: AsyncConnection, first: int, second: int) -> Any | None:
    a = LiveAlignment
    found = await conn.execute(select(a.__table__).where(a.first_id == first, a.second_id == second))
    return found.one_or_none()


async def put(tx: Transaction, values: Mapping[str, Any]) -> None:
    """Keep what was found about a pair, in place of what was found before."""
    statement = upsert_into(tx.dialect, LiveAlignment).values(**values)
    rest = {name: statement.excluded[name] for name in values if name not in ("first_id", "second_id")}
    await tx.execute(statement.on_conflict_do_update(index_elements=["first_id", "second_id"], set_=rest))
