"""Counts of bands and venues, taken again from the rows that they count."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast

from sqlalchemy import Table, func, select

from segue.core.db import Transaction
from segue.live import bulk
from segue.live.bulk import among
from segue.live.models import LiveArtist, LiveConcert, LiveRecording, LiveVenue
from segue.live.search import index as search_index

ARTISTS = cast(Table, LiveArtist.__table__)
VENUES = cast(Table, LiveVenue.__table__)
CONCERTS = cast(Table, LiveConcert.__table__).c
RECORDINGS = cast(Table, LiveRecording.__table__).c
_COUNTED = ("concert_count", "recording_count", "first_date", "last_date", "mean_rating")


async def count_artists(tx: Transaction, artists: Collection[int]) -> None:
    """Count concerts and recordings of these artists again, with their first and last dates."""
    played = (
        select(CONCERTS.artist_id, func.count().label("concerts"), func.min(CONCERTS.date), func.max(CONCERTS.date))
        .where(among(CONCERTS.artist_id, artists, tx.dialect), CONCERTS.kind == "concert", CONCERTS.date != "")
        .group_by(CONCERTS.artist_id)
    )
    shows = {row[0]: tuple(row[1:]) for row in await tx.execute(played)}
    stars = func.sum(RECORDINGS.rating * RECORDINGS.review_count) / func.nullif(func.sum(RECORDINGS.review_count), 0)
    taped = (
        select(RECORDINGS.artist_id, func.count(), stars)
        .where(among(RECORDINGS.artist_id, artists, tx.dialect), RECORDINGS.status == "there")
        .group_by(RECORDINGS.artist_id)
    )
    tapes = {row[0]: (row[1], row[2]) for row in await tx.execute(taped)}
    there = select(ARTISTS).where(among(ARTISTS.c.id, artists, tx.dialect))
    changed = []
    for row in await tx.execute(there):
        concerts, first, last = shows.get(row.id, (0, None, None))
        recordings, mean = tapes.get(row.id, (0, None))
        values = (concerts, recordings, first, last, None if mean is None else round(mean, 4))
        if values != tuple(getattr(row, name) for name in _COUNTED):
            changed.append((row.id, *values))
    await bulk.change(tx, ARTISTS, _COUNTED, changed)
    ids = [row[0] for row in changed]
    await search_index.index_artists(tx, ids)
    tx.all_changed("live_artist", ids)


async def count_venues(tx: Transaction, venues: Collection[int]) -> None:
    """Count the concerts of these venues again."""
    if not venues:
        return
    counted = select(CONCERTS.venue_id, func.count()).where(among(CONCERTS.venue_id, venues, tx.dialect))
    counts: dict[Any, int] = dict((await tx.execute(counted.group_by(CONCERTS.venue_id))).all())  # type: ignore[arg-type]
    there = select(VENUES.c.id, VENUES.c.concert_count).where(among(VENUES.c.id, venues, tx.dialect))
    changed = [
        (row.id, counts.get(row.id, 0)) for row in await tx.execute(there) if counts.get(row.id, 0) != row.concert_count
    ]
    await bulk.change(tx, VENUES, ("concert_count",), changed)
    ids = [row[0] for row in changed]
    await search_index.index_venues(tx, ids)
    tx.all_changed("venue", ids)
