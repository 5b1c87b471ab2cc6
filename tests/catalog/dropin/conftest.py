"""One small catalogue, made up, as two files and as a snapshot built of them; and what asks the drop-in in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from segue.catalog.build.building import Options, build
from segue.catalog.current import Current
from segue.catalog.dropin.app import DropIn
from segue.catalog.local import LocalBackend
from segue.catalog.mount.opening import open_mount
from segue.catalog.snapshot.opening import open_snapshot
from segue.catalog.sources import open_source
from segue.catalog.synth import tables
from segue.catalog.synth.making import make
from tests.catalog.tiny import write_snapshot
from tests.catalog.two_files import Expected

Client = Callable[..., AbstractAsyncContextManager[httpx2.AsyncClient]]


@pytest.fixture(scope="session")
def two_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("two-files")
    make(folder, 1_200)
    return folder


@pytest.fixture(scope="session")
def expected(two_files: Path) -> Expected:
    return Expected(two_files / tables.MAIN, two_files / tables.FILES)


@pytest.fixture(scope="session")
def built(two_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built") / "snapshot"
    source = open_source(
        main=two_files / tables.MAIN, files=two_files / tables.FILES, scratch=folder.parent / "scratch"
    )
    build(source, folder, Options(trigram=True))
    return folder


def _closed(backend: LocalBackend) -> Iterator[LocalBackend]:
    yield backend
    backend.close_now()


@pytest.fixture(scope="session")
def from_snapshot(built: Path) -> Iterator[LocalBackend]:
    yield from _closed(open_snapshot(built, threads=2))


@pytest.fixture(scope="session")
def from_files(two_files: Path) -> Iterator[LocalBackend]:
    yield from _closed(open_mount(two_files / tables.MAIN, two_files / tables.FILES, threads=2))


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBackend]:
    yield from _closed(open_snapshot(write_snapshot(tmp_path_factory.mktemp("tiny") / "snapshot"), threads=2))


@pytest.fixture
def client() -> Client:
    """`async with client(backend, shape=…) as http:`"""

    @asynccontextmanager
    async def made(
        backend: LocalBackend, address: str = "192.0.2.1", **given: Any
    ) -> AsyncIterator[httpx2.AsyncClient]:
        transport = httpx2.ASGITransport(DropIn(Current(backend), **given), client=(address, 12345))
        async with httpx2.AsyncClient(transport=transport, base_url="http://catalog.test") as http:
            http.headers.pop("accept-encoding")
            yield http
        await asyncio.sleep(0)

    return made
