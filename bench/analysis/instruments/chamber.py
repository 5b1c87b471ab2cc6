"""Keys and a chamber: a piano of stiff strings, an electric piano by frequency modulation, an organ, strings with vibrato,
a flute; brushes and hand drums where there are drums."""

from __future__ import annotations

import numpy as np

from bench.analysis.compose import Score
from bench.analysis.instruments.drums import beaten
from bench.analysis.instruments.tones import RATE, Sound, Voice, envelope, hertz, lay, level, noise, room, spread, wave


def piano(cents: float, rng: np.random.Generator) -> Voice:
    """Inharmonic partials, two strings a note slightly apart, each partial with a decay of its own, and the hammer's knock."""

    def play(pitch: int, held: int, strength: float) -> Sound:
        frequency = hertz(pitch, cents)
        length = held + int(0.18 * RATE)
        at = np.arange(length, dtype=np.float32) / RATE
        stiffness = 0.00012 * 2 ** ((pitch - 49) / 12)
        sound = np.zeros(length, dtype=np.float32)
        for number in range(1, max(3, min(16, int(9000 / frequency))) + 1):
            partial = number * frequency * np.sqrt(1 + stiffness * number**2)
            if partial > 16_000:
                break
            loud = abs(np.sin(np.pi * number / 7.3)) / number ** (1.5 - 0.6 * strength)
            half = 2.4 * 2 ** (-(pitch - 45) / 16) / (1 + 0.16 * number)
            beat = 1 + 0.25 * np.cos(2 * np.pi * 0.6 * number * at + rng.uniform(0, 6))
            sound += (loud * np.exp(-at / half) * beat * np.sin(2 * np.pi * np.float32(partial) * at)).astype(
                np.float32
            )
        knock = min(length, 900)
        sound[:knock] += 0.08 * strength * noise(knock, rng) * np.linspace(1, 0, knock, dtype=np.float32)
        return sound * envelope(length, 0.002, 20, 1.0, held, 0.18) * strength

    return play


def electric_piano(cents: float) -> Voice:
    """Two operators at 1:1 and 1:14, the index falling (after Chowning 1973)."""

    def play(pitch: int, held: int, strength: float) -> Sound:
        frequency = hertz(pitch, cents)
        length = held + int(0.15 * RATE)
        at = np.arange(length, dtype=np.float32) / RATE
        turn = 2 * np.pi * frequency * at.astype(np.float64)
        body = np.sin(turn + 1.1 * strength * np.exp(-at / 0.6) * np.sin(turn))
        bell = 0.25 * strength * np.exp(-at / 0.12) * np.sin(14 * turn) if 14 * frequency < 18_000 else 0.0
        return (
            ((body + bell) * np.exp(-at / 1.6)).astype(np.float32)
            * envelope(length, 0.002, 20, 1.0, held, 0.15)
            * strength
        )

    return play


def bowed(cents: float, shape: str, attack: float, players: int) -> Voice:
    """Some players in unison, each a little apart, with vibrato that sets in."""

    def play(pitch: int, held: int, strength: float) -> Sound:
        length = held + int(0.25 * RATE)
        at = np.arange(length, dtype=np.float32) / RATE
        sound = np.zeros(length, dtype=np.float32)
        for number in range(players):
            rate, depth = 5.1 + 0.4 * number, 0.0035
            bend = (1 + depth * np.sin(2 * np.pi * rate * at + 2 * number) * np.minimum(at / 0.4, 1)).astype(np.float32)
            apart = 5.0 * (number - (players - 1) / 2)
            sound += wave(shape, hertz(pitch, cents + apart), length, 9000, 0.31 * number, bend)
        return sound / players * envelope(length, attack, 2, 0.85, held, 0.25) * strength

    return play


def play(score: Score, samples: int, rng: np.random.Generator) -> Sound:
    """The whole clip in stereo."""
    cents = score.clip.detune_cents
    keys: dict[str, Voice] = {
        "piano": piano(cents, rng),
        "electric": electric_piano(cents),
        "organ": bowed(cents, "organ", 0.015, 1),
        "strings": bowed(cents, "strings", 0.05, 3),
    }
    at_ease = score.clip.style in ("ragtime", "romance", "oom_pah")
    chords = "piano" if at_ease else str(rng.choice(["piano", "piano", "electric", "organ", "strings"]))
    bass = "piano" if at_ease else str(rng.choice([chords, "piano", "strings"]))
    lead = "piano" if at_ease else str(rng.choice(["piano", "electric", "flute", "strings"]))
    if score.clip.style == "chorale":
        chords = bass = lead = str(rng.choice(["organ", "strings", "piano"]))
    mix = np.zeros((2, samples), dtype=np.float32)
    for role, notes in score.parts.items():
        name = {"bass": bass, "chords": chords, "lead": lead, "pad": "strings"}[role]
        voice = bowed(cents, "flute", 0.04, 1) if name == "flute" else keys[name]
        pan = {"bass": -0.2, "chords": 0.1, "lead": 0.2, "pad": -0.1}[role]
        loud = {"bass": -20.0, "chords": -21.0, "lead": -19.0, "pad": -26.0}[role]
        mix += level(spread(lay(notes, voice, samples), pan, 0.008), loud + float(rng.uniform(-2, 2)))
    if score.hits:
        mix += level(beaten(score.hits, samples, "kit", rng), -22 + float(rng.uniform(-3, 3)))
    return room(mix, float(rng.uniform(0.9, 2.6)), float(rng.uniform(0.15, 0.5)), rng, 4500)
