"""Where SQLite sorts what does not fit into memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def sorting_in(database: sqlite3.Connection, folder: Path) -> Iterator[None]:
    """Files of large sorts lie in `folder` for the block: /tmp is often small, or memory.

    SQLite has one such folder for the whole process, and reads SQLITE_TMPDIR only when it is loaded. Where it was built
    without this setting, sorts stay where they would be anyhow.
    """
    before = (database.execute("PRAGMA temp_store_directory").fetchone() or ("",))[0]
    database.execute(f"PRAGMA temp_store_directory = '{_quoted(str(folder))}'")
    try:
        yield
    finally:
        database.execute(f"PRAGMA temp_store_directory = '{_quoted(before)}'")


def _quoted(text: str) -> str:
    return text.replace("'", "''")
