"""Whether two lists of names are the same people."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from segue.match.titles import alike, words
from segue.match.verdict import Reason

_LEADING = ("the ", "a ", "an ")
_BETWEEN = re.compile(
    r"\s*[,;/|&+×]\s*|\s+(?:feat(?:uring)?\.?|ft\.?|with|and|und|et|vs\.?|x|pres(?:ents|\.))\s+", re.IGNORECASE
)


@lru_cache(maxsize=16_384)
def name_core(name: str) -> str:
    """A name as it is compared: folded words without a leading article; its symbols where it has no words."""
    core = words(name)
    for article in _LEADING:
        if core.startswith(article) and len(core) > len(article):
            return core[len(article) :]
    return core


def parted(name: str) -> list[str]:
    """The people a name may be made of: `Ann & Bo feat. Cy` is three, and so, wrongly, is `Earth, Wind & Fire`. Only for
    comparing with other names that are parted alike."""
    return [part for part in _BETWEEN.split(name) if part.strip()]


def beginnings(name: str) -> list[str]:
    """What a line of names begins with, the longest first: `Ann & Bo feat. Cy`, `Ann & Bo`, `Ann`."""
    return [name, *(name[: match.start()] for match in reversed(list(_BETWEEN.finditer(name))) if match.start())]


def names_alike(ours: Iterable[str], theirs: Iterable[str]) -> tuple[float, Reason | None]:
    """How alike two lists of people are, 0 to 1, and why; no reason where one of the lists is empty.

    The same names in any order are 1; where one list has all of the other's (a guest is named on one side only) 0.95;
    one name in common 0.8; otherwise the texts are compared.
    """
    mine = {name_core(name): name for name in ours if name}
    other = {name_core(name): name for name in theirs if name}
    if not mine or not other:
        return 0.0, None
    common = sorted(mine.keys() & other.keys())
    if mine.keys() == other.keys():
        return 1.0, Reason("same_artist", {"artist": ", ".join(mine.values())}, 1.0)
    if not common:
        # One side may have them in one line, the other each by itself.
        mine = {name_core(part): part for name in mine.values() for part in parted(name)}
        other = {name_core(part): part for name in other.values() for part in parted(name)}
        common = sorted(core for core in mine.keys() & other.keys() if core)
        if common and mine.keys() == other.keys():
            return 1.0, Reason("same_artist", {"artist": ", ".join(mine.values())}, 1.0)
    if common:
        whole = len(common) == min(len(mine), len(other))
        return 0.95 if whole else 0.8, Reason("shared_artist", {"artist": mine[common[0]]}, 0.7)
    together = alike(" ".join(sorted(mine)), " ".join(sorted(other)))
    value = max(together, max(alike(a, b) for a in mine for b in other) * 0.95)
    shown = {"a": ", ".join(mine.values()), "b": ", ".join(other.values())}
    if value >= 0.8:
        return value, Reason("alike_artist", shown, 0.4)
    return value * 0.6, Reason("other_artist", shown, -0.8)
