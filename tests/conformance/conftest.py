"""One Segue with music and one without, each made once for the tests of a module."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
import uvicorn
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from segue.accounts.service import AccountService
from segue.app import Segue
from segue.asgi import make_asgi
from segue.settings import load_settings
from tests.conformance.house import APP_PASSWORD, PASSWORD, USERNAME, Face, Server, fill, remember_ids
from tests.conformance.specification import Specification
from tests.conftest import POSTGRES_URL, needs
from tests.library.scan.ground import house
from tests.waiting import PATIENCE_S


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def specification(reference: Path) -> Specification:
    return Specification(reference / "opensubsonic")


@asynccontextmanager
async def schema_of_its_own() -> AsyncIterator[str]:
    """The URL of an empty schema in PostgreSQL."""
    needs("PostgreSQL", bool(POSTGRES_URL), "set SEGUE_TEST_POSTGRES_URL, or install it and use ./dev test")
    name = f"t_{secrets.token_hex(6)}"
    url = POSTGRES_URL.replace("postgresql://", "postgresql+asyncpg://")
    admin = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with admin.connect() as conn:
        await conn.execute(text(f"CREATE SCHEMA {name}"))
    try:
        yield f"{POSTGRES_URL}?options=-csearch_path%3D{name}"
    finally:
        async with admin.connect() as conn:
            await conn.execute(text(f"DROP SCHEMA {name} CASCADE"))
        await admin.dispose()


@asynccontextmanager
async def opened(folder: Path, *, with_music: bool, url: str | None = None) -> AsyncIterator[Face]:
    """A Segue over a library in `folder`, on SQLite or on the database at `url`."""
    settings = load_settings({"data_dir": folder, "database.url": url, "log.access": False}, environ={})
    segue = Segue(settings)
    await segue.open()
    async with house(segue.db, folder) as scanned:
        if with_music:
            fill(scanned.music)
        await scanned.scan()
        accounts = segue.services.get(AccountService)
        await accounts.set_up(USERNAME, PASSWORD, app_password=APP_PASSWORD)
        app = make_asgi(segue)
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://segue/rest") as client:
            face = Face(client, segue.services, app, scanned.music, scanned.scan)
            await remember_ids(face)
            yield face
    await segue.close()


@pytest.fixture(scope="module")
async def face(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Face]:
    async with opened(tmp_path_factory.mktemp("music"), with_music=True) as made:
        yield made


@pytest.fixture(scope="module")
async def server(face: Face) -> AsyncIterator[Server]:
    """The same Segue behind a socket."""
    listener = socket.create_server(("127.0.0.1", 0))
    runner = uvicorn.Server(uvicorn.Config(face.app, log_level="warning", lifespan="off"))
    running = asyncio.create_task(runner.serve(sockets=[listener]))
    async with asyncio.timeout(PATIENCE_S):
        while not runner.started:
            await asyncio.sleep(0.01)
    yield Server("http://127.0.0.1", listener.getsockname()[1])
    runner.should_exit = True
    await running


@pytest.fixture(scope="module")
async def empty(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Face]:
    async with opened(tmp_path_factory.mktemp("empty"), with_music=False) as made:
        yield made


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
async def on_each(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Face]:
    """A Segue with music on each kind of database."""
    folder = tmp_path_factory.mktemp("music")
    if request.param == "sqlite":
        async with opened(folder, with_music=True) as made:
            yield made
        return
    async with schema_of_its_own() as url, opened(folder, with_music=True, url=url) as made:
        yield made
