"""How a key is written: places on the Camelot wheel, Open Key, flats and sharps. All of it follows from tonic and mode.

Open Key's hour is Camelot's plus five, wrapped to 1 to 12, with `m` for minor and `d` for major. The preferred spelling is
the one with fewer signs in its signature; of the two with six each, F♯ major (not G♭) and E♭ minor (not D♯).
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from segue.analysis.records import Mode
from segue.library.musical_keys import PREFERRED, key_of, place_of

FLATS = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
SHARPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


class Names(NamedTuple):
    """One key in every notation: `8A`, `1m`, and `Am`-like spellings as tags have them (`m` for minor, nothing for major)."""

    camelot: str
    open_key: str
    flat: str
    sharp: str
    preferred: str


@lru_cache(maxsize=24)
def names(tonic: int, mode: Mode) -> Names:
    """What the key with this tonic (0 to 11, C = 0) and mode is called. Raises ValueError for a tonic that is none."""
    if not 0 <= tonic <= 11:
        raise ValueError(f"a tonic is 0 to 11, not {tonic}")
    camelot = place_of(tonic, mode)
    hour = (int(camelot[:-1]) + 4) % 12 + 1
    minor = "m" if mode == "minor" else ""
    return Names(
        camelot=camelot,
        open_key=f"{hour}{minor or 'd'}",
        flat=FLATS[tonic] + minor,
        sharp=SHARPS[tonic] + minor,
        preferred=PREFERRED[mode][tonic] + minor,
    )


def parse(text: str | None) -> tuple[int, Mode] | None:
    """Tonic (0 to 11, C = 0) and mode of a key in any spelling that tags have; None for what is no key we know."""
    return key_of(text)
