"""The catalogue in PostgreSQL says what the snapshot says that was loaded into it."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import msgspec
import pytest

from segue.catalog.local import LocalBackend
from segue.catalog.scale.postgres import DatabaseDown, Loaded, NothingLoaded, PostgresBackend
from segue.catalog.scale.postgres_loading import NoSearchToLoad, load
from segue.catalog.snapshot.manifest import read_manifest, write_manifest
from segue.catalog.store import Found
from tests.catalog.dropin.test_process import serving
from tests.catalog.scale.asking import everything, queries
from tests.conftest import POSTGRES_URL, needs, postgres_at
from tests.e2e.running import wait_until

pytestmark = pytest.mark.anyio

BUCKET = 150
"""Of some 1,000 tracks: seven buckets."""


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    needs("PostgreSQL", bool(POSTGRES_URL), "set SEGUE_TEST_POSTGRES_URL, or install it and use ./dev test")
    name = f"catalog_{os.getpid()}_{secrets.token_hex(3)}"
    asyncio.run(_said(f"CREATE DATABASE {name}"))
    yield postgres_at(name)
    asyncio.run(_said(f"DROP DATABASE {name} WITH (FORCE)"))


async def _said(statement: str) -> None:
    connection = await asyncpg.connect(POSTGRES_URL)
    await connection.execute(statement)
    await connection.close()


@pytest.fixture(scope="module")
def loaded(database: str, built: Path) -> str:
    asyncio.run(load(built, database, bucket=BUCKET))
    return database


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[PostgresBackend]:
    backend = await PostgresBackend.open(url, connections=2)
    yield backend
    await backend.close()


async def test_a_database_without_a_catalogue_says_so(database: str) -> None:
    with pytest.raises(NothingLoaded):
        await PostgresBackend.open(database)


async def test_postgresql_answers_everything_as_the_snapshot_does(loaded: str, whole: LocalBackend) -> None:
    texts = queries(whole.store)
    async with opened(loaded) as backend:
        assert (backend.id, backend.namespace, backend.licence) == (whole.id, whole.namespace, whole.licence)
        said = await everything(backend, whole.store, texts)
        for (what, here), (_, there) in zip(await everything(whole, whole.store, texts), said, strict=True):
            assert there == here, what


async def test_a_search_reads_the_most_popular_bucket_first_and_ends_there(loaded: str) -> None:
    async with opened(loaded) as backend:
        asked: list[tuple[int, int]] = []
        fetch = backend._finder._fetch

        async def told(sql: str, *arguments: object, deadline_s: float = 10.0) -> list[object]:
            if "track_words" in sql:
                asked.append(arguments[:2])  # type: ignore[arg-type]
            return await fetch(sql, *arguments, deadline_s=deadline_s)

        backend._finder._fetch = told
        counts = await backend.counts()
        assert len((await backend.search("track", "year:1900..", limit=5)).ranks) == 5
        assert asked == [(0, BUCKET)]
        asked.clear()
        await backend.search("track", "title:zzzzqq")
        assert asked[0] == (0, BUCKET)
        assert asked[1] == (BUCKET, 3 * BUCKET)
        assert asked[-1][1] == counts.tracks


async def test_at_the_deadline_a_search_is_partial(loaded: str) -> None:
    async with opened(loaded) as backend:
        assert await backend.search("track", "love", deadline_s=0) == Found((), partial=True)


async def test_another_catalogue_takes_its_place_while_a_server_answers(
    loaded: str, built: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(built, other)
    write_manifest(other, msgspec.structs.replace(read_manifest(built), id="0ther"))
    with serving(tmp_path / "out", "--postgres", loaded, "--rate-limit", "off") as running:
        first = running.served()
        async with opened(loaded) as before:
            await load(other, loaded, bucket=BUCKET)
            await asyncio.to_thread(wait_until, lambda: running.served() == "0ther")
            assert (await before.tracks((1,)))[0].startswith(b'{"id":"')
            assert before.id == first
        assert running.http.get("/search/track?q=love").status_code == 200
        assert isinstance(await Loaded(loaded).open(), PostgresBackend)


async def test_a_shard_is_not_loaded_and_a_database_that_is_away_is_named(shards: list[Path], loaded: str) -> None:
    with pytest.raises(NoSearchToLoad):
        await load(shards[0], loaded)
    with pytest.raises(DatabaseDown):
        await PostgresBackend.open("postgresql://segue@127.0.0.1:1/none")
