"""What is said of a play: a listen as somebody reports it, a play as it is kept, and what became of a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Listen:
    """One listen to be kept, from whoever tells of it.

    `played_at` (aware) is when it began. `track_id` is the track it was found to be, None where none was found: then the
    texts are what it is known by, and `title` must be given. With a track, texts that are left out are the track's.
    `zone_offset_minutes` is the person's offset from UTC then, None where it is not known.
    """

    played_at: datetime
    title: str = ""
    artist: str = ""
    album: str = ""
    album_artist: str = ""
    duration_ms: int | None = None
    duration_played_ms: int | None = None
    external_ids: Mapping[str, Any] = field(default_factory=dict)
    track_id: int | None = None
    source: str = ""
    client: str = ""
    device: str = ""
    zone_offset_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class PlayRow:
    """One play as it is kept; see `models.Play`."""

    id: int
    user_id: int
    track_id: int | None
    played_at: datetime
    zone_offset_minutes: int
    duration_played_ms: int | None
    source: str
    client: str
    device: str
    title: str
    artist: str
    album: str
    album_artist: str
    duration_ms: int | None
    external_ids: dict[str, Any]

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> PlayRow:
        """From a row's columns by name."""
        named = {name: values[name] for name in cls.__slots__ if name != "external_ids"}
        return cls(**named, external_ids=dict(values["external_ids"] or {}))


@dataclass(slots=True)
class Outcome:
    """What became of listens that were given: how many are new plays, are plays known already (`folded`), were taken away
    by the person once and stay away (`refused`), and, of the new ones, how many belong to no track here (`unmatched`)."""

    added: int = 0
    folded: int = 0
    refused: int = 0
    unmatched: int = 0
    plays: list[PlayRow] = field(default_factory=list)
    """The new plays, where they were asked for."""


def local_hour(played_at: datetime, zone_offset_minutes: int) -> int:
    """Whole hours from 1970-01-01T00:00 to `played_at` by a clock that is so many minutes ahead of UTC."""
    seconds = (played_at - _EPOCH).total_seconds() + zone_offset_minutes * 60
    return int(seconds // 3600)


def hour_of_day(day: date) -> int:
    """The `local_hour` with which a day begins."""
    return (day.toordinal() - _EPOCH_DAY) * 24


def day_of_hour(hour: int) -> date:
    """The day in which a `local_hour` lies."""
    return date.fromordinal(hour // 24 + _EPOCH_DAY)


@lru_cache(maxsize=4096)
def _periods_of_day(day: int) -> tuple[int, int]:
    there = date.fromordinal(day + _EPOCH_DAY)
    return there.year, there.year * 100 + there.month


def periods(hour: int) -> tuple[int, int]:
    """The year (2026) and the month (202611) in which a `local_hour` lies."""
    return _periods_of_day(hour // 24)


def heard_ms(duration_played_ms: int | None, duration_ms: int | None) -> int:
    """How long a play was heard as statistics count it: as told, else the whole track."""
    return duration_played_ms if duration_played_ms is not None else duration_ms or 0
