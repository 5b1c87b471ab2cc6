"""Stretches of time by a person's clock: a day, a week, a year, everything; and how they are put together from rollups.

A play belongs to the day that it was where the person was. Weeks begin on Monday.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from segue.core.errors import FieldProblem, Invalid
from segue.listening.plays import hour_of_day

DAY = timedelta(days=1)


class Period(StrEnum):
    """How long a stretch is."""

    day = "day"
    week = "week"
    month = "month"
    year = "year"
    all = "all"
    last_7_days = "last_7_days"
    last_30_days = "last_30_days"
    last_90_days = "last_90_days"
    last_365_days = "last_365_days"
    free = "free"


_LAST = {Period.last_7_days: 7, Period.last_30_days: 30, Period.last_90_days: 90, Period.last_365_days: 365}


class BadRange(Invalid):
    def __init__(self, name: str, message: str) -> None:
        super().__init__("bad_range", message, fields=[FieldProblem(name, "bad_range", message)])


@dataclass(frozen=True, slots=True)
class Range:
    """The days from `first` to `last`, both included; None for each where it is everything."""

    period: Period
    first: date | None = None
    last: date | None = None

    @property
    def is_all(self) -> bool:
        return self.first is None or self.last is None

    @property
    def days(self) -> int:
        """How many days it has; 0 for everything."""
        return 0 if self.first is None or self.last is None else (self.last - self.first).days + 1

    @property
    def hours(self) -> tuple[int, int]:
        """Its local hours: the first, and the one after the last. Raises ValueError for everything."""
        if self.first is None or self.last is None:
            raise ValueError("everything has no hours")
        return hour_of_day(self.first), hour_of_day(self.last) + 24

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
        """When it begins and when it is over, by clocks in `zone`; None for everything."""
        if self.first is None or self.last is None:
            return None
        after = self.last + DAY
        return datetime.combine(self.first, time(), zone), datetime.combine(after, time(), zone)

    def before(self) -> Range | None:
        """The stretch that comes before it, of the same kind; None for everything, and where time had not begun."""
        if self.first is None or self.last is None or self.first.year < 2:
            return None
        last = self.first - DAY
        if self.period in (Period.day, Period.week, Period.month, Period.year):
            return range_of(self.period, last)
        length = self.last - self.first
        return Range(self.period, last - length, last) if last - date.min >= length else None


@dataclass(slots=True)
class Pieces:
    """A stretch put together from whole years, whole months, and local hours (from, to: not included) for the rest."""

    years: list[int] = field(default_factory=list)
    months: list[int] = field(default_factory=list)
    hours: list[tuple[int, int]] = field(default_factory=list)

    def add_days(self, first: date, after: date) -> None:
        """The days from `first` up to `after`, read from plays."""
        start, end = hour_of_day(first), hour_of_day(after)
        if self.hours and self.hours[-1][1] == start:
            self.hours[-1] = (self.hours[-1][0], end)
        else:
            self.hours.append((start, end))


def range_of(period: Period, day: date) -> Range:
    """The day, week, month or year in which `day` lies, or so many days up to it."""
    if period is Period.all:
        return Range(period)
    if period in _LAST:
        return Range(period, day - timedelta(days=_LAST[period] - 1), day)
    if period is Period.day:
        return Range(period, day, day)
    if period is Period.week:
        monday = day - timedelta(days=day.weekday())
        return Range(period, monday, monday + timedelta(days=6))
    if period is Period.month:
        first = day.replace(day=1)
        return Range(period, first, _next_month(first) - DAY)
    return year(day.year)


def year(number: int) -> Range:
    """The whole of a year."""
    return Range(Period.year, date(number, 1, 1), date(number, 12, 31))


def asked_range(period: Period | None, at: date | None, first: date | None, last: date | None, today: date) -> Range:
    """What somebody asked for: a period, that of `at` (today); or from `first` to `last`. Everything where nothing is said.

    Raises BadRange where both are said, a free one is not whole, or it ends before it begins.
    """
    if first is None and last is None:
        if period is Period.free:
            raise BadRange("from", "A free range needs its first day, its last, or both.")
        chosen = period or Period.all
        day = at or today
        if day.year < 2 or day.year > 9000:
            raise BadRange("at", "There is no such day in anybody's history.")
        return range_of(chosen, day)
    if period not in (None, Period.free) or at is not None:
        raise BadRange("period", "Either a period, or a first and a last day.")
    first, last = first or date(1970, 1, 1), last or today
    if first > last:
        raise BadRange("from", f"{first} is after {last}.")
    if first.year < 2 or last.year > 9000:
        raise BadRange("from", "There is no such day in anybody's history.")
    return Range(Period.free, first, last)


def pieces(stretch: Range, *, months: bool) -> Pieces:
    """How `stretch` is put together; without `months`, from years and plays alone. Raises ValueError for everything."""
    if stretch.first is None or stretch.last is None:
        raise ValueError("everything is not put together from pieces")
    found, day, after = Pieces(), stretch.first, stretch.last + DAY
    while day < after:
        next_year, month = date(day.year + 1, 1, 1), _next_month(day.replace(day=1))
        if day.month == day.day == 1 and next_year <= after:
            found.years.append(day.year)
            day = next_year
        elif months and day.day == 1 and month <= after:
            found.months.append(day.year * 100 + day.month)
            day = month
        else:
            found.add_days(day, min(month, after))
            day = min(month, after)
    return found


def _next_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)
