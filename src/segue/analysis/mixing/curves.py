"""How lively a set is from its beginning to its end: named curves, or points of one's own.

A curve goes from 0 (the least lively twentieth of the pool) to 1 (the most lively twentieth), so that it fits any music.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

CurveName = Literal["flat", "build", "peak", "wave", "cool_down"]
Curve = Callable[[float], float]
"""From the place in the set, 0 to 1, to how lively, 0 to 1."""

LOWEST_SHARE, HIGHEST_SHARE = 0.05, 0.95
WAVES = 3


def _peak(at: float) -> float:
    """Up to three quarters of the set, then down a little."""
    return 0.2 + 0.8 * at / 0.75 if at <= 0.75 else 1 - 0.5 * (at - 0.75) / 0.25


NAMED: Mapping[CurveName, Curve] = {
    "flat": lambda at: 0.5,
    "build": lambda at: 0.1 + 0.9 * at,
    "peak": _peak,
    "wave": lambda at: 0.55 - 0.4 * math.cos(2 * math.pi * WAVES * at),
    "cool_down": lambda at: 0.9 - 0.8 * at,
}


def through(points: Sequence[tuple[float, float]]) -> Curve:
    """Straight lines through points (place, how lively), level before the first and after the last."""
    ordered = sorted(points)
    places = [place for place, _ in ordered]

    def curve(at: float) -> float:
        after = bisect_right(places, at)
        if after == 0:
            return ordered[0][1]
        if after == len(ordered):
            return ordered[-1][1]
        (x0, y0), (x1, y1) = ordered[after - 1], ordered[after]
        return y0 + (y1 - y0) * (at - x0) / (x1 - x0)

    return curve


def scale(energies: Sequence[float]) -> tuple[float, float]:
    """What 0 and 1 of a curve are in this pool."""
    if not energies:
        return 0.0, 1.0
    ordered = sorted(energies)
    low, high = (ordered[round(share * (len(ordered) - 1))] for share in (LOWEST_SHARE, HIGHEST_SHARE))
    return low, high
