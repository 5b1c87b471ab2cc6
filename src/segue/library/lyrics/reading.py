"""From a text and what is known about it to sets of words: which format it is, and in which language."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from segue.library.lyrics.lrc import read_lrc
from segue.library.lyrics.song_words import UNKNOWN_LANGUAGE, SongWords
from segue.library.lyrics.subtitles import read_subtitles
from segue.library.lyrics.ttml import NotTtml, read_ttml

if TYPE_CHECKING:
    from segue.library.scan.facts import Lyrics

MOST_BYTES = 2 * 1024 * 1024
"""A file of words that is larger is none: the longest opera has 150 KB of them, with times of words 1 MB."""
MOST_PLAIN_BYTES = 256 * 1024
"""The same for text without times, so that a log beside the music is not taken for words."""
FORMATS = ("text", "lrc", "elrc", "ttml", "srt", "vtt")

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.IGNORECASE)


class NoWords(ValueError):
    """The text holds no words of a song; says why in a few words."""


def read_text(text: str, format: str, language: str = UNKNOWN_LANGUAGE) -> list[SongWords]:
    """The sets of words in `text`, which is in one of `FORMATS`, at least one. Raises NoWords.

    What calls itself plain text may have times of LRC, and LRC may have none; each is read as what it is.
    """
    if "\ufffd" in text and text.count("\ufffd") * 10 > len(text):
        raise NoWords("it is not text")
    try:
        if format == "ttml" or text.lstrip()[:500].startswith(("<?xml", "<tt")):
            found = read_ttml(text, language)
        elif format in ("srt", "vtt"):
            found = [read_subtitles(text, language, format)]
        else:
            found = [read_lrc(text, language)]
    except NotTtml as error:
        raise NoWords(str(error)) from None
    found = [replace(words, language=language_of(words.language)) for words in found if words.lines]
    if not any(line.text for words in found for line in words.lines):
        raise NoWords("it holds no words")
    return found


def read_words(found: Lyrics) -> SongWords:
    """The lines of one embedded text; timed where it says so or where its lines begin with times."""
    try:
        return read_text(found.text, "lrc", language_of(found.language))[0]
    except NoWords:
        return SongWords(language_of(found.language), False, ())


def read_all(found: Lyrics) -> list[SongWords]:
    """Every set of words in one embedded text, none where it has none."""
    try:
        return read_text(found.text, "lrc", language_of(found.language))
    except NoWords:
        return []


def language_of(said: str | None) -> str:
    """An ISO 639 code, or `und` for what is none."""
    if not said or not _LANGUAGE.fullmatch(said) or said.lower() in ("xxx", "zxx"):
        return UNKNOWN_LANGUAGE
    return said.lower()
