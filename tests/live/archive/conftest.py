"""The emulator's archive, running for the tests of this folder and as new before each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from segue.emulator import Emulator
from segue.emulator.archive import Archive
from segue.emulator.serving import running


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
    found.archive.reset()
    return found


@pytest.fixture
def archive(emulator: Emulator) -> Archive:
    return emulator.archive


@pytest.fixture
def url(served: tuple[Emulator, str]) -> str:
    return served[1]
