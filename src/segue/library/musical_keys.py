"""Musical keys as tags spell them, and their places on the Camelot wheel, which DJs mix by.

The wheel puts the 24 keys on a clock: 8A is A minor, 8B is C major; one hour on is a fifth up. Keys that mix well are the
same hour, one hour to either side, and the same hour of the other letter (the relative key). The spellings: `Am`, `A minor`,
`A-moll`, `8A`, `08A`, Open Key's `1m` and `1d` (Traktor; 1m is 8A), `o` for off-key, which is none.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from segue.core.text import fold

Mode = Literal["major", "minor"]

CAMELOT = tuple(f"{hour}{letter}" for hour in range(1, 13) for letter in "AB")
"""The 24 places: 1A, 1B, 2A … 12B."""

_PITCHES = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11, "h": 11}
_SIGNS = {"": 0, "#": 1, "♯": 1, "sharp": 1, "is": 1, "b": -1, "♭": -1, "flat": -1, "es": -1, "s": -1}
_NAMED = re.compile(
    r"(?P<note>[a-h])\s*(?P<sign>#|♯|sharp|♭|flat|is|es|s|b)?[\s_-]*(?P<mode>m|min|minor|moll|maj|major|dur|d|M)?\.?\Z"
)
_WHEEL = re.compile(r"0?(1[0-2]|[1-9])\s*([abmd])\Z")


@lru_cache(maxsize=1_024)
def key_of(text: str | None) -> tuple[int, Mode] | None:
    """The key that a text names: its tonic (0 to 11, C = 0) and its mode; None for what is no key we know.

    With the German words for the mode the notes are German too: `B-Dur` is B flat major, `h-moll` B minor.
    """
    if not text or len(text) > 40:
        return None
    text = text.strip()
    lower = fold(text.replace("♯", "#").replace("♭", "b"))
    on_wheel = _WHEEL.match(lower)
    if on_wheel:
        hour, letter = int(on_wheel[1]), on_wheel[2]
        mode: Mode = "minor" if letter in "am" else "major"
        return tonic_at(hour if letter in "ab" else (hour + 6) % 12 + 1, mode), mode
    named = _NAMED.match(lower)
    if named is None or (named["sign"] in ("is", "es", "s") and named["mode"] not in (None, "moll", "dur")):
        return None
    word = named["mode"] or ""
    minor = word in ("min", "minor", "moll") or (word == "m" and not text.rstrip(".").endswith("M"))
    german = word in ("moll", "dur") and named["note"] == "b" and not named["sign"]
    tonic = (_PITCHES[named["note"]] + _SIGNS[named["sign"] or ""] - german) % 12
    return tonic, "minor" if minor else "major"


def camelot_of(key: str | None) -> str | None:
    """The place of a key on the wheel, as `8A`; None for what is no key we know."""
    found = key_of(key)
    return None if found is None else place_of(*found)


def place_of(tonic: int, mode: Mode) -> str:
    """The place on the Camelot wheel of a key by its tonic (0 to 11, C = 0) and mode."""
    hour = (tonic * 7 + (4 if mode == "minor" else 7)) % 12 + 1
    return f"{hour}{'A' if mode == 'minor' else 'B'}"


def tonic_at(hour: int, mode: Mode) -> int:
    """The tonic (0 to 11) of the key at an hour of the Camelot wheel (1 to 12), of letter A (minor) or B (major)."""
    return (hour - 1 - (4 if mode == "minor" else 7)) * 7 % 12


PREFERRED: dict[Mode, tuple[str, ...]] = {
    "major": ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"),
    "minor": ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B"),
}
"""The note that each tonic is called in each mode: the spelling with fewer signs in its signature."""


def spelled(tonic: int, mode: Mode) -> str:
    """A key as tags have it, `Am` or `Db`, by its tonic (0 to 11, C = 0) and mode, in the spelling that is usual."""
    return PREFERRED[mode][tonic] + ("m" if mode == "minor" else "")
