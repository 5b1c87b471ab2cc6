"""Reading SQLite right where it is asked, and in a thread where that takes long."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from segue.core import reading
from segue.core.db import Database
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.anyio

LONG = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 3000000) SELECT count(*) FROM n"
ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database.open(f"sqlite:///{tmp_path / 'segue.db'}", lock_limit_s=5)
    async with database.write() as tx:
        await tx.execute(text("CREATE TABLE songs (id INTEGER PRIMARY KEY, title TEXT)"))
        await tx.execute(text("INSERT INTO songs VALUES (1, 'One'), (2, 'Two')"))
    yield database
    await database.close()


@pytest.fixture
def threads_used(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The connections' statements that went to a thread."""
    used: list[Any] = []
    patiently = reading.InlineReader._patiently

    def noted(self: reading.InlineReader, work: Any) -> Any:
        used.append(threading.current_thread().name)
        return patiently(self, work)

    monkeypatch.setattr(reading.InlineReader, "_patiently", noted)
    return used


async def test_a_quick_statement_needs_no_thread(db: Database, threads_used: list[Any]) -> None:
    async with db.read() as conn:
        rows = (await conn.execute(text("SELECT * FROM songs ORDER BY id"))).all()
        assert [tuple(row) for row in rows] == [(1, "One"), (2, "Two")]
        assert await conn.scalar(text("SELECT count(*) FROM songs")) == 2
        assert (await conn.scalars(text("SELECT title FROM songs ORDER BY id"))).all() == ["One", "Two"]
        assert (await conn.execute(text("SELECT id AS number FROM songs"))).mappings().first() == {"number": 1}
    assert threads_used == []


async def test_a_long_statement_goes_on_in_a_thread_and_holds_up_nobody(db: Database, threads_used: list[Any]) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    async with db.read() as conn:
        assert await conn.scalar(text(LONG)) == 3_000_000
    ticking.cancel()
    assert len(threads_used) == 1
    assert threads_used[0].startswith("read")
    assert ticks > 1


async def test_a_long_statement_sees_the_snapshot_of_its_transaction(db: Database, threads_used: list[Any]) -> None:
    async with db.read() as conn:
        assert await conn.scalar(text("SELECT count(*) FROM songs")) == 2
        async with db.write() as tx:
            await tx.execute(text("INSERT INTO songs VALUES (3, 'Three')"))
        both = f"SELECT (SELECT count(*) FROM songs), ({LONG})"
        assert tuple((await conn.execute(text(both))).one()) == (2, 3_000_000)
        assert await conn.scalar(text("SELECT count(*) FROM songs")) == 2
    assert len(threads_used) == 1
    async with db.read() as conn:
        assert await conn.scalar(text("SELECT count(*) FROM songs")) == 3


async def test_a_long_statement_ends_when_nobody_waits_for_it_any_more(db: Database) -> None:
    async def ask() -> None:
        async with db.read() as conn:
            await conn.scalar(text(ENDLESS))

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await ask()
    async with db.read() as conn:
        assert await conn.scalar(text("SELECT count(*) FROM songs")) == 2


async def test_a_file_that_another_program_holds_is_waited_for(db: Database, threads_used: list[Any]) -> None:
    assert db.path is not None
    await db.close()
    other = sqlite3.connect(db.path, isolation_level=None)
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO songs VALUES (4, 'Four')")
    again = Database.open(f"sqlite:///{db.path}", lock_limit_s=PATIENCE_S)

    async def ask() -> Any:
        async with again.read() as conn:
            return await conn.scalar(text("SELECT count(*) FROM songs"))

    asking = asyncio.create_task(ask())
    while not threads_used:
        await asyncio.sleep(0.01)
    assert not asking.done()
    other.execute("COMMIT")
    other.close()
    assert await asking == 3
    await again.close()


async def test_a_reader_cannot_write(db: Database) -> None:
    async with db.read() as conn:
        with pytest.raises(Exception, match="readonly"):
            await conn.execute(text("DELETE FROM songs"))


async def test_many_readers_at_once_do_not_wait_for_one_another(db: Database) -> None:
    everybody = asyncio.Event()
    inside = 0

    async def ask() -> int:
        nonlocal inside
        async with db.read() as conn:
            inside += 1
            if inside == 30:
                everybody.set()
            await asyncio.wait_for(everybody.wait(), PATIENCE_S)
            return int(await conn.scalar(text("SELECT count(*) FROM songs")) or 0)

    assert await asyncio.gather(*(ask() for _ in range(30))) == [2] * 30
