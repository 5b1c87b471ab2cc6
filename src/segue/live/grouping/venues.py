"""Whether two spellings may name one venue. They never decide what a concert is; they only raise a note."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from segue.core.text import fold

_WORD = re.compile(r"[^\W_]+")
_APOSTROPHE = re.compile(r"['’`]")
_COMMON_WORDS = """
the of at in on a an and de la le early late show shows theatre theater theatres arena auditorium
aud hall ballroom stadium
coliseum colosseum center centre civic memorial club park gym gymnasium field fieldhouse house university univ u college state
city music pavilion pavillion amphitheatre amphitheater opera unknown various venue north south east west
"""
_COMMON = frozenset(_COMMON_WORDS.split())


@lru_cache(maxsize=65_536)
def venue_words(venue: str) -> frozenset[str]:
    """The words of a venue's name that set it apart; all of them where there are only common ones."""
    words = _WORD.findall(_APOSTROPHE.sub("", fold(venue)))
    telling = frozenset([word for word in words if word not in _COMMON])
    return telling or frozenset(words) - {"unknown", "various", "the"}


def same_place(one: str, other: str) -> bool:
    """Whether two names may be one venue: nothing said on one side, or a telling word in common, also run together."""
    first, second = venue_words(one), venue_words(other)
    if not first or not second or first & second:
        return True
    joined, joined_other = "".join(sorted(first)), "".join(sorted(second))
    if joined == joined_other:
        return True
    return any(
        len(a) > 4 and len(b) > 4 and (a.startswith(b[:5]) or b.startswith(a[:5])) for a in first for b in second
    )


def commonest(names: Iterable[str]) -> str:
    """The spelling of most recordings, counted over what sets venues apart; of equals the longest, then the first by letters."""
    by_words: Counter[frozenset[str]] = Counter()
    spelled: dict[frozenset[str], Counter[str]] = {}
    for name in names:
        if words := venue_words(name):
            by_words[words] += 1
            spelled.setdefault(words, Counter())[name] += 1
    if not by_words:
        return ""
    most = max(by_words, key=lambda words: (by_words[words], len(words), sorted(words)))
    return max(spelled[most], key=lambda name: (spelled[most][name], len(name), name))
