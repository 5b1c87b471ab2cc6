"""Reading the words of a song out of its tags."""

from __future__ import annotations

from segue.library.lyrics.reading import read_words
from segue.library.lyrics.song_words import Line, SongWords, Word
from segue.library.scan.facts import Lyrics


def test_plain_words_keep_their_lines_and_blank_lines_between() -> None:
    assert read_words(Lyrics("One\n\nTwo\n\n", "eng")) == SongWords("eng", False, (Line("One"), Line(""), Line("Two")))


def test_timed_words_are_ordered_by_time() -> None:
    words = read_words(Lyrics("[ar:Someone]\n[offset:+250]\n[00:12.5]b\n[00:01.00][01:02.345]a\n", None, synced=True))
    assert words == SongWords("und", True, (Line("a", 1000), Line("b", 12500), Line("a", 62345)), 250)


def test_times_of_single_words_are_kept_with_where_they_stand_in_their_line() -> None:
    (line,) = read_words(Lyrics("[00:01.00] <00:01.00>Hel<00:01.50>lo <00:02.00> you<00:02.50>")).lines
    assert (line.text, line.start_ms) == ("Hello you", 1000)
    assert line.words == (Word("Hel", 0, 1000, 1500), Word("lo", 3, 1500, 2000), Word("you", 6, 2000, 2500))


def test_a_language_nobody_stated_is_und() -> None:
    for said in (None, "", "XXX", "not a language", "\x00\x00\x00"):
        assert read_words(Lyrics("x", said)).language == "und"


def test_words_in_brackets_are_words() -> None:
    assert read_words(Lyrics("[Chorus]\nla la")).lines == (Line("[Chorus]"), Line("la la"))


def test_a_broken_offset_is_none() -> None:
    assert read_words(Lyrics("[offset:soon]\n[00:01.00]x")).offset_ms == 0
