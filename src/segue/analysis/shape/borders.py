"""Where the intro ends and the outro begins: the energy and its low end have settled, or are about to leave.

A moment belongs to the body where the level over the next two seconds is close to what is usual in the track, and the
bass (where the track has any) as well. The intro ends where the first stretch begins that mostly belongs to it; the border
is where the level steps up most. Steps are 250 ms: a mix moves the border to a beat.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segue.analysis.shape.levels import BASS_A_SECOND, FRAMES_A_SECOND, Levels, mean_levels

AHEAD = 2 * BASS_A_SECOND
SETTLED = 12 * BASS_A_SECOND
SETTLED_SHARE = 0.75
USUAL_PERCENTILE = 60
LEVEL_LEEWAY_DB, BASS_LEEWAY_DB = 5.0, 7.0
BASS_UNDER_LEVEL_DB = 25.0
"""A track whose bass is further under its level than this has none worth waiting for."""
SHORTEST_TRACK_S = 30.0
AT_ONCE = 8192
SHORTEST_S, LONGEST_S, LONGEST_SHARE = 3.0, 120.0, 0.4


def intro_and_outro(levels: Levels, bass: Levels) -> tuple[float | None, float | None]:
    """Seconds from the beginning of `levels` where the intro ends and where the outro begins.

    `levels` (every 10 ms) and `bass` (every 250 ms) are those of the sound without the silence around it.
    """
    steps = mean_levels(levels, FRAMES_A_SECOND // BASS_A_SECOND)
    bass = bass[: len(steps)]
    steps = steps[: len(bass)]
    seconds = len(steps) / BASS_A_SECOND
    if seconds < SHORTEST_TRACK_S:
        return None, None
    intro = _border(steps, bass)
    outro = _border(steps[::-1], bass[::-1])
    return _long_enough(intro, seconds), None if _long_enough(outro, seconds) is None else seconds - outro


def _border(levels: Levels, bass: Levels) -> float:
    """Seconds of what comes before the body; 0 where it begins at once or never settles."""
    body = _near(levels, LEVEL_LEEWAY_DB)
    if np.percentile(bass, USUAL_PERCENTILE) > np.percentile(levels, USUAL_PERCENTILE) - BASS_UNDER_LEVEL_DB:
        body &= _near(bass, BASS_LEEWAY_DB)
    lasting = np.lib.stride_tricks.sliding_window_view(body, min(SETTLED, len(body))).mean(axis=1)
    found = np.flatnonzero((lasting >= SETTLED_SHARE) & body[: len(lasting)])
    if not len(found):
        return 0.0
    first = int(found[0])
    around = range(max(first - AHEAD // 2, 1), min(first + AHEAD + 1, len(levels) - 1))
    rises = [_rise(levels, at) + _rise(bass, at) for at in around]
    return (around[int(np.argmax(rises))] if first and rises else first) / BASS_A_SECOND


def _near(levels: Levels, leeway: float) -> NDArray[np.bool_]:
    """Whether the two seconds from each moment on are not much quieter than usual."""
    ahead = _ahead(levels)
    return np.asarray(ahead >= np.percentile(ahead, USUAL_PERCENTILE) - leeway)


def _ahead(levels: Levels) -> Levels:
    power = np.pad(10 ** (levels.astype(np.float64) / 10), (0, AHEAD - 1), mode="edge")
    sums = np.concatenate([[0.0], np.cumsum(power)])
    means = np.maximum(sums[AHEAD:] - sums[:-AHEAD], 0.0) / AHEAD
    return np.asarray(10 * np.log10(means + 1e-14), dtype=np.float32)


def _rise(levels: Levels, at: int) -> float:
    """How much louder the second from a moment on is than the second before, in dB."""
    after, before = levels[at : at + BASS_A_SECOND], levels[max(0, at - BASS_A_SECOND) : at]
    return _mean_db(after) - _mean_db(before)


def _mean_db(levels: Levels) -> float:
    return 10 * float(np.log10((10 ** (levels / 10)).mean() + 1e-9))


def _long_enough(border: float, seconds: float) -> float | None:
    return border if SHORTEST_S <= border <= min(LONGEST_S, LONGEST_SHARE * seconds) else None
