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


class TrackFragment(Struct, omit_defaults=True, kw_only=True, gc=False):
    id: str
    name: str
    isrc: str | None = None
    duration_ms: int
    explicit: bool
    track_number: int
    disc_number: int
    popularity: int
    preview_url: str | None = None
    original_title: str | None = None
    version_title: str | None = None
    has_lyrics: bool | None = None
    languages: tuple[str, ...] = ()
    artist_roles: tuple[str, ...] = ()


class AlbumFragment(Struct, omit_defaults=True, kw_only=True, gc=False):
    id: str
    name: str
    type: str
    label: str
    release_date: str
    release_date_precision: str
    upc: str | None = None
    total_tracks: int
    copyright: str | None = None
    copyright_p: str | None = None
    images: tuple[Image, ...] = ()


class ArtistFragment(Struct, omit_defaults=True, kw_only=True, gc=False):
    id: str
    name: str
    followers: int
    popularity: int
    genres: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()


def track_document(track: Track) -> bytes:
    return _encode(
        TrackFragment(
            id=track.id,
            name=track.name,
            isrc=track.isrcs[0] if track.isrcs else None,
            duration_ms=track.duration_ms,
            explicit=track.explicit,
            track_number=track.track_number,
            disc_number=track.disc_number,
            popularity=track.popularity,
            preview_url=track.preview_url or None,
            original_title=track.original_title or None,
            version_title=track.version_title or None,
            has_lyrics=track.has_lyrics,
            languages=track.languages,
            artist_roles=track.artist_roles,
        )
    )


def album_document(album: Album) -> bytes:
    return _encode(
        AlbumFragment(
            id=album.id,
            name=album.name,
            type=album.type,
            label=album.label,
            release_date=album.release_date,
            release_date_precision=album.precision,
            upc=album.upc or None,
            total_tracks=album.total_tracks,
            copyright=album.copyright or None,
            copyright_p=album.copyright_p or None,
            images=album.images,
        )
    )


def artist_document(artist: Artist) -> bytes:
    return _encode(
        ArtistFragment(
            id=artist.id,
            name=artist.name,
            followers=artist.followers,
            popularity=artist.popularity,
            genres=artist.genres,
            images=artist.images,
        )
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
