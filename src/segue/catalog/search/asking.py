"""What a person typed, taken apart: words, "phrases", fields, what is not wanted. Pure text; no index is asked here.

    bohemian rhaps                     all words, the last one perhaps only begun
    "we will rock you" -live           these words in this order, and not the word live
    artist:queen title:"bicycle race"  words of one field; in quotes as a phrase
    album:opera year:1970-1979         of tracks also by what their albums have; year:1977, year:1970..1979, year:1970..
    genre:"art pop" label:emi          isrc:GBUM71029604  upc:602547202307

What looks like syntax and is none (`12:51`, `AC/DC`, `7" mix`, `*`) is text. Words are those of `core.text`.
"""

from __future__ import annotations

import re
from typing import Literal

from msgspec import Struct

from segue.catalog.records import Kind
from segue.catalog.search.errors import (
    CannotExclude,
    NotForKind,
    NothingAsked,
    OnlyExcluded,
    QueryTooLong,
    TooManyWords,
    WrongField,
)
from segue.catalog.search.romanising import romanised_whole
from segue.catalog.search.words import key
from segue.catalog.snapshot.layout import gtin, isrc_code
from segue.core.text import search_query

LONGEST = 1_000
"""Characters of a query."""
MOST_WORDS = 32

Column = Literal["any", "name", "artist", "label", "genre", "album_name", "album_label"]
"""Where a word is looked for; `any` is a name or its artists. Those of albums are for tracks, whose albums are asked."""

_OWN: dict[Kind, dict[str, Column]] = {
    "track": {
        "title": "name",
        "track": "name",
        "artist": "artist",
        "album": "album_name",
        "label": "album_label",
        "genre": "genre",
    },
    "album": {"title": "name", "album": "name", "artist": "artist", "label": "label", "genre": "genre"},
    "artist": {"artist": "name", "genre": "genre"},
}
_CODES = {"ean": "upc", "gtin": "upc", "barcode": "upc"}
_EXCLUDABLE = ("any", "name", "artist")
_ITEM = re.compile(
    r"""(?P<not>(?:-|NOT\s+)(?=[^\W_]|"))?
        (?:(?P<field>artist|title|track|album|isrc|upc|ean|gtin|barcode|year|genre|label):(?=\S))?
        (?:"(?P<phrase>[^"]*)(?P<closed>"?)|(?P<word>\S+))""",
    re.VERBOSE | re.IGNORECASE,
)
_QUOTES = dict.fromkeys(map(ord, "“”„‟«»＂"), '"')
_UNSPEAKABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CHUNK = re.compile(r"\S+")
_PLAIN_WORD = re.compile(r"[^\W_]+")
_YEAR = re.compile(
    r"(?P<first>[12]\d{3})(?:(?P<decade>s)|(?P<to>-|\.\.)(?P<last>[12]\d{3})?)?|\.\.(?P<until>[12]\d{3})"
)
FIRST_YEAR, LAST_YEAR = 1000, 2999


class Word(Struct, frozen=True):
    """A word that must be there. Each of `ways` is enough: tokens that must all be there, the last perhaps only begun.

    `start` and `end` are where it stands in the text; None where it cannot be replaced by another word.
    """

    ways: tuple[tuple[str, ...], ...]
    column: Column = "any"
    prefix: bool = False
    start: int | None = None
    end: int | None = None


class Phrase(Struct, frozen=True):
    """A `key` that stands in that of a name, at the beginnings and ends of words; `begun`: its last word may go on."""

    key: str
    column: Column = "any"
    begun: bool = False


class Asked(Struct, frozen=True, kw_only=True):
    """A query of one kind of row. `years` are first and last ones of ranges that must all hold; `exact` is the key of a
    name that comes before everything else; of `isrcs` and `upcs` each must be borne."""

    kind: Kind
    text: str
    words: tuple[Word, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    without: tuple[Word, ...] = ()
    without_phrases: tuple[Phrase, ...] = ()
    years: tuple[tuple[int, int], ...] = ()
    isrcs: tuple[int, ...] = ()
    upcs: tuple[int, ...] = ()
    exact: str | None = None


def cleaned(text: str) -> str:
    """Without characters that no text has; raises QueryTooLong."""
    if len(text) > LONGEST:
        raise QueryTooLong(LONGEST)
    return _UNSPEAKABLE.sub(" ", text)


def asked(kind: Kind, text: str) -> Asked:
    """Raises BadQuery."""
    text = cleaned(text)
    return _Reader(kind, text).read()


class _Reader:
    def __init__(self, kind: Kind, text: str) -> None:
        self.kind = kind
        self.text = text
        self.words: list[Word] = []
        self.symbols: list[Word] = []
        self.phrases: list[Phrase] = []
        self.without: list[Word] = []
        self.without_phrases: list[Phrase] = []
        self.years: list[tuple[int, int]] = []
        self.isrcs: list[int] = []
        self.upcs: list[int] = []
        self.named: list[str] = []
        """Text that a name itself may consist of, where `any` was said, and where the name's field was."""
        self.titled: list[str] = []

    def read(self) -> Asked:
        typed = self.text.translate(_QUOTES)
        # Capitals alone are how some people type; then NOT is a word.
        shouted = typed.upper() == typed
        at = 0
        while at < len(typed):
            if typed[at].isspace():
                at += 1
                continue
            item = _ITEM.match(typed, at)
            assert item is not None
            if item["not"] and item["not"] != "-" and (shouted or not item["not"].startswith("NOT")):
                item = _CHUNK.match(typed, at)
                assert item is not None
                self._chunk(item[0], at, "any", self.words, last=item.end() == len(typed.rstrip()))
                self.named.append(item[0])
            else:
                self._item(item, last=item.end() >= len(typed.rstrip()))
            at = item.end()
        words = self.words or self.symbols
        wanted = words or self.phrases or self.years or self.isrcs or self.upcs
        if not wanted:
            raise OnlyExcluded if self.without or self.without_phrases else NothingAsked
        if len(words) + len(self.without) > MOST_WORDS:
            raise TooManyWords(MOST_WORDS)
        exact = None
        if bool(self.named) != bool(self.titled):
            exact = key(" ".join(self.named or self.titled)) or None
        return Asked(
            kind=self.kind,
            text=self.text,
            words=tuple(words),
            phrases=tuple(self.phrases),
            without=tuple(self.without),
            without_phrases=tuple(self.without_phrases),
            years=tuple(self.years),
            isrcs=tuple(self.isrcs),
            upcs=tuple(self.upcs),
            exact=exact,
        )

    def _item(self, item: re.Match[str], *, last: bool) -> None:
        field = (item["field"] or "").lower()
        field = _CODES.get(field, field)
        quoted = item["phrase"] is not None
        value = item["phrase"] if quoted else item["word"]
        excluded = item["not"] is not None
        if field in ("year", "isrc", "upc"):
            if excluded:
                raise CannotExclude(field)
            if field == "year" and self.kind == "artist":
                raise NotForKind(field, self.kind)
            self._code(field, value.strip())
            return
        if field and field not in _OWN[self.kind]:
            raise NotForKind(field, self.kind)
        column: Column = _OWN[self.kind][field] if field else "any"
        if excluded and column not in _EXCLUDABLE:
            raise CannotExclude(field)
        start = item.start("phrase") if quoted else item.start("word")
        if not excluded and column in ("any", "name"):
            (self.titled if column == "name" else self.named).append(value)
        begun = last and not excluded and not (quoted and item["closed"])
        if quoted:
            self._phrase(value, column, excluded=excluded, begun=begun)
        else:
            self._chunk(value, start, column, self.without if excluded else self.words, last=begun)

    def _phrase(self, value: str, column: Column, *, excluded: bool, begun: bool) -> None:
        parts: list[Word] = []
        for chunk in _CHUNK.finditer(value):
            self._chunk(chunk[0], None, column, parts, last=False)
        words = key(value)
        if not words or not parts:
            return
        several = len(words.split()) > 1 or len(parts) > 1
        phrase = Phrase(words, column, begun)
        if excluded:
            if several:
                self.without_phrases.append(phrase)
            else:
                self.without += parts
            return
        if begun:
            parts[-1] = Word(parts[-1].ways, column, True)
        self.words += parts
        if several:
            self.phrases.append(phrase)

    def _chunk(self, chunk: str, start: int | None, column: Column, into: list[Word], *, last: bool) -> None:
        """What stands between two blanks: mostly one word. Symbols alone count where no word was typed."""
        terms = [term.token for term in search_query(chunk)]
        if not terms:
            return
        spoken = _PLAIN_WORD.search(chunk)
        if spoken is None:
            if into is self.words:
                self.symbols += [Word((tuple(terms),), column, last)]
            return
        if not chunk.isascii():
            into += _in_either_script(chunk, terms, column, start, last=last)
            return
        places = list(_PLAIN_WORD.finditer(chunk))
        known = start is not None and len(places) == len(terms)
        for number, term in enumerate(terms):
            prefix = last and number == len(terms) - 1
            if known and start is not None:
                place = places[number]
                into.append(Word(((term,),), column, prefix, start + place.start(), start + place.end()))
            else:
                into.append(Word(((term,),), column, prefix))

    def _code(self, field: str, value: str) -> None:
        if field == "year":
            self.years.append(_years(value))
        elif field == "isrc":
            code = isrc_code(value)
            if code is None:
                raise WrongField(field, value, "an ISRC has twelve letters and digits, as GBUM71029604.")
            self.isrcs.append(code)
        else:
            number = gtin(value)
            if number is None:
                raise WrongField(field, value, "a barcode has six to fourteen digits.")
            self.upcs.append(number)


def _in_either_script(chunk: str, terms: list[str], column: Column, start: int | None, *, last: bool) -> list[Word]:
    """A word of another script is also looked for as it is spelled in Latin."""
    found = _PLAIN_WORD.findall(chunk)
    latin = romanised_whole(found[0]) if len(found) == 1 else None
    if latin is not None:
        end = None if start is None else start + len(chunk)
        return [Word((tuple(terms), (latin,)), column, last, start, end)]
    single = len(terms) == 1
    return [
        Word(
            ((term,),),
            column,
            last and number == len(terms) - 1,
            start if single else None,
            None if start is None or not single else start + len(chunk),
        )
        for number, term in enumerate(terms)
    ]


def _years(value: str) -> tuple[int, int]:
    found = _YEAR.fullmatch(value)
    if found is None:
        raise WrongField("year", value, "a year is 1977, 1970-1979, 1970s, 1970.. or ..1979.")
    if found["until"]:
        return FIRST_YEAR, int(found["until"])
    first = int(found["first"])
    if found["decade"]:
        return first, first + 9
    if not found["to"]:
        return first, first
    last = int(found["last"]) if found["last"] else LAST_YEAR
    if last < first:
        raise WrongField("year", value, "the last year is before the first.")
    return first, last
