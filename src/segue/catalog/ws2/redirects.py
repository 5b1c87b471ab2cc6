"""Which MBIDs became which others: only MusicBrainz's table dump knows, so it is read where it lies beside the documents."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from segue.catalog.records import Damage
from segue.catalog.sources.archives import Archive, split, tell
from segue.catalog.sources.compressed import Broken, Compressed
from segue.catalog.ws2.layout import TABLE, Entity, mbid_bytes, mbid_text

_ENDINGS = (".tar.bz2", ".tar.xz", ".tar.zst", ".tar.gz", ".tar")
_AT_ONCE = 10_000
_FORMER = "_gid_redirect"
Told = Callable[[int, int, str], None]


def redirects_in(folder: Path, scratch: Path, damage: list[Damage], told: Told) -> Iterator[tuple[Entity, str, str]]:
    """Entity, former MBID and present one, of `mbdump.tar.bz2` in a folder; nothing where there is none.

    `scratch` is a file for the time being, of about 25 bytes for everything that has an MBID. Damage ends the reading.
    """
    path = next((path for ending in _ENDINGS if (path := folder / f"mbdump{ending}").is_file()), None)
    if path is None:
        return
    scratch.unlink(missing_ok=True)
    database = sqlite3.connect(scratch, isolation_level=None)
    try:
        database.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;"
            + "".join(
                f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, mbid BLOB);"
                f"CREATE TABLE {table}{_FORMER} (mbid BLOB, id INTEGER);"
                for table in TABLE.values()
            )
        )
        with Compressed(path) as file:
            try:
                _take(file, database, told)
            except Broken as broken:
                tell(damage, broken.damage)
        for entity, table in TABLE.items():
            rows = database.execute(
                f"SELECT f.mbid, p.mbid FROM {table}{_FORMER} f JOIN {table} p ON p.id = f.id ORDER BY f.mbid"
            )
            for former, present in rows:
                yield entity, mbid_text(former), mbid_text(present)
    finally:
        database.close()
        scratch.unlink(missing_ok=True)


def _take(file: Compressed, database: sqlite3.Connection, told: Told) -> None:
    wanted = {table: f"INSERT OR IGNORE INTO {table} VALUES (?, ?)" for table in TABLE.values()}
    wanted |= {f"{table}{_FORMER}": f"INSERT INTO {table}{_FORMER} VALUES (?, ?)" for table in TABLE.values()}
    for name, parts in Archive(file):
        table = name.removeprefix("./").removeprefix("mbdump/")
        if table not in wanted:
            continue
        rows = (row for _, lines in split(parts, file.path) for line in lines if (row := _row(line, _FORMER in table)))
        while batch := list(islice(rows, _AT_ONCE)):
            database.executemany(wanted[table], batch)
            told(file.done, file.size, f"reading former ids: {table}")


def _row(line: bytes, former: bool) -> tuple[object, object] | None:
    """An id and its MBID, of `former` ones the other way round (both stand first in their tables); None for no such row."""
    first, _, rest = line.partition(b"\t")
    second = rest.partition(b"\t")[0]
    try:
        if former:
            return mbid_bytes(first.decode()), int(second)
        return int(first), mbid_bytes(second.decode())
    except ValueError:
        return None
