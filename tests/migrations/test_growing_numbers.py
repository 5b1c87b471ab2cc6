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
