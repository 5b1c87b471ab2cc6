"""True peak: how high the signal goes between its samples (BS.1770-4, annex 2).

Oversampled to about 192 kHz: four times at 48 kHz, as the standard says, more often below, twice from 77 kHz on, not
at all from 192 kHz on. The result is exactly that of oversampling everything, yet most is skipped. The interpolator takes
straight lines to straight lines, so what it adds to the line between two samples is a weighted sum of second differences:

    |y| <= max |x| + c · max |x[n-1] - 2 x[n] + x[n+1]|

with c the sum of the absolute weights (0.43). A stretch where this is under the highest peak so far cannot beat it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

TAPS = 32
"""Samples that one interpolated value is made of; the example of the standard has 12."""
BEFORE = TAPS // 2 - 1
"""Taps before the sample that comes last before the value."""
KAISER_BETA = 9.0
"""With as many taps and this window it is the filter of FFmpeg's resampler, and falls at the top as that does: by 6 dB at half
the rate. Where much sounds up there, peaks are what FFmpeg's meter says: less than between infinitely many samples."""
CELL = 32
"""Samples that are interpolated by one row of a matrix product."""
STRETCH = 4 * CELL
"""Samples that are skipped or oversampled together."""
FIRST = 16
"""Stretches that reach highest, looked at before the others of a block."""
ROUNDED = 1e-6
"""More than float32 rounds in the bound, and far less than could be told."""
OVERSAMPLED_RATE = 192_000


def oversampling(rate: int) -> int:
    """How many values per sample the true peak looks at."""
    return max(2 if rate < OVERSAMPLED_RATE else 1, round(OVERSAMPLED_RATE / rate))


class TruePeak:
    """Hears blocks of shape (channels, n); `sample` and `true` are the highest absolute values, 1 is full scale."""

    def __init__(self, rate: int, channels: int) -> None:
        self._times = oversampling(rate)
        self._matrix, self._bend = _interpolator(self._times)
        self._kept = np.zeros((channels, TAPS // 2), dtype=np.float32)
        self.sample = 0.0
        self._between = 0.0

    def hear(self, samples: Samples) -> None:
        if not samples.shape[1]:
            return
        self.sample = max(self.sample, float(samples.max()), -float(samples.min()))
        if self._times > 1:
            self._interpolate(np.concatenate([self._kept, samples], axis=1))

    def end(self) -> None:
        """After the last block: the signal is followed by silence."""
        if self._times > 1:
            silence = np.zeros((len(self._kept), STRETCH + TAPS), dtype=np.float32)
            self._interpolate(np.concatenate([self._kept, silence], axis=1))

    @property
    def true(self) -> float:
        return max(self.sample, self._between)

    def _interpolate(self, samples: Samples) -> None:
        stretches = (samples.shape[1] - (TAPS - 1)) // STRETCH
        if stretches < 1:
            self._kept = samples
            return
        length = stretches * STRETCH
        self._kept = samples[:, length:].copy()
        within = samples[:, : length + TAPS - 1]
        reach = self._reach(within, stretches)
        first = reach >= np.sort(reach, axis=None)[-min(FIRST, reach.size)]
        self._look(within, first & (reach > self.true))
        self._look(within, ~first & (reach > self.true))

    def _reach(self, samples: Samples, stretches: int) -> Samples:
        """What no interpolated value of each stretch exceeds: (channels, stretches)."""
        bends = np.diff(samples, n=2, axis=1)
        reach = _highest(samples, stretches) + np.float32(self._bend) * _highest(bends, stretches)
        return reach + np.float32(ROUNDED)

    def _look(self, samples: Samples, stretches: NDArray[np.bool_]) -> None:
        """Oversample the stretches that are marked, and keep the highest value."""
        windows = np.lib.stride_tricks.sliding_window_view(samples, CELL + TAPS - 1, axis=1)[:, ::CELL]
        cells = windows[np.repeat(stretches, STRETCH // CELL, axis=1)]
        if len(cells):
            between = cells @ self._matrix
            self._between = max(self._between, float(between.max()), -float(between.min()))


def _highest(values: Samples, stretches: int) -> Samples:
    """The highest absolute value of every stretch and the one after it."""
    highest = np.zeros((len(values), stretches + 1), dtype=np.float32)
    whole = values[:, : stretches * STRETCH].reshape(len(values), stretches, STRETCH)
    highest[:, :-1] = np.maximum(whole.max(axis=2), -whole.min(axis=2))
    highest[:, -1] = np.abs(values[:, stretches * STRETCH :]).max(axis=1)
    return np.maximum(highest[:, :-1], highest[:, 1:])


def _interpolator(times: int) -> tuple[Samples, float]:
    """A matrix that takes CELL + TAPS - 1 samples to the values between CELL neighbouring pairs of them, (times - 1) a
    pair, and by how much of the second differences these can be away from a straight line."""
    phases = [_phase(number / times) for number in range(1, times)]
    matrix = np.zeros((CELL + TAPS - 1, CELL * (times - 1)), dtype=np.float32)
    for number, taps in enumerate(phases):
        for place in range(CELL):
            matrix[place : place + TAPS, number * CELL + place] = taps
    return matrix, max((_bend(taps, number / times) for number, taps in enumerate(phases, 1)), default=0.0)


def _phase(between: float) -> NDArray[np.float64]:
    """The value at this part of the way between two samples, from TAPS samples around it: a sinc under a Kaiser window,
    mended so that constants and straight lines come out exactly."""
    offsets = np.arange(TAPS) - BEFORE
    distance = offsets - between
    taps: NDArray[np.float64] = np.sinc(distance) * np.i0(KAISER_BETA * np.sqrt(1 - (2 * distance / TAPS) ** 2))
    taps /= taps.sum()
    slope = (taps * offsets).sum() - between
    taps[BEFORE] += slope
    taps[BEFORE + 1] -= slope
    return taps


def _bend(taps: NDArray[np.float64], between: float) -> float:
    """The sum of the absolute weights of the second differences in what `taps` add to a straight line."""
    beyond = taps.copy()
    beyond[BEFORE] -= 1 - between
    beyond[BEFORE + 1] -= between
    return float(np.abs(np.cumsum(np.cumsum(beyond))).sum())
