"""The written index of artists, against the one that is read from the tables each time."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime

import pytest
from pydantic_core import to_json
from sqlalchemy import delete, insert, select, update

from segue.core.access import Actor
from segue.core.changes import start_epoch
from segue.core.ids import TypedId
from segue.library import items
from segue.library.models import ANY_ROLE, Artist, ArtistCount
from segue.listening.service import ListeningService
from tests.library.lists.conftest import ANN, BOB, NOBODY, House

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 1, 1, tzinfo=UTC)


async def both(house: House, actor: Actor, role: str | None) -> tuple[list[object], list[object], str]:
    read = await house.library.artist_index(actor, role=role)
    written, tag = await house.library.written_index(actor, items.INDEX, role=role)
    fresh = json.loads(to_json([items.letter_item(letter) for letter in read]))
    return fresh, [json.loads(letter) for letter in written], tag


async def test_the_written_index_is_the_read_one_whatever_changes(house: House) -> None:
    chance = random.Random(5)
    listening = ListeningService(house.db, house.library)
    for turn in range(12):
        for actor in (ANN, BOB, NOBODY):
            for role in ("album_artist", "composer", None):
                read, written, _ = await both(house, actor, role)
                assert written == read, (turn, actor.name, role)
        async with house.db.write() as tx:
            there = list((await tx.conn.scalars(select(ArtistCount.artist_id).distinct())).all())
            one, other = chance.sample(there, 2)
            name = f"{chance.choice('AbcÉж愛!9')} renamed {turn}"
            await tx.execute(update(Artist).where(Artist.id == one).values(name=name, sort_key=name.lower()))
            await tx.execute(delete(ArtistCount).where(ArtistCount.artist_id == other))
            new = 1000 + turn
            await tx.execute(
                insert(Artist).values(id=new, name=f"New {turn}", name_key="n", sort_key=f"new {turn}", added_at=NOW)
            )
            counts = {"artist_id": new, "library_id": chance.choice([1, 2]), "track_count": 2, "album_count": 1}
            await tx.execute(insert(ArtistCount), [{**counts, "role": role} for role in ("album_artist", ANY_ROLE)])
            for number in (one, other, new):
                tx.changed("artist", number)
        await listening.star(ANN, [TypedId("ar", one)])


async def test_its_tag_changes_with_it_and_only_then(house: House) -> None:
    _, _, before = await both(house, ANN, "album_artist")
    _, _, again = await both(house, ANN, "album_artist")
    assert again == before
    async with house.db.write() as tx:
        tx.changed("artist", 1)
    _, _, after = await both(house, ANN, "album_artist")
    assert after != before


async def test_a_new_epoch_reads_everything_again(house: House) -> None:
    await both(house, ANN, "album_artist")
    async with house.db.write() as tx:
        await start_epoch(tx)
        await tx.execute(update(Artist).where(Artist.id == 1).values(name="Restored", sort_key="restored"))
    read, written, _ = await both(house, ANN, "album_artist")
    assert written == read
