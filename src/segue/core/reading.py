"""Reading SQLite without a thread between, as long as that is quick.

SQLite runs inside our process, yet the asynchronous driver hands every statement to a thread and back, four times over, and
while it reads rows in that thread it fights with the event loop for the interpreter. Measured on two busy cores with four
people browsing 10,000 albums: 12 to 16 ms of processor time a page with the thread and 7 ms without, and 15 pages a second
against 39. So a statement runs right where it is asked.

Nothing may hold up the event loop, though: a statement that is not done after `PATIENCE_S` is interrupted, and runs again in
a thread, in the same transaction and on the same snapshot. So does one that finds the file locked, which readers of a
database in WAL mode hardly ever do.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, CursorResult
from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.pool import QueuePool

from segue.core.errors import Unavailable

PATIENCE_S = 0.02
"""Processor time that one statement may take from everybody else. Pages of lists take 1 to 5 ms, a count over 100,000
tracks by what their files say 50 ms."""
WAIT_S = 0.25
"""The same by the clock, which also sees a slow disk (and a processor that others are using)."""
STEPS = 20_000
"""Instructions of SQLite's virtual machine between two looks at the clock: some tenths of a millisecond."""
PAUSE_S = 0.01
"""Between two tries where the file is locked."""
_NEVER = float("inf")


class TookTooLong(Unavailable):
    """What was asked of the database was not answered in the time it was given."""

    def __init__(self, seconds: float) -> None:
        super().__init__("took_too_long", f"The database did not answer within {seconds:g} seconds.")
        self.seconds = seconds


class Deadline:
    """When the statement that is running on a connection is to be interrupted."""

    __slots__ = ("cpu", "wall")

    def __init__(self) -> None:
        self.never()

    def never(self) -> None:
        self.cpu = self.wall = _NEVER

    def soon(self) -> None:
        self.cpu, self.wall = time.thread_time() + PATIENCE_S, time.monotonic() + WAIT_S

    def now(self) -> None:
        self.cpu = self.wall = 0.0

    def at(self, moment: float) -> None:
        """Interrupt at this moment of the monotonic clock."""
        self.cpu, self.wall = _NEVER, moment

    def passed(self) -> bool:
        return time.monotonic() > self.wall or (self.cpu != _NEVER and time.thread_time() > self.cpu)


class ReadConnection:
    """As much of an AsyncConnection as repositories use. What it gives is read to the end already."""

    def __init__(self, conn: Connection, reader: InlineReader, within_s: float | None = None) -> None:
        self.sync_connection = conn
        self.dialect = conn.dialect
        self._deadline: Deadline = conn.connection.info["deadline"]
        self._reader = reader
        self._within_s = within_s
        self._until = _NEVER if within_s is None else time.monotonic() + within_s

    async def execute(self, statement: Any, parameters: Any = None) -> Any:
        return await self._run(lambda: _whole(self.sync_connection.execute(statement, parameters)))

    async def scalar(self, statement: Any, parameters: Any = None) -> Any:
        return await self._run(lambda: self.sync_connection.scalar(statement, parameters))

    async def scalars(self, statement: Any, parameters: Any = None) -> Any:
        return (await self.execute(statement, parameters)).scalars()

    async def exec_driver_sql(self, statement: str, parameters: Any = None) -> Any:
        return await self._run(lambda: _whole(self.sync_connection.exec_driver_sql(statement, parameters)))

    async def run_sync(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        return await self._reader.in_thread(lambda: function(self.sync_connection, *args, **options), self._deadline)

    async def _run(self, work: Callable[[], Any]) -> Any:
        self._deadline.soon()
        try:
            return work()
        except (OperationalError, sqlite3.OperationalError) as error:  # fetching rows raises the driver's own
            if not (_is(error, sqlite3.SQLITE_INTERRUPT) or _is(error, sqlite3.SQLITE_BUSY)):
                raise
        finally:
            self._deadline.never()
        if self._within_s is None:
            return await self._reader.in_thread(work, self._deadline)
        self._deadline.at(self._until)
        try:
            return await self._reader.in_thread(work, self._deadline)
        except (OperationalError, sqlite3.OperationalError) as error:
            if not _is(error, sqlite3.SQLITE_INTERRUPT) or time.monotonic() < self._until:
                raise
            raise TookTooLong(self._within_s) from error


def _whole(result: CursorResult[Any]) -> CursorResult[Any]:
    """The result with all its rows fetched."""
    if result.returns_rows and result.cursor is not None:
        result.cursor_strategy = FullyBufferedCursorFetchStrategy(
            result.cursor, initial_buffer=result.cursor.fetchall()
        )
    return result


def _is(error: OperationalError | sqlite3.OperationalError, code: int) -> bool:
    """Whether SQLite's answer was `code`, whatever the details in its higher bits."""
    answer = error.orig if isinstance(error, OperationalError) else error
    return (getattr(answer, "sqlite_errorcode", 0) & 0xFF) == code


class InlineReader:
    """The readers of one SQLite file.

    `prepare` makes every connection of an engine one of ours, and must not let SQLite wait for locks: waiting is done
    here, for at most `lock_limit_s`. `threads` is how many slow statements may run at once.
    """

    def __init__(
        self, path: Path, prepare: Callable[[Engine], None], *, size: int, lock_limit_s: float, threads: int = 4
    ) -> None:
        self.sync_engine = create_engine(
            URL.create("sqlite", database=str(path)),
            poolclass=QueuePool,
            pool_size=size,
            max_overflow=-1,  # a wait here would be a wait of the event loop; connections to a file are cheap
            connect_args={"check_same_thread": False, "cached_statements": 512},
        )
        self._lock_limit_s = lock_limit_s
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="read")

        @event.listens_for(self.sync_engine, "connect")
        def watch(connection: Any, record: Any) -> None:
            record.info["deadline"] = deadline = Deadline()
            connection.set_progress_handler(deadline.passed, STEPS)

        prepare(self.sync_engine)

    async def connect(self) -> Connection:
        """A connection, whose `with` block gives it back. Raises what the driver raises."""
        try:
            return self.sync_engine.connect()
        except OperationalError as error:
            if not _is(error, sqlite3.SQLITE_BUSY):
                raise
            return cast(Connection, await self.in_thread(self.sync_engine.connect))

    def reading(self, conn: Connection, within_s: float | None = None) -> AsyncConnection:
        """The connection as repositories take it; with `within_s`, statements raise TookTooLong after that time."""
        return cast(AsyncConnection, ReadConnection(conn, self, within_s))

    async def in_thread(self, work: Callable[[], Any], deadline: Deadline | None = None) -> Any:
        """What `work` gives, which may take long. Whoever is cancelled meanwhile waits for its end, which is hastened."""
        task = asyncio.get_running_loop().run_in_executor(self._threads, self._patiently, work)
        cancelled: asyncio.CancelledError | None = None
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError as error:
                cancelled = error
                if deadline is not None:
                    deadline.now()
        if deadline is not None:
            deadline.never()
        if cancelled is not None:
            task.exception()
            raise cancelled
        return task.result()

    def _patiently(self, work: Callable[[], Any]) -> Any:
        end = time.monotonic() + self._lock_limit_s
        while True:
            try:
                return work()
            except (OperationalError, sqlite3.OperationalError) as error:
                if not _is(error, sqlite3.SQLITE_BUSY) or time.monotonic() > end:
                    raise
            time.sleep(PAUSE_S)

    async def dispose(self) -> None:
        """Close what is open."""
        self._threads.shutdown(wait=True)
        self.sync_engine.dispose()
