"""The waveform of what goes by in blocks.

A pixel is about 11 ms: 512 samples at 44.1 and 48 kHz, as many more or fewer powers of two at other rates. A sound of more
than `MOST_PIXELS`, about an hour, gets pixels twice as long, and again after two hours, after four …: a file of any length
has less than two megabytes of them.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from segue.analysis.parts import MONO_RATE, Block
from segue.analysis.records import Waveform
from segue.analysis.waveform.bands import HOP, Bands
from segue.analysis.waveform.zoom import joined

BASE = 512
BASE_RATE = 44_100
LEAST = 16
ABOUT = 0.1
"""Octaves that a rate may lie under twice another and still have its pixels: 11 kHz is a quarter of 44.1 kHz."""
MOST_PIXELS = 345_600


def samples_per_pixel(rate: int) -> int:
    """The finest pixel at this rate: 512 at 44.1 and 48 kHz, 1024 at 96 kHz, 128 at 8 kHz."""
    return max(LEAST, round(BASE * 2.0 ** math.floor(math.log2(rate / BASE_RATE) + ABOUT)))


class WaveformPart:
    """Minimum and maximum of the mono mix, and three bands, a pixel. Full scale is 127 and -128."""

    def __init__(self) -> None:
        self._rate = 0
        self._pixel = 0
        """Samples of the finest pixel."""
        self._times = 1
        """How many of the finest pixels one of ours is."""
        self._kept = np.zeros(0, dtype=np.float32)
        self._waiting = NONE
        """Finest pixels that do not make one of ours yet."""
        self._pairs: list[NDArray[np.int8]] = []
        self._pixels = 0
        self._bands = Bands()
        self._moments: list[NDArray[np.uint8]] = []

    def hear(self, block: Block) -> None:
        if not self._rate:
            self._rate = block.rate
            self._pixel = samples_per_pixel(block.rate)
        self._moments.append(self._bands.of(block.mono))
        mixed = _mixed(block.samples)
        samples = np.concatenate([self._kept, mixed]) if len(self._kept) else mixed
        pixels = len(samples) // self._pixel
        self._kept = samples[pixels * self._pixel :].copy()
        self._take(_pairs(samples[: pixels * self._pixel].reshape(pixels, self._pixel)))
        if self._pixels > MOST_PIXELS:
            self._double()

    def found(self) -> Waveform:
        if len(self._kept):
            self._take(_pairs(self._kept[np.newaxis]))
            self._kept = self._kept[:0]
        if len(self._waiting):
            self._pairs.append(joined(self._waiting, NO_BANDS, self._times)[0])
            self._waiting = NONE
        self._moments.append(self._bands.last())
        pairs = np.concatenate([*self._pairs, NONE])
        per_pixel = self._pixel * self._times
        return Waveform(self._rate, per_pixel, pairs.tobytes(), self._colours(len(pairs), per_pixel).tobytes())

    def _take(self, pairs: NDArray[np.int8]) -> None:
        if self._times > 1:
            pairs = np.concatenate([self._waiting, pairs])
            whole = len(pairs) // self._times * self._times
            self._waiting = pairs[whole:]
            pairs = joined(pairs[:whole], NO_BANDS, self._times)[0] if whole else NONE
        self._pairs.append(pairs)
        self._pixels += len(pairs)

    def _double(self) -> None:
        """Pixels twice as long. An odd one at the end waits for its other half: so many copies of it come to the same."""
        pairs = np.concatenate(self._pairs)
        if len(pairs) % 2:
            self._waiting = np.concatenate([np.repeat(pairs[-1:], self._times, axis=0), self._waiting])
            pairs = pairs[:-1]
        self._pairs = [joined(pairs, NO_BANDS, 2)[0]]
        self._pixels = len(self._pairs[0])
        self._times *= 2

    def _colours(self, pixels: int, per_pixel: int) -> NDArray[np.uint8]:
        """The strongest moment of every pixel, or the nearest where a pixel is shorter than a moment."""
        moments = np.concatenate(self._moments)
        if not pixels or not len(moments):
            return np.zeros((pixels, 3), dtype=np.uint8)
        span = per_pixel / self._rate * MONO_RATE / HOP
        first = np.minimum(np.rint(np.arange(pixels) * span).astype(np.int64), len(moments) - 1)
        return np.asarray(np.maximum.reduceat(moments, first, axis=0))


NONE = np.zeros((0, 2), dtype=np.int8)
NO_BANDS = np.zeros((0, 3), dtype=np.uint8)


def _mixed(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    mixed: NDArray[np.float32] = samples[0]
    if len(samples) == 1:
        return mixed
    mixed = mixed + samples[1]
    for channel in samples[2:]:
        mixed += channel
    mixed *= np.float32(1 / len(samples))
    return mixed


def _pairs(rows: NDArray[np.float32]) -> NDArray[np.int8]:
    """Minimum and maximum of every row; beyond full scale is full scale."""
    if not len(rows):
        return NONE
    pairs = np.stack([rows.min(axis=1), rows.max(axis=1)], axis=1)
    return np.asarray(np.clip(np.rint(pairs * 128), -128, 127), dtype=np.int8)
