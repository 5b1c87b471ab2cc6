"""Drums: machines (sine sweeps and noise) and kits (modes of membranes and metal, wires, no two strokes alike)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from bench.analysis.compose import Hit
from bench.analysis.instruments.tones import RATE, Sound, band, noise

LEVELS = {
    "kick": 1.0, "snare": 0.8, "clap": 0.7, "rim": 0.5, "hat": 0.28, "open": 0.32, "ride": 0.3, "crash": 0.4, "tom_hi": 0.6,
    "tom_lo": 0.65, "shaker": 0.22, "tamb": 0.3, "conga_hi": 0.5, "conga_lo": 0.55, "cowbell": 0.35, "clave": 0.4, "brush": 0.35,
}  # fmt: skip
PANS = {"hat": 0.3, "open": 0.3, "ride": -0.35, "crash": -0.3, "tom_hi": 0.25, "tom_lo": -0.25, "shaker": -0.5, "tamb": 0.5,
        "conga_hi": -0.4, "conga_lo": -0.3, "cowbell": 0.45, "clave": -0.2}  # fmt: skip


def _fall(seconds: float, half: float) -> tuple[Sound, Sound]:
    at = np.arange(int(seconds * RATE), dtype=np.float32) / RATE
    return at, np.exp(-at / half).astype(np.float32)


def _sweep(seconds: float, half: float, start: float, end: float, fall: float) -> Sound:
    at, level = _fall(seconds, half)
    frequency = end + (start - end) * np.exp(-at / fall)
    return (np.sin(2 * np.pi * np.cumsum(frequency) / RATE) * level).astype(np.float32)


def _metal(seconds: float, half: float, base: float, high: float, rng: np.random.Generator) -> Sound:
    at, level = _fall(seconds, half)
    sound = np.zeros_like(at)
    for ratio in (1.0, 1.342, 1.2312, 1.6532, 1.9523, 2.1523):
        sound += np.sign(np.sin(2 * np.pi * base * ratio * at + rng.uniform(0, 6)))
    return band(sound / 6 + 0.5 * noise(len(at), rng), high, None) * level


def _modes(
    seconds: float, base: float, ratios: tuple[float, ...], halves: tuple[float, ...], rng: np.random.Generator
) -> Sound:
    at = np.arange(int(seconds * RATE), dtype=np.float32) / RATE
    sound = np.zeros_like(at)
    for number, (ratio, half) in enumerate(zip(ratios, halves, strict=True)):
        frequency = base * ratio * rng.uniform(0.995, 1.005) * (1 + 0.04 * np.exp(-at / 0.02))
        sound += (
            np.sin(2 * np.pi * np.cumsum(frequency) / RATE).astype(np.float32) * np.exp(-at / half) / (1 + 0.6 * number)
        )
    return sound


def machine(voice: str, rng: np.random.Generator) -> Sound:
    """One stroke of a drum machine, near full scale."""
    if voice == "kick":
        hard = rng.random() < 0.5
        body = _sweep(0.5, 0.16 if hard else 0.24, 180 if hard else 110, rng.uniform(45, 56), 0.03)
        click = noise(200, rng) * np.linspace(0.4, 0, 200, dtype=np.float32)
        body[:200] += click if hard else 0.3 * click
        return np.tanh(1.6 * body).astype(np.float32)
    if voice == "snare":
        at, level = _fall(0.3, 0.07)
        return (0.5 * _sweep(0.3, 0.06, 260, 185, 0.02) + 0.6 * band(noise(len(at), rng), 1200, 9000) * level).astype(
            np.float32
        )
    if voice == "clap":
        at, level = _fall(0.35, 0.07)
        bursts = sum(np.where(at >= late, np.exp(-(at - late).clip(0) / 0.006), 0) for late in (0, 0.011, 0.023))
        return (band(noise(len(at), rng), 900, 4000) * (level * (at > 0.02) + 0.8 * bursts)).astype(np.float32)
    if voice in ("hat", "open", "ride", "crash", "shaker", "tamb", "brush"):
        long = {"hat": 0.03, "open": 0.16, "ride": 0.3, "crash": 0.7, "shaker": 0.03, "tamb": 0.09, "brush": 0.06}[
            voice
        ]
        return _metal(min(1.6, long * 5), long, rng.uniform(350, 560), 6500 if voice != "crash" else 4000, rng)
    if voice in ("tom_hi", "tom_lo", "conga_hi", "conga_lo"):
        base = {"tom_hi": 165, "tom_lo": 95, "conga_hi": 300, "conga_lo": 205}[voice]
        return _sweep(0.35, 0.1, base * 1.6, base, 0.03)
    base = {"cowbell": 545, "clave": 2500, "rim": 1700}[voice]
    at, level = _fall(0.2, 0.05 if voice == "cowbell" else 0.012)
    pair = np.sign(np.sin(2 * np.pi * base * at)) + np.sign(np.sin(2 * np.pi * base * 1.485 * at))
    return (band(pair.astype(np.float32), 500, 6000, 1) * level * 0.5).astype(np.float32)


def kit(voice: str, rng: np.random.Generator) -> Sound:
    """One stroke of an acoustic kit, near full scale."""
    if voice == "kick":
        sound = _modes(0.4, rng.uniform(52, 64), (1, 1.6, 2.3), (0.12, 0.06, 0.03), rng)
        sound[:400] += band(noise(400, rng), 1500, 5000) * np.linspace(0.5, 0, 400, dtype=np.float32)
        return sound
    if voice in ("snare", "brush", "clap"):
        at, level = _fall(0.35, 0.09 if voice != "brush" else 0.12)
        wires = band(noise(len(at), rng), 900, 10_000) * level
        head = _modes(0.35, 190, (1, 1.59, 2.14, 2.65), (0.07, 0.05, 0.04, 0.03), rng)
        return ((0.15 if voice == "brush" else 0.55) * head + (0.35 if voice == "brush" else 0.5) * wires).astype(
            np.float32
        )
    if voice in ("tom_hi", "tom_lo", "conga_hi", "conga_lo"):
        base = {"tom_hi": 170, "tom_lo": 92, "conga_hi": 310, "conga_lo": 215}[voice]
        return _modes(0.5, base, (1, 1.59, 2.14, 2.3), (0.16, 0.08, 0.05, 0.04), rng)
    if voice in ("hat", "open", "ride", "crash", "tamb", "shaker"):
        long = {"hat": 0.04, "open": 0.25, "ride": 0.5, "crash": 0.9, "tamb": 0.1, "shaker": 0.04}[voice]
        at, level = _fall(min(2.2, long * 4), long)
        ring = sum(
            np.sin(2 * np.pi * frequency * at + rng.uniform(0, 6)) for frequency in rng.uniform(2500, 11_000, 16)
        )
        body = 0.15 * ring + 0.6 * band(noise(len(at), rng), 5500 if voice != "crash" else 3000, None)
        if voice == "ride":
            body = 0.5 * body + 0.6 * np.sin(2 * np.pi * 5200 * at) * np.exp(-at / 0.02)
        if voice == "shaker":
            level = level * np.minimum(at / 0.012, 1)
        return (body * level).astype(np.float32)
    base = {"cowbell": 587, "clave": 2350, "rim": 1250}[voice]
    return _modes(0.25, base, (1, 1.51, 2.76), (0.06 if voice == "cowbell" else 0.015,) * 3, rng)


def beaten(hits: Iterable[Hit], samples: int, kind: str, rng: np.random.Generator) -> Sound:
    """All strokes in stereo; a kit has four takes of each voice, a machine one."""
    track = np.zeros((2, samples), dtype=np.float32)
    takes: dict[str, list[Sound]] = {}
    make, count = (machine, 1) if kind == "machine" else (kit, 4)
    for hit in hits:
        if hit.voice not in takes:
            takes[hit.voice] = [make(hit.voice, rng) for _ in range(count)]
            peak = max(float(np.abs(take).max()) for take in takes[hit.voice])
            takes[hit.voice] = [take / peak * LEVELS[hit.voice] for take in takes[hit.voice]]
        sound = takes[hit.voice][int(rng.integers(count))]
        start = int(hit.start * RATE)
        end = min(samples, start + len(sound))
        if end <= start:
            continue
        angle = (PANS.get(hit.voice, 0.0) + 1) * np.pi / 4
        piece = sound[: end - start] * hit.strength
        track[0, start:end] += piece * np.cos(angle)
        track[1, start:end] += piece * np.sin(angle)
    return track
