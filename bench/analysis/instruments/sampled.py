"""The same scores on recorded instruments: written as a MIDI file and played by FluidSynth with a General MIDI soundfont.

Optional: where FluidSynth or a soundfont is not installed (Debian: fluidsynth, fluid-soundfont-gm, timgm6mb-soundfont) these
clips are left out, and the reason is said.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
import tempfile
import wave
from pathlib import Path

import numpy as np

from bench.analysis.compose import Score
from bench.analysis.instruments.tones import RATE, Sound, level, room

FONTS = {
    "sampled_large": Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"),
    "sampled_small": Path("/usr/share/sounds/sf2/TimGM6mb.sf2"),
}
DRUMS = {
    "kick": 36, "snare": 38, "clap": 39, "rim": 37, "hat": 42, "open": 46, "ride": 51, "crash": 49, "tom_hi": 50, "tom_lo": 45,
    "shaker": 70, "tamb": 54, "conga_hi": 63, "conga_lo": 64, "cowbell": 56, "clave": 75, "brush": 40,
}  # fmt: skip
PROGRAMS: dict[str, dict[str, tuple[int, ...]]] = {
    "machine": {"bass": (38, 39, 87), "chords": (81, 80, 50, 90, 62), "lead": (80, 81, 82, 87), "pad": (89, 90, 94)},
    "loud": {"bass": (33, 34), "chords": (29, 30), "lead": (29, 30, 27, 65), "pad": (18, 48)},
    "band": {
        "bass": (33, 32, 34),
        "chords": (25, 27, 26, 4, 0, 16),
        "lead": (73, 65, 56, 26, 11, 22, 53),
        "pad": (48, 16, 89),
    },
    "parlour": {"bass": (0, 32, 42), "chords": (0, 24, 46, 48, 6), "lead": (0, 40, 73, 71, 68), "pad": (48, 49, 52)},
    "piano": {"bass": (0, 1, 3), "chords": (0, 1, 3), "lead": (0, 1, 3), "pad": (48,)},
}
STYLES = {
    "house": "machine", "techno": "machine", "trance": "machine", "drum_and_bass": "machine", "trap": "machine",
    "half_time_synth": "machine", "fast_synth": "machine", "metal": "loud", "punk": "loud", "rock": "loud",
    "half_time_rock": "loud", "waltz": "parlour", "chorale": "parlour", "arpeggio": "parlour", "string_ostinato": "parlour",
    "romance": "piano", "ragtime": "piano", "oom_pah": "parlour", "folk": "parlour",
}  # fmt: skip
TICKS = 10_000


def missing(name: str) -> str | None:
    """Why a set cannot be played here; None where it can."""
    if shutil.which("fluidsynth") is None:
        return "fluidsynth is not installed"
    return None if FONTS[name].exists() else f"{FONTS[name].name} is not installed"


def _delta(number: int) -> bytes:
    found = [number & 127]
    while number := number >> 7:
        found.append(number & 127 | 128)
    return bytes(reversed(found))


def midi(score: Score, rng: np.random.Generator) -> bytes:
    """A standard MIDI file whose ticks are tenths of a millisecond."""
    family = PROGRAMS[STYLES.get(score.clip.style, "band")]
    events: list[tuple[float, int, bytes]] = []
    bend = round(8192 + score.clip.detune_cents / 200 * 8192)
    same = int(rng.integers(8))
    for channel, (role, notes) in enumerate(score.parts.items()):
        programs = family[role]
        program = programs[same % len(programs)] if family is PROGRAMS["piano"] else int(rng.choice(programs))
        loud = {"bass": 100, "chords": 78, "lead": 96, "pad": 58}[role] + int(rng.integers(-10, 11))
        events.append((0.0, 0, bytes([0xC0 | channel, program])))
        events.append((0.0, 0, bytes([0xB0 | channel, 7, loud])))
        events.append((0.0, 0, bytes([0xE0 | channel, bend & 127, bend >> 7])))
        for note in notes:
            strength = max(1, min(127, round(note.strength * 118)))
            events.append((note.start, 2, bytes([0x90 | channel, note.pitch, strength])))
            events.append((note.start + note.length, 1, bytes([0x80 | channel, note.pitch, 0])))
    for hit in score.hits:
        events.append((hit.start, 2, bytes([0x99, DRUMS[hit.voice], max(1, min(127, round(hit.strength * 112)))])))
        events.append((hit.start + 0.1, 1, bytes([0x89, DRUMS[hit.voice], 0])))
    track, before = b"\x00\xff\x51\x03" + (1_000_000).to_bytes(3, "big"), 0
    for start, _, event in sorted(events):
        tick = round(start * TICKS)
        track += _delta(tick - before) + event
        before = tick
    track += b"\x00\xff\x2f\x00"
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, TICKS) + b"MTrk" + struct.pack(">I", len(track)) + track


def play(score: Score, samples: int, rng: np.random.Generator) -> Sound:
    """The whole clip in stereo."""
    with tempfile.TemporaryDirectory() as folder:
        written, heard = Path(folder, "clip.mid"), Path(folder, "clip.wav")
        written.write_bytes(midi(score, rng))
        quiet = [
            "fluidsynth",
            "-ni",
            "-q",
            "-g",
            "0.4",
            "-r",
            str(RATE),
            "-R",
            "0",
            "-C",
            "0",
            "-T",
            "wav",
            "-O",
            "s16",
        ]
        subprocess.run(
            [*quiet, "-F", str(heard), str(FONTS[score.clip.set]), str(written)], check=True, capture_output=True
        )
        with wave.open(str(heard)) as file:
            data = np.frombuffer(file.readframes(samples), dtype="<i2").reshape(-1, 2).T.astype(np.float32) / 32768
    sound = np.zeros((2, samples), dtype=np.float32)
    sound[:, : data.shape[1]] = data
    return room(level(sound, -18), float(rng.uniform(0.4, 2.0)), float(rng.uniform(0.05, 0.3)), rng)
