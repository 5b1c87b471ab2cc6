"""How much of a concert's setlist a recording holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from segue.live.ranking.weights import USUAL, Weights
from segue.live.records import Heard
from segue.live.titles import song_key

_TOO_FEW = 1 / 3
"""A recording whose titles tell songs in less than this share of its tracks may hold anything."""


@dataclass(frozen=True, slots=True)
class Completeness:
    """`share` of the setlist held, 0 to 1, None where titles tell too little; what is missing and what is cut, in order.

    `songs` is the share of different songs, `times` that of all times that songs were played, both with cuts forgiven.
    """

    share: float | None
    missing: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    songs: float = 0.0
    times: float = 0.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A setlist prepared for many recordings: how often each song was played, and how it is written."""

    counts: dict[str, int]
    names: dict[str, str]
    whole: float


def asked_of(names: Iterable[str], weights: Weights = USUAL) -> Asked:
    """What a recording must hold to have all of `names`, which are a setlist's songs in order."""
    counts: dict[str, int] = {}
    written: dict[str, str] = {}
    for name in names:
        key = song_key(name)
        if key:
            counts[key] = counts.get(key, 0) + 1
            written.setdefault(key, name)
    return Asked(counts, written, sum(1 + (count - 1) * weights.repeat for count in counts.values()))


def completeness_of(
    heard: Sequence[Heard], asked: Asked | Sequence[str], *, weights: Weights = USUAL
) -> Completeness | None:
    """How much of a setlist was heard; None without a setlist.

    Each song counts once, each further time of it `weights.repeat`; a song that is cut wherever it is heard lacks
    `weights.cut`. The names must be written alike on both sides (those of the artist's vocabulary).
    """
    if not isinstance(asked, Asked):
        asked = asked_of(asked, weights)
    if not asked.counts:
        return None
    held: dict[str, int] = {}
    whole: set[str] = set()
    songs = others = 0
    for one in heard:
        if one.kind == "song" and one.song:
            songs += 1
            key = song_key(one.song)
            held[key] = held.get(key, 0) + 1
            if not one.cut:
                whole.add(key)
        elif one.kind == "unknown":
            others += 1
    if not songs or songs < _TOO_FEW * (songs + others):
        return Completeness(None)
    total = 0.0
    heard_times = 0
    missing: list[str] = []
    cut: list[str] = []
    for key, count in asked.counts.items():
        got = held.get(key, 0)
        if not got:
            missing.append(asked.names[key])
            continue
        heard_times += min(got, count)
        total += 1 + (min(got, count) - 1) * weights.repeat
        if key not in whole:
            total -= weights.cut
            cut.append(asked.names[key])
    count = len(asked.counts)
    return Completeness(
        total / asked.whole, tuple(missing), tuple(cut), (count - len(missing)) / count,
        heard_times / sum(asked.counts.values()),
    )  # fmt: skip
