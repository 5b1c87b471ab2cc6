"""Lists of shows in the ways people keep them."""

from __future__ import annotations

import pytest

from segue.live.shows.reading_lists import MAX_LINES, date_of, lines_of


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("1977-05-08", "1977-05-08"),
        ("1977/5/8", "1977-05-08"),
        ("5/8/77", "1977-05-08"),
        ("5-8-2017", "2017-05-08"),
        ("13.5.77", "1977-05-13"),
        ("12/31/05", "2005-12-31"),
        ("May 8, 1977", "1977-05-08"),
        ("Sept. 3rd 1977", "1977-09-03"),
        ("8 May 1977", "1977-05-08"),
        ("8. may 1977", "1977-05-08"),
        ("1977", "1977"),
        ("1977-05", "1977-05"),
        ("1991-02-29", None),
        ("1977-16-01", None),
        ("0/0/77", None),
        ("8 Mai 1977", None),
        ("soon", None),
        ("", None),
    ],
)
def test_dates_as_people_write_them(text: str, date: str | None) -> None:
    assert date_of(text) == date


@pytest.mark.parametrize(
    ("line", "artist", "date", "note"),
    [
        ("Phish, Dec 31, 1995", "Phish", "1995-12-31", ""),
        ('"Medeski, Martin & Wood", 1999-10-02', "Medeski, Martin & Wood", "1999-10-02", ""),
        ("1999-10-02\tMMW\tlate show\tgreat", "MMW", "1999-10-02", "late show, great"),
        ("7/4/89; Someone", "Someone", "1989-07-04", ""),
    ],
)
def test_a_line_says_who_and_when(line: str, artist: str, date: str, note: str) -> None:
    (one,) = lines_of(line)
    assert (one.artist, one.date, one.note, one.problem) == (artist, date, note, "")


def test_dates_alone_are_of_the_artist_that_is_meant() -> None:
    found = list(lines_of("1977-05-08\n\n1977-05-09, first row\nOther Band, 1977-05-10", "Paper Lanterns"))
    assert [(one.artist, one.date, one.note) for one in found] == [
        ("Paper Lanterns", "1977-05-08", ""),
        ("Paper Lanterns", "1977-05-09", "first row"),
        ("Other Band", "1977-05-10", ""),
    ]


def test_csv_with_a_head_is_read_by_its_columns() -> None:
    found = list(lines_of("Notes,Date,Band,Venue\nrain,5/8/77,Paper Lanterns,Barn\n,,Paper Lanterns,\n"))
    assert [(one.artist, one.date, one.note, one.problem) for one in found] == [
        ("Paper Lanterns", "1977-05-08", "rain", ""),
        ("Paper Lanterns", "", "", "no_date"),
    ]


def test_a_list_without_end_ends() -> None:
    assert len(list(lines_of("x, 1977-05-08\n" * (MAX_LINES + 10)))) == MAX_LINES
    assert [one.problem for one in lines_of('\x00"\n"unclosed, 1999-01-01\n')]
