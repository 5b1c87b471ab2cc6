"""Searching a snapshot: what a person typed in, ranks out, best first."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec
import zstandard

from segue.catalog.records import Kind
from segue.catalog.search import cursors, substrings
from segue.catalog.search.asking import Asked, asked
from segue.catalog.search.correcting import corrections
from segue.catalog.search.cursors import Place
from segue.catalog.search.errors import NoSubstringIndex, WrongCursor
from segue.catalog.search.finding import PARTS, DeadlinePassed, Finding, Index
from segue.catalog.search.links import Links, opened
from segue.catalog.search.spelling import Speller
from segue.catalog.search.tables import SEARCH_FORMAT
from segue.catalog.snapshot.layout import SEARCH, TRIGRAM
from segue.catalog.snapshot.manifest import SnapshotDamaged
from segue.catalog.store import Found, Match

MOST_COUNTED = 10_000
COUNTING_S = 0.05
"""So long counting may take at most; a total that takes longer is not told."""
_STEPS = 200
"""Of SQLite's machine between two looks at the clock; reading a page of postings takes some five."""


class SnapshotSearcher:
    """A Searcher over a snapshot's folder. For one thread at a time, not always the same.

    Raises SnapshotDamaged where a file cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / SEARCH
        self._open: list[sqlite3.Connection] = []
        try:
            self._links = Links(folder)
            self._open.append(self._links.db)
            self._db = opened(self.path)
            self._open.append(self._db)
            (form,) = self._db.execute("SELECT value FROM meta WHERE name = 'format'").fetchone()
            if form != SEARCH_FORMAT:
                raise SnapshotDamaged(self.path, f"it has the format {form}; this Segue reads {SEARCH_FORMAT}")
            self._index = Index(self._db, self._links)
            self._speller = Speller(self._db, self._index.spelling_bits)
            self._grams = opened(folder / TRIGRAM) if (folder / TRIGRAM).exists() else None
            if self._grams is not None:
                self._open.append(self._grams)
        except (sqlite3.DatabaseError, zstandard.ZstdError, OSError, KeyError, TypeError, ValueError) as error:
            self.close()
            raise SnapshotDamaged(self.path, str(error)) from error

    @property
    def substring(self) -> bool:
        """Whether `match="substring"` can be asked."""
        return self._grams is not None

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
        """Raises BadQuery where `text` cannot be asked. `limit` is at least 1."""
        place = cursors.read(after, kind, text, match)
        deadline = time.monotonic() + deadline_s
        try:
            if match == "substring":
                found = self._substring(kind, text, limit, place, deadline)
            else:
                found = self._words(kind, text, limit, place, deadline, count=count)
        except (sqlite3.DatabaseError, zstandard.ZstdError, msgspec.DecodeError) as error:
            raise SnapshotDamaged(self.path, str(error)) from error
        return found

    def close(self) -> None:
        for db in self._open:
            db.close()

    def _words(self, kind: Kind, text: str, limit: int, place: Place, deadline: float, *, count: bool) -> Found:
        query = asked(kind, text)
        if not place.corrected:
            found = self._found(query, text, limit, place, deadline, count=count)
            if found.ranks or found.partial or place != Place():
                return found
        for number, other in enumerate(corrections(query, self._index.vocabulary, self._speller), 1):
            if place.corrected not in (0, number):
                continue
            instead = self._found(asked(kind, other), text, limit, place, deadline, count=count, corrected=number)
            if instead.ranks or instead.partial or place.corrected:
                return msgspec.structs.replace(instead, corrected=other if instead.ranks else None)
        if place.corrected:
            raise WrongCursor
        return found

    def _found(
        self, query: Asked, text: str, limit: int, place: Place, deadline: float, *, count: bool, corrected: int = 0
    ) -> Found:
        """`text` is what was typed, whatever is searched for."""
        ranks: list[int] = []
        parts: list[int] = []
        partial = False
        total: int | None = None
        try:
            self._until(deadline)
            finding = Finding(self._index, query, deadline)
            for part, rank in _in_order(finding, place):
                ranks.append(rank)
                parts.append(part)
                if len(ranks) > limit:
                    break
                finding.tick()
            if count:
                total = self._counted(finding, len(ranks), limit, place, deadline)
        except DeadlinePassed:
            partial = True
        except sqlite3.OperationalError as error:
            _not_interrupted(error)
            partial = True
        finally:
            self._until(None)
        following = None
        if len(ranks) > limit or (partial and ranks):
            last = min(len(ranks), limit) - 1
            following = cursors.written(Place(parts[last], ranks[last], corrected), query.kind, text, "words")
        return Found(
            tuple(ranks[:limit]),
            partial=partial,
            total=None if total is None else min(total, MOST_COUNTED),
            capped=total is not None and total > MOST_COUNTED,
            next=following,
        )

    def _counted(self, finding: Finding, found: int, limit: int, place: Place, deadline: float) -> int | None:
        if found <= limit and place == Place():
            return found
        self._until(min(deadline, time.monotonic() + COUNTING_S))
        try:
            return finding.count(MOST_COUNTED)
        except DeadlinePassed:
            return None
        except sqlite3.OperationalError as error:
            _not_interrupted(error)
            return None

    def _substring(self, kind: Kind, text: str, limit: int, place: Place, deadline: float) -> Found:
        if self._grams is None:
            raise NoSubstringIndex
        needle = substrings.needle_of(text)
        ranks: list[int] = []
        partial = False

        def tick() -> None:
            if time.monotonic() >= deadline:
                raise DeadlinePassed

        try:
            tick()
            self._until(deadline)
            for rank in substrings.rows(self._grams, self._links, kind, needle, place.rank, tick):
                ranks.append(rank)
                if len(ranks) > limit:
                    break
        except DeadlinePassed:
            partial = True
        except sqlite3.OperationalError as error:
            _not_interrupted(error)
            partial = True
        finally:
            self._until(None)
        more = len(ranks) > limit or (partial and ranks)
        following = None
        if more:
            last = ranks[min(len(ranks), limit) - 1]
            following = cursors.written(Place(0, last), kind, text, "substring")
        return Found(tuple(ranks[:limit]), partial=partial, next=following)

    def _until(self, deadline: float | None) -> None:
        """Interrupt whatever SQLite is doing for this search once the time is over."""
        handler: Callable[[], bool] | None = None
        if deadline is not None:
            limit = deadline

            def handler() -> bool:
                return time.monotonic() >= limit

        for db in self._open:
            db.set_progress_handler(handler, _STEPS)


def _in_order(finding: Finding, place: Place) -> Iterator[tuple[int, int]]:
    """Each part from its beginning, the first from behind the place where the search goes on."""
    for part in PARTS[place.part :]:
        rows: Iterable[int] = finding.part(part, place.rank if part == place.part else 0)
        for rank in rows:
            yield part, rank


def _not_interrupted(error: sqlite3.OperationalError) -> None:
    if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
        raise error
