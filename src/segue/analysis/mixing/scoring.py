"""How good a transition is: four terms, each 0 to 1, multiplied with their weights as exponents.

A product and not a sum, since a clash of keys is not made good by the right tempo.
"""

from __future__ import annotations

from segue.analysis.mixing.cues import Points
from segue.analysis.mixing.records import Terms

KEY, TEMPO, ENERGY, ROOM = 0.35, 0.35, 0.2, 0.1
ENERGY_STEP = 0.35
"""Two tracks so far apart in energy (of 0 to 1) are as far apart as a score can say."""
ENERGY_UNKNOWN = 0.7
ROOM_BEATS = 32
"""As much room on both sides is all that one could wish."""
LEAST_ROOM = 0.4
"""Two tracks without intro and outro can be mixed all the same."""
WORST = 0.05


def total(terms: Terms) -> float:
    """The score of a transition, 0 to 1."""
    weighted = terms.key**KEY * terms.tempo**TEMPO * terms.energy**ENERGY * terms.room**ROOM
    return round(float(weighted), 4)


def energy(first: float | None, second: float | None) -> float:
    """1 where both are as lively; less the further apart they are."""
    if first is None or second is None:
        return ENERGY_UNKNOWN
    return max(WORST, 1 - abs(second - first) / ENERGY_STEP * (1 - WORST))


def room(first: Points, second: Points) -> float:
    """How much of 32 beats the shorter of outro and intro has."""
    share = min(first.beats_out, second.beats_in, ROOM_BEATS) / ROOM_BEATS
    return LEAST_ROOM + (1 - LEAST_ROOM) * max(0.0, share)
