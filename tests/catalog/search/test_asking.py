"""Query text, taken apart."""

from __future__ import annotations

import pytest

from segue.catalog.search.asking import Asked, Phrase, Word, asked


def tokens(words: tuple[Word, ...]) -> list[tuple[str, str]]:
    return [(word.column, " ".join(word.ways[0])) for word in words]


def test_plain_words_are_looked_for_anywhere_and_the_last_may_go_on() -> None:
    found = asked("track", "Bohemian  Rhaps")
    assert tokens(found.words) == [("any", "bohemian"), ("any", "rhaps")]
    assert [word.prefix for word in found.words] == [False, True]
    assert [found.text[word.start : word.end] for word in found.words] == ["Bohemian", "Rhaps"]
    assert found.exact == "bohemian rhaps"


def test_fields_and_phrases() -> None:
    found = asked("track", 'artist:"ac dc" title:thunder Album:razors genre:rock label:atco')
    assert tokens(found.words) == [
        ("artist", "ac"), ("artist", "dc"), ("name", "thunder"), ("album_name", "razors"), ("genre", "rock"),
        ("album_label", "atco"),
    ]  # fmt: skip
    assert found.phrases == (Phrase("ac dc", "artist"),)
    assert found.exact == "thunder"


def test_a_quotation_that_is_not_closed_is_still_being_typed() -> None:
    assert asked("track", '"we will ro').phrases == (Phrase("we will ro", "any", True),)
    assert asked("track", '"we will rock"').phrases == (Phrase("we will rock", "any", False),)
    assert asked("track", "“we will” rock").phrases == (Phrase("we will", "any", False),)


def test_what_is_not_wanted() -> None:
    found = asked("track", 'love -live -"radio edit" -artist:karaoke NOT remix')
    assert tokens(found.words) == [("any", "love")]
    assert tokens(found.without) == [("any", "live"), ("artist", "karaoke"), ("any", "remix")]
    assert found.without_phrases == (Phrase("radio edit"),)


def test_not_is_a_word_where_all_is_shouted_and_a_hyphen_inside_a_name_is_no_minus() -> None:
    assert tokens(asked("track", "DO NOT DISTURB").words) == [("any", "do"), ("any", "not"), ("any", "disturb")]
    assert tokens(asked("track", "blink-182 - dammit").words) == [("any", "blink"), ("any", "182"), ("any", "dammit")]


@pytest.mark.parametrize(
    ("text", "years"),
    [("1977", (1977, 1977)), ("1970-1979", (1970, 1979)), ("1970..1979", (1970, 1979)), ("1970s", (1970, 1979)),
     ("1970..", (1970, 2999)), ("1970-", (1970, 2999)), ("..1979", (1000, 1979))],
)  # fmt: skip
def test_years(text: str, years: tuple[int, int]) -> None:
    assert asked("track", f"year:{text}").years == (years,)


@pytest.mark.parametrize(
    "text", ["12:51", "Re:Zero", "Mission: Impossible", "artist: queen", "foo:bar", ":", 'rock 7" mix']
)
def test_what_looks_like_a_field_and_is_none_is_text(text: str) -> None:
    found = asked("track", text)
    assert {word.column for word in found.words} == {"any"}


def test_codes() -> None:
    found = asked("track", "isrc:gb-um7-10-29604 ean:0602547202307")
    assert len(found.isrcs) == 1
    assert found.upcs == (602547202307,)


def test_symbols_count_only_where_no_word_was_typed() -> None:
    assert tokens(asked("track", "foo - bar").words) == [("any", "foo"), ("any", "bar")]
    assert tokens(asked("artist", "!!!").words) == [("any", "qx21qx21qx21")]


def test_words_of_other_scripts_are_also_looked_for_in_latin() -> None:
    found = asked("track", "кино")
    assert found.words == (Word((("кино",), ("kino",)), "any", True, 0, 4),)
    assert asked("track", "きのこ").words[0].ways == (("きの", "のこ"), ("kinoko",))


def test_album_means_the_name_where_albums_are_searched() -> None:
    assert tokens(asked("album", "album:opera artist:queen").words) == [("name", "opera"), ("artist", "queen")]
    assert isinstance(asked("artist", "queen"), Asked)
