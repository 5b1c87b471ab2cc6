"""The level of the beat, by what was heard: a small model with a handful of weights.

Each candidate's facts (`evidence.fact`) are weighed and added; the softmax over a track's candidates is each one's
probability. The weights were fitted on rendered clips of known tempo, by styles left out in turn.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from segue.analysis.tempo.evidence import Family, fact
from segue.analysis.tempo.pulse import Level

WEIGHTS: Mapping[str, float] = {
    "fits": 1.36,
    "repeats:all:1": 5.889,
    "repeats:pitch:4": 7.29,
    "repeats:mid:2": -4.094,
    "swings:mid:4": 20.665,
    "swings:body:1": -11.299,
    "swings:pitch:0.25": -46.203,
    "octaves": -0.581,
    "octaves²": -2.163,
    "octaves×:hits": 0.395,
    "octaves×:hits:low": -0.387,
    "octaves×:sharp": 0.071,
}
_DIM, _CLEAR = 0.008, 0.03


def weighed(family: Family, candidates: Sequence[float]) -> tuple[Level, ...]:
    """Each candidate with its log-probability, the likeliest first."""
    sums = [(sum(weight * fact(family, bpm, name) for name, weight in WEIGHTS.items()), bpm) for bpm in candidates]
    highest = max(total for total, _ in sums)
    whole = highest + math.log(sum(math.exp(total - highest) for total, _ in sums))
    return tuple(Level(bpm, total - whole) for total, bpm in sorted(sums, reverse=True))


def clarity(fit: float) -> float:
    """0.5 to 1, how far there is a pulse at all, by the salience of the best tempo: rubato lies at 0.01, songs from 0.04."""
    return min(1.0, max(0.5, 0.5 + 0.5 * (fit - _DIM) / (_CLEAR - _DIM)))
