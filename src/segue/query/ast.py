"""What is asked, as a tree: filters of REST, smart playlists and, later, the query language all become these nodes.

The nodes name fields and hold plain values; they know no table, no database and no person. A missing value matches
nothing but `Not(...)` and `Not(Has(...))`: logic has two values here, never SQL's three.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Value = str | int | float | bool
"""A number, a text, yes or no; a date as it was written (`1977`, `1977-05`, `2024-05-01T12:00:00Z`, `last-month`, `-30d`),
a duration in whole seconds, an id as its number."""

Comparison = Literal["=", "<", "<=", ">", ">="]
Mode = Literal["is", "contains", "starts", "ends", "wildcard", "words"]
Link = Literal["segue", "next", "later"]
"""How one thing follows another: it runs into it, it comes at once, or it comes some time after."""


@dataclass(frozen=True, slots=True)
class And:
    """All of `parts`; true where there are none."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of `parts`; false where there are none."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Node


@dataclass(frozen=True, slots=True)
class Compare:
    """The field's value compared with one value. A date or a duration compares as the whole span that was written."""

    field: str
    op: Comparison
    value: Value


@dataclass(frozen=True, slots=True)
class Range:
    """From `low` to `high`, both included; None leaves that end open."""

    field: str
    low: Value | None
    high: Value | None


@dataclass(frozen=True, slots=True)
class In:
    """Equal to any of `values`."""

    field: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """The field's text is, contains, starts or ends with `value`, or has all its words (`words`), in the field's own
    folding (case, accents). With `wildcard`, `*` stands for any text and `?` for one character."""

    field: str
    mode: Mode
    value: str


@dataclass(frozen=True, slots=True)
class Has:
    """The field has any value at all."""

    field: str


@dataclass(frozen=True, slots=True)
class Chain:
    """Values of a field that stand in an order, such as the songs of a concert: `links[n]` is how `parts[n + 1]` follows
    `parts[n]`. A part is, or contains, what is sought; `any_part` is any value."""

    field: str
    parts: tuple[Text, ...]
    links: tuple[Link, ...]


Node = And | Or | Not | Compare | Range | In | Text | Has | Chain

EVERYTHING = And(())
NOTHING = Or(())


def any_part(field: str) -> Text:
    """The part of a chain that any value is."""
    return Text(field, "wildcard", "*")


def both(*parts: Node | None) -> Node:
    """All of `parts` in one flat And; Nones fall out."""
    flat: list[Node] = []
    for part in parts:
        if isinstance(part, And):
            flat.extend(part.parts)
        elif part is not None:
            flat.append(part)
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def normal(node: Node) -> Node:
    """The same question in its one form: no And in an And, no Or in an Or, none with a single part, no list of one value.

    What never holds is `Not(EVERYTHING)` then. Two trees that are written alike have the same form. Recurses: for trees
    whose depth was checked.
    """
    match node:
        case And(parts):
            kept = [
                inner for part in map(normal, parts) for inner in (part.parts if isinstance(part, And) else (part,))
            ]
            return kept[0] if len(kept) == 1 else And(tuple(kept))
        case Or(parts):
            some = [inner for part in map(normal, parts) for inner in (part.parts if isinstance(part, Or) else (part,))]
            return Not(EVERYTHING) if not some else some[0] if len(some) == 1 else Or(tuple(some))
        case Not(part):
            return Not(normal(part))
        case In(field, values) if len(values) < 2:
            return Compare(field, "=", values[0]) if values else Not(EVERYTHING)
        case Range(field, None, None):
            return Has(field)
        case _:
            return node


def walk(node: Node) -> Iterator[tuple[Node, int]]:
    """Every node of the tree with its depth, 1 for the root. Never recurses, so that depth cannot hurt it."""
    waiting = [(node, 1)]
    while waiting:
        current, depth = waiting.pop()
        yield current, depth
        if isinstance(current, And | Or):
            waiting.extend((part, depth + 1) for part in current.parts)
        elif isinstance(current, Not):
            waiting.append((current.part, depth + 1))


def fields_of(node: Node) -> set[str]:
    """The names of all fields that are asked about."""
    return {part.field for part, _ in walk(node) if not isinstance(part, And | Or | Not)}
