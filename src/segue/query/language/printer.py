"""From a tree to its one spelling, which parses to the same tree again."""

from __future__ import annotations

import re

from segue.core.ids import format_id
from segue.query import dates, values
from segue.query.ast import EVERYTHING, And, Chain, Compare, Has, In, Node, Not, Or, Range, Text, Value, normal
from segue.query.errors import BadValue
from segue.query.fields import Entity, Field, Type
from segue.query.language import chains, harmony, names
from segue.query.language.limits import Limit
from segue.query.language.shape import with_phrases
from segue.query.language.tokens import is_keyword
from segue.query.sort import Order

_MODES = {"contains": "contains", "starts": "startsWith", "ends": "endsWith", "wildcard": "wildcard"}
_BARE = re.compile(r"[^\s()\",:<>=!/~“„-][^\s()\",:]*\Z")
_VALUE = re.compile(r"[^\s()\",<>=!/~“„-][^\s()\",]*\Z")
_BREAKING = re.compile(r"[\s(),]")
_WORDS_OF_MODES = frozenset({"contains", "startswith", "endswith", "wildcard"})
_OR, _AND, _UNARY = 0, 1, 2


def write(entity: Entity, where: Node, order: Order | None = None, limit: Limit | None = None, offset: int = 0) -> str:
    """The query in words. A tree that is not in its one form is brought into it first."""
    where = normal(where)
    parts = [] if where == EVERYTHING and (order or limit or offset) else [_Writer(entity).node(where, _OR)]
    if len(parts) == 1 and isinstance(where, Or) and (order or limit or offset) and _writes_or(parts[0]):
        parts = [f"({parts[0]})"]
    if order is not None:
        parts.append(
            "sort:random" if order.drawn else f"sort:{quoted_if_needed(order.text) if order.seed else order.text}"
        )
    if limit is not None:
        parts.append(f"limit:{limit}")
    if offset:
        parts.append(f"offset:{offset}")
    return " ".join(parts)


def _writes_or(text: str) -> bool:
    return " OR " in text


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + '"'


def quoted_if_needed(text: str) -> str:
    """A value that may be quoted or not, as short as it can be."""
    return text if _VALUE.match(text) and not is_keyword(text) else _quoted(text)


class _Writer:
    def __init__(self, entity: Entity) -> None:
        self.entity = entity
        self._asked = names.phrase_of(entity)
        self._as_text = {
            field.text: field.name
            for field in reversed(list(entity.fields.values()))
            if field.text and not field.absent
        }

    def node(self, node: Node, level: int) -> str:
        match node:
            case And(()):
                return "*"
            case And(parts):
                text = " ".join(self.node(part, _UNARY) for part in parts)
                return f"({text})" if level > _AND else text
            case Or(parts):
                return self._or(parts, level)
            case Not(part):
                return f"NOT {self.node(part, _UNARY)}"
            case Text():
                return self._text(node)
            case Has(name):
                return f"has:{name}"
            case Chain(name):
                text = chains.written(node, _quoted)
                return text if name == self.entity.chained else f"{name}:{text}"
            case Compare(name, op, value):
                field = self.entity.field(name)
                return f"{name}:{_operator(field, op, value)}{self._plain(field, value)}"
            case Range(name, low, high):
                field = self.entity.field(name)
                ends = ("" if end is None else self._plain(field, end, within=True) for end in (low, high))
                text = "..".join(ends)
                return f"{name}:{_quoted(text) if _BREAKING.search(text) else text}"
            case In(name, wanted):
                return self._in(self.entity.field(name), wanted)

    def _or(self, parts: tuple[Node, ...], level: int) -> str:
        text = self._listed(parts)
        if text is not None:
            return text
        written = [
            self._words(part) if isinstance(part, str) else self.node(part, _AND)
            for part in with_phrases(self.entity, parts)
        ]
        text = " OR ".join(written)
        return f"({text})" if level > _OR and len(written) > 1 else text

    def _words(self, text: str) -> str:
        bare = _BARE.match(text) and not is_keyword(text) and text != "*"
        return text if bare else _quoted(text)

    def _listed(self, parts: tuple[Node, ...]) -> str | None:
        """`field:a,b`, where all parts are plain texts in one field."""
        first = parts[0]
        if not isinstance(first, Text) or first.mode not in ("is", "contains", "words"):
            return None
        field = self.entity.field(first.field)
        kinds = (first.mode,) if first.mode == "words" else ("is", "contains")
        if not all(isinstance(part, Text) and part.field == first.field and part.mode in kinds for part in parts):
            return None
        keys = [part.value for part in parts if isinstance(part, Text)]
        if harmony.is_harmonic(field, "~8A") and tuple(keys) == harmony.neighbours(keys[0]):
            return f"{first.field}:~{keys[0]}"
        name = self._spelled(field)
        pieces = [self._piece(field, name, part) for part in parts if isinstance(part, Text)]
        if any(piece is None for piece in pieces):
            return None
        return f"{name}:{','.join(piece for piece in pieces if piece is not None)}"

    def _text(self, node: Text) -> str:
        field = self.entity.field(node.field)
        if self._asked == (node.field,) and node.mode == "contains":
            return self._words(node.value)
        name = self._spelled(field)
        piece = self._piece(field, name, node)
        if piece is not None:
            return f"{name}:{piece}"
        return f"{name}:{_MODES[node.mode]} {self._words(node.value)}"

    def _piece(self, field: Field, name: str, node: Text) -> str | None:
        """The text as a value right after the colon; None where it needs the word for its mode."""
        if node.mode == "words":
            return quoted_if_needed(node.value)
        if node.mode == "is":
            return _quoted(node.value)
        if node.mode != "contains" or not _VALUE.match(node.value) or is_keyword(node.value):
            return None
        if node.value.lower() in _WORDS_OF_MODES or (name != field.name and self._is_id(name, node.value)):
            return None
        return node.value

    def _spelled(self, field: Field) -> str:
        """What a text field is called in a query: `artist` for the names of artists."""
        if field.type is not Type.TEXT:
            return field.name
        asked = field.name.removesuffix(".name")
        if field.name not in self._as_text and asked != field.name:  # one of a family: role.piano.name
            by_id = names.find(self.entity, asked)
            return asked if by_id is not None and by_id.text == field.name else field.name
        return self._as_text.get(field.name, field.name)

    def _is_id(self, name: str, value: str) -> bool:
        try:
            values.parse(self.entity.field(name), value)
        except BadValue:
            return False
        return True

    def _in(self, field: Field, wanted: tuple[Value, ...]) -> str:
        if harmony.is_harmonic(field, "~8A") and wanted == harmony.neighbours(wanted[0]):
            return f"{field.name}:~{wanted[0]}"
        operator = next((found for value in wanted if (found := _operator(field, "=", value))), "")
        return f"{field.name}:{operator}{','.join(self._plain(field, value) for value in wanted)}"

    def _plain(self, field: Field, value: Value, *, within: bool = False) -> str:
        """A value of a field that is no text."""
        match field.type:
            case Type.BOOLEAN:
                return "true" if value else "false"
            case Type.ID:
                return format_id(field.prefix or "", int(value))
            case Type.NUMBER:
                number = float(value)
                return str(int(number)) if number.is_integer() else repr(number)
            case Type.INTEGER | Type.DURATION:
                return str(int(value))
            case Type.DATE if within or _date_may_stand(str(value)):
                return str(value)
            case _:
                return quoted_if_needed(str(value))


def _date_may_stand(text: str) -> bool:
    return dates.is_relative(text) or _VALUE.match(text) is not None


def _operator(field: Field, op: str, value: Value) -> str:
    if op != "=":
        return op
    return "=" if field.type is Type.DATE and dates.is_amount(str(value)) else ""
