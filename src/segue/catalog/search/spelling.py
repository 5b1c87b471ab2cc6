"""What a mistyped word may have been meant as.

The words of the catalogue are kept by what becomes of their first eight letters when one is left out. What is typed is
treated alike: two words that meet there differ little, and how little is then measured (insertions, deletions,
substitutions and swaps of neighbours, each one). The nearest come first, of these the most frequent.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from rapidfuzz.distance import OSA

from segue.catalog.search.buckets import Buckets
from segue.catalog.search.filling import Pairs
from segue.catalog.search.words import hash_of_key

HEAD = 8
"""Letters of a word that are looked at first."""
SHORTEST = 3
"""Letters of a word that is corrected; of a shorter one nearly everything is a neighbour."""
LONGEST = 32
ALL_BELOW = 200_000
"""So many words are all learnt; of more, only those in RARE names or more, for the others are often mistakes themselves."""
RARE = 3


def keys_of(word: str) -> set[str]:
    """Its head, and each that one letter less makes of it."""
    head = word[:HEAD]
    return {head, *(head[:at] + head[at + 1 :] for at in range(len(head)))}


def learn(db: sqlite3.Connection, words: Iterable[tuple[str, int]], pairs: Pairs) -> None:
    """Put words and the number of names that have them into `spellings`, and their keys into `pairs`."""
    rows = []
    for number, (word, count) in enumerate(words, 1):
        rows.append((number, word, count))
        for key in keys_of(word):
            pairs.put(hash_of_key(key) << 32 | number)
        if len(rows) >= 10_000:
            db.executemany("INSERT INTO spellings VALUES (?, ?, ?)", rows)
            rows.clear()
            pairs.made_room()
    db.executemany("INSERT INTO spellings VALUES (?, ?, ?)", rows)


class Speller:
    def __init__(self, db: sqlite3.Connection, bits: int) -> None:
        self._deletes = Buckets(db, "deletes", bits)
        self._ask = db.cursor().execute

    def near(self, word: str, most: int = 5) -> list[str]:
        """Other words that may have been meant, the likeliest first; none for very short or very long ones."""
        if not SHORTEST <= len(word) <= LONGEST:
            return []
        farthest = 1 if len(word) < 5 else 2
        numbers = {number for key in keys_of(word) for number in self._deletes.numbers(hash_of_key(key))}
        found = []
        for number in numbers:
            other, count = self._ask("SELECT word, count FROM spellings WHERE id = ?", (number,)).fetchone()
            if other != word and abs(len(other) - len(word)) <= farthest:
                distance = OSA.distance(word, other, score_cutoff=farthest)
                if distance <= farthest:
                    found.append((distance, -count, other))
        return [other for _, _, other in sorted(found)[:most]]
