"""One condition: a field, an operator and what was written after it become a node of the tree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NoReturn

from segue.query import dates, values
from segue.query.ast import Compare, Comparison, In, Mode, Node, Not, Or, Range, Text, Value
from segue.query.errors import BadValue, QuerySyntax, nearest
from segue.query.fields import Entity, Field, Scope, Type
from segue.query.language import harmony
from segue.query.language.tokens import Piece

Operator = Literal["", "=", "!=", "<", "<=", ">", ">="]
MODES: dict[str, Mode] = {
    "contains": "contains",
    "startswith": "starts",
    "endswith": "ends",
    "wildcard": "wildcard",
}
"""Words that may stand between the colon and a text."""
RANGED = (Type.INTEGER, Type.NUMBER, Type.DATE, Type.DURATION)
_DASHED = re.compile(r"([0-9]+(?:\.[0-9]+)?|[0-9]+:[0-9:]+)-([0-9]+(?:\.[0-9]+)?|[0-9]+:[0-9:]+)\Z")
_YEARS = re.compile(r"([0-9]{4})-([0-9]{4})\Z")
_DECADE = re.compile(r"([0-9]{3})0s\Z")
_SPOKEN = re.compile(r"(?:([0-9]{1,4})h)?(?:([0-9]{1,5})m(?:in)?)?(?:([0-9]{1,6})s)?\Z")


class Maker:
    """Makes nodes for one text about one entity; what is wrong is told at its place in the text."""

    def __init__(self, entity: Entity, text: str) -> None:
        self.entity = entity
        self.text = text

    def wrong(self, code: str, message: str, at: Piece, **more: object) -> NoReturn:
        raise QuerySyntax(code, message, self.text, at.start, at.length, **more)  # type: ignore[arg-type]

    def condition(self, field: Field, operator: Operator, mode: Mode | None, wanted: list[Piece], name: Piece) -> Node:
        """The node for `field`, whose name was written as `name`. Raises QuerySyntax."""
        for piece in wanted:
            if piece.pattern:
                self.wrong(
                    "pattern_refused",
                    "Patterns between slashes (regular expressions) are not executed.",
                    piece,
                    expected="a text, or contains, startsWith, endsWith or wildcard before it",
                )
        if operator in ("<", "<=", ">", ">="):
            return self._compared(field, operator, wanted, name)
        node = self._any_of(field, mode, operator, wanted)
        return Not(node) if operator == "!=" else node

    def _compared(self, field: Field, operator: Comparison, wanted: list[Piece], name: Piece) -> Node:
        if field.type not in RANGED or field.words is not None:
            self.wrong(
                "wrong_operation",
                f"{field.name!r} is {values.TYPE_NAMES[field.type]}; it cannot be compared with {operator}.",
                Piece("", name.start, wanted[-1].end),
                expected="a value after the colon",
            )
        if len(wanted) > 1:
            self.wrong("wrong_operation", f"A list does not go with {operator}.", wanted[1], expected="one value")
        return Compare(field.name, operator, self._value(field, wanted[0]))

    def _any_of(self, field: Field, mode: Mode | None, operator: Operator, wanted: list[Piece]) -> Node:
        plain: list[Value] = []
        plain_field = ""
        nodes: list[Node] = []
        for piece in wanted:
            for node in self._one(field, mode, operator, piece):
                if isinstance(node, Compare) and node.op == "=":
                    plain.append(node.value)
                    plain_field = node.field
                else:
                    nodes.append(node)
        if plain:
            nodes.insert(0, Compare(plain_field, "=", plain[0]) if len(plain) == 1 else In(plain_field, tuple(plain)))
        return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))

    def _one(self, field: Field, mode: Mode | None, operator: Operator, piece: Piece) -> Iterator[Node]:
        if field.words is not None:
            yield self._words(field, mode, piece)
            return
        if mode is None and harmony.is_harmonic(field, piece.text):
            key = Piece(piece.text[1:], piece.start + 1, piece.end, quoted=True)
            for each in harmony.neighbours(self._value(field, key)):
                yield Text(field.name, "is", str(each)) if field.type is Type.TEXT else Compare(field.name, "=", each)
            return
        if field.type is Type.TEXT:
            yield self._text(field, mode, operator, piece)
            return
        asked_as_text = self._as_text(field, mode, piece)
        if asked_as_text is not None:
            if asked_as_text.words is not None:
                yield self._words(asked_as_text, mode, piece)
            else:
                yield self._text(asked_as_text, mode, operator, piece)
            return
        if mode is not None:
            self.wrong(
                "wrong_operation",
                f"{field.name!r} is {values.TYPE_NAMES[field.type]}; it cannot be asked with {mode}.",
                piece,
                expected=f"{values.TYPE_NAMES[field.type]} after the colon",
            )
        if field.type in RANGED:
            yield self._ranged(field, operator, piece)
        else:
            yield Compare(field.name, "=", self._value(field, piece))

    def _as_text(self, field: Field, mode: Mode | None, piece: Piece) -> Field | None:
        """The field that is asked in place of one whose values are ids, where something else was written."""
        if field.text is None:
            return None
        if mode is None and not piece.quoted:
            try:
                values.parse(field, piece.text)
            except BadValue:
                pass
            else:
                return None
        return self.entity.field(field.text)

    def _text(self, field: Field, mode: Mode | None, operator: Operator, piece: Piece) -> Node:
        if mode is None:
            mode = "is" if piece.quoted or operator else "contains"
        return Text(field.name, mode, str(self._value(field, piece)))

    def _words(self, field: Field, mode: Mode | None, piece: Piece) -> Node:
        if mode not in (None, "contains"):
            self.wrong("wrong_operation", f"{field.name!r} is searched by words.", piece, expected="words")
        written = str(self._value(field, piece))
        assert field.words is not None
        try:
            field.words(Scope("sqlite"), written)
        except BadValue as error:
            self._bad(error, piece)
        return Text(field.name, "words", written)

    def _ranged(self, field: Field, operator: Operator, piece: Piece) -> Node:
        text = piece.text
        dashed = (_YEARS if field.type is Type.DATE else _DASHED).match(text)
        if ".." in text:
            low, _, high = text.partition("..")
            if not low and not high:
                self.wrong("bad_value", "A range needs an end.", piece, expected="1970..1979, 1970.. or ..1979")
        elif dashed:
            low, high = dashed.groups()
        elif (decade := _DECADE.match(text)) and field.type in (Type.INTEGER, Type.DATE):
            low, high = f"{decade[1]}0", f"{decade[1]}9"
        elif field.type is Type.DATE and not operator and dates.is_amount(text.lower()):
            return Range(field.name, self._value(field, piece), None)
        else:
            return Compare(field.name, "=", self._value(field, piece))
        after = piece.end - piece.quoted
        start = self._value(field, Piece(low, piece.start, piece.start + len(low))) if low else None
        end = self._value(field, Piece(high, after - len(high), after)) if high else None
        return Range(field.name, start, end)

    def _value(self, field: Field, piece: Piece) -> Value:
        text = piece.text
        if field.type is Type.ENUM:
            text = next((choice for choice in field.choices if choice.lower() == text.strip().lower()), text)
        elif field.type is Type.DURATION:
            text = _seconds(text)
        elif field.type is not Type.TEXT:
            text = text.strip()
        try:
            return values.parse(field, text)
        except BadValue as error:
            self._bad(error, piece)

    def _bad(self, error: BadValue, piece: Piece) -> NoReturn:
        self.wrong(
            "bad_value",
            error.message,
            piece,
            expected=error.wanted,
            suggestions=error.suggestions or nearest(piece.text, []),
        )


def _seconds(text: str) -> str:
    """`4min`, `1h30m`, `90s` as seconds; anything else as it is."""
    found = _SPOKEN.match(text.strip().lower())
    if not found or not any(found.groups()):
        return text.strip()
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return str(hours * 3600 + minutes * 60 + seconds)
