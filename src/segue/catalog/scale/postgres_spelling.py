"""The words of a catalogue in PostgreSQL, and what a mistyped one may have been meant as.

The rules ask word by word and know no loop, so `ask` waits for the database; they are to run in a thread.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rapidfuzz.distance import OSA

from segue.catalog.records import Kind
from segue.catalog.search.spelling import LONGEST, SHORTEST, Speller, keys_of
from segue.catalog.search.vocabulary import Vocabulary
from segue.catalog.search.words import hash_of_key


class Words(Vocabulary):
    def __init__(self, ask: Callable[..., list[Any]], at: str) -> None:
        self._rows = ask
        self._at = at

    def count(self, kind: Kind, token: str) -> int:
        rows = self._rows(f"SELECT {kind} FROM {self._at}.words WHERE word = $1", token)
        return (rows[0][0] or 0) if rows else 0

    def beginnings(self, kind: Kind, begun: str) -> str:
        """Some word that begins so and is longer; empty where there is none."""
        sql = f"SELECT word FROM {self._at}.words WHERE word > $1 AND word < $2 AND {kind} IS NOT NULL LIMIT 1"
        rows = self._rows(sql, begun, begun + "\U0010ffff")
        return rows[0][0] if rows else ""


class Near(Speller):
    def __init__(self, ask: Callable[..., list[Any]], at: str) -> None:
        self._rows = ask
        self._at = at

    def near(self, word: str, most: int = 5) -> list[str]:
        if not SHORTEST <= len(word) <= LONGEST:
            return []
        farthest = 1 if len(word) < 5 else 2
        sql = f"SELECT word, count FROM {self._at}.spellings WHERE id IN (SELECT id FROM {self._at}.deletes WHERE key = ANY($1))"
        found = []
        for other, count in self._rows(sql, [hash_of_key(one) for one in keys_of(word)]):
            distance = OSA.distance(word, other, score_cutoff=farthest)
            if other != word and distance <= farthest:
                found.append((distance, -count, other))
        return [other for _, _, other in sorted(found)[:most]]
