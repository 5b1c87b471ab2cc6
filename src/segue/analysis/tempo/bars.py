"""Which beats are first of a bar: every third or every fourth, and from which, or it is not said.

Harmony changes and the bass enters on first beats far more often than elsewhere (Goto 2001; Davies and Plumbley 2006), and
drums repeat bar by bar.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segue.analysis.tempo.onsets import CHROMA_STEPS, RATE, Envelopes

_FEWEST = 12
_METRES = (3, 4)
_CLEAR = 0.12
_SURE = 0.6
"""First beats must be this much more so than the next likeliest, in deviations: on rendered clips nine of ten are right then,
and without it three of four."""
_TONAL = 0.8
"""Chroma, in bels from its mean, shorter than this is of drums and noise rather than of tones."""


def bar_of(heard: Envelopes, beats: NDArray[np.float64]) -> tuple[int | None, int]:
    """(beats a bar, index of the first downbeat) of beats given as indices at `RATE`. Where no metre is clear it is None,
    and the index that of the strongest of the first two beats and those that follow by twos."""
    accents = _accents(heard, beats)
    if len(accents) < 4:
        return None, 0
    pairs = [float(accents[start::2].mean()) for start in (0, 1)]
    strong = int(np.argmax(pairs))
    if len(beats) < _FEWEST:
        return None, strong
    patterns = _patterns(heard, beats)
    likeness = {metre: _repeats(patterns, accents, metre) for metre in (*_METRES, 2)}
    metre = max(_METRES, key=lambda one: likeness[one])
    other = likeness[3 if metre == 4 else 4]
    starts = [float(accents[start::metre].mean()) for start in range(metre)]
    order = sorted(starts, reverse=True)
    spread = float(accents.std()) + 1e-6
    if likeness[metre] - other < _CLEAR or order[0] - order[1] < _SURE * spread:
        return None, strong
    return metre, int(np.argmax(starts))


def _patterns(heard: Envelopes, beats: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each beat, the onsets of every band in its four quarters, and its harmony; each column by its own spread."""
    count = len(beats)
    columns = []
    edges = np.concatenate((beats, [2 * beats[-1] - beats[-2]]))
    for rise in heard.rises():
        sums = np.concatenate(([0.0], np.cumsum(rise, dtype=np.float64)))
        for quarter in range(4):
            start = edges[:-1] + (quarter - 0.5) * np.diff(edges) / 4
            columns.append(_mean(sums, start, start + np.diff(edges) / 4))
    made = np.array(columns).T.reshape(count, -1)
    made = made - made.mean(axis=0)
    return np.asarray(made / np.maximum(made.std(axis=0), 0.05))


def _mean(sums: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
    first = np.clip(start.round().astype(np.int64), 0, len(sums) - 1)
    last = np.clip(np.maximum(end.round().astype(np.int64), first + 1), 0, len(sums) - 1)
    return np.asarray((sums[last] - sums[first]) / np.maximum(last - first, 1))


def _accents(heard: Envelopes, beats: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much each beat is like a first one: the harmony changes, the bass enters."""
    if len(beats) < 3:
        return np.zeros(len(beats))
    low = np.concatenate(([0.0], np.cumsum(heard.rise(0), dtype=np.float64)))
    bass = _mean(low, beats - 2, beats + 4)
    harmony = harmony_changes(heard, beats, float(np.median(np.diff(beats))))
    return _scaled(bass, 0.02) + 1.5 * _scaled(harmony, 0.1)


def harmony_changes(heard: Envelopes, places: NDArray[np.float64], period: float) -> NDArray[np.float64]:
    """How little the harmony of one period after each place (indices at `RATE`) is like that of one before: 0 alike, 1 not
    at all."""
    if len(heard.chroma) < 8:
        return np.zeros(len(places))
    sums = np.concatenate((np.zeros((1, 12), np.int32), np.cumsum(heard.chroma, axis=0, dtype=np.int32)))
    after = _chroma_between(sums, heard.chroma_rate, places, places + period)
    before = _chroma_between(sums, heard.chroma_rate, places - period, places)
    return np.asarray(0.5 * np.square(after - before).sum(axis=1))


def _chroma_between(
    sums: NDArray[np.int32], rate: float, start: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Vectors of mean chroma between two places each, of length 1 where there are tones and shorter where it is noise; parts
    of a chroma frame count by their share."""
    numbers = np.arange(len(sums))
    first, last = (np.clip(place / RATE * rate + 0.5, 0, len(sums) - 1) for place in (start, end))
    length = np.maximum(last - first, 1e-3)[:, None]
    both = [np.stack([np.interp(place, numbers, column) for column in sums.T], axis=1) for place in (first, last)]
    chroma = (both[1] - both[0]) / (length * CHROMA_STEPS)
    chroma -= chroma.mean(axis=1, keepdims=True)
    return np.asarray(chroma / np.maximum(np.linalg.norm(chroma, axis=1, keepdims=True), _TONAL))


def _scaled(values: NDArray[np.float64], least: float) -> NDArray[np.float64]:
    return np.asarray((values - values.mean()) / max(float(values.std()), least))


def _repeats(patterns: NDArray[np.float64], accents: NDArray[np.float64], every: int) -> float:
    """How alike beats are that lie a bar apart, and two bars; near 1 where all repeats."""
    total = 0.0
    for lag in (every, 2 * every):
        if lag < len(patterns):
            total += float((patterns[lag:] * patterns[:-lag]).mean()) / 2
            apart = accents - accents.mean()
            total += float((apart[lag:] * apart[:-lag]).mean() / max(float(apart.var()), 1e-6)) / 2
    return total
