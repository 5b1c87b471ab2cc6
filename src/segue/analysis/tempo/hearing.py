"""From onsets to a pulse: which tempos, where the beats, how steady."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from segue.analysis.tempo.beats import track
from segue.analysis.tempo.onsets import RATE, Envelopes
from segue.analysis.tempo.pulse import Level, Pulse
from segue.analysis.tempo.tempogram import TEMPOS, salience, tempogram

_SHORTEST_S = 3.0
_MS = 1000 / RATE


def pulse_of(heard: Envelopes, duration_ms: int) -> Pulse:
    """What pulse is in these onsets; `bpm` None where there is none."""
    strength = strength_of(heard.rises)
    nothing = Pulse(duration_ms, None)
    if len(strength) < _SHORTEST_S * RATE or np.count_nonzero(strength > 1) < 4:
        return nothing
    gram = tempogram(strength)
    fits = salience(gram)
    whole = (fits * gram.weights[:, None]).sum(axis=0)
    prior = np.exp(-0.5 * np.square(np.log2(TEMPOS / 115) / 0.8))
    best = float(TEMPOS[int((whole * prior).argmax())])
    if whole.max() <= 0:
        return nothing
    periods = np.full(len(strength), 60 * RATE / best, np.float32)
    beats = track(strength, periods)
    if len(beats) < 3:
        return nothing
    number = np.arange(len(beats))
    slope, start = np.polyfit(number, beats, 1)
    residual = float(np.std(beats - (start + slope * number)))
    even = residual < 0.03 * slope
    bpm = 60 * RATE / slope if even else 60 * RATE / float(np.median(np.diff(beats)))
    times = ((start + slope * number) if even else beats) * _MS
    levels = _levels(bpm, whole * prior)
    return Pulse(
        duration_ms,
        float(bpm),
        tuple(float(one) for one in np.clip(times, 0, duration_ms)),
        levels,
        agreement=0.8,
        steadiness=float(np.exp(-20 * residual / slope)),
        even=even,
        strong_ms=float(times[0]),
    )


def strength_of(rises: NDArray[np.float32]) -> NDArray[np.float32]:
    """One envelope of all groups, each by its own spread, without what is always there."""
    parts = rises - rises.mean(axis=1, keepdims=True)
    spread = parts.std(axis=1, keepdims=True)
    total = np.maximum((parts / np.maximum(spread, 0.02)).sum(axis=0), 0)
    deviation = float(total.std())
    return np.asarray(total / deviation if deviation > 0 else total, np.float32)


def _levels(bpm: float, fits: NDArray[np.floating]) -> tuple[Level, ...]:
    found = []
    for ratio in (1 / 4, 1 / 3, 1 / 2, 2 / 3, 1, 3 / 2, 2, 3, 4):
        if 40 <= bpm * ratio <= 250:
            place = int(np.abs(np.log(TEMPOS / (bpm * ratio))).argmin())
            found.append((bpm * ratio, math.log(max(float(fits[place]), 1e-9))))
    whole = math.log(sum(math.exp(log) for _, log in found))
    return tuple(Level(one, log - whole) for one, log in found)
