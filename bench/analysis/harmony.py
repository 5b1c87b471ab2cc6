"""Chords as roman numerals, progressions as people write them, voicings that move little.

Numerals are read against the major scale in both modes: in minor the sixth and seventh degrees are written `bVI` and
`bVII`, and `V` is the major dominant with the raised leading tone. `V7/x` is the dominant of x.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

DEGREES = {"I": 0, "II": 2, "III": 4, "IV": 5, "V": 7, "VI": 9, "VII": 11}
QUALITIES = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "maj7": (0, 4, 7, 11),
    "o": (0, 3, 6),
    "o7": (0, 3, 6, 9),
    "m7b5": (0, 3, 6, 10),
    "sus": (0, 5, 7),
    "9": (0, 4, 7, 10, 14),
    "m9": (0, 3, 7, 10, 14),
    "5": (0, 7),
}
MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)
MINOR_SCALE = (0, 2, 3, 5, 7, 8, 10)

POP = {
    "major": (
        "I V vi IV", "I vi IV V", "vi IV I V", "I IV V IV", "I bVII IV I", "I iii IV V", "IV V iii vi", "I IV vi V",
        "I V IV V", "I I IV V", "I iii vi IV", "I IV ii V", "I V7/vi vi IV", "I I7 IV iv", "ii IV I V",
    ),
    "minor": (
        "i bVI bIII bVII", "i iv V i", "i bVII bVI V", "i iv bVII bIII", "i bVI iv V", "i v bVI iv", "i bIII bVII iv",
        "i bVI bVII i", "i iv i V", "i bVII bVI bVII", "iv i V i", "i i iv V", "i bIII iv V",
    ),
}  # fmt: skip
VAMPS = {
    "major": ("I7 I7 IV7 IV7", "I9 I9 I9 IV9", "I7 bVII I7 IV", "Imaj7 ii7 Imaj7 ii7"),
    "minor": ("i7 i7 iv7 iv7", "i9 i9 i9 iv7", "i7 IV7 i7 IV7", "i7 bVII i7 V7", "i7 bVI i7 V7"),
}
JAZZ = {
    "major": ("Imaj7 vi7 ii7 V7", "ii7 V7 Imaj7 V7/ii", "Imaj7 V7/V ii7 V7", "iii7 V7/ii ii7 V7 Imaj7 vi7 ii7 V7",
              "I7 IV7 I7 I7 IV7 IV7 I7 V7/ii ii7 V7 I7 V7"),
    "minor": ("i7 iv7 iim7b5 V7", "i7 bVImaj7 iim7b5 V7", "i7 i7 iv7 iv7 i7 i7 bVI7 V7 i7 V7", "iv7 bVII7 bIIImaj7 V7 i7 i7"),
}  # fmt: skip
CLASSICAL = {
    "major": ("I V I IV I V I I", "I vi ii V I IV V7 I", "I V7/IV IV ii V7/V V V7 I", "I V vi iii IV I ii V7",
              "I IV V7 I vi V7/V V V7", "I V7/vi vi V7/ii ii V7 I V7", "I viio7 I V7/V V IV V7 I"),
    "minor": ("i V i iv i V7 i i", "i iv V7 i bVI iio V7 i", "i V7/iv iv bVII bIII bVI iio V7", "i iio V7 i iv i V7 i",
              "i bVI iv V7 i viio7 i V7", "i V7 i V7/bIII bIII iv V7 i", "i iv bVII bIII bVI iio V i"),
}  # fmt: skip
RAG = {
    "major": ("I I V7 V7 V7 V7 I I", "I V7/vi vi I7 IV iv I V7", "V7/vi V7/ii V7/V V7 I IV I V7", "I I V7/ii V7/ii V7/V V7 I V7"),
    "minor": ("i i V7 V7 iv i V7 i", "i V7 i V7 bVI iv V7 i"),
}  # fmt: skip
BOOK = {"pop": POP, "vamp": VAMPS, "jazz": JAZZ, "classical": CLASSICAL, "rag": RAG}


@dataclass(frozen=True)
class Chord:
    """Pitch classes from the root up; `scale` is what a melody above it may use."""

    root: int
    intervals: tuple[int, ...]
    scale: tuple[int, ...]

    @property
    def tones(self) -> tuple[int, ...]:
        return tuple((self.root + step) % 12 for step in self.intervals)


def chord(numeral: str, tonic: int, mode: str) -> Chord:
    """The chord that a numeral means in a key."""
    numeral, _, of = numeral.partition("/")
    if of:
        base = chord(of, tonic, mode).root
        root, intervals = (base + 7) % 12, QUALITIES["7"]
    else:
        said = re.fullmatch(r"([b#]?)([ivIV]+)(.*)", numeral)
        assert said is not None, numeral
        sign, degree, quality = said.groups()
        offset = DEGREES[degree.upper()] + {"b": -1, "#": 1, "": 0}[sign]
        if degree.islower() and quality in ("", "7", "9"):
            quality = "m" + quality
        root, intervals = (tonic + offset) % 12, QUALITIES[quality]
    tones = {(root + step) % 12 for step in intervals}
    scale = {(tonic + step) % 12 for step in (MAJOR_SCALE if mode == "major" else MINOR_SCALE)}
    for tone in tones - scale:
        scale -= {(tone + 1) % 12, (tone - 1) % 12} - tones
        scale.add(tone)
    return Chord(root, intervals, tuple(sorted(scale)))


def progression(book: str, tonic: int, mode: str, rng: random.Random) -> list[Chord]:
    """Some bars of harmony in a key."""
    return [chord(numeral, tonic, mode) for numeral in rng.choice(BOOK[book][mode]).split()]


def voiced(tones: Chord, before: tuple[int, ...] | None, centre: int = 62) -> tuple[int, ...]:
    """Pitches for a chord, close together, that move as little as they can from the voicing before."""
    pitch_classes = sorted(set(tones.tones))
    best: tuple[float, tuple[int, ...]] | None = None
    for turn in range(len(pitch_classes)):
        order = pitch_classes[turn:] + [tone + 12 for tone in pitch_classes[:turn]]
        for octave in range(3, 7):
            notes = tuple(12 * octave + tone for tone in order)
            middle = sum(notes) / len(notes)
            cost = abs(middle - centre)
            if before:
                cost = 0.4 * cost + abs(middle - sum(before) / len(before)) + abs(notes[-1] - before[-1])
            if best is None or cost < best[0]:
                best = (cost, notes)
    assert best is not None
    return best[1]
