"""Compose a piece: chords, bass, a tune that comes back, drums; all from its key, its tempo and a seed.

Times are in beats until `Score.seconds`; every beat falls exactly on the grid, so that tempo and beats are known.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from segue.demo.plan import Piece, Style

TONICS = {
    "C": 0,
    "C♯": 1,
    "D♭": 1,
    "D": 2,
    "E♭": 3,
    "E": 4,
    "F": 5,
    "F♯": 6,
    "G": 7,
    "A♭": 8,
    "A": 9,
    "B♭": 10,
    "B": 11,
}
MODES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
LEAD_IN_S = 0.25
"""Silence before the first beat, in seconds."""
TAIL_S = 2.5


@dataclass(frozen=True, slots=True)
class Note:
    """`pitch` is a MIDI number; `beat` and `length` are in beats; `level` is 0 to 1."""

    instrument: str
    pitch: int
    beat: float
    length: float
    level: float


@dataclass(frozen=True, slots=True)
class Ways:
    """How a style plays: which instruments, which chords, how busy."""

    chords: str
    bass: str
    lead: str
    drums: str
    progressions: tuple[tuple[int, ...], ...]
    sevenths: bool = False
    comping: str = "held"
    tune_density: float = 0.6
    tune_octave: int = 5


WAYS: dict[Style, Ways] = {
    "nu_jazz": Ways("rhodes", "upright", "horn", "break", ((0, 3, 4, 0), (0, 5, 3, 4)), True, "stabs", 0.55),
    "trio": Ways("piano", "upright", "piano", "brushes", ((0, 5, 1, 4), (0, 3, 1, 4)), True, "held", 0.7),
    "chamber": Ways("strings", "cello", "flute", "none", ((0, 5, 3, 4), (0, 2, 3, 4)), False, "held", 0.55),
    "indie": Ways("guitar", "pick", "square", "rock", ((0, 4, 5, 3), (0, 3, 5, 4)), False, "eighths", 0.5),
    "north": Ways("pad", "synth_bass", "bell", "four", ((0, 5, 2, 6), (0, 3, 5, 4)), False, "arpeggio", 0.45, 6),
    "drift": Ways("pad", "sub", "bell", "none", ((0, 3, 0, 5), (0, 2, 5, 3)), True, "held", 0.25, 6),
    "dub": Ways("organ", "sub", "melodica", "one_drop", ((0, 0, 3, 0), (0, 6, 3, 0)), False, "offbeats", 0.35),
    "folk": Ways("guitar", "upright", "flute", "none", ((0, 3, 4, 0), (0, 5, 3, 4)), False, "arpeggio", 0.6),
    "partita": Ways("strings", "cello", "violin", "none", ((0, 3, 4, 0), (0, 5, 1, 4)), False, "held", 0.95),
    "house": Ways("pad", "synth_bass", "rhodes", "four", ((0, 5, 3, 6), (0, 3, 0, 6)), True, "stabs", 0.4),
}

DRUMS: dict[str, dict[str, tuple[float, ...]]] = {
    "none": {},
    "four": {"kick": (0, 1, 2, 3), "hat": (0.5, 1.5, 2.5, 3.5), "clap": (1, 3)},
    "rock": {"kick": (0, 2, 2.5), "snare": (1, 3), "hat": (0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5)},
    "break": {"kick": (0, 1.75, 2.5), "snare": (1, 3), "hat": (0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5), "ghost": (2.25,)},
    "brushes": {"brush": (0, 1, 2, 3), "hat": (1, 3)},
    "one_drop": {"kick": (2,), "snare": (2,), "hat": (0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5)},
}


@dataclass(slots=True)
class Score:
    """A composed piece and the truth about it: beats, downbeats and chords in seconds from the start of the file."""

    piece: Piece
    notes: list[Note] = field(default_factory=list)
    chords: list[tuple[float, str]] = field(default_factory=list)

    def seconds(self, beat: float) -> float:
        return LEAD_IN_S + beat * 60.0 / self.piece.bpm

    @property
    def beat_count(self) -> int:
        return self.piece.bars * self.piece.beats_a_bar

    @property
    def length_s(self) -> float:
        return self.seconds(self.beat_count) + TAIL_S

    @property
    def beats_s(self) -> list[float]:
        return [round(self.seconds(beat), 6) for beat in range(self.beat_count)]


def compose(piece: Piece, seed: int) -> Score:
    """The same piece and seed always give the same score."""
    rng = random.Random(seed)
    ways = WAYS[piece.style]
    tonic_name, mode = piece.key.split(" ")
    tonic, scale = TONICS[tonic_name], MODES[mode]
    score = Score(piece)
    verse, chorus = ways.progressions
    motif = _motif(rng, piece.beats_a_bar, ways.tune_density)
    answer = _motif(rng, piece.beats_a_bar, ways.tune_density)
    degree_of_tune = 0
    for bar in range(piece.bars):
        part = _part(bar, piece.bars)
        progression = chorus if part == "chorus" else verse
        degree = 0 if bar == piece.bars - 1 else progression[bar % 4]
        start = float(bar * piece.beats_a_bar)
        chord = _chord(tonic, scale, degree, ways.sevenths)
        score.chords.append((round(score.seconds(start), 6), _name(tonic, scale, degree)))
        _comp(score, ways, chord, start, piece.beats_a_bar, bar == piece.bars - 1)
        if part != "intro":
            _bass(score, rng, ways, chord[0], start, piece.beats_a_bar)
        if part in ("verse", "chorus") or piece.style in ("chamber", "partita", "drift"):
            line = motif if bar % 4 in (0, 2) else answer
            degree_of_tune = _tune(score, rng, ways, tonic, scale, degree, line, start, degree_of_tune, part)
        if part != "outro" and bar < piece.bars - 1:
            _drums(score, rng, ways, start, piece.beats_a_bar, part, fill=bar % 8 == 7)
    return score


def _part(bar: int, bars: int) -> str:
    at = bar / bars
    if bar < 4:
        return "intro"
    if at >= 0.9:
        return "outro"
    if 0.62 <= at < 0.72:
        return "break"
    return "chorus" if 0.3 <= at < 0.5 or at >= 0.72 else "verse"


def _pitch(tonic: int, scale: tuple[int, ...], degree: int, octave: int) -> int:
    turns, step = divmod(degree, 7)
    return 12 * (octave + 1 + turns) + tonic + scale[step]


def _chord(tonic: int, scale: tuple[int, ...], degree: int, seventh: bool) -> list[int]:
    return [_pitch(tonic, scale, degree + third, 3) for third in ((0, 2, 4, 6) if seventh else (0, 2, 4))]


def _name(tonic: int, scale: tuple[int, ...], degree: int) -> str:
    root, third, fifth = (_pitch(tonic, scale, degree + step, 3) for step in (0, 2, 4))
    names = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
    quality = "dim" if fifth - root == 6 else "" if third - root == 4 else "m"
    return names[root % 12] + quality


def _comp(score: Score, ways: Ways, chord: list[int], start: float, meter: int, last: bool) -> None:
    voiced = [pitch + 12 if pitch < 55 else pitch for pitch in chord]

    def strike(beat: float, length: float, level: float) -> None:
        for pitch in voiced:
            score.notes.append(Note(ways.chords, pitch, start + beat, length, level))

    if last or ways.comping == "held":
        strike(0, meter, 0.3)
    elif ways.comping == "stabs":
        for beat in (0.0, 1.5, 2.75 if meter == 4 else 2.0):
            strike(beat, 0.45, 0.34)
    elif ways.comping == "offbeats":
        for beat in range(meter):
            strike(beat + 0.5, 0.3, 0.32)
    elif ways.comping == "eighths":
        for eighth in range(meter * 2):
            strike(eighth / 2, 0.48, 0.3 if eighth % 2 == 0 else 0.22)
    else:
        for eighth in range(meter * 2):
            pitch = voiced[(0, 1, 2, 1)[eighth % 4] % len(voiced)] + (12 if eighth % 8 >= 4 else 0)
            score.notes.append(Note(ways.chords, pitch, start + eighth / 2, 0.9, 0.3))


def _bass(score: Score, rng: random.Random, ways: Ways, root: int, start: float, meter: int) -> None:
    low = root - 12 if root >= 48 else root
    walking = ways.bass == "upright" and ways.drums in ("break", "brushes")
    if walking:
        for beat in range(meter):
            step = 0 if beat == 0 else rng.choice((0, 7, 12, 5, 7))
            score.notes.append(Note(ways.bass, low + step, start + beat, 0.9, 0.55))
    elif ways.bass in ("synth_bass", "pick"):
        for eighth in range(meter * 2):
            if ways.bass == "pick" or eighth % 2 == 1:
                score.notes.append(Note(ways.bass, low, start + eighth / 2, 0.4, 0.5))
    else:
        score.notes.append(Note(ways.bass, low, start, meter * 0.6, 0.55))
        score.notes.append(Note(ways.bass, low + 7, start + meter * 0.625, meter * 0.3, 0.45))


def _motif(rng: random.Random, meter: int, density: float) -> list[tuple[float, float, int]]:
    """A bar of tune as (beat, length, steps from the note before)."""
    line: list[tuple[float, float, int]] = []
    beat = 0.0
    while beat < meter:
        length = rng.choice((0.5, 0.5, 1.0, 1.0, 1.5))
        length = min(length, meter - beat)
        if rng.random() < density or not line:
            line.append((beat, length, rng.choice((-2, -1, -1, 1, 1, 2, 0, 3))))
        beat += length
    return line


def _tune(
    score: Score,
    rng: random.Random,
    ways: Ways,
    tonic: int,
    scale: tuple[int, ...],
    chord_degree: int,
    line: list[tuple[float, float, int]],
    start: float,
    degree: int,
    part: str,
) -> int:
    for place, (beat, length, step) in enumerate(line):
        degree = max(-4, min(9, degree + step))
        if place == 0:  # land on the nearest note of the chord
            near = [chord_degree + third + 7 * turn for third in (0, 2, 4) for turn in (-1, 0, 1)]
            degree = min(near, key=lambda candidate, here=degree: abs(candidate - here))  # type: ignore[misc]
        level = (0.5 if part == "chorus" else 0.42) * rng.uniform(0.85, 1.0)
        pitch = _pitch(tonic, scale, degree, ways.tune_octave)
        score.notes.append(Note(ways.lead, pitch, start + beat, length * 0.95, level))
    return degree


def _drums(score: Score, rng: random.Random, ways: Ways, start: float, meter: int, part: str, *, fill: bool) -> None:
    for drum, beats in DRUMS[ways.drums].items():
        if part in ("intro", "break") and drum not in ("hat", "brush"):
            continue
        for beat in beats:
            if beat < meter:
                level = {"hat": 0.22, "ghost": 0.2, "brush": 0.25}.get(drum, 0.75) * rng.uniform(0.88, 1.0)
                score.notes.append(Note(drum, 0, start + beat, 0.25, level))
    if fill and ways.drums in ("rock", "break"):
        for beat in (meter - 0.75, meter - 0.5, meter - 0.25):
            score.notes.append(Note("snare", 0, start + beat, 0.2, 0.45))
