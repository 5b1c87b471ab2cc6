"""Filters as REST writes them: `artist=ar-1&year=1970..1979&type=album,-live&starred=true` becomes a tree.

A comma means any of; a leading minus leaves out; a parameter given twice must hold twice. Numbers, dates and durations
take ranges (`1970..1979`, `1970..`, `..1979`) and comparisons (`>=4`). A text in double quotes must be equal, without
them it is contained. `has=year,-label` asks for rows with a year and without a label.
"""

from __future__ import annotations

from collections.abc import Iterable

from segue.query import values
from segue.query.ast import Compare, Comparison, Has, In, Node, Not, Or, Range, Text, Value, both
from segue.query.compile import MAX_VALUES, check_size
from segue.query.errors import BadValue, TooBig
from segue.query.fields import Entity, Field, Type

HAS = "has"
_RANGED = (Type.INTEGER, Type.NUMBER, Type.DATE, Type.DURATION)
_COMPARISONS: tuple[Comparison, ...] = ("<=", ">=", "<", ">", "=")


def parse_filters(entity: Entity, parameters: Iterable[tuple[str, str]]) -> Node:
    """The tree for these (name, value) pairs, all of which must be filters: take sort, limit and cursor out before.

    Raises UnknownField (naming the nearest), BadValue and TooBig.
    """
    parts: list[Node] = []
    for name, text in parameters:
        if name == HAS:
            parts.extend(_has(entity, text))
            continue
        parts.append(_filter(entity.field(name), text))
    node = both(*parts)
    check_size(node)
    return node


def _has(entity: Entity, text: str) -> list[Node]:
    nodes: list[Node] = []
    for name in split(text):
        wanted = Has(entity.field(name.lstrip("-"), parameter=HAS).name)
        nodes.append(Not(wanted) if name.startswith("-") else wanted)
    return nodes


def _filter(field: Field, text: str) -> Node:
    if field.words is not None:
        value = values.parse(field, text)
        return Text(field.name, "words", str(value))
    pieces = split(text)
    if not pieces:
        raise BadValue(field.name, text, "a value")
    if len(pieces) > MAX_VALUES:
        raise TooBig(field.name, "values", MAX_VALUES)
    wanted = _any(field, [piece for piece in pieces if not piece.startswith("-")])
    unwanted = _any(field, [piece[1:] for piece in pieces if piece.startswith("-")])
    return both(wanted, Not(unwanted) if unwanted else None)


def _any(field: Field, pieces: list[str]) -> Node | None:
    """Any of the written values; those that are plain fold into one In."""
    plain: list[Value] = []
    nodes: list[Node] = []
    for piece in pieces:
        node = _one(field, piece)
        if isinstance(node, Compare) and node.op == "=":
            plain.append(node.value)
        else:
            nodes.append(node)
    if plain:
        nodes.insert(0, Compare(field.name, "=", plain[0]) if len(plain) == 1 else In(field.name, tuple(plain)))
    if not nodes:
        return None
    return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))


def _one(field: Field, piece: str) -> Node:
    if field.type is Type.TEXT:
        if len(piece) >= 2 and piece[0] == piece[-1] == '"':
            return Text(field.name, "is", str(values.parse(field, unquoted(piece))))
        return Text(field.name, "contains", str(values.parse(field, piece)))
    if field.type in _RANGED:
        if ".." in piece:
            low, _, high = piece.partition("..")
            if not low and not high:
                raise BadValue(field.name, piece, "a range such as 1970..1979, 1970.. or ..1979")
            return Range(
                field.name,
                values.parse(field, low) if low else None,
                values.parse(field, high) if high else None,
            )
        for op in _COMPARISONS:
            if piece.startswith(op):
                return Compare(field.name, op, values.parse(field, piece[len(op) :]))
    return Compare(field.name, "=", values.parse(field, piece))


def split(text: str) -> list[str]:
    """`text` at its commas, except those in double quotes; each piece trimmed, empty ones left out."""
    pieces: list[str] = []
    piece, quoted, escaped = "", False, False
    for char in text:
        if escaped:
            escaped = False
        elif quoted and char == "\\":
            escaped = True
        elif char == '"':
            quoted = not quoted
        if char == "," and not quoted:
            pieces.append(piece)
            piece = ""
        else:
            piece += char
    pieces.append(piece)
    return [piece.strip() for piece in pieces if piece.strip()]


def unquoted(piece: str) -> str:
    """What stands between double quotes; a backslash keeps the character after it."""
    kept, escaped = [], False
    for char in piece[1:-1]:
        if not escaped and char == "\\":
            escaped = True
            continue
        kept.append(char)
        escaped = False
    return "".join(kept)
