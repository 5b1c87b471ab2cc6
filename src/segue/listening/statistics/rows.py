"""Every query of statistics: over rollups where a stretch has whole months and years, over plays for the rest."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Integer, Select, and_, cast, column, func, literal, or_, select, union_all
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.listening.models import Annotation, EntityMove, HeardName, Play, PlayHour, PlayRollup
from segue.listening.names import slices
from segue.listening.plays import day_of_hour
from segue.listening.rollups import ALBUM, ARTIST, DECADE, GENRE, KIND_NUMBERS, TRACK
from segue.listening.statistics.ranges import Period, Pieces, Range, pieces, range_of, year

PLAY: Any = Play.__table__
HOUR: Any = PlayHour.__table__
ROLLUP: Any = PlayRollup.__table__
ANNOTATION: Any = Annotation.__table__
NAME: Any = HeardName.__table__
MOVE: Any = EntityMove.__table__
HEARD: Any = func.coalesce(PLAY.c.duration_played_ms, PLAY.c.duration_ms, 0)
OWN_ROWS = ("track", "album", "artist")
"""Kinds whose things keep their own counts, so that tops of everything need no adding up."""
_WHERE = {ALBUM: 0, ARTIST: 1, GENRE: 2, DECADE: 3}


async def top(
    conn: AsyncConnection, user_id: int, kind: str, stretch: Range, *, by: str, limit: int, offset: int
) -> list[tuple[int, int, int]]:
    """(number, plays, milliseconds) of what was played most, most first; then by number."""
    if stretch.is_all and kind in OWN_ROWS:
        return await _top_of_all(conn, user_id, kind, by, limit, offset)
    parts = _parts(conn, user_id, kind, stretch)
    plays, heard = func.sum(parts.c.plays).label("plays"), func.sum(parts.c.heard_ms).label("heard_ms")
    order = (heard if by == "time" else plays).desc()
    statement = select(parts.c.entity_id, plays, heard).group_by(parts.c.entity_id)
    single = _single_period(kind, stretch)
    if single is not None and by == "plays":
        mine = _rolled(user_id, kind, [single])
        statement = select(ROLLUP.c.entity_id, ROLLUP.c.plays, ROLLUP.c.heard_ms).where(mine)
        ordered = statement.order_by(ROLLUP.c.plays.desc(), ROLLUP.c.entity_id.desc())
    else:
        ordered = statement.order_by(order, parts.c.entity_id.desc())
    rows = await conn.execute(ordered.limit(limit).offset(offset))
    return [(int(row[0]), int(row[1]), int(row[2])) for row in rows]


async def plays_of(
    conn: AsyncConnection, user_id: int, kind: str, numbers: Collection[int], stretch: Range
) -> dict[int, int]:
    """How often these things were played in a stretch; those that were not are left out."""
    found: dict[int, int] = {}
    for some in slices(sorted(numbers)):
        parts = _parts(conn, user_id, kind, stretch, among=some)
        statement = select(parts.c.entity_id, func.sum(parts.c.plays)).group_by(parts.c.entity_id)
        found |= {int(row[0]): int(row[1]) for row in await conn.execute(statement)}
    return found


async def distinct(conn: AsyncConnection, user_id: int, kind: str, stretch: Range) -> int:
    """How many different things of a kind were played."""
    if stretch.is_all and kind in OWN_ROWS:
        mine = and_(ANNOTATION.c.user_id == user_id, ANNOTATION.c.kind == kind, ANNOTATION.c.play_count > 0)
        named = and_(NAME.c.user_id == user_id, NAME.c.kind == kind, NAME.c.play_count > 0)
        here = await conn.scalar(select(func.count()).select_from(ANNOTATION).where(mine))
        return int(here or 0) + int(await conn.scalar(select(func.count()).select_from(NAME).where(named)) or 0)
    single = _single_period(kind, stretch)
    if single is not None:
        mine = _rolled(user_id, kind, [single])
        return int(await conn.scalar(select(func.count()).select_from(ROLLUP).where(mine)) or 0)
    parts = _parts(conn, user_id, kind, stretch)
    return int(await conn.scalar(select(func.count(parts.c.entity_id.distinct()))) or 0)


async def sums(conn: AsyncConnection, user_id: int, stretch: Range) -> tuple[int, int]:
    """(plays, milliseconds) of a stretch."""
    statement = select(func.sum(HOUR.c.plays), func.sum(HOUR.c.heard_ms)).where(_hours(user_id, stretch))
    row = (await conn.execute(statement)).one()
    return int(row[0] or 0), int(row[1] or 0)


async def by_hour(conn: AsyncConnection, user_id: int, stretch: Range) -> Sequence[Any]:
    """(local hour, plays, milliseconds) of every hour with plays, in order."""
    statement = select(HOUR.c.local_hour, HOUR.c.plays, HOUR.c.heard_ms).where(_hours(user_id, stretch))
    return (await conn.execute(statement.order_by(HOUR.c.local_hour))).all()


async def by_day(conn: AsyncConnection, user_id: int, stretch: Range) -> Sequence[Any]:
    """(days since 1970-01-01, plays, milliseconds) of every day with plays, in order."""
    # `%` keeps the sign of a moment before 1970 on both databases, hence the second one
    in_day = (HOUR.c.local_hour % 24 + 24) % 24
    day = ((HOUR.c.local_hour - in_day) / literal(24, Integer)).label("day")
    if conn.dialect.name == "sqlite":
        day = cast(day, Integer).label("day")
    statement = select(day, func.sum(HOUR.c.plays), func.sum(HOUR.c.heard_ms)).where(_hours(user_id, stretch))
    rows = await conn.execute(statement.group_by(day).order_by(day))
    return [(int(row[0]), int(row[1]), int(row[2])) for row in rows]


async def by_hour_of_week(conn: AsyncConnection, user_id: int, stretch: Range) -> Sequence[Any]:
    """(hours since Monday 0:00, plays, milliseconds); 1970-01-01 was a Thursday."""
    place = (((HOUR.c.local_hour + 72) % 168 + 168) % 168).label("place")
    statement = select(place, func.sum(HOUR.c.plays), func.sum(HOUR.c.heard_ms)).where(_hours(user_id, stretch))
    return [(int(row[0]), int(row[1]), int(row[2])) for row in await conn.execute(statement.group_by(place))]


async def by_month(conn: AsyncConnection, user_id: int, kind: str, number: int) -> list[tuple[int, int, int]]:
    """(month as 202611, plays, milliseconds) of one thing, in order; of a track, (hour, plays, milliseconds)."""
    if kind == "track":
        mine = and_(PLAY.c.subject == number, PLAY.c.user_id == user_id)
        statement = select(PLAY.c.local_hour, literal(1), HEARD).where(mine).order_by(PLAY.c.local_hour)
    else:
        mine = and_(
            ROLLUP.c.user_id == user_id,
            ROLLUP.c.kind == KIND_NUMBERS[kind],
            ROLLUP.c.entity_id == number,
            ROLLUP.c.period > 100_000,
        )
        statement = select(ROLLUP.c.period, ROLLUP.c.plays, ROLLUP.c.heard_ms).where(mine).order_by(ROLLUP.c.period)
    return [(int(row[0]), int(row[1]), int(row[2])) for row in await conn.execute(statement)]


async def years(conn: AsyncConnection, user_id: int) -> list[tuple[int, int, int]]:
    """(year, plays, milliseconds) of every year with plays; a play counts in one decade at the most, so hours are asked."""
    first = await conn.scalar(select(func.min(HOUR.c.local_hour)).where(HOUR.c.user_id == user_id))
    last = await conn.scalar(select(func.max(HOUR.c.local_hour)).where(HOUR.c.user_id == user_id))
    if first is None or last is None:
        return []
    found = []
    for number in range(day_of_hour(first).year, day_of_hour(last).year + 1):
        plays, heard = await sums(conn, user_id, year(number))
        if plays:
            found.append((number, plays, heard))
    return found


async def discovered(
    conn: AsyncConnection, user_id: int, kind: str, within: tuple[datetime, datetime] | None, *, limit: int, offset: int
) -> list[tuple[int, datetime, int]]:
    """(number, first played, plays since) of what was heard for the first time in a stretch, the latest first."""
    found: list[tuple[int, datetime, int]] = []
    for table, number, mine in _own_rows(user_id, kind):
        first = table.c.first_played_at
        asked = and_(mine, first.is_not(None), *(() if within is None else (first >= within[0], first < within[1])))
        statement = select(number, first, table.c.play_count).where(asked, table.c.play_count > 0)
        ordered = statement.order_by(first.desc(), number.desc()).limit(offset + limit)
        found += [(int(row[0]), row[1], int(row[2])) for row in await conn.execute(ordered)]
    found.sort(key=lambda row: (row[1], row[0]), reverse=True)
    return found[offset : offset + limit]


async def count_discovered(
    conn: AsyncConnection, user_id: int, kind: str, within: tuple[datetime, datetime] | None
) -> int:
    """How many things were heard for the first time in a stretch."""
    count = 0
    for table, _, mine in _own_rows(user_id, kind):
        first = table.c.first_played_at
        asked = and_(mine, first.is_not(None), *(() if within is None else (first >= within[0], first < within[1])))
        count += int(await conn.scalar(select(func.count()).select_from(table).where(asked)) or 0)
    return count


async def top_discovered(
    conn: AsyncConnection, user_id: int, kind: str, of_year: int, within: tuple[datetime, datetime], limit: int
) -> tuple[list[tuple[int, int, int]], int]:
    """Of what was heard for the first time in a year: (number, plays, milliseconds) most played first, and all their plays."""
    new = union_all(
        *(
            select(number.label("entity_id")).where(
                mine, table.c.first_played_at >= within[0], table.c.first_played_at < within[1]
            )
            for table, number, mine in _own_rows(user_id, kind)
        )
    ).subquery()
    source = ROLLUP.join(new, new.c.entity_id == ROLLUP.c.entity_id)
    mine = _rolled(user_id, kind, [of_year])
    statement = select(ROLLUP.c.entity_id, ROLLUP.c.plays, ROLLUP.c.heard_ms).select_from(source).where(mine)
    rows = await conn.execute(statement.order_by(ROLLUP.c.plays.desc(), ROLLUP.c.entity_id.desc()).limit(limit))
    total = await conn.scalar(select(func.sum(ROLLUP.c.plays)).select_from(source).where(mine))
    return [(int(row[0]), int(row[1]), int(row[2])) for row in rows], int(total or 0)


async def plays_by_kind(conn: AsyncConnection, user_id: int, kind: str, of_year: int) -> int:
    """All plays of a year as things of a kind count them: a play by two artists counts twice."""
    mine = _rolled(user_id, kind, [of_year])
    return int(await conn.scalar(select(func.sum(ROLLUP.c.plays)).where(mine)) or 0)


async def edge_play(conn: AsyncConnection, user_id: int, stretch: Range, *, last: bool) -> Any | None:
    """The first play of a stretch, or the last one."""
    mine = [PLAY.c.user_id == user_id]
    if not stretch.is_all:
        start, end = stretch.hours
        mine += [PLAY.c.local_hour >= start, PLAY.c.local_hour < end]
    hour = (func.max if last else func.min)(PLAY.c.local_hour)
    found = await conn.scalar(select(hour).where(*mine))
    if found is None:
        return None
    order = (PLAY.c.played_at.desc(), PLAY.c.id.desc()) if last else (PLAY.c.played_at, PLAY.c.id)
    of_hour = select(PLAY).where(PLAY.c.user_id == user_id, PLAY.c.local_hour == found)
    return (await conn.execute(of_hour.order_by(*order).limit(1))).first()


async def edges(conn: AsyncConnection, user_id: int, kind: str, number: int) -> tuple[datetime | None, datetime | None]:
    """When the first and the last play of a track, album or artist began; (None, None) where there is none."""
    span = select(func.min(PLAY.c.played_at), func.max(PLAY.c.played_at))
    if kind == "track":
        row = (await conn.execute(span.where(PLAY.c.subject == number, PLAY.c.user_id == user_id))).one()
        return row[0], row[1]
    months = [month for month, *_ in await by_month(conn, user_id, kind, number)]
    if not months:
        return None, None
    found = []
    for month, place in ((months[0], 0), (months[-1], 1)):
        whole = range_of(Period.month, date(month // 100, month % 100, 1)).hours
        parts = _from_plays(
            conn.dialect.name, user_id, KIND_NUMBERS[kind], Pieces(hours=[whole]), moment=True
        ).subquery()
        edge = (func.max if place else func.min)(parts.c.played_at)
        found.append(await conn.scalar(select(edge).where(parts.c.entity_id == number)))
    return found[0], found[1]


async def own_row(conn: AsyncConnection, user_id: int, kind: str, number: int) -> Any | None:
    """What is kept of one thing: play_count, heard_ms, first_played_at, last_played_at; None where it was never played."""
    columns = ("play_count", "heard_ms", "first_played_at", "last_played_at")
    for table, its, mine in _own_rows(user_id, kind):
        if (number < 0) == (table is NAME):
            statement = select(*(table.c[name] for name in columns)).where(mine, its == number)
            return (await conn.execute(statement)).first()
    return None


async def last_words(conn: AsyncConnection, user_id: int, subject: int) -> Any | None:
    """The person's last play of a track: what it was called then."""
    mine = select(PLAY).where(PLAY.c.subject == subject, PLAY.c.user_id == user_id)
    return (await conn.execute(mine.order_by(PLAY.c.played_at.desc()).limit(1))).first()


async def remembered_texts(conn: AsyncConnection, user_id: int, kind: str, numbers: Sequence[int]) -> dict[int, str]:
    """What things that are gone were called when the person did something with them."""
    found: dict[int, str] = {}
    for some in slices(numbers):
        mine = and_(ANNOTATION.c.user_id == user_id, ANNOTATION.c.kind == kind, ANNOTATION.c.entity_id.in_(some))
        found |= {
            row[0]: row[1] for row in await conn.execute(select(ANNOTATION.c.entity_id, ANNOTATION.c.text).where(mine))
        }
    return found


async def heard_names(conn: AsyncConnection, user_id: int, numbers: Sequence[int]) -> dict[int, Any]:
    """Names by their number below zero."""
    found: dict[int, Any] = {}
    for some in slices([-number for number in numbers]):
        rows = await conn.execute(select(NAME).where(NAME.c.user_id == user_id, NAME.c.id.in_(some)))
        found |= {-row.id: row for row in rows}
    return found


# --- how they are put together ---------------------------------------------------------------------------------------


async def _top_of_all(
    conn: AsyncConnection, user_id: int, kind: str, by: str, limit: int, offset: int
) -> list[tuple[int, int, int]]:
    found: list[tuple[int, int, int]] = []
    for table, number, mine in _own_rows(user_id, kind):
        key = table.c.heard_ms if by == "time" else table.c.play_count
        statement = select(number, table.c.play_count, table.c.heard_ms).where(mine, table.c.play_count > 0)
        own = table.c.id if table is NAME else table.c.entity_id
        rows = await conn.execute(statement.order_by(key.desc(), own.desc()).limit(offset + limit))
        found += [(int(row[0]), int(row[1]), int(row[2])) for row in rows]
    place = 2 if by == "time" else 1
    found.sort(key=lambda row: (row[place], row[0]), reverse=True)
    return found[offset : offset + limit]


def _own_rows(user_id: int, kind: str) -> list[tuple[Any, Any, Any]]:
    """The tables with a thing's own counts: each with the number in it, and which rows are meant."""
    return [
        (ANNOTATION, ANNOTATION.c.entity_id, and_(ANNOTATION.c.user_id == user_id, ANNOTATION.c.kind == kind)),
        (NAME, -NAME.c.id, and_(NAME.c.user_id == user_id, NAME.c.kind == kind)),
    ]


def _single_period(kind: str, stretch: Range) -> int | None:
    """The one year or month that a stretch is; None where it is not one for which there are rollups."""
    if stretch.is_all:
        return None
    cut = pieces(stretch, months=kind != "track")
    whole = [*cut.years, *cut.months]
    return whole[0] if len(whole) == 1 and not cut.hours else None


def _rolled(user_id: int, kind: str, periods: Sequence[int]) -> Any:
    mine = and_(ROLLUP.c.user_id == user_id, ROLLUP.c.kind == KIND_NUMBERS[kind])
    return and_(mine, ROLLUP.c.period == periods[0] if len(periods) == 1 else ROLLUP.c.period.in_(periods))


def _parts(
    conn: AsyncConnection, user_id: int, kind: str, stretch: Range, *, among: Sequence[int] | None = None
) -> Any:
    """Rows (entity_id, plays, heard_ms) that a stretch is put together from."""
    columns = (ROLLUP.c.entity_id, ROLLUP.c.plays, ROLLUP.c.heard_ms)
    parts: list[Select[Any]] = []
    if stretch.is_all:
        mine = and_(ROLLUP.c.user_id == user_id, ROLLUP.c.kind == KIND_NUMBERS[kind], ROLLUP.c.period < 100_000)
        parts.append(select(*columns).where(mine))
    else:
        cut = pieces(stretch, months=kind != "track")
        if cut.years or cut.months:
            parts.append(select(*columns).where(_rolled(user_id, kind, [*cut.years, *cut.months])))
        if cut.hours:
            parts.append(_from_plays(conn.dialect.name, user_id, KIND_NUMBERS[kind], cut))
    if among is not None:
        limited = [part.subquery() for part in parts]
        parts = [select(part).where(part.c.entity_id.in_(among)) for part in limited]
    return (union_all(*parts) if len(parts) > 1 else parts[0]).subquery("parts")


def _from_plays(dialect: str, user_id: int, kind: int, cut: Pieces, *, moment: bool = False) -> Select[Any]:
    """Rows (entity_id, plays, heard_ms) of single plays; with `moment` (entity_id, played_at)."""
    mine = and_(
        PLAY.c.user_id == user_id,
        or_(*(and_(PLAY.c.local_hour >= start, PLAY.c.local_hour < end) for start, end in cut.hours)),
    )
    what = [PLAY.c.played_at] if moment else [literal(1, Integer).label("plays"), HEARD.label("heard_ms")]
    if kind == TRACK:
        return select(PLAY.c.subject.label("entity_id"), *what).where(mine)
    place = _WHERE[kind]
    if kind in (ALBUM, DECADE):
        number = PLAY.c.counted[place].as_integer()
        there = number != 0 if kind == ALBUM else number.is_not(None)
        return select(_moved(kind, number).label("entity_id"), *what).where(mine, there)
    if dialect == "sqlite":
        each = func.json_each(PLAY.c.counted, f"$[{place}]").table_valued("value", name="each")
        number = each.c.value
    else:
        within = cast(PLAY.c.counted, JSONB).op("->")(place)
        each = func.jsonb_array_elements_text(within).table_valued(column("value"), name="each")
        number = cast(each.c.value, BigInteger)
    source = PLAY.join(each, literal(True))
    return select(_moved(kind, number).label("entity_id"), *what).select_from(source).where(mine)


def _moved(kind: int, number: Any) -> Any:
    """The number of what a thing that ended is part of by now."""
    if kind not in (ALBUM, ARTIST):
        return number
    went = (
        select(MOVE.c.to_id)
        .where(MOVE.c.kind == kind, MOVE.c.from_id == number, MOVE.c.up_to_play >= PLAY.c.id)
        .order_by(MOVE.c.up_to_play)
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(went, number)


def _hours(user_id: int, stretch: Range) -> Any:
    if stretch.is_all:
        return HOUR.c.user_id == user_id
    start, end = stretch.hours
    return and_(HOUR.c.user_id == user_id, HOUR.c.local_hour >= start, HOUR.c.local_hour < end)
