"""The level of a track from moment to moment: what silence, fades, intro and outro are read from.

Every 10 ms the root mean square over all channels, in dBFS (a full-scale square wave is 0), as float16: 17 MB for a day.
Every 250 ms the same of the bass, from means over 64 samples of the mono mix, which pass little above 150 Hz.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segue.analysis.parts import MONO_RATE, Block

Levels = NDArray[np.floating]
"""dBFS; what is kept of every 10 ms is float16."""

FRAMES_A_SECOND = 100
FLOOR_DB = -140.0
BASS_MEAN_OF = 64
BASS_A_SECOND = 4
BASS_SAMPLES = round(MONO_RATE / BASS_MEAN_OF / BASS_A_SECOND)


class LevelMeter:
    """Hears blocks; `levels` and `bass` are there at the end."""

    def __init__(self) -> None:
        self._at = 0
        self._rate = 0
        self._channels = 1
        self._begun = 0.0
        self._frames: list[NDArray[np.float16]] = []
        self._mono = np.zeros(0, dtype=np.float32)
        self._bass: list[Levels] = []

    def hear(self, block: Block) -> None:
        self._rate, self._channels = block.rate, len(block.samples)
        length = block.samples.shape[1]
        if length:
            self._measure(block.samples, length)
        self._measure_bass(block.mono)

    @property
    def duration_ms(self) -> int:
        return round(self._at * 1000 / self._rate) if self._rate else 0

    def levels(self) -> Levels:
        """dBFS of every 10 ms; what remains at the end is a frame too."""
        frames = [*self._frames]
        left = self._at - self._ends(self._at * FRAMES_A_SECOND // self._rate) if self._rate else 0
        if left > 0:
            frames.append(_decibels(np.array([self._begun / (left * self._channels)])).astype(np.float16))
        return np.concatenate([*frames, np.zeros(0, dtype=np.float16)])

    def bass(self) -> Levels:
        """dBFS of the bass, every 250 ms (a hair more: whole samples)."""
        return np.concatenate([*self._bass, np.zeros(0, dtype=np.float32)])

    def _measure(self, samples: NDArray[np.float32], length: int) -> None:
        power = samples[0] * samples[0]
        for channel in samples[1:]:
            power += channel * channel
        first = self._at * FRAMES_A_SECOND // self._rate + 1
        last = (self._at + length) * FRAMES_A_SECOND // self._rate
        ends = self._ends(np.arange(first, last + 1)) - self._at
        ends = ends[(ends > 0) & (ends <= length)]
        inner = ends[ends < length]
        sums = np.add.reduceat(power, np.concatenate([[0], inner]), dtype=np.float64)
        if len(inner) < len(ends):
            sums = np.append(sums, 0.0)
        sums[0] += self._begun
        sizes = self._rate / FRAMES_A_SECOND * self._channels
        self._frames.append(_decibels(sums[:-1] / sizes).astype(np.float16))
        self._begun = float(sums[-1])
        self._at += length

    def _measure_bass(self, mono: NDArray[np.float32]) -> None:
        samples = np.concatenate([self._mono, mono])
        stretch = BASS_MEAN_OF * BASS_SAMPLES
        whole = len(samples) // stretch
        self._mono = samples[whole * stretch :].copy()
        if whole:
            means = samples[: whole * stretch].reshape(whole, BASS_SAMPLES, BASS_MEAN_OF).mean(axis=2)
            means -= means.mean(axis=1, keepdims=True)
            self._bass.append(_decibels((means * means).mean(axis=1)).astype(np.float32))

    def _ends(self, frame: NDArray[np.int64] | int) -> NDArray[np.int64]:
        return np.asarray((np.asarray(frame) * self._rate + FRAMES_A_SECOND // 2) // FRAMES_A_SECOND)


AT_ONCE = 2**16


def mean_levels(levels: Levels, size: int) -> NDArray[np.float32]:
    """dBFS of the mean power of every `size` frames; fewer at the end are left out. A part at a time: a day has 8.6 million."""
    whole = len(levels) // size
    step = max(1, AT_ONCE // size)
    parts = [
        (10 ** (levels[at * size : min(at + step, whole) * size].astype(np.float32) / 10))
        .reshape(-1, size)
        .mean(axis=1)
        for at in range(0, whole, step)
    ]
    power = np.concatenate([*parts, np.zeros(0, dtype=np.float32)])
    return np.asarray(10 * np.log10(power + np.float32(1e-14)), dtype=np.float32)


def _decibels(power: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.asarray(np.maximum(10 * np.log10(np.maximum(power, 1e-20)), FLOOR_DB))
