"""Where the spectrum of a recording ends, and how sharply.

Lossy encoders leave out everything above a frequency that depends on the bit rate, and a resampler everything above half
the old rate: in both cases the level falls by tens of decibels within a few hundred hertz, at the same place in every
frame. A dull recording gets quieter towards the top without such an edge. Levels of bands of about 86 Hz in some thousand
frames spread over the whole track are kept; the edge is looked for in what the brighter of the louder frames reach, and
has to be there in nearly every frame that has anything above it to lose.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

Decibels = NDArray[np.float32]

BAND_HZ = 86.0
FRAME_HZ = 21.5
"""Aimed at: 2048 samples at 44.1 kHz."""
MOST_FRAMES = 4096
FIRST_EVERY_S = 0.1
FAINT_DB = -75.0
"""A frame under this level says nothing."""
LEAST_FRAMES = 20
LOWEST_HZ = 3000.0
BESIDE_HZ = 500.0
"""On both sides of the edge a stretch this wide is compared."""
EDGE_HZ = 700.0
"""Within which the level falls."""
LEAST_FALL_DB = 15.0
PROFILE_PERCENTILE = 90
"""Of all frames' levels: what is there in the brighter ones."""
NOTHING_DB = -125.0
"""Levels of a band under this are rounding, and taken to be equal."""
EMPTY_DB = 6.0
"""Nothing above the edge may be more than so much over what is just above it."""
FRAME_FALL_DB = 10.0
LEAST_SHARE = 0.8
"""Of the frames that have anything to lose there, so many have to fall by that."""
REACHES = 0.97
"""Of half the rate: an edge from there on is the converter's own."""


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge at `hz`, where the level of bright frames falls by `fall_db`; `share` of the frames agree."""

    hz: int
    fall_db: float
    share: float


class Spectrum:
    """Hears blocks of (channels, n); `edge` says where it ends."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._size = max(256, 2 ** round(math.log2(rate / FRAME_HZ)))
        self._hann = np.hanning(self._size).astype(np.float32)
        self._width = max(1, round(BAND_HZ * self._size / rate))
        self._every = max(self._size, round(FIRST_EVERY_S * rate))
        self._at = 0
        self._next = 0
        self._kept = np.zeros(0, dtype=np.float32)
        self._frames: list[Decibels] = []

    def hear(self, samples: NDArray[np.float32]) -> None:
        """Frames of the first channel: what an encoder leaves out it leaves out of all."""
        if not samples.shape[1]:
            return
        first = self._at - len(self._kept)
        joined = np.concatenate([self._kept, samples[0]])
        self._at += samples.shape[1]
        starts = np.arange(self._next, self._at - self._size + 1, self._every)
        if len(starts):
            windows = np.stack([joined[start - first : start - first + self._size] for start in starts.tolist()])
            self._frames.append(self._levels(windows))
            self._next = int(starts[-1]) + self._every
        self._kept = joined[max(0, min(self._next - first, len(joined))) :].copy()
        self._thin()

    def edge(self) -> Edge | None:
        """None where nothing ends before the top, or where too little sounded to say so."""
        if not self._frames:
            return None
        levels = np.concatenate(self._frames)
        total = 10 * np.log10((10 ** (levels.astype(np.float64) / 10)).sum(axis=1) + 1e-30)
        heard = levels[(total >= FAINT_DB) & (total >= np.median(total))]
        if len(heard) < LEAST_FRAMES:
            return None
        return self._sharpest(heard)

    def _sharpest(self, heard: Decibels) -> Edge | None:
        band = self._width * self._rate / self._size
        beside, within = round(BESIDE_HZ / band), round(EDGE_HZ / band)
        profile = np.maximum(np.percentile(heard, PROFILE_PERCENTILE, axis=0), NOTHING_DB)
        starts = np.arange(
            round(LOWEST_HZ / band), min(len(profile) - 2, int(REACHES * self._rate / 2 / band)) - within
        )
        if not len(starts):
            return None
        falls = _mean(profile, starts - beside, starts) - _mean(profile, starts + within, starts + within + beside)
        fall, start = float(falls.max()), int(starts[int(np.argmax(falls))])
        end = start + within
        empty = float(_mean(profile, np.array([end]), np.array([end + beside]))[0])
        if fall < LEAST_FALL_DB or float(profile[end:].max()) > empty + EMPTY_DB:
            return None
        before, after = heard[:, start - beside : start].mean(axis=1), heard[:, end : end + beside].mean(axis=1)
        bright = before >= empty + FRAME_FALL_DB
        share = float((before - after >= FRAME_FALL_DB)[bright].mean()) if bright.any() else 0.0
        if share < LEAST_SHARE:
            return None
        middle = empty + fall / 2
        return Edge(
            round((start + int(np.argmax(profile[start : end + 1] < middle))) * band), round(fall, 1), round(share, 3)
        )

    def _levels(self, windows: NDArray[np.float32]) -> Decibels:
        spectrum = scipy.fft.rfft(windows * self._hann, axis=1)[:, 1:]
        power = spectrum.real**2 + spectrum.imag**2
        whole = power.shape[1] // self._width
        bands = power[:, : whole * self._width].reshape(len(power), whole, self._width).mean(axis=2)
        scale = np.float32(4 / self._hann.sum() ** 2)
        return np.asarray(10 * np.log10(bands * scale + np.float32(1e-20)), dtype=np.float32)

    def _thin(self) -> None:
        """Every other frame goes once there are too many, and from then on they are taken half as often."""
        if sum(map(len, self._frames)) > MOST_FRAMES:
            self._frames = [np.concatenate(self._frames)[::2]]
            self._every *= 2


def _mean(values: Decibels, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.float64]:
    """Means from each start to each end, or as far as there is anything."""
    sums = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    ends = np.minimum(ends, len(values))
    return np.asarray((sums[ends] - sums[starts]) / (ends - starts))
