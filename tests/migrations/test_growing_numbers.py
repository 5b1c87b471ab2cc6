"""What migrations make hands no number out twice: SQLite reuses a deleted row's number unless the table says otherwise, and a
table that is rebuilt on the way must say it again."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from segue.core.db import Base, Database
from segue.core.migrate import Migrations
from segue.tables import import_models

pytestmark = pytest.mark.anyio


async def test_every_table_that_should_still_counts_upwards_after_all_migrations(tmp_path: Path) -> None:
    import_models()
    db = Database.open(f"sqlite:///{tmp_path / 'segue.db'}")
    await Migrations(db, tmp_path / "backups").upgrade()
    await db.close()
    with sqlite3.connect(tmp_path / "segue.db") as made:
        texts = dict(made.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
    wanted = {
        table.name
        for table in Base.metadata.tables.values()
        if table.dialect_options["sqlite"]["autoincrement"] and table.schema is None
    }
    assert {name for name in wanted if "AUTOINCREMENT" not in texts[name]} == set()
    assert "tracks" in wanted


async def test_rows_of_playlists_that_forgot_to_count_upwards_learn_it_again_and_stay(tmp_path: Path) -> None:
    """As in a database that was brought to 0003 while that migration still lost it."""
    import_models()
    db = Database.open(f"sqlite:///{tmp_path / 'segue.db'}")
    await Migrations(db, tmp_path / "backups").upgrade(to="0005")
    await db.close()
    with sqlite3.connect(tmp_path / "segue.db") as made:
        forgetful = _text_of(made).replace(" AUTOINCREMENT", "")
        made.execute("PRAGMA writable_schema=ON")
        made.execute("UPDATE sqlite_master SET sql = ? WHERE name = 'playlist_rows'", (forgetful,))
        made.execute("DELETE FROM sqlite_sequence WHERE name = 'playlist_rows'")
    with sqlite3.connect(tmp_path / "segue.db") as made:
        assert "AUTOINCREMENT" not in _text_of(made)
        made.execute("PRAGMA foreign_keys=OFF")
        for table in ("users", "playlists", "playlist_rows"):
            _put(made, table, 7)
        before = _indexes(made)
    db = Database.open(f"sqlite:///{tmp_path / 'segue.db'}")
    await Migrations(db, tmp_path / "backups").upgrade()
    await db.close()
    with sqlite3.connect(tmp_path / "segue.db") as made:
        assert "AUTOINCREMENT" in _text_of(made)
        assert made.execute("SELECT id FROM playlist_rows").fetchall() == [(7,)]
        assert _indexes(made) == before


def _put(made: sqlite3.Connection, table: str, number: int) -> None:
    """A row in which everything that has to be said is said."""
    needed = [row for row in made.execute(f"PRAGMA table_info({table})") if row[3] and row[4] is None]
    row = {name: number if "INT" in kind else "2026-01-01 00:00:00" for _, name, kind, *_ in needed}
    row["id"] = number
    marks = ", ".join("?" * len(row))
    made.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))


def _text_of(made: sqlite3.Connection) -> str:
    return str(made.execute("SELECT sql FROM sqlite_master WHERE name = 'playlist_rows'").fetchone()[0])


def _indexes(made: sqlite3.Connection) -> set[str]:
    found = made.execute("SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'playlist_rows'")
    return {" ".join(str(sql).split()) for (sql,) in found if sql}
