"""Which notes sound, five times a second: spectral peaks of long windows, explained by notes with their partials.

Windows of 0.19 s tell semitones apart down to about 200 Hz; what is below has overtones above. A spectrum's peaks are placed
by a parabola through three bins and gathered on a scale of fifths of a semitone; from where they lie within their semitones
comes the tuning. What is gathered around each tuned semitone is explained as a sum of notes, each with seven overtones
(non-negative least squares with the multiplicative updates of D. Lee and H. Seung, 2001; for chroma see M. Mauch and S. Dixon,
"Approximate Note Transcription for the Improved Identification of Difficult Chords", 2010): so a low C does not count as G
and E for its third and fifth partial. Peaks that are not there in the window before or after, as of drums, count for less.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from segue.analysis.parts import MONO_RATE

WINDOW = 4_096
HOP = 4_096
FRAMES_A_SECOND = MONO_RATE / HOP
LOWEST_HZ, HIGHEST_HZ = 55.0, 3_500.0
LOWEST_CLASS = 9
"""The pitch class of the lowest semitone, A."""
STEPS = 5
"""Parts of a semitone."""
SEMITONES = 72
BASS = 24
"""Semitones from the lowest that count as bass: up to 208 Hz."""
FAINT = 1e-4
"""Peaks under this share of full scale (-80 dBFS) are not heard."""
ENVELOPE_HZ = 150.0
STANDS_OUT = 1.5
"""A peak is so many times as strong as the mean of the spectrum within 150 Hz to each side."""
COMPRESSION = 0.65
"""Power of a peak's amplitude: between amplitudes and their logarithms."""
OVERTONES = (0, 12, 19, 24, 28, 31, 34, 36)
"""Semitones of the first eight partials over their note."""
DECAY = 0.85
"""How much weaker each partial is than the one below."""
UPDATES = 20

Floats = NDArray[np.float32]


class Heard(NamedTuple):
    """Of a piece: `classes` (frames, 2, 12) is how strong each pitch class was (C first), in all registers and in the bass.

    `tuning` is how far its notes lie over A = 440 Hz in semitones, -0.5 to 0.5. `in_tune`, 0 to 1, is how closely the peaks
    gather around the semitones of that tuning (near 0 for noise), `lasting`, 0 to 1, how much of them is there in a
    neighbouring window too (little of drums).
    """

    classes: NDArray[np.float16]
    tuning: float
    in_tune: float
    lasting: float


class Pitches:
    """Hears mono at 22,050 Hz; keeps how strong each pitch class was in every frame, in all registers and in the bass."""

    def __init__(self) -> None:
        self._rest = np.zeros(0, np.float32)
        window = np.hanning(WINDOW + 1)[:-1]
        self._window = (window * (2 / window.sum())).astype(np.float32)
        self._low = int(LOWEST_HZ * WINDOW / MONO_RATE)
        self._high = int(HIGHEST_HZ * WINDOW / MONO_RATE) + 1
        self._notes = _notes()
        self._products = self._notes @ self._notes.T
        self._before: Floats | None = None
        self._within = np.zeros(STEPS)
        self._lasted = self._stood_out = 0.0
        self._heard: list[NDArray[np.float16]] = []

    def hear(self, mono: Floats) -> None:
        sound = np.concatenate([self._rest, mono])
        count = max(0, (len(sound) - WINDOW) // HOP + 1)
        if count:
            frames = np.lib.stride_tricks.sliding_window_view(sound, WINDOW)[: count * HOP : HOP]
            fine = self._peaks(frames * self._window)
            self._within += fine.reshape(-1, STEPS).sum(axis=0)
            self._heard.append(
                _by_class(self._explained(fine @ _semitones(float(np.angle(self._turn()) / (2 * np.pi)))))
            )
        self._rest = sound[count * HOP :].copy()

    def heard(self) -> Heard:
        """Everything so far."""
        return Heard(
            classes=np.concatenate([np.zeros((0, 2, 12), np.float16), *self._heard]),
            tuning=float(np.angle(self._turn()) / (2 * np.pi)),
            in_tune=float(abs(self._turn()) / max(self._within.sum(), 1e-9)),
            lasting=self._lasted / max(self._stood_out, 1e-9),
        )

    def _turn(self) -> complex:
        """Where in their semitone the peaks lie, as the mean direction on a circle."""
        return complex(self._within @ np.exp(2j * np.pi * np.arange(STEPS) / STEPS))

    def _peaks(self, frames: Floats) -> Floats:
        """(n, 360): the strength of each frame's peaks at their pitches."""
        low, high = self._low, self._high
        spectrum = np.abs(fft.rfft(frames, axis=1, overwrite_x=True)[:, low - 1 : high + 1])
        left, middle, right = spectrum[:, :-2], spectrum[:, 1:-1], spectrum[:, 2:]
        around = _smooth(spectrum, int(ENVELOPE_HZ * WINDOW / MONO_RATE))[:, 1:-1]
        at, peak = np.nonzero((middle > left) & (middle >= right) & (middle > np.maximum(STANDS_OUT * around, FAINT)))
        strength = middle[at, peak]
        a, b, c = (np.log(side[at, peak] + 1e-12) for side in (left, middle, right))
        hertz = (low + peak + 0.5 * (a - c) / (a - 2 * b + c)) * (MONO_RATE / WINDOW)
        heard, lasting = strength**COMPRESSION, self._beside(spectrum, at, peak) / strength
        strength = heard * np.minimum(lasting, 1)
        self._lasted += float(strength.sum())
        self._stood_out += float(heard.sum())
        place = np.log2(np.maximum(hertz, LOWEST_HZ) / LOWEST_HZ) * (12 * STEPS)
        below = place.astype(np.int64)
        inside = below < STEPS * SEMITONES - 1
        at, below, place, strength = at[inside], below[inside], place[inside], strength[inside]
        flat, part = at * (STEPS * SEMITONES) + below, place - below
        size = len(frames) * STEPS * SEMITONES
        filled = np.bincount(flat, strength * (1 - part), size) + np.bincount(flat + 1, strength * part, size)
        return np.asarray(filled.reshape(len(frames), -1), np.float32)

    def _beside(self, spectrum: Floats, at: NDArray[np.int64], peak: NDArray[np.int64]) -> Floats:
        """How strong each peak is in the window before or in the one after, whichever has more of it."""
        nothing = np.zeros_like(spectrum[:1])
        beside = np.concatenate([nothing if self._before is None else self._before, spectrum, nothing])
        self._before = spectrum[-1:].copy()
        found = np.zeros(len(at), np.float32)
        for frame in (at, at + 2):
            for offset in (0, 1, 2):
                np.maximum(found, beside[frame, peak + offset], out=found)
        return found

    def _explained(self, semitones: Floats) -> Floats:
        """(n, 72): how strong each note is, such that all with their partials add up to what sounds."""
        wanted = semitones @ self._notes.T
        strength = wanted + np.float32(1e-9)
        for _ in range(UPDATES):
            strength *= wanted / (strength @ self._products + np.float32(1e-9))
        return strength


def _smooth(spectrum: Floats, width: int) -> Floats:
    """The mean over `width` bins to each side."""
    sums = np.zeros((len(spectrum), spectrum.shape[1] + 1))
    np.cumsum(spectrum, axis=1, out=sums[:, 1:])
    places = np.arange(spectrum.shape[1])
    begin, end = np.maximum(places - width, 0), np.minimum(places + width + 1, len(places))
    return np.asarray((sums[:, end] - sums[:, begin]) / (end - begin), np.float32)


def _semitones(tuning: float) -> Floats:
    """(360, 72): gathers what lies within half a semitone of each tuned semitone, its middle most."""
    apart = np.arange(STEPS * SEMITONES)[:, None] / STEPS - tuning - np.arange(SEMITONES)
    return np.cos(np.pi * np.clip(apart, -0.5, 0.5)).astype(np.float32)


def _notes() -> Floats:
    """(72, 72): each note's partials, of length 1."""
    notes = np.zeros((SEMITONES, SEMITONES + OVERTONES[-1]), np.float32)
    for number, offset in enumerate(OVERTONES):
        notes[np.arange(SEMITONES), np.arange(SEMITONES) + offset] += DECAY**number
    inside = notes[:, :SEMITONES]
    return np.asarray(inside / np.linalg.norm(inside, axis=1, keepdims=True), np.float32)


def _by_class(notes: Floats) -> NDArray[np.float16]:
    """(n, 72) to (n, 2, 12)."""
    octaves = notes.reshape(len(notes), -1, 12)
    both = np.stack([octaves.sum(axis=1), octaves[:, : BASS // 12].sum(axis=1)], axis=1)
    return np.asarray(np.roll(np.minimum(both, np.finfo(np.float16).max), LOWEST_CLASS, axis=2), np.float16)
