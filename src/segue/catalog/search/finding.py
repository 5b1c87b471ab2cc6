"""One search: the rows of a query in their order, one after another, for as long as they are wanted.

    1. rows whose whole name is what was typed, up to `tables.TITLES`
    2. rows that have all words as they were typed
    3. rows that have a longer word for the last one

and in each of these by rank. FTS5 gives rows by rank because the rank is the rowid, so that nothing is sorted and a
search ends with the last row that is wanted.
"""

from __future__ import annotations

import sqlite3
import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice

from segue.catalog.records import Kind
from segue.catalog.search.asking import Asked, Column, Word
from segue.catalog.search.buckets import Buckets
from segue.catalog.search.links import Links
from segue.catalog.search.scopes import Check, Matching, Scope, phrase_check, scope_of
from segue.catalog.search.tables import BEGUN, FREE
from segue.catalog.search.vocabulary import Vocabulary, begun, exactly
from segue.catalog.search.words import artist_key, hash_of_key, indexed, key, read
from segue.catalog.snapshot.layout import unpacked

PARTS = (0, 1, 2)
_NO_YEAR = '"0"'
_BLOCK = 64
BEST_BY_NAME = 500
"""Rows with all other words that are looked at for one that begins with a single letter: whoever typed no more of it yet is
about to. More are not looked at, however many there are."""
FEW_BY_NAME = 300
"""So few rows with another word are all looked at for one that begins with two letters."""
_OTHERS: tuple[Column, ...] = ("artist", "label", "genre")
"""Columns that say something else of a row than its name."""
_OF_ALBUMS: tuple[Column, ...] = ("album_name", "album_label")


class DeadlinePassed(Exception):
    pass


class Index:
    """What one connection to search.db gives to searches."""

    def __init__(self, db: sqlite3.Connection, links: Links) -> None:
        self.db = db
        self.links = links
        self.vocabulary = Vocabulary(db)
        meta = dict(db.execute("SELECT name, value FROM meta"))
        self.rows: dict[Kind, int] = {kind: int(meta[f"{kind}_rows"]) for kind in FREE}
        self.titles = {kind: Buckets(db, f"{kind}_titles", int(meta[f"{kind}_titles"])) for kind in FREE}
        self.years = [int(year) for year in str(meta["years"]).split()]
        self.album_genres = bool(meta.get("album_genres", 1))
        """Whether any album has genres of its own."""
        self.spelling_bits = int(meta["deletes"])


class Finding:
    """Raises DeadlinePassed, or what SQLite says when it is interrupted; what was given before stands."""

    def __init__(self, index: Index, asked: Asked, deadline: float) -> None:
        self._deadline = deadline
        self.tick()
        self.asked = asked
        self.kind = asked.kind
        self._index = index
        self._ask = index.db.cursor().execute
        self._links = index.links
        self._vocabulary = index.vocabulary
        self._own = [word for word in asked.words if self._is_own(word)]
        self._counts = [self._vocabulary.count_of(self.kind, word) for word in self._own]
        self._begun = self._own[-1] if self._own and self._own[-1].prefix else None
        self._table = f"{self.kind}_words"
        self._scope: Scope = scope_of(asked, self._links, self._of_others, index.db)
        own_phrases = [phrase for phrase in asked.phrases if phrase.column not in _OF_ALBUMS]
        if self.kind != "artist":
            own_phrases = [phrase for phrase in own_phrases if phrase.column != "genre"]
        self._checks: list[Check] = [phrase_check(phrase, self.kind, self._links) for phrase in own_phrases]
        for phrase in asked.without_phrases:
            unwanted = phrase_check(phrase, self.kind, self._links)
            self._checks.append(lambda rank, unwanted=unwanted: not unwanted(rank))  # type: ignore[misc]
        self._checks += self._scope.checks
        if asked.without and not self._own and not (asked.years and self.kind == "album"):
            unwanted_rows = Matching(index.db, self.kind, " OR ".join(self._unwanted()))
            self._checks.append(lambda rank: rank not in unwanted_rows)

    def part(self, number: int, after: int) -> Iterator[int]:
        """The rows of one part that come after that rank; 0 for all. No row is in two parts."""
        match number:
            case 0:
                yield from (rank for rank in self.exact if rank > after)
            case 1:
                yield from self._but_exact(self._worded(after))
            case _:
                yield from self._but_exact(self._going_on(after))

    @cached_property
    def exact(self) -> list[int]:
        """Rows whose whole name is what was typed, and that meet every other condition; by rank."""
        wanted = self.asked.exact
        if wanted is None:
            return []
        if self.kind == "artist":
            wanted = artist_key(wanted)
        ranks = sorted(self._index.titles[self.kind].numbers(hash_of_key(wanted)))
        if self.kind != "artist":
            ranks = [rank for rank in ranks if self.tick() and key(self._links.name(self.kind, rank)) == wanted]
        if self._scope.ranks is not None:
            ranks = sorted(set(ranks).intersection(self._scope.ranks))
        if not ranks:
            return []
        others = [self._in_column(word, exactly(word)) for word in self._own if word.column in _OTHERS]
        if self.kind == "artist":
            # Its other names are only in the index, and "the" need not be among them.
            others.append(self._called(wanted))
        elif others or self.asked.without or self.asked.years:
            others += [self._in_column(word, exactly(word)) for word in self._own if word.column not in _OTHERS]
        if others:
            match = self._expression(others)
            ranks = [] if match is None else list(self._among(ranks, match, 0))
        return list(self._passing(ranks))

    @cached_property
    def worded(self) -> str | None:
        """The expression for all words as they were typed; None where nothing can have them."""
        if not all(self._counts):
            return None
        return self._expression([self._in_column(word, exactly(word)) for word in self._by_rarity()])

    @cached_property
    def going_on(self) -> str | None:
        """The expression for a longer last word; None where nothing can have it."""
        last = self._begun
        if last is None or not all(self._counts[:-1]):
            return None
        more = begun(self._vocabulary, self.kind, last)
        if not more:
            return None
        words = [self._in_column(word, exactly(word)) for word in self._by_rarity() if word is not last]
        without = [self._in_column(last, exactly(last))] if self._counts[-1] else []
        return self._expression([*words, self._in_column(last, more)], without)

    def count(self, most: int) -> int | None:
        """How many there are, up to `most` + 1; None where that would have to be counted one by one."""
        if self._scope.ranks is not None or self._checks or not self._own or len(self._short) == 1:
            return None
        either = [f"({match})" for match in (self.worded, self.going_on) if match]
        if not either:
            return len(self.exact)
        sql = f"SELECT count(*) FROM (SELECT 1 FROM {self._table} WHERE {self._table} MATCH ? LIMIT ?)"
        match = " OR ".join(either)
        counted: int = self._ask(sql, (match, most + 1)).fetchone()[0]
        if counted <= most:
            counted += len(self.exact) - sum(1 for _ in self._among(self.exact, match, 0))
        return counted

    # --- expressions --------------------------------------------------------------------------------------------------

    def _is_own(self, word: Word) -> bool:
        return word.column not in _OF_ALBUMS and (word.column != "genre" or self.kind == "artist")

    def _by_rarity(self) -> list[Word]:
        """The rarest first: FTS5 goes by the first of them and looks for its rows in the others."""
        return [word for _, _, word in sorted(zip(self._counts, range(len(self._own)), self._own, strict=True))]

    def _in_column(self, word: Word, expression: str) -> str:
        place = FREE[self.kind] if word.column == "any" else f"{word.column} : "
        return f"({place}{expression})" if place else expression

    def _expression(self, wanted: Sequence[str], without: Sequence[str] = ()) -> str | None:
        parts = list(wanted)
        if self.kind == "album":
            for first, last in self.asked.years:
                years = _years(self._index.years, first, last)
                if not years:
                    return None
                parts.insert(0 if first == last else len(parts), f"(year : {years})")
        unwanted = [*without, *self._unwanted()]
        found = " AND ".join(parts)
        return f"({found}) NOT ({' OR '.join(unwanted)})" if unwanted and found else found

    def _called(self, name: str) -> str:
        tokens = [f'"{token}"' for token in indexed(name).lower().split()]
        return f"(name : ({' AND '.join(tokens)}))"

    def _unwanted(self) -> list[str]:
        return [self._in_column(word, exactly(word)) for word in self.asked.without]

    def _of_others(self, kind: Kind, column: Column) -> str | None:
        """The expression for what is said of albums by `album_name` and the like, or of genres; None where nothing is."""
        if column == "genre" and kind == "album" and not self._index.album_genres:
            return None
        columns = {"album_name": "name", "album_label": "label"} if column == "album_name" else {"genre": "genre"}
        words = [word for word in self.asked.words if word.column in columns]
        parts = []
        for word in words:
            ways = [exactly(word), begun(self._vocabulary, kind, word) if word.prefix else ""]
            either = " OR ".join(way for way in ways if way)
            parts.append(f"({columns[word.column]} : ({either}))")
        if column == "album_name":
            for first, last in self.asked.years:
                parts.append(f"(year : {_years(self._index.years, first, last) or _NO_YEAR})")
        return " AND ".join(parts) or None

    # --- rows ---------------------------------------------------------------------------------------------------------

    def _worded(self, after: int) -> Iterator[int]:
        match = self.worded
        if match is not None:
            yield from self._passing(self._rows(match, after))

    def _going_on(self, after: int) -> Iterator[int]:
        short = self._short
        if len(short) == 1 and self._nothing_else:
            yield from self._by_letter(short, after)
            return
        others = self._without_last if short else None
        few = len(short) == 1 or (len(self._own) > 1 and min(self._counts[:-1]) <= FEW_BY_NAME)
        if others is not None and few and (others or not self.asked.without):
            began = self._begins(short)
            best = islice(self._passing(self._rows(others, 0)), BEST_BY_NAME)
            yield from (rank for rank in best if rank > after and began(rank))
        elif self.going_on is not None:
            yield from self._passing(self._rows(self.going_on, after))

    @cached_property
    def _short(self) -> str:
        """The last word where it is one or two letters that may go on: in very many ways, so that names are sooner read.
        Not in scripts without blanks, whose words are pairs."""
        last = self._begun
        if last is None or self.kind == "artist" or last.column not in ("any", "name", "artist"):
            return ""
        if len(last.ways) > 1 or len(last.ways[0]) > 1:
            return ""
        token = last.ways[0][0]
        return token if len(token) <= 2 and token < "\u0e00" else ""

    @cached_property
    def _nothing_else(self) -> bool:
        one = len(self._own) == 1 and self._own[0].column == "any" and not self.asked.without
        return one and not self._checks and self._scope.ranks is None and not self.asked.years

    @cached_property
    def _without_last(self) -> str | None:
        """All words but the last; empty where there is no other."""
        if not all(self._counts[:-1]):
            return None
        last = self._begun
        words = [self._in_column(word, exactly(word)) for word in self._by_rarity() if word is not last]
        return self._expression(words)

    def _begins(self, short: str) -> Check:
        column = self._own[-1].column

        def check(rank: int) -> bool:
            self.tick()
            name, artists = self._links.names(self.kind, rank)
            names = [name] if column == "name" else artists if column == "artist" else [name, *artists]
            words = {word for name in names for word in read(name)[0].lower().split()}
            return short not in words and any(word.startswith(short) for word in words)

        return check

    def _by_letter(self, letter: str, after: int) -> Iterator[int]:
        """From the list of the letter as far as it is whole, then from the index."""
        sql = "SELECT ranks, whole_to FROM begun WHERE kind = ? AND letter = ?"
        row = self._ask(sql, (self.kind, letter)).fetchone()
        whole_to = 0
        if row is not None:
            ranks, whole_to = unpacked(row[0]), row[1]
            yield from ranks[bisect_right(ranks, after) :]
        if row is None or len(ranks) == BEGUN or whole_to < self._index.rows[self.kind]:
            match = self.going_on
            if match is not None:
                yield from self._rows(match, max(after, whole_to))

    def _rows(self, match: str, after: int) -> Iterator[int]:
        """By rank; an empty expression gives all rows there are."""
        ranks = self._scope.ranks
        if ranks is not None:
            later = ranks[bisect_right(ranks, after) :]
            return self._among(later, match, after) if match else iter(later)
        if not match:
            return iter(range(after + 1, self._index.rows[self.kind] + 1))
        sql = f"SELECT rowid FROM {self._table} WHERE {self._table} MATCH ? AND rowid > ? ORDER BY rowid"
        return (row[0] for row in self._ask(sql, (match, after)))

    def _among(self, ranks: Sequence[int], match: str, after: int) -> Iterator[int]:
        """Those of `ranks` (rising) that match: both lists are gone through side by side, each skipping what the other lacks."""
        if not match:
            yield from ranks
            return
        sql = (
            f"SELECT rowid FROM {self._table} WHERE {self._table} MATCH ? AND rowid >= ? ORDER BY rowid LIMIT {_BLOCK}"
        )
        wanted = set(ranks)
        at = bisect_right(ranks, after)
        while at < len(ranks):
            self.tick()
            block = [row[0] for row in self._ask(sql, (match, ranks[at]))]
            yield from (rank for rank in block if rank in wanted)
            if len(block) < _BLOCK:
                return
            at = bisect_left(ranks, block[-1] + 1)

    def _passing(self, ranks: Iterable[int]) -> Iterable[int]:
        if not self._checks:
            return ranks
        checks = self._checks
        return (rank for rank in ranks if self.tick() and all(check(rank) for check in checks))

    def _but_exact(self, ranks: Iterable[int]) -> Iterator[int]:
        seen = set(self.exact)
        return (rank for rank in ranks if rank not in seen)

    def tick(self) -> bool:
        """True, or DeadlinePassed."""
        if time.monotonic() >= self._deadline:
            raise DeadlinePassed
        return True


def _years(there: Sequence[int], first: int, last: int) -> str:
    """Any of the years that there are; empty where none is."""
    found = [f'"{year}"' for year in there if first <= year <= last]
    return f"({' OR '.join(found)})" if found else ""
