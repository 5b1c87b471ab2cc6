"""What the synthesizers share: wavetables without aliasing, envelopes, a room, and notes laid onto a track."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from bench.analysis.compose import Note

RATE = 44_100
Sound = NDArray[np.float32]
TABLE = 2048


def hertz(pitch: float, cents: float = 0.0) -> float:
    """The frequency of a MIDI number, detuned."""
    return float(440 * 2 ** ((pitch - 69 + cents / 100) / 12))


@lru_cache(maxsize=512)
def table(shape: str, harmonics: int) -> Sound:
    """One period with so many harmonics at most, full scale at 1."""
    count = np.arange(1, harmonics + 1)
    weights = {
        "saw": 1 / count,
        "square": np.where(count % 2, 1 / count, 0),
        "triangle": np.where(count % 2, 1 / count**2.0, 0),
        "dark": 1 / count**2.2,
        "strings": 1 / count**1.2 * (1 + 1.5 * np.exp(-((count - 4.0) ** 2) / 6)),
        "brass": 1 / count**0.9 * np.exp(-count / 9),
        "flute": np.exp(-(count - 1) * 1.5),
        "organ": np.array([{1: 1.0, 2: 0.9, 3: 0.7, 4: 0.55, 6: 0.35, 8: 0.4}.get(int(n), 0.0) for n in count]),
        "reed": np.where(count % 2, 1 / count**0.8, 0.3 / count) * np.exp(-count / 14),
    }[shape]
    spectrum = np.zeros(TABLE // 2 + 1, dtype=np.complex128)
    rng = np.random.default_rng(len(shape))
    phases = rng.uniform(0, 2 * np.pi, harmonics) if shape in ("strings", "organ") else np.full(harmonics, -np.pi / 2)
    spectrum[1 : harmonics + 1] = weights * np.exp(1j * phases)
    wave = np.fft.irfft(spectrum, TABLE)
    return (wave / np.abs(wave).max()).astype(np.float32)


def wave(
    shape: str, frequency: float, length: int, top: float = 16_000, phase: float = 0.0, bend: Sound | None = None
) -> Sound:
    """A steady tone; nothing of it lies above `top`. `bend` multiplies the frequency, sample by sample."""
    harmonics = int(max(1, min(top // frequency, 0.45 * RATE // frequency, 400)))
    if bend is None:
        turns = np.arange(length, dtype=np.float64) * (frequency / RATE) + phase
    else:
        turns = np.cumsum(bend.astype(np.float64)) * (frequency / RATE) + phase
    return table(shape, harmonics)[(turns * TABLE).astype(np.int64) % TABLE]


def envelope(length: int, attack: float, decay: float, sustain: float, held: int, release: float) -> Sound:
    """Attack and decay times in seconds, a level, and the release after `held` samples."""
    at = np.arange(length, dtype=np.float32) / RATE
    level = np.minimum(at / max(attack, 1e-4), 1) * (
        sustain + (1 - sustain) * np.exp(-np.maximum(at - attack, 0) / decay)
    )
    level[held:] *= np.exp(-(at[held:] - held / RATE) / (release / 3))
    return level.astype(np.float32)


def noise(length: int, rng: np.random.Generator) -> Sound:
    return rng.standard_normal(length, dtype=np.float32)


def band(sound: Sound, low: float | None, high: float | None, order: int = 2) -> Sound:
    """Only what lies between two frequencies."""
    if low and high:
        sos = signal.butter(order, [low, high], "bandpass", fs=RATE, output="sos")
    elif low:
        sos = signal.butter(order, low, "highpass", fs=RATE, output="sos")
    else:
        sos = signal.butter(order, high, "lowpass", fs=RATE, output="sos")
    return signal.sosfilt(sos, sound).astype(np.float32)


Voice = Callable[[int, int, float], Sound]
"""(MIDI number, samples held, strength) -> mono sound, which may ring on."""


def lay(notes: Iterable[Note], voice: Voice, samples: int) -> Sound:
    """All notes of a part on one mono track; equal notes are made once."""
    track = np.zeros(samples, dtype=np.float32)
    made: dict[tuple[int, int, int], Sound] = {}
    for note in notes:
        start = int(note.start * RATE)
        if start >= samples:
            continue
        key = (note.pitch, max(2, round(note.length * 50)), round(note.strength * 8))
        sound = made.get(key)
        if sound is None:
            sound = made[key] = voice(note.pitch, key[1] * RATE // 50, key[2] / 8)
        end = min(samples, start + len(sound))
        track[start:end] += sound[: end - start]
    return track


def spread(track: Sound, pan: float, width: float = 0.0) -> Sound:
    """Mono to stereo: panned (-1 to 1), and widened by a few milliseconds between the sides."""
    left, right = np.cos((pan + 1) * np.pi / 4), np.sin((pan + 1) * np.pi / 4)
    both = np.stack([track * left, track * right]).astype(np.float32)
    if width:
        late = int(width * RATE)
        both[1, late:] = 0.6 * both[1, late:] + 0.4 * right * track[:-late]
    return both


def room(sound: Sound, seconds: float, wet: float, rng: np.random.Generator, dark: float = 6000) -> Sound:
    """A hall of decaying noise, different on each side."""
    length = int(seconds * RATE)
    at = np.arange(length) / RATE
    wets = []
    for side in sound:
        answer = rng.standard_normal(length) * np.exp(-6.9 * at / seconds)
        answer[: int(0.006 * RATE)] = 0
        answer = band(answer.astype(np.float32), 200, dark, 1)
        answer /= np.sqrt((answer**2).sum())
        wets.append(signal.oaconvolve(side, answer)[: len(side)])
    return (sound + wet * np.stack(wets)).astype(np.float32)


def level(sound: Sound, rms_db: float) -> Sound:
    """At so many dBFS while it sounds."""
    loud = np.abs(sound).max(axis=0) if sound.ndim == 2 else np.abs(sound)
    sounding = loud > 1e-4
    if not sounding.any():
        return sound
    power = float((sound[..., sounding] ** 2).mean())
    return (sound * (10 ** (rms_db / 20) / np.sqrt(power))).astype(np.float32)
