"""What a source says, in the one shape that all sources give: artists, albums and tracks as streams of records.

A record names others by their `key`: a number up to 2^63 that means one thing within the source (its rowid, or one made
of an outside id). What only the fuller API shows (credits as written, release groups, labels, audio features …) travels
in `more`, whose members are those of docs/catalog.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, Protocol

from msgspec import Struct

Kind = Literal["track", "album", "artist"]


class Image(Struct, frozen=True, gc=False):
    """A picture elsewhere; width and height in pixels, 0 where unknown."""

    url: str
    width: int
    height: int


class Artist(Struct):
    """A person or group. `id` is the source's own; `ids` are others', as `platform:type:native`."""

    key: int
    id: str
    name: str
    followers: int = 0
    popularity: int = 0
    genres: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    aliases: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    licence: str | None = None
    more: dict[str, Any] | None = None


class Album(Struct):
    """A release. `name` may be empty (taken down). `release_date` is partial: 1977, 1977-05 or 1977-05-04, as `precision` says.

    `artists` are the keys of who is credited, in order; `appears` those of who is on it without being credited.
    """

    key: int
    id: str
    name: str
    type: str = ""
    label: str = ""
    release_date: str = ""
    precision: str = ""
    total_tracks: int = 0
    popularity: int = 0
    upc: str | None = None
    copyright: str | None = None
    copyright_p: str | None = None
    images: tuple[Image, ...] = ()
    artists: tuple[int, ...] = ()
    appears: tuple[int, ...] = ()
    genres: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    licence: str | None = None
    more: dict[str, Any] | None = None


class Track(Struct):
    """One track of one album. `artists` are the keys of who is credited, in order; `artist_roles` runs beside them."""

    key: int
    id: str
    name: str
    album: int
    duration_ms: int = 0
    track_number: int = 0
    disc_number: int = 1
    explicit: bool = False
    popularity: int = 0
    isrcs: tuple[str, ...] = ()
    preview_url: str | None = None
    artists: tuple[int, ...] = ()
    original_title: str | None = None
    version_title: str | None = None
    has_lyrics: bool | None = None
    languages: tuple[str, ...] = ()
    artist_roles: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    licence: str | None = None
    more: dict[str, Any] | None = None


class Counts(Struct, frozen=True):
    """How many there are of each; from a source an estimate that progress is shown by, from a store the truth."""

    tracks: int
    albums: int
    artists: int


class Damage(Struct, frozen=True):
    """A part of a source that could not be read: in which file, where (a byte offset or a rowid), and why."""

    file: str
    place: str
    why: str


class Source(Protocol):
    """Somewhere that records come from. Each stream begins anew, or behind the record whose `after` was kept.

    Albums come in any order, and so do artists and tracks; what names a record that never comes (an orphan) is for the
    build to find. `after` is whatever the source put into `position` when it gave the record before.
    """

    name: str
    """What kind of source it is: `two-file`, `musicbrainz`, `discogs`, `library`."""
    namespace: str
    """Before its ids: `spotify:track:…`, `musicbrainz:recording:…`."""
    licence: str
    """Of all rows that do not say otherwise."""
    damage: list[Damage]
    """What could not be read so far."""

    @property
    def position(self) -> str:
        """Where the stream that is being read has come to; given back as `after` it goes on behind there."""

    def identity(self) -> str:
        """Of exactly this source: changes when its files do. A build goes on only over the same."""

    def counts(self) -> Counts: ...

    def artists(self, after: str = "") -> Iterator[Artist]: ...

    def albums(self, after: str = "") -> Iterator[Album]: ...

    def tracks(self, after: str = "") -> Iterator[Track]: ...
