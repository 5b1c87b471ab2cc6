"""Where a search goes on: the part of its order and the last rank that was given, as text that nobody needs to read."""

from __future__ import annotations

import base64
import struct
from typing import NamedTuple
from zlib import crc32

from segue.catalog.records import Kind
from segue.catalog.search.errors import WrongCursor
from segue.catalog.store import Match

_FORM = struct.Struct("<IBBI")


class Place(NamedTuple):
    """`corrected`: of the search for what was found instead of what was typed (0: not; else its number among the tries)."""

    part: int = 0
    rank: int = 0
    corrected: int = 0


def written(place: Place, kind: Kind, text: str, match: Match) -> str:
    packed = _FORM.pack(_search(kind, text, match), place.part, place.corrected, place.rank)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read(cursor: str | None, kind: Kind, text: str, match: Match) -> Place:
    """Raises WrongCursor for what `written` did not make of the same search."""
    if cursor is None:
        return Place()
    try:
        packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        search, part, corrected, rank = _FORM.unpack(packed)
    except (ValueError, struct.error):
        raise WrongCursor from None
    if search != _search(kind, text, match) or part > 2:
        raise WrongCursor
    return Place(part, rank, corrected)


def _search(kind: Kind, text: str, match: Match) -> int:
    return crc32(f"{kind}\0{match}\0{text}".encode("utf-8", "surrogatepass"))
