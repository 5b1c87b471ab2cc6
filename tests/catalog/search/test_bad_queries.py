"""Whatever is typed: an answer, or a sentence that says why not. Never an error of the database."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.catalog.records import Kind
from segue.catalog.search.errors import BadQuery
from segue.catalog.search.searcher import SnapshotSearcher
from segue.catalog.snapshot.manifest import SnapshotDamaged
from tests.catalog.tiny import write_snapshot


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "no_words"),
        ("   ", "no_words"),
        ('""', "no_words"),
        ("\0\0", "no_words"),
        ("\ud800", "no_words"),
        ("-love", "only_excluded"),
        ("x" * 10_000, "query_too_long"),
        ("a " * 200, "too_many_words"),
        ("year:77", "wrong_field"),
        ("year:1980-1970", "wrong_field"),
        ("isrc:123", "wrong_field"),
        ("upc:abc", "wrong_field"),
        ("love -year:1977", "cannot_exclude"),
    ],
)
def test_what_cannot_be_asked_is_said_in_a_sentence(searcher: SnapshotSearcher, text: str, code: str) -> None:
    with pytest.raises(BadQuery) as raised:
        searcher.search("track", text)
    assert raised.value.code == code
    assert raised.value.message.endswith(".")


@pytest.mark.parametrize(("text", "kind"), [("album:x", "artist"), ("year:1999", "artist"), ("track:x", "album")])
def test_a_field_that_a_kind_has_not_is_named(searcher: SnapshotSearcher, text: str, kind: Kind) -> None:
    with pytest.raises(BadQuery) as raised:
        searcher.search(kind, text)
    assert raised.value.code == "field_not_for_kind"


@pytest.mark.parametrize("match", ["words", "substring"])
@pytest.mark.parametrize(
    "text",
    ['%%', '"', '""""', "*", "love*", "NEAR(love queen)", "^love", "love:queen", "name:love", "{name} : love", "love AND",
     "OR OR OR", "NOT", "-", "--", "- -", "love + queen", "(", "love)", "a\0b", "love\x00", "'; DROP TABLE words; --", "\ud83d",
     "love \udcff queen", "\\", "//", "🎵", "ﷺ", "\u202elove", "ß", "ǅ", "İ", "\U000e0001", "a" * 900],
)  # fmt: skip
def test_what_looks_like_syntax_is_text(searcher: SnapshotSearcher, text: str, match: str) -> None:
    for kind in ("track", "album", "artist"):
        with suppress(BadQuery):
            assert not searcher.search(kind, text, match=match, count=True).partial  # type: ignore[arg-type]


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=40) | st.text("ab\"*:-^(){}+.~\\/%_ \0'愛Я", max_size=40))
def test_any_text_at_all_gives_an_answer_or_a_sentence(searcher: SnapshotSearcher, text: str) -> None:
    for kind in ("track", "album", "artist"):
        for match in ("words", "substring"):
            with suppress(BadQuery):
                searcher.search(kind, text, match=match)  # type: ignore[arg-type]


@pytest.mark.parametrize("cursor", ["", "x", "AAAA", "!" * 14, "é", "A" * 500])
def test_a_cursor_that_nobody_gave_is_refused(searcher: SnapshotSearcher, cursor: str) -> None:
    with pytest.raises(BadQuery) as raised:
        searcher.search("track", "love", after=cursor)
    assert raised.value.code == "wrong_cursor"


def test_a_cursor_of_another_search_is_refused(searcher: SnapshotSearcher) -> None:
    cursor = searcher.search("track", "love", limit=1).next
    with pytest.raises(BadQuery):
        searcher.search("track", "queen", limit=1, after=cursor)


def test_a_substring_has_three_characters_at_least(searcher: SnapshotSearcher) -> None:
    with pytest.raises(BadQuery) as raised:
        searcher.search("track", "ab", match="substring")
    assert raised.value.code == "substring_too_short"


def test_without_an_index_of_substrings_it_is_said_what_to_do(tmp_path: Path) -> None:
    searcher = SnapshotSearcher(write_snapshot(tmp_path / "snapshot", trigram=False))
    assert not searcher.substring
    with pytest.raises(BadQuery) as raised:
        searcher.search("track", "hunt", match="substring")
    assert (raised.value.code, bool(raised.value.hint)) == ("no_substring_index", True)
    searcher.close()


def test_a_damaged_file_is_named_whatever_the_damage_does(tmp_path: Path) -> None:
    folder = write_snapshot(tmp_path / "snapshot")
    whole = (folder / "search.db").read_bytes()
    chance = random.Random(5)
    named = set()
    for _ in range(20):
        broken = bytearray(whole)
        start = chance.randrange(len(whole) - 4_096)
        broken[start : start + 4_096] = chance.randbytes(4_096)
        (folder / "search.db").write_bytes(broken)
        try:
            searcher = SnapshotSearcher(folder)
            for text in ("joga", "hun", "j", "hunetr", "bjork year:1997"):
                searcher.search("track", text, count=True)
            searcher.close()
        except SnapshotDamaged as error:
            named.add(error.file.name)
    assert named == {"search.db"}
