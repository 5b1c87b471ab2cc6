"""How the channels of a recording are to each other, from sums of their products."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


class Channels:
    """Hears blocks of (channels, n); keeps sums, sums of squares and, of the first two, those of products and differences."""

    def __init__(self) -> None:
        self._samples = 0
        self._sums: NDArray[np.float64] | None = None
        self._squares = np.zeros(0)
        self._product = 0.0
        self._difference = 0.0

    def hear(self, samples: NDArray[np.float32]) -> None:
        if self._sums is None:
            self._sums = np.zeros(len(samples))
            self._squares = np.zeros(len(samples))
        self._samples += samples.shape[1]
        self._sums += samples.sum(axis=1, dtype=np.float32)
        self._squares += [float(np.dot(channel, channel)) for channel in samples]
        if len(samples) == 2:
            self._product += float(np.dot(samples[0], samples[1]))
            difference = samples[0] - samples[1]
            self._difference += float(np.dot(difference, difference))

    def found(self) -> Stereo:
        if self._sums is None or not self._samples:
            return Stereo((0.0,), (0.0,), 0.0, None)
        means = self._sums / self._samples
        powers = np.maximum(self._squares / self._samples - means**2, 0.0)
        offsets = tuple(map(float, means))
        if len(powers) != 2 or not powers.all():
            return Stereo(offsets, tuple(map(float, powers)), 0.0, None)
        together = self._product / self._samples - float(means[0] * means[1])
        apart = max(0.0, self._difference / self._samples - float(means[0] - means[1]) ** 2)
        return Stereo(
            offsets,
            tuple(map(float, powers)),
            together / math.sqrt(float(powers[0] * powers[1])),
            apart / float(powers.sum()),
        )


@dataclass(frozen=True, slots=True)
class Stereo:
    """Means of each channel and mean squares about them, of full scale. Of two channels that both sound: how they go
    together, -1 to 1, and the share of the difference's power in theirs (None: there are not two)."""

    means: tuple[float, ...]
    powers: tuple[float, ...]
    correlation: float
    difference: float | None
