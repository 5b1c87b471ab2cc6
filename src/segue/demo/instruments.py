"""The sounds: a few lines of arithmetic for each instrument, as mono samples at 44,100 Hz."""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

RATE = 44_100
Samples = NDArray[np.float32]

# instrument: (levels of the harmonics, attack s, decay s (0: held), release s, vibrato cents, detune cents)
VOICES: dict[str, tuple[tuple[float, ...], float, float, float, float, float]] = {
    "piano": ((1, 0.55, 0.32, 0.2, 0.12, 0.07, 0.04), 0.004, 1.6, 0.25, 0, 1.5),
    "rhodes": ((1, 0.12, 0.35, 0.05, 0.02, 0, 0.12), 0.004, 1.8, 0.2, 3, 2),
    "guitar": ((1, 0.7, 0.5, 0.3, 0.22, 0.14, 0.1, 0.06), 0.003, 0.9, 0.12, 0, 3),
    "pick": ((1, 0.6, 0.4, 0.25, 0.15), 0.004, 0.7, 0.06, 0, 0),
    "strings": ((1, 0.6, 0.45, 0.3, 0.22, 0.15, 0.1), 0.18, 0, 0.4, 9, 7),
    "cello": ((1, 0.7, 0.5, 0.35, 0.2, 0.12), 0.09, 0, 0.25, 8, 2),
    "violin": ((1, 0.62, 0.5, 0.4, 0.28, 0.2, 0.14, 0.08), 0.05, 0, 0.16, 14, 2),
    "flute": ((1, 0.28, 0.1, 0.04), 0.05, 0, 0.12, 12, 0),
    "horn": ((0.8, 1, 0.8, 0.55, 0.35, 0.2, 0.1), 0.04, 0, 0.1, 10, 0),
    "melodica": ((1, 0.4, 0.7, 0.3, 0.4, 0.1, 0.2), 0.03, 0, 0.1, 6, 6),
    "square": ((1, 0, 0.33, 0, 0.2, 0, 0.14), 0.008, 0, 0.08, 6, 6),
    "organ": ((1, 0.8, 0.5, 0.6, 0.1, 0.3), 0.008, 0, 0.05, 4, 3),
    "pad": ((1, 0.5, 0.33, 0.25, 0.16, 0.1), 0.5, 0, 1.2, 4, 11),
    "bell": ((1, 0, 0.5, 0, 0.28, 0, 0, 0.18), 0.003, 2.4, 0.6, 0, 2),
    "upright": ((1, 0.5, 0.25, 0.1), 0.008, 0.9, 0.1, 0, 0),
    "synth_bass": ((1, 0.5, 0.3, 0.2, 0.12), 0.004, 0.5, 0.05, 0, 4),
    "sub": ((1, 0.22, 0.06), 0.012, 0, 0.08, 0, 0),
}


@lru_cache(maxsize=4096)
def tone(instrument: str, pitch: int, milliseconds: int) -> Samples:
    """A note of `milliseconds`, with its release after that, peaking near 1."""
    harmonics, attack, decay, release, vibrato, detune = VOICES[instrument]
    held = milliseconds / 1000
    t = np.arange(int((held + release) * RATE), dtype=np.float32) / RATE
    frequency = 440.0 * 2 ** ((pitch - 69) / 12)
    sound = np.zeros_like(t)
    for cents in (-detune, detune) if detune else (0.0,):
        base = 2 * np.pi * frequency * 2 ** (cents / 1200)
        phase = base * t
        if vibrato:
            depth = base * (2 ** (vibrato / 1200) - 1)
            phase = phase - depth / (2 * np.pi * 5.2) * np.cos(2 * np.pi * 5.2 * t) * np.minimum(t / 0.4, 1)
        for number, level in enumerate(harmonics, 1):
            if level and frequency * number < RATE * 0.45:
                sound += level * np.sin(number * phase, dtype=np.float32) * _fading(t, decay, number)
    envelope = np.minimum(t / attack, 1) * np.clip((held + release - t) / release, 0, 1)
    peak = sum(harmonics) * (2 if detune else 1)
    shaped: Samples = (sound * envelope * (1.6 / peak)).astype(np.float32)
    return shaped


def _fading(t: NDArray[Any], decay: float, harmonic: int) -> NDArray[Any] | float:
    """Struck and plucked strings lose their high harmonics first."""
    if not decay:
        return 1.0
    faded: NDArray[Any] = np.exp(-t * (1 + 0.45 * (harmonic - 1)) / decay)
    return faded


@lru_cache(maxsize=64)
def drum(name: str) -> Samples:
    """One stroke."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    t = np.arange(int(0.5 * RATE), dtype=np.float32) / RATE
    noise = rng.standard_normal(t.size).astype(np.float32)
    bright = np.diff(noise, prepend=np.float32(0))
    if name == "kick":
        sound = np.sin(2 * np.pi * (48 * t + 9 * (1 - np.exp(-t * 28)))) * np.exp(-t * 9)
    elif name in ("snare", "ghost"):
        sound = 0.55 * noise * np.exp(-t * 22) + 0.5 * np.sin(2 * np.pi * 190 * t) * np.exp(-t * 28)
    elif name == "clap":
        bursts = sum(np.exp(-np.maximum(t - late, 0) * 45) * (t >= late) for late in (0.0, 0.011, 0.022))
        sound = 0.4 * bright * bursts
    elif name == "brush":
        sound = 0.22 * noise * np.minimum(t / 0.03, 1) * np.exp(-t * 14)
    else:
        sound = 0.42 * bright * np.exp(-t * 55)
    return np.asarray(sound, dtype=np.float32)
