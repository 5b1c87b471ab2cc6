"""Setlists in running text: descriptions and info files."""

from __future__ import annotations

from segue.live.records import SetlistSet
from segue.live.titles.vocabulary import Vocabulary


def setlist_of_text(text: str, vocabulary: Vocabulary) -> tuple[SetlistSet, ...]:
    """The sets that `text` lists. Empty where it lists none."""
    return ()


def track_titles(text: str) -> list[str]:
    """The titles of the tracks that `text` lists by number, in order. Empty where it lists none."""
    return []
