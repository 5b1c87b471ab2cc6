"""Dates that move with the calendar: `today`, `last-month`, `-30d`, and the stretch of time each stands for.

A tree keeps them as they were written, so that "added in the last 30 days" stays true tomorrow; they are worked out when
a question is asked, in the zone of whoever asks. Words stand for whole days, weeks (from Monday, ISO 8601), months and
years; an amount such as `-30d` stands for the moment so long ago, at the same time of day.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

WORDS = (
    *("today", "yesterday", "now"),
    *("this-week", "last-week", "this-month", "last-month", "this-year", "last-year"),
)
UNITS = {"h": "hours", "d": "days", "w": "weeks", "m": "months", "y": "years"}
_AMOUNT = re.compile(r"-([0-9]{1,6})([hdwmy])\Z")
_SECOND = timedelta(seconds=1)


def is_relative(text: str) -> bool:
    """Whether `text`, in lower case, is a date that moves."""
    return text in WORDS or _AMOUNT.match(text) is not None


def is_amount(text: str) -> bool:
    """Whether `text` says how long ago: `-30d`, `-2w`, `-6m`, `-1y`, `-12h`."""
    return _AMOUNT.match(text) is not None


def amount(text: str) -> tuple[int, str] | None:
    """How many of which unit (`h`, `d`, `w`, `m`, `y`) ago; None for what is no amount."""
    found = _AMOUNT.match(text)
    return (int(found[1]), found[2]) if found else None


def local_span(text: str, zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
    """The stretch in `zone`, its end excluded. Raises ValueError for what is none, or lies before the year 1."""
    here = now.astimezone(zone).replace(microsecond=0)
    found = _AMOUNT.match(text)
    try:
        if found:
            start = _back(here, int(found[1]), found[2])
            return start, start + _SECOND
        if text == "now":
            return here, here + _SECOND
        return _word(text, here.replace(hour=0, minute=0, second=0))
    except OverflowError:
        raise ValueError(text) from None


def span(text: str, zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
    """The same in UTC. Raises ValueError."""
    start, end = local_span(text, zone, now)
    try:
        return start.astimezone(UTC), end.astimezone(UTC)
    except OverflowError:
        raise ValueError(text) from None


def _back(here: datetime, many: int, unit: str) -> datetime:
    if unit == "h":
        return (here.astimezone(UTC) - timedelta(hours=many)).astimezone(here.tzinfo)
    if unit in "dw":
        return here - timedelta(days=many * (7 if unit == "w" else 1))
    return _months_back(here, many * (12 if unit == "y" else 1))


def _months_back(here: datetime, many: int) -> datetime:
    """The same day of an earlier month, or its last where it has no such day."""
    months = here.year * 12 + here.month - 1 - many
    year, month = months // 12, months % 12 + 1
    for day in range(here.day, 27, -1):
        try:
            return here.replace(year=year, month=month, day=day)
        except ValueError:
            continue
    return here.replace(year=year, month=month, day=min(here.day, 28))


def _word(text: str, today: datetime) -> tuple[datetime, datetime]:
    day = timedelta(days=1)
    monday = today - day * today.weekday()
    first = today.replace(day=1)
    january = first.replace(month=1)
    match text:
        case "today":
            return today, today + day
        case "yesterday":
            return today - day, today
        case "this-week":
            return monday, monday + day * 7
        case "last-week":
            return monday - day * 7, monday
        case "this-month":
            return first, _months_back(first, -1)
        case "last-month":
            return _months_back(first, 1), first
        case "this-year":
            return january, january.replace(year=january.year + 1)
        case "last-year":
            return january.replace(year=january.year - 1), january
        case _:
            raise ValueError(text)
