"""Where sounds begin: how strongly, 86 times a second, in four bands and in pitch.

An onset is a rise of log power against a short while before, per band ("spectral flux"), where the loudest of the
neighbouring bands before is what must be exceeded, so that vibrato is no onset ("SuperFlux": Böck and Widmer, DAFx 2013).
Kick and bass, the low middle, snare and voice, and cymbals are kept apart, for the level of a beat shows in how they take
turns. Rises in single semitones are a fifth: they hear a note change where nothing gets louder.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segue.analysis.frames import BINS, HOP, WINDOW, Spectra
from segue.analysis.parts import MONO_RATE

FINE_WINDOW = 1024
FINE_HOP = 256
RATE = MONO_RATE / FINE_HOP
"""Envelope values a second: 86.1."""
GROUPS = ("low", "body", "mid", "high", "pitch")
_EDGES_HZ = (160.0, 700.0, 3500.0)
_FLOOR = 10**-6.0
"""Power against the loudness so far under which nothing is heard: -60 dB."""
_FADE = 0.8
"""What is left of the loudness so far after each block."""
_SCALE = 32.0
"""Envelopes are kept as bytes: this many steps for a rise of one bel a band."""
_CHROMA_EVERY = 4
CHROMA_STEPS = 40.0
_PITCHES = 66
_LOWEST = 36


@dataclass(frozen=True, slots=True)
class Envelopes:
    """`steps` uint8 (5, n) in the order of `GROUPS` at `RATE`, 32 steps a bel; `chroma` uint8 (m, 12), 40 steps a bel, at
    `chroma_rate` a second."""

    steps: NDArray[np.uint8]
    chroma: NDArray[np.uint8]
    chroma_rate: float

    def rise(self, group: int) -> NDArray[np.float32]:
        """One group's onsets in bels, made anew each time: twelve hours are kept as bytes."""
        return np.asarray(self.steps[group] * np.float32(1 / _SCALE), np.float32)

    def between(self, start: int, end: int) -> Envelopes:
        """Those from one step to another."""
        first, last = (round(at / RATE * self.chroma_rate) for at in (start, end))
        return Envelopes(self.steps[:, start:end], self.chroma[first:last], self.chroma_rate)

    def rises(self) -> Iterator[NDArray[np.float32]]:
        return (self.rise(group) for group in range(len(GROUPS)))


class Onsets:
    """Hears mono samples and the shared frames, keeps about 600 bytes a second."""

    def __init__(self) -> None:
        self._spectra = Spectra(FINE_WINDOW, FINE_HOP)
        self._bands, self._group_of = _fine_bands()
        self._semitones = _semitones()
        self._loud = 0.0
        self._frame_loud = 0.0
        self._before: NDArray[np.float32] | None = None
        self._frames_before: NDArray[np.float32] | None = None
        self._rises: list[NDArray[np.uint8]] = []
        self._pitch: list[NDArray[np.uint8]] = []
        self._chroma: list[NDArray[np.uint8]] = []
        self._chroma_rest = np.empty((0, _PITCHES), np.float32)

    def hear(self, mono: NDArray[np.float32]) -> None:
        self._take(self._spectra.of(mono))

    def _take(self, power: NDArray[np.float32]) -> None:
        if not len(power):
            return
        bands = power @ self._bands
        self._loud = max(self._loud * _FADE, _loudness(bands))
        before = bands[:1].repeat(2, axis=0) if self._before is None else self._before
        both = np.concatenate((before, bands))
        self._before = both[-2:]
        level = _bels(both, self._loud)
        rise = np.maximum(level[2:] - level[:-2], 0)
        grouped = rise @ self._group_of
        self._rises.append(np.minimum(grouped * _SCALE, 255).astype(np.uint8))

    def hear_frames(self, power: NDArray[np.float32]) -> None:
        if not len(power):
            return
        notes = power @ self._semitones
        self._frame_loud = max(self._frame_loud * _FADE, _loudness(notes))
        before = notes[:1].repeat(2, axis=0) if self._frames_before is None else self._frames_before
        both = np.concatenate((before, notes))
        self._frames_before = both[-2:]
        level = _bels(both, self._frame_loud)
        past = level[:-2]
        highest = past.copy()
        np.maximum(highest[:, 1:], past[:, :-1], out=highest[:, 1:])
        np.maximum(highest[:, :-1], past[:, 1:], out=highest[:, :-1])
        rise = np.maximum(level[2:] - highest, 0).mean(axis=1)
        self._pitch.append(np.minimum(rise * _SCALE * 2, 255).astype(np.uint8))
        waiting = np.concatenate((self._chroma_rest, level[2:]))
        whole = len(waiting) // _CHROMA_EVERY * _CHROMA_EVERY
        self._chroma_rest = waiting[whole:]
        means = waiting[:whole].reshape(-1, _CHROMA_EVERY, _PITCHES).mean(axis=1)
        means = means[:, : _PITCHES // 12 * 12].reshape(len(means), _PITCHES // 12, 12).mean(axis=1)
        self._chroma.append(np.minimum(means * CHROMA_STEPS, 255).astype(np.uint8))

    def found(self) -> Envelopes:
        """Envelopes of all that was heard; `n` is 0 where nothing was. What was kept is given away: ask once."""
        self._take(self._spectra.last())
        count = sum(len(piece) for piece in self._rises)
        steps = np.zeros((len(GROUPS), count), np.uint8)
        while self._rises:
            piece = self._rises.pop()
            steps[:4, count - len(piece) : count] = piece.T
            count -= len(piece)
        count = steps.shape[1]
        pitch = np.concatenate(self._pitch) if self._pitch else np.empty(0, np.uint8)
        half = min(len(pitch), count // 2)
        if half > 1:
            steps[4, 0 : 2 * half : 2] = pitch[:half]
            steps[4, 1 : 2 * half - 1 : 2] = pitch[: half - 1] // 2 + pitch[1:half] // 2
        chroma = np.concatenate(self._chroma) if self._chroma else np.empty((0, 12), np.uint8)
        return Envelopes(steps, chroma, MONO_RATE / HOP / _CHROMA_EVERY)


def _loudness(bands: NDArray[np.float32]) -> float:
    return float(np.percentile(bands.sum(axis=1), 95) / bands.shape[1] * 4)


def _bels(power: NDArray[np.float32], loud: float) -> NDArray[np.float32]:
    level: NDArray[np.float32] = np.log10(power * np.float32(1 / (loud * _FLOOR + 1e-12)) + np.float32(1))
    return level


def _fine_bands() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Triangles over the bins of a fine window, and to which group each belongs, weighted to a mean."""
    hz = MONO_RATE / FINE_WINDOW
    corners = [1.0]
    while corners[-1] * hz < 10_500:
        corners.append(max(corners[-1] + 1, corners[-1] * 2 ** (1 / 3.5)))
    bins = np.arange(FINE_WINDOW // 2 + 1)[:, None]
    low, top, high = (np.array(corners[start : len(corners) - 2 + start]) for start in range(3))
    shape = np.clip(np.minimum((bins - low) / (top - low), (high - bins) / (high - top)), 0, None)
    group = np.searchsorted(_EDGES_HZ, top * hz)
    member = group[:, None] == np.arange(4)[None, :]
    return shape.astype(np.float32), (member / member.sum(axis=0)).astype(np.float32)


def _semitones() -> NDArray[np.float32]:
    """Each bin of a shared frame to the two nearest semitones from C2 up; nothing under 60 Hz."""
    frequency = np.arange(BINS) * MONO_RATE / WINDOW
    place = 12 * np.log2(np.maximum(frequency, 1) / 440) + 69 - _LOWEST
    weights = np.clip(1 - np.abs(place[:, None] - np.arange(_PITCHES)[None, :]), 0, None)
    spacing = np.maximum(weights.sum(axis=0), 1e-3)
    weights = weights / np.maximum(1, spacing)
    for pitch in np.flatnonzero(spacing < 0.5):
        weights[round(440 * 2 ** ((pitch + _LOWEST - 69) / 12) / (MONO_RATE / WINDOW)), pitch] = 1
    return np.asarray(weights, np.float32)
