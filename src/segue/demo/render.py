"""From a score to stereo samples: every note placed, panned, a little room around it, and a level like a record's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segue.demo.instruments import RATE, VOICES, drum, tone
from segue.demo.score import Score

PAN = {"piano": -0.15, "rhodes": -0.25, "guitar": -0.4, "strings": 0.2, "horn": 0.25, "flute": 0.3, "violin": 0.1}
PAN |= {"organ": -0.35, "melodica": 0.35, "bell": 0.4, "square": 0.2, "hat": 0.3, "brush": -0.1, "ghost": 0.1}
ROOM = {"drift": 0.5, "chamber": 0.34, "partita": 0.4, "dub": 0.36, "north": 0.28}
PEAK = 0.89


def render(score: Score, seed: int) -> NDArray[np.float32]:
    """The piece as an array (samples, 2) at 44,100 Hz, peaking at -1 dBFS."""
    size = int(score.length_s * RATE)
    sides = np.zeros((2, size), dtype=np.float32)
    for note in score.notes:
        if note.instrument in VOICES:
            milliseconds = round(note.length * 60_000 / score.piece.bpm)
            sound = tone(note.instrument, note.pitch, milliseconds)
        else:
            sound = drum(note.instrument)
        start = round(score.seconds(note.beat) * RATE)
        sound = sound[: size - start] * note.level
        angle = (PAN.get(note.instrument, 0.0) + 1) * np.pi / 4
        sides[0, start : start + sound.size] += sound * np.float32(np.cos(angle))
        sides[1, start : start + sound.size] += sound * np.float32(np.sin(angle))
    sides += _room(sides, seed) * ROOM.get(score.piece.style, 0.16)
    sides = np.tanh(sides * (1.1 / max(float(np.percentile(np.abs(sides), 99.9)), 1e-6)))
    return np.ascontiguousarray((sides * (PEAK / float(np.abs(sides).max()))).T, dtype=np.float32)


def _room(sides: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """The sound of a room of 1.6 s: each side convolved with its own fading noise."""
    rng = np.random.default_rng(seed)
    length = int(1.6 * RATE)
    fade = np.exp(-np.arange(length, dtype=np.float32) / np.float32(0.32 * RATE))
    transform = -(-(sides.shape[1] + length) // 32768) * 32768
    wet = np.empty_like(sides)
    for side in range(2):
        impulse = rng.standard_normal(length, dtype=np.float32) * fade
        impulse[: int(0.012 * RATE)] = 0
        impulse /= np.sqrt(np.sum(impulse**2))
        spectrum = np.fft.rfft(sides[side], transform) * np.fft.rfft(impulse, transform)
        wet[side] = np.fft.irfft(spectrum, transform)[: sides.shape[1]]
    return wet
