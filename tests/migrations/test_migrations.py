"""Migrations: up, down, up again with data, on both databases; equal to the models; one at a time; never without a copy."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, inspect, select, text

from segue.core.backup import BackupFailed, copy_sqlite
from segue.core.changes import ensure_epoch
from segue.core.db import Base, Database, SortText
from segue.core.migrate import DatabaseTooNew, Migrations, UnknownRevision
from segue.library.models import Track
from segue.tables import import_models
from tests.conftest import open_database
from tests.rows import some_music

pytestmark = pytest.mark.anyio
import_models()
RAW_TABLES = {table.name for table in Base.metadata.tables.values() if table.schema}
"""They lie in a file of their own on SQLite, where Alembic does not look."""


@pytest.fixture
async def empty(db_url: str) -> AsyncIterator[Database]:
    import_models()
    database = open_database(db_url, readers=2, writers=4)
    yield database
    await database.close()


@pytest.fixture
def migrations(empty: Database, tmp_path: Path) -> Migrations:
    return Migrations(empty, tmp_path / "backups")


def sort_text_is_text_in_c(
    _context: object, _inspected: object, _meta: object, found: object, wanted: object
) -> bool | None:
    """False (no difference) for sort keys whose collation is bytes; None leaves the question to Alembic."""
    if isinstance(wanted, SortText):
        return getattr(found, "collation", None) not in (None, "C")
    return None


async def tables(db: Database) -> set[str]:
    async with db.read() as conn:
        return set(await conn.run_sync(lambda c: inspect(c).get_table_names()))


async def test_every_migration_goes_up_and_down_and_up_again_with_data(empty: Database, migrations: Migrations) -> None:
    assert await migrations.upgrade()
    await ensure_epoch(empty)
    await some_music(empty)
    for revision in reversed([one.id for one in await migrations.history()][:-1]):
        await migrations.downgrade(revision)
        await migrations.upgrade()
        async with empty.read() as conn:
            assert await conn.scalar(select(func.count()).select_from(Track)) == 8
    await migrations.downgrade("base")
    assert await tables(empty) <= {"alembic_version"}
    assert await migrations.upgrade()
    await some_music(empty)


async def test_the_migrations_make_just_what_the_models_say(empty: Database, migrations: Migrations) -> None:
    await migrations.upgrade()

    # Alembic cannot compare indexes with expressions on SQLite; the test below holds their names
    expressions = {"ix_jobs_ready"} if empty.dialect == "sqlite" else set()

    every = [index for table in Base.metadata.tables.values() for index in table.indexes]
    elsewhere = {index.name for index in every if index._ddl_if and index._ddl_if.dialect != empty.dialect}

    def differences(connection: object) -> list[object]:
        options = {
            "compare_type": sort_text_is_text_in_c,
            "include_object": lambda it, name, kind, _r, _c: (
                not (kind == "table" and ("_fts" in (name or "") or "_grams" in (name or "") or it.schema))
            ),
        }
        context = MigrationContext.configure(connection, opts=options)  # type: ignore[arg-type]
        return [
            one
            for one in compare_metadata(context, Base.metadata)
            if not (
                one[0].endswith("_index")
                and (one[1].name.endswith(("_tokens", "_grams")) or one[1].name in expressions)
            )
            and not (one[0] == "add_index" and one[1].name in elsewhere)
            and not (one[0] == "remove_table" and one[1].name in RAW_TABLES)
            and not (one[0] == "remove_index" and one[1].table.name in RAW_TABLES)
        ]

    async with empty.exclusive() as conn:
        assert await conn.run_sync(differences) == []
    made = await tables(empty)
    wanted = {table.name for table in Base.metadata.tables.values()}
    own = {name for name in made if "_fts" not in name and "_grams" not in name}
    assert own - RAW_TABLES == (wanted - RAW_TABLES) | {"alembic_version"}
    async with empty.read() as conn:
        for name in sorted(RAW_TABLES):
            await conn.execute(select(Base.metadata.tables[f"raw.{name}"]))


async def test_what_create_all_makes_and_what_migrations_make_is_the_same_to_sqlite(tmp_path: Path) -> None:
    import_models()
    sql: list[set[tuple[str, str]]] = []
    for name, migrate in (("made", False), ("migrated", True)):
        db = Database.open(f"sqlite:///{tmp_path / name}.db")
        if migrate:
            await Migrations(db, tmp_path).upgrade()
        else:
            async with db.write() as tx:
                await tx.conn.run_sync(Base.metadata.create_all)
        async with db.read() as conn:
            rows = await conn.execute(text("SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'alembic%'"))
            sql.append({(row[0], row[1]) for row in rows if not row[1].startswith("sqlite_autoindex_alembic")})
        await db.close()
    assert sql[0] == sql[1]


async def test_a_second_upgrade_has_nothing_to_do(migrations: Migrations) -> None:
    assert await migrations.upgrade()
    assert not await migrations.upgrade()


async def test_two_processes_starting_at_once_migrate_once(empty: Database, db_url: str, tmp_path: Path) -> None:
    others = [open_database(db_url) for _ in range(3)]
    results = await asyncio.gather(*(Migrations(one, tmp_path / "backups").upgrade() for one in [empty, *others]))
    assert sorted(results) == [False, False, False, True]
    for one in others:
        await one.close()


async def test_a_database_of_a_newer_program_is_left_alone(empty: Database, migrations: Migrations) -> None:
    await migrations.upgrade()
    async with empty.write() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseTooNew, match="9999"):
        await migrations.upgrade()


async def test_an_unknown_revision_is_named(migrations: Migrations) -> None:
    await migrations.upgrade()
    with pytest.raises(UnknownRevision, match="7777"):
        await migrations.downgrade("7777")


@pytest.mark.parametrize("db_kind", ["sqlite"])
async def test_a_sqlite_file_is_copied_before_it_is_changed_and_the_copy_is_whole(
    empty: Database, migrations: Migrations, tmp_path: Path
) -> None:
    await migrations.upgrade()
    await some_music(empty)
    said: list[str] = []
    await migrations.downgrade("base", lambda phase, _done, _total: said.append(phase))
    (copy,) = (tmp_path / "backups").glob("segue-*.db")
    with closing(sqlite3.connect(copy)) as conn:
        assert conn.execute("SELECT count(*) FROM tracks").fetchone() == (8,)
    assert said[0] == "backup"
    assert said[-1] == "migrate"
    assert not list((tmp_path / "backups").glob("*.part"))


@pytest.mark.parametrize("db_kind", ["sqlite"])
async def test_only_the_newest_copies_are_kept(empty: Database, tmp_path: Path) -> None:
    migrations = Migrations(empty, tmp_path / "backups", keep=2)
    for _ in range(4):
        await migrations.upgrade()
        await migrations.downgrade("base")
    assert len(list((tmp_path / "backups").glob("*.db"))) == 2


def test_a_damaged_database_is_not_taken_for_a_backup(tmp_path: Path) -> None:
    source = tmp_path / "segue.db"
    with closing(sqlite3.connect(source)) as conn:
        conn.execute("CREATE TABLE numbers (n INTEGER, filler TEXT)")
        conn.executemany("INSERT INTO numbers VALUES (?, ?)", [(n, "x" * 500) for n in range(2000)])
        conn.execute("CREATE INDEX by_n ON numbers (n)")
        conn.commit()
    with source.open("r+b") as file:
        file.seek(4096 * 20)
        file.write(b"\xff" * 4096 * 5)
    with pytest.raises(BackupFailed):
        copy_sqlite(source, tmp_path / "copy.db")
    assert [path.name for path in tmp_path.iterdir()] == ["segue.db"]


def test_a_copy_that_cannot_be_written_says_why(tmp_path: Path) -> None:
    source = tmp_path / "segue.db"
    with closing(sqlite3.connect(source)) as conn:
        conn.execute("CREATE TABLE numbers (n INTEGER)")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises((BackupFailed, OSError)):
        copy_sqlite(source, tmp_path / "file" / "copy.db")


def test_a_migrations_file_is_named_after_its_revision_and_follows_the_one_before() -> None:
    from alembic.script import ScriptDirectory

    from segue.core.migrate import alembic_config, revisions

    scripts = list(ScriptDirectory.from_config(alembic_config()).walk_revisions())
    assert [script.revision for script in reversed(scripts)] == list(revisions())
