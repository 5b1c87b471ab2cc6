"""A setlist that recordings agree on, for a show that nobody keeps a list of."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise
from math import ceil
from statistics import median_high
from typing import NamedTuple

from segue.live.records import Heard, SetlistSet, SetlistSong

_FEWEST = 3
"""Songs that a recording must hold to have a say, where another holds so many."""
_SHARE = 0.4
"""Of the recordings that have the most common song, so many must have a song."""


class _Place(NamedTuple):
    song: str
    time: int
    """Which time the song is played: 0 the first, 1 the second …"""


def consensus(heards: Sequence[Sequence[Heard]]) -> tuple[SetlistSet, ...]:
    """The songs that enough of the recordings have, in the order that they agree on; empty without songs.

    Each of `heards` is what one recording holds, in order. Segues and sets are what most of those say that have the
    song. One recording alone is taken at its word.
    """
    sequences = [one for heard in heards if (one := _played(heard))]
    if any(len(one) >= _FEWEST for one in sequences):
        sequences = [one for one in sequences if len(one) >= _FEWEST]
    if not sequences:
        return ()
    kept = _agreed(sequences)
    merged = _merged([[place for place in one if place in kept] for one in sequences])
    runs_on = {place: _majority([one[place].segue for one in sequences if place in one]) for place in merged}
    sets = {place: _set_of([one[place].set_name for one in sequences if place in one]) for place in merged}
    return _in_sets(merged, runs_on, sets)


def _played(heard: Sequence[Heard]) -> dict[_Place, Heard]:
    """The songs of a recording in order; a song that goes on in the next track is played once."""
    found: dict[_Place, Heard] = {}
    times: Counter[str] = Counter()
    last: str | None = None
    for one in heard:
        if one.kind != "song" or not one.song:
            if one.kind == "unknown":
                last = None
            continue
        if one.song == last:
            place = _Place(one.song, times[one.song] - 1)
        else:
            place = _Place(one.song, times[one.song])
            times[one.song] += 1
        found[place] = one
        last = one.song
    return found


def _agreed(sequences: Sequence[dict[_Place, Heard]]) -> set[_Place]:
    votes = Counter(place.song for one in sequences for place in one if place.time == 0)
    needed = ceil(_SHARE * max(votes.values()))
    times: dict[str, list[int]] = defaultdict(list)
    for one in sequences:
        for song, count in Counter(place.song for place in one).items():
            times[song].append(count)
    return {
        _Place(song, time)
        for song, count in votes.items()
        if count >= needed
        for time in range(median_high(sorted(times[song])) if len(times[song]) > 2 else max(times[song]))
    }


def _merged(orders: Sequence[Sequence[_Place]]) -> list[_Place]:
    """One order that keeps what stands directly before what in most of `orders`; where they do not say or say otherwise in
    turn, what stands earlier on the whole comes first."""
    follows: Counter[tuple[_Place, _Place]] = Counter()
    positions: dict[_Place, list[float]] = defaultdict(list)
    for order in orders:
        follows.update(pairwise(order))
        for at, place in enumerate(order):
            positions[place].append(at / len(order))
    usual = {place: sum(at) / len(at) for place, at in positions.items()}
    before: dict[_Place, set[_Place]] = {place: set() for place in usual}
    for (one, other), count in follows.items():
        if count > follows[other, one]:
            before[other].add(one)
    merged: list[_Place] = []
    left = sorted(usual, key=lambda place: (usual[place], place))
    while left:
        place = next((one for one in left if not before[one]), left[0])
        left.remove(place)
        merged.append(place)
        for one in left:
            before[one].discard(place)
    return merged


def _majority(votes: Sequence[bool]) -> bool:
    return 2 * sum(votes) > len(votes)


def _set_of(names: Sequence[str]) -> str:
    said = Counter(name for name in names if name)
    return max(said, key=lambda name: (said[name], name)) if said else ""


def _in_sets(merged: Sequence[_Place], runs_on: dict[_Place, bool], names: dict[_Place, str]) -> tuple[SetlistSet, ...]:
    told = any(names.values())
    current = "Set 1"
    found: list[tuple[str, list[SetlistSong]]] = []
    for place in merged:
        current = names[place] or current
        if not found or (told and found[-1][0] != current):
            found.append((current, []))
        found[-1][1].append(SetlistSong(place.song, runs_on[place]))
    return tuple(SetlistSet(name, tuple(songs)) for name, songs in found)
