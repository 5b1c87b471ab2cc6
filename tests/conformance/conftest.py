"""One Segue with music and one without, each made once for the tests of a module."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from segue.accounts.service import AccountService
from segue.core.changes import ensure_epoch
from segue.core.db import Base
from segue.core.rest import Services
from segue.core.secrets import SecretKeys
from segue.library.fields import ENTITIES
from segue.library.service import LibraryService
from segue.listening.fields import FIELDS
from segue.listening.service import ListeningService
from segue.playlists.service import PlaylistService
from segue.query import Entities
from segue.streaming.service import StreamingService
from segue.subsonic.app import make_subsonic
from tests.conformance.house import APP_PASSWORD, PASSWORD, USERNAME, Face, fill, remember_ids
from tests.conformance.specification import Specification
from segue.tables import import_models
from tests.conftest import open_database
from tests.library.scan.ground import house


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def specification(reference: Path) -> Specification:
    return Specification(reference / "opensubsonic")


async def nobody(_request: object) -> None:
    return None


@asynccontextmanager
async def opened(folder: Path, *, with_music: bool) -> AsyncIterator[Face]:
    """A Segue over a library in `folder`."""
    import_models()
    db = open_database(f"sqlite:///{folder / 'segue.db'}", readers=4, writers=2)
    async with db.write() as tx:
        await tx.conn.run_sync(Base.metadata.create_all)
    await ensure_epoch(db)
    async with house(db, folder) as scanned:
        if with_music:
            fill(scanned.music)
        await scanned.scan()
        services = Services(nobody)
        accounts = services.add(AccountService(db, SecretKeys([b"k" * 32])))
        library = services.add(LibraryService(db, Entities(ENTITIES).extended(FIELDS)))
        services.add(ListeningService(db, library))
        services.add(PlaylistService(db, library))
        services.add(StreamingService())
        await accounts.set_up(USERNAME, PASSWORD, app_password=APP_PASSWORD)
        app = Starlette(routes=[Mount("/rest", make_subsonic(services))])
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://segue/rest") as client:
            face = Face(client)
            await remember_ids(face)
            yield face
        await accounts.close()
    await db.close()


@pytest.fixture(scope="module")
async def face(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Face]:
    async with opened(tmp_path_factory.mktemp("music"), with_music=True) as made:
        yield made


@pytest.fixture(scope="module")
async def empty(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Face]:
    async with opened(tmp_path_factory.mktemp("empty"), with_music=False) as made:
        yield made
