"""Which things a bulk edit is about: named one by one, or by the filters of a list, a query (`q`) among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import false, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.library.service import LibraryService
from segue.query import BadQuery, Entity, Node, Question, Scope, both, parse_sort
from segue.query.compile import condition
from segue.query.language import parse


@dataclass(frozen=True, slots=True)
class Targets:
    """Tracks or albums: those in `ids`, or those that the list filters leave. Missing music takes part by its id, and by
    filters only where they ask for it, as in lists."""

    kind: str
    ids: tuple[int, ...] | None = None
    filters: tuple[tuple[str, str], ...] | None = None

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "ids": self.ids, "filters": self.filters}

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Targets:
        ids, filters = body["ids"], body["filters"]
        return cls(
            body["kind"],
            None if ids is None else tuple(ids),
            None if filters is None else tuple((name, value) for name, value in filters),
        )


async def count_of(conn: AsyncConnection, library: LibraryService, actor: Actor, targets: Targets) -> int:
    """How many things are meant, among what `actor` may see. Raises BadQuery for wrong filters."""
    if targets.ids is not None:
        return len(set(targets.ids))
    statement = _statement(library, actor, targets, func.count())
    return int(await conn.scalar(statement) or 0)


async def following_ids(
    conn: AsyncConnection, library: LibraryService, actor: Actor, targets: Targets, after: int, limit: int
) -> list[int]:
    """The next of them by number, from the one after `after`, among what `actor` may see."""
    entity = library.entities[f"{targets.kind}s"]
    if targets.ids is not None:
        wanted: Sequence[int] = sorted(number for number in set(targets.ids) if number > after)[:limit]
        table = entity.table
        statement = select(table.c.id).where(table.c.id.in_(wanted)).order_by(table.c.id)
        if actor.libraries is not None:
            statement = statement.where(entity.visible(actor.libraries) if actor.libraries else false())
        return list(await conn.scalars(statement))
    found = _statement(library, actor, targets, entity.table.c.id).where(entity.table.c.id > after)
    return list(await conn.scalars(found.order_by(entity.table.c.id).limit(limit)))


def _statement(library: LibraryService, actor: Actor, targets: Targets, column: Any) -> Any:
    entity = library.entities[f"{targets.kind}s"]
    filters = [(name, text) for name, text in targets.filters or () if name != "q"]
    asked = [_query(entity, text, actor) for name, text in targets.filters or () if name == "q"]
    where = both(library.filters(entity.name, filters), *asked)
    question = Question(entity, where, parse_sort(entity, None), actor.libraries)
    scope = Scope.of(actor, library.db.dialect)
    clause = condition(entity, question.filter(), scope)
    source = entity.table
    for table, on in scope.joins.values():
        source = source.outerjoin(table, on)  # type: ignore[assignment]
    statement = select(column).select_from(source).where(clause)
    if actor.libraries is not None:
        statement = statement.where(entity.visible(actor.libraries) if actor.libraries else false())
    return statement


def _query(entity: Entity, text: str, actor: Actor) -> Node:
    """What a query leaves. One with a part of a list in it says too little of what is to be changed: BadQuery."""
    parsed = parse(entity, text, ZoneInfo(actor.time_zone))
    if parsed.limit is not None or parsed.offset:
        raise BadQuery(
            "bad_filter", "q", "What is to be changed cannot be a part of a list.", hint="Leave out limit and offset."
        )
    return parsed.where
