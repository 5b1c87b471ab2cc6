"""Searching inside words, by rank: what stands anywhere in a name, as it was typed but for case and marks.

The index of trigrams gives rows that have all trigrams of the text; whether they stand together is looked up in the name.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

from segue.catalog.records import Kind
from segue.catalog.search.asking import cleaned
from segue.catalog.search.errors import SubstringTooShort
from segue.catalog.search.links import Links
from segue.catalog.search.tables import SHORTEST_GRAM
from segue.catalog.search.words import folded

MOST_GRAMS = 12
"""Of a long text; spread over it, they leave hardly a row to be looked at in vain."""


def needle_of(text: str) -> str:
    """Raises SubstringTooShort, QueryTooLong. `%` and `_` are what they are."""
    needle = " ".join(folded(cleaned(text)).split())
    if len(needle) < SHORTEST_GRAM:
        raise SubstringTooShort(SHORTEST_GRAM)
    return needle


def expression(needle: str) -> str:
    grams = list(dict.fromkeys(needle[at : at + SHORTEST_GRAM] for at in range(len(needle) - SHORTEST_GRAM + 1)))
    if len(grams) > MOST_GRAMS:
        grams = [grams[number * (len(grams) - 1) // (MOST_GRAMS - 1)] for number in range(MOST_GRAMS)]
    return " AND ".join('"' + gram.replace('"', '""') + '"' for gram in grams)


def rows(
    db: sqlite3.Connection, links: Links, kind: Kind, needle: str, after: int, tick: Callable[[], object]
) -> Iterator[int]:
    table = f"{kind}_grams"
    sql = f"SELECT rowid FROM {table} WHERE {table} MATCH ? AND rowid > ? ORDER BY rowid"
    for (rank,) in db.execute(sql, (expression(needle), after)):
        tick()
        if needle in " ".join(folded(links.name(kind, rank)).split()):
            yield rank
