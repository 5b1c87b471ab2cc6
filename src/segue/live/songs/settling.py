"""What hangs on many evenings at once, computed by the database: gaps, how often a song was played, first and last.

A gap is how many concerts later a song came back: 1 at the next one, 0 later the same evening, null the first time. Only
concerts with a known setlist count, of the kind concert; soundchecks (set 0) neither have gaps nor end them.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import and_, func, select, update

from segue.core.db import Transaction
from segue.live import bulk
from segue.live.songs.rows import CONCERT, PERFORMANCE, SONG, batches

_UNKNOWN_PART = "-99"
"""How `date_sort` writes the month or day that is not known."""


async def settle(tx: Transaction, artist_id: int, songs: Collection[int] | None = None) -> None:
    """Make gaps and counts of these songs right, or (None) of all the artist's. Only what is different is written.

    Reads the artist's setlists once: 0.2 s for 40,000 performances, whatever changed; so many concerts are settled together.
    """
    for some in [None] if songs is None else batches(songs):
        await _gaps(tx, artist_id, some)
        await _counts(tx, artist_id, some)


def _counting() -> Any:
    """What makes a performance count."""
    return and_(CONCERT.c.kind == "concert", CONCERT.c.song_count > 0)


async def _gaps(tx: Transaction, artist_id: int, songs: Collection[int] | None) -> None:
    evening = func.row_number().over(order_by=(CONCERT.c.date_sort, CONCERT.c.sequence, CONCERT.c.id))
    timed = select(CONCERT.c.id, evening.label("n")).where(CONCERT.c.artist_id == artist_id, _counting()).cte("timed")
    before = func.lag(timed.c.n).over(partition_by=PERFORMANCE.c.song_id, order_by=(timed.c.n, PERFORMANCE.c.position))
    played = (
        select(PERFORMANCE.c.id, PERFORMANCE.c.gap.label("was"), (timed.c.n - before).label("now"))
        .join_from(timed, PERFORMANCE, PERFORMANCE.c.concert_id == timed.c.id)
        .where(PERFORMANCE.c.set_number > 0)
    )
    if songs is not None:
        played = played.where(PERFORMANCE.c.song_id.in_(songs))
    all_of_them = played.cte("played")
    different = select(all_of_them.c.id, all_of_them.c.now).where(all_of_them.c.was.is_distinct_from(all_of_them.c.now))
    await bulk.change(tx, PERFORMANCE, ("gap",), [tuple(row) for row in await tx.execute(different)])
    others = select(CONCERT.c.id).where(CONCERT.c.artist_id == artist_id, ~_counting())
    left = update(PERFORMANCE).where(PERFORMANCE.c.gap.is_not(None), PERFORMANCE.c.concert_id.in_(others))
    await tx.execute(left.values(gap=None))


async def _counts(tx: Transaction, artist_id: int, songs: Collection[int] | None) -> None:
    times = func.count(CONCERT.c.id.distinct())
    kept = (SONG.c.id, SONG.c.play_count, SONG.c.first_date, SONG.c.last_date)
    joined = SONG.outerjoin(
        PERFORMANCE.join(CONCERT, and_(CONCERT.c.id == PERFORMANCE.c.concert_id, _counting())),
        and_(PERFORMANCE.c.song_id == SONG.c.id, PERFORMANCE.c.set_number > 0),
    )
    statement = (
        select(*kept, times, func.min(CONCERT.c.date_sort), func.max(CONCERT.c.date_sort))
        .select_from(joined)
        .where(SONG.c.artist_id == artist_id)
        .group_by(*kept)
    )
    if songs is not None:
        statement = statement.where(SONG.c.id.in_(songs))
    found = []
    for number, was_count, was_first, was_last, count, first, last in await tx.execute(statement):
        now = (count, _date(first), _date(last))
        if now != (was_count, was_first, was_last):
            found.append((number, *now))
    await bulk.change(tx, SONG, ("play_count", "first_date", "last_date"), found)
    tx.all_changed("song", [one[0] for one in found])


def _date(date_sort: str | None) -> str | None:
    """A date as it is written, from its sort key."""
    return date_sort.replace(_UNKNOWN_PART, "") if date_sort else None
