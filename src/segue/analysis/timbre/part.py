"""The part of our engine that hears how a piece sounds.

All is kept as sums over the frames at each level (steps of 2 dB), so that what is silent beside the music can be left out at
the end, at whatever level it was recorded: the embedding does not change with the gain or with silence around the music.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from segue.analysis.frames import BINS, HOP
from segue.analysis.parts import MONO_RATE
from segue.analysis.timbre import bands
from segue.analysis.timbre.layout import LAGS, MFCC, RHYTHM_BANDS, SCALES, SIZE, TEXTURE_BANDS
from segue.analysis.timbre.records import Timbre

LEVELS = 60
LEVEL_DB = 2.0
"""Frames are sorted by level into steps of 2 dB from -120 dB up."""
GATE_DB = 40.0
"""So far under the loud frames (those at the 95th percentile) a frame does not count as music."""
FLOOR = 1e-10
"""Of power: -100 dB of full scale."""
MOST_LAG = 172
"""Frames; 4 s."""
FRAMES_A_SECOND = MONO_RATE / HOP

Floats = NDArray[np.float32]


class TimbrePart:
    """Hears the shared power spectra, frame by frame; `found` is None where there was no sound."""

    def __init__(self) -> None:
        self._mel = bands.mel()
        self._cosines = bands.cosines(MFCC)
        self._texture = bands.texture()
        self._chroma = bands.chroma()
        self._hertz = bands.octaves()
        self._width = 2 * MFCC + TEXTURE_BANDS + 1 + 12 + 6 + 3
        self._sums = np.zeros((LEVELS, self._width))
        self._squares = np.zeros((LEVELS, self._width))
        self._counts = np.zeros(LEVELS)
        self._last_mel: Floats | None = None
        self._last_coefficients: Floats | None = None
        self._rises = np.zeros((RHYTHM_BANDS + 1, 0), np.float32)
        self._repeats = np.zeros((RHYTHM_BANDS + 1, MOST_LAG + 1))
        self._rise_sums = np.zeros(RHYTHM_BANDS + 1)
        self._rise_frames = 0
        self._onsets = 0
        self._steps = np.zeros(2)

    def hear_frames(self, power: Floats) -> None:
        """Take in some frames, (n, 1025), in order; n may be 0."""
        if not len(power):
            return
        mel = np.log10(power @ self._mel + np.float32(FLOOR))
        coefficients = mel @ self._cosines
        before = coefficients[:1] if self._last_coefficients is None else self._last_coefficients
        steps = np.diff(np.concatenate([before, coefficients]), axis=0)
        level = 10 * np.log10(power.sum(axis=1) + np.float32(FLOOR))
        thin = power[:, : BINS - 1]
        logs = np.log10(thin + np.float32(FLOOR))
        flatness = logs @ self._texture - np.log10(thin @ self._texture + np.float32(FLOOR))
        total = power.sum(axis=1) + np.float32(FLOOR)
        centroid = (np.sqrt(power) @ self._hertz) / (np.sqrt(power).sum(axis=1) + np.float32(1e-9))
        chroma = np.sqrt(power @ self._chroma)
        chroma /= chroma.sum(axis=1, keepdims=True) + np.float32(1e-9)
        waves = np.abs(fft.rfft(chroma, axis=1)[:, 1:7])
        rises = self._rise(mel)
        before_level = level - np.concatenate([level[:1], level[:-1]])
        features = np.concatenate(
            [
                coefficients,
                steps,
                flatness,
                centroid[:, None],
                chroma,
                waves,
                np.abs(before_level)[:, None],
                rises[:2].T,
            ],
            axis=1,
        )
        place = np.clip((level + LEVELS * LEVEL_DB) / LEVEL_DB, 0, LEVELS - 1).astype(np.int64)
        chosen = np.zeros((LEVELS, len(power)), np.float32)
        chosen[place, np.arange(len(power))] = total > FLOOR * 10
        self._sums += chosen @ features
        self._squares += chosen @ np.square(features)
        self._counts += chosen.sum(axis=1)
        self._last_mel, self._last_coefficients = mel[-1:], coefficients[-1:]

    def _rise(self, mel: Floats) -> Floats:
        """(4, n): the mean rise of all bands, then of low, middle and high ones, in bels, and how it repeats kept."""
        before = mel[:1] if self._last_mel is None else self._last_mel
        step = np.clip(np.diff(np.concatenate([before, mel]), axis=0), 0, 2)
        rises = np.stack([step.mean(axis=1), *(step[:, part].mean(axis=1) for part in bands.RHYTHM)])
        sound = np.concatenate([self._rises, rises], axis=1)
        size = fft.next_fast_len(sound.shape[1] + rises.shape[1], real=True)
        product = fft.rfft(rises[:, ::-1], size, axis=1) * fft.rfft(sound, size, axis=1)
        crossed = fft.irfft(product, size, axis=1)
        zero = rises.shape[1] - 1 + self._rises.shape[1]
        reach = min(MOST_LAG, zero)
        self._repeats[:, : reach + 1] += crossed[:, zero - reach : zero + 1][:, ::-1]
        self._rise_sums += rises.sum(axis=1)
        self._rise_frames += rises.shape[1]
        whole = rises[0]
        if len(whole) > 2:
            level = np.convolve(whole, np.ones(15) / 15, mode="same") * 1.5 + 0.02
            peaks = (whole[1:-1] > whole[:-2]) & (whole[1:-1] >= whole[2:]) & (whole[1:-1] > level[1:-1])
            self._onsets += int(peaks.sum())
        self._rises = sound[:, -MOST_LAG:]
        return rises

    def found(self) -> Timbre | None:
        counts = self._counts
        heard = counts.sum()
        if heard < FRAMES_A_SECOND / 4:
            return None
        loud = int(np.searchsorted(np.cumsum(counts), 0.95 * heard))
        kept = slice(max(0, loud - int(GATE_DB / LEVEL_DB)), LEVELS)
        frames = counts[kept].sum()
        means = self._sums[kept].sum(axis=0) / frames
        spread = np.sqrt(np.maximum(self._squares[kept].sum(axis=0) / frames - means**2, 0))
        at = 0
        parts = {}
        for name, size in (("mfcc", MFCC), ("steps", MFCC), ("flatness", TEXTURE_BANDS), ("centroid", 1), ("chroma", 12),
                           ("waves", 6), ("moves", 1), ("rises", 2)):  # fmt: skip
            parts[name] = slice(at, at + size)
            at += size
        repeats = self._repeated()
        seconds = frames / FRAMES_A_SECOND
        onsets = self._onsets / seconds
        chroma = means[parts["chroma"]]
        embedding = np.concatenate([
            means[parts["mfcc"]], spread[parts["mfcc"]], spread[parts["steps"]],
            means[parts["flatness"]], spread[parts["flatness"]], means[parts["centroid"]], spread[parts["centroid"]],
            bands.scale_transform(repeats[1:], SCALES).ravel(), bands.by_lag(repeats[0], LAGS), [onsets],
            means[parts["rises"]],
            bands.shape_of(chroma), means[parts["waves"]],
            bands.levels(counts[kept], LEVEL_DB), means[parts["moves"]],
        ]).astype(np.float32)  # fmt: skip
        if embedding.shape != (SIZE,):
            raise AssertionError(f"an embedding of {embedding.shape}, not {SIZE}")
        low = repeats[1]
        window = low[int(0.3 * FRAMES_A_SECOND) : int(1.0 * FRAMES_A_SECOND) + 1]
        return Timbre(
            embedding=tuple(float(value) for value in embedding),
            onsets_a_second=float(onsets),
            flux=float(means[parts["rises"]][0]) * 10,
            low_flux=float(means[parts["rises"]][1]) * 10,
            centroid_octaves=float(means[parts["centroid"]][0]),
            low_regularity=float(np.clip(window.max(), 0, 1)),
        )

    def _repeated(self) -> NDArray[np.float64]:
        """(4, 173): the autocorrelation of the rises, 1 at lag 0."""
        means = self._rise_sums / max(1, self._rise_frames)
        covered = np.maximum(self._rise_frames - np.arange(MOST_LAG + 1), 1)
        own = self._repeats / covered - (means**2)[:, None]
        found: NDArray[np.float64] = own / np.maximum(own[:, :1], 1e-12)
        return found
