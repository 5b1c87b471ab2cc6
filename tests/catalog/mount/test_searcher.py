"""Searching mounted files: by what their indexes allow, by walking from the top, and no longer than there is time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from segue.catalog.mount.errors import FieldsNeedABuild
from segue.catalog.mount.searcher import LONGEST, MountSearcher
from segue.catalog.records import Kind
from segue.catalog.search.errors import NothingAsked, QueryTooLong, TooManyWords, WrongCursor
from segue.catalog.synth.making import make
from tests.catalog.two_files import Layout

TITLES = (
    ("Love", 10), ("Love Me Do", 90), ("All My Love", 95), ("Lovely Day", 40), ("100% Love", 20), ("Under_score", 30),
    ("Back\\slash", 5), ("Rain", 70), ("Night Rain", 0), ("!!!", 3), ("Purple rain", 99),
)  # fmt: skip


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MountSearcher]:
    layout = Layout(tmp_path_factory.mktemp("titles"))
    for row, (name, number) in enumerate(TITLES, 1):
        layout.add("artists", rowid=row, id=f"artist{row}", name=name, followers_total=number * 1000)
        layout.add("albums", rowid=row, id=f"album{row}", name=name, popularity=number)
        layout.add("tracks", rowid=row, id=f"track{row}", name=name, popularity=number)
    searcher = MountSearcher(layout.done().main)
    yield searcher
    searcher.close()


def names(searcher: MountSearcher, kind: Kind, text: str, **asked: object) -> list[str]:
    return [TITLES[rank - 1][0] for rank in searcher.search(kind, text, **asked).ranks]  # type: ignore[arg-type]


def test_tracks_come_most_popular_first_and_need_all_words(searcher: MountSearcher) -> None:
    assert names(searcher, "track", "love") == ["All My Love", "Love Me Do", "Lovely Day", "100% Love", "Love"]
    assert names(searcher, "track", "LOVE me") == ["Love Me Do"]
    assert names(searcher, "track", "nowhere") == []


@pytest.mark.parametrize("kind", ["artist", "album"])
def test_names_that_are_what_was_typed_come_first_then_those_that_begin_so(searcher: MountSearcher, kind: Kind) -> None:
    assert names(searcher, kind, "love") == ["Love", "Love Me Do", "Lovely Day", "All My Love", "100% Love"]
    assert names(searcher, kind, "rain") == ["Rain", "Purple rain", "Night Rain"]
    assert names(searcher, kind, "!!!") == ["!!!"]


def test_wildcards_stand_for_themselves(searcher: MountSearcher) -> None:
    assert names(searcher, "track", "%%") == []
    assert names(searcher, "track", "0%") == ["100% Love"]
    assert names(searcher, "track", "_") == ["Under_score"]
    assert names(searcher, "track", "k\\s") == ["Back\\slash"]


def test_a_substring_is_taken_as_a_whole(searcher: MountSearcher) -> None:
    assert names(searcher, "track", "y lov", match="substring") == ["All My Love"]
    assert names(searcher, "track", "y lov") == ["All My Love", "Lovely Day"]
    assert names(searcher, "track", "artist:", match="substring") == []


@pytest.mark.parametrize("kind", ["track", "album", "artist"])
def test_pages_follow_one_another_without_gaps_or_repeats(searcher: MountSearcher, kind: Kind) -> None:
    whole = searcher.search(kind, "o", limit=50)
    assert whole.next is None
    for size in (1, 2, 3):
        pages: list[int] = []
        after: str | None = None
        while True:
            found = searcher.search(kind, "o", limit=size, after=after)
            assert len(found.ranks) <= size
            pages += found.ranks
            after = found.next
            if after is None:
                break
        assert tuple(pages) == whole.ranks


def test_what_cannot_be_asked_is_told(searcher: MountSearcher) -> None:
    for text in ("", "  ", "\0"):
        with pytest.raises(NothingAsked):
            searcher.search("track", text)
    with pytest.raises(QueryTooLong):
        searcher.search("track", "x" * 10_000)
    with pytest.raises(TooManyWords):
        searcher.search("track", " ".join(map(str, range(40))))
    for field in ("artist:abba", "love year:1999", "-label:x"):
        with pytest.raises(FieldsNeedABuild):
            searcher.search("track", field)
    for cursor in ("x", "1.2", "-1", "1.2.3.4", "9" * 30, "1.²"):
        with pytest.raises(WrongCursor):
            searcher.search("track", "love", after=cursor)
    assert searcher.search("track", "a\ud800" + "%" * (LONGEST - 2)).ranks == ()


def test_the_deadline_ends_a_walk_with_what_was_found_and_says_so(tmp_path: Path) -> None:
    make(tmp_path, 3_000)
    searcher = MountSearcher(tmp_path / "main_database.sqlite3")
    late = searcher.search("track", "nobody ever called a song so", deadline_s=0)
    assert late.partial
    assert late.ranks == ()
    assert late.next is None
    whole = searcher.search("track", "love", limit=1_000)
    assert not whole.partial
    assert len(whole.ranks) > 100
    cut = searcher.search("track", "love", limit=1_000, deadline_s=0)
    assert cut.partial
    assert cut.ranks == whole.ranks[: len(cut.ranks)]
    assert not searcher.search("track", "nobody ever called a song so").partial
    searcher.close()
