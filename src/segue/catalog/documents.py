"""A catalogue's documents read back: what stores give as JSON bytes (the drop-in's shape), as values to compare and show.

Members that a document leaves out are empty here. Ids are the source's own; `named` makes them whole, as other parts of
Segue keep them: `spotify:track:…`, `musicbrainz:release:…`.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from segue.catalog.records import Kind

OWN_TYPES: dict[str, dict[Kind, str]] = {
    "musicbrainz": {"track": "track", "album": "release", "artist": "artist"},
    "discogs": {"track": "track", "album": "release", "artist": "artist"},
}
"""What a namespace calls its kinds, where it is not `track`, `album` and `artist`."""


class ImageDocument(Struct, gc=False):
    url: str
    width: int = 0
    height: int = 0


class ArtistDocument(Struct):
    id: str
    name: str
    followers: int = 0
    popularity: int = 0
    genres: list[str] = []
    images: list[ImageDocument] = []


class AlbumDocument(Struct):
    id: str
    name: str
    type: str = ""
    label: str = ""
    release_date: str = ""
    release_date_precision: str = ""
    upc: str = ""
    total_tracks: int = 0
    copyright: str = ""
    copyright_p: str = ""
    images: list[ImageDocument] = []
    artists: list[ArtistDocument] = []


class TrackDocument(Struct):
    id: str
    name: str
    isrc: str = ""
    duration_ms: int = 0
    explicit: bool = False
    track_number: int = 0
    disc_number: int = 1
    popularity: int = 0
    preview_url: str = ""
    album: AlbumDocument | None = None
    artists: list[ArtistDocument] = []
    original_title: str = ""
    version_title: str = ""
    has_lyrics: bool | None = None
    languages: list[str] = []
    artist_roles: list[str] = []


read_track = msgspec.json.Decoder(TrackDocument).decode
read_album = msgspec.json.Decoder(AlbumDocument).decode
read_artist = msgspec.json.Decoder(ArtistDocument).decode


def named(namespace: str, kind: Kind, own_id: str) -> str:
    """The source's own id as everybody can tell it: `spotify:track:6fxVffaTuwjgEk5h9QyRjy`."""
    return f"{namespace}:{OWN_TYPES.get(namespace, {}).get(kind, kind)}:{own_id}"


def own(namespace: str, text: str) -> tuple[Kind, str] | None:
    """The kind and the source's own id in what `named` made; None for an id of anybody else."""
    platform, _, rest = text.partition(":")
    type_, colon, native = rest.partition(":")
    if platform != namespace or not colon or not native:
        return None
    kinds: tuple[Kind, ...] = ("track", "album", "artist")
    types = OWN_TYPES.get(namespace, {})
    return next(((kind, native) for kind in kinds if types.get(kind, kind) == type_), None)


_DATE_LENGTHS = {"year": 4, "month": 7, "day": 10}


def partial_date(album: AlbumDocument) -> str | None:
    """1977, 1977-05 or 1977-05-08, as exact as the source says it is; None where there is none."""
    return album.release_date[: _DATE_LENGTHS.get(album.release_date_precision, 10)] or None
