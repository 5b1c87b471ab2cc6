"""Writes the music of a clip: sections, harmony, bass, chords, melody, drums and their truth.

Everything is in beats until the clock says when a beat is; swing and the players' unevenness are added there.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bench.analysis import harmony
from bench.analysis.accompaniment import bass_line, chord_part
from bench.analysis.harmony import Chord
from bench.analysis.plan import Clip
from bench.analysis.styles import STYLES, Pattern, Style
from bench.analysis.timing import Clock, clock

LOUDNESS = {"X": 1.0, "x": 0.8, "o": 0.35}
CELLS: dict[float, tuple[tuple[float, ...], ...]] = {
    0.25: ((4,), (4,), (2, 2), (3, 1)),
    0.5: ((2, 2), (4,), (3, 1), (1, 1, 2)),
    1.0: ((1, 1, 1, 1), (1.5, 0.5, 1, 1), (2, 1, 1), (1, 0.5, 0.5, 2), (0.5, 0.5, 1, 2), (1.5, 1.5, 1)),
    1.6: ((0.5, 0.5, 1, 0.5, 0.5, 1), (0.75, 0.75, 0.5, 1, 1), (0.5,) * 6 + (1,), (1, 0.5, 0.5, 1.5, 0.5), (0.5, 1, 0.5, 1, 1)),
    2.4: ((0.25, 0.5, 0.25, 0.5, 0.5) * 2, (0.5,) * 8, (0.25, 0.25, 0.5, 0.5, 0.5, 0.25, 0.5, 0.25, 1), (0.75, 0.75, 0.5) * 2),
}  # fmt: skip


@dataclass(frozen=True)
class Note:
    """Seconds, seconds, MIDI number, 0 to 1."""

    start: float
    length: float
    pitch: int
    strength: float


@dataclass(frozen=True)
class Hit:
    start: float
    voice: str
    strength: float


@dataclass
class Score:
    """What is played, by role, and what is true of it."""

    clip: Clip
    parts: dict[str, list[Note]] = field(default_factory=dict)
    hits: list[Hit] = field(default_factory=list)
    beats: list[float] = field(default_factory=list)
    downbeats: list[float] = field(default_factory=list)
    segments: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Span:
    """A chord over so many beats, in a key."""

    start: float
    length: float
    chord: Chord
    tonic: int
    mode: str


def keys_of(clip: Clip, bars: int, rng: random.Random) -> list[tuple[int, int, str]]:
    """(from bar, tonic, mode): one, or for a modulating clip two or three."""
    if clip.kind != "modulating":
        return [(0, clip.tonic, clip.mode)]
    away = rng.choice(["up1", "up2", "relative", "fifth", "fourth", "parallel"])
    other = {
        "up1": ((clip.tonic + 1) % 12, clip.mode),
        "up2": ((clip.tonic + 2) % 12, clip.mode),
        "fifth": ((clip.tonic + 7) % 12, clip.mode),
        "fourth": ((clip.tonic + 5) % 12, clip.mode),
        "relative": (
            (clip.tonic + (9 if clip.mode == "major" else 3)) % 12,
            "minor" if clip.mode == "major" else "major",
        ),
        "parallel": (clip.tonic, "minor" if clip.mode == "major" else "major"),
    }[away]
    turn = max(4, 4 * round(bars * rng.uniform(0.6, 0.72) / 4))
    if turn >= bars - 2:
        turn = max(2, round(bars * 0.66))
    return [(0, clip.tonic, clip.mode), (turn, *other)]


def spans(style: Style, keys: list[tuple[int, int, str]], bars: int, rng: random.Random) -> list[Span]:
    """The chords, bar after bar; verse and chorus have progressions of their own in the same key."""
    book = rng.choice(style.book)
    length = float(rng.choice(style.chord_beats))
    found: list[Span] = []
    ends = [start for start, _, _ in keys[1:]] + [bars]
    for (first, tonic, mode), last in zip(keys, ends, strict=True):
        verse = harmony.progression(book, tonic, mode, rng)
        chorus = harmony.progression(book, tonic, mode, rng) if rng.random() < 0.5 else verse
        at, stop, turn = first * style.bar, last * style.bar, 0
        chords = verse
        while at < stop - 1e-6:
            if turn == len(chords):
                chords, turn = (chorus if chords is verse else verse), 0
            held = min(length, stop - at)
            found.append(Span(at, held, chords[turn], tonic, mode))
            at, turn = at + held, turn + 1
    return found


def melody(style: Style, harmonies: list[Span], bars: int, rng: random.Random) -> list[tuple[float, float, int, float]]:
    """(beat, beats, pitch, strength): a motif and its answers, on tones of the chord where the beat is strong."""
    wanted = rng.choice(style.melody)
    if wanted <= 0:
        return []
    density = min(CELLS, key=lambda known: abs(known - wanted))
    motifs = [rng.choice(CELLS[density]) for _ in range(3)]
    centre, pitch = rng.randint(68, 76), 0
    pitch = centre
    found = []
    for bar in range(bars):
        if rng.random() < 0.12:
            continue
        cell = motifs[(0, 1, 0, 2)[bar % 4]] if rng.random() < 0.75 else rng.choice(CELLS[density])
        at = 0.0
        for length in cell:
            held = min(length, style.bar - at)
            if held <= 0:
                break
            beat = bar * style.bar + at
            span = next(
                (known for known in harmonies if known.start <= beat < known.start + known.length), harmonies[-1]
            )
            pitch += rng.choice((-4, -3, -2, -2, -1, 1, 2, 2, 3, 4)) - round((pitch - centre) / 6)
            strong = abs(beat - round(beat)) < 1e-6 or held >= 1
            allowed = set(span.chord.tones if strong and rng.random() < 0.85 else span.chord.scale)
            if bar % 4 == 3 and at + held >= style.bar - 1e-6 and span.tonic in span.chord.tones:
                allowed = {span.tonic}
            pitch = min((p for p in range(pitch - 7, pitch + 8) if p % 12 in allowed), key=lambda p: abs(p - pitch))
            if rng.random() > 0.06:
                found.append((beat, held * rng.uniform(0.7, 0.98), pitch, rng.uniform(0.6, 0.95)))
            at += length
    return found


def drum_part(
    style: Style, pattern: Pattern, fill: bool, quiet: bool, rng: random.Random
) -> list[tuple[float, str, float]]:
    """(beat within the bar, voice, strength) of one bar."""
    found = []
    for voice, steps in pattern.items():
        if quiet and voice in ("kick", "snare", "clap"):
            continue
        for at, letter in enumerate(steps):
            beat = at / style.div
            if letter == "." or beat >= style.bar:
                continue
            if fill and beat >= style.bar - 1 and voice not in ("kick", "crash"):
                continue
            found.append((beat, voice, LOUDNESS[letter]))
    if fill:
        voices = ["snare", "snare", "tom_hi", "tom_lo"] if "snare" in pattern else [next(iter(pattern))] * 4
        steps = rng.choice([(0, 1, 2, 3), (0, 2, 3), (0, 0.5, 1, 2, 3)]) if style.div == 4 else (0, 1, 2)
        found += [(style.bar - 1 + step / style.div, voices[min(int(step), 3)], 0.6 + 0.1 * step) for step in steps]
    return found


def swung(beat: float, style: Style, share: float) -> float:
    """Where a beat's position falls when the first of each pair takes `share` of it."""
    unit = 0.5 if style.swing_16 else 1.0
    whole = math.floor(beat / unit + 1e-9)
    inside = beat / unit - whole
    bent = inside / 0.5 * share if inside < 0.5 else share + (inside - 0.5) / 0.5 * (1 - share)
    return (whole + bent) * unit


MANNERS = {"drifting": ("drift", "drift", "ramp"), "rubato": ("rubato",), "live_noise": ("drift", "steady")}


def compose(clip: Clip) -> Score:
    """The whole score of a clip."""
    rng, noise = random.Random(clip.seed), np.random.default_rng(clip.seed)
    style = STYLES[clip.style]
    machine = clip.set == "electronic"
    lead = rng.uniform(1.5, 3.5) if clip.kind == "fading" else rng.uniform(0.05, 0.6)
    bars = math.ceil((clip.seconds - lead) / (60 / clip.bpm * style.bar)) + 1
    manner = rng.choice(MANNERS.get(clip.kind, ("steady",)))
    ticks = clock(clip.bpm, bars * style.bar, manner, lead, noise)
    share = rng.uniform(*style.swing)
    sloppy = 0.0 if machine else rng.uniform(0.004, 0.011)
    keys = keys_of(clip, bars, rng)
    harmonies = spans(style, keys, bars, rng)
    score = Score(clip)

    def when(beat: float, loose: float = 1.0) -> float:
        return float(ticks.at(swung(beat, style, share))) + float(np.clip(noise.normal(0, sloppy * loose), -0.03, 0.03))

    intro = rng.choice([0, 0, 0, 1, 2]) if bars > 10 else 0
    breaks = set(range(8, 12)) if bars > 16 and rng.random() < 0.3 else set()
    if clip.kind != "percussion_only":
        part_of = {
            "bass": bass_line(rng.choice(style.bass), style, harmonies, rng),
            "chords": chord_part(rng.choice(style.comp), style, harmonies, rng),
            "lead": melody(style, harmonies, bars, rng),
        }
        if rng.random() < 0.3 and style.comp[0] != "chorale":
            part_of["pad"] = chord_part("pad", style, harmonies, rng)
        for role, played in part_of.items():
            if role == "lead" and rng.random() < 0.3:
                played = [one for one in played if int(one[0] / style.bar / 4) % 2]
            score.parts[role] = [
                Note(max(0.0, when(beat)), max(0.05, float(ticks.at(beat + length) - ticks.at(beat))), pitch, strength)
                for beat, length, pitch, strength in played
            ]
    score.hits = drums(clip, style, bars, set(range(intro)), breaks, rng, when)
    score.beats = [float(ticks.at(bar * style.bar + tap)) for bar in range(bars) for tap in style.taps]
    score.downbeats = [float(ticks.at(bar * style.bar)) for bar in range(bars)]
    score.segments = segments(keys, style, ticks, clip.seconds)
    return score


def drums(
    clip: Clip, style: Style, bars: int, intro: set[int], breaks: set[int], rng: random.Random, when: Any
) -> list[Hit]:
    """The drums of all bars, with a fill every few, an intro without kick and snare, a break without any."""
    found = []
    pattern = rng.choice(style.drums)
    if clip.kind == "percussion_only" and rng.random() < 0.5:
        pattern = {**pattern, "conga_hi": "..x..x.x..x..x..", "shaker": "x.o.x.o.x.o.x.o."}
    if not pattern:
        return []
    fills = rng.choice([4, 8, 8, 1000])
    for bar in range(bars):
        if bar in breaks:
            continue
        for beat, voice, strength in drum_part(style, pattern, bar % fills == fills - 1, bar in intro, rng):
            loud = min(1.0, strength * rng.uniform(0.88, 1.06))
            found.append(Hit(max(0.0, when(bar * style.bar + beat, 0.8)), voice, loud))
        if bar % 8 == 0 and bar and rng.random() < 0.7 and "crash" not in pattern:
            found.append(Hit(max(0.0, when(bar * style.bar, 0.8)), "crash", 0.8))
    return found


def segments(keys: list[tuple[int, int, str]], style: Style, ticks: Clock, seconds: float) -> list[dict[str, Any]]:
    """The stretches of each key, in milliseconds."""
    starts = [0.0] + [float(ticks.at(bar * style.bar)) for bar, _, _ in keys[1:]]
    ends = [*starts[1:], seconds]
    return [
        {"start_ms": round(1000 * start), "end_ms": round(1000 * end), "tonic": tonic, "mode": mode}
        for start, end, (_, tonic, mode) in zip(starts, ends, keys, strict=True)
        if end > start
    ]
