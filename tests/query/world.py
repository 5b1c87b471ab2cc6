"""A small world to ask about, and a plain Python answer to every question: the oracle for the SQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cmp_to_key
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Boolean, Column, Float, Integer, MetaData, Table, Text, and_, func

from segue.core.db import Database, SortText, UtcDateTime
from segue.query import Entity, Field, Many, Scope, Type, declared, sorted_by
from segue.query import ast as tree
from segue.query.fields import Sort, SortKey

METADATA = MetaData()
SONGS = Table(
    "world_songs",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("shelf", Integer, nullable=False),
    Column("title", SortText, nullable=False),
    Column("comment", Text),
    Column("year", Integer),
    Column("added_at", UtcDateTime),
    Column("released", Integer),
    Column("length_ms", Integer, nullable=False),
    Column("tempo", Float),
    Column("live", Boolean),
    Column("medium", Text),
)
TAGS = Table("world_tags", METADATA, Column("song_id", Integer), Column("tag_id", Integer), Column("name", SortText))
MARKS = Table("world_marks", METADATA, Column("person", Integer), Column("song_id", Integer), Column("stars", Integer))

MEDIA = ("cd", "vinyl", "tape")
ZONE = ZoneInfo("America/New_York")


def _marks(scope: Scope) -> Any:
    return scope.join(
        "marks", lambda: MARKS.alias(), lambda m: and_(m.c.song_id == SONGS.c.id, m.c.person == scope.person)
    )


def _of_marks(name: str) -> Callable[[Scope], Any]:
    return lambda scope: _marks(scope).c[name]


SONG = Entity(
    "songs",
    SONGS,
    SONGS.c.id,
    declared(
        Field("id", Type.ID, "Its number.", SONGS.c.id, nullable=False, prefix="tr"),
        Field("title", Type.TEXT, "Its name.", SONGS.c.title, nullable=False, sort=sorted_by(SONGS.c.title)),
        Field("comment", Type.TEXT, "A remark.", func.lower(SONGS.c.comment), fold=str.lower, aliases=("remark",)),
        Field("year", Type.INTEGER, "Its year.", SONGS.c.year, sort=sorted_by(SONGS.c.year, nulls="last")),
        Field("added", Type.DATE, "When it came.", SONGS.c.added_at, sort=sorted_by(SONGS.c.added_at, nulls="first")),
        Field("released", Type.DATE, "Its date.", SONGS.c.released, sort=sorted_by(SONGS.c.released, nulls="last")),
        Field(
            "length",
            Type.DURATION,
            "How long it is.",
            SONGS.c.length_ms,
            nullable=False,
            sort=sorted_by(SONGS.c.length_ms, SONGS.c.title),
        ),
        Field("tempo", Type.NUMBER, "Beats a minute.", SONGS.c.tempo, sort=sorted_by(SONGS.c.tempo, nulls="last")),
        Field("live", Type.BOOLEAN, "Played to people.", SONGS.c.live),
        Field("medium", Type.ENUM, "What it is on.", SONGS.c.medium, choices=MEDIA),
        Field("tag", Type.ID, "What it is filed under.", many=Many(TAGS.c.song_id, TAGS.c.tag_id), prefix="ge"),
        Field("tagname", Type.TEXT, "The words it is filed under.", many=Many(TAGS.c.song_id, TAGS.c.name)),
        Field(
            "stars",
            Type.INTEGER,
            "What the person thinks of it.",
            lambda scope: func.coalesce(_marks(scope).c.stars, 0),
            nullable=False,
            per_person=True,
            sort=Sort((SortKey(lambda scope: func.coalesce(_marks(scope).c.stars, 0)), SortKey(SONGS.c.title))),
        ),
        Field("rated", Type.INTEGER, "The same, or nothing.", _of_marks("stars"), per_person=True),
    ),
    "title",
    lambda shelves: SONGS.c.shelf.in_(shelves),
)


@dataclass
class Song:
    id: int
    title: str
    shelf: int = 1
    comment: str | None = None
    year: int | None = None
    added_at: datetime | None = None
    released: int | None = None
    length_ms: int = 0
    tempo: float | None = None
    live: bool | None = None
    medium: str | None = None
    tags: tuple[tuple[int, str], ...] = ()
    marks: dict[int, int] = field(default_factory=dict)


async def build(db: Database) -> None:
    async with db.write() as tx:
        await tx.conn.run_sync(METADATA.create_all)


async def fill(db: Database, songs: list[Song], *, empty: bool = True) -> None:
    """Put these songs in; with `empty`, nothing else is left."""
    async with db.write() as tx:
        if empty:
            for table in METADATA.sorted_tables:
                await tx.execute(table.delete())
        columns = [column.name for column in SONGS.c]
        if songs:
            await tx.execute(SONGS.insert(), [{name: getattr(song, name) for name in columns} for song in songs])
        tags = [{"song_id": song.id, "tag_id": number, "name": name} for song in songs for number, name in song.tags]
        if tags:
            await tx.execute(TAGS.insert(), tags)
        marks = [
            {"song_id": song.id, "person": who, "stars": stars} for song in songs for who, stars in song.marks.items()
        ]
        if marks:
            await tx.execute(MARKS.insert(), marks)


# --- the oracle ------------------------------------------------------------------------------------------------------


def holds(node: tree.Node, song: Song, person: int) -> bool:
    """Whether `song` is an answer, in plain Python."""
    match node:
        case tree.And(parts):
            return all(holds(part, song, person) for part in parts)
        case tree.Or(parts):
            return any(holds(part, song, person) for part in parts)
        case tree.Not(part):
            return not holds(part, song, person)
    name = SONG.aliases[node.field]
    return any(_leaf_holds(node, name, value) for value in values_of(song, name, person) if value is not None)


def values_of(song: Song, name: str, person: int) -> list[Any]:
    match name:
        case "tag":
            return [number for number, _ in song.tags]
        case "tagname":
            return [tag for _, tag in song.tags]
        case "stars":
            return [song.marks.get(person, 0)]
        case "rated":
            return [song.marks.get(person)]
        case "length":
            return [song.length_ms]
        case "added":
            return [song.added_at]
        case _:
            return [getattr(song, name)]


def _leaf_holds(node: tree.Node, name: str, value: Any) -> bool:
    match node:
        case tree.Has():
            return True
        case tree.Text(_, mode, sought):
            if name == "comment":
                value, sought = value.lower(), sought.lower()
            return {
                "is": value == sought,
                "contains": sought in value,
                "starts": value.startswith(sought),
                "ends": value.endswith(sought),
            }[mode]
        case tree.In(_, wanted):
            return any(_compares(name, value, "=", each) for each in wanted)
        case tree.Range(_, low, high):
            return (low is None or _compares(name, value, ">=", low)) and (
                high is None or _compares(name, value, "<=", high)
            )
        case tree.Compare(_, op, wanted):
            return _compares(name, value, op, wanted)
    raise AssertionError(node)


def _compares(name: str, value: Any, op: str, wanted: Any) -> bool:
    if name == "length":
        value = value // 1000
    elif name == "added":
        value, wanted = _cut_moment(value, wanted), wanted
    elif name == "released":
        wanted_digits = wanted.replace("-", "")
        value = f"{value:08d}"[: len(wanted_digits)]
        wanted = wanted_digits
    elif name in ("comment",):
        value, wanted = value.lower(), wanted.lower()
    return {
        "=": value == wanted,
        "<": value < wanted,
        "<=": value <= wanted,
        ">": value > wanted,
        ">=": value >= wanted,
    }[op]


def _cut_moment(value: datetime, wanted: str) -> str:
    """The moment as a person in ZONE would write it, as coarsely as `wanted` is written."""
    if len(wanted) > 10:
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    local = value.astimezone(ZONE)
    return date(local.year, local.month, local.day).isoformat()[: len(wanted)]


def sorted_songs(songs: list[Song], terms: list[tuple[str, bool]], person: int) -> list[int]:
    """The ids in the order that `terms` (name, reversed) ask for."""
    keys: list[tuple[str, bool]] = []
    for name, reverse in terms:
        keys.append((name, reverse))
        if name in ("length", "stars") and name == terms[-1][0]:
            keys.append(("title", reverse))
    last = keys[-1][1]

    def compare(left: Song, right: Song) -> int:
        for name, reverse in keys:
            (a,), (b,) = values_of(left, name, person), values_of(right, name, person)
            if a == b:
                continue
            if a is None or b is None:
                nulls_first = name == "added"
                return -1 if (a is None) == nulls_first else 1
            return (-1 if a < b else 1) * (-1 if reverse else 1)
        return (left.id - right.id) * (-1 if last else 1)

    return [song.id for song in sorted(songs, key=cmp_to_key(compare))]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def some_moments() -> list[datetime]:
    """Moments on both sides of the edges of days, months, years and summer time in ZONE."""
    edges = ["2024-01-01T05:00:00Z", "2024-03-10T07:00:00Z", "2024-11-03T06:00:00Z", "2024-05-01T04:00:00Z"]
    second = timedelta(seconds=1)
    return [moment(edge) + step for edge in edges for step in (-second, timedelta(0), second / 2, second)]
