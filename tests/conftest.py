"""Fixtures of the whole suite: a database of each kind, fresh for every test."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from segue.core.changes import ensure_epoch
from segue.core.db import Base, Database
from segue.tables import import_models

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


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder of recorded facts, named by SEGUE_REFERENCE; tests that need it are skipped where it is absent."""
    needs("SEGUE_REFERENCE", bool(REFERENCE) and Path(REFERENCE).is_dir(), "set it to the folder of reference data")
    return Path(REFERENCE)


@pytest.fixture(params=["sqlite", "postgresql"])
def db_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def db_url(db_kind: str, tmp_path: Path) -> AsyncIterator[str]:
    """The URL of an empty database of this kind; a schema of its own on PostgreSQL."""
    if db_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'segue.db'}"
        return
    needs("PostgreSQL", bool(POSTGRES_URL), "set SEGUE_TEST_POSTGRES_URL, or install it and use ./dev test")
    schema = f"t_{secrets.token_hex(6)}"
    admin = create_async_engine(
        POSTGRES_URL.replace("postgresql://", "postgresql+asyncpg://"), isolation_level="AUTOCOMMIT"
    )
    async with admin.connect() as conn:
        await conn.execute(text(f"CREATE SCHEMA {schema}"))
    try:
        yield f"{POSTGRES_URL}?options=-csearch_path%3D{schema}"
    finally:
        async with admin.connect() as conn:
            await conn.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        await admin.dispose()


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
    async with database.write() as tx:
        await tx.conn.run_sync(Base.metadata.create_all)
    await ensure_epoch(database)
    yield database
    await database.close()
