"""The library file of iTunes and Music (`Library.xml`): all tracks first, then lists that name them by number.

It is read twice, so that only the tracks which a list names are kept in memory. Smart lists come as what they hold, since
their rules are written in a form that nobody has described; the lists that iTunes makes by itself are left out.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from segue.playlists.exchange.events import (
    MAX_LOCATION,
    Doubt,
    Entry,
    Event,
    ListHead,
    milliseconds,
    number,
    short,
)
from segue.playlists.exchange.uris import from_uri
from segue.playlists.exchange.xml_events import pieces_of

MADE_BY_ITSELF = (
    "Master",
    "Distinguished Kind",
    "Music",
    "Movies",
    "TV Shows",
    "Podcasts",
    "Audiobooks",
    "Purchased Music",
)
"""Keys that only lists have which iTunes makes by itself."""
MOST_ROWS = 2_000_000
_KEPT = {
    "Name", "Artist", "Album", "Album Artist", "Total Time", "Disc Number", "Track Number", "Location", "Persistent ID",
}  # fmt: skip


@dataclass(slots=True)
class _List:
    name: str = ""
    persistent: str = ""
    parent: str = ""
    comment: str = ""
    is_folder: bool = False
    is_smart: bool = False
    is_own: bool = False
    tracks: array[int] = field(default_factory=lambda: array("q"))


def read(file: BinaryIO, name: str, encoding: str | None = None) -> Iterator[Event]:
    """The lists in a library file."""
    lists, doubts = _lists(file, encoding)
    wanted = {track for one in lists for track in one.tracks}
    known: dict[int, Entry] = {}
    if wanted:
        for track, said in _tracks(file, encoding):
            if track in wanted:
                known[track] = _entry(said)
    by_id = {one.persistent: one for one in lists if one.persistent}
    for place, one in enumerate(one for one in lists if not one.is_folder):
        source = f"itunes:{one.persistent}" if one.persistent else ""
        yield ListHead(place, one.name or name, one.comment, folder=_folders(one, by_id), source=source)
        if one.is_smart:
            yield Doubt("smart_as_contents", {"name": one.name})
        for track in one.tracks:
            entry = known.get(track)
            if entry is None:
                entry = Entry(title=f"#{track}", problem=("unknown_track", {"number": track}))
            yield Entry(**{**_fields(entry), "list_number": place})
    if not lists:
        yield Doubt("no_rows")
    yield from doubts


def _fields(entry: Entry) -> dict[str, Any]:
    return {slot: getattr(entry, slot) for slot in Entry.__slots__}


def _lists(file: BinaryIO, encoding: str | None) -> tuple[list[_List], list[Doubt]]:
    lists: list[_List] = []
    doubts: list[Doubt] = []
    rows = 0
    current: _List | None = None
    path: list[str] = []
    key = ""
    inside = ""
    for piece in pieces_of(file, encoding):
        if isinstance(piece, Doubt):
            doubts.append(piece)
            continue
        if piece.what == "start":
            path.append(piece.name)
            if inside == "Playlists" and path == ["plist", "dict", "array", "dict"]:
                current, key = _List(), ""
            continue
        path.pop()
        if piece.name == "key":
            key = piece.text
            if path == ["plist", "dict"]:
                inside = piece.text
            continue
        if current is None:
            continue
        if path == ["plist", "dict", "array"]:  # the list's own dict has ended
            if not current.is_own:
                lists.append(current)
            current = None
        elif path == ["plist", "dict", "array", "dict"]:
            _note(current, key, piece.name, piece.text)
        elif key == "Track ID" and piece.name == "integer" and piece.text.isdecimal():
            rows += 1
            if rows <= MOST_ROWS:
                current.tracks.append(int(piece.text[:15]))
    if rows > MOST_ROWS:
        doubts.append(Doubt("rows_left_out", {"most": MOST_ROWS}))
    return lists, doubts


def _note(current: _List, key: str, kind: str, text: str) -> None:
    if key == "Name":
        current.name = short(text)
    elif key == "Playlist Persistent ID":
        current.persistent = short(text, 40)
    elif key == "Parent Persistent ID":
        current.parent = short(text, 40)
    elif key == "Description":
        current.comment = short(text, 10_000)
    elif key == "Folder" and kind == "true":
        current.is_folder = True
    elif key in ("Smart Info", "Smart Criteria"):
        current.is_smart = True
    elif key in MADE_BY_ITSELF and kind in ("true", "integer"):
        current.is_own = True


def _tracks(file: BinaryIO, encoding: str | None) -> Iterator[tuple[int, dict[str, str]]]:
    """(number, what is said) of every track, until the lists begin."""
    path: list[str] = []
    key, inside = "", ""
    said: dict[str, str] = {}
    for piece in pieces_of(file, encoding):
        if isinstance(piece, Doubt):
            continue
        if piece.what == "start":
            path.append(piece.name)
            if path == ["plist", "dict", "dict", "dict"]:
                said = {}
            continue
        path.pop()
        if piece.name == "key":
            key = piece.text
            if path == ["plist", "dict"]:
                inside = piece.text
                if inside == "Playlists":
                    return
        elif inside == "Tracks" and path == ["plist", "dict", "dict", "dict"]:
            said[key] = piece.text
        elif inside == "Tracks" and path == ["plist", "dict", "dict"] and said.get("Track ID", "").isdecimal():
            yield int(said["Track ID"][:15]), {name: value for name, value in said.items() if name in _KEPT}


def _entry(said: dict[str, str]) -> Entry:
    location = from_uri(said.get("Location", ""))
    return Entry(
        title=short(said.get("Name")),
        artist=short(said.get("Artist")),
        album=short(said.get("Album")),
        album_artist=short(said.get("Album Artist")),
        duration_ms=milliseconds(said.get("Total Time")),
        disc=number(said.get("Disc Number")),
        position=number(said.get("Track Number")),
        location=short(location, MAX_LOCATION),
        problem=None if said.get("Name") or location else ("empty_row", {}),
    )


def _folders(one: _List, by_id: dict[str, _List]) -> tuple[str, ...]:
    names: list[str] = []
    seen: set[str] = set()
    parent = one.parent
    while parent in by_id and parent not in seen and len(names) < 20:
        seen.add(parent)
        names.append(by_id[parent].name)
        parent = by_id[parent].parent
    return tuple(reversed(names))
