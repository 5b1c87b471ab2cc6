"""Apple: the table of plays in the data that Apple gives out (`Apple Music Play Activity.csv`).

A row is one event; plays are those of type PLAY_END. Newer tables do not name the artist: it is looked up by title and
album in the list of the library (`Apple Music Library Tracks.json`) or by title among the daily plays
(`Apple Music - Play History Daily Tracks.csv`, "artist - title"), where these are in the same archive.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from segue.listening.imports.items import (
    Heard,
    Item,
    Passed,
    Thing,
    Trouble,
    Unreadable,
    from_iso,
    ids,
    in_range,
    length_ms,
    text,
    whole_number,
)

NAME = "apple"
PLAYED = "PLAY_END"


class Names:
    """Who plays what, as far as the archive says elsewhere."""

    def __init__(self) -> None:
        self.of_track: dict[tuple[str, str], str] = {}
        self.of_title: dict[str, str] = {}

    def learn_library(self, value: Mapping[str, Any]) -> None:
        """A row of the library's tracks."""
        title, artist = text(value.get("Title")), text(value.get("Artist"))
        if title and artist:
            self.of_track[title.casefold(), text(value.get("Album")).casefold()] = artist
            self.of_title.setdefault(title.casefold(), artist)

    def learn_daily(self, description: str) -> None:
        """`Artist - Title` of the daily plays."""
        artist, dash, title = text(description).partition(" - ")
        if dash and artist and title:
            self.of_title.setdefault(title.casefold(), artist)

    def artist(self, title: str, album: str) -> str:
        """The artist of a title, empty where nothing tells."""
        return self.of_track.get((title.casefold(), album.casefold())) or self.of_title.get(title.casefold(), "")


def knows(value: Mapping[str, Any]) -> bool:
    """Whether this is a row of the list of the library."""
    return "Title" in value and ("Track Identifier" in value or "Apple Music Track Identifier" in value)


def knows_table(head: Sequence[str]) -> bool:
    """Whether this is the heading of the plays."""
    return {"Play Duration Milliseconds", "Event Type"} <= set(head) and bool(_title_column(head))


def knows_daily(head: Sequence[str]) -> bool:
    """Whether this is the heading of the daily plays."""
    return "Track Description" in head


def read_table(
    rows: Iterable[tuple[int, Sequence[str] | Trouble]], head: Sequence[str], names: Names
) -> Iterator[tuple[int, Item]]:
    """(line, item) of each row behind the heading."""
    title_column = _title_column(head)
    for line, row in rows:
        if isinstance(row, Trouble):
            yield line, row
            continue
        if row == head:
            continue
        cell = dict(zip(head, row, strict=False))
        try:
            yield line, _row(cell, title_column, names)
        except Unreadable as error:
            yield line, Trouble(error.code, error.params)


def _row(cell: Mapping[str, str], title_column: str, names: Names) -> Item:
    if cell.get("Event Type") not in (PLAYED, ""):
        return Passed("other")
    if cell.get("Media Type", "").upper() not in ("", "AUDIO"):
        return Passed("not_music")
    title, album = text(cell.get(title_column)), text(cell.get("Album Name") or cell.get("Container Album Name"))
    if not title:
        return Passed("not_music")
    heard = length_ms(cell.get("Play Duration Milliseconds")) or 0
    offset = whole_number(cell.get("UTC Offset In Seconds") or None)
    artist = text(cell.get("Artist Name") or cell.get("Container Artist Name")) or names.artist(title, album)
    thing = Thing(
        title,
        artist,
        album,
        duration_ms=length_ms(cell.get("Media Duration In Milliseconds")),
        external_ids=ids(("applemusic:track", cell.get("Apple Music Track Identifier"))),
    )
    if began := cell.get("Event Start Timestamp"):
        at = from_iso(began)
    elif ended := cell.get("Event End Timestamp") or cell.get("Event Timestamp"):
        at = in_range(from_iso(ended) - timedelta(milliseconds=heard))
    else:
        raise Unreadable("no_time")
    return Heard(
        thing,
        at,
        heard_ms=heard,
        counted=False,
        whole=cell.get("End Reason Type") == "NATURAL_END_OF_TRACK",
        zone_offset_minutes=offset // 60 if offset is not None and abs(offset) <= 15 * 3600 else None,
        client=text(cell.get("Device Type") or cell.get("Build Version"), 200),
    )


def _title_column(head: Sequence[str]) -> str:
    return next((name for name in ("Song Name", "Content Name", "Title") if name in head), "")
