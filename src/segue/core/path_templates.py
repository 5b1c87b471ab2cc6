"""Where a file belongs, by a template: `{album_artist}/[{year} - ]{album}/{disc:02}-{track:02} {title}`.

A template is compiled once and rendered for any number of files. What comes out is always a relative path of one or more
safe components, whatever the values hold. The language:

    {field}                  a value; {field:02} pads a number with zeros
    {a or b or "text"}       the first that has a value
    {field|lower|first}      filters, see FILTERS
    [ … ]                    left out as a whole where a field directly in it has no value
    {if a}…{else}…{end}      also {if not a}, {if a = "text"}, {if a != "text"}
    \\{ \\} \\[ \\] \\\\           the characters themselves

Used for what is moved into a library from its inbox, and for downloads.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, NoReturn

from rapidfuzz import process

from segue.core.errors import Invalid
from segue.core.safe_names import NameRules, safe_component

Value = str | int | bool | None
LONGEST_TEMPLATE = 2000
LONGEST_PATH_BYTES = 4000
"""A little under Linux's PATH_MAX of 4096, which counts the root too; deeper paths are refused."""
_MOST_NESTED = 20


class Meaning(NamedTuple):
    """What a field of a template says; `default` is used where a file does not say it."""

    meaning: str
    example: Value
    default: str = ""


FIELDS: dict[str, Meaning] = {
    "title": Meaning("Title of the track.", "Time", "Untitled"),
    "artist": Meaning("Artist of the track, as shown.", "Pink Floyd", "Unknown artist"),
    "album": Meaning("Title of the album.", "The Dark Side of the Moon", "Unknown album"),
    "album_artist": Meaning("Artist of the album; the track's where it has none.", "Pink Floyd", "Unknown artist"),
    "artist_sort": Meaning("Sort name of the track's artist; the name where there is none.", "Pink Floyd"),
    "album_artist_sort": Meaning("Sort name of the album's artist; the name where there is none.", "Pink Floyd"),
    "year": Meaning("Year of the release.", 1973, "0000"),
    "date": Meaning("Date of the release, as precise as it is known.", "1973-03-01"),
    "original_year": Meaning("Year of the first release; that of the release where it is not known.", 1973, "0000"),
    "disc": Meaning("Number of the disc.", 1, "1"),
    "discs": Meaning("How many discs there are.", 1),
    "disc_subtitle": Meaning("Title of the disc.", ""),
    "multidisc": Meaning("Set where there is more than one disc.", False),
    "track": Meaning("Number of the track on its disc.", 4, "0"),
    "tracks": Meaning("How many tracks the disc has.", 10),
    "genre": Meaning("First genre.", "Progressive rock"),
    "composer": Meaning("First composer.", "Roger Waters"),
    "label": Meaning("First record label.", "Harvest"),
    "catalog_number": Meaning("First catalogue number.", "SHVL 804"),
    "country": Meaning("Country of the release, as tagged.", "GB"),
    "media": Meaning("Medium of the release.", "Vinyl"),
    "release_type": Meaning("Primary release type in lower case.", "album"),
    "compilation": Meaning("Set where the album is a compilation.", False),
    "format": Meaning("Format of the file: flac, mp3, mp4 …", "flac"),
    "codec": Meaning("Codec of the audio: flac, aac, opus …", "flac"),
    "lossless": Meaning("Set where the audio is lossless.", True),
    "bit_depth": Meaning("Bits per sample of lossless audio.", 16),
    "sample_rate": Meaning("Sample rate in kHz, such as 44.1.", "44.1"),
    "name": Meaning("The file's present name without its extension.", "04 Time"),
    "folder": Meaning("The name of the folder that the file is in now.", "Dark Side"),
}
"""What a template for music can say."""

RECORDING_FIELDS: dict[str, Meaning] = {
    "artist": Meaning("The band.", "Grateful Dead", "Unknown artist"),
    "date": Meaning("Date of the show, as precise as it is known.", "1977-05-08", "Unknown date"),
    "year": Meaning("Year of the show.", 1977, "0000"),
    "venue": Meaning("Where it was played.", "Barton Hall"),
    "location": Meaning("The place of the venue.", "Ithaca, NY"),
    "identifier": Meaning("The recording's identifier.", "gd1977-05-08.shure57.stevenson.29303.flac16", "recording"),
    "title": Meaning("The recording's title.", "Grateful Dead Live at Barton Hall on 1977-05-08"),
    "source": Meaning("SBD, MTX, FM or AUD.", "SBD"),
    "format": Meaning("The format that was chosen.", "Flac"),
    "taper": Meaning("Who recorded it.", "Jerry Moore"),
}
"""What a template for the folder of a concert's recording can say."""

EXAMPLE: dict[str, Value] = {name: field.example for name, field in FIELDS.items()}


class BadTemplate(Invalid):
    """`position` counts characters from 0, where the mistake begins."""

    def __init__(self, template: str, position: int, what: str, hint: str | None = None) -> None:
        super().__init__(
            "bad_template",
            f"The path template is wrong at character {position + 1}: {what}.",
            hint=hint,
            position=position,
            template=template[:LONGEST_TEMPLATE],
            what=what,
        )


def _first(text: str) -> str:
    letter = next((c for c in unicodedata.normalize("NFD", text) if c.isalnum()), "")
    return letter.upper() if letter.isalpha() else "#"


def _ascii(text: str) -> str:
    plain = "".join(_LIKE.get(c, c) for c in text)
    flat = (c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return "".join(c if c.isascii() else "_" for c in flat)


_LIKE = {
    "ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D",
    "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i", "‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-",
    "‐": "-", "…": "...", "×": "x",
}  # fmt: skip
_ARTICLE = re.compile(r"(the|a|an)\s+(\S.*)", re.IGNORECASE | re.DOTALL)


def _article(text: str) -> str:
    match = _ARTICLE.fullmatch(text)
    return f"{match[2]}, {match[1]}" if match else text


FILTERS: dict[str, tuple[Callable[[str], str], str]] = {
    "lower": (str.lower, "Small letters."),
    "upper": (str.upper, "Capital letters."),
    "capital": (lambda text: text[:1].upper() + text[1:], "A capital first letter."),
    "ascii": (_ascii, "Latin letters without marks; `_` for what has no such letter."),
    "first": (_first, "The first letter as a capital, `#` for a digit or sign."),
    "article": (_article, "`The Beatles` as `Beatles, The`."),
    "truncate": (str, "`truncate:40` keeps so many characters."),
}
"""Name to function and meaning."""


class _Word(NamedTuple):
    """An alternative of a field: a field's name, or a literal."""

    text: str
    literal: bool


@dataclass(frozen=True, slots=True)
class _Text:
    text: str


@dataclass(frozen=True, slots=True)
class _Field:
    words: tuple[_Word, ...]
    width: int
    filters: tuple[Callable[[str], str], ...]


@dataclass(frozen=True, slots=True)
class _Optional:
    parts: tuple[_Part, ...]


@dataclass(frozen=True, slots=True)
class _If:
    field: str
    wanted: str | None
    negated: bool
    then: tuple[_Part, ...]
    otherwise: tuple[_Part, ...]


_Part = _Text | _Field | _Optional | _If


class PathTemplate:
    """A compiled template. Raises BadTemplate, with the position, for what cannot be understood."""

    def __init__(self, text: str, fields: Mapping[str, Meaning] = FIELDS) -> None:
        self.text = text
        self._known = fields
        parser = _Parser(text, fields)
        self._parts = parser.whole()
        self.fields = frozenset(parser.used)
        """The fields that it speaks of."""

    def render(self, values: Mapping[str, Value], extension: str = "", rules: NameRules | None = None) -> str:
        """The relative path for these values, `/` between its components, `.extension` at its end.

        Components that come out empty are left out, except the last. Raises PathTooLong beyond 4,000 bytes.
        """
        rules = rules or NameRules()
        raw = self._write(self._parts, values, optional=False) or ""
        folders, _, name = raw.rpartition("/")
        safe = [part for folder in folders.split("/") if (part := safe_component(folder, rules))]
        ending = safe_extension(extension)
        safe.append((safe_component(name, rules, suffix=ending) or "_") + ending)
        path = "/".join(safe)
        if len(path.encode("utf-8", "surrogateescape")) > LONGEST_PATH_BYTES:
            raise PathTooLong(path)
        return path

    def preview(self, rules: NameRules | None = None) -> str:
        """What it makes of an example."""
        return self.render(EXAMPLE, "flac", rules)

    def _write(self, parts: Sequence[_Part], values: Mapping[str, Value], *, optional: bool) -> str | None:
        """The text of `parts`, in which `/` comes from the template alone; None where an optional part has a gap."""
        out: list[str] = []
        for part in parts:
            match part:
                case _Text(text):
                    out.append(text)
                case _Field():
                    value = self._value(part, values, with_default=not optional)
                    if optional and not value:
                        return None
                    out.append(value)
                case _Optional(inner):
                    out.append(self._write(inner, values, optional=True) or "")
                case _If():
                    chosen = part.then if _holds(part, values) else part.otherwise
                    inside = self._write(chosen, values, optional=optional)
                    if inside is None:
                        return None
                    out.append(inside)
        return "".join(out)

    def _value(self, part: _Field, values: Mapping[str, Value], *, with_default: bool) -> str:
        text = ""
        for word in part.words:
            text = word.text if word.literal else _said(values.get(word.text))
            if text:
                break
        if not text and with_default:
            text = self._known[part.words[0].text].default if not part.words[0].literal else ""
        if part.width and text.isdecimal():
            text = text.zfill(part.width)
        for change in part.filters:
            text = change(text)
        return text.replace("/", "_").replace("\0", "")


class PathTooLong(Invalid):
    def __init__(self, path: str) -> None:
        super().__init__("path_too_long", f"The path would be longer than {LONGEST_PATH_BYTES} bytes.", path=path[:200])


def safe_extension(extension: str) -> str:
    """`.flac` for `flac`; empty for what is no plain extension."""
    plain = extension.lstrip(".").lower()
    return f".{plain}" if plain.isascii() and plain.isalnum() and len(plain) <= 16 else ""


def _said(value: Value) -> str:
    if value is None or value is False:
        return ""
    return "yes" if value is True else str(value).strip()


def _holds(part: _If, values: Mapping[str, Value]) -> bool:
    said = _said(values.get(part.field))
    found = bool(said) if part.wanted is None else said.casefold() == part.wanted.casefold()
    return found != part.negated


_WORD = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([A-Za-z_][A-Za-z0-9_]*))')
_OR = re.compile(r"\s+or\b")
_WIDTH = re.compile(r"\s*:\s*(0?\d)\s*(?=[|}])")
_FILTER = re.compile(r"\s*\|\s*([a-z]+)(?::(\d{1,3}))?\s*")
_IF = re.compile(r'\s*if\s+(not\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*(?:(!?=)\s*"((?:[^"\\]|\\.)*)"\s*)?\}')
_ELSE = re.compile(r"\{\s*else\s*\}")
_END = re.compile(r"\{\s*end\s*\}")
_Ending = Literal["", "]", "end"]


class _Parser:
    """Reads a template from left to right."""

    def __init__(self, text: str, fields: Collection[str]) -> None:
        self.text = text
        self.at = 0
        self.known = fields
        self.used: set[str] = set()
        self.depth = 0

    def whole(self) -> tuple[_Part, ...]:
        if len(self.text) > LONGEST_TEMPLATE:
            self._fail(LONGEST_TEMPLATE, f"it is longer than {LONGEST_TEMPLATE} characters")
        if self.text.startswith("/"):
            self._fail(0, "a path is relative to the library's folder and does not begin with /")
        parts = self._parts("")
        if not self.used:
            self._fail(0, "it names no field, so every file would have one name")
        if self.text.endswith("/"):
            self._fail(len(self.text) - 1, "it ends with a folder; the file's name is missing")
        return parts

    def _parts(self, ending: _Ending) -> tuple[_Part, ...]:
        began = self.at
        self.depth += 1
        if self.depth > _MOST_NESTED:
            self._fail(began, "it is nested too deeply")
        parts: list[_Part] = []
        text = self.text
        while self.at < len(text):
            if text[self.at] == "\\":
                if text[self.at + 1 : self.at + 2] not in tuple("{}[]\\"):
                    self._fail(self.at, "\\ stands only before one of {}[]\\")
                parts.append(_Text(text[self.at + 1]))
                self.at += 2
            elif text[self.at] == "{":
                if ending == "end" and (_ELSE.match(text, self.at) or _END.match(text, self.at)):
                    break
                parts.append(self._braces())
            elif text[self.at] == "[":
                self.at += 1
                inside = self._parts("]")
                self.at += 1
                parts.append(_Optional(inside))
            elif text[self.at] == "]" and ending == "]":
                break
            elif text[self.at] in "]}":
                self._fail(self.at, f"{text[self.at]} without its beginning", f"Write \\{text[self.at]} for the sign.")
            else:
                start = self.at
                while self.at < len(text) and text[self.at] not in "{}[]\\":
                    self.at += 1
                parts.append(_Text(text[start : self.at]))
        if ending and self.at >= len(text):
            self._fail(max(0, began - 1), "its end is missing: " + ("]" if ending == "]" else "{end}"))
        self.depth -= 1
        return tuple(parts)

    def _braces(self) -> _Part:
        start = self.at
        condition = _IF.match(self.text, start + 1)
        if condition is not None:
            self.at = condition.end()
            return self._condition(condition, start)
        if _ELSE.match(self.text, start) or _END.match(self.text, start):
            self._fail(start, "there is no {if …} before it")
        self.at += 1
        words = [self._word()]
        while found := _OR.match(self.text, self.at):
            self.at = found.end()
            words.append(self._word())
        width = 0
        if found := _WIDTH.match(self.text, self.at):
            width = int(found[1])
            self.at = found.end()
        filters: list[Callable[[str], str]] = []
        while found := _FILTER.match(self.text, self.at):
            filters.append(self._filter(found))
            self.at = found.end()
        while self.text[self.at : self.at + 1] == " ":
            self.at += 1
        if self.text[self.at : self.at + 1] != "}":
            self._fail(self.at, "} is missing here", "{field}, {field:02}, {field|lower} or {a or b}.")
        self.at += 1
        return _Field(tuple(words), width, tuple(filters))

    def _condition(self, found: re.Match[str], start: int) -> _If:
        field = self._field(found[2], found.start(2))
        then = self._parts("end")
        otherwise: tuple[_Part, ...] = ()
        if middle := _ELSE.match(self.text, self.at):
            self.at = middle.end()
            otherwise = self._parts("end")
        end = _END.match(self.text, self.at)
        if end is None:
            self._fail(start, "its {end} is missing")
        self.at = end.end()
        wanted = None if found[4] is None else _unescaped(found[4])
        return _If(field, wanted, bool(found[1]) != (found[3] == "!="), then, otherwise)

    def _word(self) -> _Word:
        found = _WORD.match(self.text, self.at)
        if found is None:
            self._fail(self.at, "the name of a field is missing")
        self.at = found.end()
        if found[1] is not None:
            return _Word(_unescaped(found[1]), literal=True)
        return _Word(self._field(found[2], found.start(2)), literal=False)

    def _field(self, name: str, at: int) -> str:
        if name not in self.known:
            near = process.extractOne(name, list(self.known), score_cutoff=60)
            self._fail(at, f"there is no field {name}", f"Did you mean {near[0]}?" if near else None)
        self.used.add(name)
        return name

    def _filter(self, found: re.Match[str]) -> Callable[[str], str]:
        name, number = found[1], found[2]
        if name not in FILTERS:
            self._fail(found.start(1), f"there is no filter {name}", f"There are {', '.join(FILTERS)}.")
        if name != "truncate":
            if number is not None:
                self._fail(found.start(2), f"the filter {name} takes no number")
            return FILTERS[name][0]
        if not number or not int(number):
            self._fail(found.start(1), "truncate needs a number", "{title|truncate:40}")
        length = int(number)
        return lambda text: text[:length].rstrip()

    def _fail(self, position: int, what: str, hint: str | None = None) -> NoReturn:
        raise BadTemplate(self.text, position, what, hint)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
