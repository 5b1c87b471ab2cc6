"""What can be asked of a concert's setlist: songs by their place, songs that follow one another, gaps and first times.

A song is asked for by its whole name in quotes (or any other name it goes by), or by a part of it without; what a soundcheck
held does not count. docs/query.md tells it to people.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, String, Table, and_, exists, false, func, literal, or_, select, union_all
from sqlalchemy.sql.selectable import FromClause

from segue.live.models import LiveConcert, LivePerformance, LiveSong, LiveSongAlias
from segue.live.songs.sets import ENCORE
from segue.live.titles import song_key
from segue.query import Compare, Family, Field, Has, In, Many, Text, Type, WrongOperation
from segue.query.ast import Chain, any_part
from segue.query.expressions import ascii_lower, plain
from segue.query.fields import Scope
from segue.query.wildcards import looks_like

SONG = cast(Table, LiveSong.__table__)
ALIAS = cast(Table, LiveSongAlias.__table__)
PERFORMANCE = cast(Table, LivePerformance.__table__)
CONCERT = cast(Table, LiveConcert.__table__)
COMPLETED_BY = "live_songs"
"""The kind of names that complete the values of these fields."""
MAX_SET = 9
Where = Callable[[Any], ColumnElement[bool]]
"""What holds of a performance (the columns of its table) that is in the right place."""


# --- places in a show -------------------------------------------------------------------------------------------------


def _encored(p: Any) -> ColumnElement[bool]:
    return func.substr(p.set_name, 1, len(ENCORE)) == ENCORE


def _played(p: Any) -> ColumnElement[bool]:
    return cast("ColumnElement[bool]", p.set_number > 0)


def _in_encore(p: Any) -> ColumnElement[bool]:
    return and_(_played(p), _encored(p))


def _opens(p: Any) -> ColumnElement[bool]:
    return and_(_played(p), p.place.in_(("opener", "both")), ~_encored(p))


def _closes(p: Any) -> ColumnElement[bool]:
    return and_(_played(p), p.place.in_(("closer", "both")), ~_encored(p))


def _first_time(p: Any) -> ColumnElement[bool]:
    return and_(_played(p), p.gap.is_(None))


def _in_set(number: int, place: Where = _played) -> Where:
    return lambda p: and_(p.set_number == number, place(p), ~_encored(p))


# --- songs ------------------------------------------------------------------------------------------------------------


def songs_called(part: Text) -> Any:
    """The ids of the songs that a part of a question means: a whole name by its key or an alias, or a part of a name."""
    key = song_key(part.value)
    if part.mode == "is":
        own = select(SONG.c.id).where(SONG.c.key == key)
        named = select(ALIAS.c.song_id).where(ALIAS.c.key == key, ALIAS.c.song_id.is_not(None))
        return union_all(own, named)
    return select(SONG.c.id).where(_called(part, key))


def _called(part: Text, key: str) -> ColumnElement[bool]:
    if part.mode == "wildcard":
        return looks_like(SONG.c.key, part.value, song_key)
    if not key:
        return false()
    pattern = key.replace("/", "//").replace("%", "/%").replace("_", "/_")
    shape = {"contains": f"%{pattern}%", "starts": f"{pattern}%", "ends": f"%{pattern}"}[part.mode]
    return SONG.c.key.like(literal(shape, String), escape="/")


def _texts(field: Field, node: Any) -> list[Text]:
    """The names that a condition on a single song means, any of which will do. Raises WrongOperation."""
    match node:
        case Text(mode="is" | "contains" | "starts" | "ends" | "wildcard"):
            return [node]
        case Compare(_, "=", value):
            return [Text(field.name, "is", str(value))]
        case In(_, values):
            return [Text(field.name, "is", str(value)) for value in values]
    raise WrongOperation(field.name, "this", "a song")


def performances(field: Field, node: Any, place: Where) -> tuple[Select[Any], list[Any]]:
    """A select from performances that meet a condition, without columns, and their tables in order: the concerts are those
    of the first. Raises WrongOperation."""
    if isinstance(node, Chain):
        tables: list[Any] = [PERFORMANCE.alias(f"p{at}") for at in range(len(node.parts))]
        source: FromClause = tables[0]
        for before, after, link in zip(tables, tables[1:], node.links, strict=False):
            source = source.join(after, _follows(before.c, after.c, link))
        held = [
            t.c.song_id.in_(songs_called(part))
            for t, part in zip(tables, node.parts, strict=True)
            if part != any_part(node.field)
        ]
        return select().select_from(source).where(place(tables[0].c), *held), tables
    alone = PERFORMANCE.alias("p0")
    asked = select().select_from(alone).where(place(alone.c))
    if isinstance(node, Has):
        return asked, [alone]
    return asked.where(or_(*(alone.c.song_id.in_(songs_called(part)) for part in _texts(field, node)))), [alone]


def _follows(before: Any, after: Any, link: str) -> ColumnElement[bool]:
    same = and_(after.concert_id == before.concert_id, after.set_number > 0, before.set_number > 0)
    if link == "later":
        return and_(same, after.position > before.position)
    at_once = and_(same, after.position == before.position + 1, after.set_number == before.set_number)
    return and_(at_once, or_(before.segue, before.segue_heard)) if link == "segue" else at_once


# --- fields -----------------------------------------------------------------------------------------------------------


def _song_field(name: str, meaning: str, place: Where, *aliases: str) -> Field:
    def asked(_scope: Scope, node: Any) -> ColumnElement[bool]:
        found, tables = performances(field, node, place)
        return exists(found.add_columns(literal(1)).where(tables[0].c.concert_id == CONCERT.c.id).correlate(CONCERT))

    def found(_scope: Scope, node: Any) -> Select[Any]:
        rows, tables = performances(field, node, place)
        return rows.add_columns(tables[0].c.concert_id)

    field = Field(
        name,
        Type.TEXT,
        meaning,
        asked=asked,
        found=found,
        chained=True,
        names_of=COMPLETED_BY,
        fold=song_key,
        aliases=aliases,
    )
    return field


def _set_field(rest: str) -> Field | None:
    """`set2`, `set2.opener`, `set2.closer`."""
    number, _, place = rest.partition(".")
    if not (number.isascii() and number.isdigit() and 1 <= int(number[:2]) <= MAX_SET and len(number) == 1):
        return None
    match place:
        case "":
            return _song_field(f"set{number}", f"A song that was played in set {number}.", _in_set(int(number)))
        case "opener":
            meaning = f"The song that opened set {number}."
            return _song_field(f"set{number}.opener", meaning, _in_set(int(number), _opens))
        case "closer":
            meaning = f"The song that closed set {number}."
            return _song_field(f"set{number}.closer", meaning, _in_set(int(number), _closes))
    return None


PLACES: dict[str, Where] = {
    "song": _played, "opener": _opens, "closer": _closes, "encore": _in_encore, "debut": _first_time,
}  # fmt: skip
SETLIST_FIELDS: tuple[Field, ...] = (
    _song_field("song", "A song that was played, by its name or what else it is called.", _played, "played"),
    _song_field("opener", "A song that opened a set; encores have none.", _opens),
    _song_field("closer", "A song that closed a set; encores have none.", _closes),
    _song_field("encore", "A song that was played in an encore.", _in_encore),
    _song_field(
        "debut", "A song that the artist played for the first time, as far as setlists are known.", _first_time
    ),
    Field(
        "gap",
        Type.INTEGER,
        "How many concerts later a song came back that evening: 1 at the next one; any of its songs.",
        many=Many(PERFORMANCE.c.concert_id, PERFORMANCE.c.gap, PERFORMANCE.c.gap.is_not(None)),
    ),
    Field(
        "setlist",
        Type.TEXT,
        "Whose setlist it has: reference, person, consensus (the recordings' own), or who brought it; has:setlist for any.",
        ascii_lower(func.nullif(CONCERT.c.setlist_source, "")),
        fold=plain,
        choices=("reference", "person", "consensus"),
    ),
)
SET_FAMILY = Family("set", "A song of the set with this number, its opener, its closer.", "set2", _set_field)


def place_of(name: str) -> Where | None:
    """What a field of this name says of a performance; None where it is none of these."""
    if name in PLACES:
        return PLACES[name]
    number, _, place = name.removeprefix("set").partition(".")
    if not name.startswith("set") or not number.isdigit():
        return None
    return _in_set(int(number), {"opener": _opens, "closer": _closes}.get(place, _played))
