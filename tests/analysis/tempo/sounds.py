"""Sounds whose beats are known: clicks, drums, noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from segue.analysis.frames import Frames
from segue.analysis.parts import MONO_RATE, Block
from segue.analysis.tempo import Pulse
from segue.analysis.tempo.part import TempoPart

Sound = NDArray[np.float32]


def heard(sound: Sound, cut: int = 220_500) -> Pulse:
    """What the part says of a sound that comes in blocks of `cut` samples."""
    part, frames = TempoPart(), Frames()
    for start in range(0, max(1, len(sound)), cut):
        some = sound[start : start + cut]
        block = Block(some[None, :], MONO_RATE, some)
        part.hear(block)
        part.hear_frames(frames.of(block))
    part.hear_frames(frames.last())
    return part.found()


def burst(length: int, fade: float, tone: float | None, seed: int = 1) -> Sound:
    """A struck sound: noise, or a tone of so many hertz."""
    steps = np.arange(length)
    body = np.random.default_rng(seed).standard_normal(length) if tone is None else np.sin(steps * tone / 3509.3)
    return (body * np.exp(-steps / fade)).astype(np.float32)


KICK, SNARE, HAT, CLICK = burst(3000, 900, 60), burst(3000, 500, None), burst(600, 90, None, 3), burst(600, 100, None)


def at(times: NDArray[np.float64] | list[float], what: Sound, seconds: float, level: float = 0.5) -> Sound:
    """That sound at each of those seconds."""
    made = np.zeros(int(seconds * MONO_RATE) + len(what), np.float32)
    for time in times:
        start = int(time * MONO_RATE)
        if 0 <= start < int(seconds * MONO_RATE):
            made[start : start + len(what)] += what * level
    return made[: int(seconds * MONO_RATE)]


def clicks(bpm: float, seconds: float = 20.0, first: float = 0.3) -> tuple[Sound, NDArray[np.float64]]:
    times = np.arange(first, seconds - 0.1, 60 / bpm)
    return at(times, CLICK, seconds), times


def rock(bpm: float, seconds: float = 20.0) -> tuple[Sound, NDArray[np.float64]]:
    """Kick on one and three, snare on two and four, hats on every eighth."""
    beat = 60 / bpm
    beats = np.arange(0.2, seconds - 0.2, beat)
    eighths = np.arange(0.2, seconds - 0.2, beat / 2)
    drums = at(beats[0::2], KICK, seconds, 0.8) + at(beats[1::2], SNARE, seconds, 0.5) + at(eighths, HAT, seconds, 0.15)
    return drums, beats
