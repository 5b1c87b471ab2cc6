"""True peak: how high the signal goes between its samples (BS.1770-4, annex 2).

Four times oversampled below 96 kHz, twice below 192 kHz, not at all above. The result is exactly that of oversampling
everything, yet most is skipped: no interpolated value exceeds the samples it is made of by more than the largest sum of
the interpolator's absolute coefficients, so a stretch whose samples are that far under the highest peak so far cannot
beat it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

TAPS = 32
"""Samples that one interpolated value is made of; the standard's example has 12, which reads up to 0.5 dB low at 20 kHz."""
KAISER_BETA = 6.0
CELL = 32
"""Samples that are interpolated by one row of a matrix product."""
STRETCH = 8 * CELL
"""Samples that are skipped or oversampled together."""
FIRST = 16
"""Stretches with the highest samples that are looked at before the others of a block."""
OVERSAMPLED_BELOW = ((96_000, 4), (192_000, 2))


def oversampling(rate: int) -> int:
    """How many values per sample the true peak looks at."""
    return next((times for below, times in OVERSAMPLED_BELOW if rate < below), 1)


class TruePeak:
    """Hears blocks of shape (channels, n); `sample` and `true` are the highest absolute values, 1 is full scale."""

    def __init__(self, rate: int, channels: int) -> None:
        self._times = oversampling(rate)
        self._matrix, self._gain = _interpolator(self._times)
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
        highest = np.zeros((len(samples), stretches + 1), dtype=np.float32)
        whole = samples[:, : stretches * STRETCH].reshape(len(samples), stretches, STRETCH)
        highest[:, :-1] = np.maximum(whole.max(axis=2), -whole.min(axis=2))
        highest[:, -1] = np.abs(samples[:, stretches * STRETCH :]).max(axis=1)
        return np.maximum(highest[:, :-1], highest[:, 1:]) * np.float32(self._gain)

    def _look(self, samples: Samples, stretches: NDArray[np.bool_]) -> None:
        """Oversample the stretches that are marked, and keep the highest value."""
        windows = np.lib.stride_tricks.sliding_window_view(samples, CELL + TAPS - 1, axis=1)[:, ::CELL]
        cells = windows[np.repeat(stretches, STRETCH // CELL, axis=1)]
        if len(cells):
            between = cells @ self._matrix
            self._between = max(self._between, float(between.max()), -float(between.min()))


def _interpolator(times: int) -> tuple[Samples, float]:
    """A matrix that takes CELL + TAPS - 1 samples to the values between CELL neighbouring pairs of them, (times - 1) a
    pair, and the largest sum of absolute coefficients (a millionth more, for what float32 rounds)."""
    offsets = np.arange(TAPS) - (TAPS // 2 - 1)
    phases = []
    for phase in range(1, times):
        distance = offsets - phase / times
        window = np.i0(KAISER_BETA * np.sqrt(1 - (distance / (TAPS / 2)) ** 2)) / np.i0(KAISER_BETA)
        taps = np.sinc(distance) * window
        phases.append(taps / taps.sum())
    matrix = np.zeros((CELL + TAPS - 1, CELL * (times - 1)), dtype=np.float32)
    for number, taps in enumerate(phases):
        for place in range(CELL):
            matrix[place : place + TAPS, number * CELL + place] = taps
    return matrix, max((float(np.abs(taps).sum()) for taps in phases), default=1.0) * (1 + 1e-6)
