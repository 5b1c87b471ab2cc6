"""A machine's room: saws and squares whose brightness falls like a filter's, sub basses, a drum machine, pumping pads."""

from __future__ import annotations

import numpy as np

from bench.analysis.compose import Score
from bench.analysis.instruments.drums import beaten
from bench.analysis.instruments.tones import RATE, Sound, Voice, envelope, hertz, lay, level, room, spread, wave


def plucked(shape: str, cents: float, bright: float, fall: float, sustain: float, release: float, voices: int) -> Voice:
    """A subtractive voice: a bright tone that turns into a dark one, several of them slightly apart in pitch."""

    def play(pitch: int, held: int, strength: float) -> Sound:
        length = held + int(release * RATE)
        at = np.arange(length, dtype=np.float32) / RATE
        open_ = np.exp(-at / fall) * strength
        sound = np.zeros(length, dtype=np.float32)
        for number in range(voices):
            apart = 0.0 if voices == 1 else 14 * (number / (voices - 1) - 0.5) * 2
            frequency = hertz(pitch, cents + apart)
            phase = (number * 0.37 + pitch * 0.11) % 1
            top = min(16_000.0, frequency * bright)
            sound += open_ * wave(shape, frequency, length, top, phase) + (1 - open_) * wave(
                shape, frequency, length, frequency * 4, phase
            )
        return sound / voices * envelope(length, 0.004, 0.4, sustain, held, release) * strength

    return play


def pad(shape: str, cents: float, top: float) -> Voice:
    """Five voices apart, slow to come and to go."""

    def play(pitch: int, held: int, strength: float) -> Sound:
        length = held + int(0.5 * RATE)
        sound = np.zeros(length, dtype=np.float32)
        for number, apart in enumerate((-11, -5, 0, 6, 12)):
            sound += wave(shape, hertz(pitch, cents + apart), length, top, (number * 0.23 + pitch * 0.07) % 1)
        return sound / 5 * envelope(length, 0.09, 1.5, 0.8, held, 0.5) * strength

    return play


def pump(sound: Sound, kicks: list[float], depth: float) -> Sound:
    """Ducks under every kick, as compressors fed by it do."""
    gain = np.ones(sound.shape[1], dtype=np.float32)
    shape = 1 - depth * np.exp(-np.arange(int(0.35 * RATE), dtype=np.float32) / (0.12 * RATE))
    for kick in kicks:
        start = int(kick * RATE)
        end = min(len(gain), start + len(shape))
        if end > start:
            gain[start:end] = np.minimum(gain[start:end], shape[: end - start])
    return sound * gain


def play(score: Score, samples: int, rng: np.random.Generator) -> Sound:
    """The whole clip in stereo."""
    cents = score.clip.detune_cents
    shape = str(rng.choice(["saw", "square", "saw"]))
    fall, bright = float(rng.uniform(0.06, 0.3)), float(rng.uniform(10, 40))
    voices: dict[str, tuple[Voice, float, float]] = {
        "bass": (
            plucked(
                str(rng.choice(["saw", "square", "triangle"])), cents, float(rng.uniform(5, 14)), 0.12, 0.7, 0.05, 1
            ),
            0.0,
            -17,
        ),
        "chords": (plucked(shape, cents, bright, fall, float(rng.uniform(0.2, 0.8)), 0.15, 3), -0.2, -21),
        "lead": (plucked(str(rng.choice(["square", "saw", "triangle"])), cents, 18, 0.25, 0.6, 0.12, 2), 0.2, -21),
        "pad": (pad("saw", cents, float(rng.uniform(1500, 5000))), 0.0, -24),
    }
    if rng.random() < 0.4:
        voices["chords"] = (pad(shape, cents, float(rng.uniform(1500, 6000))), -0.1, -22)
    mix = np.zeros((2, samples), dtype=np.float32)
    for role, notes in score.parts.items():
        voice, pan, loud = voices[role]
        mix += level(
            spread(lay(notes, voice, samples), pan, 0.0 if role == "bass" else 0.009), loud + float(rng.uniform(-2, 2))
        )
    kicks = [hit.start for hit in score.hits if hit.voice == "kick"]
    if kicks and rng.random() < 0.6:
        mix = pump(mix, kicks, float(rng.uniform(0.3, 0.8)))
    if score.hits:
        mix += level(beaten(score.hits, samples, "machine", rng), -16 + float(rng.uniform(-3, 2)))
    return room(mix, float(rng.uniform(0.4, 1.4)), float(rng.uniform(0.05, 0.2)), rng)
