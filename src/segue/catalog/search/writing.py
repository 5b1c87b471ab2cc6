"""Writing search.db and trigram.db while a snapshot is built.

Rows come in rank order, each kind in one go. Nothing is kept in memory but caches of bounded size and what is spilled
to disk beside the files; a stage that was killed is done again from its beginning.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from segue.catalog.search.words import indexed
from segue.catalog.snapshot.layout import PAGE_SIZE, SEARCH, TRIGRAM
from segue.core.text import fold

ArtistRow = tuple[int, str, Sequence[str], Sequence[str]]
"""rank, name, aliases, genres"""
AlbumRow = tuple[int, str, Sequence[str], str, int, Sequence[str]]
"""rank, name, the names of its artists, label, year of release (0 where unknown), genres of its own"""
TrackRow = tuple[int, str, Sequence[str]]
"""rank, name, the names of its artists"""

_OPTIONS = "content='', detail=column, columnsize=0, tokenize='ascii', prefix='3 5'"
_TABLES = f"""
CREATE VIRTUAL TABLE artist_words USING fts5(name, genre, {_OPTIONS});
CREATE VIRTUAL TABLE album_words USING fts5(name, artist, label, genre, year, {_OPTIONS});
CREATE VIRTUAL TABLE track_words USING fts5(name, artist, {_OPTIONS});
"""


class SearchWriter:
    """Writes `folder`/search.db, and trigram.db with `trigram`. Files that are there from before are written anew.

    Call `artists`, `albums` and `tracks` once each, in any order, with rows by rising rank, then `finish`. Until then
    the files cannot be read. `close` without `finish` leaves them unfinished, for the next writer to begin again.
    """

    def __init__(self, folder: Path, *, trigram: bool) -> None:
        self._db = _new(folder / SEARCH)
        self._db.executescript(_TABLES)
        self._grams: sqlite3.Connection | None = None
        (folder / TRIGRAM).unlink(missing_ok=True)
        if trigram:
            self._grams = _new(folder / TRIGRAM)
            for kind in ("artist", "album", "track"):
                self._grams.execute(
                    f"CREATE VIRTUAL TABLE {kind}_grams USING fts5(name, content='', detail=none, columnsize=0, "
                    "tokenize='trigram case_sensitive 1')"
                )

    def artists(self, rows: Iterable[ArtistRow]) -> None:
        """By followers, then popularity: that is their rank."""
        self._db.executemany(
            "INSERT INTO artist_words(rowid, name, genre) VALUES (?, ?, ?)",
            (
                (rank, " ".join(map(indexed, (name, *aliases))), " ".join(map(indexed, genres)))
                for rank, name, aliases, genres in self._grammed("artist", rows)
            ),
        )

    def albums(self, rows: Iterable[AlbumRow]) -> None:
        self._db.executemany(
            "INSERT INTO album_words(rowid, name, artist, label, genre, year) VALUES (?, ?, ?, ?, ?, ?)",
            (
                (
                    rank,
                    indexed(name),
                    " ".join(map(indexed, artists)),
                    indexed(label),
                    " ".join(map(indexed, genres)),
                    str(year) if year else "",
                )
                for rank, name, artists, label, year, genres in self._grammed("album", rows)
            ),
        )

    def tracks(self, rows: Iterable[TrackRow]) -> None:
        self._db.executemany(
            "INSERT INTO track_words(rowid, name, artist) VALUES (?, ?, ?)",
            (
                (rank, indexed(name), " ".join(map(indexed, artists)))
                for rank, name, artists in self._grammed("track", rows)
            ),
        )

    def finish(self) -> None:
        """Make the files whole: after this they are read-only and never change."""
        self._db.commit()
        self._db.close()
        if self._grams is not None:
            self._grams.commit()
            self._grams.close()

    def close(self) -> None:
        """Without finishing; safe after `finish` as well."""
        self._db.close()
        if self._grams is not None:
            self._grams.close()

    def _grammed(self, kind: str, rows: Iterable[tuple]) -> Iterator[tuple]:  # type: ignore[type-arg]
        if self._grams is None:
            yield from rows
            return
        insert = f"INSERT INTO {kind}_grams(rowid, name) VALUES (?, ?)"
        for row in rows:
            self._grams.execute(insert, (row[0], fold(row[1])))
            yield row


def _new(path: Path) -> sqlite3.Connection:
    for name in (path, path.with_name(f"{path.name}-journal")):
        name.unlink(missing_ok=True)
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    pragmas = (f"page_size = {PAGE_SIZE}", "journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE")
    for pragma in pragmas:
        db.execute(f"PRAGMA {pragma}")
    db.execute("BEGIN")
    return db
