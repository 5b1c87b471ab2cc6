"""Writing without a thread between: for bulk work in a process that has nobody to answer meanwhile.

SQLite runs inside our process, yet the asynchronous driver hands every statement to a thread and back, three times over.
For a person's click that is nothing. For a scan, which writes fifty small statements a transaction, it is most of the time:
with 1,000 files, under a profiler, the process used 7.7 s of CPU with the thread and 2.4 s without. So a scan's statements
run right where the scan runs. The event loop stands still for each of them (well under a millisecond, mostly); only the
commit, which may have to wait for the disk, goes to a thread.

On PostgreSQL there is a network between. There the connection is kept from one transaction to the next, since getting one and
making sure of it takes three questions to the server.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.pool import StaticPool

from segue.core.db import Database, DatabaseBusy, Transaction, prepare_sqlite

_PAUSE_S = 0.005


class InlineConnection:
    """As much of an AsyncConnection as repositories use, over a plain one."""

    def __init__(self, conn: Connection) -> None:
        self.sync_connection = conn
        self.dialect = conn.dialect

    async def execute(self, statement: Any, parameters: Any = None) -> Any:
        return self.sync_connection.execute(statement, parameters)

    async def scalar(self, statement: Any, parameters: Any = None) -> Any:
        return self.sync_connection.scalar(statement, parameters)

    async def scalars(self, statement: Any, parameters: Any = None) -> Any:
        return self.sync_connection.scalars(statement, parameters)

    async def exec_driver_sql(self, statement: str, parameters: Any = None) -> Any:
        return self.sync_connection.exec_driver_sql(statement, parameters)

    def run_many(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run `statement` for each of `rows`, by the driver itself: SQLAlchemy's way costs more than a short batch does."""
        driver: Any = self.sync_connection.connection.driver_connection
        try:
            driver.executemany(statement, rows)
        except sqlite3.Error as error:
            raise DBAPIError.instance(statement, None, error, sqlite3.Error) from error  # type: ignore[arg-type]

    def run_one(self, statement: str, row: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        """Run `statement` once, by the driver itself; the rows it gives."""
        driver: Any = self.sync_connection.connection.driver_connection
        try:
            found: list[tuple[Any, ...]] = driver.execute(statement, row).fetchall()
        except sqlite3.Error as error:
            raise DBAPIError.instance(statement, None, error, sqlite3.Error) from error  # type: ignore[arg-type]
        return found

    async def run_sync(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        return function(self.sync_connection, *args, **options)


async def run_one(conn: Any, statement: str, row: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """Run a statement in the driver's own words once, on whatever kind of connection; the rows it gives."""
    if isinstance(conn, InlineConnection):
        return conn.run_one(statement, row)
    found = await conn.exec_driver_sql(statement, row)
    return [tuple(each) for each in found.all()] if found.returns_rows else []


async def run_many(conn: Any, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run a statement in the driver's own words for each of `rows`, on whatever kind of connection."""
    if isinstance(conn, InlineConnection):
        conn.run_many(statement, rows)
    else:
        await conn.exec_driver_sql(statement, list(rows))


class InlineWriter:
    """Transactions of one database, each like `Database.write` but for where its statements run. Close it at the end."""

    def __init__(self, db: Database, *, bulk: bool = False) -> None:
        """With `bulk` very many transactions follow on each other: SQLite's log is copied into the file every 32 MB
        instead of 4, as what was written lately is written again."""
        self._db = db
        self._bulk = bulk
        self._engine: Engine | None = None
        self._kept: AsyncExitStack | None = None
        self._conn: AsyncConnection

    @asynccontextmanager
    async def write(self, go_on: Callable[[], None] | None = None) -> AsyncIterator[Transaction]:
        """One transaction, committed at the end of the block and rolled back when it raises.

        Raises DatabaseBusy where another program holds SQLite's lock too long; with `go_on` it is waited for until that
        raises.
        """
        if self._db.dialect != "sqlite":
            async with self._db.writing_turn():
                kept = await self._kept_connection()
                try:
                    async with self._db.begin_on(kept) as theirs:
                        yield theirs
                except BaseException:
                    await self.close()
                    raise
            self._db.announce(theirs)
            return
        async with AsyncExitStack() as turn:
            conn = await self._patiently(turn, go_on)
            tx = Transaction(cast(AsyncConnection, InlineConnection(conn)), "sqlite", self._db.followers)
            try:
                try:
                    yield tx
                    await tx.finish()
                except BaseException:
                    conn.rollback()
                    raise
                await _to_the_end(asyncio.to_thread(conn.commit))
            finally:
                conn.close()
        self._db.announce(tx)

    async def _patiently(self, turn: AsyncExitStack, go_on: Callable[[], None] | None) -> Connection:
        """Our turn, kept in `turn`, and a connection that holds the lock."""
        while True:
            try:
                await turn.enter_async_context(self._db.writing_turn())
                return await self._begin()
            except DatabaseBusy:
                await turn.aclose()
                if go_on is None:
                    raise
                go_on()

    async def _kept_connection(self) -> AsyncConnection:
        if self._kept is None:
            async with AsyncExitStack() as stack:
                self._conn = await stack.enter_async_context(self._db.writing_connection())
                self._kept = stack.pop_all()
        return self._conn

    async def close(self) -> None:
        """Let go of the connection."""
        kept, self._kept = self._kept, None
        if kept is not None:
            await kept.aclose()
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    async def _begin(self) -> Connection:
        """A connection that holds SQLite's write lock. A program outside of Segue may hold it: that is waited for."""
        if self._engine is None:
            assert self._db.path is not None
            self._engine = create_engine(
                URL.create("sqlite", database=str(self._db.path)),
                poolclass=StaticPool,
                connect_args={"check_same_thread": False, "cached_statements": 512},
            )
            prepare_sqlite(self._engine, self._db.path, writing=True, lock_limit_s=0)
            if self._bulk:
                event.listen(self._engine, "connect", _copy_seldom)
        end = time.monotonic() + self._db.lock_limit_s
        while True:
            conn = self._engine.connect()
            try:
                conn.begin()
                return conn
            except OperationalError as error:
                conn.close()
                if not ("locked" in str(error) or "busy" in str(error)):
                    raise
                if time.monotonic() > end:
                    raise DatabaseBusy(self._db.lock_limit_s) from error
            await asyncio.sleep(_PAUSE_S)


def _copy_seldom(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA wal_autocheckpoint=8000")


async def _to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Await `work` even where we are cancelled meanwhile: half a commit is nothing one could go on from."""
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise
