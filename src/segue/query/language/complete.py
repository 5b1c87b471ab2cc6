"""What may come next in a query that somebody is writing: where they are, and which words of the language fit there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from segue.query import dates
from segue.query.fields import Entity, Field, Type
from segue.query.language import chains, names
from segue.query.language.conditions import MODES
from segue.query.language.printer import quoted_if_needed
from segue.query.language.tokens import Piece, Reader

MAX_COMPLETIONS = 20
Kind = Literal["field", "operator", "value", "keyword", "clause"]


@dataclass(frozen=True, slots=True)
class Completion:
    """`text` replaces `length` characters from `start`; `label` is what to show, `detail` what it means."""

    kind: Kind
    text: str
    label: str
    detail: str
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is writing. `typed` is what is there already, from `start` on; `name` is the field of a value."""

    typed: str
    start: int
    name: str | None = None
    operator: str = ""
    quoted: bool = False
    first: bool = False
    """Nothing was written of the value yet."""
    arrow: bool = False
    """An arrow goes before, so that a song comes."""
    after_song: bool = False
    """A text in quotes goes before, so that an arrow may come."""


def place_of(text: str, cursor: int, *, chained: bool = False) -> Place:
    """The piece of `text` that ends at `cursor`; `chained` where arrows join songs."""
    reader = Reader(text[: max(0, min(cursor, len(text)))])
    arrow = after_song = False
    while True:
        reader.space()
        while reader.peek() and reader.peek() in "()":
            reader.at += 1
            reader.space()
        if reader.ended:
            return Place("", len(reader.text), arrow=arrow, after_song=after_song)
        if chained and reader.arrow() is not None:
            arrow, after_song = True, False
            continue
        start = reader.at
        phrase = reader.quoted()
        if phrase is not None:
            if not phrase.closed or reader.ended:
                return Place(phrase.text, start, quoted=True, arrow=arrow)
            arrow, after_song = False, chained
            continue
        if reader.peek() == "-":
            reader.at += 1
            start = reader.at
        word = reader.word()
        if word is None:
            if reader.ended:
                return Place("", start, arrow=arrow)
            reader.at += 1
            continue
        if not reader.colon():
            if reader.ended:
                return Place(word.text, start, arrow=arrow)
            arrow = after_song = False
            continue
        arrow, after_song = False, chained
        value = _in_value(reader, word)
        if value is not None:
            return value


def _in_value(reader: Reader, name: Piece) -> Place | None:
    """The value after a colon, where the text ends in it."""
    operator = reader.operator()
    spaced = reader.space()
    while True:
        start = reader.at
        piece = reader.value()
        if piece is None:
            done = not reader.ended or (spaced and bool(operator) is False and start == reader.at and not reader.ended)
            return None if done else Place("", start, name.text, operator, first=True)
        if reader.ended:
            open_still = not piece.quoted or not piece.closed
            return Place(piece.text, start, name.text, operator, piece.quoted) if open_still else None
        if piece.text.lower() in MODES and reader.space():
            continue
        if not reader.take(","):
            return None
        reader.space()


def arrows(place: Place) -> Iterator[Completion]:
    """What may join a song to the next."""
    for link, arrow in chains.ARROWS.items():
        yield Completion("operator", f"{arrow} ", arrow, chains.MEANINGS[link], place.start, len(place.typed))


def words(entity: Entity, place: Place) -> Iterator[Completion]:
    """Fields, clauses and keywords that begin with, or hold, what was typed."""
    typed = place.typed.lower()
    if place.quoted:
        return
    length = len(place.typed)
    begun: list[Completion] = []
    inside: list[Completion] = []
    behind = {field.text for field in entity.fields.values()}
    for name, field in entity.fields.items():
        spellings = (name, *field.aliases)
        if name in behind:
            continue
        hit = next((each for each in spellings if each.lower().startswith(typed)), None)
        one = Completion("field", f"{hit or name}:", hit or name, field.meaning, place.start, length)
        if hit is not None:
            begun.append(one)
        elif typed and any(typed in each.lower() for each in spellings):
            inside.append(one)
    for clause, meaning in names.CLAUSES.items():
        if clause.startswith(typed):
            begun.append(Completion("clause", f"{clause}:", clause, meaning, place.start, length))
    for family in entity.families:
        if family.prefix.startswith(typed) or (typed and typed.startswith(family.prefix)):
            begun.append(Completion("field", family.prefix, family.example, family.meaning, place.start, length))
    if place.start and typed:
        for keyword, meaning in (
            ("AND", "Both must hold."),
            ("OR", "Either may hold."),
            ("NOT", "The next must not hold."),
        ):
            if keyword.lower().startswith(typed):
                begun.append(Completion("keyword", keyword, keyword, meaning, place.start, length))
    if typed:
        begun.sort(key=lambda each: (each.label.lower() != typed, len(each.label)))
    yield from begun
    yield from inside


def values(field: Field, place: Place) -> Iterator[Completion]:
    """Values that are known without looking into the library, and the operators that go with the field."""
    for text, meaning in _known(field):
        if text.lower().startswith(place.typed.lower()):
            written = quoted_if_needed(text) if field.type in (Type.ENUM, Type.TEXT) else text
            yield Completion("value", written, text, meaning, place.start, len(place.typed) + place.quoted)
    if place.first and not place.operator:
        for operator, meaning in operators(field):
            yield Completion("operator", operator, operator, meaning, place.start, 0)


def value(place: Place, text: str, detail: str) -> Completion:
    """A value from the library: quoted, since it is meant exactly."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return Completion("value", f'"{escaped}"', text, detail, place.start, len(place.typed) + place.quoted)


def operators(field: Field) -> list[tuple[str, str]]:
    """What may stand between the colon and a value, with what it means."""
    if field.words is not None:
        return []
    if field.type in (Type.INTEGER, Type.NUMBER, Type.DATE, Type.DURATION):
        return [
            (">=", "At least."), ("<=", "At most."), (">", "More than."), ("<", "Less than."), ("!=", "Not this."),
        ]  # fmt: skip
    if field.type is Type.TEXT or field.text:
        return [
            ("=", "Exactly this."), ("!=", "Not exactly this."), ("contains ", "Has this inside."),
            ("startsWith ", "Begins with this."), ("endsWith ", "Ends with this."),
            ("wildcard ", "Like this, * for any text and ? for one character."),
        ]  # fmt: skip
    return [("!=", "Not this.")]


def _known(field: Field) -> list[tuple[str, str]]:
    match field.type:
        case Type.BOOLEAN:
            return [("true", field.meaning), ("false", "Not so.")]
        case Type.ENUM:
            return [(choice, "") for choice in field.choices]
        case Type.TEXT:
            return [(choice, "") for choice in field.choices]
        case Type.DATE:
            moving = [(word, "") for word in dates.WORDS]
            return [
                *moving,
                ("-7d", "In the last 7 days."),
                ("-30d", "In the last 30 days."),
                ("-1y", "In the last year."),
            ]
        case Type.INTEGER if field.name.endswith("rating"):
            return [(">=4", "Four stars or five."), ("5", "Five stars."), ("0", "Not rated.")]
        case Type.DURATION:
            return [("<3:00", "Shorter than three minutes."), ("3:00..5:00", "From three to five minutes.")]
        case _:
            return []
