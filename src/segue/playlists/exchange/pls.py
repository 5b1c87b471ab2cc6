"""PLS: an INI file with `File1=`, `Title1=` and `Length1=`, in any order, counted from anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from segue.core.plain_text import lines_of
from segue.playlists.exchange.events import MAX_LOCATION, Doubt, Entry, Event, ListHead, milliseconds, short
from segue.playlists.exchange.locations import ids_in
from segue.playlists.exchange.outgoing import OutList, OutRow

MOST_ROWS = 100_000
"""Rows that are gathered before they can be given in order."""
_KEY = re.compile(r"^(file|title|length)(\d{1,9})$")


def read(file: BinaryIO, name: str, encoding: str | None = None) -> Iterator[Event]:
    """The list in a PLS file."""
    gathered: dict[int, dict[str, str]] = {}
    head, left_out = name, 0
    for line in lines_of(file, encoding):
        key, equals, value = line.text.partition("=")
        if not equals:
            continue
        key = key.strip().lower()
        if key in ("x-gnome-title", "playlistname") and value.strip():
            head = short(value)
        if (found := _KEY.match(key)) is None:
            continue
        place = int(found[2])
        if place not in gathered and len(gathered) >= MOST_ROWS:
            left_out += 1
            continue
        gathered.setdefault(place, {})[found[1]] = value.strip()
    yield ListHead(0, head)
    for place in sorted(gathered):
        yield _entry(gathered[place])
    if left_out:
        yield Doubt("rows_left_out", {"most": MOST_ROWS})


def write(playlist: OutList, rows: Iterable[OutRow]) -> Iterator[str]:
    """The file for a list."""
    yield f"[playlist]\nX-GNOME-Title={_line(playlist.name)}\n"
    count = 0
    for count, row in enumerate(rows, 1):
        shown = f"{_line(row.artist)} - {_line(row.title)}" if row.artist else _line(row.title)
        seconds = round(row.duration_ms / 1000) if row.duration_ms else -1
        yield f"File{count}={_line(row.location)}\nTitle{count}={shown}\nLength{count}={seconds}\n"
    yield f"NumberOfEntries={count}\nVersion=2\n"


def _entry(said: dict[str, str]) -> Entry:
    location = short(said.get("file", ""), MAX_LOCATION)
    shown = short(said.get("title", ""))
    artist, dash, title = shown.partition(" - ")
    return Entry(
        title=title.strip() if dash else shown,
        artist=artist.strip() if dash else "",
        duration_ms=milliseconds(said.get("length"), seconds=True),
        external_ids=ids_in(location),
        location=location,
        problem=None if location else ("no_location", {}),
    )


def _line(text: str) -> str:
    return re.sub(r"[\r\n\x85]+", " ", text).strip()
