"""Lists of shows as people keep them: a date and an artist a line, with commas, tabs or semicolons, in any order."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

from segue.core.text import clean_text

MAX_LINES = 5_000
MAX_TEXT = 1_000_000
_MONTHS = {
    name: at
    for at, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
         "september sep sept", "october oct", "november nov", "december dec"),
        1,
    )
    for name in names.split()
}  # fmt: skip
_ISO = re.compile(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})\Z")
_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2}))?\Z")
_AMERICAN = re.compile(r"(\d{1,2})[-./](\d{1,2})[-./](\d{2}|\d{4})\Z")
_MONTH_FIRST = re.compile(r"([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})\Z")
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)? ([a-z]+)\.? (\d{4})\Z")
_LONG_DATE = re.compile(r"\b([A-Za-z]{3,9}\.? \d{1,2}(?:st|nd|rd|th)?),(?= ?\d{4}\b)")
_HEADS = {
    "date": "date",
    "day": "date",
    "show date": "date",
    "artist": "artist",
    "band": "artist",
    "note": "note",
    "notes": "note",
}
_SHORT_YEAR = 40
"""Years of two digits below this are of this century."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number from 1, the text, and what it says. `problem` is no_date, bad_date or no_artist, else empty."""

    number: int
    text: str
    artist: str = ""
    date: str = ""
    note: str = ""
    problem: str = ""


def lines_of(text: str, artist: str = "") -> Iterator[Line]:
    """What each line says; empty ones and comments (`#`) say nothing. `artist` is meant where a line names none."""
    heads: dict[int, str] | None = None
    for number, raw in enumerate(text[:MAX_TEXT].splitlines()[:MAX_LINES], 1):
        line = clean_text(raw)
        if not line or line.startswith("#"):
            continue
        fields = _fields(line)
        named = {at: _HEADS[field.casefold()] for at, field in enumerate(fields) if field.casefold() in _HEADS}
        if heads is None and "date" in named.values():
            heads = named
            continue
        yield _line(number, line, fields, heads or {}, artist)


def date_of(text: str) -> str | None:
    """A date as people write it, as 1977-05-08, 1977-05 or 1977; None where it is none. `5/8/77` has the month first, unless
    that is more than 12."""
    text = " ".join(text.split())
    if found := _ISO.match(text):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    if found := _PARTIAL.match(text):
        return text if found[2] is None or 1 <= int(found[2]) <= 12 else None
    if found := _AMERICAN.match(text):
        first, second, year = int(found[1]), int(found[2]), _year(found[3])
        return _date(year, second, first) if first > 12 else _date(year, first, second)
    lower = text.casefold()
    if (found := _MONTH_FIRST.match(lower)) and found[1] in _MONTHS:
        return _date(int(found[3]), _MONTHS[found[1]], int(found[2]))
    if (found := _DAY_FIRST.match(lower)) and found[2] in _MONTHS:
        return _date(int(found[3]), _MONTHS[found[2]], int(found[1]))
    return None


def _line(number: int, text: str, fields: list[str], heads: dict[int, str], artist: str) -> Line:
    said = {what: fields[at] for at, what in heads.items() if at < len(fields)}
    if heads:
        others = [field for at, field in enumerate(fields) if at not in heads and field]
    else:
        dated = next((at for at, field in enumerate(fields) if date_of(field) is not None), None)
        if dated is None:
            looks = next((field for field in fields if re.search(r"\d{2}", field)), "")
            return Line(number, text, artist, problem="bad_date" if looks else "no_date")
        said["date"] = fields[dated]
        others = [field for at, field in enumerate(fields) if at != dated and field]
        if others and (not artist or dated > 0):
            said["artist"] = others.pop(0)
    date = date_of(said.get("date", ""))
    who = said.get("artist") or artist
    note = said.get("note") or ", ".join(others)
    if date is None:
        return Line(number, text, who, problem="bad_date" if said.get("date") else "no_date")
    return Line(number, text, who, date, note[:1_000], "" if who else "no_artist")


def _fields(line: str) -> list[str]:
    line = _LONG_DATE.sub(r"\1", line)
    mark = next((mark for mark in ("\t", ";", ",", "|") if mark in line), ",")
    return [field.strip() for field in next(csv.reader([line], delimiter=mark, skipinitialspace=True), [])]


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < _SHORT_YEAR else 1900)


def _date(year: int, month: int, day: int) -> str | None:
    from calendar import monthrange

    if not (1900 <= year <= 2100 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]):
        return None
    return f"{year:04}-{month:02}-{day:02}"
