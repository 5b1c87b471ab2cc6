"""From the energy of every tenth of a second to loudness, range and histogram.

Gating blocks last 400 ms and overlap by 75 % (BS.1770-4, 2.8): one begins every 100 ms, so each is four tenths of a second.
A block that the end cuts short does not count.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segue.analysis.loudness.album import ABSOLUTE_GATE, OFFSET, RELATIVE_GATE

Floats = NDArray[np.float64]

TENTHS_OF_A_BLOCK = 4
TENTHS_OF_SHORT_TERM = 30
RANGE_GATE = -20.0
"""How far under the mean short-term loudness a window may be that counts for the range (EBU Tech 3342)."""
QUIETEST_SHARE, LOUDEST_SHARE = 0.10, 0.95


@dataclass(frozen=True, slots=True)
class Tenths:
    """Weighted energy (sum of squares over all channels) and number of samples of every tenth of a second."""

    energy: Floats
    samples: Floats

    def powers(self, tenths: int) -> Floats:
        """Mean square of every window of so many tenths; empty where the sound is shorter than one."""
        if len(self.energy) < tenths:
            return np.zeros(0)
        return _windowed(self.energy, tenths) / _windowed(self.samples, tenths)


def integrated(powers: Floats) -> float | None:
    """LUFS of gating blocks with these mean squares, after the absolute and the relative gate; exact, block by block."""
    heard = powers[powers > _power(ABSOLUTE_GATE)]
    if not len(heard):
        return None
    heard = heard[heard > heard.mean() * 10 ** (RELATIVE_GATE / 10)]
    return _lufs(float(heard.mean()))


def loudness_range(powers: Floats) -> float | None:
    """LU between the quiet (10 %) and the loud (95 %) end of the short-term loudness: EBU Tech 3342.

    `powers` are of windows of three seconds, one every 100 ms. None where none is above the absolute gate.
    """
    heard = powers[powers > _power(ABSOLUTE_GATE)]
    if not len(heard):
        return None
    heard = np.sort(heard[heard > heard.mean() * 10 ** (RANGE_GATE / 10)])
    quiet, loud = (heard[round((len(heard) - 1) * share)] for share in (QUIETEST_SHARE, LOUDEST_SHARE))
    return _lufs(float(loud)) - _lufs(float(quiet))


def histogram(powers: Floats) -> tuple[tuple[int, int], ...]:
    """How many blocks above the absolute gate lie in which tenth of a LUFS: (floor of ten times the loudness, blocks)."""
    heard = powers[powers > _power(ABSOLUTE_GATE)]
    tenths = np.floor(10 * (OFFSET + 10 * np.log10(heard))).astype(int)
    return tuple((int(tenth), int(count)) for tenth, count in zip(*np.unique(tenths, return_counts=True), strict=True))


def _windowed(values: Floats, size: int) -> Floats:
    windows: Floats = np.lib.stride_tricks.sliding_window_view(values, size)
    return np.asarray(windows.sum(axis=1))


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - OFFSET) / 10))


def _lufs(power: float) -> float:
    return OFFSET + 10 * float(np.log10(power))
