"""Which pitches sound, second by second: spectral peaks of long windows, whitened, gathered on a fine scale of pitch.

Windows of 0.37 s resolve a semitone down to about 100 Hz. Each spectrum is divided by its own smooth envelope, so that
timbre counts for little; its peaks are placed by a parabola through three bins.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from segue.analysis.parts import MONO_RATE

WINDOW = 8_192
HOP = 4_096
LOWEST_HZ, HIGHEST_HZ = 55.0, 3_500.0
STEPS = 5
"""Bins a semitone."""
SEMITONES = 72
"""From A1 (55 Hz) up."""
FRAMES_A_ROW = 8
"""About 1.5 s."""
MOST_ROWS = 2_400
"""An hour in rows of 1.5 s; of what is longer, two rows become one."""
FAINT = 1e-4
"""Peaks under this share of full scale (-80 dBFS) are not heard."""
ENVELOPE_BINS = 55
"""About 150 Hz to each side."""


class Pitches:
    """Hears mono at 22,050 Hz; `rows` is what sounded, (n, 360) float32, each row `row_s` seconds."""

    def __init__(self) -> None:
        self._rest = np.zeros(0, np.float32)
        self._window = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
        self._scale = np.float32(2 / self._window.sum())
        self._low = int(LOWEST_HZ * WINDOW / MONO_RATE)
        self._high = int(HIGHEST_HZ * WINDOW / MONO_RATE) + 1
        self._frames_a_row = FRAMES_A_ROW
        self._row = np.zeros(STEPS * SEMITONES, np.float32)
        self._in_row = 0
        self._rows: list[NDArray[np.float32]] = []

    @property
    def row_s(self) -> float:
        return self._frames_a_row * HOP / MONO_RATE

    def hear(self, mono: NDArray[np.float32]) -> None:
        sound = np.concatenate([self._rest, mono])
        count = max(0, (len(sound) - WINDOW) // HOP + 1)
        if count:
            frames = np.lib.stride_tricks.sliding_window_view(sound, WINDOW)[: count * HOP : HOP]
            self._gather(self._peaks(frames * self._window))
        self._rest = sound[count * HOP :].copy()

    def rows(self) -> NDArray[np.float32]:
        rows = [*self._rows, self._row / self._in_row] if self._in_row * 2 >= self._frames_a_row else self._rows
        return np.array(rows, np.float32).reshape(-1, STEPS * SEMITONES)

    def _peaks(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, 360): the strength of the peaks of each frame at their pitches."""
        low, high = self._low, self._high
        spectrum = np.abs(fft.rfft(frames, axis=1)[:, low - 1 : high + 1]) * self._scale
        envelope = _smooth(spectrum, ENVELOPE_BINS)
        left, middle, right = spectrum[:, :-2], spectrum[:, 1:-1], spectrum[:, 2:]
        at, peak = np.nonzero((middle > left) & (middle >= right) & (middle > FAINT) & (middle > 2 * envelope[:, 1:-1]))
        a, b, c = (np.log(side[at, peak]) for side in (left, middle, right))
        offset = 0.5 * (a - c) / (a - 2 * b + c)
        hertz = (low + peak + offset) * (MONO_RATE / WINDOW)
        strength = np.sqrt(middle[at, peak] / envelope[:, 1:-1][at, peak])
        place = np.log2(np.maximum(hertz, LOWEST_HZ) / LOWEST_HZ) * 12 * STEPS
        below = np.floor(place).astype(np.int64)
        inside = below < STEPS * SEMITONES - 1
        at, below, place, strength = at[inside], below[inside], place[inside], strength[inside]
        part = place - below
        flat = at * (STEPS * SEMITONES) + below
        size = len(frames) * STEPS * SEMITONES
        filled = np.bincount(flat, strength * (1 - part), size) + np.bincount(flat + 1, strength * part, size)
        return filled.reshape(len(frames), -1).astype(np.float32)

    def _gather(self, frames: NDArray[np.float32]) -> None:
        for frame in range(len(frames)):
            self._row += frames[frame]
            self._in_row += 1
            if self._in_row == self._frames_a_row:
                self._rows.append((self._row / self._in_row).astype(np.float32))
                self._row, self._in_row = np.zeros_like(self._row), 0
        if len(self._rows) >= MOST_ROWS:
            pairs: NDArray[np.float32] = np.array(self._rows[: len(self._rows) // 2 * 2]).reshape(
                -1, 2, STEPS * SEMITONES
            )
            self._rows = list(pairs.mean(axis=1)) + self._rows[len(self._rows) // 2 * 2 :]
            self._frames_a_row *= 2


def _smooth(spectrum: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """The mean over `width` bins to each side."""
    sums = np.cumsum(spectrum, axis=1, dtype=np.float64)
    sums = np.concatenate([np.zeros((len(sums), 1)), sums], axis=1)
    size = spectrum.shape[1]
    begin, end = np.maximum(np.arange(size) - width, 0), np.minimum(np.arange(size) + width + 1, size)
    means: NDArray[np.float32] = ((sums[:, end] - sums[:, begin]) / (end - begin)).astype(np.float32)
    return means + np.float32(1e-9)
