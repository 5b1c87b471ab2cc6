"""Every question about songs: lists, the evenings of a song, what setlists of an artist add up to, where songs are heard."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Literal, cast

from sqlalchemy import Integer, Table, and_, func, or_, select
from sqlalchemy import cast as as_type
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.live.models import LiveArtist, LiveConcertRecording, LiveRecording, LiveTrack, LiveVenue
from segue.live.songs.rows import CONCERT, PERFORMANCE, SONG, batches
from segue.live.songs.sets import ENCORE
from segue.live.songs.views import Companion, Evening, Longest, Playable, SongView

ARTIST = cast(Table, LiveArtist.__table__)
VENUE = cast(Table, LiveVenue.__table__)
HELD = cast(Table, LiveConcertRecording.__table__)
RECORDING = cast(Table, LiveRecording.__table__)
TRACK = cast(Table, LiveTrack.__table__)
Order = Literal["plays", "gap", "first", "last", "name"]
BEST = 5
"""Recordings of a concert among which a track is looked for: the best of those whose tracks are known."""
COUNTING = and_(CONCERT.c.kind == "concert", CONCERT.c.song_count > 0)
"""Concerts that statistics count."""


# --- lists ------------------------------------------------------------------------------------------------------------


async def songs(
    conn: AsyncConnection,
    *,
    artist_id: int | None = None,
    ids: Collection[int] | None = None,
    key: str = "",
    limit: int | None = None,
) -> list[SongView]:
    """Songs that were played, the most played first: of an artist, of these ids, with `key` inside their own."""
    asked = (
        select(SONG, ARTIST.c.name.label("artist"))
        .join_from(SONG, ARTIST, ARTIST.c.id == SONG.c.artist_id)
        .order_by(SONG.c.play_count.desc(), SONG.c.id)
        .limit(limit)
    )
    if ids is None:
        asked = asked.where(SONG.c.play_count > 0)
    else:
        asked = asked.where(SONG.c.id.in_(list(ids)))
    if artist_id is not None:
        asked = asked.where(SONG.c.artist_id == artist_id)
    if key:
        asked = asked.where(SONG.c.key.contains(key, autoescape=True))
    rows = list(await conn.execute(asked))
    days = await _days(conn, {row.artist_id for row in rows})
    return [
        SongView(
            row.id, row.artist_id, row.artist, row.name, row.play_count, row.first_date, row.last_date,
            _gap(days[row.artist_id], row.last_date), row.learnt,
        )
        for row in rows
    ]  # fmt: skip


def in_order(views: Iterable[SongView], order: Order, *, descending: bool) -> list[SongView]:
    """Songs by one of their values, among equals by name; what has none comes last."""
    by_name = sorted(views, key=lambda view: (view.name.casefold(), view.id))
    if order == "name":
        return by_name[::-1] if descending else by_name
    values: dict[int, Any] = {
        view.id: {"plays": view.times, "gap": view.gap, "first": view.first, "last": view.last}[order]
        for view in by_name
    }
    there = [view for view in by_name if values[view.id] is not None]
    there.sort(key=lambda view: values[view.id], reverse=descending)
    return [*there, *(view for view in by_name if values[view.id] is None)]


async def artist(conn: AsyncConnection, artist_id: int) -> Any | None:
    """The row of an artist."""
    return (await conn.execute(select(ARTIST).where(ARTIST.c.id == artist_id))).one_or_none()


async def names(conn: AsyncConnection, key: str, limit: int) -> list[str]:
    """Names of songs with `key` inside their own, those that begin so first, then the most played."""
    asked = select(SONG.c.name, SONG.c.key, func.sum(SONG.c.play_count).label("times")).group_by(
        SONG.c.key, SONG.c.name
    )
    if key:
        asked = asked.where(SONG.c.key.contains(key, autoescape=True))
    rows = list(
        await conn.execute(
            asked.order_by(func.sum(SONG.c.play_count).desc(), SONG.c.key, SONG.c.name).limit(limit * 20)
        )
    )
    rows.sort(key=lambda row: (not row.key.startswith(key), -int(row.times), row.key, row.name))
    return list(dict.fromkeys(row.name for row in rows))[:limit]


async def _days(conn: AsyncConnection, artists: Collection[int]) -> dict[int, list[str]]:
    """The days of the concerts that count, in order, by artist."""
    found: dict[int, list[str]] = defaultdict(list)
    for some in batches(artists):
        asked = select(CONCERT.c.artist_id, CONCERT.c.date_sort).where(CONCERT.c.artist_id.in_(some), COUNTING)
        for row in await conn.execute(asked.order_by(CONCERT.c.artist_id, CONCERT.c.date_sort)):
            found[row.artist_id].append(row.date_sort)
    return found


def _gap(days: Sequence[str], last: str | None) -> int | None:
    if last is None:
        return None
    return len(days) - bisect_right(days, last + "-99" * ((10 - len(last)) // 3))


# --- evenings ---------------------------------------------------------------------------------------------------------

_PLAYED = (
    PERFORMANCE.c.concert_id, CONCERT.c.date, VENUE.c.name.label("venue"), VENUE.c.city, PERFORMANCE.c.position,
    PERFORMANCE.c.set_number, PERFORMANCE.c.set_name, PERFORMANCE.c.place, PERFORMANCE.c.song_id, SONG.c.name,
    PERFORMANCE.c.segue, PERFORMANCE.c.segue_heard, PERFORMANCE.c.note, PERFORMANCE.c.gap, CONCERT.c.kind,
)  # fmt: skip


async def evenings(conn: AsyncConnection, concerts: Collection[int]) -> list[Any]:
    """The whole setlists of these concerts, soundchecks included: by date, then in order."""
    joined = (
        PERFORMANCE.join(CONCERT, CONCERT.c.id == PERFORMANCE.c.concert_id)
        .join(SONG, SONG.c.id == PERFORMANCE.c.song_id)
        .outerjoin(VENUE, VENUE.c.id == CONCERT.c.venue_id)
    )
    order = (CONCERT.c.date_sort, CONCERT.c.sequence, CONCERT.c.id, PERFORMANCE.c.position)
    asked = select(*_PLAYED).select_from(joined).order_by(*order)
    found: list[Any] = []
    for some in batches(concerts):
        found += await conn.execute(asked.where(PERFORMANCE.c.concert_id.in_(some)))
    return found


async def performances(conn: AsyncConnection, song_id: int) -> list[Any]:
    """Every time a song was played, by date: as `evenings`, with the song before and after it in its set, and where the
    show begins and ends (soundchecks aside)."""
    before, after = PERFORMANCE.alias("before"), PERFORMANCE.alias("after")
    first_song, next_song = SONG.alias("song_before"), SONG.alias("song_after")
    own = select(PERFORMANCE.c.concert_id).where(PERFORMANCE.c.song_id == song_id)
    span = (
        select(
            PERFORMANCE.c.concert_id,
            func.min(PERFORMANCE.c.position).label("begins"),
            func.max(PERFORMANCE.c.position).label("ends"),
        )
        .where(PERFORMANCE.c.set_number > 0, PERFORMANCE.c.concert_id.in_(own))
        .group_by(PERFORMANCE.c.concert_id)
        .subquery("span")
    )

    def beside(other: Any, step: int) -> Any:
        return and_(
            other.c.concert_id == PERFORMANCE.c.concert_id,
            other.c.position == PERFORMANCE.c.position + step,
            other.c.set_number == PERFORMANCE.c.set_number,
        )

    joined = (
        PERFORMANCE.join(CONCERT, CONCERT.c.id == PERFORMANCE.c.concert_id)
        .join(SONG, SONG.c.id == PERFORMANCE.c.song_id)
        .outerjoin(VENUE, VENUE.c.id == CONCERT.c.venue_id)
        .outerjoin(span, span.c.concert_id == PERFORMANCE.c.concert_id)
        .outerjoin(before, beside(before, -1))
        .outerjoin(first_song, first_song.c.id == before.c.song_id)
        .outerjoin(after, beside(after, 1))
        .outerjoin(next_song, next_song.c.id == after.c.song_id)
    )
    columns = (
        first_song.c.id.label("before_id"), first_song.c.name.label("before_name"),
        or_(before.c.segue, before.c.segue_heard).label("before_runs"), next_song.c.id.label("after_id"),
        next_song.c.name.label("after_name"), span.c.begins, span.c.ends,
    )  # fmt: skip
    order = (CONCERT.c.date_sort, CONCERT.c.sequence, CONCERT.c.id, PERFORMANCE.c.position)
    asked = select(*_PLAYED, *columns).select_from(joined).where(PERFORMANCE.c.song_id == song_id)
    return list(await conn.execute(asked.order_by(*order)))


async def together(conn: AsyncConnection, song_id: int, limit: int) -> list[Companion]:
    """The songs that were most often played on the same evening as this one."""
    own, other = PERFORMANCE.alias("own"), PERFORMANCE.alias("other")
    times = func.count(other.c.concert_id.distinct())
    joined = (
        own.join(other, other.c.concert_id == own.c.concert_id)
        .join(CONCERT, CONCERT.c.id == own.c.concert_id)
        .join(SONG, SONG.c.id == other.c.song_id)
    )
    asked = (
        select(SONG.c.id, SONG.c.name, times)
        .select_from(joined)
        .where(
            own.c.song_id == song_id, own.c.set_number > 0, other.c.set_number > 0, other.c.song_id != song_id, COUNTING
        )
        .group_by(SONG.c.id, SONG.c.name)
        .order_by(times.desc(), SONG.c.name)
        .limit(limit)
    )
    return [Companion(*row) for row in await conn.execute(asked)]


async def concerts_by_year(conn: AsyncConnection, artist_id: int) -> dict[str, int]:
    """How many concerts of an artist count, by year, in order."""
    year = func.substr(CONCERT.c.date, 1, 4)
    asked = select(year, func.count()).where(CONCERT.c.artist_id == artist_id, COUNTING).group_by(year).order_by(year)
    return {row[0]: row[1] for row in await conn.execute(asked)}


async def concerts_since(conn: AsyncConnection, artist_id: int, date: str | None) -> int:
    """How many concerts of an artist count from this date on; 0 without one."""
    if date is None:
        return 0
    asked = select(func.count()).where(CONCERT.c.artist_id == artist_id, COUNTING, CONCERT.c.date_sort >= date)
    return int(await conn.scalar(asked) or 0)


# --- what an artist's setlists add up to -------------------------------------------------------------------------------


def _of_artist(*columns: Any) -> Any:
    joined = PERFORMANCE.join(CONCERT, CONCERT.c.id == PERFORMANCE.c.concert_id).join(
        SONG, SONG.c.id == PERFORMANCE.c.song_id
    )
    return select(*columns).select_from(joined).where(COUNTING, PERFORMANCE.c.set_number > 0)


async def totals(conn: AsyncConnection, artist_id: int) -> tuple[int, int, int, int]:
    """Concerts, songs, performances and segues of an artist."""
    runs = func.sum(as_type(or_(PERFORMANCE.c.segue, PERFORMANCE.c.segue_heard), Integer))
    asked = _of_artist(
        func.count(CONCERT.c.id.distinct()), func.count(PERFORMANCE.c.song_id.distinct()), func.count(), runs
    ).where(CONCERT.c.artist_id == artist_id)
    row = (await conn.execute(asked)).one()
    return row[0], row[1], row[2], int(row[3] or 0)


async def debuts(conn: AsyncConnection, artist_id: int) -> list[tuple[int, Evening]]:
    """Songs with the evening they were first played at, the newest first."""
    asked = (
        _of_artist(PERFORMANCE.c.song_id, CONCERT.c.id, CONCERT.c.date)
        .where(CONCERT.c.artist_id == artist_id, PERFORMANCE.c.gap.is_(None))
        .order_by(CONCERT.c.date_sort.desc(), CONCERT.c.sequence.desc(), CONCERT.c.id, PERFORMANCE.c.position)
    )
    return [(row[0], Evening(row[1], row[2])) for row in await conn.execute(asked)]


async def bust_outs(conn: AsyncConnection, artist_id: int, least: int, limit: int) -> list[Longest]:
    """Songs that came back after at least so many concerts, the longest gap first."""
    asked = (
        _of_artist(PERFORMANCE.c.song_id, SONG.c.name, PERFORMANCE.c.gap, CONCERT.c.id, CONCERT.c.date)
        .where(CONCERT.c.artist_id == artist_id, PERFORMANCE.c.gap >= least)
        .order_by(PERFORMANCE.c.gap.desc(), CONCERT.c.date_sort.desc(), PERFORMANCE.c.id)
        .limit(limit)
    )
    return [Longest(row[0], row[1], row[2], Evening(row[3], row[4])) for row in await conn.execute(asked)]


async def in_place(
    conn: AsyncConnection, artist_id: int, place: Literal["opener", "closer", "encore"], limit: int
) -> list[Companion]:
    """The songs that most often opened or closed a set, or were played in an encore."""
    encored = func.substr(PERFORMANCE.c.set_name, 1, len(ENCORE)) == ENCORE
    held = encored if place == "encore" else and_(PERFORMANCE.c.place.in_((place, "both")), ~encored)
    times = func.count()
    asked = (
        _of_artist(PERFORMANCE.c.song_id, SONG.c.name, times)
        .where(CONCERT.c.artist_id == artist_id, held)
        .group_by(PERFORMANCE.c.song_id, SONG.c.name)
        .order_by(times.desc(), SONG.c.name)
        .limit(limit)
    )
    return [Companion(*row) for row in await conn.execute(asked)]


async def transitions(conn: AsyncConnection, artist_id: int, limit: int) -> list[tuple[Companion, Companion, int, int]]:
    """The songs that most often followed one another in a set: both, how often, and how often with a segue."""
    after, second = PERFORMANCE.alias("after"), SONG.alias("second")
    at_once = and_(
        after.c.concert_id == PERFORMANCE.c.concert_id,
        after.c.position == PERFORMANCE.c.position + 1,
        after.c.set_number == PERFORMANCE.c.set_number,
    )
    joined = (
        PERFORMANCE.join(CONCERT, CONCERT.c.id == PERFORMANCE.c.concert_id)
        .join(after, at_once)
        .join(SONG, SONG.c.id == PERFORMANCE.c.song_id)
        .join(second, second.c.id == after.c.song_id)
    )
    times = func.count()
    runs = func.sum(as_type(or_(PERFORMANCE.c.segue, PERFORMANCE.c.segue_heard), Integer))
    columns = (SONG.c.id, SONG.c.name, SONG.c.play_count, second.c.id, second.c.name, second.c.play_count)
    asked = (
        select(*columns, times, runs)
        .select_from(joined)
        .where(CONCERT.c.artist_id == artist_id, COUNTING, PERFORMANCE.c.set_number > 0)
        .group_by(*columns)
        .order_by(times.desc(), SONG.c.name, second.c.name)
        .limit(limit)
    )
    return [(Companion(*row[:3]), Companion(*row[3:6]), row[6], int(row[7] or 0)) for row in await conn.execute(asked)]


# --- where songs are heard ----------------------------------------------------------------------------------------------


async def playables(conn: AsyncConnection, concerts: Collection[int]) -> dict[int, dict[int, list[Playable]]]:
    """Tracks by concert and song, in the order they were played, each song from the best recording that has it."""
    ranked = (
        select(
            HELD.c.concert_id, HELD.c.recording_id, HELD.c.rank, HELD.c.completeness, RECORDING.c.rating,
            RECORDING.c.source_type,
        )
        .join_from(HELD, RECORDING, RECORDING.c.id == HELD.c.recording_id)
        .where(RECORDING.c.details_at.is_not(None), RECORDING.c.status == "there")
        .order_by(HELD.c.concert_id, HELD.c.rank)
    )  # fmt: skip
    chosen: dict[int, list[Any]] = defaultdict(list)
    for some in batches(concerts):
        for row in await conn.execute(ranked.where(HELD.c.concert_id.in_(some))):
            if len(chosen[row.concert_id]) < BEST:
                chosen[row.concert_id].append(row)
    tracks: dict[int, list[Any]] = defaultdict(list)
    columns = ("id", "track_id", "recording_id", "number", "title", "duration_ms", "heard")
    asked = select(*(TRACK.c[name] for name in columns)).where(TRACK.c.heard.is_not(None))
    for some in batches({row.recording_id for rows in chosen.values() for row in rows}):
        mine = asked.where(TRACK.c.recording_id.in_(some)).order_by(TRACK.c.recording_id, TRACK.c.number)
        for row in await conn.execute(mine):
            tracks[row.recording_id].append(row)
    return {concert: _best(rows, tracks) for concert, rows in chosen.items()}


def _best(ranked: Sequence[Any], tracks: dict[int, list[Any]]) -> dict[int, list[Playable]]:
    found: dict[int, list[Playable]] = {}
    for row in ranked:
        here: dict[int, list[Playable]] = defaultdict(list)
        for track in tracks[row.recording_id]:
            songs_ = list(dict.fromkeys(said[0] for said in track.heard if said and said[0] is not None))
            for song in songs_:
                here[song].append(
                    Playable(
                        track.id, track.track_id, track.recording_id, track.number, track.title, track.duration_ms,
                        len(songs_) > 1, row.rank, row.completeness, row.rating, row.source_type,
                    )
                )  # fmt: skip
        for song, heard in here.items():
            found.setdefault(song, heard)
    return found
