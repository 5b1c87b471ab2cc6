"""Songs, albums and artists in the protocol's words: pure functions from the library's views to dicts of the schema.

What a view does not know is left out or sent empty, as the schema says; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from segue.core.ids import format_id, format_id_or_none
from segue.library.views import AlbumView, ArtistView, Credit, GenreView, Named, Picture, TrackView

Spelled = dict[str, Any]

_ROLES = {"album_artist": "albumartist", "dj_mixer": "djmixer"}
"""Roles that OpenSubsonic spells otherwise; the others are the same words."""

_RELEASE_TYPES = {"ep": "EP", "dj-mix": "DJ-mix", "mixtape/street": "Mixtape/Street"}
"""Release types that MusicBrainz does not spell with one capital at the front."""


def song(view: TrackView) -> Spelled:
    """A track as a `Child`."""
    personal, file = view.personal, view.file
    composers = [credit for credit in view.credits if credit.role == "composer"]
    return {
        "id": format_id("tr", view.id),
        "parent": format_id("al", view.album.id),
        "isDir": False,
        "title": view.title,
        "album": view.album.name,
        "artist": view.artist_display,
        "track": view.position,
        "year": view.year,
        "genre": view.genres[0].name if view.genres else None,
        "coverArt": _cover(view.artwork),
        "size": _size(view),
        "contentType": file.content_type,
        "suffix": _suffix(file.path),
        "duration": seconds(view.duration_ms),
        "bitRate": file.bitrate_kbps,
        "path": _path(view),
        "userRating": personal.get("rating") or None,
        "playCount": personal.get("play_count") or 0,
        "discNumber": view.disc,
        "created": view.added_at,
        "starred": personal.get("starred_at"),
        "albumId": format_id("al", view.album.id),
        "artistId": format_id("ar", view.artists[0].artist_id) if view.artists else None,
        "bitDepth": file.bit_depth,
        "samplingRate": file.sample_rate_hz,
        "channelCount": file.channels,
        "played": personal.get("last_played_at"),
        "bpm": round(view.bpm) if view.bpm else 0,
        "comment": view.comment,
        "musicBrainzId": view.musicbrainz_recording_id,
        "sortName": view.sort_title or view.title,
        "isrc": view.isrcs,
        "genres": _names(view.genres),
        "artists": _credited(view.artists),
        "displayArtist": view.artist_display,
        "albumArtists": _credited(view.album_artists),
        "displayAlbumArtist": view.album_artist_display,
        "contributors": [
            {
                "role": _ROLES.get(credit.role, credit.role),
                "subRole": credit.instrument,
                "artist": {"id": format_id("ar", credit.artist_id), "name": credit.name},
            }
            for credit in view.credits
        ],
        "displayComposer": ", ".join(credit.credited_as or credit.name for credit in composers),
        "moods": _parts(view.mood),
        "replayGain": {
            "trackGain": view.track_gain_db,
            "trackPeak": view.track_peak,
            "albumGain": view.album_gain_db,
            "albumPeak": view.album_peak,
        },
        "explicitStatus": _explicit(view.explicit),
        "works": [{"name": view.work}] if view.work else [],
        "movements": [{"name": view.movement}] if view.movement else [],
        "groupings": _parts(view.grouping),
    }


def album(view: AlbumView) -> Spelled:
    """An album as an `AlbumID3`."""
    personal = view.personal
    return {
        "id": format_id("al", view.id),
        "name": view.title,
        "artist": view.artist_display,
        "artistId": format_id("ar", view.artists[0].artist_id) if view.artists else None,
        "coverArt": _cover(view.artwork),
        "songCount": view.track_count,
        "duration": seconds(view.duration_ms),
        "playCount": personal.get("play_count") or 0,
        "created": view.added_at,
        "starred": personal.get("starred_at"),
        "year": view.year,
        "genre": view.genres[0].name if view.genres else None,
        "played": personal.get("last_played_at"),
        "userRating": personal.get("rating") or None,
        "musicBrainzId": view.musicbrainz_release_id,
        "sortName": view.sort_title or view.title,
        "genres": _names(view.genres),
        "artists": _credited(view.artists),
        "displayArtist": view.artist_display,
        "releaseTypes": [_RELEASE_TYPES.get(kind, kind.capitalize()) for kind in view.release_types],
        "originalReleaseDate": partial_date(view.original_date),
        "releaseDate": partial_date(view.release_date or view.date),
        "isCompilation": view.compilation,
    }


def album_as_child(spelled: Spelled) -> Spelled:
    """A spelled album as a folder, for the methods from before there were tags."""
    return {
        "id": spelled["id"],
        "parent": spelled["artistId"],
        "isDir": True,
        "title": spelled["name"],
        "album": spelled["name"],
        "mediaType": "album",
        **{name: spelled[name] for name in _ALBUM_FIELDS_OF_A_CHILD},
    }


_ALBUM_FIELDS_OF_A_CHILD = (
    *("artist", "artistId", "coverArt", "duration", "playCount", "created", "starred", "year", "genre", "played"),
    *("userRating", "musicBrainzId", "genres", "artists", "displayArtist", "sortName"),
)


def artist(view: ArtistView) -> Spelled:
    """An artist as an `ArtistID3`; what of it an `Artist` has is spelled alike."""
    return {
        "id": format_id("ar", view.id),
        "name": view.name,
        "coverArt": _cover(view.artwork),
        "albumCount": view.album_count,
        "starred": view.personal.get("starred_at"),
        "userRating": view.personal.get("rating") or None,
        "musicBrainzId": view.musicbrainz_id,
        "sortName": view.sort_name,
        "disambiguation": view.disambiguation,
        "roles": [_ROLES.get(role, role) for role in view.roles],
    }


def genre(view: GenreView) -> Spelled:
    """A genre with its counts."""
    return {"value": view.name, "songCount": view.track_count, "albumCount": view.album_count}


def seconds(milliseconds: int) -> int:
    """Whole seconds, rounded to the nearest."""
    return (milliseconds + 500) // 1000


def partial_date(text: str | None) -> dict[str, int]:
    """`1977-05` as year and month; nothing for no date."""
    if not text:
        return {}
    return dict(zip(("year", "month", "day"), (int(part) for part in text.split("-")), strict=False))


def _cover(picture: Picture | None) -> str | None:
    return format_id_or_none("aw", picture.id if picture else None)


def _names(things: Iterable[Named]) -> list[Spelled]:
    return [{"name": thing.name} for thing in things]


def _credited(credits: Iterable[Credit]) -> list[Spelled]:
    return [{"id": format_id("ar", credit.artist_id), "name": credit.name} for credit in credits]


def _parts(line: str | None) -> list[str]:
    return line.split("; ") if line else []


def _size(view: TrackView) -> int:
    """Of a track that is a part of its file, about as much as it makes up."""
    if view.start_ms is None or not view.file.duration_ms:
        return view.file.size_bytes
    return view.file.size_bytes * view.duration_ms // view.file.duration_ms


def _path(view: TrackView) -> str:
    """Where the file is; parts of one file get names of their own, since apps keep what they download by its path."""
    if view.start_ms is None:
        return view.file.path
    stem, dot, suffix = view.file.path.rpartition(".")
    title = view.title.replace("/", "-")
    return f"{stem}/{view.position or 0:02} {title}{dot}{suffix}" if dot else f"{view.file.path}/{title}"


def _suffix(path: str) -> str | None:
    name = path.rpartition("/")[2]
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if dot and stem else None


def _explicit(explicit: bool | None) -> str:
    return "" if explicit is None else "explicit" if explicit else "clean"
