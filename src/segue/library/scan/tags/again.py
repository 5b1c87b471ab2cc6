"""Make the tags of a file again from what was kept of it, by the rules of today: nothing is read from disk.

What a file said is kept as its format spells it. Names of a second kind of tags in one file have a word before them
(`APEv2:`, `ID3v2:`, `ID3v1:`, `INFO:`, `AIFF:`, `Stream:`), so that each is heard as its reader would hear it, in the same
order. A test holds that this gives what the reader gave, for every format.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from segue.library.scan.facts import Lyrics, TrackTags
from segue.library.scan.formats import id3_quick
from segue.library.scan.formats.apev2 import OWN_FORMATS, RANK_AFTER_ID3
from segue.library.scan.formats.id3 import add_id3v1
from segue.library.scan.formats.mp4_tags import add_advice, add_number_pair, add_old_genre
from segue.library.scan.formats.riff import add_chunk_texts, add_info
from segue.library.scan.found import Found
from segue.library.scan.problems import Problem, ProblemCode
from segue.library.scan.tags.rules import Rules
from segue.library.scan.tags.track_tags import track_tags

TAG_DOUBTS = frozenset(
    (
        ProblemCode.DATE_DOUBTFUL,
        ProblemCode.NUMBER_DOUBTFUL,
        ProblemCode.ID_DOUBTFUL,
        ProblemCode.VALUE_CUT,
        ProblemCode.VALUES_CUT,
        ProblemCode.NUL_REMOVED,
        ProblemCode.CREDITS_UNMATCHED,
    )
)
"""Doubts about the values of tags: these come anew with the tags, all others stay with the file."""

PREFIXES = ("APEv2:", "ID3v2:", "ID3v1:", "INFO:", "AIFF:", "Stream:")
_BYTES = re.compile(r"<\d+ bytes, sha256 [0-9a-f]{64}>")
_OLD_DATES = ("TYER", "TDAT", "TORY")

Raw = Mapping[str, list[str]]


def tags_again(format: str, raw: Raw, rules: Rules) -> tuple[TrackTags, list[Problem]]:
    """The tags that `rules` make of what a file of that format said, and the doubts about single values."""
    found = found_again(format, raw, rules)
    heard = found.fields or found.performers or found.lyrics
    return (track_tags(found) if heard else TrackTags()), found.doubts


def found_again(format: str, raw: Raw, rules: Rules) -> Found:
    """What the format's reader found in the tags, without the audio and the pictures."""
    found = Found(format, rules)
    for system, names in _sections(format, raw):
        _REPLAYS[system](names, found)
    return found


def system_of(format: str, name: str) -> tuple[str, str]:
    """The kind of tags that a kept name is of, and the name without the word before it.

    The kind is one of `rules.SYSTEMS`, `id3v1` or `stream`.
    """
    for prefix in PREFIXES:
        if name.startswith(prefix):
            return _PREFIXED[prefix], name[len(prefix) :]
    return _MAIN.get(format, "id3"), name


_PREFIXED = {
    "APEv2:": "ape",
    "ID3v2:": "id3",
    "ID3v1:": "id3v1",
    "INFO:": "riff",
    "AIFF:": "aiff",
    "Stream:": "stream",
}
_MAIN = {"flac": "vorbis", "ogg": "vorbis", "mp4": "mp4", "asf": "asf"} | dict.fromkeys(OWN_FORMATS, "ape")


def _sections(format: str, raw: Raw) -> Iterable[tuple[str, dict[str, list[str]]]]:
    """The kinds of tags in the order they were read, each with its names."""
    sections: dict[str, dict[str, list[str]]] = {}
    for name, values in raw.items():
        system, own_name = system_of(format, name)
        sections.setdefault(system, {})[own_name] = values
    return sections.items()


def _vorbis(names: dict[str, list[str]], found: Found) -> None:
    lookup = found.rules.vorbis.get
    for name, values in names.items():
        field = lookup(name.lower())
        if field is not None:
            for value in values:
                found.add(field[0], value, field[1])


def _asf(names: dict[str, list[str]], found: Found) -> None:
    lookup = found.rules.asf.get
    for name, values in names.items():
        field = lookup(name.lower())
        for value in values:
            if field is not None and not _BYTES.fullmatch(value):
                found.add(field[0], value, field[1])


def _ape(names: dict[str, list[str]], found: Found) -> None:
    taken = frozenset(found.fields)
    for name, values in names.items():
        field = found.rules.ape.get(name.lower())
        for value in values:
            if field is not None and field[0] not in taken and not _BYTES.fullmatch(value):
                found.add(field[0], value, field[1] + RANK_AFTER_ID3)


def _mp4(names: dict[str, list[str]], found: Found) -> None:
    for name, values in names.items():
        free = name.startswith("----:")
        field = found.rules.mp4.get(f"----:{name.rpartition(':')[2].lower()}" if free else name)
        for value in values:
            if name in ("trkn", "disk"):
                number, _, total = value.partition("/")
                add_number_pair(name, int(number or 0), int(total or 0), found)
            elif name == "gnre":
                add_old_genre(int(value), found)
            elif name == "rtng":
                add_advice(int(value), found)
            elif field is not None and not _BYTES.fullmatch(value):
                found.add(field[0], value, field[1])


def _id3(names: dict[str, list[str]], found: Found) -> None:
    dates: dict[str, str] = {}
    for name, values in names.items():
        frame, _, rest = name.partition(":")
        if frame in _OLD_DATES:
            dates[frame] = values[0].strip() if values else ""
        known = _ID3.get(frame)
        if known is not None:
            known(found, rest, values)
        elif frame[0] in "TMG":
            id3_quick.add_text(found, frame, values)
    if dates:
        id3_quick.add_old_dates(found, dates)


def _described(found: Found, rest: str, values: list[str]) -> None:
    for value in values:
        id3_quick.add_free_text(found, rest, value)


def _owned(found: Found, rest: str, values: list[str]) -> None:
    for value in values:
        if not _BYTES.fullmatch(value):
            id3_quick.add_owned(found, "UFID", rest, value.encode("latin-1", "replace"))


def _comments(found: Found, rest: str, values: list[str]) -> None:
    description, _, language = rest.rpartition(":")
    for value in values:
        id3_quick.add_comment(found, language, description, value)


def _people(found: Found, rest: str, values: list[str]) -> None:
    for value in values:
        role, _, name = value.partition(": ")
        id3_quick.add_people(found, "TIPL", [role, name])


def _lyrics(found: Found, rest: str, values: list[str]) -> None:
    description, _, language = rest.rpartition(":")
    for value in values:
        id3_quick.add_lyrics(found, language, description, value)


def _timed_lyrics(found: Found, rest: str, values: list[str]) -> None:
    description, _, language = rest.rpartition(":")
    for value in values:
        found.lyrics.append(Lyrics(value, language or None, description or None, synced=True))


def _genres(found: Found, rest: str, values: list[str]) -> None:
    id3_quick.add_genres(found, values)


def _nothing(found: Found, rest: str, values: list[str]) -> None:
    """Kept to be shown, and heard by nobody."""


_ID3: dict[str, Callable[[Found, str, list[str]], None]] = {
    "TXXX": _described,
    "UFID": _owned,
    "COMM": _comments,
    "TIPL": _people,
    "TMCL": _people,
    "IPLS": _people,
    "USLT": _lyrics,
    "SYLT": _timed_lyrics,
    "TCON": _genres,
    "GEOB": _nothing,
}


def _id3v1(names: dict[str, list[str]], found: Found) -> None:
    add_id3v1({name: values[0] for name, values in names.items() if values}, found)


def _riff(names: dict[str, list[str]], found: Found) -> None:
    taken = frozenset(found.fields)
    for name, values in names.items():
        for value in values:
            add_info(name, value, taken, found)


def _aiff(names: dict[str, list[str]], found: Found) -> None:
    add_chunk_texts([(name, value) for name, values in names.items() for value in values], found)


def _stream(names: dict[str, list[str]], found: Found) -> None:
    for name, values in names.items():
        for value in values:
            found.add(name, value)


_REPLAYS: dict[str, Callable[[dict[str, list[str]], Found], None]] = {
    "id3": _id3,
    "vorbis": _vorbis,
    "mp4": _mp4,
    "ape": _ape,
    "asf": _asf,
    "riff": _riff,
    "aiff": _aiff,
    "id3v1": _id3v1,
    "stream": _stream,
}
