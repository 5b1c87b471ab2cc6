"""What contains-search finds follows what rows are called, in the same transaction, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import text, update

from segue.core.access import Actor
from segue.core.db import Database
from segue.library import search
from segue.library.models import Artist, ArtistAlias, Track
from segue.query import Question, Scope, Text, Window, find, parse_sort
from tests.query import record_shop as shops
from tests.query.record_shop import TRACK, Credit, Person, Record, Shop, Song

pytestmark = pytest.mark.anyio


async def found(db: Database, field: str, part: str) -> list[int]:
    question = Question(TRACK, Text(field, "contains", part), parse_sort(TRACK, None), None)
    async with db.read() as conn:
        return sorted((await find(conn, question, Window(100), Scope.of(Actor(1, "ann"), db.dialect))).ids)


async def whole(db: Database) -> None:
    """Raises where an index of trigrams is not what its table says."""
    if db.dialect == "sqlite":
        async with db.write() as tx:
            for name in search.GRAMMED:
                check = f"INSERT INTO {name}_grams({name}_grams, rank) VALUES ('integrity-check', 1)"
                await tx.execute(text(check))


@pytest.fixture
async def shop(db: Database) -> Database:
    people = [Person("Björk", ("Guðmundsdóttir",)), Person("AC/DC"), Person("愛の夜")]
    songs = [Song("Cloudy Day"), Song("夜の東京", credits=(Credit(1, credited_as="Acca Dacca"),)), Song("!!!")]
    await shops.fill(db, Shop(people, [Record("Glove Box")], songs))
    return db


async def test_a_part_of_a_title_is_found_and_no_longer_when_it_is_called_otherwise(shop: Database) -> None:
    assert await found(shop, "title", "loud") == [1]
    async with shop.write() as tx:
        await tx.execute(update(Track).where(Track.id == 1).values(title="Golden River"))
        await search.index(tx, "track", [1])
    assert await found(shop, "title", "loud") == []
    assert await found(shop, "title", "den riv") == [1]
    await whole(shop)
    async with shop.write() as tx:
        await search.remove_rows(tx, "track", [1])
    assert await found(shop, "title", "den riv") == []
    await whole(shop)


async def test_one_and_two_characters_of_any_script_and_symbols_are_found(shop: Database) -> None:
    assert await found(shop, "title", "東京") == [2]
    assert await found(shop, "title", "京") == [2]
    assert await found(shop, "title", "ay") == [1]
    assert await found(shop, "title", "!!") == [3]
    assert await found(shop, "album_name", "love") == [1, 2, 3]


async def test_people_are_found_by_name_by_alias_and_as_they_are_credited(shop: Database) -> None:
    assert await found(shop, "artist.name", "bjor") == [1, 3]
    assert await found(shop, "artist.name", "munds") == [1, 3]
    assert await found(shop, "artist.name", "dacca") == [2]
    assert await found(shop, "artist.name", "ac/dc") == [2]
    async with shop.write() as tx:
        await tx.execute(ArtistAlias.__table__.delete())
        await tx.execute(update(Artist).where(Artist.id == 1).values(name="Beck"))
        await search.index(tx, "artist", [1])
    assert await found(shop, "artist.name", "munds") == []
    assert await found(shop, "artist.name", "bec") == [1, 3]
    await whole(shop)


async def test_an_index_that_was_never_filled_is_filled_at_once(shop: Database) -> None:
    async with shop.write() as tx:
        for name in search.GRAMMED:
            await tx.execute(text(search.drop_grams(name, shop.dialect)))
            for statement in (*search.create_grams(name, shop.dialect), *search.fill_grams(name, shop.dialect)):
                await tx.execute(text(statement))
    assert await found(shop, "title", "loud") == [1]
    assert await found(shop, "artist.name", "munds") == [1, 3]
    await whole(shop)
