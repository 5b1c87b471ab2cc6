"""Energy and danceability: two figures with a definition, computed from what was heard. Pure arithmetic."""

from __future__ import annotations

import math

from segue.analysis.records import Energy, Loudness
from segue.analysis.timbre.records import Timbre

VERSION = 1
REFERENCE = {
    "loudness": (-14.0, 5.0),
    "onsets": (4.0, 1.8),
    "low_flux": (0.8, 0.4),
    "brightness": (3.3, 0.5),
    "steadiness_of_level": (-7.0, 4.0),
}
"""Mean and deviation of each part."""


def energy(timbre: Timbre, loudness: Loudness | None) -> Energy | None:
    """0 to 1: the logistic of the mean of five standardised parts, each held within two and a half deviations. None where no
    loudness could be said. Tempo is not among the parts: a mistaken octave would be heard in the energy."""
    if loudness is None or loudness.integrated is None:
        return None
    heard = {
        "loudness": loudness.integrated,
        "onsets": timbre.onsets_a_second,
        "low_flux": timbre.low_flux,
        "brightness": timbre.centroid_octaves,
        "steadiness_of_level": -(loudness.range or 0.0),
    }
    parts = {
        name: max(-2.5, min(2.5, (value - REFERENCE[name][0]) / REFERENCE[name][1])) for name, value in heard.items()
    }
    mean = sum(parts.values()) / len(parts)
    return Energy(value=1 / (1 + math.exp(-2 * mean)), parts=parts, version=VERSION)


def of_ten(value: float) -> int:
    """Energy as DJs write it, 1 to 10."""
    return max(1, min(10, math.ceil(10 * value)))


def danceability(timbre: Timbre, steadiness: float) -> float:
    """0 to 1: the geometric mean of how steady the beat is (the tempo's `steadiness`) and how regular its low end."""
    return math.sqrt(max(0.0, min(1.0, steadiness)) * timbre.low_regularity)
