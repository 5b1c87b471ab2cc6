"""The emulator's archive, running for the tests of this folder and as new before each, and a house that downloads from it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from segue.core.db import Database
from segue.core.outside import gate
from segue.emulator import Emulator
from segue.emulator.archive import Archive
from segue.emulator.serving import running
from tests.live.downloads.ground import House


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Emulator, str]]:
    with running() as (emulator, url):
        yield emulator, url


@pytest.fixture
def db_kind() -> str:
    """SQLite, but for tests that ask for both: those of what is said to the database."""
    return "sqlite"


@pytest.fixture
def emulator(served: tuple[Emulator, str]) -> Emulator:
    found = served[0]
    found.world.faults.clear()
    found.world.calls.clear()
    found.world.clock.reset()
    found.archive.reset()
    return found


@pytest.fixture
def archive(emulator: Emulator) -> Archive:
    return emulator.archive


@pytest.fixture
def url(served: tuple[Emulator, str]) -> str:
    return served[1]


@pytest.fixture
async def house(
    db: Database, emulator: Emulator, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    monkeypatch.setattr(gate, "FAILURES", 10**9)  # what the breaker does is told by its own tests
    made = House(db, url, tmp_path / "live")
    yield made
    await made.close()
