"""From what was heard to a key: the scores of all 24, the best one's calibrated confidence, and the stretches between modulations."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from segue.analysis.key import evidence
from segue.analysis.key.pitches import FRAMES_A_SECOND
from segue.analysis.key.weights import IN_MAJOR, IN_MINOR, NAMED
from segue.analysis.records import Key, KeySegment, Mode

LEAST_IN_TUNE = 0.15
"""Under this the peaks lie anywhere: drums and noise are at most at 0.12, music with pitches from 0.18 up."""
LEAST_FRAMES = int(2 * FRAMES_A_SECOND)
"""Two seconds of music; of less nothing is said."""
CONFIDENCE = ((0.0, 0.05), (0.2, 0.22), (0.43, 0.45), (0.55, 0.62), (0.7, 0.78), (0.8, 0.86), (0.9, 0.93), (1.0, 0.96))
"""The probability that the regression gives its best key, and how often that key is right (isotonic regression on clips that
were left out of the fit, five times over)."""
WINDOW_S = 8.0
STEP_S = 2.0
FIRMNESS = 12.0
"""How much a fit of a window to a profile counts beside the cost of a modulation."""
MODULATION = 9.0
"""The cost of another key from one step to the next."""
SHORTEST_S = 8.0

_WEIGHTS = np.array([*(NAMED[name] for name in evidence.NAMES), *IN_MAJOR, *IN_MINOR])

Floats = NDArray[np.float64]


def judge(heard: NDArray[np.float32], tuning: float, in_tune: float, duration_ms: int) -> Key | None:
    """The key of a piece from (frames, 2, 12) of `Pitches.heard`; None where nothing in it has a key.

    The key is the one that the whole piece is in for the most part: one where all its notes, chords, cadences, beginning and end
    speak for it together. A modulation near the end does not change it; its segments say where it goes.
    """
    even = evidence.music(heard)
    if in_tune < LEAST_IN_TUNE or len(even) < LEAST_FRAMES:
        return None
    chances = _chances(evidence.of_keys(even) @ _WEIGHTS)
    best = int(np.argmax(chances))
    tonic, mode = _key(best)
    confidence = _calibrated(float(chances[best]))
    return Key(
        tonic=tonic,
        mode=mode,
        confidence=confidence,
        tuning_cents=round(tuning * 100, 1),
        segments=_segments(heard, best, confidence, duration_ms),
        scores=tuple(round(float(chance), 4) for chance in chances),
    )


def _key(number: int) -> tuple[int, Mode]:
    return number % 12, "major" if number < 12 else "minor"


def _chances(scores: Floats) -> Floats:
    grown = np.exp(scores - scores.max())
    return np.asarray(grown / grown.sum())


def _calibrated(chance: float) -> float:
    said, right = zip(*CONFIDENCE, strict=True)
    return round(float(np.interp(chance, said, right)), 4)


def _segments(heard: NDArray[np.float32], best: int, confidence: float, duration_ms: int) -> tuple[KeySegment, ...]:
    """Stretches in one key each, by the cheapest way through windows of 8 s (Viterbi), where keeping a key costs nothing."""
    step, half = round(STEP_S * FRAMES_A_SECOND), round(WINDOW_S * FRAMES_A_SECOND / 2)
    starts = np.arange(0, max(1, len(heard) - step // 2), step)
    sums = np.concatenate([np.zeros((1, 12)), np.cumsum(heard[:, 0], axis=0, dtype=np.float64)])
    begin, end = np.maximum(starts + step // 2 - half, 0), np.minimum(starts + step // 2 + half, len(heard))
    fit = FIRMNESS * evidence.fits(sums[end] - sums[begin])
    fit[:, best] += 0.05 * FIRMNESS
    path = _cheapest(fit)
    edges = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist(), len(path)]
    runs = [(int(path[first]), first, last) for first, last in itertools.pairwise(edges)]
    runs = _without_short(runs, int(SHORTEST_S / STEP_S))
    if len(runs) == 1:
        return (KeySegment(0, duration_ms, *_key(best), confidence),)
    found = []
    for key, first, last in runs:
        chances = _chances(fit[first:last].mean(axis=0))
        tonic, mode = _key(key)
        found.append(
            KeySegment(
                start_ms=0 if first == 0 else round(first * step / FRAMES_A_SECOND * 1_000),
                end_ms=duration_ms if last == len(path) else round(last * step / FRAMES_A_SECOND * 1_000),
                tonic=tonic,
                mode=mode,
                confidence=round(float(chances[key]), 4),
            )
        )
    return tuple(found)


def _cheapest(fit: Floats) -> NDArray[np.int64]:
    """The key at each step such that fits less modulations are the most altogether."""
    total = fit[0].copy()
    came = np.zeros(fit.shape, np.int64)
    stay = np.arange(fit.shape[1])
    for at in range(1, len(fit)):
        best = int(np.argmax(total))
        moved = total[best] - MODULATION
        came[at] = np.where(total >= moved, stay, best)
        total = np.maximum(total, moved) + fit[at]
    path = np.zeros(len(fit), np.int64)
    path[-1] = int(np.argmax(total))
    for at in range(len(fit) - 1, 0, -1):
        path[at - 1] = came[at, path[at]]
    return path


def _without_short(runs: list[tuple[int, int, int]], least: int) -> list[tuple[int, int, int]]:
    """Runs shorter than `least` steps go to the run before them, or the one after at the beginning; equal neighbours are one."""
    kept: list[tuple[int, int, int]] = []
    for key, first, last in runs:
        if kept and (last - first < least or key == kept[-1][0]):
            kept[-1] = (kept[-1][0], kept[-1][1], last)
        elif kept and kept[-1][2] - kept[-1][1] < least:
            kept[-1] = (key, kept[-1][1], last)
        else:
            kept.append((key, first, last))
    return kept
