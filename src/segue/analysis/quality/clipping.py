"""Runs of samples at full scale: where a recording or a mastering ran into the end of the range."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FULL_SCALE = 0.9995
"""Of full scale: 16-bit samples from 32,752 on, and whatever a lossy decoder puts above 1."""
SHORTEST_RUN = 3


class Clipping:
    """Hears blocks of (channels, n): how many runs of at least three such samples of one sign there were, and how long."""

    def __init__(self) -> None:
        self.runs = 0
        self.samples = 0
        self._open: list[tuple[int, int]] = []
        """Of each channel: the sign and the length of the run that the last block ended in."""

    def hear(self, samples: NDArray[np.float32]) -> None:
        if not self._open:
            self._open = [(0, 0)] * len(samples)
        if not samples.shape[1]:
            return
        self._open = [self._channel(channel, open_) for channel, open_ in zip(samples, self._open, strict=True)]

    def end(self) -> None:
        for _sign, length in self._open:
            self._count(np.array([length]))
        self._open = []

    def _channel(self, samples: NDArray[np.float32], open_: tuple[int, int]) -> tuple[int, int]:
        high, low = samples.max() >= FULL_SCALE, samples.min() <= -FULL_SCALE
        ends = (0, 0)
        for sign, there in ((1, high), (-1, low)):
            begun = open_[1] if open_[0] == sign else 0
            if not there:
                self._count(np.array([begun]))
                continue
            at = np.flatnonzero(samples >= FULL_SCALE if sign > 0 else samples <= -FULL_SCALE)
            breaks = np.flatnonzero(np.diff(at) > 1) + 1
            lengths = np.diff(np.concatenate([[0], breaks, [len(at)]]))
            if at[0] == 0:
                lengths[0] += begun
            else:
                self._count(np.array([begun]))
            if at[-1] == len(samples) - 1:
                ends = (sign, int(lengths[-1]))
                lengths = lengths[:-1]
            self._count(lengths)
        return ends

    def _count(self, lengths: NDArray[np.int64]) -> None:
        counted = lengths[lengths >= SHORTEST_RUN]
        self.runs += len(counted)
        self.samples += int(counted.sum())
