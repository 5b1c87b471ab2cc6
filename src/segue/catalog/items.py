"""From a catalogue's documents to what crosses REST: plain dicts, written to bytes at once. Their shapes are in `schemas.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from segue.catalog.documents import (
    AlbumDocument,
    ArtistDocument,
    ImageDocument,
    TrackDocument,
    named,
    partial_date,
    read_album,
    read_artist,
    read_track,
)

Item = dict[str, Any]

SHOWN = frozenset({"ids", "licence", "isrcs", "genres", "features", "aliases", "credits", "popularity"})
"""Members of a row's `more` that have a place of their own; the rest is shown as it is."""


class Shown:
    """Makes items of one catalogue: `namespace` stands before its ids, `licence` is that of rows that say no other."""

    def __init__(self, namespace: str, licence: str) -> None:
        self._namespace = namespace
        self._licence = licence

    def track(self, document: bytes, more: Item) -> Item:
        track = read_track(document)
        return {
            **self._thing("track", track.id, track.popularity, more),
            "title": track.name,
            "artists": self._credits(track.artists, more, track.artist_roles),
            "album": self._place(track.album),
            "disc": track.disc_number,
            "position": track.track_number,
            "duration_ms": track.duration_ms,
            "explicit": track.explicit,
            "isrcs": _isrcs(track, more),
            "genres": list(more.get("genres") or ()),
            "original_title": track.original_title or None,
            "version_title": track.version_title or None,
            "has_lyrics": track.has_lyrics,
            "languages": track.languages,
            "preview_url": track.preview_url or None,
            "features": more.get("features"),
        }

    def album(self, document: bytes, more: Item, *, of_artist: str | None = None) -> Item:
        """With `of_artist`, an artist's own id, it also says whether they are credited."""
        album = read_album(document)
        item = {
            **self._thing("album", album.id, more.get("popularity", 0), more),
            "title": album.name,
            "artists": self._credits(album.artists, more),
            "type": album.type,
            "release_date": partial_date(album),
            "total_tracks": album.total_tracks,
            "label": album.label or None,
            "upc": album.upc or None,
            "genres": list(more.get("genres") or ()),
            "copyright": album.copyright or None,
            "copyright_p": album.copyright_p or None,
            "images": _images(album.images),
        }
        if of_artist is not None:
            item["credited"] = any(artist.id == of_artist for artist in album.artists)
        return item

    def artist(self, document: bytes, more: Item) -> Item:
        artist = read_artist(document)
        return {
            **self._thing("artist", artist.id, artist.popularity, more),
            "name": artist.name,
            "followers": artist.followers,
            "genres": artist.genres,
            "images": _images(artist.images),
            "aliases": list(more.get("aliases") or ()),
        }

    def _thing(self, kind: Any, own_id: str, popularity: int, more: Item) -> Item:
        return {
            "id": named(self._namespace, kind, own_id),
            "source_id": own_id,
            "popularity": popularity,
            "ids": list(more.get("ids") or ()),
            "licence": more.get("licence") or self._licence or None,
            "more": {name: value for name, value in more.items() if name not in SHOWN},
        }

    def _place(self, album: AlbumDocument | None) -> Item | None:
        if album is None:
            return None
        return {
            "id": named(self._namespace, "album", album.id),
            "title": album.name,
            "type": album.type,
            "release_date": partial_date(album),
            "total_tracks": album.total_tracks,
            "images": _images(album.images),
        }

    def _credits(self, artists: Sequence[ArtistDocument], more: Item, roles: Sequence[str] = ()) -> list[Item]:
        """Who is credited, in order. `more.credits` says how: {name, join, artist} for each name as it is printed."""
        by_id = {artist.id: (place, artist) for place, artist in enumerate(artists)}
        printed = [one for one in more.get("credits") or () if one.get("artist") in by_id]
        last = len(artists) - 1
        if not printed:
            printed = [
                {"artist": artist.id, "join": "" if place == last else ", "} for place, artist in enumerate(artists)
            ]
        found = []
        for one in printed:
            place, artist = by_id[one["artist"]]
            found.append(
                {
                    "artist": {"id": named(self._namespace, "artist", artist.id), "name": artist.name},
                    "role": roles[place] if place < len(roles) else None,
                    "credited_as": _other(one.get("name"), artist.name),
                    "join_phrase": one.get("join", ""),
                }
            )
        return found


def _other(written: str | None, name: str) -> str | None:
    return written if written and written != name else None


def _isrcs(track: TrackDocument, more: Item) -> list[str]:
    codes = [track.isrc] if track.isrc else []
    return list(dict.fromkeys([*codes, *(more.get("isrcs") or ())]))


def _images(images: Sequence[ImageDocument]) -> list[Item]:
    return [{"url": image.url, "width": image.width, "height": image.height} for image in images]
