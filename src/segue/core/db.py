"""The database: SQLite in a file by default, PostgreSQL when someone outgrows it; one way to read, one way to write.

Readers never wait. On SQLite there is one writer a process and a queue between processes; a write takes its lock at the
start (BEGIN IMMEDIATE), because a transaction that reads first and writes later fails at once with SQLITE_BUSY_SNAPSHOT,
whatever the timeout. What a client could cache is announced through `Transaction.changed`, in the same transaction.
"""

from __future__ import annotations

import asyncio
import math
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import JSON, DateTime, MetaData, event, types
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import URL, CursorResult, Dialect, Engine, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.sql.base import Executable

from segue.core.errors import Invalid, Unavailable
from segue.core.reading import InlineReader, TookTooLong
from segue.core.turnstile import Turnstile, TurnstileTimeout

DialectName = Literal["sqlite", "postgresql"]
RAW_SCHEMA = "raw"
"""Schema of what files and services said, kept as they said it: a second file on SQLite, so that the main one stays small."""

MAPPED_BYTES = 256 * 2**20
"""How much of SQLite's file a reader may map into memory. A writer maps nothing: what it touches would count as ours."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table of Segue."""

    metadata = MetaData(naming_convention=NAMING)


class UtcDateTime(types.TypeDecorator[datetime]):
    """An aware moment, stored in UTC. SQLite would give naive ones back; this gives aware ones on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


JsonB = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""A JSON column; None is stored as SQL NULL."""


class SortText(types.TypeDecorator[str]):
    """Text that is ordered byte by byte on both databases."""

    impl = types.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> types.TypeEngine[Any]:
        return dialect.type_descriptor(types.Text(collation="C" if dialect.name == "postgresql" else None))


class DatabaseBusy(Unavailable):
    def __init__(self, waited_s: float) -> None:
        super().__init__(
            "database_busy",
            f"The database stayed locked for {waited_s:g} seconds.",
            retry_after_s=5,
            hint="Another program may hold it open. Try again; `segue doctor` says who.",
            waited_s=waited_s,
        )


class DatabaseAway(Unavailable):
    def __init__(self, where: str, reason: str, hint: str = "Is it running, and is database.url right?") -> None:
        super().__init__(
            "database_away",
            f"The database at {where} does not answer: {reason}",
            retry_after_s=5,
            hint=hint,
            where=where,
        )


class NulInText(Invalid):
    def __init__(self) -> None:
        super().__init__("nul_in_text", "A text holds a NUL character (U+0000), which PostgreSQL cannot keep.")


class DiskFull(Unavailable):
    def __init__(self) -> None:
        super().__init__(
            "disk_full",
            "The disk that holds the database is full, so nothing can be written.",
            retry_after_s=60,
            hint="Make room there. Browsing and playing go on meanwhile.",
        )


class Transaction:
    """One write: statements, what changed by them, and what to do once it is committed."""

    def __init__(
        self, conn: AsyncConnection, dialect: DialectName, followers: Mapping[str, Sequence[Follower]] | None = None
    ) -> None:
        self.conn = conn
        self.dialect: DialectName = dialect
        self._followers = followers or {}
        self._changes: dict[tuple[str, str, int], tuple[str, int | None]] = {}
        self._callbacks: list[Callable[[], None]] = []

    async def execute(
        self, statement: Executable, params: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[*tuple[Any, ...]]:
        return await self.conn.execute(statement, params)  # type: ignore[return-value]

    async def scalar(self, statement: Executable, params: Mapping[str, Any] | None = None) -> Any:
        return await self.conn.scalar(statement, params)

    def changed(
        self,
        kind: str,
        entity_id: int | str,
        op: Literal["upsert", "delete"] = "upsert",
        *,
        user_id: int | None = None,
        library_id: int | None = None,
    ) -> None:
        """Announce in the change feed that `kind` number `entity_id` is new, different or gone.

        `user_id` where only that person may know of it (their star, their queue); `library_id` where only those may
        who see that library. The last word of a transaction counts.
        """
        self._changes[(kind, str(entity_id), user_id or 0)] = (op, library_id)

    def all_changed(self, kind: str, entity_ids: Iterable[int], *, library_id: int | None = None) -> None:
        """`changed` for many."""
        said: tuple[str, int | None] = ("upsert", library_id)
        for entity_id in entity_ids:
            self._changes[(kind, str(entity_id), 0)] = said

    def left(self, kind: str, entity_id: int, *, library_id: int) -> None:
        """Announce that `kind` number `entity_id` is no longer in that library, though it is elsewhere: gone for those who
        see nothing else. What it is now, `changed` has to say in the same transaction."""
        self._changes[(kind, str(entity_id), -library_id)] = ("delete", library_id)

    async def ended_in(self, kind: str, ended: int, kept: int) -> None:
        """Say that `kind` number `ended` is part of `kept` from now on: whoever keeps something of it follows at once."""
        for follow in self._followers.get(kind, ()):
            await follow(self, ended, kept)

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call `callback` once the transaction is committed; never when it is rolled back."""
        self._callbacks.append(callback)

    @property
    def has_changes(self) -> bool:
        """Whether anything was announced."""
        return bool(self._changes)

    async def finish(self) -> None:
        """The last thing before a commit: write what changed to the feed."""
        if self._changes:
            from segue.core.changes import append_changes

            await append_changes(self, self._changes)

    def committed(self) -> None:
        """The first thing after a commit."""
        for callback in self._callbacks:
            callback()


Follower = Callable[[Transaction, int, int], Awaitable[None]]
"""Called as (tx, ended, kept) in the transaction in which one thing ends in another."""


def upsert_into(dialect: DialectName, table: Any) -> Any:
    """An INSERT that knows `on_conflict_do_update` and `on_conflict_do_nothing`, spelled alike for both databases."""
    return sqlite_insert(table) if dialect == "sqlite" else postgresql_insert(table)


_inside_write: ContextVar[bool] = ContextVar("inside_write", default=False)


class Database:
    """The one door to the tables. Make it with `Database.open`; end it with `close`."""

    def __init__(
        self,
        url: URL,
        *,
        connect_args: Mapping[str, Any] | None = None,
        readers: int = 8,
        writers: int = 8,
        lock_limit_s: float = 30.0,
    ) -> None:
        self.url = url
        self._connect_args = dict(connect_args or {})
        self.dialect: DialectName = "sqlite" if url.get_backend_name() == "sqlite" else "postgresql"
        self.lock_limit_s = lock_limit_s
        self._write_turn = asyncio.Lock()
        self._on_change: list[Callable[[], None]] = []
        self.followers: dict[str, list[Follower]] = {}
        """By kind, who is told inside the transaction that one thing ended in another (`Transaction.ended_in`)."""
        self._turnstile: Turnstile | None = None
        self._waiting = 0
        self._waited_at = -math.inf
        if self.dialect == "sqlite":
            assert url.database
            self.path: Path | None = Path(url.database)
            self._turnstile = Turnstile(self.path)
            self._writer = _sqlite_engine(self.path, writing=True, size=1, lock_limit_s=lock_limit_s)
            prepare = partial(prepare_sqlite, path=self.path, writing=False, lock_limit_s=0)
            self._reader: InlineReader | AsyncEngine = InlineReader(
                self.path, prepare, size=readers, lock_limit_s=lock_limit_s
            )
        else:
            self.path = None
            args = self._connect_args
            options = {"schema_translate_map": {RAW_SCHEMA: None}}
            self._writer = create_async_engine(
                url, connect_args=args, pool_size=writers, max_overflow=0, pool_pre_ping=True, execution_options=options
            )
            self._reader = create_async_engine(
                url,
                connect_args=_planning_each_time(args),
                pool_size=readers,
                max_overflow=0,
                pool_pre_ping=True,
                isolation_level="REPEATABLE READ",
                execution_options=options | {"postgresql_readonly": True},
            )

    @classmethod
    def open(cls, url: str | URL, **options: Any) -> Database:
        """A database at a SQLAlchemy URL (`sqlite:///path`, `postgresql://…`). Connects when first used.

        The folder of a SQLite file must exist. `connect_args` go to the driver; `readers` and `writers` are pool sizes;
        `lock_limit_s` is how long a locked database is waited for.
        """
        parsed = make_url(url)
        driver = "sqlite+aiosqlite" if parsed.get_backend_name() == "sqlite" else "postgresql+asyncpg"
        return cls(parsed.set(drivername=driver), **options)

    def twin(self) -> Database:
        """Another Database at the same place with one connection each way, for a thread with an event loop of its own."""
        twin = Database(self.url, connect_args=self._connect_args, readers=1, writers=1, lock_limit_s=self.lock_limit_s)
        twin.followers = self.followers
        return twin

    @property
    def raw_path(self) -> Path | None:
        """On SQLite, the second file, which holds what files and services said; None on PostgreSQL."""
        return raw_file_of(self.path) if self.path else None

    async def close(self) -> None:
        await self._reader.dispose()
        await self._writer.dispose()
        if self._turnstile:
            self._turnstile.close()

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call `callback` after every commit of this process that wrote to the change feed."""
        self._on_change.append(callback)

    @asynccontextmanager
    async def read(self, within_s: float | None = None) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one unchanging snapshot and cannot write. Any number at a time, none waits for a writer.

        With `within_s`, what is asked must be answered in that time (on PostgreSQL every statement by itself), else
        TookTooLong is raised.
        """
        if isinstance(self._reader, InlineReader):
            try:
                direct = await self._reader.connect()
            except Exception as error:
                raise self._away(error) from error
            with direct, direct.begin():
                yield self._reader.reading(direct, within_s)
            return
        try:
            async with self._connected(self._reader) as conn, conn.begin():
                if within_s is not None:
                    await conn.exec_driver_sql(f"SET LOCAL statement_timeout = {max(1, round(within_s * 1000))}")
                yield conn
        except DBAPIError as error:
            if within_s is not None and getattr(error.orig, "sqlstate", None) == _QUERY_CANCELED:
                raise TookTooLong(within_s) from error
            _explain(error)
            raise

    @asynccontextmanager
    async def read_through(self) -> AsyncIterator[AsyncConnection]:
        """`read`, for whoever goes through a whole table once: on SQLite the file is not mapped into memory meanwhile, where
        what was looked at would stay and count as ours."""
        async with self.read() as conn:
            if self.dialect != "sqlite":
                yield conn
                return
            await conn.exec_driver_sql("PRAGMA mmap_size=0")
            try:
                yield conn
            finally:
                await conn.exec_driver_sql(f"PRAGMA mmap_size={MAPPED_BYTES}")

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """One transaction: committed at the end of the block, rolled back when it raises.

        On SQLite it waits its turn, in this process and among processes. Raises DatabaseBusy after `lock_limit_s`.
        A write inside a write is a mistake of the program and raises RuntimeError.
        """
        async with self.writing_turn(), self._begin() as tx:
            yield tx
        self.announce(tx)

    @asynccontextmanager
    async def writing_turn(self) -> AsyncIterator[None]:
        """Be the one who writes, on SQLite, while the block runs.

        Raises DatabaseBusy, DiskFull, NulInText, and RuntimeError inside a write.
        """
        if _inside_write.get():
            raise RuntimeError("a write was opened inside a write; hand the Transaction on instead")
        token = _inside_write.set(True)
        try:
            async with self._turn():
                yield
        except DBAPIError as error:
            _explain(error)
            raise
        finally:
            _inside_write.reset(token)

    def was_waited_for(self) -> None:
        """Note that somebody had to wait until another had written."""
        self._waited_at = time.monotonic()

    @property
    def quiet_s(self) -> float:
        """Seconds since somebody had to wait for a write to end, as far as it was noticed here: on SQLite after every write
        of this process, on PostgreSQL where `was_waited_for` is called."""
        return time.monotonic() - self._waited_at

    def announce(self, tx: Transaction) -> None:
        """After the commit of `tx`: call whoever waits for it."""
        tx.committed()
        if tx.has_changes:
            for callback in self._on_change:
                callback()

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[AsyncConnection]:
        """The writer's connection without a transaction, for migrations, VACUUM and backups."""
        async with self._turn(), self._connected(self._writer) as conn:
            autocommit = await conn.execution_options(isolation_level="AUTOCOMMIT")
            yield autocommit

    @asynccontextmanager
    async def migrating(self) -> AsyncIterator[AsyncConnection]:
        """The writer's connection in one transaction, with foreign keys off on SQLite while tables are rebuilt.

        What the rebuilding broke is found before the commit and raises IntegrityError.
        """
        async with self._turn(), self._connected(self._writer) as conn:
            if self.dialect == "postgresql":
                async with conn.begin():
                    yield conn
                return
            driver = (await conn.get_raw_connection()).driver_connection
            assert driver is not None
            await driver.execute("PRAGMA foreign_keys=OFF")
            try:
                async with conn.begin():
                    yield conn
                    broken = (await conn.exec_driver_sql("PRAGMA foreign_key_check")).all()
                    if broken:
                        raise IntegrityError("PRAGMA foreign_key_check", None, ValueError(f"{broken[:5]}"))
            finally:
                await driver.execute("PRAGMA foreign_keys=ON")

    @asynccontextmanager
    async def _connected(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        conn = engine.connect()
        try:
            await conn.start()
        except Exception as error:  # each driver has its own kinds, and some raise plain OSError
            raise self._away(error) from error
        try:
            yield conn
        finally:
            await conn.close()

    def _away(self, error: Exception) -> DatabaseAway:
        where = str(self.path) if self.path else f"{self.url.host}:{self.url.port or 5432}/{self.url.database}"
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()
        said = reason[0][:300] if reason else type(error).__name__
        return DatabaseAway(where, said, "`segue doctor` says what to do.") if self.path else DatabaseAway(where, said)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._turnstile is None:
            yield
            return
        self._waiting += 1
        try:
            async with asyncio.timeout(self.lock_limit_s):
                await self._write_turn.acquire()
        except TimeoutError:
            raise DatabaseBusy(self.lock_limit_s) from None
        finally:
            self._waiting -= 1
        try:
            try:
                await self._turnstile.enter(self.lock_limit_s)
            except TurnstileTimeout:
                raise DatabaseBusy(self.lock_limit_s) from None
            try:
                yield
            finally:
                if self._waiting or self._turnstile.someone_waits():
                    self.was_waited_for()
                self._turnstile.leave()
        finally:
            self._write_turn.release()

    @asynccontextmanager
    async def _begin(self) -> AsyncIterator[Transaction]:
        async with self.writing_connection() as conn, self.begin_on(conn) as tx:
            yield tx

    @asynccontextmanager
    async def writing_connection(self) -> AsyncIterator[AsyncConnection]:
        """A connection for one or many transactions (`begin_on`). Raises DatabaseAway."""
        async with self._connected(self._writer) as conn:
            yield conn

    @asynccontextmanager
    async def begin_on(self, conn: AsyncConnection) -> AsyncIterator[Transaction]:
        """One transaction on a connection of ours: `write` without getting one."""
        try:
            transaction = await conn.begin()
        except OperationalError as error:
            if "locked" in str(error) or "busy" in str(error):
                raise DatabaseBusy(self.lock_limit_s) from error
            raise
        tx = Transaction(conn, self.dialect, self.followers)
        try:
            yield tx
            await tx.finish()
        except BaseException:
            await transaction.rollback()
            raise
        await transaction.commit()


def _planning_each_time(connect_args: Mapping[str, Any]) -> dict[str, Any]:
    """Lists depend on their values: one genre has ten tracks, another half of all. And compiling costs more than asking.

    Told to the server as the connection is made: a statement would begin a transaction, and the first reader would go on in
    it.
    """
    given = dict(connect_args.get("server_settings") or {})
    return {**connect_args, "server_settings": {"plan_cache_mode": "force_custom_plan", "jit": "off", **given}}


_QUERY_CANCELED = "57014"
"""PostgreSQL's condition where statement_timeout has run out."""


def _explain(error: DBAPIError) -> None:
    """Raise what a person can do something about: SQLITE_FULL, PostgreSQL's conditions disk_full and
    character_not_in_repertoire."""
    answer = error.orig
    condition = getattr(answer, "sqlstate", None)
    if getattr(answer, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL or condition == "53100":
        raise DiskFull from error
    if condition == "22021":
        raise NulInText from error


def raw_file_of(path: Path) -> Path:
    """Where the raw documents of the SQLite database at `path` are: `segue.db` has `segue-raw.db` beside it."""
    return path.with_name(f"{path.stem}-raw{path.suffix}")


def _sqlite_engine(path: Path, *, writing: bool, size: int, lock_limit_s: float) -> AsyncEngine:
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=size,
        max_overflow=0,
        pool_timeout=lock_limit_s,
        connect_args={"timeout": lock_limit_s, "cached_statements": 512},
    )

    prepare_sqlite(engine.sync_engine, path, writing=writing, lock_limit_s=lock_limit_s)
    return engine


def prepare_sqlite(engine: Engine, path: Path, *, writing: bool, lock_limit_s: float) -> None:
    """Make every connection of `engine` one of ours: WAL, the raw documents attached, our own BEGIN."""

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not open transactions of its own
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={int(lock_limit_s * 1000)}")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("ATTACH DATABASE ? AS raw", (str(raw_file_of(path)),))
        cursor.execute("PRAGMA raw.journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA raw.synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA temp_store=MEMORY")
        cursor.execute(f"PRAGMA cache_size={-32768 if writing else -8192}")
        cursor.execute(f"PRAGMA mmap_size={0 if writing else MAPPED_BYTES}")
        if not writing:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    start = "BEGIN IMMEDIATE" if writing else "BEGIN"

    @event.listens_for(engine, "begin")
    def begin(conn: Any) -> None:
        if conn.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            conn.exec_driver_sql(start)
