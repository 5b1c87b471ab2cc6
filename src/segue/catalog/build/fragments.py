"""From records to documents: JSON in the drop-in's shape, and what only the fuller API shows (`more`).

Members are left out where they are empty, as the drop-in does; `has_lyrics` is left out only where it is not known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct

from segue.catalog.records import Album, Artist, Image, Track

_encode = msgspec.json.Encoder().encode


_SAID: Any = object()
"""The default of members that are never left out: no value is it. With defaults for all, fragments are made by place."""


class TrackFragment(Struct, omit_defaults=True, gc=False):
    id: str = _SAID
    name: str = _SAID
    isrc: str | None = None
    duration_ms: int = _SAID
    explicit: bool = _SAID
    track_number: int = _SAID
    disc_number: int = _SAID
    popularity: int = _SAID
    preview_url: str | None = None
    original_title: str | None = None
    version_title: str | None = None
    has_lyrics: bool | None = None
    languages: tuple[str, ...] = ()
    artist_roles: tuple[str, ...] = ()


class AlbumFragment(Struct, omit_defaults=True, gc=False):
    id: str = _SAID
    name: str = _SAID
    type: str = _SAID
    label: str = _SAID
    release_date: str = _SAID
    release_date_precision: str = _SAID
    upc: str | None = None
    total_tracks: int = _SAID
    copyright: str | None = None
    copyright_p: str | None = None
    images: tuple[Image, ...] = ()


class ArtistFragment(Struct, omit_defaults=True, gc=False):
    id: str = _SAID
    name: str = _SAID
    followers: int = _SAID
    popularity: int = _SAID
    genres: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()


def track_document(track: Track) -> bytes:
    return _encode(
        TrackFragment(
            track.id,
            track.name,
            track.isrcs[0] if track.isrcs else None,
            track.duration_ms,
            track.explicit,
            track.track_number,
            track.disc_number,
            track.popularity,
            track.preview_url or None,
            track.original_title or None,
            track.version_title or None,
            track.has_lyrics,
            track.languages,
            track.artist_roles,
        )
    )


def album_document(album: Album) -> bytes:
    return _encode(
        AlbumFragment(
            album.id,
            album.name,
            album.type,
            album.label,
            album.release_date,
            album.precision,
            album.upc or None,
            album.total_tracks,
            album.copyright or None,
            album.copyright_p or None,
            album.images,
        )
    )


def artist_document(artist: Artist) -> bytes:
    return _encode(
        ArtistFragment(artist.id, artist.name, artist.followers, artist.popularity, artist.genres, artist.images)
    )


def track_more(track: Track) -> dict[str, Any]:
    """{} where there is nothing. `isrcs` are those beyond the first, which the document has."""
    return _more(track, {"isrcs": track.isrcs[1:]})


def album_more(album: Album) -> dict[str, Any]:
    return _more(album, {"genres": album.genres})


def artist_more(artist: Artist) -> dict[str, Any]:
    return _more(artist, {"aliases": artist.aliases})


def more_document(more: dict[str, Any]) -> bytes:
    return _encode(more)


def _more(record: Track | Album | Artist, own: dict[str, Any]) -> dict[str, Any]:
    more = {name: value for name, value in own.items() if value}
    if record.ids:
        more["ids"] = record.ids
    if record.licence:
        more["licence"] = record.licence
    if record.more:
        more.update(record.more)
    return more


Documents = Callable[[Any], bytes]
DOCUMENT: dict[str, Documents] = {"track": track_document, "album": album_document, "artist": artist_document}
MORE: dict[str, Callable[[Any], dict[str, Any]]] = {"track": track_more, "album": album_more, "artist": artist_more}
