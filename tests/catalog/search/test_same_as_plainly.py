"""What the index finds, and in which order, is what a plain look at every row finds."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from segue.catalog.records import Album, Artist, Kind, Track
from segue.catalog.search import finding, scopes, vocabulary, writing
from segue.catalog.search.asking import asked
from segue.catalog.search.errors import BadQuery
from segue.catalog.search.searcher import SnapshotSearcher
from tests.catalog.search import plainly
from tests.catalog.search.plainly import Catalogue
from tests.catalog.tiny import base62, write_snapshot

WORDS = (
    "love lover loves lo l night nights nighty don't the AC/DC мир mir миры 愛 愛の の歌 きの P!nk x2 2 Más !!!".split()
)
LABELS = ("EMI", "Blue Note", "Love Label", "")
GENRES = ("pop", "art pop", "rock", "art rock", "night")
ISRCS = ("GBAYE9700001", "GBAYE9700002", "USRC17607839")
UPCS = ("016861402327", "5099902988026")
YEARS = ("1977", "1978-05", "1999-12-31", "")
FIELDS = ("title:", "track:", "artist:", "album:", "label:", "genre:")
CODES = ("isrc:gb-aye-97-00001", "upc:16861402327", "year:1977", "year:1977-1980", "year:1990..", "year:1950s")

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""A catalogue is not made smaller bit by bit: that takes minutes, and the query that fails is told anyway."""

words = st.sampled_from(WORDS)
names = st.lists(words, min_size=1, max_size=4).map(" ".join)
genres = st.lists(st.sampled_from(GENRES), max_size=2, unique=True).map(tuple)


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    artists = [
        Artist(
            key=number,
            id=base62(number),
            name=draw(names),
            followers=1_000 - number,
            aliases=tuple(draw(st.lists(names, max_size=1))),
            genres=draw(genres),
        )
        for number in range(1, draw(st.integers(2, 5)))
    ]
    someone = st.lists(st.sampled_from([one.key for one in artists]), min_size=1, max_size=2, unique=True).map(tuple)
    albums = [
        Album(
            key=number,
            id=base62(100 + number),
            name=draw(names),
            label=draw(st.sampled_from(LABELS)),
            release_date=draw(st.sampled_from(YEARS)),
            popularity=100 - number,
            upc=draw(st.sampled_from((*UPCS, None))),
            artists=draw(someone),
            appears=tuple(one.key for one in artists),
            genres=draw(genres),
        )
        for number in range(1, draw(st.integers(2, 6)))
    ]
    tracks = [
        Track(
            key=number,
            id=base62(200 + number),
            name=draw(names),
            album=draw(st.sampled_from([one.key for one in albums])),
            popularity=1_000 - number,
            isrcs=tuple(draw(st.lists(st.sampled_from(ISRCS), max_size=1))),
            artists=draw(someone),
        )
        for number in range(1, draw(st.integers(2, 25)))
    ]
    return Catalogue(artists, albums, tracks)


plain = st.one_of(words, words.map(lambda word: word[: max(1, len(word) - 1)]), st.sampled_from("abclnmми"))
phrases = st.lists(words, min_size=1, max_size=3).map(lambda some: f'"{" ".join(some)}"')
fielded = st.tuples(st.sampled_from(FIELDS), st.one_of(plain, phrases)).map("".join)
excluded = st.tuples(st.sampled_from(("-", "-title:", "-artist:")), st.one_of(words, phrases)).map("".join)
items = st.one_of(plain, plain, plain, phrases, fielded, excluded, st.sampled_from(CODES))
queries = st.lists(items, min_size=1, max_size=4).map(" ".join)
kinds: st.SearchStrategy[Kind] = st.sampled_from(("track", "track", "album", "artist"))


def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that a small catalogue reaches."""
    for module, name, value in (
        (scopes, "FEW", 1),
        (scopes, "FEW_ARTISTS", 1),
        (scopes, "LISTED", {1: 1, 2: 4}),
        (writing, "BEGUN", 2),
        (finding, "BEGUN", 2),
        (writing, "BEGUN_ROWS", 5),
        (writing, "_AT_ONCE", 3),
        (finding, "_BLOCK", 2),
        (vocabulary, "FEW_WORDS", 1),
    ):
        monkeypatch.setattr(module, name, value)


def _all_pages(searcher: SnapshotSearcher, kind: Kind, text: str, limit: int, **asked: Any) -> list[int]:
    ranks: list[int] = []
    after = None
    while True:
        found = searcher.search(kind, text, limit=limit, after=after, **asked)
        assert not found.partial
        assert len(found.ranks) == limit or found.next is None
        ranks += found.ranks
        if found.next is None:
            return ranks
        after = found.next


@pytest.mark.parametrize("limits", ["small", "real"])
@settings(max_examples=10, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(catalogue=catalogues(), typed=st.lists(st.tuples(kinds, queries), min_size=20, max_size=40))
def test_the_index_finds_what_a_plain_look_at_every_row_finds(
    limits: str, catalogue: Catalogue, typed: list[tuple[Kind, str]]
) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch, tempfile.TemporaryDirectory() as folder:
        if limits == "small":
            _small(monkeypatch)
        given_rows = {"artists": catalogue.artists, "albums": catalogue.albums, "tracks": catalogue.tracks}
        searcher = SnapshotSearcher(write_snapshot(Path(folder) / "snapshot", **given_rows))  # type: ignore[arg-type]
        for kind, text in typed:
            try:
                question = asked(kind, text)
            except BadQuery:
                with pytest.raises(BadQuery):
                    searcher.search(kind, text)
                continue
            expected = plainly.search(catalogue, question)
            found = searcher.search(kind, text, limit=100, count=True)
            if found.corrected is not None:
                assert not expected, text
                expected = plainly.search(catalogue, asked(kind, found.corrected))
            assert list(found.ranks) == expected, (kind, text, found, question)
            assert found.total == len(expected)
            assert _all_pages(searcher, kind, text, 3) == expected, (kind, text)
            first = searcher.search(kind, text, limit=1, count=True)
            assert first.total in (len(expected), None), (kind, text, first)
        searcher.close()


@settings(max_examples=8, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(catalogue=catalogues(), typed=st.lists(st.tuples(kinds, names, st.integers(0, 3)), min_size=20, max_size=30))
def test_substrings_are_found_where_a_plain_look_finds_them(
    catalogue: Catalogue, typed: list[tuple[Kind, str, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        given_rows = {"artists": catalogue.artists, "albums": catalogue.albums, "tracks": catalogue.tracks}
        searcher = SnapshotSearcher(write_snapshot(Path(folder) / "snapshot", **given_rows))  # type: ignore[arg-type]
        for kind, text, cut in typed:
            part = text[cut:]
            try:
                found = _all_pages(searcher, kind, part, 2, match="substring")
            except BadQuery:
                assert len(part) < 5
                continue
            assert found == plainly.substring(catalogue, kind, part), (kind, part)
        searcher.close()
