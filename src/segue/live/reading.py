"""Recordings and setlists from files of JSON lines, plain or gzipped, one object a line.

The form is the one that data sets about live music are passed around in: a recording with its `tracks` and their
`formats`, a show with its `setlist`. Names of the archive's own answers (`creator`, `collection`, `coverage`,
`transferer`, `stars` …) are understood as well. Every scalar may be a list and the other way round, everything but an
identifier may be missing, and what makes no sense is left out; only a file that is no JSON lines at all is an error.
"""

from __future__ import annotations

import gzip
import json
import math
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from segue.core.errors import SegueError
from segue.live.records import Item, ItemFile, ItemTrack, Setlist, SetlistSet, SetlistSong, ShowTime

_FIRST_NUMBER = re.compile(r"\d+")
_CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)")
_LONGEST_S = 1_000_000.0
"""Lengths above eleven days are nonsense."""
_GZIP = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class NotJsonLines(SegueError):
    """A file that was to hold JSON objects, one a line, does not."""

    def __init__(self, name: str, line: int) -> None:
        where = f"line {line} of {name}" if line else name
        super().__init__(
            "live.not_json_lines", f"{where} cannot be read.", hint="It takes one JSON object a line.", line=line
        )


def read_items(path: Path, *, every_file: bool = True) -> list[Item]:
    """The recordings of a file; rows without an identifier are left out, of two with the same the later one counts.

    Without `every_file` a track only keeps the first of its files, but for the first and the last track, which is all
    that conclusions rest on. Raises `NotJsonLines` for a line that is no JSON object, and OSError where the file cannot
    be read.
    """
    found = {item.identifier: item for row in _rows(path) if (item := item_of(row, every_file=every_file)) is not None}
    return list(found.values())


def read_setlists(path: Path) -> list[Setlist]:
    """The shows of a file; rows without a date are left out. Raises like `read_items`."""
    return [setlist for row in _rows(path) if (setlist := setlist_of(row)) is not None]


def item_of(row: Mapping[str, Any], *, every_file: bool = True) -> Item | None:
    """One recording; None without an identifier. What the row says of its source's type or its show is not looked at."""
    identifier = text_of(row.get("identifier"))
    if not identifier:
        return None
    get = row.get
    collections = texts_of(get("collection"))
    return Item(
        identifier=identifier,
        title=text_of(get("title")),
        creators=texts_of(get("creator") or get("artist") or get("band")),
        collections=collections,
        date=text_of(get("date")),
        venue=text_of(get("venue")),
        location=text_of(get("location") or get("coverage")),
        source=text_of(get("source")),
        lineage=text_of(get("lineage")),
        taper=text_of(get("taper")),
        transferrer=text_of(get("transferrer") or get("transferer")),
        notes=text_of(get("notes")),
        description=text_of(get("description")),
        info_text=text_of(get("info_text")),
        subjects=texts_of(get("subject")),
        runtime=text_of(get("runtime")),
        rating=number_of(first(get("raw_rating"), get("rating"), get("avg_rating"))),
        review_count=whole_of(first(get("review_count"), get("num_reviews"))) or 0,
        downloads=whole_of(get("downloads")) or 0,
        added_at=text_of(get("addeddate")),
        updated_at=text_of(get("updatedate")),
        size_bytes=whole_of(get("item_size")),
        stream_only="stream_only" in collections,
        tracks=_tracks_of(rows_of(get("tracks")), every_file),
    )


def _tracks_of(rows: Sequence[Mapping[str, Any]], every_file: bool) -> tuple[ItemTrack, ...]:
    found: list[ItemTrack] = []
    last = len(rows)
    for number, row in enumerate(rows, 1):
        title, seconds, files = row.get("title"), row.get("duration"), row.get("formats")
        if type(title) is not str:
            title = text_of(title)
        if type(seconds) is float and 0.0 < seconds < _LONGEST_S:
            length: int | None = int(seconds * 1000 + 0.5)
        else:
            length = milliseconds_of(seconds)
        if type(files) is not list:
            files = rows_of(files)
        if not every_file and 1 < number < last:
            del files[1:]
        found.append(ItemTrack(number, title, length, (), tuple([_file_of(one) for one in files if type(one) is dict])))
    return tuple(found)


def _file_of(row: Mapping[str, Any]) -> ItemFile:
    name, kind = row.get("filename"), row.get("format")
    if type(name) is str and type(kind) is str:
        return ItemFile(name, kind)
    return ItemFile(text_of(name or row.get("name")), text_of(kind))


def setlist_of(row: Mapping[str, Any]) -> Setlist | None:
    """One show with its setlist, where it has one; None without a date. A list of its recordings is not looked at."""
    date = text_of(row.get("date"))
    if not date:
        return None
    told = text_of(row.get("show_time")).casefold()
    show_time: ShowTime | None = "early" if told == "early" else "late" if told == "late" else None
    return Setlist(
        artist=text_of(row.get("band") or row.get("artist")),
        date=date,
        show_id=text_of(row.get("show_id") or row.get("url")),
        show_time=show_time,
        venue=text_of(row.get("venue")),
        city=text_of(row.get("city")),
        state=text_of(row.get("state")),
        country=text_of(row.get("country")),
        sets=tuple(found for one in rows_of(row.get("setlist")) if (found := _set_of(one)).songs),
        source=text_of(row.get("source")),
    )


def _set_of(row: Mapping[str, Any]) -> SetlistSet:
    songs = row.get("songs")
    given = songs if isinstance(songs, list) else [songs]
    return SetlistSet(
        text_of(first(row.get("set_name"), row.get("name"))),
        tuple(song for one in given if (song := _song_of(one)) is not None),
    )


def _song_of(given: object) -> SetlistSong | None:
    if isinstance(given, Mapping):
        name = text_of(first(given.get("name"), given.get("song"), given.get("title")))
        segue = first(given.get("segue_into_next"), given.get("segue"))
        return SetlistSong(name, segue is True, text_of(given.get("note"))) if name else None
    name = text_of(given)
    return SetlistSong(name) if name else None


# --- scalars that may be lists, lists that may be scalars ------------------------------------------------------------


def first(*values: object) -> object:
    """The first that is there at all."""
    return next((value for value in values if value is not None), None)


def text_of(value: object) -> str:
    """`value` as trimmed text: the first of a list that says something; empty for objects and for nothing."""
    if type(value) is str:
        return value.strip()
    if isinstance(value, list):
        return next((text for one in value if (text := text_of(one))), "")
    if isinstance(value, bool) or value is None or isinstance(value, Mapping):
        return ""
    return str(value).strip()


def texts_of(value: object) -> tuple[str, ...]:
    """`value` as texts; a single one is a list of one, empty ones are left out."""
    if not value:
        return ()
    given = value if isinstance(value, list) else [value]
    return tuple(text for one in given if (text := text_of(one)))


def rows_of(value: object) -> list[Mapping[str, Any]]:
    """`value` as objects; a single one is a list of one, and what is none is left out."""
    if isinstance(value, list):
        return [one for one in value if isinstance(one, dict)]
    return [value] if isinstance(value, Mapping) else []


def number_of(value: object) -> float | None:
    """`value` as a finite number, also from text."""
    if isinstance(value, list):
        return next((number for one in value if (number := number_of(one)) is not None), None)
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def whole_of(value: object) -> int | None:
    """`value` as a whole number that is not negative."""
    number = number_of(value)
    return int(number) if number is not None and number >= 0 else None


def milliseconds_of(value: object) -> int | None:
    """Seconds, or text as `06:21` or `2:39:54.8`, in milliseconds; None for nothing, zero and nonsense."""
    if type(value) is float or type(value) is int:
        seconds: float | None = value
    else:
        text = text_of(value)
        if found := _CLOCK.fullmatch(text):
            seconds = int(found[1] or 0) * 3600 + int(found[2]) * 60 + float(found[3])
        else:
            seconds = number_of(text)
    if seconds is None or not 0 < seconds < _LONGEST_S:
        return None
    return round(seconds * 1000)


# --- lines -----------------------------------------------------------------------------------------------------------


def _rows(path: Path) -> Iterable[Mapping[str, Any]]:
    content = path.read_bytes()
    if content[:2] == _GZIP:
        try:
            content = gzip.decompress(content)
        except (EOFError, OSError, zlib.error) as error:
            raise NotJsonLines(path.name, 0) from error
    content = content.removeprefix(_BYTE_ORDER_MARK)
    try:
        rows = msgspec.json.Decoder().decode_lines(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        rows = None
    if rows is None or not all(type(row) is dict for row in rows):
        return _one_by_one(content.decode("utf-8", "replace").split("\n"), path.name)
    return rows


def _one_by_one(lines: Iterable[str], name: str) -> Iterator[Mapping[str, Any]]:
    """The rows of text that a strict reader refuses: bytes that are no UTF-8, NaN; and which line cannot be read at all."""
    for number, line in enumerate(lines, 1):
        if not line or line.isspace():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise NotJsonLines(name, number) from error
        if not isinstance(row, dict):
            raise NotJsonLines(name, number)
        yield row
