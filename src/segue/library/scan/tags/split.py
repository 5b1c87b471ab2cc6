"""Take a text with several names apart, and keep what stood between them: the parts with their phrases are the text again.

A separator counts where it stands, unless it is inside a name that is never taken apart (`AC/DC`, `Earth, Wind & Fire`).
Such names are found without regard to case and accents, the longest first, and only as whole words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from segue.core.text import fold

_CLOSED_BY = {"(": ")", "[": "]"}
_REMEMBERED = 4_096
MAX_PARTS = 100
"""Parts that one text is taken into; beyond that it is no list of names."""


class Part(NamedTuple):
    """A name, and what stands between it and the next one; behind the last, a bracket that was opened before it."""

    name: str
    phrase: str


class Splitter:
    """Takes the texts of one field apart. `separators` as a person writes them: a space at an end must be in the text."""

    def __init__(self, separators: Sequence[str], whole: Iterable[str] = ()) -> None:
        self.separators = tuple(separators)
        self._whole = tuple(whole)
        self.parts = lru_cache(_REMEMBERED)(self._parts)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self.separators, key=len, reverse=True)
        return re.compile("|".join(map(_pattern_of, longest_first)), re.IGNORECASE)

    @cached_property
    def _never(self) -> re.Pattern[str] | None:
        names = sorted({" ".join(fold(name).split()) for name in self._whole} - {""}, key=len, reverse=True)
        if not names:
            return None
        words = "|".join(r"\s+".join(map(re.escape, name.split())) for name in names)
        return re.compile(rf"(?<!\w)(?:{words})(?!\w)")

    def _parts(self, text: str) -> tuple[Part, ...]:
        """The names in `text` with their phrases; one part with the whole text where it is one name."""
        cuts = [(match.start(), match.end()) for match in self._pattern.finditer(text)] if self.separators else []
        if not cuts:
            return (Part(text, ""),)
        kept = self.protected(text)
        parts: list[Part] = []
        begin = 0
        closing = ""
        for start, end in cuts:
            core = text[start:end].strip()
            if any(start < stop and end > first for first, stop in kept) or not text[begin:start].strip():
                continue
            close = _CLOSED_BY.get(core[:1], "")
            if close and (closing or not text.endswith(close) or text.count(core[0], end)):
                continue
            if not text[end : len(text) - len(closing or close)].strip() or len(parts) >= MAX_PARTS:
                continue
            parts.append(Part(text[begin:start], text[start:end]))
            begin, closing = end, closing or close
        last = text[begin : len(text) - len(closing)] if closing else text[begin:]
        return (*parts, Part(last, closing))

    def protected(self, text: str) -> list[tuple[int, int]]:
        """Where in `text` the names stand that are never taken apart, as (start, end)."""
        if self._never is None:
            return []
        if text.isascii():
            return [match.span() for match in self._never.finditer(fold(text))]
        folded, places = _folded_with_places(text)
        return [(places[match.start()], places[match.end()]) for match in self._never.finditer(folded)]

    def whole_in(self, text: str) -> list[str]:
        """The names in `text` that kept it, or a part of it, from being taken apart."""
        return [
            text[start:end]
            for start, end in self.protected(text)
            if any(cut.start() < end and cut.end() > start for cut in self._pattern.finditer(text))
        ]


def joined(parts: Iterable[Part]) -> str:
    """The text that was taken apart."""
    return "".join(part.name + part.phrase for part in parts)


def _pattern_of(separator: str) -> str:
    core = r"\s+".join(map(re.escape, separator.split()))
    before = r"\s+" if separator[:1].isspace() else r"\s*"
    after = r"\s+" if separator[-1:].isspace() else r"\s*"
    return before + core + after


def _folded_with_places(text: str) -> tuple[str, list[int]]:
    """`text` folded, and for each folded character (and the end) the place in `text` that it comes from."""
    folded: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        for one in char if char.isspace() else fold(char):
            folded.append(one)
            places.append(place)
    places.append(len(text))
    return "".join(folded), places
