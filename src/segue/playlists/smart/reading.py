"""A smart list's query, read for somebody: what it asks, for whom, and how much of it is wanted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from segue.core.access import Actor
from segue.playlists.errors import BadPlaylist
from segue.query import Entity, Order, Question, Scope, parse_sort
from segue.query.ast import Compare, In, Node, Text, fields_of, walk
from segue.query.bounded import Part
from segue.query.language import Limit, Parsed, parse

IN_LIST = "playlist"
IN_NAMED = "playlist.name"
Dialect = Literal["sqlite", "postgresql"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One list's question. `limit` and `offset` say which part of it is the list."""

    parsed: Parsed
    question: Question
    limit: Limit | None
    offset: int
    person: int
    zone: ZoneInfo
    now: datetime
    dialect: Dialect
    way: Any = None
    """The lists that were gone through to come here, see `smart.inside`."""

    def scope(self) -> Scope:
        """A fresh scope, for one statement."""
        scope = Scope(self.dialect, self.person, self.zone, now=self.now)
        if self.way is not None:
            scope.learned["way"] = self.way.afresh()
        return scope

    def on(self, way: Any) -> Asked:
        """The same question, come to by these lists."""
        return replace(self, way=way)

    def part(self) -> Part:
        """What the limit leaves of all that the question finds."""
        return Part(self.question, self.limit, self.offset, self.scope)

    @property
    def is_whole(self) -> bool:
        """Whether the list is all that its question finds."""
        return self.part().is_whole


def ask(
    entity: Entity,
    text: str,
    owner: Actor,
    libraries: frozenset[int] | None,
    dialect: Dialect,
    now: datetime,
    seed: str,
) -> Asked:
    """What `text` asks of tracks with the eyes and in the zone of `owner`, among `libraries` that they may see too.

    A random order without a seed gets `seed`, so that it stays until the list is changed. Raises BadQuery.
    """
    if not text.strip():
        raise BadPlaylist("empty_query", "A smart playlist needs a query.", field="query")
    zone = ZoneInfo(owner.time_zone)
    parsed = parse(entity, text, zone, now)
    order = parsed.order or parse_sort(entity, None)
    if order.seed is not None and order.drawn:
        order = Order(f"random:{seed}", seed=seed)
    seen = owner.libraries if libraries is None else libraries
    if libraries is not None and owner.libraries is not None:
        seen = libraries & owner.libraries
    question = Question(entity, parsed.where, order, seen)
    return Asked(parsed, question, parsed.limit, parsed.offset or 0, owner.person, zone, now, dialect)


def is_personal(asked: Asked) -> bool:
    """Whether what the owner did (plays, stars, ratings) changes what the list holds."""
    entity = asked.question.entity
    names = set(fields_of(asked.question.where))
    names.update(part.strip().lstrip("-+") for part in asked.question.order.text.split(",") if ":" not in part)
    return any(entity.field(name).per_person for name in names if name in entity.aliases or "." in name)


def lists_named(node: Node) -> tuple[set[int], list[Text]]:
    """The playlists that a question asks about with `in:`: by their numbers, and by their names."""
    numbers: set[int] = set()
    names: list[Text] = []
    for part, _ in walk(node):
        if isinstance(part, Compare) and part.field == IN_LIST:
            numbers.add(int(part.value))
        elif isinstance(part, In) and part.field == IN_LIST:
            numbers.update(int(value) for value in part.values)
        elif isinstance(part, Text) and part.field == IN_NAMED:
            names.append(part)
    return numbers, names
