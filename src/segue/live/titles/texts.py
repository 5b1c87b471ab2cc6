"""Setlists in running text: descriptions and info files, with set headers, numbered lines, lists with commas and arrows."""

from __future__ import annotations

import html
import re
from typing import Literal, NamedTuple

from segue.live.records import Heard, SetlistSet, SetlistSong
from segue.live.titles.keys import song_key
from segue.live.titles.marks import without_header
from segue.live.titles.vocabulary import Vocabulary

_MOST = 200_000
"""Characters of a text that are read."""
_NEW_LINE = re.compile(r"<\s*/?\s*(?:br|p|div|li|tr|h[1-6]|ul|ol|table|pre)\b[^>]*>", re.IGNORECASE)
_SCRIPT = re.compile(r"<\s*(script|style)\b.*?(?:<\s*/\s*\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[/!a-zA-Z][^<>]{0,400}>")

_NUMBERED = re.compile(
    r"""\s*(?:(?:d|cd|disc|s|set)\s*\d{1,2}[\s_-]*)?(?:(?:t|tr|track)[\s_.]*(?P<a>\d{1,3})|(?P<b>\d{1,3})(?=\s*[-.):\]]|\s+[^\W\d]))
        \s*[-.):\]]*\s*(?P<title>\S.*)\Z""",
    re.VERBOSE | re.IGNORECASE,
)
_ABOUT = re.compile(
    r"""\s*(?:source|lineage|transfer(?:red|rer|ring)?|taper|taped|recorded|recording|location|mics?|microphones?|venue|notes?|equipment|
        conversion|converted|edit(?:ed|ing)|mastered|mastering|md5|ffp|st5|shntool|seed(?:ed)?|total|running|uploaded|generation|config|
        date|artist|band|thanks|processing|tracking|tracked|software|flac|gear|chain|cdr?|dat|exchange|patch(?:ed)?|personnel|line-?up)\b
        [^,]{0,30}?(?::|\bby\b|=)""",
    re.VERBOSE | re.IGNORECASE,
)
_HASH = re.compile(r"\b[0-9a-fA-F]{32}\b|\.(?:flac|shn|mp3|wav|ogg)\b")
_DISC = re.compile(
    r"\s*(?:disc|disk|cd|dvd|side|reel|tape|file)s?\s*(?:\#?\s*\w{1,3})?\s*[:.)-]*\s*(?:\(?[\d:. ]+\)?)?\s*\Z",
    re.IGNORECASE,
)
_SOUNDCHECK = re.compile(r"\W*sound\s?check\W*", re.IGNORECASE)
_FOOTNOTE = re.compile(
    r"\s*(?:[*#^%+~†]+|\[\d\]|\(\d\))\s*(?:=|-|:|\b(?:with|w/|first|last|without)\b|\s)", re.IGNORECASE
)
_COMMAS = re.compile(r"\s*[,;|•]\s*(?![^()\[\]]*[)\]])")
_ARROW = re.compile(r"-+>|>|→|»")
_LONGEST = 90
"""Characters of a line that can be one title."""
_CLEAR = frozenset({"alias", "exact", "loose", "learnt", "short", "near"})

_Style = Literal["numbered", "listed", "plain"]


class _Line(NamedTuple):
    set_name: str
    style: _Style
    titles: tuple[str, ...]


def setlist_of_text(text: str, vocabulary: Vocabulary) -> tuple[SetlistSet, ...]:
    """The sets that a description or an info file lists, HTML or not; empty where it lists none. Never raises.

    Songs have the vocabulary's names. What the vocabulary does not know is kept as written where the text lists it by
    number or below a set's header, and left out elsewhere. Sets without a header have the name Set 1.
    """
    lines = _lines(text)
    best: tuple[SetlistSet, ...] = ()
    most = (0, 0)
    for styles in (("numbered",), ("listed",), ("plain",), ("listed", "plain")):
        sets = _sets(
            [line for line in lines if line.style in styles], vocabulary, headed=any(line.set_name for line in lines)
        )
        known = {song.name for one in sets for song in one.songs if song.name in vocabulary.songs}
        size = (len(known), sum(len(one.songs) for one in sets))
        if size > most:
            best, most = sets, size
    return best


def track_titles(text: str) -> list[str]:
    """The titles of the tracks that `text` lists by number, in order; a number may begin anew for each disc."""
    found: list[str] = []
    expected = 1
    for line in plain_text(text).splitlines():
        if _ABOUT.match(line) or _HASH.search(line):
            continue
        if (numbered := _NUMBERED.match(line)) is None:
            continue
        number = int(numbered["a"] or numbered["b"])
        if number not in (1, expected) or not song_key(numbered["title"]):
            continue
        expected = number + 1
        found.append(numbered["title"].strip())
    return found


def plain_text(text: str) -> str:
    """`text` without HTML: a line for each block, entities as the characters that they stand for."""
    text = text[:_MOST]
    if "<" in text:
        text = _TAG.sub("", _NEW_LINE.sub("\n", _SCRIPT.sub("", text)))
    return html.unescape(text).replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")


def _lines(text: str) -> list[_Line]:
    """The lines that may list songs, each with the set that it is in; headers without anything behind them count for the
    lines that follow."""
    found: list[_Line] = []
    current = ""
    for raw in plain_text(text).splitlines():
        line = raw.strip()
        if not song_key(line) or _DISC.match(line) or _HASH.search(line) or len(line) > 2_000:
            continue
        if _SOUNDCHECK.fullmatch(line):
            current = "Soundcheck"
            continue
        rest, header, _ = without_header(line)
        if header:
            current = header
            if not song_key(rest):
                continue
            line = rest
        elif _ABOUT.match(line) or _FOOTNOTE.match(line):
            continue
        numbered = _NUMBERED.match(line)
        if numbered is not None:
            title, own, _ = without_header(numbered["title"])
            current = own or current
            if song_key(title):
                found.append(_Line(current, "numbered", (title,)))
            continue
        parts = tuple(part for part in _COMMAS.split(line) if song_key(part))
        if header or len(parts) > 2 or len(_ARROW.findall(line)) > 1:
            found.append(_Line(current, "listed", parts))
        elif len(line) <= _LONGEST:
            found.append(_Line(current, "plain", (line,)))
    return found


def _sets(lines: list[_Line], vocabulary: Vocabulary, *, headed: bool) -> tuple[SetlistSet, ...]:
    sets: list[tuple[str, list[SetlistSong]]] = []
    for line in lines:
        heard = [one for title in _titles_of(line.titles, vocabulary) for one in vocabulary.pieces(title)]
        if line.style == "listed" and sum(one.kind == "song" for one, _ in heard) * 2 < len(heard) and vocabulary.songs:
            continue
        for one, written in heard:
            song = _song(one, written, line, headed)
            if song is None:
                continue
            name = line.set_name or (sets[-1][0] if sets else "Set 1")
            if not sets or sets[-1][0] != name:
                sets.append((name, []))
            sets[-1][1].append(song)
    return tuple(SetlistSet(name, tuple(songs)) for name, songs in sets)


def _titles_of(parts: tuple[str, ...], vocabulary: Vocabulary) -> list[str]:
    """`parts` with those joined again that only together are the name of a song with a comma in it."""
    found: list[str] = []
    place = 0
    while place < len(parts):
        for end in range(min(place + 3, len(parts)), place + 1, -1):
            whole = ", ".join(parts[place:end])
            heard = vocabulary.heard(whole)
            if len(heard) == 1 and heard[0].how == "exact":
                found.append(whole)
                place = end
                break
        else:
            found.append(parts[place])
            place += 1
    return found


def _song(heard: Heard, written: str, line: _Line, headed: bool) -> SetlistSong | None:
    if heard.kind == "song" and heard.song:
        if line.style == "plain" and heard.how not in _CLEAR:
            return None
        return SetlistSong(heard.song, heard.segue, heard.note)
    listed = line.style == "numbered" or (line.style == "listed" and headed)
    if heard.kind == "unknown" and heard.how != "empty" and listed and len(written) <= _LONGEST:
        return SetlistSong(written, heard.segue, heard.note)
    return None
