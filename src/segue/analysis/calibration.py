"""Confidence that means something: a raw score becomes the share of times that such scores were right.

The curve is isotonic: it may be flat, it never falls. It is fitted by pooling adjacent violators (Ayer et al., Annals of
Mathematical Statistics 26(4), 1955; for probabilities Zadrozny and Elkan, KDD 2002) and kept as knots, between which it is
straight. Where the fit would say never or always, it says what the few cases behind it allow: each pool counts one case
right and one wrong more than there were (Laplace's rule of succession).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

Knots = tuple[tuple[float, float], ...]
"""(raw score, probability), both rising."""


def isotonic(raw: Sequence[float], right: Sequence[bool], *, least: int = 1) -> Knots:
    """The curve that fits best among those that never fall.

    `least` is how many cases a pool has at least (fewer are joined to their neighbours), so that a curve from few clips does
    not follow each of them. Equal raw scores are one pool. Raises ValueError where the two differ in length or are empty.
    """
    if len(raw) != len(right) or not raw:
        raise ValueError("as many answers as scores, and at least one")
    pools: list[_Pool] = []
    for pool in _gathered(raw, right, least):
        pools.append(pool)
        while len(pools) > 1 and pools[-2].share >= pools[-1].share:
            last = pools.pop()
            pools[-1] = pools[-1].joined(last)
    knots: list[tuple[float, float]] = []
    for pool in pools:
        careful = (pool.right + 1) / (pool.cases + 2)
        knots.append((pool.total / pool.cases, max(careful, knots[-1][1]) if knots else careful))
    return tuple(knots)


def apply(knots: Knots, raw: float) -> float:
    """The probability of a raw score, 0 to 1: straight between knots, level beyond them. A curve without knots says the raw
    score, held to 0 and 1."""
    if not knots:
        return min(1.0, max(0.0, raw))
    at = bisect_right(knots, raw, key=lambda knot: knot[0])
    if at == 0:
        return knots[0][1]
    if at == len(knots):
        return knots[-1][1]
    (low, under), (high, over) = knots[at - 1], knots[at]
    return under + (over - under) * (raw - low) / (high - low)


@dataclass(frozen=True, slots=True)
class _Pool:
    """Neighbouring cases: the sum of their scores, how many there are, and how many of them were right."""

    total: float
    cases: int
    right: int

    @property
    def share(self) -> float:
        return self.right / self.cases

    def joined(self, other: _Pool) -> _Pool:
        return _Pool(self.total + other.total, self.cases + other.cases, self.right + other.right)


def _gathered(raw: Sequence[float], right: Sequence[bool], least: int) -> list[_Pool]:
    """Equal scores together, then neighbours until each pool is large enough."""
    found: list[_Pool] = []
    open_ = False
    for _, same in groupby(sorted(zip(raw, right, strict=True), key=lambda case: case[0]), key=lambda case: case[0]):
        cases = list(same)
        pool = _Pool(sum(score for score, _ in cases), len(cases), sum(won for _, won in cases))
        if open_:
            found[-1] = found[-1].joined(pool)
        else:
            found.append(pool)
        open_ = found[-1].cases < least
    if open_ and len(found) > 1:
        last = found.pop()
        found[-1] = found[-1].joined(last)
    return found
