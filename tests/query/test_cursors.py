"""A cursor goes on where its page ended, and nowhere else."""

from __future__ import annotations

import base64

import pytest

from segue.core.access import Actor
from segue.core.db import Database
from segue.query import BadCursor, BadQuery, Compare, Node, Question, Scope, Window, find, parse_sort
from segue.query.ast import EVERYTHING
from segue.query.page import Found
from tests.query import world
from tests.query.world import SONG, Song

pytestmark = pytest.mark.anyio


@pytest.fixture
async def songs(db: Database) -> Database:
    await world.build(db)
    await world.fill(db, [Song(number, f"Song {number:02d}", year=1960 + number) for number in range(1, 21)])
    return db


async def page(db: Database, sort: str, cursor: str | None = None, where: Node = EVERYTHING, offset: int = 0) -> Found:
    question = Question(SONG, where, parse_sort(SONG, sort), None)
    async with db.read() as conn:
        return await find(conn, question, Window(5, cursor, offset), Scope.of(Actor(1, "ann"), db.dialect))


async def test_a_cursor_of_another_sort_filter_or_list_is_refused(songs: Database) -> None:
    cursor = (await page(songs, "title")).next
    assert (await page(songs, "title", cursor)).ids == [6, 7, 8, 9, 10]
    for sort, where in (("-title", EVERYTHING), ("year", EVERYTHING), ("title", Compare("year", ">", 1960))):
        with pytest.raises(BadCursor):
            await page(songs, sort, cursor, where)


@pytest.mark.parametrize("cursor", ["", "x", "é", "AAAA", "e30", "0" * 3000, "=", "../..", "eyJtIjoxfQ"])
async def test_a_home_made_cursor_is_refused(songs: Database, cursor: str) -> None:
    with pytest.raises(BadCursor):
        await page(songs, "title", cursor)


async def test_a_changed_cursor_is_refused(songs: Database) -> None:
    cursor = (await page(songs, "title")).next
    assert cursor is not None
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).replace(b"Song 05", b"Song 09")
    with pytest.raises(BadCursor):
        await page(songs, "title", base64.urlsafe_b64encode(raw).decode().rstrip("="))


async def test_a_random_list_goes_on_in_the_order_it_began_with(songs: Database) -> None:
    ids: list[int] = []
    cursor: str | None = None
    while True:
        found = await page(songs, "random", cursor)
        ids += found.ids
        cursor = found.next
        if cursor is None:
            break
    assert sorted(ids) == list(range(1, 21))
    assert ids != sorted(ids)
    with pytest.raises(BadCursor):
        await page(songs, "random", (await page(songs, "title")).next)
    with pytest.raises(BadCursor):
        await page(songs, "random:monday", (await page(songs, "random:tuesday")).next)


async def test_a_page_is_asked_for_by_cursor_or_by_offset(songs: Database) -> None:
    assert (await page(songs, "title", offset=18)).ids == [19, 20]
    with pytest.raises(BadQuery):
        await page(songs, "title", (await page(songs, "title")).next, offset=5)


async def test_seeds_shuffle_differently_and_evenly(songs: Database) -> None:
    orders = {tuple((await page(songs, f"random:{seed}")).ids) for seed in range(20)}
    assert len(orders) == 20
    firsts = [(await page(songs, f"random:{seed}")).ids[0] for seed in range(60)]
    assert len(set(firsts)) > 12
