"""The sets of a setlist as they are kept: which is which, without a database.

Encores go on counting where the sets end; a soundcheck is set 0, is listened to and counts for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from segue.live.records import SetlistSet

SOUNDCHECK = "Soundcheck"
ENCORE = "Encore"
_SOUNDCHECK = re.compile(r"sound\s*-?\s*check|rehears|tuning|warm\s*-?\s*up", re.IGNORECASE)
_ENCORE = re.compile(
    r"\s*(?:(?:double|second|third|1st|2nd|3rd)\s+)?e(?:ncore)?s?\b[\s:.#-]*([0-9]{1,2})?", re.IGNORECASE
)
_NUMBERED = re.compile(r"\s*(?:set\s*)?[#:]?\s*([0-9]{1,2}|[ivx]{1,4})\s*:?\s*\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Placed:
    """A song and the set it stands in: 1, 2, 3 …, 0 for a soundcheck."""

    set_number: int
    set_name: str
    name: str
    segue: bool
    note: str


def placed(sets: Sequence[SetlistSet]) -> Iterator[Placed]:
    """Every song of the sets in order. Sets without songs do not count."""
    number = encores = 0
    for one in sets:
        if not one.songs:
            continue
        name = one.name.strip()
        if _SOUNDCHECK.search(name):
            here, name = 0, SOUNDCHECK
        else:
            number += 1
            here = number
            encore = _ENCORE.match(name)
            if encore and encore.end() == len(name):
                encores += 1
                name = ENCORE if encores == 1 else f"{ENCORE} {encores}"
            elif not name or _NUMBERED.match(name):
                name = f"Set {number}"
        for song in one.songs:
            yield Placed(here, name, song.name, song.segue, song.note)


def is_encore(set_name: str) -> bool:
    """Whether a kept name of a set is an encore's."""
    return set_name.startswith(ENCORE)
