"""A band: plucked strings as delay lines that lose their brightness (Karplus and Strong 1983), with and without a valve's
distortion, a picked bass, a reed organ now and then, and an acoustic kit."""

from __future__ import annotations

import numpy as np
from scipy import signal

from bench.analysis.compose import Score
from bench.analysis.instruments.drums import beaten
from bench.analysis.instruments.tones import RATE, Sound, Voice, band, envelope, hertz, lay, level, room, spread, wave


def string(cents: float, rng: np.random.Generator, soft: float, ring: float, position: float = 0.18) -> Voice:
    """A plucked string. `soft` 0 to 1 darkens the pluck, `ring` is how long a low note sounds in seconds."""

    def play(pitch: int, held: int, strength: float) -> Sound:
        frequency = hertz(pitch, cents)
        period = max(16, round(RATE / frequency))
        length = held + int(0.12 * RATE)
        pluck = rng.standard_normal(period)
        for _ in range(1 + int(6 * soft)):
            pluck = 0.5 * (pluck + np.roll(pluck, 1))
        pluck -= np.roll(pluck, int(period * position))
        pluck -= pluck.mean()
        pluck /= np.abs(pluck).max()
        turns = int(length * frequency / RATE) + 2
        keep = 10 ** (-3 / (ring * (110 / frequency) ** 0.35 * frequency))
        lossy = 0.5 * min(0.98, 0.35 + 0.5 * soft) if frequency < 500 else 0.2
        spectrum = np.fft.rfft(pluck)
        angle = 2 * np.pi * np.arange(len(spectrum)) / period
        loss = keep * np.sqrt((1 - lossy) ** 2 + lossy**2 + 2 * (1 - lossy) * lossy * np.cos(angle))
        rows = np.fft.irfft(spectrum * loss ** np.arange(turns)[:, None], period, axis=1)
        raw = rows.ravel()
        asked = np.arange(length) * (frequency * period / RATE)
        sound = np.interp(asked, np.arange(len(raw)), raw).astype(np.float32)
        return sound * envelope(length, 0.001, 10, 1.0, held, 0.12) * strength

    return play


def reed(cents: float, shape: str) -> Voice:
    """An organ or a harmonica, with vibrato."""

    def play(pitch: int, held: int, strength: float) -> Sound:
        length = held + int(0.08 * RATE)
        at = np.arange(length, dtype=np.float32) / RATE
        bend = (1 + 0.0025 * np.sin(2 * np.pi * 5.6 * at) * np.minimum(at / 0.3, 1)).astype(np.float32)
        return (
            wave(shape, hertz(pitch, cents), length, 7000, 0.0, bend)
            * envelope(length, 0.03, 1, 0.85, held, 0.08)
            * strength
        )

    return play


def driven(sound: Sound, drive: float) -> Sound:
    """Through a valve and a loudspeaker: chords make sum and difference tones."""
    hot = np.tanh(sound * drive) + 0.1 * np.tanh(sound * drive) ** 2
    return band(band(hot.astype(np.float32), 80, 5000, 1), None, 5500, 2)


def play(score: Score, samples: int, rng: np.random.Generator) -> Sound:
    """The whole clip in stereo."""
    cents = score.clip.detune_cents
    heavy = score.clip.style in ("metal", "punk", "half_time_rock") or (
        score.clip.style == "rock" and rng.random() < 0.7
    )
    mix = np.zeros((2, samples), dtype=np.float32)
    for role, notes in score.parts.items():
        if role == "bass":
            track, pan, loud = lay(notes, string(cents, rng, 0.8, 6.0, 0.3), samples), 0.0, -18.0
            track = band(track, None, 1800, 1)
        elif role == "chords":
            track, pan, loud = lay(notes, string(cents, rng, float(rng.uniform(0.1, 0.5)), 4.0), samples), -0.45, -20.0
            if heavy:
                track = driven(track / max(1e-6, float(np.abs(track).max())), float(rng.uniform(4, 14)))
        elif role == "lead":
            choice = rng.random()
            if choice < 0.5:
                track = lay(notes, string(cents, rng, 0.2, 5.0), samples)
                if heavy or choice < 0.15:
                    track = driven(track / max(1e-6, float(np.abs(track).max())), 6.0)
            else:
                track = lay(notes, reed(cents, str(rng.choice(["reed", "brass", "flute"]))), samples)
            pan, loud = 0.35, -20.0
        else:
            track, pan, loud = lay(notes, reed(cents, "organ"), samples), 0.5, -25.0
        mix += level(spread(track, pan, 0.012 if role == "chords" else 0.0), loud + float(rng.uniform(-2, 2)))
    if score.hits:
        mix += level(beaten(score.hits, samples, "kit", rng), -17 + float(rng.uniform(-3, 2)))
    mix = room(mix, float(rng.uniform(0.3, 0.9)), float(rng.uniform(0.08, 0.25)), rng)
    return signal.sosfilt(signal.butter(1, 35, "highpass", fs=RATE, output="sos"), mix, axis=1).astype(np.float32)
