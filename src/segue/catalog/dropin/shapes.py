"""The three shapes of the drop-in's JSON.

`plain` is what documents hold, as bytes that nobody parses. `strict` is that, without the members which the Go server
leaves out where artists stand inside of tracks and albums. `brief` has the names of the Go server's description:
followers_total, album_type, external_id_upc, copyright_c, and artist_roles by artist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import lru_cache
from typing import Any

import msgspec

from segue.catalog.records import Kind

KEPT = 2_048
"""Documents that are kept as they were reshaped."""

_ALBUM_NAMES = {"type": "album_type", "upc": "external_id_upc", "copyright": "copyright_c"}
_ARTIST_NAMES = {"followers": "followers_total"}


class Shape(StrEnum):
    plain = "plain"
    strict = "strict"
    brief = "brief"


def reshape(shape: Shape, kind: Kind, documents: Iterable[bytes]) -> list[bytes]:
    """`documents` in that shape."""
    if shape is Shape.plain:
        return list(documents)
    change = _CHANGES[shape, kind]
    return [change(document) for document in documents]


def _parsing(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[bytes], bytes]:
    @lru_cache(maxsize=KEPT)
    def changed(document: bytes) -> bytes:
        return msgspec.json.encode(change(msgspec.json.decode(document)))

    return changed


def _brief_artist(artist: dict[str, Any]) -> dict[str, Any]:
    return {_ARTIST_NAMES.get(name, name): value for name, value in artist.items()}


def _brief_album(album: dict[str, Any]) -> dict[str, Any]:
    named = {_ALBUM_NAMES.get(name, name): value for name, value in album.items()}
    if "artists" in named:
        named["artists"] = [_brief_artist(artist) for artist in named["artists"]]
    return named


def _brief_track(track: dict[str, Any]) -> dict[str, Any]:
    """`artist_roles` becomes {artist's id: [roles]}: the list runs beside the credits, and one may have several."""
    if "album" in track:
        track["album"] = _brief_album(track["album"])
    artists = track.get("artists", [])
    if "artist_roles" in track:
        roles: dict[str, list[str]] = {}
        for artist, role in zip(artists, track["artist_roles"], strict=False):
            roles.setdefault(artist["id"], []).append(role)
        track["artist_roles"] = roles
    if artists:
        track["artists"] = [_brief_artist(artist) for artist in artists]
    return track


def _without(artists: list[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    return [{name: value for name, value in artist.items() if name not in names} for artist in artists]


def _strict_album(album: dict[str, Any]) -> dict[str, Any]:
    if "artists" in album:
        album["artists"] = _without(album["artists"], "genres", "images")
    return album


def _strict_track(track: dict[str, Any]) -> dict[str, Any]:
    if "album" in track:
        track["album"] = _strict_album(track["album"])
    if "artists" in track:
        track["artists"] = _without(track["artists"], "images")
    return track


def _same(document: bytes) -> bytes:
    return document


_CHANGES: dict[tuple[Shape, Kind], Callable[[bytes], bytes]] = {
    (Shape.strict, "track"): _parsing(_strict_track),
    (Shape.strict, "album"): _parsing(_strict_album),
    (Shape.strict, "artist"): _same,
    (Shape.brief, "track"): _parsing(_brief_track),
    (Shape.brief, "album"): _parsing(_brief_album),
    (Shape.brief, "artist"): _parsing(_brief_artist),
}
