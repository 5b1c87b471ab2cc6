"""A collection says whose concert it is: the archive's bands are known before their recordings come."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select

from segue.core.db import Database
from segue.emulator import Emulator
from segue.live.archive import Band, item_of_listed
from segue.live.facts import artist_key, facts_of
from segue.live.mirror.collections import learn_collections, take_in_bands
from segue.live.mirror.known import bands
from segue.live.models import LiveArtist
from tests.live.archive.ground import a_client

pytestmark = pytest.mark.anyio


async def collections(db: Database) -> dict[str, str | None]:
    async with db.read() as conn:
        return {row[0]: row[1] for row in await conn.execute(select(LiveArtist.name, LiveArtist.collection))}


async def test_other_spellings_of_a_band_are_known_by_its_collection(
    db: Database, emulator: Emulator, url: str
) -> None:
    async with a_client(db, url) as client:
        assert await learn_collections(db, client) == 2
        assert await learn_collections(db, client) == 0
    async with db.read() as conn:
        known = await bands(conn)
    names = {
        facts_of(item_of_listed(held.listed()), bands=known).artist_names
        for held in emulator.archive.items.values()
        if "ColdHarbor" in held.metadata["collection"]
    }
    assert names == {("Cold Harbor",)}


async def test_what_is_known_of_a_band_stays(db: Database, emulator: Emulator, url: str) -> None:
    async with db.write() as tx:
        for name, collection in (("Ann", "AnnAndBob"), ("Bob", None), ("Eve", "EveLive")):
            values = {"key": artist_key(name), "name": name, "sort_name": name, "collection": collection}
            await tx.execute(insert(LiveArtist).values(**values))
    brought = [
        Band("AnnLive", "Ann"),
        Band("AnnAndBob", "Bob"),
        Band("BobOnly", "The Bob"),
        Band("New", "New"),
        Band("x", ""),
    ]
    assert await take_in_bands(db, brought) == 2
    assert await collections(db) == {"Ann": "AnnAndBob", "Bob": "BobOnly", "Eve": "EveLive", "New": "New"}


async def test_an_archive_that_is_away_leaves_bands_as_they_are(db: Database, emulator: Emulator, url: str) -> None:
    emulator.world.faults.add("status", status=500, service="archive")
    async with a_client(db, url) as client:
        assert await learn_collections(db, client) == 0
    assert await collections(db) == {}
