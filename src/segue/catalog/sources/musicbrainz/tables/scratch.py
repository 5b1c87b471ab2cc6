"""The tables of a dump in a scratch database, so that they can be joined: rows as PostgreSQL's COPY writes them as text."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any

from segue.catalog.records import Damage
from segue.catalog.sorting import sorting_in
from segue.catalog.sources.archives import Archive, split, tell, whole
from segue.catalog.sources.compressed import Broken, Compressed
from segue.catalog.sources.links import id_of_link
from segue.catalog.sources.musicbrainz.tables.layout import SCHEMA, Table, kept_columns

Told = Callable[[int, int, str], None]
PRAGMAS = (
    "PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144; PRAGMA temp_store = FILE;"
)
"""What a killed process wrote is there when it starts again; only a crash of the machine costs all of it."""
EVERYTHING = "*"
_ESCAPE = re.compile(r"\\([0-7]{1,3}|x[0-9a-fA-F]{1,2}|.)", re.DOTALL)
_LETTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def values(line: str) -> list[str | None]:
    """One row of COPY's text format: \\N is NULL, and a backslash begins an escape (PostgreSQL's manual, COPY)."""
    fields: list[Any] = line.split("\t")
    if "\\" not in line:
        return fields
    if line.count("\\") == line.count("\\N"):
        return [None if field == "\\N" else field for field in fields]
    return [None if field == "\\N" else _ESCAPE.sub(_unescaped, field) if "\\" in field else field for field in fields]


def _unescaped(found: re.Match[str]) -> str:
    text = found[1]
    if text[0] in "01234567":
        return chr(int(text, 8) & 0xFF)
    if text[0] == "x" and len(text) > 1:
        return chr(int(text[1:], 16))
    return _LETTERS.get(text, text)


class Scratch:
    """A database that `fill` fills from the files of a dump; tables that are whole are not read again by the next start."""

    def __init__(self, path: Path, damage: list[Damage]) -> None:
        self._damage = damage
        self._folder = path.parent
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.executescript(PRAGMAS)
        self.db.execute("CREATE TABLE IF NOT EXISTS whole (name TEXT PRIMARY KEY) WITHOUT ROWID")

    def close(self) -> None:
        self.db.close()

    def is_whole(self, name: str) -> bool:
        return self.db.execute("SELECT 1 FROM whole WHERE name = ?", (name,)).fetchone() is not None

    def highest(self, table: str) -> int:
        """The highest number of a table's rows."""
        return int(self.db.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0])

    def fill(self, files: Iterable[tuple[Path, str | None]], wanted: dict[str, Table], told: Told) -> None:
        """Take in the wanted tables of each file: an archive, or the one table that it is. Damage ends its file."""
        if self.is_whole(EVERYTHING):
            return
        for path, table in files:
            with Compressed(path) as file:
                try:
                    for name, parts in self._tables(file, table):
                        if name in wanted and not self.is_whole(name):
                            self._take(file, name, wanted[name], parts, told)
                except Broken as broken:
                    tell(self._damage, broken.damage)
        with sorting_in(self.db, self._folder):
            for name, made in wanted.items():
                self._make(name, made)
                if made.sorted_by:
                    told(0, 0, f"sorting {name}")
                    self.db.execute(f"CREATE INDEX IF NOT EXISTS {name}_sorted ON {name} ({made.sorted_by})")
        self.db.execute("INSERT INTO whole VALUES (?)", (EVERYTHING,))

    def _tables(self, file: Compressed, table: str | None) -> Iterator[tuple[str, Iterator[bytes]]]:
        if table is not None:
            yield table, whole(file)
            return
        for name, parts in Archive(file):
            if name.removeprefix("./") == "SCHEMA_SEQUENCE":
                said = b"".join(parts).strip()
                if said.isdigit() and int(said) > SCHEMA:
                    why = f"it is of schema {int(said)}, newer than {SCHEMA}: columns may have moved"
                    tell(self._damage, Damage(str(file.path), "SCHEMA_SEQUENCE", why))
            yield name.removeprefix("./").removeprefix("mbdump/"), parts

    def _make(self, name: str, table: Table) -> None:
        self.db.execute(f"CREATE TABLE IF NOT EXISTS {name} ({table.kept})")

    def _take(self, file: Compressed, name: str, table: Table, parts: Iterator[bytes], told: Told) -> None:
        """Take in one table as one transaction; what was read before damage is kept."""
        columns, _ = kept_columns(name, table)
        insert = f"INSERT OR IGNORE INTO {name} VALUES ({', '.join('?' * len(columns))})"
        self.db.execute("BEGIN")
        try:
            self.db.execute(f"DROP TABLE IF EXISTS {name}")
            self._make(name, table)
            for begin, lines in split(parts, file.path):
                self.db.executemany(insert, self._rows(name, table, lines, begin, file.path))
                told(file.done, file.size, f"reading {name}")
            self.db.execute("INSERT INTO whole VALUES (?)", (name,))
        except Broken:
            self.db.execute("COMMIT")
            raise
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def _rows(self, name: str, table: Table, lines: list[bytes], at: int, path: Path) -> Iterator[tuple[Any, ...]]:
        _, places = kept_columns(name, table)
        chosen = itemgetter(*places)
        least = len(table.columns.split())
        for line in lines:
            begin, at = at, at + len(line) + 1
            try:
                row = values(line.decode())
            except UnicodeDecodeError as error:
                tell(self._damage, Damage(str(path), f"byte {begin} of {name}", f"a row is left out: {error}"))
                continue
            if len(row) < least:
                if line and line != b"\\.":
                    why = f"a row is left out: {len(row)} columns where {least} or more should be"
                    tell(self._damage, Damage(str(path), f"byte {begin} of {name}", why))
                continue
            if name == "url" and id_of_link(row[2] or "") is None:
                continue
            yield chosen(row)
