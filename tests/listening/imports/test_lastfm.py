"""All that Last.fm has kept of an account, read page by page from an emulator of it, however often that is interrupted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from segue.core.cache import open_cache
from segue.core.db import Database
from segue.core.outside import Outside
from segue.emulator import Emulator
from segue.emulator.people import Heard
from segue.emulator.serving import running
from segue.listening.imports import gathering
from segue.metadata.service import LastfmNotSetUp, MetadataService
from segue.settings import Settings
from tests.listening.imports import ground
from tests.listening.imports.exports import seconds
from tests.listening.imports.ground import SAID, UNKNOWN, Ground
from tests.listening.scrobbling.ground import settings_at, without_limits

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Emulator, str]]:
    with running() as (emulator, url):
        emulator.lastfm.limit.count = 100_000
        person = emulator.lastfm.person("ann")
        for number in range(450):
            title, artist, album = SAID[number % 4] if number % 5 else UNKNOWN
            person.hear(Heard(seconds(number), artist, title, album))
        yield emulator, url


@pytest.fixture
async def house(
    db: Database, tmp_path: Path, served: tuple[Emulator, str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Ground]:
    without_limits(monkeypatch.setattr)
    served[0].world.faults.clear()
    outside = Outside(db, open_cache(None))
    made = await ground.ground(db, tmp_path, MetadataService(outside, lambda: settings_at(served[1])))
    async with made.working():
        yield made
    await outside.close()


async def test_an_account_at_last_fm_is_read_to_its_first_listen(house: Ground) -> None:
    view = await house.imports.fetch_lastfm(house.anna, "ann")
    view = await house.ended(view.id)
    assert (view.state, view.source, view.name) == ("ready", "lastfm", "ann"), (view.code, view.params)
    assert view.preview is not None
    assert view.preview["listens"]["total"] == 450
    await house.imports.start(house.anna, view.id)
    view = await house.ended(view.id)
    assert view.result is not None
    assert (view.state, view.result["added"], view.result["unmatched"]) == ("done", 450, 90)


async def test_reading_an_account_goes_on_after_faults(
    house: Ground, served: tuple[Emulator, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "PAGES_A_SAVE", 1)
    served[0].world.faults.add("status", service="lastfm", status=500, times=2)
    view = await house.imports.fetch_lastfm(house.anna, "ann")
    view = await house.ended(view.id)
    assert (view.state, view.preview is not None) == ("ready", True), (view.code, view.params)
    assert view.preview is not None
    assert view.preview["listens"]["total"] == 450


async def test_without_a_key_for_last_fm_that_is_said_at_once(house: Ground, db: Database) -> None:
    house.imports.metadata = MetadataService(Outside(db, open_cache(None)), Settings)
    with pytest.raises(LastfmNotSetUp):
        await house.imports.fetch_lastfm(house.anna, "ann")
    assert (await house.imports.page(house.anna))[1] == 0
