"""Music of a few chords, made up for a test."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segue.analysis.parts import MONO_RATE

MAJOR, MINOR = (0, 4, 7), (0, 3, 7)
CADENCES = {
    "major": [(0, MAJOR), (5, MAJOR), (7, MAJOR), (0, MAJOR)],
    "minor": [(0, MINOR), (5, MINOR), (7, MAJOR), (0, MINOR)],
}


def cadences(tonic: int, mode: str, seconds: float = 16.0, cents: float = 0.0) -> NDArray[np.float32]:
    """Tonic, subdominant, dominant, tonic, a second each, over and over: triads above their bass, with eight partials."""
    piece = []
    for bar in range(round(seconds)):
        degree, triad = CADENCES[mode][bar % 4]
        root = (tonic + degree) % 12
        piece.append(_chord([36 + root, *(60 + (root + step) % 12 for step in triad)], 1.0, cents))
    return np.concatenate(piece)


def _chord(notes: list[int], seconds: float, cents: float) -> NDArray[np.float32]:
    at = np.arange(round(seconds * MONO_RATE)) / MONO_RATE
    sound = np.zeros(len(at))
    for note in notes:
        hertz = 440 * 2 ** ((note - 69 + cents / 100) / 12)
        for partial in range(1, 9):
            sound += 0.04 * 0.6 ** (partial - 1) * np.sin(2 * np.pi * hertz * partial * at)
    return (sound * np.minimum(1, 30 * np.minimum(at, seconds - at))).astype(np.float32)


def drums(seconds: float = 12.0) -> NDArray[np.float32]:
    """A kick that falls in pitch and bursts of noise, at 120 beats a minute."""
    rng = np.random.default_rng(5)
    at = np.arange(round(seconds * MONO_RATE)) / MONO_RATE
    kick = np.sin(2 * np.pi * (50 * (at % 0.5) - 4 * np.exp(-30 * (at % 0.5)))) * np.exp(-14 * (at % 0.5))
    snare = rng.standard_normal(len(at)) * np.exp(-20 * ((at + 0.5) % 1.0))
    hats = rng.standard_normal(len(at)) * np.exp(-60 * (at % 0.25))
    return (0.4 * kick + 0.2 * snare + 0.1 * hats).astype(np.float32)
