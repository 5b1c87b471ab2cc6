"""Which keys go together.

The Camelot wheel puts the 24 keys on a clock, minor inside (A), major outside (B); neighbours share all notes but one.
`strict` is what all DJ programs agree on (and Mixxx finds): the same place, one hour to either side, and the other letter of
the same hour. `standard` adds the diagonal: an A and the B of the hour before, such as 8A and 7B. `adventurous` adds what
changes the colour on purpose: two hours on, a semitone up (seven hours on), and the other mode on the same tonic (three
hours on from A to B).

Tempo without key lock moves the key by 12 · log2(rate) semitones: keys are compared as they sound, and what remains to the
next semitone is out of tune.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from segue.analysis.mixing.records import Key, Manner, Profile, Relation

HOURS = 12
SCORES: Mapping[Relation, float] = {
    "same": 1.0,
    "fifth_up": 0.9,
    "fifth_down": 0.9,
    "relative": 0.9,
    "diagonal": 0.75,
    "two_fifths_up": 0.65,
    "parallel": 0.6,
    "semitone_up": 0.5,
    "unknown": 0.5,
    "apart": 0.1,
}
"""How well each goes, 0 to 1: an order of ours, not a measurement."""
ALLOWED: Mapping[Profile, frozenset[Relation]] = {
    "strict": frozenset({"same", "fifth_up", "fifth_down", "relative"}),
    "standard": frozenset({"same", "fifth_up", "fifth_down", "relative", "diagonal"}),
    "adventurous": frozenset(
        {"same", "fifth_up", "fifth_down", "relative", "diagonal", "two_fifths_up", "semitone_up", "parallel"}
    ),
}
IN_TUNE_CENTS = 12.0
"""What hardly anybody hears of two tracks together; from here on being out of tune costs."""


class Fit(NamedTuple):
    """How two keys go: the relation, its score, and how far out of tune the second is (cents, -50 to 50)."""

    relation: Relation
    score: float
    cents: float


def hour(key: Key) -> int:
    """Its place on the Camelot wheel, 1 to 12."""
    return (key.tonic * 7 + (4 if key.mode == "minor" else 7)) % HOURS + 1


def at_hour(number: int, mode: str) -> Key:
    """The key at an hour (any whole number) of the wheel."""
    tonic = (number - 1 - (4 if mode == "minor" else 7)) * 7 % 12
    return Key(tonic, "minor" if mode == "minor" else "major")


def relation(first: Key, second: Key) -> Relation:
    """What the second is to the first, whatever the profile."""
    step = (hour(second) - hour(first)) % HOURS
    if first.mode == second.mode:
        return _SAME_LETTER.get(step, "apart")
    if first.mode == "major":
        step = -step % HOURS
    # from minor to major now
    return _OTHER_LETTER.get(step, "apart")


_SAME_LETTER: Mapping[int, Relation] = {
    0: "same", 1: "fifth_up", HOURS - 1: "fifth_down", 2: "two_fifths_up", 7: "semitone_up",
}  # fmt: skip
_OTHER_LETTER: Mapping[int, Relation] = {0: "relative", HOURS - 1: "diagonal", 3: "parallel"}


def fit(first: Key | None, second: Key | None, rate: float, manner: Manner) -> Fit:
    """How the second key goes with the first when the second track is played at `rate`."""
    if first is None or second is None:
        return Fit("unknown", SCORES["unknown"], 0.0)
    semitones = 0.0 if manner.key_lock else 12 * math.log2(rate)
    whole = round(semitones)
    cents = 100 * (semitones - whole)
    found = relation(first, Key((second.tonic + whole) % 12, second.mode))
    if found not in ALLOWED[manner.profile]:
        found = "apart"
    return Fit(found, SCORES[found] * in_tune(cents), round(cents, 1))


def in_tune(cents: float) -> float:
    """What being so far out of tune leaves of a score: all of it up to 12 cents, a third at a quarter tone."""
    return 1 - max(0.0, min(abs(cents), 50) - IN_TUNE_CENTS) / (50 - IN_TUNE_CENTS) * 2 / 3


def compatible(key: Key, profile: Profile) -> list[tuple[Relation, Key]]:
    """All keys that go after this one, the best first."""
    found = [
        (relation(key, other), other)
        for other in (at_hour(number, mode) for number in range(1, HOURS + 1) for mode in ("minor", "major"))
    ]
    allowed = [(name, other) for name, other in found if name in ALLOWED[profile]]
    return sorted(allowed, key=lambda each: (-SCORES[each[0]], each[0], hour(each[1]), each[1].mode))
