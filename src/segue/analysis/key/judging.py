"""From what was heard to a key: how well all 24 fit, the best one's calibrated confidence, the stretches between modulations."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from segue.analysis.calibration import Knots, apply
from segue.analysis.key import evidence
from segue.analysis.key.pitches import FRAMES_A_SECOND, Heard
from segue.analysis.key.weights import IN_MAJOR, IN_MINOR, NAMED
from segue.analysis.records import Key, KeySegment, Mode

LEAST_PITCHED = 1.61
"""How closely peaks gather around semitones, how much of them lasts and how well their notes fit one of the keys, together: at
most 1.58 for drums, tuned toms and congas among them; at least 1.64 for music with pitches, loud drums in it or not."""
LEAST_FRAMES = int(2 * FRAMES_A_SECOND)
"""Two seconds of music; of less nothing is said."""
HOUR = int(3_600 * FRAMES_A_SECOND)
CONFIDENCE: Knots = ((0.1, 0.15), (0.43, 0.56), (0.58, 0.72), (0.75, 0.85), (0.86, 0.89), (0.95, 0.965), (1.0, 0.975))
"""The probability that the regression gives its best key, and how often that key is right: isotonic regression on 243 clips of a
third seed that nothing was fitted to, and on renderings of scores that were left out of the fit, a fifth at a time."""
FEW_NOTES: Knots = ((1.0, 0.2), (5.0, 0.5), (7.0, 1.0))
"""The most confidence by how many pitch classes sound, as the exponential of their entropy: a tone has 3.3 with its partials, a
triad 4.9, and music with a key 8 to 12. What the confidence was fitted on has no such bare sounds."""
WINDOW_S = 8.0
STEP_S = 2.0
FIRMNESS = 12.0
"""How much a fit of a window to a profile counts beside the cost of a modulation."""
MODULATION = 9.0
"""The cost of another key from one step to the next."""
SHORTEST_S = 8.0
HOME = 0.7
"""What speaks for the piece's own key in each stretch beforehand, as a logarithm of odds."""

_WEIGHTS = np.array([*(NAMED[name] for name in evidence.NAMES), *IN_MAJOR, *IN_MINOR])

Floats = NDArray[np.float64]
Run = tuple[int, int, int]
"""Key, first step, step after the last."""


def judge(pitches: Heard, duration_ms: int) -> Key | None:
    """The key of a piece from its pitches; None where nothing in it has a key.

    The key is the one that the whole piece is in for the most part: one where all its notes, chords, cadences, beginning and end
    speak for it together. A modulation near the end does not change it; its segments say where it goes.
    """
    speaking = _speaking(pitches.classes)
    if speaking is None:
        return None
    if pitches.in_tune + pitches.lasting + float(speaking[:, 0].max()) < LEAST_PITCHED:
        return None
    chances = _chances(speaking @ _WEIGHTS)
    best = int(np.argmax(chances))
    tonic, mode = _key(best)
    confidence = min(confidence_of(float(chances[best])), most_confidence(pitches.classes))
    return Key(
        tonic=tonic,
        mode=mode,
        confidence=confidence,
        tuning_cents=round(pitches.tuning * 100, 1),
        segments=_segments(pitches.classes, best, confidence, duration_ms),
        scores=tuple(round(float(chance), 4) for chance in chances),
    )


def _speaking(classes: NDArray[np.float16]) -> Floats | None:
    """The evidence for each key, of long pieces the mean over their hours, so that memory does not grow; None for too little."""
    total, frames = np.zeros((24, evidence.SIZE)), 0
    for first in range(0, len(classes), HOUR):
        even = evidence.music(classes[first : first + HOUR])
        if len(even) >= LEAST_FRAMES:
            total += len(even) * evidence.of_keys(even)
            frames += len(even)
    return total / frames if frames else None


def _key(number: int) -> tuple[int, Mode]:
    return number % 12, "major" if number < 12 else "minor"


def _chances(scores: Floats) -> Floats:
    grown = np.exp(scores - scores.max())
    return np.asarray(grown / grown.sum())


def confidence_of(chance: float) -> float:
    """How often a key is right that the regression gives this probability."""
    return round(apply(CONFIDENCE, chance), 4)


def most_confidence(classes: NDArray[np.float16]) -> float:
    """How sure of a key one can be with so few notes: 1 for all that is more than a tone or a chord."""
    shares = classes[:, 0].sum(axis=0, dtype=np.float64)
    shares = shares[shares > 0] / max(float(shares.sum()), 1e-12)
    return round(apply(FEW_NOTES, float(np.exp(-np.sum(shares * np.log(shares))))), 4)


def _segments(heard: NDArray[np.float16], best: int, confidence: float, duration_ms: int) -> tuple[KeySegment, ...]:
    """Stretches in one key each, by the cheapest way through windows of 8 s (Viterbi), where keeping a key costs nothing."""
    step, half = round(STEP_S * FRAMES_A_SECOND), round(WINDOW_S * FRAMES_A_SECOND / 2)
    starts = np.arange(0, max(1, len(heard) - step // 2), step)
    sums = np.concatenate([np.zeros((1, 12)), np.cumsum(heard[:, 0], axis=0, dtype=np.float64)])
    begin, end = np.maximum(starts + step // 2 - half, 0), np.minimum(starts + step // 2 + half, len(heard))
    fit = FIRMNESS * evidence.fits(sums[end] - sums[begin])
    fit[:, best] += 0.05 * FIRMNESS
    runs = _without_short(_runs(_cheapest(fit)), int(SHORTEST_S / STEP_S))
    if len(runs) > 1:
        runs, heard_of = _heard_again(heard, runs, step, best)
    if len(runs) == 1:
        return (KeySegment(0, duration_ms, *_key(best), confidence),)
    return tuple(
        KeySegment(
            start_ms=0 if first == 0 else round(first * step / FRAMES_A_SECOND * 1_000),
            end_ms=duration_ms if last == len(fit) else round(last * step / FRAMES_A_SECOND * 1_000),
            tonic=_key(key)[0],
            mode=_key(key)[1],
            confidence=confidence_of(chance),
        )
        for (key, first, last), chance in zip(runs, heard_of, strict=True)
    )


def _runs(path: NDArray[np.int64]) -> list[Run]:
    edges = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist(), len(path)]
    return [(int(path[first]), first, last) for first, last in itertools.pairwise(edges)]


def _heard_again(heard: NDArray[np.float16], runs: list[Run], step: int, best: int) -> tuple[list[Run], list[float]]:
    """The runs, each in the key that all the evidence in it speaks for, neighbours in one key together; and how sure each is."""
    while True:
        chances = [_of_run(heard[first * step : last * step], best) for _, first, last in runs]
        judged = [(int(np.argmax(chance)), first, last) for chance, (_, first, last) in zip(chances, runs, strict=True)]
        joined = _without_short(judged, 0)
        if len(joined) == len(runs):
            return joined, [float(chance.max()) for chance in chances]
        runs = joined


def _of_run(heard: NDArray[np.float16], best: int) -> Floats:
    speaking = _speaking(heard)
    if speaking is None:
        return np.asarray(np.eye(24)[best] * 0.5)
    scores = speaking @ _WEIGHTS
    scores[best] += HOME
    return _chances(scores)


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


def _without_short(runs: list[Run], least: int) -> list[Run]:
    """Runs shorter than `least` steps go to the run before them, or the one after at the beginning; equal neighbours are one."""
    kept: list[Run] = []
    for key, first, last in runs:
        if kept and (last - first < least or key == kept[-1][0]):
            kept[-1] = (kept[-1][0], kept[-1][1], last)
        elif kept and kept[-1][2] - kept[-1][1] < least:
            kept[-1] = (key, kept[-1][1], last)
        else:
            kept.append((key, first, last))
    return kept
