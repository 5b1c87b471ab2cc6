"""Values as people write them, and what they stand for.

`parse` turns a text into the value a node of the tree holds; `span` turns a date or a duration into the stretch it
covers in the units of the database. A day, a month or a year begins and ends in the zone of whoever asks.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from segue.core.clock import utc_now
from segue.core.ids import BadId, parse_id
from segue.query import dates
from segue.query.ast import Value
from segue.query.errors import BadValue, nearest
from segue.query.fields import UTC_ZONE, Field, Type

MAX_TEXT = 500
"""Longest text a value may be, in characters."""

_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?\Z")
_CLOCK = re.compile(r"(?:([0-9]{1,4}):)?([0-9]{1,2}):([0-5][0-9])\Z")
_INTEGER = re.compile(r"-?[0-9]{1,18}\Z")
_WANTED_DATE = "a date such as 1977, 1977-05 or 1977-05-08, or today, last-month, -30d"
_TRUE, _FALSE = ("true", "1", "yes"), ("false", "0", "no")

TYPE_NAMES = {
    Type.TEXT: "a text",
    Type.INTEGER: "a whole number",
    Type.NUMBER: "a number",
    Type.DATE: "a date",
    Type.DURATION: "a duration",
    Type.BOOLEAN: "true or false",
    Type.ID: "an id",
    Type.ENUM: "one of a list",
}


def parse(field: Field, text: str) -> Value:
    """The value that `text` means for `field`. Raises BadValue, which says what was expected."""
    if len(text) > MAX_TEXT:
        raise BadValue(field.name, text, f"a value of at most {MAX_TEXT} characters")
    if "\0" in text or (not text.isascii() and _has_surrogates(text)):
        raise BadValue(field.name, ascii(text), "text")
    match field.type:
        case Type.TEXT:
            return text
        case Type.INTEGER:
            if not _INTEGER.match(text):
                raise BadValue(field.name, text, "a whole number")
            return int(text)
        case Type.NUMBER:
            return _number(field, text)
        case Type.BOOLEAN:
            if text.lower() in _TRUE or text.lower() in _FALSE:
                return text.lower() in _TRUE
            raise BadValue(field.name, text, "true or false")
        case Type.ID:
            try:
                return parse_id(text, field.prefix or "")
            except BadId:
                raise BadValue(field.name, text, f"an id such as {field.prefix}-81") from None
        case Type.ENUM:
            return _choice(field, text)
        case Type.DURATION:
            return _seconds(field, text)
        case Type.DATE:
            lower = text.lower()
            if dates.is_relative(lower):
                text = lower
            _date_span(field, text, ZoneInfo("UTC"), utc_now())
            return text


def _has_surrogates(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)


def _number(field: Field, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not abs(number) < 1e15:
        raise BadValue(field.name, text, "a number")
    return number


def _choice(field: Field, text: str) -> str:
    for choice in field.choices:
        if choice.lower() == text.lower():
            return choice
    wanted = f"one of {', '.join(field.choices)}"
    raise BadValue(field.name, text, wanted, suggestions=nearest(text, field.choices))


def _seconds(field: Field, text: str) -> int:
    clock = _CLOCK.match(text)
    if clock:
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return hours * 3600 + minutes * 60 + seconds
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise BadValue(field.name, text, "a duration in seconds, or as 3:45")
    return int(text)


def millis(seconds: Value) -> tuple[int, int]:
    """The whole second as milliseconds, from (included) to (excluded): 120 takes in 120.9 s."""
    whole = int(seconds)
    return whole * 1000, whole * 1000 + 1000


def day_keys(field: Field, value: Value, zone: ZoneInfo = UTC_ZONE, now: datetime | None = None) -> tuple[int, int]:
    """A written date as a stretch of partial dates kept as numbers yyyymmdd with zeros for what is unknown.

    The end is excluded: `1977` takes in 19770000 (only the year is known), 19770500 and 19770508. What moves with the
    calendar (`last-month`, `-30d`) is worked out in `zone` at `now`.
    """
    if dates.is_relative(str(value)):
        return _moving_keys(field, str(value), zone, now or utc_now())
    parts = _DAY.match(str(value)[:10])
    if parts is None:
        raise BadValue(field.name, str(value), _WANTED_DATE)
    year, month, day = (int(part) if part else 0 for part in parts.groups())
    first = year * 10000 + month * 100 + day
    return first, first + (1 if day else 100 if month else 10000)


def _moving_keys(field: Field, text: str, zone: ZoneInfo, now: datetime) -> tuple[int, int]:
    try:
        start, end = dates.local_span(text, zone, now)
    except ValueError:
        raise BadValue(field.name, text, _WANTED_DATE) from None
    month = 0 if text.endswith("-year") else 100
    day = 0 if text.endswith(("-month", "-year")) else 1
    first, after = (each.year * 10000 + each.month * month + each.day * day for each in (start, end))
    return first, max(after, first + 1)


def moments(field: Field, value: Value, zone: ZoneInfo, now: datetime | None = None) -> tuple[datetime, datetime]:
    """A written date or moment as a stretch of time in UTC, its end excluded. A moment stands for its own second."""
    return _date_span(field, str(value), zone, now or utc_now())


def _date_span(field: Field, text: str, zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
    day = _DAY.match(text)
    try:
        if dates.is_relative(text):
            return dates.span(text, zone, now)
        if day is None:
            moment = datetime.fromisoformat(text)
            moment = moment.replace(microsecond=0, tzinfo=moment.tzinfo or zone)
            start, end = moment.astimezone(UTC), moment.astimezone(UTC) + timedelta(seconds=1)
        else:
            year, month, date = (int(part) if part else None for part in day.groups())
            assert year is not None
            begin = datetime(year, month or 1, date or 1, tzinfo=zone)
            if date:
                after = begin + timedelta(days=1)
            elif month:
                after = begin.replace(year=year + month // 12, month=month % 12 + 1)
            else:
                after = begin.replace(year=year + 1)
            start, end = begin.astimezone(UTC), after.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadValue(field.name, text, _WANTED_DATE) from None
    return start, end
