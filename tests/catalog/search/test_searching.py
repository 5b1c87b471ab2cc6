"""What a person types, and what is found."""

from __future__ import annotations

import pytest

from segue.catalog.search.searcher import SnapshotSearcher
from tests.catalog.search.conftest import Find, names


def test_all_words_must_be_there_in_the_title_or_the_names_of_its_artists(find: Find) -> None:
    assert find("queen love") == ["Love of My Life", "Crazy in Love (feat. Queen)"]
    assert find("queen drought") == []


def test_the_most_popular_comes_first(find: Find) -> None:
    assert find("rhapsody queen") == ["Bohemian Rhapsody - Live", "Bohemian Rhapsody"]


def test_an_exact_title_comes_before_more_popular_ones(find: Find) -> None:
    assert find("bohemian rhapsody") == ["Bohemian Rhapsody", "Bohemian Rhapsody - Live"]
    assert find("love")[0] == "Love"
    assert find("LOVE!")[0] == "Love"


def test_exact_names_come_first_among_artists_and_albums_too(find: Find) -> None:
    assert find("queen", "artist") == ["Queen", "The Queen Tribute"]
    assert find("beatles", "artist") == find("the beatles", "artist") == ["The Beatles"]
    assert find("lemonade", "album") == ["Lemonade"]


def test_artists_rank_by_followers_then_popularity(find: Find) -> None:
    assert find("genre:rock", "artist") == ["Queen", "AC/DC"]
    assert find("genre:pop", "artist") == ["Beyoncé", "きゃりーぱみゅぱみゅ"]


def test_the_last_word_may_be_only_begun_and_whole_words_come_first(find: Find) -> None:
    assert find("bohem") == ["Bohemian Rhapsody - Live", "Bohemian Rhapsody"]
    assert find("love")[-1] == "Lovers Rock"
    assert find("boh rhapsody") == []


@pytest.mark.parametrize("typed", ["b", "bo", "boh", "bohe", "bohem", "bohemi", "bohemia"])
def test_every_beginning_of_a_word_finds_it(find: Find, typed: str) -> None:
    assert {"Bohemian Rhapsody - Live", "Bohemian Rhapsody"} <= set(find(typed))
    assert {"Bohemian Rhapsody - Live", "Bohemian Rhapsody"} <= set(find(f"queen {typed}"))


def test_marks_and_case_do_not_count(find: Find) -> None:
    assert find("BEYONCE crazy") == find("beyoncé crazy") == ["Crazy in Love (feat. Queen)"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [("кино", "Кино"), ("kino", "Кино"), ("θεοδωρακης", "Μίκης Θεοδωράκης"),
     ("mikis", "Μίκης Θεοδωράκης"), ("kyaripamyupamyu", "きゃりーぱみゅぱみゅ"), ("ぱみゅ", "きゃりーぱみゅぱみゅ"),
     ("林檎", "Sheena Ringo"), ("椎名林檎", "Sheena Ringo")],
)  # fmt: skip
def test_names_in_other_scripts_are_found_as_written_and_in_latin(
    searcher: SnapshotSearcher, typed: str, found: str
) -> None:
    hits = names("artist", searcher.search("artist", typed).ranks)
    assert hits == [found]


def test_latin_titles_are_found_by_what_is_typed_in_cyrillic(find: Find) -> None:
    assert "Love Drought" in find("лове")


def test_scripts_without_blanks_are_found_by_any_part(find: Find) -> None:
    assert find("讃歌") == find("愛") == find("愛の") == ["愛の讃歌"]
    assert find("ばんばん") == ["にんじゃりばんばん"]
    assert find("사랑") == find("sarang") == ["사랑"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [("!!!", "!!!"), ("AC/DC", "AC/DC"), ("acdc", "AC/DC"), ("ac dc", "AC/DC"), ("blink-182", "blink-182"),
     ("blink 182", "blink-182"), ("blink182", "blink-182"), ("p!nk", "P!nk"), ("pink", "P!nk")],
)  # fmt: skip
def test_names_of_symbols_are_found_however_they_are_typed(find: Find, typed: str, found: str) -> None:
    assert find(typed, "artist") == [found]


def test_apostrophes_may_be_left_out(find: Find) -> None:
    assert find("dont stop me now") == find("don't stop me now") == find("don’t stop") == ["Don't Stop Me Now"]


def test_words_in_quotes_stand_together_in_this_order(find: Find) -> None:
    assert find('"love of my"') == ["Love of My Life"]
    assert find('"of love"') == []
    assert find('"bohemian rhapsody" -live') == ["Bohemian Rhapsody"]
    assert find('"bohemian rhap') == ["Bohemian Rhapsody - Live", "Bohemian Rhapsody"]


def test_what_is_not_wanted_is_left_out(find: Find) -> None:
    assert find("love -life -crazy -lovers -drought -pure") == ["Love"]
    assert find("love NOT life queen") == ["Crazy in Love (feat. Queen)"]
    assert find('rhapsody -artist:tribute -title:"crazy in"') == ["Bohemian Rhapsody"]


def test_fields_look_in_one_place_only(find: Find) -> None:
    assert find("title:queen") == ["Crazy in Love (feat. Queen)"]
    assert find("artist:queen love") == ["Love of My Life", "Crazy in Love (feat. Queen)"]
    assert find('track:"love of my life"') == ["Love of My Life"]
    assert find("album:opera", "album") == ["A Night at the Opera"]


def test_tracks_are_found_by_their_album(find: Find) -> None:
    assert find("album:lemonade") == ["Crazy in Love (feat. Queen)", "Love Drought"]
    assert find('album:"night at the opera" love') == ["Love of My Life"]
    assert find('album:"opera night"') == []
    assert find("label:columbia drought") == ["Love Drought"]


def test_years_and_ranges_of_years(find: Find) -> None:
    assert find("year:1975", "album") == ["A Night at the Opera"]
    assert find("year:1980..", "album") == ["Lemonade", "Back in Black", "Группа крови", "Odds and Ends"]
    assert find("year:1970-1979", "album") == find("year:1970s", "album") == ["A Night at the Opera"]
    assert find("love year:..1975") == ["Love of My Life"]
    assert find("year:1950", "album") == []


def test_genres_are_those_of_the_artists(find: Find) -> None:
    assert find('genre:"glam rock" love') == ["Love of My Life", "Crazy in Love (feat. Queen)"]
    assert find('genre:"rock glam"') == []
    assert find("genre:hard") == ["You Shook Me All Night Long"]
    assert find("genre:hard", "album") == ["Back in Black"]


def test_codes_are_found_however_they_are_written(find: Find) -> None:
    assert find("isrc:GB-UM7-10-29604") == find("isrc:gbum71029604") == ["Bohemian Rhapsody"]
    assert find("isrc:gbum71029604", "album") == ["A Night at the Opera"]
    assert find("isrc:gbum71029604", "artist") == ["Queen"]
    assert find("upc:0602547202307 love") == ["Love of My Life"]
    assert find("barcode:602547202307", "album") == ["A Night at the Opera"]


def test_a_typo_is_corrected_only_where_nothing_is_found_and_it_is_said(searcher: SnapshotSearcher) -> None:
    found = searcher.search("track", "bohemain rapsody queen")
    assert found.corrected == "bohemian rhapsody queen"
    assert names("track", found.ranks) == ["Bohemian Rhapsody - Live", "Bohemian Rhapsody"]
    assert searcher.search("track", "lovers").corrected is None
    assert searcher.search("artist", "beyonec").corrected == "beyonce"


def test_a_word_that_exists_is_corrected_where_the_words_together_find_nothing(searcher: SnapshotSearcher) -> None:
    found = searcher.search("track", "must be the noon")
    assert (found.corrected, names("track", found.ranks)) == ("must be the moon", ["Must Be the Moon"])
    found = searcher.search("track", "artist:quen life")
    assert (found.corrected, names("track", found.ranks)) == ("artist:queen life", ["Love of My Life"])


def test_corrected_searches_go_on_where_they_were(searcher: SnapshotSearcher) -> None:
    first = searcher.search("track", "bohemain", limit=1)
    rest = searcher.search("track", "bohemain", limit=1, after=first.next)
    assert names("track", first.ranks + rest.ranks) == ["Bohemian Rhapsody - Live", "Bohemian Rhapsody"]
    assert rest.corrected == first.corrected == "bohemian"
    assert rest.next is None


def test_what_is_inside_words_is_found_where_that_was_asked_for(find: Find) -> None:
    assert find("hemia", match="substring") == ["Bohemian Rhapsody - Live", "Bohemian Rhapsody"]
    assert find("hemia") == []
    assert find("% pure_l", match="substring") == ["100% Pure_Love"]
    assert find("yonc", "artist", match="substring") == ["Beyoncé"]
    assert find('"))', match="substring") == []


def test_the_total_is_counted_where_it_is_asked_for(searcher: SnapshotSearcher) -> None:
    found = searcher.search("track", "love", limit=2, count=True)
    assert (len(found.ranks), found.total, found.capped) == (2, 6, False)
    assert searcher.search("track", "love", limit=2).total is None
    assert searcher.search("track", "nothing such", count=True).total == 0
