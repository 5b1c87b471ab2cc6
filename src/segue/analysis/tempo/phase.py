"""On the beat or beside it: of the places within a period, which is counted.

Off-beat hats and basses can be as loud as the kick. What tells the beat is who plays there: kick and snare take turns
on it from beat to beat, the harmony changes on it, cymbals alone are no beat.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segue.analysis.tempo.bars import harmony_changes
from segue.analysis.tempo.onsets import Envelopes

PLACES = (0.0, 1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4)
"""Shares of a period after the beats as they were followed."""
_NAMES = ("low", "body", "mid", "high", "pitch", "turns:low", "turns:mid", "turns:high", "harmony", "moved")
WEIGHTS: Sequence[float] = (0.3, 0.0, 0.5, 1.0, 0.0, 0.3, 0.2, 0.5, 7.8, 0.3)


def facts(heard: Envelopes, beats: NDArray[np.float64]) -> NDArray[np.float64]:
    """(places, facts): the mean onset of each band there by its own spread, how far it differs from one beat to the next in
    low, mid and high, how much of the harmony's changes fall there, and whether it is beside the followed beats."""
    period = np.diff(beats, append=2 * beats[-1] - beats[-2])
    made = np.zeros((len(PLACES), len(_NAMES)))
    for row, place in enumerate(PLACES):
        at = beats + place * period
        for column, rise in enumerate(heard.rises):
            peak = _peaks(rise, at)
            spread = max(float(rise.std()), 0.02)
            made[row, column] = (float(peak.mean()) - float(rise.mean())) / spread
            turn = _turns(peak, spread)
            if column in (0, 2, 3):
                made[row, 5 + (0, 0, 1, 2)[column]] = turn
        made[row, 8] = _change(heard, at, period)
        made[row, 9] = float(place > 0)
    return made


def place_of(heard: Envelopes, beats: NDArray[np.float64]) -> float:
    """The likeliest of `PLACES`."""
    if len(beats) < 8:
        return 0.0
    return PLACES[int((facts(heard, beats) @ np.asarray(WEIGHTS)).argmax())]


def _peaks(rise: NDArray[np.float32], at: NDArray[np.float64]) -> NDArray[np.float32]:
    where = np.clip(at.round().astype(np.int64), 2, max(2, len(rise) - 3))
    return np.asarray(np.max([rise[where + shift] for shift in (-2, -1, 0, 1, 2)], axis=0), np.float32)


def _turns(peak: NDArray[np.float32], spread: float) -> float:
    even, odd = peak[0::2], peak[1::2]
    return abs(float(even.mean()) - float(odd.mean())) / spread


def _change(heard: Envelopes, at: NDArray[np.float64], period: NDArray[np.float64]) -> float:
    """How much the harmony differs before and after these places, in the best of each four."""
    change = harmony_changes(heard, at, float(np.median(period)))
    return max(float(change[start::4].mean()) for start in range(4))
