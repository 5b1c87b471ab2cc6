"""Searching a snapshot: what a person typed in, ranks out, best first."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from segue.catalog.records import Kind
from segue.catalog.search.errors import NoSubstringIndex, NothingAsked
from segue.catalog.snapshot.layout import SEARCH, TRIGRAM
from segue.catalog.store import Found, Match
from segue.core.text import fts5_match, search_query


class SnapshotSearcher:
    """A Searcher over a snapshot's folder. For one thread at a time, not always the same."""

    def __init__(self, folder: Path) -> None:
        self._db = sqlite3.connect(
            f"{(folder / SEARCH).resolve().as_uri()}?mode=ro&immutable=1",
            uri=True,
            check_same_thread=False,
            isolation_level=None,
        )
        self._substrings = (folder / TRIGRAM).exists()

    def search(
        self,
        kind: Kind,
        text: str,
        *,
        limit: int = 20,
        after: str | None = None,
        match: Match = "words",
        deadline_s: float = 10.0,
        count: bool = False,
    ) -> Found:
        """Raises BadQuery where `text` cannot be asked."""
        if match == "substring" and not self._substrings:
            raise NoSubstringIndex
        terms = search_query(text)
        if not terms:
            raise NothingAsked
        rows = self._db.execute(
            f"SELECT rowid FROM {kind}_words WHERE {kind}_words MATCH ? AND rowid > ? ORDER BY rowid LIMIT ?",
            (fts5_match(terms), int(after or 0), limit + 1),
        ).fetchall()
        ranks = tuple(row[0] for row in rows[:limit])
        return Found(ranks, next=str(ranks[-1]) if len(rows) > limit else None)

    def close(self) -> None:
        self._db.close()
