"""The forms that titles and marks have in the tables of search."""

from __future__ import annotations

from segue.library.found_by import MAX_TITLE_KEY, title_key

__all__ = ["MAX_TITLE_KEY", "PLAYED_MARKS", "library_mark", "plays_mark", "title_key"]

_SIGN = "§"
"""No word has it (`core.text` spells it out), so what begins with it is a mark. Both databases keep it."""

PLAYED_MARKS: tuple[tuple[str, ...], ...] = (
    (f"{_SIGN}p4",),
    (f"{_SIGN}p3",),
    (f"{_SIGN}p2",),
    (f"{_SIGN}p1",),
    (f"{_SIGN}p0",),
)
"""The marks by how often something was played, the most first: 64 times or more, 8 to 63, 2 to 7, once, never."""


def library_mark(library_id: int) -> str:
    """The mark of a library; 0 is for what belongs to none alone."""
    return f"{_SIGN}l{library_id}"


def plays_mark(plays: int) -> str:
    """The mark for this many plays."""
    return f"{_SIGN}p{4 if plays >= 64 else 3 if plays >= 8 else 2 if plays >= 2 else plays}"
