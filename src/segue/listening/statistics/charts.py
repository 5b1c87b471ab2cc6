"""From hours and days to charts: buckets, the listening clock, streaks. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from segue.core.errors import FieldProblem, Invalid
from segue.listening.statistics.ranges import Range

DAY = timedelta(days=1)
MOST_BUCKETS = 10_000
_EPOCH_DAY = date(1970, 1, 1).toordinal()


class Bucket(StrEnum):
    """How wide a bar of a chart is."""

    hour = "hour"
    day = "day"
    week = "week"
    month = "month"
    year = "year"


class TooManyBuckets(Invalid):
    def __init__(self, count: int) -> None:
        message = f"That would be {count} bars; at most {MOST_BUCKETS}. Ask for wider ones, or for a shorter time."
        super().__init__("too_many_buckets", message, fields=[FieldProblem("bucket", "too_many_buckets", message)])


@dataclass(frozen=True, slots=True)
class Bar:
    """What was played in one bucket; `at` is its first hour by the person's clock."""

    at: datetime
    plays: int
    heard_ms: int


@dataclass(frozen=True, slots=True)
class Streak:
    """Days in a row with at least one play."""

    days: int
    first: date
    last: date


def moment_of(hour: int) -> datetime:
    """A local hour as a moment without a zone."""
    return datetime.combine(date.fromordinal(hour // 24 + _EPOCH_DAY), datetime.min.time()) + timedelta(hours=hour % 24)


def day_of(number: int) -> date:
    """The day so many days after 1970-01-01."""
    return date.fromordinal(number + _EPOCH_DAY)


def start_of(moment: datetime, bucket: Bucket) -> datetime:
    """The first hour of the bucket in which `moment` lies."""
    if bucket is Bucket.hour:
        return moment.replace(minute=0, second=0, microsecond=0)
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if bucket is Bucket.week:
        return day - timedelta(days=day.weekday())
    if bucket is Bucket.month:
        return day.replace(day=1)
    return day.replace(month=1, day=1) if bucket is Bucket.year else day


def next_start(start: datetime, bucket: Bucket) -> datetime:
    """The first hour of the bucket after the one that begins at `start`."""
    if bucket is Bucket.hour:
        return start + timedelta(hours=1)
    if bucket is Bucket.month:
        return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    if bucket is Bucket.year:
        return start.replace(year=start.year + 1)
    return start + timedelta(days=7 if bucket is Bucket.week else 1)


def bars(counted: Iterable[tuple[datetime, int, int]], bucket: Bucket, stretch: Range) -> list[Bar]:
    """Every bucket of a stretch in order, also the empty ones; of everything, from the first play to the last.

    Raises TooManyBuckets.
    """
    sums: dict[datetime, list[int]] = {}
    for at, plays, heard in counted:
        row = sums.setdefault(start_of(at, bucket), [0, 0])
        row[0] += plays
        row[1] += heard
    if stretch.first is None or stretch.last is None:
        if not sums:
            return []
        start, last = min(sums), max(sums)
    else:
        start = start_of(datetime.combine(stretch.first, datetime.min.time()), bucket)
        last = datetime.combine(stretch.last, datetime.max.time())
    hours = {Bucket.hour: 1, Bucket.day: 24, Bucket.week: 168, Bucket.month: 672, Bucket.year: 8760}
    count = int((last - start).total_seconds() // 3600) // hours[bucket] + 1
    if count > MOST_BUCKETS:
        raise TooManyBuckets(count)
    found = []
    while start <= last:
        plays, heard = sums.get(start, (0, 0))
        found.append(Bar(start, plays, heard))
        start = next_start(start, bucket)
    return found


def clock(counted: Iterable[tuple[int, int, int]]) -> list[list[tuple[int, int]]]:
    """(plays, milliseconds) by weekday from Monday, and by hour of the day."""
    week = [[(0, 0)] * 24 for _ in range(7)]
    for place, plays, heard in counted:
        week[place // 24][place % 24] = (plays, heard)
    return week


def streaks(days: Sequence[date]) -> list[Streak]:
    """Every run of days in a row, in order; `days` are those with plays, in order."""
    found: list[Streak] = []
    for day in days:
        if found and found[-1].last + DAY == day:
            found[-1] = Streak(found[-1].days + 1, found[-1].first, day)
        else:
            found.append(Streak(1, day, day))
    return found


def longest(runs: Sequence[Streak]) -> Streak | None:
    """The longest run, the latest of those that are equally long."""
    return max(runs, key=lambda run: (run.days, run.last), default=None)


def current(runs: Sequence[Streak], today: date) -> Streak | None:
    """The run that reaches to today, or to yesterday while today is still young; None where it is broken."""
    return runs[-1] if runs and runs[-1].last >= today - DAY else None
