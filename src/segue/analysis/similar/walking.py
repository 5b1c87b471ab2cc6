"""A way from one sound to another: points on the arc between them, and for each the nearest piece that goes on.

The arc is the great circle between the two vectors (K. Shoemake, Animating rotation with quaternion curves, 1985: slerp). A beam
of ways is kept from point to point; each piece must lie no nearer to the beginning than the one before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

BEAM = 24
AT_A_POINT = 48
"""Pieces that are tried at each point."""
SMOOTH = 0.6
"""How much likeness to the piece before counts, beside likeness to the point."""
RESERVE = 8
"""Pieces that are left ahead for every point to come: a way that hurries would have nothing left to go."""
APART = 2
"""Pieces that lie between two of one artist at least."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What may stand on the way: `artist` and `title` are keys, `number` is the caller's own."""

    number: int
    artist: str
    title: str


@dataclass(frozen=True, slots=True)
class _Way:
    cost: float
    pieces: tuple[int, ...]
    progress: float


def points(start: Floats, end: Floats, length: int) -> Floats:
    """`length` vectors at equal distances from `start` to `end`, both included."""
    angle = float(np.arccos(np.clip(start @ end, -1, 1)))
    shares = np.linspace(0, 1, length, dtype=np.float32)[:, None]
    if angle < 1e-4:
        return np.asarray(start + (end - start) * shares, np.float32)
    if np.pi - angle < 1e-3:  # opposite: every arc is as long; the straight line leads through the middle
        return np.asarray(start + (end - start) * shares, np.float32)
    found = (np.sin((1 - shares) * angle) * start + np.sin(shares * angle) * end) / np.sin(angle)
    return np.asarray(found, np.float32)


def progress(vectors: Floats, start: Floats, end: Floats) -> Floats:
    """How far on the way vectors are, 0 at the start and 1 at the end: the angle to the start, of both angles."""
    here = np.arccos(np.clip(vectors @ start, -1, 1))
    there = np.arccos(np.clip(vectors @ end, -1, 1))
    return np.asarray(here / np.maximum(here + there, 1e-6), np.float32)


def walk(
    start: Floats, end: Floats, pieces: Sequence[Piece], vectors: Floats, between: int, *, per_artist: int = 2
) -> list[int]:
    """The indices of at most `between` pieces in order, none twice, at most `per_artist` of one artist.

    Fewer where no piece goes on from the one before. Deterministic.
    """
    if not pieces or between < 1:
        return []
    far = progress(vectors, start, end)
    like = vectors @ vectors.T
    to_start = vectors @ start
    to_end = vectors @ end
    ways = [_Way(0.0, (), 0.0)]
    rising = np.sort(far)
    reserve = max(1, min(RESERVE, len(pieces) // (2 * between)))
    for number, point in enumerate(points(start, end, between + 2)[1:-1], 1):
        farthest = float(rising[max(0, len(rising) - 1 - reserve * (between - number))])
        away = 1 - vectors @ point
        order = np.argsort(away, kind="stable")
        longer: list[_Way] = []
        for tried in (order[:AT_A_POINT], order[AT_A_POINT:]):
            for way in ways:
                last = way.pieces[-1] if way.pieces else None
                before = to_start if last is None else like[last]
                for at in tried:
                    if not way.progress <= far[at] <= farthest or not _may_follow(
                        int(at), way.pieces, pieces, per_artist
                    ):
                        continue
                    cost = way.cost + float(away[at]) + SMOOTH * (1 - float(before[at]))
                    longer.append(_Way(cost, (*way.pieces, int(at)), float(far[at])))
            if longer:
                break
        if longer:
            longer.sort(key=lambda way: (way.cost, way.pieces))
            ways = longer[:BEAM]
    best = min(ways, key=lambda way: way.cost + SMOOTH * (1 - float(to_end[way.pieces[-1]])) if way.pieces else 0.0)
    return list(best.pieces)


def _may_follow(at: int, way: tuple[int, ...], pieces: Sequence[Piece], per_artist: int) -> bool:
    if at in way:
        return False
    artist = pieces[at].artist
    theirs = sum(pieces[one].artist == artist for one in way)
    if per_artist and theirs >= per_artist:
        return False
    if theirs and any(pieces[one].artist == artist for one in way[-APART:]):
        return False
    return not any(pieces[one].title == pieces[at].title and pieces[one].artist == artist for one in way)
