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
FLOOR = 1e-6
"""Of each frame's power: what is 60 dB under all of it is not told apart from nothing."""
SILENCE = 1e-7
"""Of a frame's power, -70 dB: what is under it is passed over, as if it were cut out."""
AROUND = 7
MOST_LAG = 172
"""Frames; 4 s."""
FRAMES_A_SECOND = MONO_RATE / HOP
TEXTURE_EVERY = 4
"""Flatness is looked at in every fourth frame; it takes the logarithm of every bin."""

Floats = NDArray[np.float32]


class TimbrePart:
    """Hears the shared power spectra, frame by frame; `found` is None where there was no sound."""

    def __init__(self) -> None:
        self._sums_of_bins = np.concatenate([bands.mel(), bands.chroma(), np.ones((BINS, 1), np.float32)], axis=1)
        self._texture = bands.texture()
        self._cosines = bands.cosines(MFCC)
        self._octaves = bands.octaves()
        self._each = _Sums(2 * MFCC + 1 + 12 + 6 + 1 + 2)
        self._some = _Sums(TEXTURE_BANDS)
        self._frames = 0
        self._last: tuple[Floats, Floats, Floats] | None = None
        self._rises = np.zeros((RHYTHM_BANDS + 1, 0), np.float32)
        self._repeats = np.zeros((RHYTHM_BANDS + 1, MOST_LAG + 1))
        self._rise_sums = np.zeros(RHYTHM_BANDS + 1)
        self._rise_frames = 0
        self._onsets = 0

    def hear_frames(self, power: Floats) -> None:
        """Take in some frames, (n, 1025), in order; n may be 0."""
        summed = power @ self._sums_of_bins
        sounding = summed[:, -1] > SILENCE
        if not sounding.any():
            return
        power, summed = power[sounding], summed[sounding]
        energy, chroma, total = summed[:, : bands.MEL_BANDS], np.sqrt(summed[:, bands.MEL_BANDS : -1]), summed[:, -1]
        floor = np.float32(FLOOR) * total[:, None]
        mel = np.log(energy + floor) / np.float32(np.log(10))
        coefficients = mel @ self._cosines
        level = np.float32(10) * np.log10(total)
        last = self._last or (mel[:1], coefficients[:1], level[:1])
        self._last = mel[-1:], coefficients[-1:], level[-1:]
        strength = np.sqrt(energy)
        centroid = (strength @ self._octaves) / (strength.sum(axis=1) + np.float32(1e-9))
        chroma /= chroma.sum(axis=1, keepdims=True) + np.float32(1e-9)
        rises = self._rise(np.diff(np.concatenate([last[0], mel]), axis=0), strength)
        features = np.concatenate(
            [
                coefficients,
                np.diff(np.concatenate([last[1], coefficients]), axis=0),
                centroid[:, None],
                chroma,
                np.abs(fft.rfft(chroma, axis=1)[:, 1:7]),
                np.abs(np.diff(np.concatenate([last[2], level])))[:, None],
                rises[:2].T,
            ],
            axis=1,
        )
        self._each.add(level, features)
        chosen = slice(-self._frames % TEXTURE_EVERY, None, TEXTURE_EVERY)
        self._some.add(level[chosen], self._flatness(power[chosen], floor[chosen]))
        self._frames += len(power)

    def _flatness(self, power: Floats, floor: Floats) -> Floats:
        """(n, 6): the geometric mean over the arithmetic one in each band, as a logarithm (bels): 0 for noise."""
        lifted = power[:, : BINS - 1] + floor / np.float32(BINS)
        apart = np.log(lifted) @ self._texture - np.log(lifted @ self._texture)
        return np.asarray(apart / np.float32(np.log(10)), np.float32)

    def _rise(self, steps: Floats, strength: Floats) -> Floats:
        """(4, n): the mean rise of all bands, then of low, middle and high ones, in bels; how they repeat is kept.

        Each band counts for its share of what sounds, so that hum under a flute has no rhythm.
        """
        step = np.clip(steps, 0, 2) * strength
        whole = strength.sum(axis=1) + np.float32(1e-9)
        rises = np.stack([step[:, part].sum(axis=1) / whole for part in (slice(None), *bands.RHYTHM)])
        sound = np.concatenate([self._rises, rises], axis=1)
        size = fft.next_fast_len(sound.shape[1] + rises.shape[1], real=True)
        product = fft.rfft(rises[:, ::-1], size, axis=1) * fft.rfft(sound, size, axis=1)
        crossed = fft.irfft(product, size, axis=1)
        zero = rises.shape[1] - 1 + self._rises.shape[1]
        reach = min(MOST_LAG, zero)
        self._repeats[:, : reach + 1] += crossed[:, zero - reach : zero + 1][:, ::-1]
        self._rise_sums += rises.sum(axis=1)
        self._rise_frames += rises.shape[1]
        self._onsets += _onsets(sound[0], rises.shape[1])
        self._rises = sound[:, -MOST_LAG:]
        return rises

    def found(self) -> Timbre | None:
        if self._each.counts.sum() < FRAMES_A_SECOND / 4 or not self._some.counts.any():
            return None
        kept = self._each.loud()
        counts, means, spread = self._each.over(kept)
        _, flatness, uneven = self._some.over(kept)
        parts, at = {}, 0
        for name, size in (("mfcc", MFCC), ("steps", MFCC), ("centroid", 1), ("chroma", 12), ("waves", 6), ("moves", 1),
                           ("rises", 2)):  # fmt: skip
            parts[name] = slice(at, at + size)
            at += size
        repeats = self._repeated()
        onsets = self._onsets / (counts.sum() / FRAMES_A_SECOND)
        chroma = means[parts["chroma"]]
        embedding = np.concatenate([
            means[parts["mfcc"]], spread[parts["mfcc"]], spread[parts["steps"]],
            flatness, uneven, means[parts["centroid"]], spread[parts["centroid"]],
            bands.scale_transform(repeats[1:], SCALES).ravel(), bands.by_lag(repeats[0], LAGS), [onsets],
            means[parts["rises"]],
            bands.shape_of(chroma), means[parts["waves"]],
            bands.levels(counts, LEVEL_DB), means[parts["moves"]],
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
        """(4, 173): the autocorrelation of the rises over neighbouring lags, 1 at lag 0."""
        means = self._rise_sums / max(1, self._rise_frames)
        covered = np.maximum(self._rise_frames - np.arange(MOST_LAG + 1), 1)
        own = self._repeats / covered - (means**2)[:, None]
        mirrored = np.concatenate([own[:, 2:0:-1], own, own[:, -1:], own[:, -1:]], axis=1)
        width = own.shape[1]
        near = np.sum([weight * mirrored[:, at : at + width] for at, weight in enumerate((1, 2, 3, 2, 1))], axis=0)
        return np.asarray(near / np.maximum(near[:, :1], 1e-12))


def _onsets(rise: Floats, new: int) -> int:
    """How many onsets there are among the frames that can be judged since the last `new` came: peaks half as high again as the
    frames around them are on average (a third of a second), and 0.2 dB. A frame is judged when seven more are known."""
    first = max(AROUND, len(rise) - new - AROUND)
    if first + AROUND >= len(rise):
        return 0
    middle = rise[first : len(rise) - AROUND]
    before, after = rise[first - 1 : len(rise) - AROUND - 1], rise[first + 1 : len(rise) - AROUND + 1]
    mean = np.lib.stride_tricks.sliding_window_view(rise[first - AROUND :], 2 * AROUND + 1).mean(axis=1)
    return int(np.count_nonzero((middle > before) & (middle >= after) & (middle > 1.5 * mean + 0.02)))


class _Sums:
    """Of some features: their sums and squares over the frames at each level."""

    def __init__(self, width: int) -> None:
        self._sums = np.zeros((LEVELS, width))
        self._squares = np.zeros((LEVELS, width))
        self.counts = np.zeros(LEVELS)

    def add(self, level: Floats, features: Floats) -> None:
        """Frames at `level` (n,) dB have `features` (n, width)."""
        place = np.clip((level + LEVELS * LEVEL_DB) / LEVEL_DB, 0, LEVELS - 1).astype(np.int64)
        at = np.zeros((LEVELS, len(level)), np.float32)
        at[place, np.arange(len(level))] = 1
        self._sums += at @ features
        self._squares += at @ np.square(features)
        self.counts += at.sum(axis=1)

    def loud(self) -> slice:
        """The levels of music: those not too far under the loud frames."""
        most = int(np.searchsorted(np.cumsum(self.counts), 0.95 * self.counts.sum()))
        return slice(max(0, most - int(GATE_DB / LEVEL_DB)), LEVELS)

    def over(self, levels: slice) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Frames at each of some levels; means and deviations over them all."""
        frames = max(1.0, float(self.counts[levels].sum()))
        means = self._sums[levels].sum(axis=0) / frames
        spread = np.sqrt(np.maximum(self._squares[levels].sum(axis=0) / frames - means**2, 0))
        return self.counts[levels], means, spread
