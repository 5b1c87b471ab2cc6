"""Fades: a level that goes down to the end (or up from the beginning) steadily.

The envelope is the highest level still to come, so that beats within a fade do not hide it. It is a fade where, from the
last moment at the music's usual level on, this falls far, over long enough, and along a straight line, be it of decibels or
of amplitude. The long decay of a last chord does the same, and for a player it is the same.
"""

from __future__ import annotations

import numpy as np

from segue.analysis.shape.levels import FRAMES_A_SECOND, Levels, mean_levels

STEPS_A_SECOND = 10
SMOOTHED_S = 1.0
SHORTEST_S, LONGEST_S = 2.5, 60.0
LEAST_FALL_DB = 15.0
LEAVES_DB = 3.0
"""Under the usual level by so much, a fade has begun."""
USUAL_PERCENTILE = 70
USUAL_WITHIN_S = 60.0
"""What the usual level is taken from: so much before the end and the longest fade."""
LOOKED_AT_S = LONGEST_S + USUAL_WITHIN_S + 2 * SMOOTHED_S
HEARD_DB = -60.0
LEAST_FIT = 0.85
"""Of a line's coefficient of determination."""
LARGEST_STEP = 0.5
"""Of the whole fall: what falls so much within half a second was cut off."""


def fade_out(levels: Levels) -> int | None:
    """The frame where a fade begins that lasts to the end of `levels` (which ends with the sound); None: there is none."""
    step = FRAMES_A_SECOND // STEPS_A_SECOND
    skipped = max(0, len(levels) - round(LOOKED_AT_S * FRAMES_A_SECOND)) // step * step
    steps = smoothed(levels[skipped:])
    if len(steps) < 2 * SHORTEST_S * STEPS_A_SECOND:
        return None
    window = steps[-round((LONGEST_S + USUAL_WITHIN_S) * STEPS_A_SECOND) :]
    usual = float(np.percentile(window, USUAL_PERCENTILE))
    to_come = np.maximum.accumulate(window[::-1])[::-1]
    begins = int(np.flatnonzero(to_come >= usual - LEAVES_DB)[-1])
    falling = to_come[begins:]
    falling = falling[falling >= HEARD_DB]
    length = len(falling) / STEPS_A_SECOND
    if not SHORTEST_S <= length <= LONGEST_S or falling[0] - falling[-1] < LEAST_FALL_DB or _abrupt(falling):
        return None
    line = _line(falling, usual)
    if line is None:
        return None
    before = len(steps) - len(window) + begins
    return max(0, skipped + round((before + line) * step))


def fade_in(levels: Levels) -> int | None:
    """The frame where a fade has ended that begins with the sound, which `levels` begins with; None: there is none."""
    begins = fade_out(levels[::-1])
    return None if begins is None else len(levels) - begins


def smoothed(levels: Levels) -> Levels:
    """dBFS every 100 ms over a second around it."""
    steps = mean_levels(levels, FRAMES_A_SECOND // STEPS_A_SECOND)
    width = round(SMOOTHED_S * STEPS_A_SECOND)
    if len(steps) < width:
        return steps
    padded = np.pad(10 ** (steps / 10), (width // 2, width - width // 2 - 1), mode="edge")
    means = np.lib.stride_tricks.sliding_window_view(padded, width).mean(axis=1)
    return np.asarray(10 * np.log10(means + 1e-14), dtype=np.float32)


def _abrupt(falling: Levels) -> bool:
    half_second = STEPS_A_SECOND // 2
    steepest = float((falling[:-half_second] - falling[half_second:]).max())
    return steepest > LARGEST_STEP * float(falling[0] - falling[-1])


def _line(falling: Levels, usual: float) -> float | None:
    """Where the better of two lines, of decibels and of amplitude, is at the usual level, in steps from the first one; None
    where neither fits."""
    at = np.arange(len(falling))
    fits = []
    for values, top in ((falling, usual), (10 ** (falling / 20), 10 ** (usual / 20))):
        slope, start = np.polyfit(at, values, 1)
        spread = float(((values - values.mean()) ** 2).sum())
        rest = float(((values - (slope * at + start)) ** 2).sum())
        fits.append((1 - rest / spread if spread > 0 else 0.0, (top - start) / slope if slope < 0 else 0.0))
    fit, crosses = max(fits)
    return min(max(crosses, -len(falling) / 2), len(falling) / 2) if fit >= LEAST_FIT else None
