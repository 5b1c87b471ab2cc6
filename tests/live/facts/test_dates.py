"""When a recording was made, from everything that says so, and what happens to days that never were."""

from __future__ import annotations

import pytest

from segue.live.facts import facts_of
from segue.live.facts.dates import when_of, when_of_identifier
from segue.live.records import Item, ItemFile, ItemTrack


@pytest.mark.parametrize(
    ("written", "text", "precision"),
    [
        ("1977-05-08", "1977-05-08", "day"),
        ("1977-05-08T00:00:00Z", "1977-05-08", "day"),
        ("1977-5-8", "1977-05-08", "day"),
        ("May 8, 1977", "1977-05-08", "day"),
        ("8th May 1977", "1977-05-08", "day"),
        ("05/08/77", "1977-05-08", "day"),
        ("1977-05", "1977-05", "month"),
        ("1977-05-00", "1977-05", "month"),
        ("1977-05-XX", "1977-05", "month"),
        ("1969-00-00", "1969", "year"),
        ("1969", "1969", "year"),
        ("2011-16-07", "2011-07-16", "day"),
        ("1991-02-29", "1991-02", "month"),
        ("1992-02-29", "1992-02-29", "day"),
        ("2003-45-99", "2003", "year"),
        ("0000-01-01T00:00:00Z", "", "unknown"),
        ("T::Z", "", "unknown"),
        ("", "", "unknown"),
    ],
)
def test_a_date_is_read_as_far_as_it_can_be(written: str, text: str, precision: str) -> None:
    when = when_of(written)
    assert (when.text, when.precision) == (text, precision)


@pytest.mark.parametrize(
    ("identifier", "text"),
    [
        ("xy1977-05-08.sbd.somebody.1234.shnf", "1977-05-08"),
        ("xy77-05-08d1t01.shn", "1977-05-08"),
        ("xy_zz70-05-15.sbd.29473.shnf", "1970-05-15"),
        ("xy76-05-2x.sbd", "1976-05"),
        ("xy66-xx-xx.sbd", "1966"),
        ("xy971122.flac16", "1997-11-22"),
        ("xy2015.07.03.matrix", "2015-07-03"),
        ("XyCo.11-1-2015Hall", "2015-11-01"),
        ("xy70-album-outtakes.sbd.7319", "1970"),
        ("xy1969-04-06.135956.FM", "1969-04-06"),
        ("Side4_01.mp3", ""),
        ("track 01.mp3", ""),
    ],
)
def test_an_identifier_or_a_file_name_tells_its_date(identifier: str, text: str) -> None:
    assert when_of_identifier(identifier).text == text


def test_every_witness_is_kept_and_the_items_own_date_stands() -> None:
    fact = facts_of(Item("xy72-09-18.aud.1234", date="1972-09-28", tracks=_tracks("xy72-09-28d1t{:02}.shn")))
    assert (fact.date, fact.precision) == ("1972-09-28", "day")
    assert {(one.code, one.value) for one in fact.evidence if one.code.startswith("date.")} == {
        ("date.metadata", "1972-09-28"), ("date.identifier", "1972-09-18"), ("date.files", "1972-09-28"),
    }  # fmt: skip
    (doubt,) = fact.doubts
    assert (doubt.kind, doubt.proposal, doubt.params["witnesses"]) == (
        "date_conflict",
        "1972-09-18",
        ["date.identifier"],
    )


def test_without_a_date_the_title_the_identifier_and_the_files_say_it() -> None:
    titled = Item("xy72-09-18.aud.1234", title="The Xylophones Live at Town Hall on 1972-09-28")
    assert facts_of(titled).date == "1972-09-28"
    assert facts_of(Item("xy72-09-18.aud.1234", title="The Xylophones")).date == "1972-09-18"
    assert facts_of(Item("tapes-from-the-attic", tracks=_tracks("xy72-09-18t{:02}.flac"))).date == "1972-09-18"
    assert (
        facts_of(Item("tapes-from-the-attic", info_text="The Xylophones\nTown Hall\nSeptember 18, 1972")).date
        == "1972-09-18"
    )


def test_an_impossible_day_is_a_month_with_a_doubt_unless_the_identifier_knows_better() -> None:
    fact = facts_of(Item("xy-leap-day", date="1991-02-29"))
    assert (fact.date, fact.precision) == ("1991-02", "month")
    assert [(doubt.kind, doubt.params["reason"]) for doubt in fact.doubts] == [("date_suspect", "impossible")]
    assert facts_of(Item("xy1991-02-28.aud", date="1991-02-29")).date == "1991-02-28"


def test_a_day_that_had_to_be_entered_is_none_where_the_identifier_says_unknown() -> None:
    assert facts_of(Item("xy66-01-xx.sbd", date="1966-01-01")).date == "1966-01"
    assert facts_of(Item("xy66-xx-xx.sbd", date="1966-06-15")).date == "1966"
    assert facts_of(Item("xy76-05-2x.sbd", date="1976-05-28")).date == "1976-05-28", (
        "a day nobody enters for want of one"
    )


def test_nothing_becomes_the_first_of_january() -> None:
    fact = facts_of(Item("xy1970-01-01.studio", date="1970-00-00"))
    assert (fact.date, fact.precision) == ("1970", "year")


def _tracks(name: str) -> tuple[ItemTrack, ...]:
    return tuple(ItemTrack(number, "", files=(ItemFile(name.format(number), "Shorten"),)) for number in range(1, 5))
