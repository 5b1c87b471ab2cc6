"""Which tempos are in the music: how well the onset envelope repeats after one, two, three and four beats (autocorrelation)
and how strongly it swings at the beat's rate (Fourier), window by window.

Autocorrelation is strong at every multiple of the period, the Fourier transform at every multiple of the rate: their
product leaves what both agree on (Peeters, "Template-based estimation of time-varying tempo", 2007).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from segue.analysis.tempo.onsets import RATE

WINDOW = 768
HOP = 192
MOST = 600
"""Windows; in longer sounds (22 minutes) they lie further apart."""
SLOWEST, FASTEST = 30.0, 320.0
STEP = 2 ** (1 / 64)
TEMPOS = SLOWEST * STEP ** np.arange(int(np.log(FASTEST / SLOWEST) / np.log(STEP)) + 1)


@dataclass(frozen=True, slots=True)
class Tempogram:
    """`repeats` (windows, lags) autocorrelation, 1 at lag 0; `swings` (windows, bins) magnitudes, the strongest about 1."""

    repeats: NDArray[np.float32]
    swings: NDArray[np.float32]
    weights: NDArray[np.float32]
    hop: int
    """From one window's middle to the next, in steps of the envelope; the first is at 0."""

    def repeat_at(self, lag: NDArray[np.float64] | NDArray[np.float32]) -> NDArray[np.float32]:
        """Linear between lags; 0 beyond the longest. (windows, …)"""
        return _between(self.repeats, lag)

    def swing_at(self, bpm: NDArray[np.float64] | NDArray[np.float32]) -> NDArray[np.float32]:
        return _between(self.swings, bpm / 60 / RATE * (2 * WINDOW))


def _between(rows: NDArray[np.float32], place: NDArray[np.floating]) -> NDArray[np.float32]:
    low = np.floor(place).astype(np.int64)
    inside = low < rows.shape[1] - 1
    low = np.where(inside, low, 0)
    part = (place - low).astype(np.float32)
    return np.where(inside, rows[:, low] * (1 - part) + rows[:, low + 1] * part, np.float32(0))


def tempogram(envelope: NDArray[np.float32]) -> Tempogram:
    """Of a non-negative envelope at `RATE`, in windows of 9 seconds every 2.2 or more."""
    hop = max(HOP, -(-len(envelope) // MOST))
    padded = np.concatenate((np.zeros(WINDOW // 2, np.float32), envelope, np.zeros(WINDOW // 2, np.float32)))
    views = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::hop]
    shape = np.hanning(WINDOW).astype(np.float32)
    own = scipy.fft.irfft(np.square(np.abs(scipy.fft.rfft(shape, 2 * WINDOW))))[:WINDOW]
    fair = np.maximum(own / own[0], 0.05).astype(np.float32)
    repeats = np.empty((len(views), WINDOW * 3 // 4), np.float32)
    swings = np.empty((len(views), WINDOW // 2), np.float32)
    weights = np.empty(len(views), np.float32)
    for begin in range(0, len(views), 512):
        some = views[begin : begin + 512]
        centred = some - (some * shape).sum(axis=1, keepdims=True) / shape.sum()
        spectra = scipy.fft.rfft(centred * shape, 2 * WINDOW, axis=1)
        power = np.square(spectra.real) + np.square(spectra.imag)
        lagged = scipy.fft.irfft(power, axis=1)[:, : repeats.shape[1]]
        energy = lagged[:, 0]
        end = begin + len(some)
        repeats[begin:end] = lagged / (energy[:, None] + 1e-6) / fair[: repeats.shape[1]]
        swings[begin:end] = np.sqrt(power[:, : swings.shape[1]] / (energy[:, None] * len(shape) + 1e-6))
        weights[begin:end] = np.sqrt(energy)
    return Tempogram(repeats, swings, weights / max(float(weights.max(initial=0)), 1e-6), hop)


def salience(gram: Tempogram) -> NDArray[np.float32]:
    """(windows, tempos): how well each of `TEMPOS` fits, at least 0."""
    period = 60 * RATE / TEMPOS
    total = np.zeros((len(gram.repeats), len(TEMPOS)), np.float32)
    share = np.zeros(len(TEMPOS), np.float32)
    for times, weight in ((1, 1.0), (2, 1.0), (3, 0.5), (4, 1.0)):
        reach = times * period < gram.repeats.shape[1] - 1
        total += weight * gram.repeat_at(times * period) * reach
        share += weight * reach
    swing = gram.swing_at(TEMPOS) + 0.5 * gram.swing_at(2 * TEMPOS)
    return np.maximum(total / np.maximum(share, 1e-6), 0) * swing
