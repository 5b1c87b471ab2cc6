"""The words and keys of names."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.catalog.search.romanising import romanised, romanised_whole
from segue.catalog.search.words import artist_key, folded, indexed, key
from segue.core.text import fold, search_query, search_tokens

BLANKS = dict.fromkeys((*range(32), *range(127, 160)), " ")


@given(st.text(max_size=60))
def test_folding_by_characters_gives_what_folding_the_whole_gives(text: str) -> None:
    for one in (text, unicodedata.normalize("NFC", text)):
        assert folded(one).translate(BLANKS) == fold(one).translate(BLANKS)


@given(st.text(st.sampled_from("aB1 -'!$/.éøЯあア愛の사랑"), max_size=30))
def test_a_name_is_found_by_every_word_that_core_text_asks_of_it(text: str) -> None:
    there = set(indexed(text).lower().split())
    asked = search_query(text)
    symbols = not any(char.isalnum() for char in text)
    assert symbols or {term.token for term in asked} <= there


@given(st.text(st.sampled_from("abzAB19 "), max_size=80))
def test_plain_names_are_indexed_as_they_are(text: str) -> None:
    assert set(indexed(text).lower().split()) == set(search_tokens(text))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("AC/DC", "ac dc acdc"),
        ("Don't", "don t dont"),
        ("P!nk", "p nk pnk pink"),
        ("!!!", "qx21qx21qx21"),
        ("Foo - Remastered 2011", "foo remastered 2011"),
        ("Кино", "кино kino"),
        ("愛の歌", "愛の の歌 歌 愛"),
        ("Ænima Déjà", "aenima deja"),
        ("", ""),
    ],
)
def test_words_of_names(name: str, words: str) -> None:
    assert indexed(name) == words


@pytest.mark.parametrize(
    ("one", "other"),
    [("Don't Stop", "dont  stop"), ("AC/DC", "ac dc"), ("Björk", "BJORK"), ("Foo (Live)", "foo live"), ("!!!", "!!!")],
)
def test_names_that_are_the_same_to_a_person_have_one_key(one: str, other: str) -> None:
    assert key(one) == key(other)


def test_words_in_another_number_are_another_name() -> None:
    assert key("La La La") != key("La")
    assert artist_key("The Beatles") == artist_key("beatles")
    assert artist_key("The The") == "the"


@pytest.mark.parametrize(
    ("word", "latin"),
    [("кино", "kino"), ("щука", "shchuka"), ("ρεμπετικο", "rebetiko"), ("きゃりー", "kyari"), ("がっこう", "gakkou"),
     ("サディスティック", "sadisutikku"), ("사랑", "sarang"), ("ふぁん", "fan"), ("じゃず", "jazu"),
     ("чаиковскии", "chaikovskii")],
)  # fmt: skip
def test_words_of_other_scripts_in_latin(word: str, latin: str) -> None:
    assert romanised(word) == (latin,)
    assert romanised_whole(word) == latin


def test_mixed_words_have_no_one_spelling() -> None:
    assert romanised_whole("丸の内") is None
    assert romanised("丸の内サディ") == ("sadi",)
