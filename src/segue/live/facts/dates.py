"""When a recording was made: every witness heard, how precise each is, and one date with the doubts that remain.

Witnesses in order of trust: the item's own date, the title, the identifier, the names of its files, the info text. A
witness that names a day beats an earlier one that names a month or a year of the same time. What cannot be is read as
what was probably meant (month 16 is a day written first) or only as far as it can be (29 February 1991 is February
1991); nothing is ever rounded to the first of January.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from segue.live.records import Doubt, Evidence, Item, Precision

FIRST_YEAR, LAST_YEAR = 1900, 2099
_PIVOT = 30
"""Two digits from here on are of the 1900s."""

_ISO = re.compile(r"(?<!\d)(\d{4})([-/._])([\dxX?]{1,2})(?:\2([\dxX?]{1,2}))?(?!\d)")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_MONTHS = {name: number for number, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)}  # fmt: skip
_MONTH_NAME = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_WORDED = re.compile(
    rf"(?:{_MONTH_NAME}\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}}))|(?:(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH_NAME},?\s+(\d{{4}}))",
    re.IGNORECASE,
)
_AMERICAN = re.compile(r"(?<!\d)(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
_IN_IDENTIFIER = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d|\d\d)(?P<gap>[-_.]?)(?P<month>[\dxX?]{2})(?P=gap)(?P<day>[\dxX?]{2})(?!\d)"
)
_YEAR_FIRST = re.compile(r"^[a-z_]*((?:19|20)\d\d|\d\d)(?=[-_.]\D)", re.IGNORECASE)
_IN_TITLE = re.compile(r"(?<![\d.])\d{4}-[\dxX]{1,2}-[\dxX]{1,2}(?!\d)")


@dataclass(frozen=True, slots=True)
class When:
    """A date as far as it is known: `1977-05-08`, `1977-05`, `1977` or empty."""

    text: str
    precision: Precision
    how: str = ""
    """flipped, impossible or empty."""


UNKNOWN = When("", "unknown")


@dataclass(frozen=True, slots=True)
class Dated:
    """The date of an item with what speaks for it."""

    when: When
    evidence: tuple[Evidence, ...]
    doubts: tuple[Doubt, ...]


@lru_cache(maxsize=16_384)
def when_of(text: str) -> When:
    """The first date that `text` names, in the forms that the archive's field, titles and info files use."""
    if not text:
        return UNKNOWN
    if (found := _ISO.search(text)) is not None:
        return _checked(int(found[1]), found[3], found[4])
    if (found := _WORDED.search(text)) is not None:
        month, day, year = (found[1], found[2], found[3]) if found[1] else (found[5], found[4], found[6])
        return _checked(int(year), str(_MONTHS[month[:3].lower()]), day)
    if (found := _AMERICAN.search(text)) is not None:
        return _checked(_year(found[4]), found[1], found[3])
    if (found := _YEAR.search(text)) is not None:
        return _checked(int(found[1]), None, None)
    return UNKNOWN


@lru_cache(maxsize=16_384)
def when_of_identifier(identifier: str) -> When:
    """The date that an identifier or a file's name carries: `gd1977-05-08…`, `gd77-05-08d1t01`, `gd76-05-2x`, `ph971122`."""
    for found in _IN_IDENTIFIER.finditer(identifier):
        year, month, day = found["year"], found["month"], found["day"]
        if not found["gap"] and (len(year) == 2 or not year.startswith(("19", "20"))) and not _plausible(month, day):
            continue
        if len(year) == 2 and not found["gap"] and found.start() > 12:
            continue
        when = _checked(_year(year), month, day)
        if when.precision != "unknown" and not (when.how and not found["gap"]):
            return when
    if (american := _AMERICAN.search(identifier)) is not None and len(american[4]) == 4:
        return _checked(int(american[4]), american[1], american[3])
    if (year_only := _YEAR_FIRST.match(identifier)) is not None:
        return _checked(_year(year_only[1]), None, None)
    return UNKNOWN


def dated(item: Item) -> Dated:
    """The date of `item`. Where day and day disagree the item's own date stands, and a doubt names the other."""
    witnesses = [(code, when) for code, when in _witnesses(item) if when.precision != "unknown"]
    evidence = tuple(Evidence(code + ("." + when.how if when.how else ""), when.text) for code, when in witnesses)
    if not witnesses:
        return Dated(UNKNOWN, evidence, ())
    chosen_code, chosen = witnesses[0]
    said = [when for _, when in witnesses]
    if chosen.precision != "day" or chosen.how == "flipped":
        better = next((when for when in said if _finer(when, chosen)), None)
        if better is not None:
            chosen = better
    elif chosen_code in ("date.metadata", "date.title"):
        chosen = _as_unsure_as(chosen, witnesses)
    doubts = list(_doubts(item, chosen, witnesses))
    return Dated(chosen, evidence, tuple(doubts))


def _witnesses(item: Item) -> Iterator[tuple[str, When]]:
    """Who says when, the most trusted first. The archive makes titles (`X Live at Y on 1977-05-08`) from the item's date, so
    that a title that repeats it is no second witness, and one that stands alone is as good as the date."""
    yield "date.metadata", when_of(item.date)
    found = _IN_TITLE.search(item.title)
    if found is not None and not item.date:
        yield "date.title", when_of(found[0])
    yield "date.identifier", when_of_identifier(item.identifier)
    if found is not None and item.date and not item.date.startswith(found[0]):
        yield "date.title", when_of(found[0])
    elif found is None and item.title and not item.date:
        yield "date.title", when_of(item.title)
    yield "date.files", _of_files(item)
    if not item.date and (text := item.info_text or item.description):
        yield "date.text", when_of(text[:400])


def _of_files(item: Item) -> When:
    """What the files' names say, where those asked (a few, spread over the recording) agree."""
    tracks = item.tracks
    if not tracks:
        return UNKNOWN
    said: When | None = None
    for at in {0, len(tracks) // 2, len(tracks) - 1}:
        if not tracks[at].files:
            continue
        when = when_of_identifier(tracks[at].files[0].name[:24])
        if when.precision != "day" or when.how or (said is not None and when != said):
            return UNKNOWN
        said = when
    return said or UNKNOWN


def _doubts(item: Item, chosen: When, witnesses: list[tuple[str, When]]) -> Iterator[Doubt]:
    days = {code: when.text for code, when in witnesses if when.precision == "day"}
    others = [text for text in days.values() if text != chosen.text]
    for text in dict.fromkeys(others):
        if chosen.precision != "day" and text.startswith(chosen.text):
            continue
        codes = [code for code, said in days.items() if said == text]
        score = len(codes) / max(1, len(days))
        yield Doubt("date_conflict", text, round(score, 3), {"stated": chosen.text, "witnesses": codes})
    impossible = next((when for _, when in witnesses if when.how == "impossible"), None)
    if impossible is not None and chosen.precision != "day":
        yield Doubt("date_suspect", "", 0.0, {"stated": item.date or item.identifier, "reason": "impossible"})


def _as_unsure_as(chosen: When, witnesses: list[tuple[str, When]]) -> When:
    """A day that an uploader had to enter, where the identifier says that it is not known: `gd66-01-xx`, 1966-01-01.

    The first and the middle of a month (and, where not even the month is known, of any) are taken for such days.
    """
    for code, when in witnesses:
        if code != "date.identifier" or when.precision not in ("month", "year") or when.how:
            continue
        if chosen.text.startswith(when.text) and chosen.text[-2:] in ("01", "15"):
            return when
    return chosen


def _finer(when: When, than: When) -> bool:
    """Names a day within what `than` names, and no placeholder of it."""
    if when.precision != "day" or when.how == "impossible":
        return False
    if than.how == "flipped":
        return when.text == than.text
    return when.text.startswith(than.text) and not (than.precision == "year" and when.text.endswith("-01-01"))


def _checked(year: int, month: str | None, day: str | None) -> When:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return UNKNOWN
    if month is None or not month.isdigit() or month in ("00", "0"):
        return When(f"{year}", "year")
    month_number = int(month)
    day_number = int(day) if day is not None and day.isdigit() else 0
    if month_number > 12:
        if 1 <= day_number <= 12 and month_number <= _days(year, day_number):
            return When(f"{year}-{day_number:02}-{month_number:02}", "day", "flipped")
        return When(f"{year}", "year", "impossible")
    if day_number == 0:
        return When(f"{year}-{month_number:02}", "month")
    if day_number > _days(year, month_number):
        return When(f"{year}-{month_number:02}", "month", "impossible")
    return When(f"{year}-{month_number:02}-{day_number:02}", "day")


def _days(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _year(text: str) -> int:
    number = int(text)
    if len(text) > 2:
        return number
    return number + (1900 if number >= _PIVOT else 2000)


def _plausible(month: str, day: str) -> bool:
    return month.isdigit() and day.isdigit() and 1 <= int(month) <= 12 and 1 <= int(day) <= 31
