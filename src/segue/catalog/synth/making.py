"""Makes the files of a made-up catalogue: rows block by block, then the indexes, then the names they are known by."""

from __future__ import annotations

import gc
import os
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from msgspec import Struct

from segue.catalog.records import Counts
from segue.catalog.synth import tables
from segue.catalog.synth.blocks import TRACKS, block
from segue.catalog.synth.rows import Row, artist_rows, artists_of, block_rows, feature_rows
from segue.catalog.synth.text import markets
from segue.catalog.synth.words import Vocabulary

Told = Callable[[int, int, str], None]
CACHE_KIB = 200_000
"""Of each file while it is written: what an index is sorted in."""
COMMIT_EVERY = 16
"""Blocks."""
_WIDTHS = {
    "artists": 6, "artist_genres": 2, "artist_images": 4, "artist_albums": 5, "available_markets": 2, "albums": 15,
    "album_images": 4, "tracks": 15, "track_artists": 2,
}  # fmt: skip
_WITHOUT_ROWID = {"track_files": 27, "track_audio_features": 17}
INSERTS = {name: f"INSERT INTO {name} VALUES ({','.join('?' * width)})" for name, width in _WIDTHS.items()} | {
    name: f"INSERT INTO {name} VALUES (NULL{',?' * (width - 1)})" for name, width in _WITHOUT_ROWID.items()
}


class Made(Struct, frozen=True):
    """What was made: how many of each, and how large the files are together."""

    counts: Counts
    bytes: int


def make(folder: Path, tracks: int, *, seed: int = 1, features: bool = False, told: Told | None = None) -> Made:
    """A catalogue of so many tracks in `folder`, the same one for the same seed. What was there by these names is replaced.

    The files appear under their names only when all of them are complete. Memory does not grow with the catalogue.
    """
    say = told or (lambda done, total, what: None)
    folder.mkdir(parents=True, exist_ok=True)
    made = {
        tables.MAIN: _File(folder, tables.MAIN, tables.MAIN_TABLES, tables.MAIN_INDEXES),
        tables.FILES: _File(folder, tables.FILES, tables.FILES_TABLES, tables.FILES_INDEXES),
    }
    if features:
        made[tables.FEATURES] = _File(folder, tables.FEATURES, tables.FEATURES_TABLES, tables.FEATURES_INDEXES)
    collecting = gc.isenabled()
    gc.disable()  # millions of rows come and go, none in a circle: looking for circles would cost a sixth of the time
    try:
        albums, artists = _write(made, tracks, seed, say)
        indexes = sum(len(file.indexes) for file in made.values())
        done = 0
        for file in made.values():
            for index in file.indexes:
                say(done, indexes, "indexes")
                file.database.execute(index)
                done += 1
        say(indexes, indexes, "indexes")
        for file in made.values():
            file.close()
    except BaseException:
        for file in made.values():
            file.give_up()
        raise
    finally:
        if collecting:
            gc.enable()
    size = sum(file.keep() for file in made.values())
    return Made(Counts(tracks, albums, artists), size)


def _write(made: dict[str, _File], tracks: int, seed: int, say: Told) -> tuple[int, int]:
    words = Vocabulary()
    albums = artists = 0
    main = made[tables.MAIN]
    main.insert("available_markets", enumerate(markets(), 1))
    for number in range(-(-tracks // TRACKS)):
        say(number * TRACKS, tracks, "tracks")
        first = number * TRACKS
        part = block(seed, number, min(TRACKS, tracks - first), np.random.Generator(np.random.SFC64([seed, number])))
        newcomer, newcomers = artists_of(first, part.tracks)
        for table, rows in artist_rows(seed, number, newcomer, newcomers, words).items():
            main.insert(table, rows)
        ids: list[str] = []
        for table, rows in block_rows(seed, number, part, albums, words).items():
            if table == "tracks":
                rows = list(rows)
                ids = [row[1] for row in rows]
            made[tables.FILES if table == "track_files" else tables.MAIN].insert(table, rows)
        if tables.FEATURES in made:
            made[tables.FEATURES].insert("track_audio_features", feature_rows(seed, number, part, ids))
        albums += part.albums
        artists += newcomers
        if number % COMMIT_EVERY == COMMIT_EVERY - 1:
            for file in made.values():
                file.commit()
    say(tracks, tracks, "tracks")
    return albums, artists


class _File:
    """One database on its way: written under another name, without a journal, for a half one is thrown away."""

    def __init__(self, folder: Path, name: str, schema: str, indexes: tuple[str, ...]) -> None:
        self._final = folder / name
        self._part = folder / f"{name}.part"
        self.indexes = indexes
        self._part.unlink(missing_ok=True)
        self.database = sqlite3.connect(self._part, isolation_level=None, cached_statements=64)
        for pragma in (
            "journal_mode = OFF",
            "synchronous = OFF",
            "locking_mode = EXCLUSIVE",
            f"cache_size = -{CACHE_KIB}",
        ):
            self.database.execute(f"PRAGMA {pragma}")
        self.database.executescript(schema)
        self.database.execute("BEGIN")

    def insert(self, table: str, rows: Iterable[Row]) -> None:
        self.database.executemany(INSERTS[table], rows)

    def commit(self) -> None:
        self.database.execute("COMMIT")
        self.database.execute("BEGIN")

    def close(self) -> None:
        self.database.execute("COMMIT")
        self.database.close()
        with self._part.open("rb+") as file:
            os.fsync(file.fileno())

    def keep(self) -> int:
        """Give the file its name; how many bytes it has."""
        self._part.replace(self._final)
        return self._final.stat().st_size

    def give_up(self) -> None:
        self.database.close()
        self._part.unlink(missing_ok=True)
