"""Every word of the catalogue and how many names have it: what makes a query cheap is decided from that.

A beginning has no list of its own but for a few lengths (`tables.PREFIXES`). Any other is put together: a short one of the
longer beginnings there are, a long one of the words themselves.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from segue.catalog.records import Kind
from segue.catalog.search.asking import Word
from segue.catalog.search.tables import PREFIXES
from segue.catalog.search.words import is_han

_LAST = "\U0010ffff"
FEW_WORDS = 24
"""So many words that go on are always named one by one."""
MANY_WORDS = 400
"""So many are named if the names that have them are more than FEW_NAMES; otherwise FTS5 goes through its lists itself."""
FEW_NAMES = 30_000
_REMEMBERED = 4_096


class Vocabulary:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._ask = db.cursor().execute
        self._beginnings: dict[tuple[Kind, str], str] = {}

    def count(self, kind: Kind, token: str) -> int:
        """Names of that kind (of any of their columns) that have the word."""
        row = self._ask(f"SELECT {kind} FROM words WHERE word = ?", (token,)).fetchone()
        return (row[0] or 0) if row else 0

    def count_of(self, kind: Kind, word: Word) -> int:
        """At most so many have the word, in one way or another."""
        return sum(min(self.count(kind, token) for token in way) for way in word.ways)

    def beginnings(self, kind: Kind, begun: str) -> str:
        """As FTS5 writes it: any word that begins so and is longer (and perhaps `begun` itself); empty where there is none."""
        known = self._beginnings.get((kind, begun))
        if known is None:
            known = self._spelled(kind, begun)
            if len(self._beginnings) >= _REMEMBERED:
                self._beginnings.clear()
            self._beginnings[kind, begun] = known
        return known

    def _spelled(self, kind: Kind, begun: str) -> str:
        lengths = PREFIXES[kind]
        if len(begun) in lengths:
            return f'"{begun}"*' if self._any(kind, begun) else ""
        longer = next((length for length in lengths if length > len(begun)), None)
        if longer is not None:
            return _either(self._grams(kind, begun, longer))
        sql = f"SELECT word, {kind} FROM words WHERE word > ? AND word < ? AND {kind} IS NOT NULL LIMIT ?"
        rows = self._ask(sql, (begun, begun + _LAST, MANY_WORDS + 1)).fetchall()
        if not rows:
            return ""
        few = len(rows) <= FEW_WORDS
        if few or (len(rows) <= MANY_WORDS and sum(count for _, count in rows) > FEW_NAMES):
            return _either([f'"{word}"' for word, _ in rows])
        return f'"{begun}"*'

    def _any(self, kind: Kind, begun: str) -> bool:
        sql = f"SELECT 1 FROM words WHERE word > ? AND word < ? AND {kind} IS NOT NULL LIMIT 1"
        return self._ask(sql, (begun, begun + _LAST)).fetchone() is not None

    def _grams(self, kind: Kind, begun: str, length: int) -> list[str]:
        """The beginnings of `length` letters that begin so, and the words that are shorter than that."""
        sql = f"SELECT word FROM words WHERE word > ? AND word < ? AND {kind} IS NOT NULL LIMIT 1"
        found, after, end = [], begun, begun + _LAST
        while (row := self._ask(sql, (after, end)).fetchone()) is not None:
            word: str = row[0]
            if len(word) < length:
                found.append(f'"{word}"')
                after = word
            else:
                found.append(f'"{word[:length]}"*')
                after = word[:length] + _LAST
        return found


def exactly(word: Word) -> str:
    """The word as it was typed, as FTS5 writes it."""
    return _either([_all([f'"{token}"' for token in way]) for way in word.ways])


def begun(vocabulary: Vocabulary, kind: Kind, word: Word) -> str:
    """A longer word that begins as it was typed; empty where there is none."""
    ways = []
    for way in word.ways:
        more = "" if is_han(way[-1]) else vocabulary.beginnings(kind, way[-1])
        if more:
            ways.append(_all([*(f'"{token}"' for token in way[:-1]), more]))
    return _either(ways)


def _either(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})" if parts else ""


def _all(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"({' AND '.join(parts)})"
