"""The database door: one writer at a time, readers that never wait, and nothing half-written."""

from __future__ import annotations

import asyncio
import math
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError

from segue.core.changes import Fact, set_fact
from segue.core.db import MAPPED_BYTES, Database, DatabaseAway, DatabaseBusy, DiskFull, NulInText
from tests.conftest import open_database
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.anyio


async def count(db: Database) -> int:
    async with db.read() as conn:
        return int(await conn.scalar(select(func.count()).select_from(Fact)) or 0)


async def test_a_failed_write_leaves_nothing(db: Database) -> None:
    before = await count(db)
    with pytest.raises(ZeroDivisionError):
        async with db.write() as tx:
            await set_fact(tx, "half", "written")
            tx.changed("track", 1)
            raise ZeroDivisionError
    assert await count(db) == before


async def test_a_callback_runs_after_a_commit_and_never_after_a_rollback(db: Database) -> None:
    called = []
    with pytest.raises(ValueError):
        async with db.write() as tx:
            tx.after_commit(lambda: called.append("rolled back"))
            raise ValueError
    async with db.write() as tx:
        tx.after_commit(lambda: called.append("committed"))
        assert called == []
    assert called == ["committed"]


async def test_a_reader_sees_one_snapshot_and_never_waits_for_the_writer(db: Database) -> None:
    before = await count(db)
    async with db.read() as conn:
        number = select(func.count()).select_from(Fact)
        assert await conn.scalar(number) == before
        async with db.write() as tx:
            await set_fact(tx, "new", "1")
            async with asyncio.timeout(PATIENCE_S):
                assert await count(db) == before
        assert await conn.scalar(number) == before
    assert await count(db) == before + 1


async def test_a_reader_cannot_write(db: Database) -> None:
    with pytest.raises(Exception, match=r"read-?only"):
        async with db.read() as conn:
            await conn.execute(insert(Fact).values(name="a", value="b"))


async def test_a_write_inside_a_write_is_refused_instead_of_hanging(db: Database) -> None:
    with pytest.raises(RuntimeError, match="inside a write"):
        async with db.write():
            async with db.write():
                pass


async def test_a_full_disk_is_said_in_a_sentence_and_writes_go_on_once_there_is_room(db: Database) -> None:
    before = await count(db)
    no_space = DBAPIError("INSERT", {}, type("DiskFullError", (Exception,), {"sqlstate": "53100"})())
    with pytest.raises(DiskFull):
        async with db.write() as tx:
            if db.dialect == "sqlite":
                pages = await tx.scalar(text("PRAGMA page_count"))
                await tx.execute(text(f"PRAGMA max_page_count={pages}"))
                await set_fact(tx, "large", "x" * 1_000_000)
            raise no_space
    assert await count(db) == before
    async with db.write() as tx:
        if db.dialect == "sqlite":
            await tx.execute(text("PRAGMA max_page_count=1000000"))
        await set_fact(tx, "large", "x" * 1_000_000)
    assert await count(db) == before + 1


@pytest.mark.parametrize("db_kind", ["postgresql"])
async def test_a_nul_that_postgresql_cannot_keep_is_the_fault_of_who_sent_it(db: Database) -> None:
    with pytest.raises(NulInText):
        async with db.write() as tx:
            await set_fact(tx, "name", "a\0b")
    with pytest.raises(NulInText):
        async with db.read() as conn:
            await conn.scalar(select(Fact.value).where(Fact.name == "a\0b"))


async def test_many_writers_lose_no_update(db: Database) -> None:
    async with db.write() as tx:
        await set_fact(tx, "sum", "0")

    async def add() -> None:
        async with db.write() as tx:
            if tx.dialect == "postgresql":
                await tx.execute(text("LOCK TABLE facts IN EXCLUSIVE MODE"))
            value = await tx.scalar(select(Fact.value).where(Fact.name == "sum"))
            await set_fact(tx, "sum", str(int(value) + 1))

    await asyncio.gather(*(add() for _ in range(40)))
    async with db.read() as conn:
        assert await conn.scalar(select(Fact.value).where(Fact.name == "sum")) == "40"


async def test_a_database_that_is_away_says_where_and_why_and_never_its_password() -> None:
    away = Database.open("postgresql://segue:hush@127.0.0.1:1/music")
    for door in (away.read, away.write, away.exclusive, away.migrating):
        with pytest.raises(DatabaseAway, match=r"127\.0\.0\.1:1/music") as caught:
            async with door():  # type: ignore[attr-defined]
                pass
        assert "hush" not in caught.value.message
    await away.close()


HOLDER = """
import asyncio, sys
from segue.core.db import Database
async def main():
    db = Database.open(sys.argv[1])
    async with db.write():
        print("held", flush=True)
        sys.stdin.readline()
asyncio.run(main())
"""


@pytest.mark.parametrize("db_kind", ["sqlite"])
async def test_a_lock_of_another_process_is_waited_for_with_a_limit(db: Database, db_url: str, tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, db_url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout and holder.stdin
    assert holder.stdout.readline() == "held\n"
    impatient = open_database(db_url, lock_limit_s=0.2)
    try:
        with pytest.raises(DatabaseBusy):
            async with impatient.write():
                pass
        waiting = asyncio.create_task(_touch(db))
        await asyncio.sleep(0)
        holder.stdin.write("\n")
        holder.stdin.flush()
        async with asyncio.timeout(PATIENCE_S):
            await waiting
    finally:
        holder.kill()
        holder.wait()
        await impatient.close()


async def _touch(db: Database) -> None:
    async with db.write() as tx:
        await set_fact(tx, "touched", "1")


@pytest.mark.parametrize("db_kind", ["sqlite"])
async def test_a_process_killed_inside_a_write_frees_its_lock(db: Database, db_url: str) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, db_url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    holder.kill()
    holder.wait()
    async with asyncio.timeout(PATIENCE_S):
        await _touch(db)


async def test_a_write_that_another_had_to_wait_for_is_noticed(db: Database) -> None:
    if db.dialect != "sqlite":
        pytest.skip("PostgreSQL has many writers at once")
    elsewhere = db.twin()
    async with db.write() as tx:
        await set_fact(tx, "alone", "1")
    assert db.quiet_s == math.inf

    begun = asyncio.Event()

    async def follow() -> None:
        await begun.wait()
        async with elsewhere.write() as tx:
            await set_fact(tx, "behind", "1")

    waiting = asyncio.create_task(follow())
    turnstile = db._turnstile
    assert turnstile is not None
    async with db.write() as tx:
        await set_fact(tx, "first", "1")
        begun.set()
        async with asyncio.timeout(PATIENCE_S):
            while not turnstile.someone_waits():
                await asyncio.sleep(0.001)
    await waiting
    assert db.quiet_s < 60
    assert elsewhere.quiet_s == math.inf
    await elsewhere.close()


async def test_going_through_a_table_maps_nothing_into_memory_and_others_are_not_concerned(db: Database) -> None:
    before = await count(db)
    async with db.read_through() as conn:
        assert await conn.scalar(select(func.count()).select_from(Fact)) == before
        if db.dialect == "sqlite":
            assert await conn.scalar(text("PRAGMA main.mmap_size")) == 0
    if db.dialect == "sqlite":
        async with db.read() as conn:
            assert await conn.scalar(text("PRAGMA main.mmap_size")) == MAPPED_BYTES
