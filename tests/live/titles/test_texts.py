"""Setlists in descriptions and info files."""

from __future__ import annotations

import html

import pytest

from segue.live.records import SetlistSet
from segue.live.titles import Vocabulary, setlist_of_text
from segue.live.titles.texts import track_titles
from tests.live.titles.band import NIGHTS, vocabulary

KNOWN = vocabulary()
NIGHT = NIGHTS[0]
EXPECTED = [
    ("Set 1", [("Copper Lantern", False), ("The Long Way Down", False), ("Hello", False)]),
    ("Set 2", [("Drums", True), ("Jam", True), ("Saint Agnes", False)]),
    ("Encore", [("Tumbledown", False)]),
]


def plain(sets: tuple[SetlistSet, ...]) -> list[tuple[str, list[tuple[str, bool]]]]:
    return [(one.name, [(song.name, song.segue) for song in one.songs]) for one in sets]


NUMBERED = """Live at the Old Mill
Source: SBD > DAT > CD
Taper: Anna

Disc 1
Set 1
01. Copper Lantern [4:59]
02. The Long Way Down   (6:10)
03. Hello

Disc 2
Set 2
01. Drums >
02. Jam ->
03. Saint Agnes
Encore:
04. Tumbledown

* first time played
0123456789abcdef0123456789abcdef *pk91-04-01d1t01.shn
"""
COMMAS = "Set I: Copper Lantern, The Long Way Down, Hello\nSet II: Drums > Jam > Saint Agnes\nE: Tumbledown"
HTML = (
    "<div><b>Set 1:</b><br/>Copper Lantern<br>The Long Way Down*<br>Hello</div><div>Set 2:</div><div>Drums &gt;<br>Jam -&gt;<br>"
    "Saint Agnes</div><p>Encore: Tumbledown</p><script>alert('Mister Finch')</script><p>* with <i>Anna</i></p>"
)
LINES = "1st Set\nCopper Lantern\nLong Way Down\nHello\n\n2nd Set\nDrums >\nJam >\nSt. Agnes\n\nEncore\nTumbledown"
ROMAN = (
    "I:\nd1t01 Copper Lantern\nd1t02 The Long Way Down\nd1t03 Hello\n"
    "II:\nd2t01 Drums ->\nd2t02 Jam ->\nd2t03 Saint Agnes\nE:\nd2t04 Tumbledown"
)


@pytest.mark.parametrize(
    "text", [NUMBERED, COMMAS, HTML, LINES, ROMAN], ids=["numbered", "commas", "html", "lines", "roman"]
)
def test_a_setlist_is_read_however_it_is_laid_out(text: str) -> None:
    assert plain(setlist_of_text(text, KNOWN)) == EXPECTED


def test_songs_nobody_knows_stay_where_the_text_lists_them() -> None:
    assert plain(setlist_of_text("Set 1:\n1. Hello\n2. Brand New Thing >\n3. Tumbledown", KNOWN)) == [
        ("Set 1", [("Hello", False), ("Brand New Thing", True), ("Tumbledown", False)])
    ]
    assert plain(setlist_of_text("Set 1: Hello, Brand New Thing > Tumbledown", Vocabulary.learn([])))[0][1] == [
        ("Hello", False), ("Brand New Thing", True), ("Tumbledown", False),
    ]  # fmt: skip


def test_a_comma_in_a_name_divides_nothing() -> None:
    assert plain(setlist_of_text("Set 1: Hello, Ashes, Ashes, Ashes, Tumbledown", KNOWN)) == [
        ("Set 1", [("Hello", False), ("Ashes, Ashes, Ashes", False), ("Tumbledown", False)])
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Recorded from the balcony. What a night!",
        "Source: SBD > DAT > CDR > WAV",
        "<p></p>",
        "Taped by Anna, Bea, Chris and Dora.",
    ],
)
def test_a_text_without_a_setlist_gives_none(text: str) -> None:
    assert setlist_of_text(text, KNOWN) == ()


def test_markup_is_text_here() -> None:
    (one,) = setlist_of_text(html.escape("1. Hello\n2. <b>Tumbledown</b>"), KNOWN)
    assert [song.name for song in one.songs] == ["Hello", "Tumbledown"]


def test_titles_of_an_info_file_are_those_that_are_numbered() -> None:
    assert track_titles(NUMBERED) == [
        "Copper Lantern [4:59]", "The Long Way Down   (6:10)", "Hello", "Drums >", "Jam ->", "Saint Agnes", "Tumbledown",
    ]  # fmt: skip
