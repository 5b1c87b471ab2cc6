"""The SQL against a plain Python evaluator: random songs, random questions, random orders, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segue.core.access import Actor
from segue.core.db import Database
from segue.query import (
    And,
    Compare,
    Has,
    In,
    Node,
    Not,
    Or,
    Question,
    Range,
    Scope,
    Text,
    Window,
    count,
    find,
    parse_sort,
)
from tests.query import world
from tests.query.world import MEDIA, SONG, Song, fill, holds, some_moments, sorted_songs

pytestmark = pytest.mark.anyio

ANN, BOB = 1, 2
ALL_SHELVES = None
GENTLE = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    print_blob=True,
)

words = st.sampled_from(
    ["", "a", "A", "ab", "Abba", "aß", "100%", "a_b", "'", '"', "\\", "愛", "愛の", "Ж", "é", "z" * 9]
)
years = st.sampled_from([0, 1, 1969, 1970, 1979, 1980])
released = st.sampled_from([19700000, 19700500, 19700508, 19701231, 19710000])
written_dates = st.sampled_from(["1970", "1970-05", "1970-05-08", "1970-12", "1971"])
written_moments = st.sampled_from(
    [
        "2023",
        "2024",
        "2024-01",
        "2023-12-31",
        "2024-01-01",
        "2024-03-10",
        "2024-11-03",
        "2024-05",
        "2024-05-01T04:00:00Z",
    ]
)
tags = st.lists(st.tuples(st.integers(1, 3), words), max_size=3, unique=True).map(tuple)


@st.composite
def songs(draw: st.DrawFn, least: int = 0) -> list[Song]:
    numbers = draw(st.lists(st.integers(1, 60), min_size=least, max_size=14, unique=True))
    return [
        Song(
            id=number,
            title=draw(words),
            shelf=draw(st.integers(1, 3)),
            comment=draw(st.none() | words.filter(lambda word: word.isascii())),
            year=draw(st.none() | years),
            added_at=draw(st.none() | st.sampled_from(some_moments())),
            released=draw(st.none() | released),
            length_ms=draw(st.sampled_from([0, 999, 1000, 59_999, 60_000, 60_999, 61_000])),
            tempo=draw(st.none() | st.sampled_from([0.0, 90.5, 120.0, 120.25])),
            live=draw(st.none() | st.booleans()),
            medium=draw(st.none() | st.sampled_from(MEDIA)),
            tags=draw(tags),
            marks=draw(st.dictionaries(st.sampled_from([ANN, BOB]), st.integers(0, 5), max_size=2)),
        )
        for number in numbers
    ]


ORDERED: dict[str, st.SearchStrategy[Any]] = {
    "year": years,
    "added": written_moments,
    "released": written_dates,
    "length": st.sampled_from([0, 1, 59, 60, 61]),
    "tempo": st.sampled_from([0.0, 90.5, 120.0]),
    "stars": st.integers(0, 5),
    "rated": st.integers(0, 5),
}
EXACT: dict[str, st.SearchStrategy[Any]] = {
    "id": st.integers(1, 60),
    "medium": st.sampled_from(MEDIA),
    "tag": st.integers(1, 4),
    "live": st.booleans(),
}
TEXTS = ("title", "comment", "tagname")


@st.composite
def leaves(draw: st.DrawFn) -> Node:
    kind = draw(st.sampled_from(["compare", "range", "in", "text", "has", "exact"]))
    if kind == "compare":
        name = draw(st.sampled_from(sorted(ORDERED)))
        return Compare(name, draw(st.sampled_from(["=", "<", "<=", ">", ">="])), draw(ORDERED[name]))
    if kind == "range":
        name = draw(st.sampled_from(sorted(ORDERED)))
        return Range(name, draw(st.none() | ORDERED[name]), draw(st.none() | ORDERED[name]))
    if kind == "in":
        name, values = draw(st.sampled_from(sorted((ORDERED | EXACT).items())))
        return In(name, tuple(draw(st.lists(values, max_size=3))))
    if kind == "text":
        name = draw(st.sampled_from(TEXTS))
        sought = words.filter(lambda word: word.isascii()) if name == "comment" else words
        return Text(name, draw(st.sampled_from(["is", "contains", "starts", "ends"])), draw(sought))
    if kind == "has":
        return Has(draw(st.sampled_from(sorted(SONG.fields))))
    name = draw(st.sampled_from(sorted(EXACT)))
    return Compare(name, "=", draw(EXACT[name]))


nodes = st.recursive(
    leaves(),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda parts: And(tuple(parts)))
        | st.lists(inner, max_size=3).map(lambda parts: Or(tuple(parts)))
        | inner.map(Not)
    ),
    max_leaves=8,
)
sorts = st.lists(
    st.tuples(st.sampled_from(SONG.sortable()), st.booleans()), min_size=1, max_size=3, unique_by=lambda term: term[0]
)


def scope_of(db: Database, person: int) -> Scope:
    return Scope.of(Actor(person, "someone", time_zone=str(world.ZONE)), db.dialect)


def written(terms: list[tuple[str, bool]]) -> str:
    return ",".join(("-" if reverse else "") + name for name, reverse in terms)


@pytest.fixture
async def world_db(db: Database) -> Database:
    await world.build(db)
    return db


@given(rows=songs(), node=nodes, terms=sorts, person=st.sampled_from([ANN, BOB, 3]))
@GENTLE
async def test_every_question_gives_the_rows_that_plain_python_gives(
    world_db: Database, rows: list[Song], node: Node, terms: list[tuple[str, bool]], person: int
) -> None:
    await fill(world_db, rows)
    question = Question(SONG, node, parse_sort(SONG, written(terms)), ALL_SHELVES)
    expected = sorted_songs([song for song in rows if holds(node, song, person)], terms, person)
    async with world_db.read() as conn:
        found = await find(conn, question, Window(1000), scope_of(world_db, person))
        total = await count(conn, question, scope_of(world_db, person))
    assert found.ids == expected
    assert found.next is None
    assert total == len(expected)


@given(rows=songs(), terms=sorts, limit=st.integers(1, 5), shelves=st.none() | st.frozensets(st.integers(1, 3)))
@GENTLE
async def test_pages_by_cursor_put_together_are_the_whole_list(
    world_db: Database, rows: list[Song], terms: list[tuple[str, bool]], limit: int, shelves: frozenset[int] | None
) -> None:
    await fill(world_db, rows)
    question = Question(SONG, And(()), parse_sort(SONG, written(terms)), shelves)
    pages: list[int] = []
    cursor: str | None = None
    while True:
        async with world_db.read() as conn:
            page = await find(conn, question, Window(limit, cursor), scope_of(world_db, ANN))
        assert len(page.ids) == limit or page.next is None
        pages += page.ids
        cursor = page.next
        if cursor is None:
            break
    seen = [song for song in rows if shelves is None or song.shelf in shelves]
    assert pages == sorted_songs(seen, terms, ANN)
    by_offset: list[int] = []
    for offset in range(0, len(rows) + 1, limit):
        async with world_db.read() as conn:
            by_offset += (await find(conn, question, Window(limit, offset=offset), scope_of(world_db, ANN))).ids
    assert by_offset == pages


@given(rows=songs(least=2), terms=sorts, limit=st.integers(1, 4), arrivals=st.integers(0, 2**16 - 1))
@GENTLE
async def test_rows_that_come_while_paging_neither_repeat_nor_hide_others(
    world_db: Database, rows: list[Song], terms: list[tuple[str, bool]], limit: int, arrivals: int
) -> None:
    at_first = rows[: len(rows) // 2]
    later = rows[len(rows) // 2 :]
    await fill(world_db, at_first)
    question = Question(SONG, And(()), parse_sort(SONG, written(terms)), ALL_SHELVES)
    pages: list[int] = []
    cursor: str | None = None
    while True:
        async with world_db.read() as conn:
            page = await find(conn, question, Window(limit, cursor), scope_of(world_db, ANN))
        pages += page.ids
        cursor = page.next
        if cursor is None:
            break
        arrivals, now = divmod(arrivals, 2)
        if later and now:
            await fill(world_db, [later.pop()], empty=False)
    assert len(pages) == len(set(pages))
    assert {song.id for song in at_first} <= set(pages)
    everything = sorted_songs(rows, terms, ANN)
    assert pages == [number for number in everything if number in set(pages)]


@given(rows=songs(least=3), limit=st.integers(1, 4), seed=st.text("abc123", min_size=1, max_size=4))
@GENTLE
async def test_a_random_order_is_the_same_on_every_page_and_holds_every_row_once(
    world_db: Database, rows: list[Song], limit: int, seed: str
) -> None:
    await fill(world_db, rows)
    whole = Question(SONG, And(()), parse_sort(SONG, f"random:{seed}"), ALL_SHELVES)
    async with world_db.read() as conn:
        everything = (await find(conn, whole, Window(1000), scope_of(world_db, ANN))).ids
        pages: list[int] = []
        cursor: str | None = None
        while True:
            page = await find(conn, whole, Window(limit, cursor), scope_of(world_db, ANN))
            pages += page.ids
            cursor = page.next
            if cursor is None:
                break
    assert pages == everything
    assert sorted(pages) == sorted(song.id for song in rows)
