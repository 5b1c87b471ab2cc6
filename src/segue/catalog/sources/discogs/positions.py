"""Where a track is, as Discogs writes it: 3, A1, AA, 1-01, 2.14, CD2-5, LP-B3, DVD-2."""

from __future__ import annotations

import re
from collections.abc import Iterable

_DIVIDED = re.compile(r"(?P<medium>\d+|[A-Za-z]{2,}[- ]?\d*)(?:[- ]|\.(?=\d\d))(?P<rest>.+)$")
_SIDE = re.compile(r"(?P<side>[A-Za-z]+)(?:[-. ]?\d.*)?$")


def numbered(positions: Iterable[str]) -> list[tuple[int, int]]:
    """The disc and the number on it of each track of a release, counted in its order.

    Two sides (A and B, C and D) are one disc; a prefix (1-, 1.01, CD2-, DVD-) begins another where it changes, while 5.1
    is a part of the fifth track. Tracks without a position stay on the disc of the one before.
    """
    discs: dict[str, int] = {}
    counted: dict[int, int] = {}
    found: list[tuple[int, int]] = []
    disc = 1
    for position in positions:
        if position:
            disc = discs.setdefault(_disc(position), len(discs) + 1)
        counted[disc] = counted.get(disc, 0) + 1
        found.append((disc, counted[disc]))
    return found


def milliseconds(duration: str) -> int:
    """Of 4:45, 1:02:03 or 12.5 as text; 0 where it is none."""
    parts = duration.strip().split(":")
    if not 1 <= len(parts) <= 3:
        return 0
    seconds = 0.0
    for part in parts:
        try:
            seconds = seconds * 60 + float(part)
        except ValueError:
            return 0
    return round(seconds * 1000) if 0 < seconds < 1e6 else 0


def _disc(position: str) -> str:
    """What the positions of one disc have in common: the medium's name or number, and the pair of sides."""
    divided = _DIVIDED.match(position)
    if divided is None:
        return _pair(position)
    return f"{divided['medium'].casefold()}/{_pair(divided['rest'])}"


def _pair(position: str) -> str:
    """The two sides that make one disc: A and B are 0, C and D are 1, AA is A's other side, and behind Z come AB, AC …;
    empty where there is no side."""
    side = _SIDE.match(position)
    if side is None or len(side["side"]) > 2:
        return ""
    first, last = (ord(letter) - ord("A") for letter in (side["side"][0].upper(), side["side"][-1].upper()))
    number = first if first == last else 26 + first * 26 + last
    return str(number // 2)
