"""Fixtures of the whole suite: a database of each kind, fresh for every test."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.util import LRUCache

from segue.core.changes import ChangeFeed, ensure_epoch
from segue.core.db import Base, Database
from segue.tables import import_models
from tests.waiting import PATIENCE_S

sys.path.insert(0, str(Path(__file__).parent.parent))

POSTGRES_URL = os.environ.get("SEGUE_TEST_POSTGRES_URL", "")
REQUIRE_ALL = os.environ.get("SEGUE_TEST_REQUIRE") == "all"
REFERENCE = os.environ.get("SEGUE_REFERENCE", "")


def needs(what: str, present: bool, why: str) -> None:
    """Skip with a reason where `what` is absent; fail instead where nothing may be skipped (SEGUE_TEST_REQUIRE=all)."""
    if present:
        return
    if REQUIRE_ALL:
        pytest.fail(f"{what} is required here: {why}")
    pytest.skip(f"{what} is absent: {why}")


@pytest.fixture(autouse=True, scope="session")
def passwords_are_cheap() -> Iterator[None]:
    """What a password costs to keep and to prove is told by the tests of accounts; elsewhere 170 ms each, twice for
    everybody who signs in, take longer than most of what the tests are about."""
    with pytest.MonkeyPatch.context() as patch:
        cheap = partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr("segue.accounts.passwords.PasswordHasher", cheap)
        yield


class Compiled(LRUCache[Any, Any]):
    """Statements as SQL, for every engine of a dialect: their keys name the dialect itself, of which each engine has its own."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get((type(key[0]), *key[1:]), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__((type(key[0]), *key[1:]), value)


@pytest.fixture(autouse=True, scope="session")
def statements_are_compiled_once() -> Iterator[None]:
    """Every test has a database of its own, with engines of its own: making SQL of the same statements for each of them was
    two fifths of what tests with a database took."""
    shared = Compiled(5_000)

    def kept(self: Engine) -> Any:
        return None if self.__dict__["own_cache"] is None else shared

    def keep(self: Engine, own: Any) -> None:
        self.__dict__["own_cache"] = own

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "_compiled_cache", property(kept, keep), raising=False)
        yield


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder of recorded facts, named by SEGUE_REFERENCE; tests that need it are skipped where it is absent."""
    needs("SEGUE_REFERENCE", bool(REFERENCE) and Path(REFERENCE).is_dir(), "set it to the folder of reference data")
    return Path(REFERENCE)


OTHERS_WRITE = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint <= (SELECT max(transaction_id) FROM changes)
AND NOT EXISTS (
    SELECT 1 FROM pg_stat_activity
    WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()
)
"""


@pytest.fixture(autouse=True)
def the_feed_waits_for_no_other_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL counts transactions for all databases of a server together, and the feed holds back what is newer than the
    oldest that runs. Where that one belongs to another test's database, wait for its end before the feed is read."""
    if not POSTGRES_URL:
        return

    async def wait(feed: ChangeFeed) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while feed._db.dialect == "postgresql":
                async with feed._db.read() as conn:
                    if not await conn.scalar(text(OTHERS_WRITE)):
                        return
                await asyncio.sleep(0.02)

    def patient(verb: Any) -> Any:
        async def first_wait(feed: ChangeFeed, *args: Any, **options: Any) -> Any:
            await wait(feed)
            return await verb(feed, *args, **options)

        return first_wait

    for name in ("head", "since", "newest"):
        monkeypatch.setattr(ChangeFeed, name, patient(getattr(ChangeFeed, name)))


@pytest.fixture(params=["sqlite", "postgresql"])
def db_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def postgres_at(name: str) -> str:
    """The URL of the database called `name` on the tests' PostgreSQL."""
    return f"{POSTGRES_URL.rpartition('/')[0]}/{name}"


@asynccontextmanager
async def postgres_admin() -> AsyncIterator[AsyncConnection]:
    needs("PostgreSQL", bool(POSTGRES_URL), "set SEGUE_TEST_POSTGRES_URL, or install it and use ./dev test")
    url = POSTGRES_URL.replace("postgresql://", "postgresql+asyncpg://")
    admin = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with admin.connect() as conn:
        yield conn
    await admin.dispose()


async def fill_template(url: str) -> None:
    """Every table, in the empty database at `url`."""
    import_models()
    database = open_database(url, readers=1, writers=1)
    async with database.write() as tx:
        await tx.conn.run_sync(Base.metadata.create_all)
    await ensure_epoch(database)
    await database.close()


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Databases with every table, made once in a process and copied from then on: by kind, where they are."""
    return {"folder": str(tmp_path_factory.mktemp("template"))}


async def template_of(kind: str, templates: dict[str, str]) -> str:
    if kind not in templates:
        if kind == "sqlite":
            name = f"{templates['folder']}/segue.db"
            await fill_template(f"sqlite:///{name}")
        else:
            name = f"template_{os.getpid()}_{secrets.token_hex(3)}"
            async with postgres_admin() as conn:
                await conn.execute(text(f"CREATE DATABASE {name}"))
            await fill_template(postgres_at(name))
        templates[kind] = name
    return templates[kind]


@pytest.fixture
async def db_url(
    db_kind: str, tmp_path: Path, templates: dict[str, str], request: pytest.FixtureRequest
) -> AsyncIterator[str]:
    """The URL of a database of this kind, of the test's own: with every table where the test wants `db`, else empty."""
    template = await template_of(db_kind, templates) if "db" in request.fixturenames else None
    if db_kind == "sqlite":
        for file in Path(template).parent.glob("segue*.db") if template else ():
            shutil.copy(file, tmp_path / file.name)
        yield f"sqlite:///{tmp_path / 'segue.db'}"
        return
    name = templates.pop("free", None) if template else None
    if name is None:
        name = f"t_{secrets.token_hex(6)}"
        async with postgres_admin() as conn:
            await conn.execute(text(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else "")))
    try:
        yield postgres_at(name)
    finally:
        if template and "free" not in templates and await emptied(name):
            templates["free"] = name
        else:
            async with postgres_admin() as conn:
                await conn.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


EMPTY_EVERYTHING = """
DO $$ DECLARE one record; filled boolean; BEGIN
    FOR one IN SELECT quote_ident(tablename) AS name FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'facts' LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s)', one.name) INTO filled;
        IF filled THEN EXECUTE format('TRUNCATE %s CASCADE', one.name); END IF;
    END LOOP;
    DELETE FROM facts WHERE name <> 'epoch';
    FOR one IN SELECT quote_ident(sequencename) AS name FROM pg_sequences
        WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
        PERFORM setval(one.name::regclass, 1, false);
    END LOOP;
END $$
"""


async def emptied(name: str) -> bool:
    """Whether the database is as new again, for the next test; not where a test made tables of its own or dropped some."""
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    conn = await asyncpg.connect(postgres_at(name))  # an engine of its own costs more than the rest of this
    try:
        await conn.execute(f"SELECT pg_terminate_backend(pid) {others}")
        tables = await conn.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        if tables != len(Base.metadata.tables):
            return False
        await conn.execute(EMPTY_EVERYTHING)
        return await conn.fetchval("SELECT count(*) FROM facts") == 1
    finally:
        await conn.close()


def open_database(url: str, **options: Any) -> Database:
    """A Database at a test's URL; `options=-csearch_path=…` becomes asyncpg's server setting."""
    base, _, query = url.partition("?options=-csearch_path%3D")
    if query:
        options["connect_args"] = {"server_settings": {"search_path": query}}
    return Database.open(base, **options)


@pytest.fixture
async def db(db_url: str) -> AsyncIterator[Database]:
    """A database with every table, empty."""
    import_models()
    database = open_database(db_url, readers=4, writers=6)
    yield database
    await database.close()
