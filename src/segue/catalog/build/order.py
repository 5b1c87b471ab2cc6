"""The order of ranks as numbers: the smaller, the more popular. What is equal in them is decided by the source's key.

Tracks by popularity, then that of their album, then the followers of the first artist, then the earliest release (seven
tenths of real popularities are 0). Albums by popularity, then followers; artists by followers, then popularity.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[Any]

NO_DATE = (1 << 18) - 1
_FIRST_YEAR = 1500
_MOST_POPULAR = 127
_MOST_FOLLOWERS = (1 << 32) - 1


@lru_cache(maxsize=100_000)
def day(date: str) -> int:
    """A partial date (1977, 1977-05, 1977-05-04) as a number of 18 bits that grows with time; NO_DATE where it is none."""
    parts = date.split("-")
    if not all(part.isascii() and part.isdigit() for part in parts):
        return NO_DATE
    year, month, of_month = (*map(int, parts[:3]), 0, 0)[:3]
    if year == 0:
        return NO_DATE
    number = max(year - _FIRST_YEAR, 0) * 372 + min(max(month - 1, 0), 11) * 31 + min(max(of_month - 1, 0), 30)
    return min(number, NO_DATE - 1)


def newest_first(days: Numbers) -> Numbers:
    """The other way round; what has no date still comes last."""
    return np.where(days == NO_DATE, NO_DATE, NO_DATE - 1 - days.astype(np.int64)).astype(np.uint64)


def of_artists(followers: Numbers, popularity: Numbers) -> Numbers:
    return _joined((_less(followers, _MOST_FOLLOWERS), 32), (_less(popularity, _MOST_POPULAR), 25))


def of_albums(popularity: Numbers, followers: Numbers, days: Numbers) -> Numbers:
    return _joined((_less(popularity, _MOST_POPULAR), 57), (_less(followers, _MOST_FOLLOWERS), 25), (days, 7))


def of_tracks(popularity: Numbers, album_popularity: Numbers, followers: Numbers, days: Numbers) -> Numbers:
    return _joined(
        (_less(popularity, _MOST_POPULAR), 57),
        (_less(album_popularity, _MOST_POPULAR), 50),
        (_less(followers, _MOST_FOLLOWERS), 18),
        (days, 0),
    )


def _less(values: Numbers, most: int) -> Numbers:
    turned: Numbers = np.subtract(most, np.clip(values.astype(np.int64), 0, most))
    return turned


def _joined(*columns: tuple[Numbers, int]) -> Numbers:
    """Each column's bits above those of the next; `int` is where they begin."""
    found: Numbers = np.zeros(len(columns[0][0]), np.uint64)
    for values, shift in columns:
        found |= values.astype(np.uint64) << np.uint64(shift)
    return found
