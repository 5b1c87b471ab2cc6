"""SQLite files of other servers: opened read-only, asked only for tables, and never trusted.

A database of strangers may hold views that never end, triggers, and values of any type. So nothing of its own is run: only
real tables are read, by their columns as they are (a column that a version does not have is null), every query has a limit
of time, and texts that are no UTF-8 are read as well as can be.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

MOST_S = 300.0
"""Seconds that one query may take until its next row."""
MOST_VALUE = 8 * 1024**2
_STEPS = 100_000
_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_PRAGMA}


class BrokenDatabase(Exception):
    """The file cannot be read as a database; `reason` is what SQLite says."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Tables:
    """The tables of one file and their columns, both by lower-case name."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn
        self._deadline = 0.0
        conn.set_progress_handler(self._is_late, _STEPS)
        self.columns: dict[str, set[str]] = {}
        for name, made_by in self._run("SELECT name, sql FROM sqlite_master WHERE type = 'table'", ()):
            if made_by and "VIRTUAL" not in str(made_by).upper()[:40]:
                info = self._run(f"PRAGMA table_info({_quoted(str(name))})", ())
                self.columns[str(name).lower()] = {str(row[1]).lower() for row in info}

    def has(self, table: str, *columns: str) -> bool:
        """Whether there is such a table, with all of these columns."""
        return {column.lower() for column in columns} <= self.columns.get(table.lower(), set()) and bool(
            self.columns.get(table.lower())
        )

    def rows(
        self, tables: Sequence[tuple[str, str]], columns: Sequence[str], joined: str = "", values: Sequence[Any] = ()
    ) -> Iterator[dict[str, Any]]:
        """Rows of `tables` ((name, alias) pairs; the first is selected from, `joined` has the rest of the statement).

        `columns` are `alias.column`; each comes back under that name, null where the table has none. No rows where a
        table is missing. Raises BrokenDatabase.
        """
        if not all(self.has(name) for name, _ in tables):
            return
        known = {alias: self.columns[name.lower()] for name, alias in tables}
        asked = []
        for column in columns:
            alias, _, name = column.partition(".")
            asked.append(f"{alias}.{_quoted(name)}" if name.lower() in known[alias] else "NULL")
        first, alias = tables[0]
        statement = f"SELECT {', '.join(asked)} FROM {_quoted(first)} AS {alias} {joined}"
        for row in self._run(statement, values):
            yield dict(zip(columns, row, strict=True))

    def _run(self, statement: str, values: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
        self._deadline = time.monotonic() + MOST_S
        try:
            for row in self._conn.execute(statement, values):
                self._deadline = time.monotonic() + MOST_S
                yield row
        except (sqlite3.Error, OverflowError, ValueError) as error:
            raise BrokenDatabase(str(error)) from None

    def _is_late(self) -> bool:
        return time.monotonic() > self._deadline


@contextmanager
def opened(path: Path) -> Iterator[Tables]:
    """The tables of the file at `path`, for reading alone. Raises BrokenDatabase."""
    try:
        conn = sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True, check_same_thread=False)
    except sqlite3.Error as error:
        raise BrokenDatabase(str(error)) from None
    try:
        conn.text_factory = lambda raw: raw.decode("utf-8", "replace")
        conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_VALUE)
        conn.execute("PRAGMA trusted_schema = OFF")
        conn.execute("PRAGMA query_only = ON")
        conn.execute("PRAGMA cell_size_check = ON")
        conn.set_authorizer(lambda action, *_given: sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY)
        yield Tables(conn)
    except sqlite3.Error as error:
        raise BrokenDatabase(str(error)) from None
    finally:
        conn.close()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
