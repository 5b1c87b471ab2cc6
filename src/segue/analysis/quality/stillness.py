"""How much of a recording is silent."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SILENT_POWER = 1e-6
"""- 60 dBFS."""


class Stillness:
    """Hears blocks of (channels, n) and weighs them second by second."""

    def __init__(self) -> None:
        self._samples = 0
        self._silent = 0

    def hear(self, samples: NDArray[np.float32], rate: int) -> None:
        for start in range(0, samples.shape[1], rate):
            second = samples[:, start : start + rate]
            length = second.shape[1]
            self._samples += length
            if sum(float(np.dot(channel, channel)) for channel in second) < SILENT_POWER * length * len(second):
                self._silent += length

    def share(self) -> float:
        """0 to 1; 1 where there was nothing at all."""
        return self._silent / self._samples if self._samples else 1.0
