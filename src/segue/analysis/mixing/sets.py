"""Putting a set together: which tracks of a pool, in which order.

A beam search keeps the best few hundred beginnings and lengthens each by what goes best, by the scores of transitions and by
how near the energy is to the curve; so a good transition now is not bought with a dead end later, as the nearest next
one at every step would. The same pool, wish and seed give the same set.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from segue.analysis.mixing.curves import Curve, scale
from segue.analysis.mixing.pairs import pair_scores
from segue.analysis.mixing.records import Manner, Mixable

BEAM = 96
BRANCHES = 24
"""Continuations of one beginning that are looked at."""
ENERGY_SPREAD = 0.18
"""So far from the curve, a track counts as much as a transition of a third of the score."""
CHANCE = 0.15
"""How much other seeds shake the scores, as a share."""
MOST_TRACKS = 200
AGAIN = math.log(0.2)
"""What the same artist within the distance costs, where nobody else is left."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants. Either `tracks` or `minutes` says how long; `locked` are tracks by their place from 0."""

    curve: Curve
    tracks: int | None = None
    minutes: float | None = None
    start: int | None = None
    end: int | None = None
    locked: Mapping[int, int] = field(default_factory=dict)
    apart: int = 3
    """No artist twice within so many tracks."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Chosen:
    """The order by track id, and the places where an artist comes again too soon since nobody else was left."""

    order: tuple[int, ...]
    too_soon: tuple[int, ...] = ()


@dataclass(slots=True)
class _Begun:
    score: float
    path: tuple[int, ...]
    lasted_ms: float
    too_soon: tuple[int, ...] = ()


def choose(
    pool: Sequence[Mixable], wish: Wish, manner: Manner, progress: Callable[[int, int], None] = lambda done, total: None
) -> Chosen:
    """The best order that was found; empty for an empty pool. `progress` is told how many places of about how many are taken."""
    pool = sorted({track.id: track for track in pool}.values(), key=lambda track: track.id)
    if not pool:
        return Chosen(())
    return _Search(pool, wish, manner).run(progress)


class _Search:
    def __init__(self, pool: Sequence[Mixable], wish: Wish, manner: Manner) -> None:
        self._pool, self._wish = pool, wish
        self._places = {track.id: place for place, track in enumerate(pool)}
        count = len(pool)
        shaken = 1 + CHANCE * np.random.default_rng(wish.seed).uniform(-1, 1, (count, count)) if wish.seed else 1.0
        self._pairs = np.log(np.maximum(pair_scores(pool, manner) * shaken, 1e-6))
        energies = [track.energy for track in pool if track.energy is not None]
        self._low, self._high = scale(energies)
        middle = float(np.median(energies)) if energies else 0.5
        self._energy = np.array([middle if track.energy is None else track.energy for track in pool])
        self._minutes = np.array([max(1, track.duration_ms) for track in pool]) / 60_000
        self._artists = _shared_artists(pool)
        self._start = self._place(wish.start)
        self._end = self._place(wish.end)
        self._locked = {at: place for at, id in wish.locked.items() if (place := self._place(id)) is not None}
        if self._start is not None:
            self._locked[0] = self._start
        self._length = self._tracks()
        if self._end is not None and wish.minutes is None and self._length > 1:
            self._locked[self._length - 1] = self._end
        self._kept = set(self._locked.values()) | ({self._end} if self._end is not None else set())

    def run(self, progress: Callable[[int, int], None]) -> Chosen:
        beam = self._first()
        finished: list[_Begun] = []
        for at in range(1, self._length):
            progress(at, self._length)
            longer: list[_Begun] = []
            for begun in beam:
                if self._long_enough(begun):
                    finished.append(begun)
                else:
                    longer += self._continued(begun, at)
            if not longer:
                break
            beam = _best(longer)
        best = max([*finished, *beam], key=lambda begun: (begun.score / len(begun.path), begun.path))
        path = self._ended(best.path)
        progress(len(path), len(path))
        return Chosen(tuple(self._pool[place].id for place in path), best.too_soon)

    def _tracks(self) -> int:
        if self._wish.minutes is None:
            wanted = self._wish.tracks or 1
        else:
            wanted = math.ceil(2 * self._wish.minutes / max(0.5, float(self._minutes.mean()))) + 1
        return max(1, min(wanted, len(self._pool), MOST_TRACKS))

    def _first(self) -> list[_Begun]:
        if 0 in self._locked:
            chosen = [self._locked[0]]
        else:
            chosen = [place for place in range(len(self._pool)) if place not in self._kept or len(self._pool) == 1]
            chosen = chosen or [next(iter(self._kept))]
        energy = self._near_curve(0.0)
        begun = [_Begun(float(energy[place]), (place,), float(self._minutes[place])) for place in chosen]
        return _best(begun)

    def _continued(self, begun: _Begun, at: int) -> list[_Begun]:
        """This beginning with each of the best tracks after it."""
        last = begun.path[-1]
        scores = self._pairs[last] + self._near_curve(self._where(begun, at))
        if at in self._locked:
            return [self._with(begun, self._locked[at], scores)] if self._locked[at] not in begun.path else []
        allowed = np.ones(len(self._pool), dtype=bool)
        allowed[list(begun.path)] = False
        allowed[list(self._kept)] = False
        soon = np.zeros_like(allowed)
        for before in begun.path[-self._wish.apart :] if self._wish.apart else ():
            soon |= self._artists[before]
        if (allowed & ~soon).any():
            allowed &= ~soon
        places = np.flatnonzero(allowed)
        if len(places) > BRANCHES:
            places = places[np.argsort(-scores[places], kind="stable")[:BRANCHES]]
        return [self._with(begun, int(place), scores, again=bool(soon[place])) for place in places]

    def _with(self, begun: _Begun, place: int, scores: NDArray[np.float64], *, again: bool = False) -> _Begun:
        return _Begun(
            begun.score + float(scores[place]) + (AGAIN if again else 0.0),
            (*begun.path, place),
            begun.lasted_ms + float(self._minutes[place]),
            (*begun.too_soon, len(begun.path)) if again else begun.too_soon,
        )

    def _where(self, begun: _Begun, at: int) -> float:
        """How far through the set the next track comes, 0 to 1."""
        if self._wish.minutes is not None:
            return min(1.0, begun.lasted_ms / self._wish.minutes)
        return at / max(1, self._length - 1)

    def _near_curve(self, where: float) -> NDArray[np.float64]:
        """What each track loses by being livelier or calmer than the curve."""
        wanted = self._low + (self._high - self._low) * self._wish.curve(where)
        return np.asarray(-(((self._energy - wanted) / ENERGY_SPREAD) ** 2))

    def _long_enough(self, begun: _Begun) -> bool:
        if self._wish.minutes is None:
            return False
        end = 0.0 if self._end is None else float(self._minutes[self._end])
        return begun.lasted_ms + end >= self._wish.minutes

    def _ended(self, path: tuple[int, ...]) -> tuple[int, ...]:
        """With the track that was to be the last, where the length was told in minutes."""
        return path if self._end is None or self._end in path else (*path, self._end)

    def _place(self, id: int | None) -> int | None:
        return None if id is None else self._places.get(id)


def _best(begun: Collection[_Begun]) -> list[_Begun]:
    """The best of them, equals by their tracks' order; of those that hold the same tracks and end alike, one."""
    seen: set[tuple[frozenset[int], int]] = set()
    kept: list[_Begun] = []
    for each in sorted(begun, key=lambda each: (-each.score, each.path)):
        mark = (frozenset(each.path), each.path[-1])
        if mark not in seen:
            seen.add(mark)
            kept.append(each)
        if len(kept) == BEAM:
            break
    return kept


def _shared_artists(pool: Sequence[Mixable]) -> NDArray[np.bool_]:
    """Which tracks have an artist in common, (n, n)."""
    artists = sorted({artist for track in pool for artist in track.artists})
    columns = {artist: column for column, artist in enumerate(artists)}
    has = np.zeros((len(pool), max(1, len(artists))), dtype=np.float32)
    for row, track in enumerate(pool):
        has[row, [columns[artist] for artist in track.artists]] = 1
    return np.asarray(has @ has.T > 0)
