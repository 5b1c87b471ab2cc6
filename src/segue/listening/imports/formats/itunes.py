"""iTunes and Apple's Music app: `Library.xml`, which keeps how often each track was played and when last, but no plays.

The file is walked through, never read whole: one of 100,000 tracks has 150 MB. Its playlists are for the import of playlists.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit
from xml.parsers import expat

from segue.listening.imports.items import (
    Item,
    Opined,
    Passed,
    Thing,
    Trouble,
    from_iso,
    ids,
    length_ms,
    maybe,
    since,
    text,
    whole_number,
)

NAME = "itunes"
_PART = 256 * 1024
_MOST_TEXT = 16 * 1024
_NOT_MUSIC = ("Podcast", "Movie", "TV Show", "Has Video", "Audiobook", "Music Video")


class _Entities(Exception):
    """The document declares entities."""


class _Tracks:
    """Gathers the dictionaries below `Tracks`: plist, dict, key "Tracks", dict, key of a number, dict."""

    def __init__(self) -> None:
        self.done: list[dict[str, Any]] = []
        self._depth = 0
        self._section = ""
        self._key = ""
        self._track: dict[str, Any] | None = None
        self._text: list[str] = []

    def begin(self, name: str, _attributes: dict[str, str]) -> None:
        self._text.clear()
        if name in ("dict", "array"):
            self._depth += 1
            if self._depth == 3 and self._section == "Tracks" and name == "dict":
                self._track = {}

    def end(self, name: str) -> None:
        said = "".join(self._text)
        self._text.clear()
        if name == "key":
            self._key = said
            if self._depth == 1:
                self._section = said
        elif name in ("dict", "array"):
            if self._depth == 3 and self._track is not None:
                self.done.append(self._track)
                self._track = None
            self._depth -= 1
        elif self._track is not None and self._depth == 3:
            self._track[self._key] = {"true": True, "false": False}.get(name, said)

    def said(self, part: str) -> None:
        if len(self._text) < 64 and len(part) < _MOST_TEXT:
            self._text.append(part)


def read(file: BinaryIO) -> Iterator[Item]:
    """What every track of the library says."""
    parser, tracks = expat.ParserCreate(), _Tracks()
    parser.StartElementHandler, parser.EndElementHandler = tracks.begin, tracks.end
    parser.CharacterDataHandler = tracks.said
    parser.buffer_text = True

    def refuse(*_given: Any) -> None:
        raise _Entities

    parser.EntityDeclHandler = refuse
    while True:
        part = file.read(_PART)
        try:
            parser.Parse(part, not part)
        except _Entities:
            yield Trouble("xml_entities", {})
            return
        except expat.ExpatError as error:
            yield from (_opinion(track) for track in tracks.done)
            yield Trouble("broken_xml", {"reason": str(error)}, line=error.lineno)
            return
        yield from (_opinion(track) for track in tracks.done)
        tracks.done.clear()
        if not part:
            return


def _opinion(track: dict[str, Any]) -> Item:
    title = text(track.get("Name"))
    if any(track.get(name) for name in _NOT_MUSIC):
        return Passed("not_music")
    if not title:
        return Trouble("no_title", {})
    plays = whole_number(track.get("Play Count"))
    rating = None if track.get("Rating Computed") else whole_number(track.get("Rating"))
    loved = track.get("Loved") is True or track.get("Favorited") is True
    if not plays and not rating and not loved and track.get("Disliked") is not True:
        return Passed("no_plays")
    when = maybe(from_iso, track.get("Date Modified")) or maybe(from_iso, track.get("Date Added"))
    thing = Thing(
        title,
        text(track.get("Artist")),
        text(track.get("Album")),
        text(track.get("Album Artist")),
        length_ms(track.get("Total Time")),
        ids(("itunes:track", track.get("Persistent ID"))),
        _path(text(track.get("Location"), 4_000)),
        whole_number(track.get("Disc Number")),
        whole_number(track.get("Track Number")),
    )
    return Opined(
        thing,
        starred_at=since(when) if loved else None,
        rating=max(1, min(5, round(rating / 20))) if rating else None,
        rated_at=since(when) if rating else None,
        hated_at=since(when) if track.get("Disliked") is True else None,
        plays=plays or None,
        last_played_at=maybe(from_iso, track.get("Play Date UTC")),
    )


def _path(location: str) -> str:
    return (
        unquote(urlsplit(location).path, errors="surrogateescape").encode("utf-8", "replace").decode()
        if location
        else ""
    )
