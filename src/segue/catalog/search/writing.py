"""Writing search.db and trigram.db while a snapshot is built.

Rows come in rank order, each kind in one go. What is kept in memory is bounded; what is more lies in temporary files
beside the two. A stage that was killed is done again from its beginning.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from zlib import crc32

from segue.catalog.records import Kind
from segue.catalog.search import spelling
from segue.catalog.search.filling import Pairs, fill
from segue.catalog.search.tables import (
    BEGUN,
    BEGUN_ROWS,
    COLUMNS,
    CREATE,
    CREATE_GRAMS,
    KINDS,
    SEARCH_FORMAT,
    TITLES,
)
from segue.catalog.search.words import artist_key, folded, hash_of_key, indexed, plain, read, read_folded
from segue.catalog.snapshot.layout import PAGE_SIZE, SEARCH, TRIGRAM, packed

ArtistRow = tuple[int, str, Sequence[str], Sequence[str]]
"""rank, name, aliases, genres"""
AlbumRow = tuple[int, str, Sequence[str], str, int, Sequence[str]]
"""rank, name, the names of its artists, label, year of release (0 where unknown), genres of its own"""
TrackRow = tuple[int, str, Sequence[str]]
"""rank, name, the names of its artists"""

_AT_ONCE = 5_000
_HASH_BYTES: dict[Kind, int] = {"artist": 64 << 20, "album": 64 << 20, "track": 256 << 20}
"""Of postings that FTS5 gathers in memory before it writes them; 64 times what it does by default, and twice as fast."""
_REMEMBERED = 100_000
"""Names of artists and labels whose words are kept."""


class SearchWriter:
    """Writes `folder`/search.db, and trigram.db with `trigram`. Files that are there from before are written anew.

    Call `artists`, `albums` and `tracks` once each, in any order, with rows by rising rank, then `finish`. Until then
    the files cannot be read. `close` without `finish` leaves them unfinished, for the next writer to begin again.
    """

    def __init__(self, folder: Path, *, trigram: bool) -> None:
        self._folder = folder
        self._db = _new(folder / SEARCH, CREATE)
        self._grams = _new(folder / TRIGRAM, CREATE_GRAMS) if trigram else None
        if not trigram:
            (folder / TRIGRAM).unlink(missing_ok=True)
        for kind in KINDS:
            for db, table in ((self._db, f"{kind}_words"), (self._grams, f"{kind}_grams")):
                if db is not None:
                    _hurried(db, table, _HASH_BYTES[kind])
        self._titles = {kind: Pairs(folder) for kind in KINDS}
        self._rows: dict[Kind, int] = dict.fromkeys(KINDS, 0)
        self._years: set[int] = set()
        self._album_genres = 0
        self._said: dict[str, str] = {}

    def artists(self, rows: Iterable[ArtistRow]) -> None:
        """By followers, then popularity: that is their rank. Found by their aliases as well."""
        titles = self._titles["artist"]

        def written(some: Sequence[ArtistRow]) -> list[tuple[Any, ...]]:
            ready = []
            for rank, name, aliases, genres in some:
                words = indexed(name)
                titles.put(hash_of_key(artist_key(name)) << 32 | rank)
                for alias in aliases:
                    words += " " + indexed(alias)
                    titles.put(hash_of_key(artist_key(alias)) << 32 | rank)
                ready.append((rank, words, self._spoken(genres)))
            return ready

        self._write("artist", rows, written, 1)

    def albums(self, rows: Iterable[AlbumRow]) -> None:
        titles = self._titles["album"]

        def written(some: Sequence[AlbumRow]) -> list[tuple[Any, ...]]:
            ready = []
            for rank, name, artists, label, year, genres in some:
                words, title = read(name)
                titles.put(hash_of_key(title) << 32 | rank)
                if year:
                    self._years.add(year)
                self._album_genres += bool(genres)
                about = self._spoken((label,)), self._spoken(genres) if genres else "", year or ""
                ready.append((rank, words, self._spoken(artists), *about))
            return ready

        self._write("album", rows, written, 2)

    def tracks(self, rows: Iterable[TrackRow]) -> None:
        titles, said, spoken = self._titles["track"], self._said, self._spoken

        def written(some: Sequence[TrackRow]) -> list[tuple[Any, ...]]:
            ready = []
            put = titles.put
            for rank, name, artists in some:
                if plain(name):
                    words, title = name, name.lower()
                else:
                    words, title = read_folded(name)
                put(crc32(title.encode()) << 32 | rank)
                by = said.get(artists[0]) if len(artists) == 1 else None
                ready.append((rank, words, spoken(artists) if by is None else by))
            return ready

        self._write("track", rows, written, 2)

    def finish(self) -> None:
        """Make the files whole: after this they are only read, and never change."""
        for kind in KINDS:
            self._db.execute(f"INSERT INTO {kind}_words({kind}_words) VALUES ('optimize')")
        meta: dict[str, Any] = {"format": SEARCH_FORMAT, "years": " ".join(map(str, sorted(self._years)))}
        meta["album_genres"] = self._album_genres
        for kind in KINDS:
            meta[f"{kind}_rows"] = self._rows[kind]
            meta[f"{kind}_titles"] = fill(self._db, f"{kind}_titles", self._titles[kind], TITLES)
        self._learn_words()
        meta["deletes"] = self._learn_spelling()
        self._db.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
        self._db.execute("COMMIT")
        if self._grams is not None:
            for kind in KINDS:
                self._grams.execute(f"INSERT INTO {kind}_grams({kind}_grams) VALUES ('optimize')")
            self._grams.execute("COMMIT")
        self.close()

    def close(self) -> None:
        """Safe after `finish` as well."""
        for pairs in self._titles.values():
            pairs.close()
        self._db.close()
        if self._grams is not None:
            self._grams.close()

    def _write(self, kind: Kind, rows: Iterable[Any], written: Any, named: int) -> None:
        """`named` of the columns that `written` gives after the rank are searched where no field is said."""
        columns = COLUMNS[kind]
        marks = ", ".join("?" * (len(columns) + 1))
        insert = f"INSERT INTO {kind}_words(rowid, {', '.join(columns)}) VALUES ({marks})"
        begun = _Begun()
        titles = self._titles[kind]
        rest = iter(rows)
        while some := list(islice(rest, _AT_ONCE)):
            ready = written(some)
            self._db.executemany(insert, ready)
            if begun.rows < BEGUN_ROWS:
                begun.add((row[0], " ".join(row[1 : 1 + named])) for row in ready)
            if self._grams is not None:
                names = ((row[0], folded(row[1])) for row in some)
                self._grams.executemany(f"INSERT INTO {kind}_grams(rowid, name) VALUES (?, ?)", names)
            titles.made_room()
            self._rows[kind] += len(some)
        self._db.executemany("INSERT INTO begun VALUES (?, ?, ?, ?)", begun.lists(kind, self._rows[kind]))

    def _spoken(self, names: Sequence[str]) -> str:
        """The words of names that come again and again."""
        said = self._said
        if len(said) > _REMEMBERED:
            said.clear()
        parts = []
        for name in names:
            words = said.get(name)
            if words is None:
                words = said[name] = indexed(name)
            parts.append(words)
        return parts[0] if len(parts) == 1 else " ".join(parts)

    def _learn_words(self) -> None:
        """Every word with how many rows of each kind have it."""
        parts = []
        for kind in KINDS:
            self._db.execute(f"CREATE VIRTUAL TABLE temp.{kind}_seen USING fts5vocab(main, '{kind}_words', 'row')")
            columns = ", ".join(f"{'doc' if one == kind else 'NULL'} AS {one}" for one in KINDS)
            parts.append(f"SELECT term, {columns} FROM temp.{kind}_seen")
        sums = ", ".join(f"sum({kind})" for kind in KINDS)
        self._db.execute(f"INSERT INTO words SELECT term, {sums} FROM ({' UNION ALL '.join(parts)}) GROUP BY term")
        for kind in KINDS:
            self._db.execute(f"DROP TABLE temp.{kind}_seen")

    def _learn_spelling(self) -> int:
        (words,) = self._db.execute("SELECT count(*) FROM words").fetchone()
        fewest = spelling.RARE if words >= spelling.ALL_BELOW else 1
        pairs = Pairs(self._folder)
        sql = (
            "SELECT word, coalesce(track, 0) + coalesce(album, 0) + coalesce(artist, 0) AS count FROM words "
            f"WHERE length(word) BETWEEN {spelling.SHORTEST} AND {spelling.LONGEST} AND count >= ?"
        )
        spelling.learn(self._db, self._db.cursor().execute(sql, (fewest,)), pairs)
        return fill(self._db, "deletes", pairs, 1 << 31)


class _Begun:
    """By first letter: the best rows that have a word which begins so and is longer."""

    def __init__(self) -> None:
        self.rows = 0
        self._lists: defaultdict[str, list[int]] = defaultdict(list)

    def add(self, rows: Iterable[tuple[int, str]]) -> None:
        for rank, words in rows:
            self.rows += 1
            said = set(words.lower().split())
            for letter in {word[0] for word in said if len(word) > 1} - said:
                ranks = self._lists[letter]
                if len(ranks) < BEGUN and self.rows <= BEGUN_ROWS:
                    ranks.append(rank)

    def lists(self, kind: Kind, rows: int) -> Iterator[tuple[str, str, bytes | None, int]]:
        """`whole_to` is the rank up to which a list has all there are."""
        for letter, ranks in self._lists.items():
            yield kind, letter, packed(ranks), ranks[-1] if len(ranks) == BEGUN else min(rows, BEGUN_ROWS)


def _hurried(db: sqlite3.Connection, table: str, gathered: int) -> None:
    """Merge once at the end, not on the way."""
    for name, value in (("hashsize", gathered), ("automerge", 0), ("crisismerge", 1_000)):
        db.execute(f"INSERT INTO {table}({table}, rank) VALUES (?, ?)", (name, value))


def _new(path: Path, create: Sequence[str]) -> sqlite3.Connection:
    for name in (path, path.with_name(f"{path.name}-journal")):
        name.unlink(missing_ok=True)
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in (f"page_size = {PAGE_SIZE}", "journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE"):
        db.execute(f"PRAGMA {pragma}")
    db.execute("BEGIN")
    for statement in create:
        db.execute(statement)
    return db
