"""Single values out of tag text: dates, numbers, gains, ids. Nothing is rounded up to what was not said.

Each function answers the value and whether there is a doubt about it; the same few texts come again for every track
of an album, so answers are remembered.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_DATE = re.compile(r"(\d{4})(?:([-./])(\d{1,2})(?:\2(\d{1,2}))?)?(?:T\d.*| \d{1,2}:.*)?", re.DOTALL)
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d)")
_NUMBER = re.compile(r"(\d{1,9})(?:\s*(?:/|of|von|-|,)\s*(\d{1,9}))?", re.IGNORECASE)
_SIDE = re.compile(r"([A-Za-z]{1,2})\s?(\d{1,3})(?:\s*/\s*\d+)?")
_FLOAT = re.compile(r"\s*([+-]?(?:\d+[.,]?\d*|[.,]\d+))")
_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}")


class PartialDate(NamedTuple):
    """`text` is `1977`, `1977-05` or `1977-05-08`, or None; `doubtful` where part of what stood there was dropped."""

    text: str | None
    doubtful: bool


@lru_cache(4096)
def partial_date(text: str) -> PartialDate:
    """Read a date as precisely as it makes sense: month 16 leaves the year, the 31st of February the month.

    `YYYY`, `YYYY-MM`, `YYYY-MM-DD` (also with `/` or `.`), `YYYYMMDD`, `DD.MM.YYYY` and a time of day behind are read
    whole; from any other text only a single four-digit year is taken, with a doubt. `00` for month or day means
    unknown.
    """
    match = _DATE.fullmatch(text) or _COMPACT_DATE.fullmatch(text)
    if match is not None:
        groups = match.groups()
        year, month, day = (groups[0], groups[-2], groups[-1])
    elif match := _DAY_FIRST.fullmatch(text):
        day, month, year = match.groups()
    else:
        years = _YEAR.findall(text)
        if len(set(years)) != 1:
            return PartialDate(None, bool(text))
        return PartialDate(years[0] if years[0] != "0000" else None, True)
    number = int(year)
    if number == 0:
        return PartialDate(None, False)
    if month is None or int(month) == 0:
        return PartialDate(year, False)
    if not 1 <= int(month) <= 12:
        return PartialDate(year, True)
    year_month = f"{year}-{int(month):02}"
    if day is None or int(day) == 0:
        return PartialDate(year_month, False)
    if not 1 <= int(day) <= _days(number, int(month)):
        return PartialDate(year_month, True)
    return PartialDate(f"{year_month}-{int(day):02}", False)


def _days(year: int, month: int) -> int:
    """The days of a month, by the Gregorian calendar."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


class Position(NamedTuple):
    """A number in a sequence, its total, the text where it is no plain number (`A1`), and whether that was a doubt."""

    number: int | None
    total: int | None
    text: str | None = None
    doubtful: bool = False


_MAX_POSITION = 99_999


@lru_cache(4096)
def position(text: str) -> Position:
    """Read `7`, `07`, `7/12`, `1 of 2`; `A1` becomes number 1 with the text kept; 0 means unknown."""
    match = _NUMBER.fullmatch(text)
    if match is not None:
        number, total = int(match[1]), int(match[2] or 0)
        if number > _MAX_POSITION or total > _MAX_POSITION:
            return Position(None, None, doubtful=True)
        return Position(number or None, total or None)
    side = _SIDE.fullmatch(text)
    if side is not None:
        return Position(int(side[2]) or None, None, f"{side[1].upper()}{int(side[2])}")
    return Position(None, None, text[:32] or None, doubtful=True)


@lru_cache(4096)
def whole_number(text: str) -> int | None:
    """Return a positive integer, or None."""
    return int(text) if text.isdecimal() and len(text) <= 6 and int(text) else None


@lru_cache(4096)
def decimal(text: str) -> float | None:
    """Return the number a text begins with (`-7.89 dB`, `120,5`), or None; infinities and NaN are no numbers."""
    match = _FLOAT.match(text)
    if match is None or len(match[1]) > 40:
        return None
    return float(match[1].replace(",", "."))


def uuids(text: str) -> list[str]:
    """Return every UUID in a text in lower case: several are joined with `/` or `;` by ID3v2.3 writers."""
    return [found.lower() for found in _UUID.findall(text)]


def isrcs(text: str) -> list[str]:
    """Return every ISRC in a text, upper case without hyphens (ISO 3901: country, registrant, year, designation)."""
    return _ISRC.findall(text.upper().replace("-", "").replace(" ", ""))


def is_true(text: str) -> bool:
    """Say whether a flag is set: `1`, `true`, `yes`, any other positive number."""
    folded = text.lower()
    return folded in ("true", "yes") or (folded.isdecimal() and bool(int(folded[:9])))
