"""The search files of one shard: words and grams of its own tracks, everything else as the whole snapshot has it."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterator
from pathlib import Path
from sys import byteorder
from urllib.parse import quote

from segue.catalog.search.links import Links
from segue.catalog.search.tables import CREATE, CREATE_GRAMS
from segue.catalog.search.words import folded, indexed, read
from segue.catalog.snapshot.layout import PAGE_SIZE, SEARCH, TRIGRAM, packed, unpacked
from segue.catalog.snapshot.manifest import Share

_PLAIN = ("meta", "words", "spellings", "deletes", "album_titles", "artist_titles")
_HASH_BYTES = 64 << 20


def split_search(snapshot: Path, folder: Path, share: Share, *, trigram: bool) -> None:
    """Write search.db, and trigram.db, into `folder`, where the shard's documents and catalog.db lie already."""
    links = Links(folder)
    try:
        db = _new(folder / SEARCH, CREATE, snapshot / SEARCH)
        for table in _PLAIN:
            db.execute(f"INSERT INTO main.{table} SELECT * FROM whole.{table}")
        _copy_lists(db, share)
        for table in ("album_words", "artist_words"):
            _copy_index(db, table)
        _index(db, "track_words", "name, artist", ((rank, read(name)[0], by) for rank, name, by in _rows(links, share)))
        db.close()
        if trigram:
            db = _new(folder / TRIGRAM, CREATE_GRAMS, snapshot / TRIGRAM)
            for table in ("album_grams", "artist_grams"):
                _copy_index(db, table)
            _index(db, "track_grams", "name", ((rank, folded(name)) for rank, name, _ in _rows(links, share)))
            db.close()
    finally:
        links.close()


def _rows(links: Links, share: Share) -> Iterator[tuple[int, str, str]]:
    """Rank, name, and the words of the artists' names."""
    for rank in range(share.first, share.last + 1):
        name, artists = links.names("track", rank)
        yield rank, name, " ".join(map(indexed, artists))


def _copy_lists(db: sqlite3.Connection, share: Share) -> None:
    """Lists of ranks by first letter and by whole name: of tracks only the shard's own."""
    for kind, letter, ranks, whole_to in db.execute("SELECT kind, letter, ranks, whole_to FROM whole.begun").fetchall():
        kept = [rank for rank in unpacked(ranks) if kind != "track" or share.first <= rank <= share.last]
        db.execute("INSERT INTO main.begun VALUES (?, ?, ?, ?)", (kind, letter, packed(kept), whole_to))
    cursor = db.execute("SELECT bucket, data FROM whole.track_titles")
    db.executemany(
        "INSERT INTO main.track_titles VALUES (?, ?)", ((bucket, _titles(data, share)) for bucket, data in cursor)
    )


def _titles(data: bytes, share: Share) -> bytes:
    """A bucket (see `buckets`) with the shard's own ranks."""
    count = len(data) // 6
    marks, ranks = array("H", data[: 2 * count]), array("I", data[2 * count :])
    if byteorder == "big":
        ranks.byteswap()
    kept = [place for place, rank in enumerate(ranks) if share.first <= rank <= share.last]
    numbers = array("I", [ranks[place] for place in kept])
    if byteorder == "big":
        numbers.byteswap()
    return array("H", [marks[place] for place in kept]).tobytes() + numbers.tobytes()


def _copy_index(db: sqlite3.Connection, table: str) -> None:
    """An FTS5 table without content, as it is: the tables that it consists of."""
    db.execute("BEGIN")
    for part in ("data", "idx", "config"):
        db.execute(f"DELETE FROM main.{table}_{part}")
        db.execute(f"INSERT INTO main.{table}_{part} SELECT * FROM whole.{table}_{part}")
    db.execute("COMMIT")


def _index(db: sqlite3.Connection, table: str, columns: str, rows: Iterator[tuple[int, *tuple[str, ...]]]) -> None:
    marks = ", ".join("?" * (2 + columns.count(",")))
    db.execute("BEGIN")
    for name, value in (("hashsize", _HASH_BYTES), ("automerge", 0), ("crisismerge", 1_000)):
        db.execute(f"INSERT INTO {table}({table}, rank) VALUES (?, ?)", (name, value))
    db.executemany(f"INSERT INTO {table}(rowid, {columns}) VALUES ({marks})", rows)
    db.execute(f"INSERT INTO {table}({table}) VALUES ('optimize')")
    db.execute("COMMIT")


def _new(path: Path, create: tuple[str, ...], whole: Path) -> sqlite3.Connection:
    db = sqlite3.connect(f"file:{quote(str(path.absolute()))}", uri=True, isolation_level=None)
    for pragma in (f"page_size = {PAGE_SIZE}", "journal_mode = OFF", "synchronous = OFF"):
        db.execute(f"PRAGMA {pragma}")
    for statement in create:
        db.execute(statement)
    db.execute("ATTACH ? AS whole", (f"file:{quote(str(whole.absolute()))}?mode=ro&immutable=1",))
    return db
