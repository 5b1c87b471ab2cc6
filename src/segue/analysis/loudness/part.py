"""Loudness, its range and the peaks of what goes by in blocks."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from segue.analysis.loudness.gating import (
    TENTHS_OF_A_BLOCK,
    TENTHS_OF_SHORT_TERM,
    Tenths,
    histogram,
    integrated,
    loudness_range,
)
from segue.analysis.loudness.peaks import TruePeak
from segue.analysis.loudness.weighting import KWeighting, channel_weights
from segue.analysis.parts import Block
from segue.analysis.records import Loudness

AT_ONCE = 2**18
"""Samples of a channel that are worked on together: filtering makes some eight bytes of each."""


class LoudnessPart:
    """EBU R 128 of the file's own channels. Keeps one number per tenth of a second: 7 MB for a day."""

    def __init__(self) -> None:
        self._meter: _Meter | None = None
        self._peak: TruePeak | None = None

    def hear(self, block: Block) -> None:
        if self._meter is None or self._peak is None:
            channels = len(block.samples)
            self._meter = _Meter(block.rate, channel_weights(block.layout, channels))
            self._peak = TruePeak(block.rate, channels)
        for start in range(0, block.samples.shape[1], AT_ONCE):
            samples = block.samples[:, start : start + AT_ONCE]
            self._meter.hear(samples)
            self._peak.hear(samples)

    def found(self) -> Loudness:
        if self._meter is None or self._peak is None:
            return Loudness(None, None, None, None)
        self._peak.end()
        tenths = self._meter.tenths()
        powers = tenths.powers(TENTHS_OF_A_BLOCK)
        return Loudness(
            integrated(powers),
            loudness_range(tenths.powers(TENTHS_OF_SHORT_TERM)),
            _decibels(self._peak.true),
            _decibels(self._peak.sample),
            histogram(powers),
        )


class _Meter:
    """K-weighted energy of every tenth of a second, whatever the rate and wherever blocks end."""

    def __init__(self, rate: int, weights: tuple[float, ...]) -> None:
        self._rate = rate
        self._heard = np.flatnonzero(weights)
        self._weights = np.array(weights)[self._heard]
        self._filter = KWeighting(rate, len(self._heard))
        self._at = 0
        self._begun = 0.0
        self._energies: list[NDArray[np.float64]] = []

    def hear(self, samples: NDArray[np.float32]) -> None:
        length = samples.shape[1]
        if not length:
            return
        heard = samples if len(self._heard) == len(samples) else samples[self._heard]
        weighted = self._filter.of(heard)
        ends = self._ends(self._at, self._at + length) - self._at
        if weighted is None:
            sums = np.zeros(len(ends) + 1)
        else:
            np.multiply(weighted, weighted, out=weighted)
            power = self._weights.astype(weighted.dtype) @ weighted
            inner = ends[ends < length]
            sums = np.add.reduceat(power, np.concatenate([[0], inner]), dtype=np.float64)
            if len(inner) < len(ends):
                sums = np.append(sums, 0.0)
        sums[0] += self._begun
        self._energies.append(sums[:-1])
        self._begun = float(sums[-1])
        self._at += length

    def tenths(self) -> Tenths:
        energy = np.concatenate([*self._energies, np.zeros(0)])
        return Tenths(energy, np.diff(self._end(np.arange(len(energy) + 1))).astype(np.float64))

    def _ends(self, start: int, end: int) -> NDArray[np.int64]:
        """Where tenths of a second end after `start` and not after `end`, in samples."""
        numbers = np.arange(start * 10 // self._rate, end * 10 // self._rate + 2)
        ends = self._end(numbers)
        return ends[(ends > start) & (ends <= end)]

    def _end(self, number: NDArray[np.int64]) -> NDArray[np.int64]:
        """Rates that ten does not divide have tenths of unequal lengths, half a sample off at most."""
        return (number * self._rate + 5) // 10


def _decibels(peak: float) -> float | None:
    return 20 * math.log10(peak) if peak > 0 else None
