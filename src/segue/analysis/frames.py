"""One spectrogram for all who want one: every block's mono sound in overlapping windows, power of each, made once.

Windows are 2048 samples (93 ms, Hann) every 512 (23 ms) at 22,050 Hz; frame k is centred on sample 512 k. A full-scale
sine reads 1 in its strongest bin (power, so -20 dB reads 0.01).
"""

from __future__ import annotations

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from segue.analysis.parts import MONO_RATE, Block

WINDOW = 2048
HOP = 512
BINS = WINDOW // 2 + 1
RATE = MONO_RATE / HOP
"""Frames a second."""


class Spectra:
    """Power spectra of a stream of samples cut into windows. Only the samples that a further window needs are kept."""

    def __init__(self, window: int, hop: int) -> None:
        self._window, self._hop = window, hop
        self._rest = np.zeros(window // 2, np.float32)
        shape = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
        self._shape = (shape * (2.0 / shape.sum())).astype(np.float32)

    def of(self, mono: NDArray[np.float32]) -> NDArray[np.float32]:
        """Those of all windows that are full now, (n, window / 2 + 1); n may be 0."""
        sound = np.concatenate((self._rest, mono))
        count = max(0, (len(sound) - self._window) // self._hop + 1)
        self._rest = sound[count * self._hop :]
        if not count:
            return np.empty((0, self._window // 2 + 1), np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(sound, self._window)[:: self._hop][:count]
        spectra = scipy.fft.rfft(windows * self._shape, axis=1, overwrite_x=True)
        power: NDArray[np.float32] = np.square(spectra.real)
        power += np.square(spectra.imag)
        return power

    def last(self) -> NDArray[np.float32]:
        """Those of the windows that reach over the end, with silence after it."""
        return self.of(np.zeros(self._window // 2, np.float32))


class Frames:
    """The shared spectrogram, block by block. Call `last` once after the last block."""

    def __init__(self) -> None:
        self._spectra = Spectra(WINDOW, HOP)

    def of(self, block: Block) -> NDArray[np.float32]:
        """Power, float32, (n, 1025), of the windows that this block filled."""
        return self._spectra.of(block.mono)

    def last(self) -> NDArray[np.float32]:
        """The same of the few windows that reach over the end."""
        return self._spectra.last()
