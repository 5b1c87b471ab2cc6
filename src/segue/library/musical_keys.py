"""Musical keys as tags spell them, and their places on the Camelot wheel, which DJs mix by.

The wheel puts the 24 keys on a clock: 8A is A minor, 8B is C major; one hour on is a fifth up. Keys that mix well are the
same hour, one hour to either side, and the same hour of the other letter (the relative key). The spellings: `Am`, `A minor`,
`A-moll`, `8A`, `08A`, Open Key's `1m` and `1d` (Traktor; 1m is 8A), `o` for off-key, which is none.
"""

from __future__ import annotations

import re
from functools import lru_cache

from segue.core.text import fold

CAMELOT = tuple(f"{hour}{letter}" for hour in range(1, 13) for letter in "AB")
"""The 24 places: 1A, 1B, 2A … 12B."""

_PITCHES = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11, "h": 11}
_SIGNS = {"": 0, "#": 1, "♯": 1, "sharp": 1, "is": 1, "b": -1, "♭": -1, "flat": -1, "es": -1, "s": -1}
_NAMED = re.compile(
    r"(?P<note>[a-h])\s*(?P<sign>#|♯|sharp|♭|flat|is|es|s|b)?[\s_-]*(?P<mode>m|min|minor|moll|maj|major|dur|d|M)?\.?\Z"
)
_WHEEL = re.compile(r"0?(1[0-2]|[1-9])\s*([abmd])\Z")


@lru_cache(maxsize=1_024)
def camelot_of(key: str | None) -> str | None:
    """The place of a key on the wheel, as `8A`; None for what is no key we know."""
    if not key or len(key) > 40:
        return None
    text = key.strip()
    lower = fold(text.replace("♯", "#").replace("♭", "b"))
    on_wheel = _WHEEL.match(lower)
    if on_wheel:
        hour, letter = int(on_wheel[1]), on_wheel[2]
        if letter in "ab":
            return f"{hour}{letter.upper()}"
        return f"{(hour + 6) % 12 + 1}{'A' if letter == 'm' else 'B'}"
    named = _NAMED.match(lower)
    if named is None or (named["sign"] in ("is", "es", "s") and named["mode"] not in (None, "moll", "dur")):
        return None
    mode = named["mode"] or ""
    minor = mode in ("min", "minor", "moll") or (mode == "m" and not text.rstrip(".").endswith("M"))
    pitch = (_PITCHES[named["note"]] + _SIGNS[named["sign"] or ""]) % 12
    hour = (pitch * 7 + (4 if minor else 7)) % 12 + 1
    return f"{hour}{'A' if minor else 'B'}"
