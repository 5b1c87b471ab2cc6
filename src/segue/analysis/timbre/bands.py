"""The fixed matrices that turn power spectra into features, and what is made of the sums at the end."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segue.analysis.frames import BINS, WINDOW
from segue.analysis.parts import MONO_RATE
from segue.analysis.timbre.layout import TEXTURE_BANDS

MEL_BANDS = 40
LOWEST_HZ, HIGHEST_HZ = 30.0, 10_500.0
RHYTHM = (slice(0, 4), slice(4, 16), slice(16, MEL_BANDS))
"""Which mel bands are low (to about 270 Hz), middle (to about 1.4 kHz) and high."""

Floats = NDArray[np.float32]


def _bin_hz() -> NDArray[np.float64]:
    return np.arange(BINS) * MONO_RATE / WINDOW


def mel() -> Floats:
    """(1025, 40): triangles of equal width in mel (O'Shaughnessy's formula: 2595 log10(1 + f / 700))."""
    edges = _edges()
    hertz = _bin_hz()[:, None]
    up = (hertz - edges[:-2]) / (edges[1:-1] - edges[:-2])
    down = (edges[2:] - hertz) / (edges[2:] - edges[1:-1])
    found: Floats = np.maximum(0, np.minimum(up, down)).astype(np.float32)
    return found


def cosines(count: int) -> Floats:
    """(40, count): cosine transform (type II, orthonormal) without its first coefficient."""
    number, band = np.arange(1, count + 1), np.arange(MEL_BANDS)[:, None]
    found = np.sqrt(2 / MEL_BANDS) * np.cos(np.pi * number * (band + 0.5) / MEL_BANDS)
    return np.asarray(found, np.float32)


def texture() -> Floats:
    """(1024, 6): the mean over bands from 100 Hz to 10.5 kHz, equally wide in octaves."""
    edges = np.geomspace(100, 10_500, TEXTURE_BANDS + 1)
    hertz = _bin_hz()[: BINS - 1, None]
    inside = (hertz >= edges[:-1]) & (hertz < edges[1:])
    return np.asarray(inside / inside.sum(axis=0), np.float32)


def chroma() -> Floats:
    """(1025, 12): bins from 200 Hz to 4 kHz to their pitch classes (C first), shared between neighbours."""
    hertz = _bin_hz()
    pitch = 12 * np.log2(np.maximum(hertz, 1) / 440) + 9
    apart = (pitch[:, None] - np.arange(12) + 6) % 12 - 6
    inside = (hertz >= 200) & (hertz <= 4_000)
    weight = np.maximum(0, 1 - np.abs(apart)) ** 2 * inside[:, None] / np.maximum(hertz, 200)[:, None]
    return np.asarray(weight, np.float32)


def octaves() -> Floats:
    """(40,): the middle of each mel band in octaves over 100 Hz; what is lower counts as 100 Hz."""
    return np.asarray(np.log2(np.maximum(_edges()[1:-1], 100) / 100), np.float32)


def _edges() -> NDArray[np.float64]:
    ends = 2595 * np.log10(1 + np.array([LOWEST_HZ, HIGHEST_HZ]) / 700)
    return np.asarray(700 * (10 ** (np.linspace(ends[0], ends[1], MEL_BANDS + 2) / 2595) - 1))


def scale_transform(repeats: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Autocorrelations (n, lags) to (n, count) magnitudes that stay the same when the tempo changes.

    The lags are put on a logarithmic axis, where another tempo is a shift, and the magnitude of a Fourier transform does not
    see shifts (the scale transform: Cohen 1993; for rhythm Holzapfel and Stylianou 2011).
    """
    lags = repeats.shape[1] - 1
    places = np.geomspace(5, lags, 128)
    even = np.array([np.interp(places, np.arange(lags + 1), row) for row in repeats]) * np.hanning(128)
    return np.asarray(np.abs(np.fft.rfft(even, axis=1))[:, 1 : count + 1] / 64)


def by_lag(repeats: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """An autocorrelation at `count` distances from 0.15 to 2.4 s, each the mean over a quarter octave around it."""
    lags = repeats.shape[0] - 1
    places = np.geomspace(6.5, 103, count)
    around = places[:, None] * np.geomspace(2**-0.125, 2**0.125, 7)
    return np.asarray(np.interp(around, np.arange(lags + 1), repeats).mean(axis=1))


def shape_of(chroma: NDArray[np.float64]) -> NDArray[np.float64]:
    """15 numbers of a chroma vector that do not change when it is turned (when the piece is transposed)."""
    centred = chroma - chroma.mean()
    length = np.linalg.norm(centred) + 1e-9
    turned = np.array([centred @ np.roll(centred, by) for by in range(1, 7)]) / length**2
    waves = np.abs(np.fft.rfft(centred / length))[1:7]
    share = chroma / (chroma.sum() + 1e-9)
    entropy = -(share * np.log2(share + 1e-9)).sum()
    strongest = np.sort(share)[::-1]
    fits = [max(float(centred @ np.roll(scale, by)) for by in range(12)) / length for scale in (_MAJOR, _MINOR)]
    return np.concatenate([turned, waves, [entropy, fits[0] - fits[1], strongest[:7].sum()]])


def _scale(notes: tuple[int, ...]) -> NDArray[np.float64]:
    found = np.zeros(12)
    found[list(notes)] = 1
    found -= found.mean()
    return np.asarray(found / np.linalg.norm(found))


_MAJOR, _MINOR = _scale((0, 4, 7)), _scale((0, 3, 7))


def levels(counts: NDArray[np.float64], step_db: float) -> NDArray[np.float64]:
    """Five numbers of a histogram of levels, none of which changes with the gain: distances of its percentiles from the
    95th, and its deviation, in dB."""
    shares = np.cumsum(counts) / counts.sum()
    places = np.interp((0.05, 0.25, 0.5, 0.75, 0.95), shares, np.arange(len(counts))) * step_db
    middle = counts @ np.arange(len(counts)) / counts.sum()
    deviation = np.sqrt(counts @ (np.arange(len(counts)) - middle) ** 2 / counts.sum()) * step_db
    return np.array([*(places[4] - places[:4]), deviation])
