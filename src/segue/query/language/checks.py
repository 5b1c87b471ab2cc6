"""What is looked at once a whole query was read: whether it is too much, and what is right and yet worth telling."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from segue.query.ast import Node, Range, fields_of, walk
from segue.query.compile import MAX_DEPTH, MAX_NODES
from segue.query.errors import QuerySyntax
from segue.query.fields import Entity
from segue.query.language.cost import MAX_COST, cost


@dataclass(frozen=True, slots=True)
class Warning:
    """Something that is right and yet worth telling: a code, a sentence, and the place it is about."""

    code: str
    message: str
    start: int = 0
    length: int = 0
    params: dict[str, Any] = field(default_factory=dict)


def too_many(what: str, most: int) -> str:
    return f"The query has too many {what}; the limit is {most}."


TOO_DEEP = f"Parentheses and NOTs are nested too deeply; the limit is {MAX_DEPTH}."


def check(text: str, where: Node) -> None:
    """Raises QuerySyntax about the whole text where its tree is larger, deeper or dearer than a question may be."""
    for count, (_, depth) in enumerate(walk(where), 1):
        if count > MAX_NODES:
            raise QuerySyntax("query_too_big", too_many("conditions", MAX_NODES), text, 0, len(text), limit=MAX_NODES)
        if depth > MAX_DEPTH:
            raise QuerySyntax("query_too_deep", TOO_DEEP, text, 0, len(text), limit=MAX_DEPTH)
    dear = cost(where)
    if dear > MAX_COST:
        message = f"The query asks too much: its cost is {dear:,}, and the limit is {MAX_COST:,}."
        raise QuerySyntax("query_too_dear", message, text, 0, len(text), limit=MAX_COST)


def warnings_of(entity: Entity, where: Node) -> list[Warning]:
    """Fields that nothing knows yet, and ranges that nothing can lie in."""
    found: list[Warning] = []
    for name in sorted(fields_of(where)):
        if entity.field(name).absent:
            message = f"Nothing here knows {name!r} yet; it finds no rows."
            found.append(Warning("no_data_yet", message, params={"field": name}))
    for part, _ in walk(where):
        if isinstance(part, Range) and _backwards(part):
            message = f"Nothing lies from {part.low} to {part.high}."
            found.append(Warning("empty_range", message, params={"field": part.field}))
    return found


def _backwards(part: Range) -> bool:
    low, high = part.low, part.high
    return isinstance(low, int | float) and isinstance(high, int | float) and low > high
