"""What happens to music on its way to a file: halls, crowds, clapping, worn tape, hum, fades, and the level it is cut at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from bench.analysis.instruments.tones import RATE, Sound, band, noise, room

Times = NDArray[np.float64]


def pink(samples: int, rng: np.random.Generator) -> Sound:
    """Noise that falls by some 3 dB an octave."""
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 20))
    found = np.fft.irfft(spectrum, samples)
    return (found / found.std()).astype(np.float32)


def crowd(samples: int, rng: np.random.Generator) -> Sound:
    """People: a bed of noise in the range of voices that swells, and shouts that are nobody's pitch."""
    swell = np.interp(np.arange(samples), np.linspace(0, samples, 12), rng.uniform(0.4, 1.3, 12))
    found = band(pink(samples, rng), 250, 3500, 1) * swell
    for _ in range(int(rng.integers(6, 16))):
        start, length = int(rng.integers(samples)), int(rng.uniform(0.2, 0.7) * RATE)
        at = np.arange(length) / RATE
        glide = rng.uniform(250, 700) * 2 ** (rng.uniform(-0.5, 0.5) * at)
        shout = signal.sawtooth(2 * np.pi * np.cumsum(glide) / RATE) * np.hanning(length) * rng.uniform(0.3, 1)
        end = min(samples, start + length)
        found[start:end] += band(shout.astype(np.float32), 400, 3000, 1)[: end - start]
    return found.astype(np.float32)


def clapping(beats: Times, samples: int, rng: np.random.Generator) -> Sound:
    """An audience that claps along, each some 30 ms off, on two and four or on every beat, and late as a whole."""
    found = np.zeros(samples, dtype=np.float32)
    on = beats[1::2] if rng.random() < 0.6 else beats
    hand = band(noise(1500, rng), 800, 5000) * np.exp(-np.arange(1500) / 250).astype(np.float32)
    for beat in on:
        for _ in range(24):
            start = int((beat + rng.normal(0.015, 0.03)) * RATE)
            if 0 <= start < samples - len(hand):
                found[start : start + len(hand)] += hand * rng.uniform(0.2, 1)
    return found / max(1e-6, float(np.abs(found).std()))


def wow(sound: Sound, times: list[Times], rng: np.random.Generator) -> tuple[Sound, list[Times]]:
    """A tape that runs up to 0.4 % too fast and too slow; the truth moves with it."""
    samples = sound.shape[1]
    at = np.arange(samples) / RATE
    speed = (
        1
        + 0.004 * np.sin(2 * np.pi * rng.uniform(0.4, 0.9) * at + rng.uniform(0, 6))
        + 0.0006 * np.sin(2 * np.pi * 6.3 * at)
    )
    position = np.cumsum(speed) / RATE
    bent = np.stack([np.interp(position, at, side) for side in sound]).astype(np.float32)
    return bent, [np.interp(moments, position, at) for moments in times]


def live(sound: Sound, beats: Times, downbeats: Times, rng: np.random.Generator) -> tuple[Sound, Times, Times]:
    """One or two of: a large hall, a crowd, clapping along, worn tape, hum and hiss; 8 to 18 dB below the music."""
    samples = sound.shape[1]
    chosen = rng.choice(["hall", "crowd", "clapping", "tape", "hiss"], size=2, replace=False)
    if "tape" in chosen:
        sound, (beats, downbeats) = wow(sound, [beats, downbeats], rng)
        sound = np.stack([band(side, 60, 9000, 1) for side in sound])
    if "hall" in chosen:
        sound = room(sound, float(rng.uniform(2.0, 3.5)), float(rng.uniform(0.5, 0.9)), rng, 4000)
    loud = float(sound.std())
    for name in ("crowd", "clapping", "hiss"):
        if name not in chosen:
            continue
        below = 10 ** (-rng.uniform(8, 18) / 20) * loud
        for side in sound:
            if name == "crowd":
                side += below * crowd(samples, rng)
            elif name == "clapping":
                side += 0.7 * below * clapping(beats, samples, rng)
            else:
                hum = np.sin(2 * np.pi * 50 * np.arange(samples) / RATE) + 0.4 * np.sin(
                    2 * np.pi * 150 * np.arange(samples) / RATE
                )
                side += (0.5 * below * (noise(samples, rng) + hum)).astype(np.float32)
    return sound, beats, downbeats


def faded(sound: Sound, rng: np.random.Generator) -> Sound:
    """Fades in, out, or both, over 4 to 10 seconds."""
    samples = sound.shape[1]
    gain = np.ones(samples, dtype=np.float32)
    which = rng.choice(["in", "out", "both"])
    if which != "out":
        length = int(rng.uniform(4, 8) * RATE)
        gain[:length] *= np.linspace(0, 1, length, dtype=np.float32) ** 2
    if which != "in":
        length = int(rng.uniform(6, 10) * RATE)
        gain[-length:] *= np.linspace(1, 0, length, dtype=np.float32) ** 2
    return sound * gain


def mastered(sound: Sound, rng: np.random.Generator) -> Sound:
    """At a peak between -6 and -0.2 dBFS, two times in five pressed against a limiter first."""
    peak = float(np.abs(sound).max()) or 1.0
    sound = sound / peak
    if rng.random() < 0.4:
        sound = np.tanh(sound * rng.uniform(2, 5))
        sound /= float(np.abs(sound).max())
    return (sound * 10 ** (-rng.uniform(0.2, 6) / 20)).astype(np.float32)
