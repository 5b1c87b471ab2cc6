"""Reading the lists beside concerts: bands, their years and tours, venues, tapers, doubts, what people said, mirrors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any, cast

from sqlalchemy import Table, and_, func, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.live.bulk import among
from segue.live.models import (
    LiveArtist,
    LiveArtistAlias,
    LiveConcert,
    LiveDoubt,
    LiveMirror,
    LiveOverride,
    LiveRecording,
    LiveVenue,
)
from segue.live.views import DoubtView, MirrorView

ARTISTS = cast(Table, LiveArtist.__table__).c
CONCERTS = cast(Table, LiveConcert.__table__).c
VENUES = cast(Table, LiveVenue.__table__).c
RECORDINGS = cast(Table, LiveRecording.__table__).c
DOUBTS = cast(Table, LiveDoubt.__table__).c
WORDS = cast(Table, LiveOverride.__table__).c
MIRRORS = cast(Table, LiveMirror.__table__)


async def artist_ids(
    conn: AsyncConnection, *, after: tuple[Any, int] | None, limit: int, order: str = "name", least: int = 1
) -> list[tuple[Any, int]]:
    """Keys and numbers of bands after `after`: by name, or (order `concerts`) those with most concerts first."""
    key = ARTISTS.sort_name if order == "name" else -ARTISTS.concert_count
    asked = select(key.label("key"), ARTISTS.id).where(ARTISTS.concert_count >= least)
    if after is not None:
        asked = asked.where(tuple_(key, ARTISTS.id) > tuple_(*after))
    return [(row[0], row[1]) for row in await conn.execute(asked.order_by(key, ARTISTS.id).limit(limit))]


async def venue_ids(
    conn: AsyncConnection,
    *,
    after: tuple[Any, int] | None,
    limit: int,
    order: str = "name",
    artist: int | None = None,
    box: tuple[float, float, float, float] | None = None,
    placed: bool = False,
) -> list[tuple[Any, int]]:
    """The same of venues: of an artist's concerts, inside a box (south, west, north, east), or those with a position."""
    key = VENUES.sort_name if order == "name" else -VENUES.concert_count
    asked = select(key.label("key"), VENUES.id).where(VENUES.concert_count > 0)
    if artist is not None:
        asked = asked.where(VENUES.id.in_(select(CONCERTS.venue_id).where(CONCERTS.artist_id == artist)))
    if box is not None:
        south, west, north, east = box
        asked = asked.where(VENUES.latitude.between(south, north))
        inside = VENUES.longitude.between(west, east)
        asked = asked.where(inside if west <= east else or_(VENUES.longitude >= west, VENUES.longitude <= east))
    if placed:
        asked = asked.where(VENUES.latitude.is_not(None))
    if after is not None:
        asked = asked.where(tuple_(key, VENUES.id) > tuple_(*after))
    return [(row[0], row[1]) for row in await conn.execute(asked.order_by(key, VENUES.id).limit(limit))]


async def years_of(conn: AsyncConnection, artist: int) -> list[Any]:
    """By year of an artist: concerts, recordings, and concerts that are kept here."""
    year = func.substr(CONCERTS.date, 1, 4).label("year")
    asked = (
        select(
            year,
            func.count().label("concerts"),
            func.sum(CONCERTS.recording_count).label("recordings"),
            func.count().filter(CONCERTS.kept > 0).label("kept"),
        )
        .where(CONCERTS.artist_id == artist, CONCERTS.kind == "concert", CONCERTS.date != "")
        .group_by(year)
        .order_by(year)
    )
    return list(await conn.execute(asked))


async def tours_of(conn: AsyncConnection, artist: int) -> list[Any]:
    """The tours of an artist with their first and last day, in time."""
    asked = (
        select(
            CONCERTS.tour,
            func.count().label("concerts"),
            func.min(CONCERTS.date).label("first"),
            func.max(CONCERTS.date).label("last"),
        )
        .where(CONCERTS.artist_id == artist, CONCERTS.tour != "")
        .group_by(CONCERTS.tour)
        .order_by(func.min(CONCERTS.date_sort))
    )
    return list(await conn.execute(asked))


async def days_of(conn: AsyncConnection, year: int, artist: int | None) -> list[Any]:
    """By day of a year: how many concerts and recordings, how many are kept; days and months that are not known as written."""
    asked = (
        select(
            CONCERTS.date,
            func.count().label("concerts"),
            func.sum(CONCERTS.recording_count).label("recordings"),
            func.count().filter(CONCERTS.kept > 0).label("kept"),
            func.max(CONCERTS.rating).label("rating"),
        )
        .where(CONCERTS.date_number.between(year * 10_000, year * 10_000 + 9_999), CONCERTS.kind == "concert")
        .group_by(CONCERTS.date)
        .order_by(func.min(CONCERTS.date_sort))
    )
    if artist is not None:
        asked = asked.where(CONCERTS.artist_id == artist)
    return list(await conn.execute(asked))


async def all_years(conn: AsyncConnection) -> list[Any]:
    """By year, over all bands: how many concerts."""
    year = (CONCERTS.date_number.op("/")(10_000)).label("year")
    asked = select(year, func.count().label("concerts"), func.sum(CONCERTS.recording_count).label("recordings"))
    asked = asked.where(CONCERTS.kind == "concert", CONCERTS.date_number.is_not(None)).group_by(year).order_by(year)
    return list(await conn.execute(asked))


async def tapers(
    conn: AsyncConnection, *, artist: int | None, typed: str, after: tuple[int, str] | None, limit: int
) -> list[Any]:
    """Tapers with most recordings first: key, name as it is written most often (the smallest of them), how many, when."""
    count = func.count().label("recordings")
    asked = (
        select(
            RECORDINGS.taper_key.label("key"),
            func.min(RECORDINGS.taper).label("name"),
            count,
            func.min(func.nullif(RECORDINGS.date, "")).label("first"),
            func.max(func.nullif(RECORDINGS.date, "")).label("last"),
            func.count(RECORDINGS.artist_id.distinct()).label("artists"),
        )
        .where(RECORDINGS.taper_key != "")
        .group_by(RECORDINGS.taper_key)
        .order_by(count.desc(), RECORDINGS.taper_key)
        .limit(limit)
    )
    if artist is not None:
        asked = asked.where(RECORDINGS.artist_id == artist)
    if typed:
        asked = asked.where(RECORDINGS.taper_key.contains(typed, autoescape=True))
    if after is not None:
        asked = asked.having(
            or_(func.count() < after[0], and_(func.count() == after[0], RECORDINGS.taper_key > after[1]))
        )
    return list(await conn.execute(asked))


async def taper(conn: AsyncConnection, key: str) -> dict[str, Any] | None:
    """What is known of a taper: recordings by artist, by source and by year, and what was recorded with."""
    r = RECORDINGS
    asked = select(r.taper, r.artist_id, r.source_type, r.date, r.equipment).where(r.taper_key == key)
    rows = list(await conn.execute(asked))
    if not rows:
        return None
    names = Counter(row.taper for row in rows)
    gear = Counter(piece for row in rows for piece in dict.fromkeys(row.equipment or ()))
    artists = Counter(row.artist_id for row in rows if row.artist_id is not None)
    called = dict(
        (
            await conn.execute(select(ARTISTS.id, ARTISTS.name).where(among(ARTISTS.id, artists, conn.dialect.name)))
        ).all()  # type: ignore[arg-type]
    )
    dates = sorted(row.date for row in rows if row.date)
    return {
        "key": key,
        "name": names.most_common(1)[0][0],
        "recordings": len(rows),
        "first": dates[0] if dates else None,
        "last": dates[-1] if dates else None,
        "artists": [(number, called[number], many) for number, many in artists.most_common() if number in called],
        "sources": Counter(row.source_type for row in rows).most_common(),
        "years": sorted(Counter(date[:4] for date in dates).items()),
        "equipment": gear.most_common(50),
    }


async def doubts_of(conn: AsyncConnection, recordings: Collection[int]) -> list[DoubtView]:
    """Doubts about these recordings, the most likely first."""
    if not recordings:
        return []
    return await _doubts(conn, among(DOUBTS.recording_id, recordings, conn.dialect.name), 200)


async def doubts(
    conn: AsyncConnection,
    *,
    states: Collection[str],
    kinds: Collection[str],
    artist: int | None,
    after: tuple[float, int] | None,
    limit: int,
) -> list[DoubtView]:
    """A page of doubts, the most likely first."""
    parts: list[Any] = [DOUBTS.state.in_(states)]
    if kinds:
        parts.append(DOUBTS.kind.in_(kinds))
    if artist is not None:
        parts.append(RECORDINGS.artist_id == artist)
    if after is not None:
        parts.append(or_(DOUBTS.score < after[0], and_(DOUBTS.score == after[0], DOUBTS.id < after[1])))
    return await _doubts(conn, and_(*parts), limit)


async def doubt(conn: AsyncConnection, number: int) -> DoubtView | None:
    found = await _doubts(conn, DOUBTS.id == number, 1)
    return found[0] if found else None


async def _doubts(conn: AsyncConnection, where: Any, limit: int) -> list[DoubtView]:
    asked = (
        select(
            DOUBTS.id, DOUBTS.recording_id, RECORDINGS.identifier, RECORDINGS.title, ARTISTS.name, RECORDINGS.date, DOUBTS.kind,
            DOUBTS.proposal, DOUBTS.score, DOUBTS.params, DOUBTS.state, DOUBTS.decided_by, DOUBTS.decided_at,
        )
        .join_from(LiveDoubt, LiveRecording, RECORDINGS.id == DOUBTS.recording_id)
        .join(LiveArtist, ARTISTS.id == RECORDINGS.artist_id, isouter=True)
        .where(where)
        .order_by(DOUBTS.score.desc(), DOUBTS.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [
        DoubtView(
            row[0],
            row[1],
            row[2],
            row[3],
            row[4] or "",
            row[5],
            row[6],
            row[7],
            row[8],
            row[9] or {},
            row[10],
            row[11],
            row[12],
        )
        for row in await conn.execute(asked)
    ]


async def count_doubts(conn: AsyncConnection) -> dict[str, int]:
    """How many doubts there are, by state."""
    asked = select(DOUBTS.state, func.count()).group_by(DOUBTS.state)
    return {state: count for state, count in await conn.execute(asked)}  # noqa: C416


async def words_of(conn: AsyncConnection, scope: str, subject: str) -> list[Any]:
    """What people said of one thing."""
    asked = select(LiveOverride.__table__).where(WORDS.scope == scope, WORDS.subject == subject)
    return list(await conn.execute(asked.order_by(WORDS.id)))


async def words(conn: AsyncConnection, *, scope: str | None, after: int, limit: int) -> list[Any]:
    """All that people said, the newest first."""
    asked = select(LiveOverride.__table__).order_by(WORDS.id.desc()).limit(limit)
    if scope is not None:
        asked = asked.where(WORDS.scope == scope)
    if after:
        asked = asked.where(WORDS.id < after)
    return list(await conn.execute(asked))


async def word(conn: AsyncConnection, number: int) -> Any | None:
    return (await conn.execute(select(LiveOverride.__table__).where(WORDS.id == number))).first()


async def mirrors(conn: AsyncConnection, ids: Iterable[int] | None = None) -> list[MirrorView]:
    """The lists that are kept here, by collection."""
    m = MIRRORS.c
    names = ("id", "collection", "title", "wanted", "state", "item_count", "listed_at", "newest", "error")
    asked = select(*(m[name] for name in names)).order_by(m.collection)
    if ids is not None:
        asked = asked.where(m.id.in_(list(ids)))
    return [MirrorView(*row) for row in await conn.execute(asked)]


async def artist_count(conn: AsyncConnection) -> int:
    """How many bands have a concert."""
    return int(await conn.scalar(select(func.count()).select_from(LiveArtist).where(ARTISTS.concert_count > 0)) or 0)


async def totals(conn: AsyncConnection) -> dict[str, int]:
    """How much there is of everything."""
    counted = {
        "artists": select(func.count()).select_from(LiveArtist).where(ARTISTS.concert_count > 0),
        "concerts": select(func.coalesce(func.sum(ARTISTS.concert_count), 0)),
        "recordings": select(func.coalesce(func.sum(ARTISTS.recording_count), 0)),
        "venues": select(func.count()).select_from(LiveVenue),
        "kept": select(func.count()).select_from(LiveConcert).where(text("kept > 0")),
    }
    return {name: int(await conn.scalar(asked) or 0) for name, asked in counted.items()}


async def aliases_of(conn: AsyncConnection, artist: int) -> list[str]:
    """What else a band is called."""
    a = LiveArtistAlias
    asked = select(a.raw).where(a.artist_id == artist, a.action.in_(("match", "create"))).order_by(a.raw).limit(100)
    return list((await conn.scalars(asked)).all())
