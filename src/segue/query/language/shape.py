"""A tree as JSON, for editors that show a query as a form and write it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

from segue.core.ids import format_id
from segue.query import values
from segue.query.ast import (
    And,
    Chain,
    Compare,
    Comparison,
    Has,
    In,
    Mode,
    Node,
    Not,
    Or,
    Range,
    Text,
    Value,
    any_part,
    normal,
)
from segue.query.compile import MAX_DEPTH
from segue.query.errors import BadQuery, BadValue
from segue.query.fields import Entity, Field, Type
from segue.query.language import names
from segue.query.language.chains import ARROWS, MAX_CHAIN
from segue.query.language.conditions import MODES
from segue.query.language.tokens import may_be_chained

Json = dict[str, Any]


class BadTree(BadQuery):
    """A tree in JSON that is none. `place` is where, as a path: `parts.0.value`."""

    def __init__(self, place: str, message: str, *, hint: str | None = None) -> None:
        super().__init__("bad_ast", f"ast.{place}" if place else "ast", message, hint=hint)


def to_json(entity: Entity, node: Node) -> Json:
    """`{kind: and|or|not|phrase|compare|range|in|text|has|chain, …}`; ids as they are outside, dates as they were written."""
    match node:
        case And(parts):
            return {"kind": "and", "parts": [to_json(entity, part) for part in parts]}
        case Or(parts):
            split = with_phrases(entity, parts)
            if len(split) == 1:
                return to_json(entity, split[0]) if not isinstance(split[0], str) else _phrase(split[0])
            return {
                "kind": "or",
                "parts": [_phrase(part) if isinstance(part, str) else to_json(entity, part) for part in split],
            }
        case Not(part):
            return {"kind": "not", "part": to_json(entity, part)}
        case Compare(name, op, value):
            return {"kind": "compare", "field": name, "op": op, "value": _outside(entity, name, value)}
        case Range(name, low, high):
            ends = [None if end is None else _outside(entity, name, end) for end in (low, high)]
            return {"kind": "range", "field": name, "low": ends[0], "high": ends[1]}
        case In(name, wanted):
            return {"kind": "in", "field": name, "values": [_outside(entity, name, value) for value in wanted]}
        case Text(name, mode, value):
            if names.phrase_of(entity) == (name,) and mode == "contains":
                return _phrase(value)
            return {"kind": "text", "field": name, "mode": mode, "value": value}
        case Has(name):
            return {"kind": "has", "field": name}
        case Chain(name, parts, links):
            songs = [{"mode": part.mode, "value": part.value} for part in parts]
            return {"kind": "chain", "field": name, "parts": songs, "links": list(links)}


def with_phrases(entity: Entity, parts: Sequence[Node]) -> list[Node | str]:
    """The parts of an Or, those that words without a field became put together again as these words."""
    asked = names.phrase_of(entity)
    width = len(asked)
    split: list[Node | str] = []
    at = 0
    while at < len(parts):
        first = parts[at]
        if width > 1 and isinstance(first, Text) and first.mode == "contains":
            wanted = tuple(Text(name, "contains", first.value) for name in asked)
            if tuple(parts[at : at + width]) == wanted:
                split.append(first.value)
                at += width
                continue
        split.append(first)
        at += 1
    return split


def from_json(entity: Entity, given: Any) -> Node:
    """The tree that `to_json` gave. Raises BadTree and UnknownField."""
    return normal(_node(entity, given, "", 1))


def _phrase(text: str) -> Json:
    return {"kind": "phrase", "value": text}


def _outside(entity: Entity, name: str, value: Value) -> Value:
    field = entity.field(name)
    return format_id(field.prefix or "", int(value)) if field.type is Type.ID else value


def _node(entity: Entity, given: Any, place: str, depth: int) -> Node:
    if not isinstance(given, dict):
        raise BadTree(place, "This is no condition.", hint="A condition is an object with `kind`.")
    if depth > MAX_DEPTH:
        raise BadTree(place, f"Conditions are nested too deeply; the limit is {MAX_DEPTH}.")
    inside = f"{place}." if place else ""
    kind = given.get("kind")
    if kind in ("and", "or"):
        parts = given.get("parts")
        if not isinstance(parts, list):
            raise BadTree(f"{inside}parts", "This is no list of conditions.")
        nodes = tuple(_node(entity, part, f"{inside}parts.{at}", depth + 1) for at, part in enumerate(parts))
        return And(nodes) if kind == "and" else Or(nodes)
    if kind == "not":
        return Not(_node(entity, given.get("part"), f"{inside}part", depth + 1))
    if kind == "phrase":
        text = _text(given.get("value"), f"{inside}value")
        return normal(Or(tuple(Text(name, "contains", text) for name in names.phrase_of(entity))))
    field = entity.field(_text(given.get("field"), f"{inside}field"), parameter=f"{inside}field")
    match kind:
        case "compare" if given.get("op") in get_args(Comparison):
            return Compare(field.name, given["op"], _value(field, given.get("value"), f"{inside}value"))
        case "range":
            ends = [
                None if given.get(end) is None else _value(field, given[end], f"{inside}{end}")
                for end in ("low", "high")
            ]
            return Range(field.name, ends[0], ends[1])
        case "in" if isinstance(given.get("values"), list):
            found = (_value(field, each, f"{inside}values.{at}") for at, each in enumerate(given["values"]))
            return In(field.name, tuple(found))
        case "text" if given.get("mode") in get_args(Mode):
            return Text(field.name, given["mode"], _text(given.get("value"), f"{inside}value"))
        case "has":
            return Has(field.name)
        case "chain" if field.chained:
            return _chain(field, given, inside)
    raise BadTree(f"{inside}kind", f"There is no condition {str(kind)[:40]!r} like this.")


def _chain(field: Field, given: Json, inside: str) -> Node:
    parts, links = given.get("parts"), given.get("links")
    if not isinstance(parts, list) or not 2 <= len(parts) <= MAX_CHAIN:
        raise BadTree(f"{inside}parts", f"A chain joins 2 to {MAX_CHAIN} songs.")
    if not isinstance(links, list) or len(links) != len(parts) - 1 or any(link not in ARROWS for link in links):
        raise BadTree(f"{inside}links", f"Between two songs stands one of {', '.join(ARROWS)}.")
    found = tuple(_chained(field, part, f"{inside}parts.{at}") for at, part in enumerate(parts))
    if all(part == any_part(field.name) for part in found):
        raise BadTree(f"{inside}parts", "At least one of these has to be a song.")
    return Chain(field.name, found, tuple(links))


def _chained(field: Field, given: Any, place: str) -> Text:
    if not isinstance(given, dict):
        raise BadTree(place, "This is no song of a chain.")
    mode, value = given.get("mode"), _text(given.get("value"), f"{place}.value")
    if mode == "is" or (mode == "wildcard" and value == "*"):
        return Text(field.name, mode, value)
    if mode == "contains" and may_be_chained(value) and value.lower() not in MODES:
        return Text(field.name, mode, value)
    raise BadTree(place, "A song of a chain is a whole name (is), a word of it (contains), or * (wildcard).")


def _text(given: Any, place: str) -> str:
    if not isinstance(given, str) or len(given) > values.MAX_TEXT:
        raise BadTree(place, f"This is no text of at most {values.MAX_TEXT} characters.")
    return given


def _value(field: Field, given: Any, place: str) -> Value:
    if isinstance(given, bool):
        written = "true" if given else "false"
    elif isinstance(given, float) and given.is_integer():
        written = str(int(given))
    elif isinstance(given, str | int | float):
        written = str(given)
    else:
        raise BadTree(place, "This is no value.")
    try:
        return values.parse(field, written)
    except BadValue as error:
        raise BadTree(place, error.message, hint=error.hint) from None
