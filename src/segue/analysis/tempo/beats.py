"""Where the beats lie, once it is known about how far apart they are: dynamic programming over the onset envelope.

Every moment's score is its own onset strength plus the best score of a moment about one period earlier, less a price for
how far from one period that is (Ellis, "Beat Tracking by Dynamic Programming", 2007); the best end is followed back. The
period may change along the way. Long music is taken in stretches, each of which begins where the one before ended.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_STRETCH = 65_536
_OVERLAP = 2_048
_TIGHTNESS = 60.0
"""How much a beat away from its place costs, in onset strengths of one standard deviation a squared log ratio."""


def track(strength: NDArray[np.float32], periods: NDArray[np.float32]) -> NDArray[np.float64]:
    """Beats as indices into `strength`, which has a standard deviation of about one; `periods` are the distances of beats
    at every index, in the same unit."""
    beats: list[int] = []
    start = 0
    while start < len(strength):
        end = min(len(strength), start + _STRETCH + _OVERLAP)
        found = _stretch(strength[start:end], periods[start:end], fixed=bool(beats))
        if end == len(strength):
            beats += [start + one for one in found][1 if beats else 0 :]
            break
        kept = [start + one for one in found if one <= _STRETCH]
        if not kept or (beats and len(kept) == 1):
            start = end
            continue
        beats += kept[1 if beats else 0 :]
        start = beats[-1]
    return _between(strength, np.array(beats, np.int64))


def _stretch(strength: NDArray[np.float32], periods: NDArray[np.float32], *, fixed: bool) -> list[int]:
    """`fixed`: the first moment is a beat."""
    count = len(strength)
    if count < 2:
        return []
    shortest = max(2, int(periods.min() * 0.6))
    longest = int(np.ceil(periods.max() * 1.7))
    score = np.zeros(count + longest)
    if fixed:
        score[: longest + 1] = -1e6
        score[longest] = 0
    back = np.zeros(count, np.int32)
    lags = np.arange(shortest, longest + 1)
    position = longest
    for begin in range(1 if fixed else 0, count, shortest):
        end = min(count, begin + shortest)
        period = float(periods[begin])
        price = _TIGHTNESS * np.square(np.log(lags / period))
        past = np.lib.stride_tricks.sliding_window_view(
            score[begin + position - longest : end + position - shortest], len(lags)
        )[: end - begin, ::-1]
        reached = past - price
        best = reached.argmax(axis=1)
        score[begin + position : end + position] = strength[begin:end] + reached[np.arange(end - begin), best]
        back[begin:end] = lags[best]
    scores = score[position:]
    tail = int(min(count, np.ceil(periods[-1] * 1.2)))
    at = count - tail + int(scores[-tail:].argmax())
    beats = []
    while at >= 0:
        beats.append(at)
        if fixed and at == 0:
            break
        at -= int(back[at])
    return beats[::-1]


def _between(strength: NDArray[np.float32], beats: NDArray[np.int64]) -> NDArray[np.float64]:
    """Peaks between two values: the top of the parabola through three, where the middle one is the highest."""
    exact = beats.astype(np.float64)
    inner = (beats > 0) & (beats < len(strength) - 1)
    at = beats[inner]
    before, here, after = strength[at - 1], strength[at], strength[at + 1]
    bend = before - 2 * here + after
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = np.where((here >= before) & (here >= after) & (bend < 0), 0.5 * (before - after) / bend, 0)
    exact[inner] += np.clip(shift, -0.5, 0.5)
    return exact
