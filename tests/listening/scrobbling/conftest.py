"""An emulator for this folder, and the ground over it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from segue.core.access import Actor
from segue.core.db import Database
from segue.emulator import Emulator
from segue.emulator.serving import running
from tests.listening.scrobbling.ground import Ground, ground, without_limits


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Emulator, str]]:
    with running() as (emulator, url):
        yield emulator, url


@pytest.fixture
def emulator(served: tuple[Emulator, str]) -> Emulator:
    found = served[0]
    found.world.faults.clear()
    found.world.calls.clear()
    found.world.clock.reset()
    for service in found.services.values():
        service.reset()
    found.lastfm.limit.count = found.listenbrainz.limit.count = 100_000
    found.lastfm.per_day = 100_000
    return found


@pytest.fixture
def url(served: tuple[Emulator, str]) -> str:
    return served[1]


@pytest.fixture
def anna() -> Actor:
    return Actor(1, "anna", libraries=None, time_zone="Europe/Berlin")


@pytest.fixture
async def house(
    db: Database, emulator: Emulator, url: str, anna: Actor, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Ground]:
    without_limits(monkeypatch.setattr)
    made = await ground(db, url, anna)
    yield made
    await made.close()
