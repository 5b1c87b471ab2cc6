"""What plays add up to: hours, years and months, and each thing's own counts; kept in the transaction of the plays.

A `Tally` collects what some plays count for and writes it at once, each row once. The same tally, taken away, undoes it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import and_, bindparam, delete, func, insert, select, text, update

from segue.core.access import Actor
from segue.core.db import Transaction
from segue.core.inline import run_many
from segue.core.remembered import Memory, Remembered
from segue.listening.models import Annotation, HeardName, PlayHour, PlayRollup
from segue.listening.names import slices
from segue.listening.plays import periods

ANNOTATION: Any = Annotation.__table__
TRACK, ALBUM, ARTIST, GENRE, DECADE = 1, 2, 3, 4, 5
KIND_NUMBERS = {"track": TRACK, "album": ALBUM, "artist": ARTIST, "genre": GENRE, "decade": DECADE}
OF_TRACKS = ("track", "album", "artist")
"""Kinds of things that keep their own counts."""
Names = Callable[[str, Sequence[int]], Awaitable[Mapping[int, Remembered]]]
"""Tells what things of a kind are called; asked only for those that the person never did anything with before."""
Counted = Sequence[Any]
"""What a play counts for beside its track: [album or 0, [artists], [genres], decade or None]."""


def counted_for(track: Remembered) -> list[Any]:
    """What a play of `track` counts for beside the track itself."""
    decade = track.year // 10 * 10 if track.year else None
    return [track.album_id or 0, list(track.artist_ids), list(track.genre_ids), decade]


def names_from(tx: Transaction, music: Memory, actor: Actor, tracks: Mapping[int, Remembered]) -> Names:
    """What is called how, where these tracks are known already."""

    async def names(kind: str, numbers: Sequence[int]) -> Mapping[int, Remembered]:
        if kind == "track":
            return tracks
        return await music.remembered(tx.conn, actor, kind, numbers) if numbers else {}

    return names


async def no_names(_kind: str, _numbers: Sequence[int]) -> Mapping[int, Remembered]:
    """For whatever has its rows already."""
    return {}


@dataclass(slots=True)
class Sum:
    """Plays of one thing: how many, how long, and when the first and the last of them began."""

    plays: int = 0
    heard_ms: int = 0
    first: datetime | None = None
    last: datetime | None = None

    def add(self, plays: int, heard_ms: int, first: datetime, last: datetime) -> None:
        self.plays += plays
        self.heard_ms += heard_ms
        self.first = first if self.first is None else min(self.first, first)
        self.last = last if self.last is None else max(self.last, last)


@dataclass(slots=True)
class Tally:
    """What some plays of one person add up to."""

    hours: dict[int, list[int]] = field(default_factory=dict)
    rollups: dict[tuple[int, int, int], list[int]] = field(default_factory=dict)
    things: dict[tuple[str, int], Sum] = field(default_factory=dict)
    _alike: dict[tuple[int, int, int], list[Any]] = field(default_factory=dict)

    def add(self, hour: int, heard_ms: int, at: datetime, subject: int, counted: Counted, plays: int = 1) -> None:
        """One play of `subject` in this local hour; with `plays` -1 one less, with 0 only the time."""
        hours = self.hours.setdefault(hour, [0, 0])
        hours[0] += plays
        hours[1] += heard_ms
        self._count(*periods(hour), heard_ms, at, at, subject, counted, plays)

    def collect(self, hour: int, heard_ms: int, at: datetime, subject: int, counted: Counted) -> None:
        """One play more, as `add`, of which there will be others of the same month; `collected` ends that."""
        hours = self.hours.setdefault(hour, [0, 0])
        hours[0] += 1
        hours[1] += heard_ms
        year, month = periods(hour)
        key = (subject, month, id(counted))
        known = self._alike.get(key)
        if known is None:
            self._alike[key] = [year, month, heard_ms, at, at, subject, counted, 1]
            return
        known[2] += heard_ms
        known[3] = min(known[3], at)
        known[4] = max(known[4], at)
        known[7] += 1

    def collected(self) -> None:
        for alike in self._alike.values():
            self._count(*alike)
        self._alike.clear()

    def _count(
        self,
        year: int,
        month: int,
        heard_ms: int,
        first: datetime,
        last: datetime,
        subject: int,
        counted: Counted,
        plays: int,
    ) -> None:
        album, artists, genres, decade = counted
        self._rolled(TRACK, subject, (year,), plays, heard_ms)
        if album:
            self._rolled(ALBUM, album, (year, month), plays, heard_ms)
        for artist in artists:
            self._rolled(ARTIST, artist, (year, month), plays, heard_ms)
        for genre in genres:
            self._rolled(GENRE, genre, (year, month), plays, heard_ms)
        if decade is not None:
            self._rolled(DECADE, decade, (year, month), plays, heard_ms)
        for kind, number in _things(subject, counted):
            self.things.setdefault((kind, number), Sum()).add(plays, heard_ms, first, last)

    def _rolled(self, kind: int, number: int, cut: tuple[int, ...], plays: int, heard_ms: int) -> None:
        for period in cut:
            row = self.rollups.setdefault((kind, number, period), [0, 0])
            row[0] += plays
            row[1] += heard_ms

    def counts(self, kind: str) -> dict[int, int]:
        """How many plays more (or less) the things of this kind have that are in a library."""
        return {number: sum.plays for (its, number), sum in self.things.items() if its == kind and number > 0}

    async def write(self, tx: Transaction, user_id: int, names: Names = no_names, *, again: bool = False) -> None:
        """Add it to what is kept. What `names` does not know, and has no row, gets none.

        With `again` the things' own counts have these plays already, and only learn how long and since when.
        """
        await add_hours(tx, user_id, self.hours)
        await add_rollups(tx, user_id, self.rollups)
        await _add_to_annotations(tx, user_id, self.things, names, again)
        await _add_to_names(tx, user_id, self.things)
        if any(row[0] < 0 for row in self.rollups.values()):
            await _forget_empty(tx, user_id, self)


def _things(subject: int, counted: Counted) -> Iterable[tuple[str, int]]:
    yield "track", subject
    if counted[0]:
        yield "album", counted[0]
    for artist in counted[1]:
        yield "artist", artist


_HOUR_MORE = (
    "ON CONFLICT (user_id, local_hour) DO UPDATE SET "
    "plays = play_hours.plays + excluded.plays, heard_ms = play_hours.heard_ms + excluded.heard_ms"
)
_ROLLUP_MORE = (
    "ON CONFLICT (user_id, kind, entity_id, period) DO UPDATE SET "
    "plays = play_rollups.plays + excluded.plays, heard_ms = play_rollups.heard_ms + excluded.heard_ms"
)
_HOURS = text(
    "INSERT INTO play_hours (user_id, local_hour, plays, heard_ms) SELECT CAST(:person AS bigint), said.* "
    "FROM unnest(CAST(:hours AS integer[]), CAST(:plays AS integer[]), CAST(:heard AS bigint[])) "
    f"AS said(local_hour, plays, heard_ms) {_HOUR_MORE}"
)
_ROLLUPS = text(
    "INSERT INTO play_rollups (user_id, kind, entity_id, period, plays, heard_ms) "
    "SELECT CAST(:person AS bigint), said.* FROM unnest(CAST(:kinds AS smallint[]), CAST(:things AS bigint[]), "
    "CAST(:periods AS integer[]), CAST(:plays AS integer[]), CAST(:heard AS bigint[])) "
    f"AS said(kind, entity_id, period, plays, heard_ms) {_ROLLUP_MORE}"
)


async def add_hours(tx: Transaction, user_id: int, hours: Mapping[int, Sequence[int]]) -> None:
    """Add (plays, milliseconds) to hours."""
    if not hours:
        return
    rows = [(user_id, hour, *hours[hour]) for hour in sorted(hours)]
    if tx.dialect == "sqlite":
        await run_many(tx.conn, f"INSERT INTO play_hours VALUES (?, ?, ?, ?) {_HOUR_MORE}", rows)
        return
    _, hour_list, plays, heard = (list(column) for column in zip(*rows, strict=True))
    await tx.execute(_HOURS, {"person": user_id, "hours": hour_list, "plays": plays, "heard": heard})


async def add_rollups(tx: Transaction, user_id: int, rollups: Mapping[tuple[int, int, int], Sequence[int]]) -> None:
    """Add (plays, milliseconds) to (kind, thing, period)."""
    if not rollups:
        return
    rows = [(user_id, *key, *rollups[key]) for key in sorted(rollups)]
    if tx.dialect == "sqlite":
        await run_many(tx.conn, f"INSERT INTO play_rollups VALUES (?, ?, ?, ?, ?, ?) {_ROLLUP_MORE}", rows)
        return
    _, kinds, things, cut, plays, heard = (list(column) for column in zip(*rows, strict=True))
    values = {"kinds": kinds, "things": things, "periods": cut, "plays": plays, "heard": heard}
    await tx.execute(_ROLLUPS, {"person": user_id, **values})


async def _add_to_annotations(
    tx: Transaction, user_id: int, things: Mapping[tuple[str, int], Sum], names: Names, again: bool
) -> None:
    here = {key: things[key] for key in sorted(things) if key[1] > 0}
    there: set[tuple[str, int]] = set()
    for some in slices(sorted({number for _, number in here})):
        asked = {"person": user_id, "numbers": some}
        there.update((row[0], row[1]) for row in (await tx.execute(_with_rows(), asked)).all())
    await _count_more(tx, user_id, {key: sum for key, sum in here.items() if key in there}, again)
    for kind in OF_TRACKS:
        fresh = [key[1] for key, sum in here.items() if key[0] == kind and key not in there and sum.plays >= 0]
        known = await names(kind, fresh) if fresh else {}
        rows = [
            {
                "user_id": user_id,
                "kind": kind,
                "entity_id": number,
                "text": known[number].text,
                "external_ids": known[number].external_ids or None,
                "play_count": here[kind, number].plays,
                "plays_elsewhere": 0,
                "heard_ms": here[kind, number].heard_ms,
                "first_played_at": here[kind, number].first,
                "last_played_at": here[kind, number].last,
            }
            for number in fresh
            if number in known
        ]
        if rows:
            await tx.execute(insert(Annotation), rows)


@cache
def _with_rows() -> Any:
    """Made once: every play asks it."""
    return select(ANNOTATION.c.kind, ANNOTATION.c.entity_id).where(
        ANNOTATION.c.user_id == bindparam("person"),
        ANNOTATION.c.kind.in_(OF_TRACKS),
        ANNOTATION.c.entity_id.in_(bindparam("numbers", expanding=True)),
    )


_MORE_SQLITE = (
    "UPDATE annotations SET play_count = play_count + ?, heard_ms = heard_ms + ?, "
    "first_played_at = min(coalesce(first_played_at, ?), ?), last_played_at = max(coalesce(last_played_at, ?), ?) "
    "WHERE user_id = ? AND kind = ? AND entity_id = ?"
)
_LESS_SQLITE = (
    "UPDATE annotations SET play_count = play_count + ?, heard_ms = heard_ms + ? "
    "WHERE user_id = ? AND kind = ? AND entity_id = ?"
)
_MORE_POSTGRESQL = text(
    "UPDATE annotations AS a SET play_count = a.play_count + said.plays, heard_ms = a.heard_ms + said.heard, "
    "first_played_at = CASE WHEN said.more THEN least(coalesce(a.first_played_at, said.first), said.first) "
    "ELSE a.first_played_at END, "
    "last_played_at = CASE WHEN said.more THEN greatest(coalesce(a.last_played_at, said.last), said.last) "
    "ELSE a.last_played_at END "
    "FROM unnest(CAST(:kinds AS text[]), CAST(:things AS bigint[]), CAST(:plays AS integer[]), CAST(:heard AS bigint[]), "
    "CAST(:first AS timestamptz[]), CAST(:last AS timestamptz[]), CAST(:more AS boolean[])) "
    "AS said(kind, entity_id, plays, heard, first, last, more) "
    "WHERE a.user_id = :person AND a.kind = said.kind AND a.entity_id = said.entity_id"
)


async def _count_more(tx: Transaction, user_id: int, sums: Mapping[tuple[str, int], Sum], again: bool) -> None:
    """Add to the counts of things that have a row."""
    if not sums:
        return
    plays = {key: 0 if again else sum.plays for key, sum in sums.items()}
    if tx.dialect == "postgresql":
        values = {
            "kinds": [kind for kind, _ in sums],
            "things": [number for _, number in sums],
            "plays": list(plays.values()),
            "heard": [sum.heard_ms for sum in sums.values()],
            "first": [sum.first for sum in sums.values()],
            "last": [sum.last for sum in sums.values()],
            "more": [sum.plays > 0 for sum in sums.values()],
        }
        await tx.execute(_MORE_POSTGRESQL, {"person": user_id, **values})
        return
    more, less = [], []
    for key, sum in sums.items():
        if sum.plays > 0 and sum.first is not None and sum.last is not None:
            first, last = as_sqlite(sum.first), as_sqlite(sum.last)
            more.append((plays[key], sum.heard_ms, first, first, last, last, user_id, *key))
        else:
            less.append((plays[key], sum.heard_ms, user_id, *key))
    for statement, rows in ((_MORE_SQLITE, more), (_LESS_SQLITE, less)):
        if rows:
            await run_many(tx.conn, statement, rows)


@lru_cache(maxsize=1024)
def as_sqlite(moment: datetime) -> str:
    """A moment as SQLite's tables hold it; see `core.db.UtcDateTime`. Remembered: a play's moment is written for itself, its
    track, its album and each of its artists."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


async def _add_to_names(tx: Transaction, user_id: int, things: Mapping[tuple[str, int], Sum]) -> None:
    rows = [
        {"key_id": -number, "plays": sum.plays, "heard": sum.heard_ms, "first": sum.first, "last": sum.last}
        for (_, number), sum in sorted(things.items())
        if number < 0
    ]
    if not rows:
        return
    table: Any = HeardName.__table__
    earlier, later = (func.min, func.max) if tx.dialect == "sqlite" else (func.least, func.greatest)
    first = bindparam("first", type_=table.c.first_played_at.type)
    last = bindparam("last", type_=table.c.last_played_at.type)
    values = {
        "play_count": table.c.play_count + bindparam("plays"),
        "heard_ms": table.c.heard_ms + bindparam("heard"),
        "first_played_at": earlier(func.coalesce(table.c.first_played_at, first), first),
        "last_played_at": later(func.coalesce(table.c.last_played_at, last), last),
    }
    mine = and_(table.c.user_id == user_id, table.c.id == bindparam("key_id"))
    await tx.execute(update(table).where(mine).values(values), rows)


async def _forget_empty(tx: Transaction, user_id: int, tally: Tally) -> None:
    """Drop rows of this tally that count nothing any more."""
    hours = [hour for hour, row in tally.hours.items() if row[0] < 0]
    await tx.execute(
        delete(PlayHour).where(PlayHour.user_id == user_id, PlayHour.local_hour.in_(hours), PlayHour.plays <= 0)
    )
    table: Any = PlayRollup.__table__
    gone = and_(
        table.c.user_id == user_id,
        table.c.kind == bindparam("key_kind"),
        table.c.entity_id == bindparam("key_id"),
        table.c.period == bindparam("key_period"),
        table.c.plays <= 0,
    )
    keys = [
        {"key_kind": kind, "key_id": number, "key_period": period}
        for (kind, number, period), row in sorted(tally.rollups.items())
        if row[0] < 0
    ]
    await tx.execute(delete(table).where(gone), keys)
