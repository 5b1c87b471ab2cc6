"""Searching one shard: its own range of tracks, in parts that a router puts together with those of the others.

Counts of words, spelling, years, albums and artists are those of the whole catalogue on every shard, so that each
understands a query as the unsplit catalogue would.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import msgspec
import zstandard
from msgspec import Struct

from segue.catalog.records import Kind
from segue.catalog.search import substrings
from segue.catalog.search.asking import Asked, asked
from segue.catalog.search.correcting import corrections
from segue.catalog.search.cursors import Place
from segue.catalog.search.errors import NoSubstringIndex, WrongCursor
from segue.catalog.search.finding import PARTS, DeadlinePassed, Finding, Index
from segue.catalog.search.links import Links
from segue.catalog.search.searcher import COUNTING_S, MOST_COUNTED, SnapshotSearcher
from segue.catalog.snapshot.manifest import Share, SnapshotDamaged
from segue.catalog.store import Match


class Question(Struct, frozen=True, kw_only=True):
    """A search as a shard is asked it. With `correcting`, for what the text may have been meant as instead."""

    kind: Kind
    text: str
    limit: int
    place: tuple[int, int, int] = (0, 0, 0)
    match: Match = "words"
    deadline_s: float = 10.0
    count: bool = False
    correcting: bool = False


class Placed(Struct, frozen=True):
    """Ranks with the part of the order that each is in (see `finding`), at most one more than the limit.

    `counted` are the hits of this shard, up to MOST_COUNTED + 1; None where they were not counted. `attempt` is the number
    of the correction that was searched for, and `corrected` its text.
    """

    ranks: tuple[int, ...] = ()
    parts: tuple[int, ...] = ()
    partial: bool = False
    counted: int | None = None
    attempt: int = 0
    corrected: str | None = None


class ShardSearcher(SnapshotSearcher):
    """A Searcher over a shard; by itself it finds what this shard has."""

    def __init__(self, folder: Path, share: Share) -> None:
        super().__init__(folder)
        try:
            links = _OwnLinks(folder, share)
            self._open.append(links.db)
            self._links = links
            self._index = Index(self._db, links)
        except (sqlite3.DatabaseError, zstandard.ZstdError, OSError, KeyError, TypeError, ValueError) as error:
            self.close()
            raise SnapshotDamaged(self.path, str(error)) from error
        self._index.rows["track"] = share.last
        self._share = share

    def placed(self, question: Question) -> Placed:
        """Raises BadQuery, SnapshotDamaged."""
        place = Place(*question.place)
        deadline = time.monotonic() + question.deadline_s
        try:
            if question.match == "substring":
                return self._placed_substring(question, place, deadline)
            query = asked(question.kind, question.text)
            if not question.correcting:
                return self._placed(query, question, place, deadline)
            for attempt, other in enumerate(corrections(query, self._index.vocabulary, self._speller), 1):
                if place.corrected not in (0, attempt):
                    continue
                found = self._placed(asked(question.kind, other), question, place, deadline)
                if found.ranks or found.partial or place.corrected:
                    return msgspec.structs.replace(found, attempt=attempt, corrected=other)
        except (sqlite3.DatabaseError, zstandard.ZstdError, msgspec.DecodeError) as error:
            raise SnapshotDamaged(self.path, str(error)) from error
        if place.corrected:
            raise WrongCursor
        return Placed()

    def _placed(self, query: Asked, question: Question, place: Place, deadline: float) -> Placed:
        found: list[tuple[int, int]] = []
        partial = False
        counted: int | None = None
        try:
            self._until(deadline)
            finding = _OwnFinding(self._index, query, deadline, self._share)
            for one in islice(_in_order(finding, place), question.limit + 1):
                found.append(one)
            if question.count:
                self._until(min(deadline, time.monotonic() + COUNTING_S))
                counted = finding.count(MOST_COUNTED)
        except (DeadlinePassed, sqlite3.OperationalError) as error:
            _only_late(error)
            partial = time.monotonic() >= deadline
        finally:
            self._until(None)
        return Placed(tuple(rank for _, rank in found), tuple(part for part, _ in found), partial, counted)

    def _placed_substring(self, question: Question, place: Place, deadline: float) -> Placed:
        if self._grams is None:
            raise NoSubstringIndex
        needle = substrings.needle_of(question.text)
        ranks: list[int] = []
        partial = False

        def tick() -> None:
            if time.monotonic() >= deadline:
                raise DeadlinePassed

        try:
            tick()
            self._until(deadline)
            rows = substrings.rows(self._grams, self._links, question.kind, needle, place.rank, tick)
            for rank in islice(rows, question.limit + 1):
                ranks.append(rank)
        except (DeadlinePassed, sqlite3.OperationalError) as error:
            _only_late(error)
            partial = True
        finally:
            self._until(None)
        return Placed(tuple(ranks), (0,) * len(ranks), partial)


class _OwnLinks(Links):
    """Of tracks only those that this shard searches."""

    def __init__(self, folder: Path, share: Share) -> None:
        super().__init__(folder)
        self._first, self._last = share.first, share.last

    def tracks(self, album: int) -> Sequence[int]:
        return self._own(super().tracks(album))

    def isrc(self, code: int) -> list[int]:
        return self._own(super().isrc(code))

    def _own(self, ranks: Sequence[int]) -> list[int]:
        return [rank for rank in ranks if self._first <= rank <= self._last]


class _OwnFinding(Finding):
    def __init__(self, index: Index, asked: Asked, deadline: float, share: Share) -> None:
        self._before = share.first - 1 if asked.kind == "track" else 0
        super().__init__(index, asked, deadline)

    def _rows(self, match: str, after: int) -> Iterator[int]:
        return super()._rows(match, max(after, self._before))


def _in_order(finding: Finding, place: Place) -> Iterator[tuple[int, int]]:
    """Each part from its beginning, the first from behind the place where the search goes on."""
    for part in PARTS[place.part :]:
        rows: Iterable[int] = finding.part(part, place.rank if part == place.part else 0)
        for rank in rows:
            yield part, rank


def _only_late(error: Exception) -> None:
    if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
        raise error
