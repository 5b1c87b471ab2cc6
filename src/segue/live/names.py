"""What live music is called, to complete what somebody writes: songs, bands, venues, tapers."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.db import Database
from segue.core.text import sort_key
from segue.live.facts import artist_key
from segue.live.mirror.rows import taper_key
from segue.live.models import LiveArtist, LiveRecording, LiveVenue
from segue.live.songs import reading
from segue.live.titles import song_key

SONGS, ARTISTS, VENUES, TAPERS = "live_songs", "live_artists", "live_venues", "live_tapers"
LAST = "\U0010ffff"
"""Sorts behind every other character."""


class LiveNames:
    """Names that begin with, or hold, what was typed; the most played first."""

    kinds = frozenset({SONGS, ARTISTS, VENUES, TAPERS})

    def __init__(self, db: Database) -> None:
        self._db = db

    async def __call__(self, kind: str, typed: str, actor: Actor, limit: int, /) -> list[str]:
        async with self._db.read() as conn:
            match kind:
                case "live_songs":
                    return await reading.names(conn, song_key(typed), limit)
                case "live_artists":
                    return await _holding(conn, LiveArtist, LiveArtist.key, artist_key(typed), limit)
                case "live_venues":
                    return await _holding(conn, LiveVenue, LiveVenue.sort_name, sort_key(typed), limit)
            return await _tapers(conn, taper_key(typed), limit)


async def _holding(conn: AsyncConnection, model: Any, key: Any, typed: str, limit: int) -> list[str]:
    asked = select(model.name).where(model.concert_count > 0)
    if typed:
        asked = asked.where(key.contains(typed, autoescape=True))
    begins = func.substr(key, 1, len(typed)) == typed
    found = await conn.scalars(asked.order_by(begins.desc(), model.concert_count.desc(), key).limit(limit))
    return list(dict.fromkeys(found.all()))


async def _tapers(conn: AsyncConnection, typed: str, limit: int) -> list[str]:
    """Tapers whose name begins so, which an index knows."""
    r = cast(Table, LiveRecording.__table__).c
    times = func.count()
    asked = (
        select(func.min(r.taper), times)
        .where(r.taper_key >= typed, r.taper_key < typed + LAST, r.taper_key != "")
        .group_by(r.taper_key)
        .order_by(times.desc(), r.taper_key)
        .limit(limit)
    )
    return [row[0] for row in await conn.execute(asked)]
