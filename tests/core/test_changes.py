"""The change feed: whole, in order, each person's own, and honest about what it has forgotten."""

from __future__ import annotations

import asyncio
import contextvars
from datetime import timedelta

import pytest

from segue.core.access import SYSTEM, Actor
from segue.core.changes import ChangeFeed, CursorTooOld, set_fact, start_epoch
from segue.core.db import Database
from segue.library.feed import SHARED_KINDS
from tests.rows import some_music

pytestmark = pytest.mark.anyio

ANNA = Actor(user_id=1, name="anna", libraries=frozenset({1}))
BEN = Actor(user_id=2, name="ben", libraries=frozenset({2}))


async def test_only_the_newest_change_of_an_entity_is_kept(db: Database) -> None:
    feed = ChangeFeed(db)
    for _ in range(3):
        async with db.write() as tx:
            tx.changed("track", 7)
            tx.changed("album", 3)
    async with db.write() as tx:
        tx.changed("track", 7, "delete")
    page = await feed.since(0, SYSTEM)
    assert [(item.id, item.op) for item in page.items] == [("al-3", "upsert"), ("tr-7", "delete")]
    assert not page.more


async def test_nothing_changed_gives_an_empty_page_and_the_same_cursor(db: Database) -> None:
    feed = ChangeFeed(db)
    async with db.write() as tx:
        tx.changed("track", 7)
    first = await feed.since(0, SYSTEM)
    again = await feed.since(first.cursor, SYSTEM)
    assert again.items == []
    assert again.cursor == first.cursor


async def test_nobody_sees_another_persons_or_librarys_rows(db: Database) -> None:
    feed = ChangeFeed(db)
    async with db.write() as tx:
        tx.changed("track", 1, library_id=1)
        tx.changed("track", 2, library_id=2)
        tx.changed("star", "tr-1", user_id=1)
        tx.changed("playlist", 5)
    assert {item.id for item in (await feed.since(0, ANNA)).items} == {"tr-1", "pl-5"}
    assert {item.id for item in (await feed.since(0, BEN)).items} == {"tr-2", "pl-5"}
    assert {item.kind for item in (await feed.since(0, ANNA)).items} == {"track", "star", "playlist"}


async def test_what_belongs_to_several_libraries_is_told_to_those_who_see_one_of_them(db: Database) -> None:
    music = await some_music(db)
    feed = ChangeFeed(db)
    for kind, seen in SHARED_KINDS.items():
        feed.limit(kind, seen)
    async with db.write() as tx:
        for artist in music.artists:
            tx.changed("artist", artist)
        tx.changed("setting", "log.level")
    one = Actor(user_id=1, name="anna", libraries=frozenset(music.libraries[:1]))
    told = {item.id for item in (await feed.since(0, one)).items}
    assert told == {f"ar-{music.artists[0]}", "log.level"}
    assert len((await feed.since(0, SYSTEM)).items) == 3


async def test_what_goes_to_another_library_is_gone_for_those_who_see_only_the_old_one(db: Database) -> None:
    feed = ChangeFeed(db)
    async with db.write() as tx:
        tx.changed("track", 7, library_id=1)
    cursor = (await feed.head(ANNA)).cursor
    async with db.write() as tx:
        tx.changed("track", 7, library_id=2)
        tx.left("track", 7, library_id=1)
    both = Actor(user_id=3, name="cleo", libraries=frozenset({1, 2}))
    assert [(item.id, item.op) for item in (await feed.since(cursor, ANNA)).items] == [("tr-7", "delete")]
    assert [(item.id, item.op) for item in (await feed.since(cursor, BEN)).items] == [("tr-7", "upsert")]
    assert [(item.id, item.op) for item in (await feed.since(cursor, both)).items] == [("tr-7", "upsert")]
    assert [(item.id, item.op) for item in (await feed.since(cursor, both, limit=1)).items] == [("tr-7", "delete")]
    assert [(item.id, item.op) for item in (await feed.since(cursor, SYSTEM)).items] == [("tr-7", "upsert")]
    async with db.write() as tx:  # whatever becomes of it there, it stays gone here
        tx.changed("track", 7, library_id=2)
    assert [(item.id, item.op) for item in (await feed.since(cursor, ANNA)).items] == [("tr-7", "delete")]


async def test_what_comes_back_to_its_library_is_there_again(db: Database) -> None:
    feed = ChangeFeed(db)
    for here, there in ((2, 1), (1, 2)):
        async with db.write() as tx:
            tx.left("album", 3, library_id=there)
            tx.changed("album", 3, library_id=here)
    assert [(item.id, item.op) for item in (await feed.since(0, ANNA)).items] == [("al-3", "upsert")]
    assert [(item.id, item.op) for item in (await feed.since(0, BEN)).items] == [("al-3", "delete")]


async def test_tombstones_of_what_left_a_library_are_pruned_like_others(db: Database) -> None:
    feed = ChangeFeed(db)
    start = (await feed.head(ANNA)).cursor
    for number in range(3):
        async with db.write() as tx:
            tx.left("track", number, library_id=1)
            tx.changed("track", number, library_id=2)
    assert await feed.prune(timedelta(seconds=-1)) == 3
    with pytest.raises(CursorTooOld):
        await feed.since(start, ANNA)
    assert len((await feed.since((await feed.head(BEN)).cursor - 1, BEN)).items) == 1


async def test_a_shared_thing_with_nothing_left_in_a_library_is_gone_for_those_who_see_only_that(db: Database) -> None:
    music = await some_music(db)
    feed = ChangeFeed(db)
    for kind, seen in SHARED_KINDS.items():
        feed.limit(kind, seen)
    gone = music.artists[1]
    async with db.write() as tx:
        tx.left("artist", gone, library_id=music.libraries[0])
        tx.changed("artist", gone)
    one = Actor(user_id=1, name="anna", libraries=frozenset(music.libraries[:1]))
    assert [(item.id, item.op) for item in (await feed.since(0, one)).items] == [(f"ar-{gone}", "delete")]
    assert [(item.id, item.op) for item in (await feed.since(0, SYSTEM)).items] == [(f"ar-{gone}", "upsert")]


async def test_pages_follow_one_another_without_gap_or_repeat(db: Database) -> None:
    feed = ChangeFeed(db)
    for number in range(25):
        async with db.write() as tx:
            tx.changed("track", number)
    seen: list[str] = []
    cursor = 0
    while True:
        page = await feed.since(cursor, SYSTEM, limit=10)
        seen += [item.id for item in page.items]
        cursor = page.cursor
        if not page.more:
            break
    assert seen == [f"tr-{number}" for number in range(25)]


async def test_a_cursor_older_than_the_pruned_tombstones_is_refused(db: Database) -> None:
    feed = ChangeFeed(db)
    async with db.write() as tx:
        tx.changed("track", 1)
    start = (await feed.since(0, SYSTEM)).cursor
    async with db.write() as tx:
        tx.changed("track", 2, "delete")
    assert await feed.prune(timedelta(days=1)) == 0
    assert await feed.prune(timedelta(seconds=-1)) == 1
    with pytest.raises(CursorTooOld):
        await feed.since(start, SYSTEM)
    end = await feed.head(SYSTEM)
    assert (await feed.since(end.cursor, SYSTEM)).items == []


async def test_a_restored_database_starts_a_new_epoch_for_everyone(db: Database) -> None:
    feed = ChangeFeed(db)
    old = await feed.head(SYSTEM)
    async with db.write() as tx:
        await start_epoch(tx)
    with pytest.raises(CursorTooOld):
        await feed.since(old.cursor, SYSTEM, epoch=old.epoch)


@pytest.mark.parametrize("db_kind", ["postgresql"])
async def test_a_change_is_held_back_while_an_older_transaction_runs(db: Database) -> None:
    feed = ChangeFeed(db)
    slow = db.write()
    tx = await slow.__aenter__()
    await set_fact(tx, "slow", "1")
    tx.changed("track", 1)

    async def quick() -> None:
        async with db.write() as other:
            other.changed("track", 2)

    await asyncio.create_task(quick(), context=contextvars.Context())
    assert (await feed.since(0, SYSTEM)).items == []
    await slow.__aexit__(None, None, None)
    assert {item.id for item in (await feed.since(0, SYSTEM)).items} == {"tr-1", "tr-2"}
