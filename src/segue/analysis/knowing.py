"""What else is known of tracks when their octave is chosen: tags, genres, the tracks beside them, the range that is wanted.

What counts is hashed and kept with the sound, so that a change of it is noticed without listening again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from hashlib import blake2b
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.analysis import repository
from segue.analysis.records import Knowledge
from segue.library.measures.service import MeasureService
from segue.library.tables import GENRES, TRACK_GENRES
from segue.settings import AnalysisSettings

SURE = 0.7
"""Tempos of tracks beside it count from this confidence on."""
MOST_BESIDE = 40


async def of_tracks(
    conn: AsyncConnection, measures: MeasureService, tracks: Sequence[Any], chosen: AnalysisSettings
) -> dict[int, Knowledge]:
    """What is known of each of these tracks (rows with id and album_id), by track. What a person says of the tempo is no
    evidence of what was heard: it is shown anyway."""
    numbers = [row.id for row in tracks]
    said = await measures.said_of(conn, numbers)
    genres = await genres_of(conn, numbers)
    beside = await repository.tempos_beside(conn, {row.album_id for row in tracks})
    known = {}
    for row in tracks:
        sure = [
            one.bpm
            for one in beside.get(row.album_id, ())
            if one.track_id != row.id and (one.bpm_confidence or 0) >= SURE
        ]
        known[row.id] = Knowledge(
            tag_bpm=said[row.id].bpm if row.id in said and "bpm" not in said[row.id].edited else None,
            genres=tuple(genres.get(row.id, ())),
            album=tuple(sorted(sure)[:MOST_BESIDE]),
            low=chosen.tempo_low,
            high=chosen.tempo_high,
        )
    return known


async def genres_of(conn: AsyncConnection, tracks: Collection[int]) -> dict[int, list[str]]:
    """The names of the genres of tracks, by track, in the order of their names."""
    found: dict[int, list[str]] = {}
    for some in repository.slices(tracks):
        statement = (
            select(TRACK_GENRES.c.track_id, GENRES.c.name)
            .join(GENRES, GENRES.c.id == TRACK_GENRES.c.genre_id)
            .where(TRACK_GENRES.c.track_id.in_(some))
            .order_by(GENRES.c.name)
        )
        for row in await conn.execute(statement):
            found.setdefault(row.track_id, []).append(row.name)
    return found


def mark(knowledge: Knowledge) -> bytes:
    """A hash of what counts by itself. The tempos beside it do not: they are looked at again once the album is whole."""
    tag = None if knowledge.tag_bpm is None else round(knowledge.tag_bpm)
    return _hash([tag, sorted(knowledge.genres), knowledge.low, knowledge.high])


def _hash(parts: Iterable[Any]) -> bytes:
    return blake2b(repr(list(parts)).encode(), digest_size=8).digest()
