"""What plays add up to: the verbs. Each tells one person about their own plays, and nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.clock import utc_now, zone
from segue.core.db import Database
from segue.core.errors import Invalid
from segue.core.ids import TypedId
from segue.core.remembered import Memory
from segue.listening.errors import ThingNotFound
from segue.listening.plays import PlayRow
from segue.listening.statistics import charts, rows
from segue.listening.statistics.charts import Bar, Bucket, Streak
from segue.listening.statistics.naming import Thing, named
from segue.listening.statistics.ranges import Period, Range, year

KINDS = ("track", "album", "artist", "genre", "decade")
TOLD_OF_A_YEAR = 10


@dataclass(frozen=True, slots=True)
class Placed:
    """One thing in a top list: its place, how often and how long it was played, and how often in the stretch before."""

    place: int
    thing: Thing
    plays: int
    heard_ms: int
    plays_before: int | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """What a stretch adds up to; `days` are those with plays."""

    plays: int = 0
    heard_ms: int = 0
    days: int = 0
    tracks: int = 0
    albums: int = 0
    artists: int = 0
    new_tracks: int = 0
    new_albums: int = 0
    new_artists: int = 0


@dataclass(frozen=True, slots=True)
class Discovery:
    """Something that was heard for the first time, when, and how often since."""

    thing: Thing
    first_played_at: datetime
    plays: int


@dataclass(frozen=True, slots=True)
class ThingHistory:
    """What one person did with one thing over the years; `months` are (first day, plays, milliseconds) of those with plays."""

    thing: Thing
    plays: int = 0
    plays_elsewhere: int = 0
    heard_ms: int = 0
    first_played_at: datetime | None = None
    last_played_at: datetime | None = None
    months: list[tuple[date, int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class YearInMusic:
    """Everything that a page about one year shows. `new_share` is what part of the plays were of artists that were new."""

    year: int
    totals: Totals
    before: Totals
    months: list[Bar]
    days: list[Bar]
    clock: list[list[tuple[int, int]]]
    artists: list[Placed]
    albums: list[Placed]
    tracks: list[Placed]
    genres: list[Placed]
    decades: list[Placed]
    new_artists: list[Placed]
    new_share: float | None
    first_play: PlayRow | None
    last_play: PlayRow | None
    longest_streak: Streak | None
    busiest_day: Bar | None


class NotAKind(Invalid):
    def __init__(self, typed: TypedId) -> None:
        super().__init__("not_played", f"{typed} is nothing that is played: a track, album, artist or genre is.")


class StatisticsService:
    """The door to statistics."""

    def __init__(self, db: Database, music: Memory) -> None:
        self._db = db
        self._music = music

    def today(self, actor: Actor) -> date:
        """The day it is where the person is."""
        return utc_now().astimezone(zone(actor.time_zone)).date()

    async def top(
        self,
        actor: Actor,
        kind: str,
        stretch: Range,
        *,
        by: str = "plays",
        limit: int = 50,
        offset: int = 0,
        compared: bool = False,
    ) -> list[Placed]:
        """The most played tracks, albums, artists, genres or decades, by `plays` or by `time`.

        With `compared`, each says how often it was played in the stretch before.
        """
        async with self._db.read() as conn:
            return await self._top(conn, actor, kind, stretch, by, limit, offset, compared)

    async def totals(self, actor: Actor, stretch: Range) -> Totals:
        """How much was played, and how many different things."""
        async with self._db.read() as conn:
            return await self._totals(conn, actor, stretch)

    async def over_time(self, actor: Actor, bucket: Bucket, stretch: Range) -> list[Bar]:
        """Plays by hour, day, week, month or year. Raises TooManyBuckets."""
        async with self._db.read() as conn:
            return await self._bars(conn, actor, bucket, stretch)

    async def clock(self, actor: Actor, stretch: Range) -> list[list[tuple[int, int]]]:
        """(plays, milliseconds) by weekday from Monday, and by hour."""
        async with self._db.read() as conn:
            return charts.clock(await rows.by_hour_of_week(conn, actor.person, stretch))

    async def streaks(self, actor: Actor) -> tuple[Streak | None, Streak | None]:
        """The current run of days with plays, and the longest there ever was."""
        async with self._db.read() as conn:
            runs = charts.streaks(await self._days(conn, actor, Range(Period.all)))
        return charts.current(runs, self.today(actor)), charts.longest(runs)

    async def discoveries(
        self, actor: Actor, kind: str, stretch: Range, *, limit: int = 50, offset: int = 0
    ) -> tuple[list[Discovery], int]:
        """What was heard for the first time, the latest first, and how many there are."""
        within = stretch.moments(zone(actor.time_zone))
        async with self._db.read() as conn:
            found = await rows.discovered(conn, actor.person, kind, within, limit=limit, offset=offset)
            count = await rows.count_discovered(conn, actor.person, kind, within)
            names = await named(conn, self._music, actor, kind, [number for number, *_ in found])
        return [Discovery(names[number], first, plays) for number, first, plays in found], count

    async def years(self, actor: Actor) -> list[tuple[int, int, int]]:
        """(year, plays, milliseconds) of every year with plays, in order."""
        async with self._db.read() as conn:
            return await rows.years(conn, actor.person)

    async def of_thing(self, actor: Actor, typed: TypedId) -> ThingHistory:
        """What the person did with one track, album, artist or genre. Raises ThingNotFound where they never heard it and may
        not see it, NotAKind."""
        kind = typed.kind
        if kind not in ("track", "album", "artist", "genre"):
            raise NotAKind(typed)
        async with self._db.read() as conn:
            own = await rows.own_row(conn, actor.person, kind, typed.number) if kind != "genre" else None
            parts = await rows.by_month(conn, actor.person, kind, typed.number)
            thing = (await named(conn, self._music, actor, kind, [typed.number]))[typed.number]
        if own is None and not parts and not thing.is_here:
            raise ThingNotFound(typed)
        months = _months(kind, parts)
        plays = sum(month[1] for month in months)
        heard = sum(month[2] for month in months)
        if own is None:
            return ThingHistory(thing, plays, 0, heard, None, None, months)
        first, last = own.first_played_at, own.last_played_at
        return ThingHistory(thing, own.play_count, max(0, own.play_count - plays), heard, first, last, months)

    async def year_in_music(self, actor: Actor, number: int) -> YearInMusic:
        """Everything about one year."""
        stretch = year(number)
        within = stretch.moments(zone(actor.time_zone))
        assert within is not None
        async with self._db.read() as conn:
            totals = await self._totals(conn, actor, stretch)
            before = stretch.before()
            earlier = await self._totals(conn, actor, before) if before is not None else Totals()
            tops = {kind: await self._top(conn, actor, kind, stretch, "plays", TOLD_OF_A_YEAR) for kind in KINDS}
            new, of_new = await rows.top_discovered(conn, actor.person, "artist", number, within, TOLD_OF_A_YEAR)
            names = await named(conn, self._music, actor, "artist", [row[0] for row in new])
            days = await self._bars(conn, actor, Bucket.day, stretch)
            week = charts.clock(await rows.by_hour_of_week(conn, actor.person, stretch))
            first = await rows.edge_play(conn, actor.person, stretch, last=False)
            last = await rows.edge_play(conn, actor.person, stretch, last=True)
            by_artist = await rows.plays_by_kind(conn, actor.person, "artist", number)
        played = [bar for bar in days if bar.plays]
        return YearInMusic(
            number,
            totals,
            earlier,
            charts.bars(((bar.at, bar.plays, bar.heard_ms) for bar in days), Bucket.month, stretch),
            days,
            week,
            tops["artist"],
            tops["album"],
            tops["track"],
            tops["genre"],
            tops["decade"],
            [Placed(place, names[row[0]], row[1], row[2]) for place, row in enumerate(new, 1)],
            of_new / by_artist if by_artist else None,
            PlayRow.of(first._mapping) if first is not None else None,
            PlayRow.of(last._mapping) if last is not None else None,
            charts.longest(charts.streaks([bar.at.date() for bar in played])),
            max(played, key=lambda bar: bar.plays, default=None),
        )

    async def _top(
        self,
        conn: AsyncConnection,
        actor: Actor,
        kind: str,
        stretch: Range,
        by: str,
        limit: int,
        offset: int = 0,
        compared: bool = False,
    ) -> list[Placed]:
        found = await rows.top(conn, actor.person, kind, stretch, by=by, limit=limit, offset=offset)
        numbers = [number for number, *_ in found]
        names = await named(conn, self._music, actor, kind, numbers)
        earlier: dict[int, int] | None = None
        before = stretch.before()
        if compared and before is not None:
            earlier = await rows.plays_of(conn, actor.person, kind, numbers, before)
        return [
            Placed(
                offset + place,
                names[number],
                plays,
                heard,
                earlier.get(number, 0) if earlier is not None else None,
            )
            for place, (number, plays, heard) in enumerate(found, 1)
        ]

    async def _totals(self, conn: AsyncConnection, actor: Actor, stretch: Range) -> Totals:
        person, within = actor.person, stretch.moments(zone(actor.time_zone))
        plays, heard = await rows.sums(conn, person, stretch)
        days = await self._days(conn, actor, stretch)
        different = [await rows.distinct(conn, person, kind, stretch) for kind in rows.OWN_ROWS]
        new = [await rows.count_discovered(conn, person, kind, within) for kind in rows.OWN_ROWS]
        return Totals(plays, heard, len(days), *different, *new)

    async def _bars(self, conn: AsyncConnection, actor: Actor, bucket: Bucket, stretch: Range) -> list[Bar]:
        if bucket is Bucket.hour:
            by_hour = await rows.by_hour(conn, actor.person, stretch)
            return charts.bars(((charts.moment_of(row[0]), row[1], row[2]) for row in by_hour), bucket, stretch)
        by_day = await rows.by_day(conn, actor.person, stretch)
        counted = ((charts.moment_of(row[0] * 24), row[1], row[2]) for row in by_day)
        return charts.bars(counted, bucket, stretch)

    async def _days(self, conn: AsyncConnection, actor: Actor, stretch: Range) -> list[date]:
        return [charts.day_of(row[0]) for row in await rows.by_day(conn, actor.person, stretch) if row[1]]


def _months(kind: str, parts: Sequence[tuple[int, int, int]]) -> list[tuple[date, int, int]]:
    """Plays by month, from months as 202611 or, of a track, from local hours."""
    found: dict[date, list[Any]] = {}
    for number, plays, heard in parts:
        if kind == "track":
            first = charts.moment_of(number).date().replace(day=1)
        else:
            first = date(number // 100, number % 100, 1)
        row = found.setdefault(first, [0, 0])
        row[0] += plays
        row[1] += heard
    return [(first, *row) for first, row in sorted(found.items())]


__all__ = [
    "KINDS",
    "Discovery",
    "Placed",
    "StatisticsService",
    "ThingHistory",
    "Totals",
    "YearInMusic",
]
