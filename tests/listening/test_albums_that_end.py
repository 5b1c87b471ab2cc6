"""An album that ends because its tracks went to another one: what people did with it goes along, at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from segue.core.access import SYSTEM, Actor
from segue.core.changes import ChangeFeed
from segue.core.db import Database
from segue.core.ids import TypedId
from segue.core.settings_store import SettingsService
from segue.jobs import JobService, Registry
from segue.library.fields import ENTITIES
from segue.library.overrides import tasks
from segue.library.overrides.service import OverrideService
from segue.library.search.tables import TABLES
from segue.library.service import LibraryService
from segue.library.standing import StandingService
from segue.listening.fields import FIELDS
from segue.listening.models import Annotation
from segue.listening.service import ListeningService
from segue.query import Entities
from segue.settings import Settings
from tests.library.scan.ground import House, house

pytestmark = pytest.mark.anyio
ANN = Actor(1, "Ann", frozenset({"admin"}), libraries=None)
BEN = Actor(2, "Ben", frozenset({"user"}), libraries=None)


@dataclass
class Listening:
    home: House
    listening: ListeningService
    library: LibraryService
    decide: OverrideService

    async def album(self, title: str) -> int:
        return next(int(row.id) for row in await self.home.albums() if row.title == title)

    async def play(self, title: str, times: int) -> None:
        track = next(row.id for row in await self.home.tracks() if row.title == title)
        for n in range(times):
            await self.listening.play(ANN, track, client=f"{title}{n}")

    async def said(self) -> dict[tuple[int, int], Any]:
        """What people said of albums, by person and album."""
        async with self.home.db.read() as conn:
            rows = await conn.execute(select(Annotation.__table__).where(Annotation.kind == "album"))
            return {(row.user_id, row.entity_id): row for row in rows}

    async def found(self) -> dict[int, int]:
        """What can be searched for among albums, and how often it was played."""
        table = TABLES["album"]
        async with self.home.db.read() as conn:
            return {row.id: row.plays for row in await conn.execute(select(table.c.id, table.c.plays))}


@pytest.fixture
async def here(db: Database, tmp_path: Path) -> AsyncIterator[Listening]:
    async with house(db, tmp_path) as home:
        jobs = JobService(db, Registry().add(tasks))
        await jobs.declare()
        library = LibraryService(db, Entities(ENTITIES).extended(FIELDS))
        listening = ListeningService(db, library)
        standing = StandingService(db, jobs, SettingsService(db, Settings(data_dir=tmp_path)))
        listening.on_played.append(standing.played)
        db.followers["album"] = [listening.on_album_ended, standing.on_album_ended]
        yield Listening(home, listening, library, OverrideService(db, jobs))


def songs(home: House, folder: str, album: str, count: int) -> None:
    for n in range(1, count + 1):
        name = f"{folder}{n}"
        home.song(f"{folder}/{n}.flac", title=name, artist="Ann", album=album, albumartist="Ann", tracknumber=str(n))


async def test_the_stars_of_an_album_that_ends_go_to_the_one_its_tracks_went_to(here: Listening) -> None:
    songs(here.home, "A", "One", 3)
    songs(here.home, "B", "Two", 2)
    await here.home.scan()
    one, two = await here.album("One"), await here.album("Two")
    await here.listening.star(ANN, [TypedId("al", two)])
    await here.listening.rate(BEN, TypedId("al", two), 4)
    await here.listening.rate(ANN, TypedId("al", one), 3)
    await here.play("B1", 2)
    await here.play("A1", 1)
    cursor = (await ChangeFeed(here.home.db).head(BEN)).cursor
    await here.decide.merge(ANN, one, [two])
    said = await here.said()
    assert said.keys() == {(1, one), (2, one)}
    assert said[1, one].starred_at is not None
    assert (said[1, one].rating, said[1, one].play_count) == (3, 3)
    assert said[2, one].rating == 4
    assert await here.found() == {one: 3}
    album = await here.library.album(two, BEN)
    assert (album.album.id, album.album.personal["rating"]) == (one, 4)
    told = {(item.id, item.op) for item in (await ChangeFeed(here.home.db).since(cursor, BEN)).items}
    assert {(f"al-{two}", "delete"), (f"al-{one}", "upsert")} <= told


async def test_stars_follow_an_album_that_a_scan_ends(here: Listening) -> None:
    for n in (1, 2):
        here.home.song(f"A/{n}.flac", title=f"a{n}", artist="Ann", album=f"Album {n}", seed=n, tracknumber=str(n))
    await here.home.scan()
    one, two = await here.album("Album 1"), await here.album("Album 2")
    await here.listening.star(BEN, [TypedId("al", two)])
    await here.play("a2", 1)
    here.home.song("A/2.flac", title="a2", artist="Ann", album="Album 1", seed=2, tracknumber="2")
    await here.home.scan()
    assert [row.id for row in await here.home.albums()] == [one]
    assert {key: row.play_count for key, row in (await here.said()).items()} == {(1, one): 1, (2, one): 0}
    assert await here.found() == {one: 1}


async def test_stars_follow_to_an_album_that_is_made_in_the_same_moment(here: Listening) -> None:
    songs(here.home, "A", "One", 4)
    await here.home.scan()
    old = await here.album("One")
    await here.listening.star(BEN, [TypedId("al", old)])
    await here.play("A1", 2)
    for n in (1, 2, 3, 4):
        album = "First" if n < 3 else "Second"
        here.home.song(f"A/{n}.flac", title=f"A{n}", artist="Ann", album=album, albumartist="Ann", tracknumber=str(n))
    await here.home.scan()
    first = await here.album("First")
    assert old not in {row.id for row in await here.home.albums()}
    assert (await here.library.album(old, SYSTEM)).album.id == first
    assert {key: row.play_count for key, row in (await here.said()).items()} == {(1, first): 2, (2, first): 0}
    assert (await here.found())[first] == 2
