"""JSPF: XSPF as JSON, as ListenBrainz and others write it; and other JSON documents that hold lists of tracks.

One walk reads them all: JSPF (`playlist.track`), Spotify's account data (`playlists[].items[]`, `tracks[]` of
YourLibrary.json), smart lists (`all`/`any`, which is `.nsp`), and plain arrays of objects with a title.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from segue.playlists.exchange.events import (
    MAX_LOCATION,
    Doubt,
    Entry,
    Event,
    ListHead,
    Problem,
    milliseconds,
    number,
    short,
)
from segue.playlists.exchange.json_events import JsonBroken, JsonReader, text
from segue.playlists.exchange.locations import ids_of, is_address, written
from segue.playlists.exchange.outgoing import OutList, OutRow
from segue.playlists.exchange.uris import as_uri, from_uri

TRACK_EXTENSION = "https://musicbrainz.org/doc/jspf#track"
OUR_EXTENSION = "urn:segue:jspf"
LIKED = "Liked songs"
MAX_SMART = 256 * 1024
"""Bytes of a smart list's document."""


def read(file: BinaryIO, name: str, encoding: str | None = None) -> Iterator[Event]:
    """The lists in a JSON document."""
    begun = False
    try:
        for event in _document(file, name, encoding):
            begun = begun or isinstance(event, ListHead)
            yield event
    except JsonBroken as error:
        if not begun:
            yield ListHead(0, name)
        yield Doubt(error.code, {"place": error.place})


def write(playlist: OutList, rows: Iterable[OutRow]) -> Iterator[str]:
    """The file for a list, a row at a time."""
    head = {"title": playlist.name, "creator": playlist.owner, "annotation": playlist.comment}
    written_head = {key: value for key, value in head.items() if value}
    yield '{"playlist": ' + json.dumps(written_head, ensure_ascii=False)[:-1] + ', "track": ['
    for place, row in enumerate(rows):
        yield ("," if place else "") + "\n" + json.dumps(_track(row), ensure_ascii=False)
    yield "\n]}}\n"


def _document(file: BinaryIO, name: str, encoding: str | None) -> Iterator[Event]:
    reader = JsonReader(file, encoding)
    if reader.peek() == "[":
        yield ListHead(0, name)
        for _ in reader.items():
            yield _loose(reader.value(), 0)
        return
    for key in reader.members():
        if key == "playlist" and reader.peek() == "{":
            yield from _playlist(reader, name)
        elif key == "playlists" and reader.peek() == "[":
            yield from _spotify_lists(reader)
        elif key == "tracks" and reader.peek() == "[":
            yield ListHead(0, LIKED, source="spotify:liked")
            for _ in reader.items():
                yield _loose(reader.value(), 0)
        elif key in ("all", "any") or (key in ("name", "comment", "sort", "order", "limit") and _is_smart(file)):
            yield _smart(file, name)
            return
        else:
            reader.skip()


# --- JSPF ------------------------------------------------------------------------------------------------------------


def _playlist(reader: JsonReader, name: str) -> Iterator[Event]:
    head: dict[str, str] = {}
    begun = False
    for key in reader.members():
        if key == "track" and reader.peek() == "[":
            begun = True
            yield _head(head, name)
            for _ in reader.items():
                yield _entry(reader.value())
        elif key in ("title", "annotation", "identifier"):
            value = reader.value()
            head[key] = text(value[0] if isinstance(value, list) and value else value)
        else:
            reader.skip()
    if begun and short(head.get("title")) not in ("", name):
        yield _head(head, name)  # its words stood behind its rows
    elif not begun:
        yield _head(head, name)


def _head(said: Mapping[str, str], name: str) -> ListHead:
    return ListHead(
        0, short(said.get("title")) or name, short(said.get("annotation"), 10_000), source=said.get("identifier", "")
    )


def _entry(said: Any) -> Entry:
    if not isinstance(said, dict):
        return Entry(title=short(said), problem=("not_a_track", {}))
    locations = [text(one) for one in _several(said.get("location")) if text(one)]
    identifiers = [text(one) for one in _several(said.get("identifier"))]
    files = [one for one in locations if not is_address(one)]
    location = from_uri((files or locations or [""])[0])
    extension = said.get("extension")
    extra = extension if isinstance(extension, dict) else {}
    ours = extra.get(OUR_EXTENSION)
    ours = ours if isinstance(ours, dict) else {}
    brainz = extra.get(TRACK_EXTENSION)
    brainz = brainz if isinstance(brainz, dict) else {}
    metadata = brainz.get("additional_metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    people = metadata.get("artists")
    names = (
        [text(one.get("artist_credit_name")) for one in people if isinstance(one, dict)]
        if isinstance(people, list)
        else []
    )
    title = short(text(said.get("title")))
    ids = ids_of([*identifiers, *locations])
    return Entry(
        title=title,
        artist=short(text(said.get("creator"))) or ", ".join(filter(None, names)),
        album=short(text(said.get("album"))),
        album_artist=short(text(ours.get("album_artist"))),
        duration_ms=milliseconds(said.get("duration")),
        disc=number(ours.get("disc")),
        position=number(said.get("trackNum")),
        external_ids=ids,
        location=short(location, MAX_LOCATION),
        comment=short(text(said.get("annotation"))),
        problem=None if title or location or ids else ("empty_row", {}),
    )


def _track(row: OutRow) -> dict[str, Any]:
    ids = row.all_ids()
    ours = {"album_artist": row.album_artist if row.album_artist != row.artist else "", "disc": row.disc}
    kept = {key: value for key, value in ours.items() if value}
    made: dict[str, Any] = {
        "title": row.title,
        "creator": row.artist,
        "album": row.album,
        "duration": row.duration_ms,
        "trackNum": row.position,
        "annotation": row.comment,
        "location": [as_uri(row.location)] if row.location else [],
        "identifier": [written(*pair) for pair in ids.items()],
        "extension": {OUR_EXTENSION: kept} if kept else {},
    }
    return {key: value for key, value in made.items() if value}


# --- Spotify's account data, and loose rows ----------------------------------------------------------------------------


def _spotify_lists(reader: JsonReader) -> Iterator[Event]:
    for place, _ in enumerate(reader.items()):
        name, begun, comment = "", False, ""
        waiting: list[Entry] = []
        for key in reader.members():
            if key == "name":
                name = short(text(reader.value()))
            elif key == "description":
                comment = short(text(reader.value()), 10_000)
            elif key in ("items", "tracks") and reader.peek() == "[":
                if name:
                    begun = True
                    yield ListHead(place, name, comment, source=f"spotify:{name}")
                for _ in reader.items():
                    entry = _loose(reader.value(), place)
                    if begun:
                        yield entry
                    elif len(waiting) < 100_000:
                        waiting.append(entry)
            else:
                reader.skip()
        if not begun:
            yield ListHead(place, name or f"{place + 1}", comment, source=f"spotify:{name}")
            yield from waiting


def _loose(said: Any, place: int) -> Entry:
    """A row that is an object with a title somewhere, as Spotify's account data and many scripts write it."""
    if not isinstance(said, dict):
        return Entry(place, title=short(said), problem=("not_a_track", {}))
    inner = next((said[key] for key in ("track", "localTrack", "episode") if isinstance(said.get(key), dict)), said)
    is_episode = inner is said.get("episode")
    lowered = {str(key).casefold().replace("_", "").replace(" ", ""): value for key, value in inner.items()}

    def first(*keys: str) -> str:
        for key in keys:
            value = lowered.get(key)
            if isinstance(value, list):
                value = ", ".join(text(one.get("name") if isinstance(one, dict) else one) for one in value)
            if isinstance(value, dict):
                value = value.get("name")
            if isinstance(value, str) and value.strip():
                return short(text(value))
        return ""

    addresses = [first("trackuri"), first("uri"), first("url", "link", "href"), first("location", "path")]
    title = first("trackname", "title", "name", "track", "song", "episodename")
    ids = ids_of(addresses)
    if isrc := first("isrc"):
        ids.setdefault("isrc", isrc)
    if recording := first("recordingmbid", "musicbrainzid", "mbid"):
        ids.setdefault("musicbrainz:recording", recording.lower())
    location = first("location", "path", "file")
    problem: Problem | None = (
        ("episode", {}) if is_episode else ("empty_row", {}) if not (title or ids or location) else None
    )
    return Entry(
        place,
        title=title,
        artist=first("artistname", "artist", "artists", "creator", "showname"),
        album=first("albumname", "album"),
        album_artist=first("albumartist"),
        duration_ms=milliseconds(lowered.get("durationms") or lowered.get("msduration"))
        or milliseconds(lowered.get("duration") or lowered.get("length"), seconds=True),
        external_ids=ids,
        location=location,
        problem=problem,
    )


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


# --- smart lists -------------------------------------------------------------------------------------------------------


def _is_smart(file: BinaryIO) -> bool:
    place = file.tell()
    file.seek(0)
    head = file.read(MAX_SMART)
    file.seek(place)
    return b'"all"' in head or b'"any"' in head


def _smart(file: BinaryIO, name: str) -> Event:
    file.seek(0)
    data = file.read(MAX_SMART + 1)
    try:
        document = json.loads(data.decode("utf-8-sig")) if len(data) <= MAX_SMART else None
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        return Doubt("smart_unreadable", {"most": MAX_SMART})
    return ListHead(
        0,
        short(document.get("name")) or name,
        short(document.get("comment"), 10_000),
        kind="smart",
        query=document,
    )
