"""Whose concert it is: creators, collections, titles and identifiers, brought to one spelling."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from segue.core.text import fold
from segue.live.records import Item

_APOSTROPHE = re.compile(r"['’`´]")
_NOT_WORD = re.compile(r"[\W_]+")


@lru_cache(maxsize=65_536)
def artist_key(name: str) -> str:
    """The one spelling that names of a band are compared by: case, marks, `&`, apostrophes and a leading The do not count."""
    text = _APOSTROPHE.sub("", fold(name).replace("&", " and ").replace("+", " and "))
    words = _NOT_WORD.sub(" ", text).split()
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    return " ".join(words) or fold(name).strip()


@dataclass(frozen=True, slots=True)
class Bands:
    """What is known of bands beyond one item: by a person, a list, or learnt from many items."""

    collections: Mapping[str, str] = field(default_factory=dict)
    """The archive's collection of one band, in lower case, to the band's name."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """`artist_key` of a name as written to the band's name."""
    blocked: frozenset[str] = frozenset()
    """`artist_key` of creators that are no bands: tapers, uploaders, festivals."""
    prefixes: Mapping[str, str] = field(default_factory=dict)
    """What identifiers begin with before the date (gd, jgb), in lower case, to the band's name."""

    @classmethod
    def learn(cls, items: Iterable[Item]) -> Bands:
        """What `items` say about bands by themselves."""
        return cls()
