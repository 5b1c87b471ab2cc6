"""How strong low, middle and high are from moment to moment, for colour.

Power of short spectra (512 samples at 22,050 Hz every 256) below 250 Hz, up to 2,500 Hz and above, each as the amplitude
of a sine of the same power, full scale at 1. A byte keeps its square root, so that quiet bands can still be told apart:
amplitude = (byte / 255) squared.
"""

from __future__ import annotations

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from segue.analysis.parts import MONO_RATE

WINDOW, HOP = 512, 256
LOW_HZ, HIGH_HZ = 250, 2500
_HANN = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)
_EDGES = [1, *(round(hz * WINDOW / MONO_RATE) for hz in (LOW_HZ, HIGH_HZ))]
"""The first bin of each band; the one at zero is a constant, which nobody hears."""
_TO_POWER = np.float32(4 / (WINDOW * float((_HANN**2).sum())))
"""From summed squares of one side of the spectrum to twice the mean square."""


class Bands:
    """Hears mono blocks; `of` gives (n, 3) bytes of the moments that are complete, `last` those at the end."""

    def __init__(self) -> None:
        self._kept = np.zeros(WINDOW // 2, dtype=np.float32)

    def of(self, mono: NDArray[np.float32]) -> NDArray[np.uint8]:
        samples = np.concatenate([self._kept, mono])
        moments = (len(samples) - WINDOW) // HOP + 1
        if moments < 1:
            self._kept = samples
            return np.zeros((0, 3), dtype=np.uint8)
        self._kept = samples[moments * HOP :]
        windows = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[: moments * HOP : HOP]
        spectrum = scipy.fft.rfft(windows * _HANN, axis=1)
        power = spectrum.real**2 + spectrum.imag**2
        amplitude = np.sqrt(np.add.reduceat(power, _EDGES, axis=1) * _TO_POWER)
        return np.asarray(np.minimum(np.rint(255 * np.sqrt(amplitude)), 255), dtype=np.uint8)

    def last(self) -> NDArray[np.uint8]:
        return self.of(np.zeros(WINDOW // 2, dtype=np.float32))
