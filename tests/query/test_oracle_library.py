"""Questions about real tracks against a plain Python evaluator: random shops, random questions, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segue.core.access import Actor
from segue.core.db import Database
from segue.library.fields.roles import RELEASE_TYPES
from segue.library.musical_keys import CAMELOT
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
from segue.query import plan as planning
from tests.query import record_shop as shops
from tests.query.record_shop import TRACK, Credit, Person, Record, Shop, Song

pytestmark = pytest.mark.anyio

ANN, BOB = 1, 2
GENTLE = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    print_blob=True,
)

words = st.sampled_from(
    [
        "Love",
        "love song",
        "The Love",
        "Glove",
        "Ænima",
        "aenima",
        "Björk",
        "!!!",
        "AC/DC",
        "愛",
        "愛の夜",
        "東京",
        "a",
        "The",
    ]
)
plain = st.sampled_from(["Live at Rome", "live", "LIVE", "100%", "a_b", "", "é"])
days = st.sampled_from(["1970", "1970-05", "1970-05-08", "1971", "1979-12-31"])
moments = st.sampled_from(shops.some_moments())
written_moments = st.sampled_from(["2023", "2024", "2024-01", "2023-12-31", "2024-01-01", "2024-04-30", "2024-05-01"])
people = st.lists(st.builds(Person, words, st.lists(words, max_size=2).map(tuple)), min_size=3, max_size=3)
who = st.integers(0, 2)
records = st.lists(
    st.builds(
        Record,
        title=words,
        by=st.lists(who, max_size=2, unique=True).map(tuple),
        library=st.integers(1, 2),
        labels=st.lists(st.tuples(st.integers(0, 1), st.none() | st.just("CAT 1")), max_size=2).map(tuple),
        types=st.lists(st.sampled_from(["album", "live", "ep"]), max_size=2, unique=True).map(tuple),
        compilation=st.booleans(),
        country=st.none() | st.sampled_from(["DE", "us"]),
        barcode=st.none() | st.just("123"),
        release_date=st.none() | days,
    ),
    min_size=2,
    max_size=2,
)
credits = st.builds(
    Credit,
    who,
    st.sampled_from(["artist", "artist", "composer", "performer"]),
    st.none() | st.sampled_from(["piano", "Drums"]),
    st.none() | words,
)
songs = st.lists(
    st.builds(
        Song,
        title=words,
        record=st.integers(0, 1),
        credits=st.lists(credits, max_size=3).map(tuple),
        genres=st.lists(st.integers(0, 3), max_size=2, unique=True).map(tuple),
        date=st.none() | days,
        original_date=st.none() | days,
        recording_date=st.none() | days,
        added=moments,
        modified=moments,
        duration_ms=st.sampled_from([0, 999, 60_000, 60_999, 61_000]),
        disc=st.none() | st.integers(1, 2),
        position=st.none() | st.integers(1, 3),
        bpm=st.none() | st.sampled_from([90.5, 120.0]),
        key=st.none() | st.sampled_from(["Am", "8A", "C", "nonsense"]),
        heard=st.booleans(),
        energy=st.none() | st.sampled_from([0.25, 0.5, 1.0]),
        loudness=st.none() | st.sampled_from([-14.5, -7.0]),
        mood=st.none() | plain,
        comment=st.none() | plain,
        path=plain,
        codec=st.none() | st.sampled_from(["flac", "mp3"]),
        lossless=st.none() | st.booleans(),
        bitrate=st.none() | st.sampled_from([128, 320]),
        explicit=st.none() | st.booleans(),
        lyrics=st.booleans(),
        isrc=st.none() | st.just("USSM15900113"),
        tags=st.lists(st.tuples(st.sampled_from(shops.TAGS), plain), max_size=2).map(tuple),
        edited=st.booleans(),
        missing=st.booleans(),
        marks=st.lists(
            st.tuples(st.sampled_from([ANN, BOB]), st.none() | st.integers(1, 5), st.booleans(), st.integers(0, 3)),
            max_size=2,
            unique_by=lambda mark: mark[0],
        ).map(tuple),
    ),
    max_size=7,
)
libraries = st.none() | st.frozensets(st.integers(1, 2))

ORDERED: dict[str, st.SearchStrategy[Any]] = {
    "year": st.sampled_from([1969, 1970, 1971]),
    "original_year": st.sampled_from([1970, 1971]),
    "release_year": st.sampled_from([1970, 1971]),
    "date": days,
    "original_date": days,
    "recording_date": days,
    "release_date": days,
    "added": written_moments,
    "modified": written_moments,
    "last_played": written_moments,
    "duration": st.sampled_from([0, 60, 61]),
    "disc": st.integers(1, 2),
    "position": st.integers(1, 3),
    "bpm": st.sampled_from([90.5, 120.0]),
    "energy": st.sampled_from([0.25, 0.5, 1]),
    "loudness": st.sampled_from([-14.5, -7.0]),
    "bitrate": st.sampled_from([128, 320]),
    "size": st.integers(1, 7),
    "rating": st.integers(0, 5),
    "plays": st.integers(0, 3),
}
numbers = st.integers(1, 3)
EXACT: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("id", "artist", "credited", "composer", "album_artist", "role.composer", "role.piano"), numbers),
    **dict.fromkeys(("album", "genre", "genre_within", "label", "library"), numbers),
    **dict.fromkeys(("lossless", "explicit", "lyrics", "compilation", "edited", "starred", "missing"), st.booleans()),
    "role": st.sampled_from(["artist", "composer"]),
    "type": st.sampled_from((*RELEASE_TYPES[:3], "live")),
    "camelot": st.sampled_from(CAMELOT[14:16]),
    **dict.fromkeys(("bpm.source", "key.source"), st.sampled_from(["edit", "analysis", "tag"])),
    "valence": st.integers(0, 1),
}
TEXTS: dict[str, st.SearchStrategy[str]] = {
    **dict.fromkeys(("title", "artist.name", "artist_name", "album_artist.name", "album_name", "composer.name"), words),
    **dict.fromkeys(("role.composer.name", "role.piano.name", "genre.name", "genre_within.name", "label.name"), words),
    **dict.fromkeys(("mood", "comment", "path", "tag.mixedby", "tag.place", "library.name"), plain),
    "genre.name": st.sampled_from(["rock", "Hard", "愛", "jazz"]),
    "genre_within.name": st.sampled_from(["rock", "Hard", "愛", "jazz"]),
    "label.name": st.sampled_from(["golden river", "river", "Ænima", "old"]),
    "instrument": st.sampled_from(["piano", "drum"]),
    "catalog_number": st.sampled_from(["cat 1", "AT", "2"]),
    "country": st.sampled_from(["de", "US", "u"]),
    "barcode": st.sampled_from(["123", "2", "4"]),
    "isrc": st.sampled_from(["us-sm1-59-00113", "USSM"]),
    "format": st.sampled_from(["flac", "la", "MP3"]),
    "codec": st.sampled_from(["flac", "la", "MP3"]),
    "key": st.sampled_from(["am", "8a", "C"]),
}
PARTS = st.sampled_from(["lov", "love", "ove s", "nim", "愛", "京", "夜", "o", "jork", "!!", "c/d", "c d", "the"])


@st.composite
def leaves(draw: st.DrawFn) -> Node:
    kind = draw(st.sampled_from(["compare", "range", "in", "text", "text", "has", "exact"]))
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
        name = draw(st.sampled_from(sorted(TEXTS)))
        mode = draw(st.sampled_from(["is", "contains", "contains", "starts", "ends"]))
        sought = draw(TEXTS[name] | PARTS)
        return Text(name, "contains" if mode == "starts" and sought.lower() in ("the", "a") else mode, sought)
    if kind == "has":
        return Has(draw(st.sampled_from(sorted({*ORDERED, *EXACT, *TEXTS}))))
    name = draw(st.sampled_from(sorted(EXACT)))
    return Compare(name, "=", draw(EXACT[name]))


nodes = st.recursive(
    leaves(),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda parts: And(tuple(parts)))
        | st.lists(inner, max_size=3).map(lambda parts: Or(tuple(parts)))
        | inner.map(Not)
    ),
    max_leaves=6,
)
WAYS = {"as it is planned": None, "along the order": 1e9, "what is rare first": 1e-9}
"""What looking a row up is said to cost, so that each way of finding rows is gone."""


@pytest.mark.parametrize("way", WAYS)
@given(
    who_sells=people, on_sale=records, tunes=songs, node=nodes, person=st.sampled_from([ANN, BOB, 3]), seen=libraries
)
@GENTLE
async def test_every_question_about_tracks_gives_what_plain_python_gives(
    db: Database,
    way: str,
    who_sells: list[Person],
    on_sale: list[Record],
    tunes: list[Song],
    node: Node,
    person: int,
    seen: frozenset[int] | None,
) -> None:
    shop = Shop(who_sells, on_sale, tunes)
    await shops.fill(db, shop)
    asked = And((node,))  # inside another, nothing is known of it from counts that are kept
    question = Question(TRACK, asked, parse_sort(TRACK, None), seen)
    expected = shops.answers(shop, node, person, seen)
    with pytest.MonkeyPatch.context() as patch:
        cost = WAYS[way]
        if cost is not None:
            patch.setattr(planning, "SMALL", 0)
            patch.setattr(planning, "LOOKED_UP", cost)

        def scope() -> Scope:
            return Scope.of(Actor(person, "someone", time_zone=str(shops.ZONE)), db.dialect)

        async with db.read() as conn:
            found = await find(conn, question, Window(1000), scope())
            total = await count(conn, question, scope())
            most = await count(conn, question, scope(), 3)
            first = await find(conn, question, Window(2), scope())
            second = await find(conn, question, Window(1000, first.next), scope()) if first.next else None
    assert set(found.ids) == expected
    assert len(found.ids) == total == len(expected)
    assert most == (None if len(expected) > 3 else len(expected))
    assert first.ids + (second.ids if second else []) == found.ids


@pytest.mark.parametrize("way", WAYS)
@given(
    tunes=songs,
    first=st.sampled_from([Compare("bpm", ">", 100), Range("bpm", 90, 120.0), Compare("bpm", "=", 90.5)]),
    others=st.lists(
        st.sampled_from(
            [
                In("camelot", ("8A", "8B")),
                Compare("energy", ">=", 0.5),
                Not(Compare("energy", ">", 0.5)),
                Has("camelot"),
                Compare("missing", "=", False),
            ]
        ),
        min_size=1,
        max_size=3,
        unique_by=str,
    ),
)
@settings(GENTLE, max_examples=15)
async def test_conditions_that_one_index_answers_give_what_plain_python_gives(
    db: Database, way: str, tunes: list[Song], first: Node, others: list[Node]
) -> None:
    shop = Shop([Person("P"), Person("Q"), Person("R")], [Record("A"), Record("B", library=2)], tunes)
    await shops.fill(db, shop)
    asked = And((first, *others))
    question = Question(TRACK, asked, parse_sort(TRACK, None), None)
    with pytest.MonkeyPatch.context() as patch:
        if (cost := WAYS[way]) is not None:
            patch.setattr(planning, "SMALL", 0)
            patch.setattr(planning, "LOOKED_UP", cost)
        async with db.read() as conn:
            found = await find(conn, question, Window(1000), Scope.of(Actor(ANN, "ann"), db.dialect))
    assert set(found.ids) == shops.answers(shop, asked, ANN, None)
