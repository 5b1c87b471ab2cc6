"""What can be asked of tracks: whether they sound like a track, an album or an artist.

Which tracks those are is read before a question is compiled (`Field.learn`); the question then asks for their numbers, and may
put its rows in their order with `sort:similar`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Protocol

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    String,
    any_,
    cast,
    column,
    false,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.analysis.similar.asking import PREFIXES, Asking
from segue.core.access import SYSTEM, Actor
from segue.core.ids import BadId, TypedId
from segue.query import Compare, Entity, Field, In, Node, Scope, Sort, Text, Type
from segue.query.fields import SortKey

SIMILAR = "similar"
SIMILAR_TO = "similar.to"


class People(Protocol):
    """Who knows which libraries somebody sees: accounts."""

    async def actors(self, user_ids: Collection[int]) -> dict[int, Actor]: ...


def track_fields(similar: Callable[[], Asking], people: Callable[[], People]) -> list[Field]:
    """The field `similar`, and the one that is asked in its place for what is no track's id."""
    learn: Any = _learner(similar, people)
    sort = Sort((SortKey(_rank, "last"),))
    return [
        Field(
            SIMILAR,
            Type.ID,
            "Sounds like this track, album or artist: one of the 500 nearest; sort:similar puts the nearest first.",
            asked=_among,
            found=_ids,
            learn=learn,
            nullable=False,
            prefix="tr",
            text=SIMILAR_TO,
            aliases=("sounds_like",),
            sort=sort,
        ),
        Field(
            SIMILAR_TO,
            Type.TEXT,
            "Sounds like the track, artist or album that is called so.",
            asked=_among,
            found=_ids,
            learn=learn,
            nullable=False,
        ),
    ]


def seeds_of(node: Node) -> list[TypedId | str]:
    """What a condition names: typed ids, or names."""
    match node:
        case Compare(_, _, value):
            return [TypedId("tr", int(value))]
        case In(_, values):
            return [TypedId("tr", int(value)) for value in values]
        case Text(_, _, value):
            try:
                thing = TypedId.parse(value.strip())
            except BadId:
                return [value.strip()]
            return [thing] if thing.prefix in PREFIXES else []
        case _:
            return []


def _learner(similar: Callable[[], Asking], people: Callable[[], People]) -> Any:
    async def learn(conn: AsyncConnection, _entity: Entity, scope: Scope, nodes: Sequence[Node]) -> None:
        known: dict[Node, list[int]] = {}
        scope.learned[SIMILAR] = known
        actor = SYSTEM
        if scope.person:
            there = await people().actors([scope.person])
            actor = there.get(scope.person, Actor(scope.person, "", libraries=frozenset()))
        for node in nodes:
            if node not in known:
                known[node] = await similar().near_to(conn, actor, seeds_of(node))

    return learn


def _learned(scope: Scope) -> dict[Node, list[int]]:
    found: dict[Node, list[int]] = scope.learned.get(SIMILAR) or {}
    return found


def _among(scope: Scope, node: Node) -> ColumnElement[bool]:
    """The condition that a row is one of the nearest."""
    ids = _learned(scope).get(node, [])
    row_id = scope.row_id
    assert row_id is not None
    if not ids:
        return false()
    if scope.dialect == "sqlite":
        return or_(row_id.in_(_ids(scope, node)))
    return row_id == any_(literal(ids, ARRAY(BigInteger)))


def _ids(scope: Scope, node: Node) -> Select[Any]:
    """The numbers of the nearest."""
    ids = _learned(scope).get(node, [])
    if scope.dialect == "sqlite":
        listed = func.json_each("[" + ",".join(map(str, ids)) + "]").table_valued("value")
        return select(listed.c.value)
    numbers = func.unnest(literal(ids, ARRAY(BigInteger))).table_valued(column("value", BigInteger))
    return select(numbers.c.value)


def _rank(scope: Scope) -> ColumnElement[Any]:
    """Where a row stands among the nearest, 1 for the first; null for all others. The place of its number in one text, so that
    neither database needs a table for it."""
    ids = list(dict.fromkeys(one for some in _learned(scope).values() for one in some))
    row_id = scope.row_id
    if not ids or row_id is None:
        return cast(null(), Integer)
    said = "," + ",".join(map(str, ids)) + ","
    sought = literal(",") + cast(row_id, String) + literal(",")
    place = func.instr(said, sought) if scope.dialect == "sqlite" else func.strpos(said, sought)
    return cast(func.nullif(place, 0), Integer)
