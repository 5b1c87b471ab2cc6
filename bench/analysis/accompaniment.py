"""Bass lines and chord figures by name: (beat, beats, pitch, strength) under the harmony of a clip."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from bench.analysis.harmony import Chord, voiced
from bench.analysis.styles import Style

if TYPE_CHECKING:
    from bench.analysis.compose import Span

Played = list[tuple[float, float, int, float]]

# (beat, beats, degree): r root, 5 fifth, 3 third, 8 the root an octave up; repeated every four beats (or each bar).
BASSES: dict[str, tuple[tuple[float, float, str], ...]] = {
    "root8": tuple((step / 2, 0.45, "r") for step in range(8)),
    "root4": tuple((float(step), 0.9, "r") for step in range(4)),
    "octave8": tuple((step / 2, 0.4, "r8"[step % 2]) for step in range(8)),
    "octave16": tuple((step / 4, 0.22, "rr88"[step % 4]) for step in range(16)),
    "sixteen": tuple((step / 4, 0.22, "r") for step in range(16)),
    "gallop": tuple((beat + off, 0.22, "r") for beat in range(4) for off in (0, 0.5, 0.75)),
    "offbeat": tuple((beat + 0.5, 0.4, "r") for beat in range(4)),
    "root_fifth": ((0, 1.8, "r"), (2, 1.8, "5")),
    "root_fifth2": ((0, 1.8, "r"), (2, 1.8, "5")),
    "stride": ((0, 0.45, "r"), (1, 0.45, "5"), (2, 0.45, "r"), (3, 0.45, "5")),
    "synco": ((0, 0.7, "r"), (0.75, 0.6, "r"), (1.5, 0.9, "5"), (2.5, 0.45, "r"), (3.0, 0.45, "8"), (3.5, 0.4, "5")),
    "funk": ((0, 0.4, "r"), (0.75, 0.2, "r"), (1.5, 0.2, "8"), (1.75, 0.3, "5"), (2.25, 0.2, "r"), (2.5, 0.4, "r"),
             (3.5, 0.3, "5")),
    "dub": ((0, 0.9, "r"), (1.5, 0.4, "r"), (2, 0.9, "5"), (3, 0.4, "3"), (3.5, 0.4, "r")),
    "tumbao": ((1.5, 1.3, "5"), (3, 0.9, "r")),
    "first": ((0, 0.9, "r"),),
    "first_fourth": ((0, 1.4, "r"), (1.5, 1.3, "5"), (3, 0.9, "r"), (4, 0.9, "5")),
    "seven": ((0, 0.9, "r"), (1, 0.9, "5"), (2, 0.9, "r"), (3, 0.4, "5")),
}  # fmt: skip

# (beat, beats, which): a all tones together, 1 the low half, 2 the upper half; a dot is a muted stroke.
FIGURES: dict[str, tuple[tuple[float, float, float], ...]] = {
    "stabs": ((0.5, 0.3, 1), (1.5, 0.3, 0.9), (2.25, 0.3, 0.8), (3.5, 0.3, 1)),
    "charleston": ((0, 0.6, 1), (1.5, 0.4, 0.9)),
    "blocks": ((0, 0.95, 1), (1, 0.95, 0.7), (2, 0.95, 0.85), (3, 0.95, 0.7)),
    "strum8": tuple((step / 2, 0.48, 1 if step % 2 == 0 else 0.7) for step in range(8)),
    "strum16": tuple((step / 4, 0.24, 1 if step % 4 == 0 else 0.65) for step in range(16)),
    "strum_pop": ((0, 0.9, 1), (1, 0.45, 0.8), (1.5, 0.45, 0.65), (2.5, 0.45, 0.8), (3, 0.45, 0.8), (3.5, 0.45, 0.65)),
    "strum_off": ((1, 0.6, 0.9), (3, 0.6, 0.9)),
    "skank": tuple((beat + 0.5, 0.2, 0.9) for beat in range(4)),
    "offbeat_chords": tuple((beat + 0.5, 0.35, 0.75) for beat in range(4)),
    "scratch": ((0.25, 0.1, 0.7), (0.5, 0.1, 0.9), (1.25, 0.1, 0.6), (1.75, 0.15, 0.9), (2.5, 0.1, 0.8), (2.75, 0.1, 0.6),
                (3.25, 0.2, 1)),
    "montuno": tuple((step / 2 + (0.25 if step % 3 == 1 else 0), 0.3, 0.8) for step in range(8)),
    "power8": tuple((step / 2, 0.46, 1 if step % 4 == 0 else 0.8) for step in range(8)),
    "power_long": ((0, 3.8, 1),),
    "repeat8": tuple((step / 2, 0.4, 1 if step % 2 == 0 else 0.75) for step in range(8)),
    "waltz_chords": ((1, 0.6, 0.75), (2, 0.6, 0.75)),
    "five_chords": ((0, 0.6, 1), (1.5, 0.6, 0.8), (3, 0.6, 0.9), (4, 0.6, 0.7)),
    "seven_chords": ((0, 0.5, 1), (1, 0.5, 0.8), (2, 0.5, 0.9), (3, 0.4, 0.7)),
}  # fmt: skip
ARPEGGIOS = {"arp4": 1.0, "arp8": 0.5, "arp16": 0.25, "arp_triplet": 1 / 3}


def degree(chord: Chord, name: str) -> int:
    """The pitch of a degree in the bass, between E1 and E3."""
    fifth = next((step for step in chord.intervals if 5 < step < 9), 7)
    third = chord.intervals[1]
    low = 28 + (chord.root - 28) % 12
    return {"r": low, "8": low + 12, "5": low + fifth if low + fifth < 45 else low + fifth - 12, "3": low + third}[name]


def _repeated(start: float, length: float, every: float, phase: float) -> list[float]:
    """Where the figure begins that covers a chord: multiples of `every` from the start of its bar."""
    first = start - ((start - phase) % every)
    return [first + at * every for at in range(int(length / every) + 2)]


def bass_line(name: str, style: Style, harmonies: list[Span], rng: random.Random) -> Played:
    """The bass under each chord."""
    found: Played = []
    every = 4.0 if style.bar in (2.0, 4.0) else style.bar
    for at, span in enumerate(harmonies):
        if name == "long":
            found.append((span.start, span.length * 0.96, degree(span.chord, "r"), 0.85))
        elif name == "chorale":
            found += _chorale_bass(span, harmonies[at + 1] if at + 1 < len(harmonies) else span, rng)
        elif name == "walk":
            found += _walking(span, harmonies[at + 1] if at + 1 < len(harmonies) else span, rng)
        else:
            for begin in _repeated(span.start, span.length, every, 0.0):
                for beat, length, which in BASSES[name]:
                    if beat < every and span.start - 1e-6 <= begin + beat < span.start + span.length - 1e-6:
                        found.append((begin + beat, length, degree(span.chord, which), rng.uniform(0.75, 0.95)))
    return found


def _chorale_bass(span: Span, after: Span, rng: random.Random) -> Played:
    pitch = degree(span.chord, rng.choice("rrrr3")) + 12
    goal = degree(after.chord, "r") + 12
    if abs(goal - pitch) in (3, 4) and rng.random() < 0.4 and span.length >= 1:
        between = [p for p in range(min(pitch, goal) + 1, max(pitch, goal)) if p % 12 in span.chord.scale]
        if between:
            return [(span.start, 0.48, pitch, 0.8), (span.start + 0.5, 0.48, rng.choice(between), 0.7)]
    return [(span.start, span.length * 0.97, pitch, 0.8)]


def _walking(span: Span, after: Span, rng: random.Random) -> Played:
    found: Played = []
    goal = degree(after.chord, "r")
    pitch = degree(span.chord, "r")
    for beat in range(round(span.length)):
        if beat == round(span.length) - 1 and beat:
            pitch = goal + rng.choice((-1, 1, 2, -2))
        elif beat:
            near = [
                p for p in range(pitch - 5, pitch + 6) if p != pitch and p % 12 in span.chord.tones and 28 <= p <= 50
            ]
            pitch = rng.choice(near or [degree(span.chord, "5")])
        found.append((span.start + beat, 0.92, pitch, rng.uniform(0.75, 0.95)))
    return found


def chord_part(name: str, style: Style, harmonies: list[Span], rng: random.Random) -> Played:
    """The chords as one figure plays them."""
    found: Played = []
    before: tuple[int, ...] | None = None
    every = 4.0 if style.bar in (2.0, 4.0) else style.bar
    for span in harmonies:
        if name == "none":
            continue
        pitches = before = voiced(span.chord, before)
        if name.startswith("power"):
            root = 40 + (span.chord.root - 40) % 12
            pitches = (root, root + 7, root + 12)
        if name == "pad":
            found += [(span.start, span.length * 0.98, pitch, 0.55) for pitch in pitches]
        elif name == "chorale":
            found += [(span.start, span.length * 0.97, pitch, 0.7) for pitch in pitches[-3:]]
        elif name in ARPEGGIOS or name == "travis":
            found += _broken(name, span, pitches, rng)
        else:
            for begin in _repeated(span.start, span.length, every, 0.0):
                for beat, length, strength in FIGURES[name]:
                    if beat < every and span.start - 1e-6 <= begin + beat < span.start + span.length - 1e-6:
                        rolled = 0.012 if name.startswith("strum") else 0.0
                        found += [
                            (begin + beat + rolled * number, length, pitch, strength * rng.uniform(0.6, 0.75))
                            for number, pitch in enumerate(pitches)
                        ]
    return found


def _broken(name: str, span: Span, pitches: tuple[int, ...], rng: random.Random) -> Played:
    if name == "travis":
        low = degree(span.chord, "r") + 12
        order, step = (low, pitches[-1], pitches[0], pitches[-1], low + 7, pitches[-1], pitches[0], pitches[-2]), 0.5
    else:
        step = ARPEGGIOS[name]
        up = (*pitches, pitches[0] + 12)
        order = rng.choice(((*up, *up[-2:0:-1]), up, (up[0], up[2], up[1], up[2])))  # type: ignore[assignment]
    count = max(1, round(span.length / step))
    return [
        (span.start + at * step, step * 1.4, order[at % len(order)], 0.75 if at % max(1, round(1 / step)) == 0 else 0.6)
        for at in range(count)
    ]
