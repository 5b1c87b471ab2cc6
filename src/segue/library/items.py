"""From views to what crosses the API: plain dicts, written to bytes at once. Their shapes are in `schemas.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic_core import to_json

from segue.core.ids import format_id, format_id_or_none
from segue.library.artist_index import Spelling
from segue.library.measures.doubts import doubts_of
from segue.library.measures.records import Measure
from segue.library.musical_keys import camelot_of, spelled
from segue.library.scan import identity_reasons, problems
from segue.library.views import (
    AlbumPage,
    AlbumView,
    ArtistPage,
    ArtistView,
    Credit,
    FileView,
    FolderPage,
    FolderView,
    Found,
    GenreView,
    LabelPage,
    LabelView,
    Letter,
    LibraryView,
    Listing,
    Named,
    Picture,
    TrackDetails,
    TrackView,
)

Item = dict[str, Any]


def named(prefix: str, it: Named) -> Item:
    return {"id": format_id(prefix, it.id), "name": it.name}


def credits(people: Sequence[Credit]) -> list[Item]:
    return [
        {
            "artist": {"id": format_id("ar", one.artist_id), "name": one.name},
            "role": one.role,
            "instrument": one.instrument,
            "credited_as": one.credited_as,
            "join_phrase": one.join_phrase,
        }
        for one in people
    ]


def artwork(picture: Picture | None) -> Item | None:
    if picture is None:
        return None
    return {
        "id": format_id("aw", picture.id),
        "color": picture.color,
        "blurhash": picture.blurhash,
        "width": picture.width,
        "height": picture.height,
    }


def personal(known: dict[str, Any]) -> Item:
    return {
        "starred_at": known.get("starred_at"),
        "rating": known.get("rating", 0),
        "hated_at": known.get("hated_at"),
        "play_count": known.get("play_count", 0),
        "last_played_at": known.get("last_played_at"),
    }


def reason(code: str | None, params: dict[str, Any] | None) -> Item | None:
    """A problem with its sentence; None where there is none."""
    if code is None:
        return None
    sentence = problems.sentence(problems.Problem(code, params or {}))
    return {"code": code, "params": params or {}, "sentence": sentence}


def external_ids(pairs: Sequence[tuple[str, str]]) -> list[Item]:
    return [{"namespace": namespace, "value": value} for namespace, value in pairs]


def album_item(album: AlbumView) -> Item:
    return {
        "id": format_id("al", album.id),
        "title": album.title,
        "sort_key": album.sort_key,
        "artists": credits(album.artists),
        "artist_display": album.artist_display,
        "year": album.year,
        "date": album.date,
        "original_date": album.original_date,
        "release_types": album.release_types,
        "compilation": album.compilation,
        "track_count": album.track_count,
        "disc_count": album.disc_count,
        "duration_ms": album.duration_ms,
        "size_bytes": album.size_bytes,
        "artwork": artwork(album.artwork),
        "added_at": album.added_at,
        "missing": album.missing_since is not None,
        "genres": [named("ge", genre) for genre in album.genres],
        "library": named("li", album.library),
        **personal(album.personal),
    }


def audio_file(file: FileView) -> Item:
    return {
        "id": format_id("fi", file.id),
        "format": file.format,
        "codec": file.codec,
        "content_type": file.content_type,
        "bitrate_kbps": file.bitrate_kbps,
        "sample_rate_hz": file.sample_rate_hz,
        "bit_depth": file.bit_depth,
        "channels": file.channels,
        "size_bytes": file.size_bytes,
        "lossless": file.lossless,
        "path": file.path,
    }


def replay_gain(track: TrackView) -> Item | None:
    if track.track_gain_db is None and track.album_gain_db is None:
        return None
    return {
        "track_gain_db": track.track_gain_db,
        "track_peak": track.track_peak,
        "album_gain_db": track.album_gain_db,
        "album_peak": track.album_peak,
    }


def source(value: object, measured: bool) -> str | None:
    """Who says a value that is measured too: `analysis`, or `given` by a tag or a person."""
    return None if value is None else "analysis" if measured else "given"


def measured(known: Measure | None, tagged_bpm: float | None) -> Item | None:
    """What was measured of a track, with what is doubtful about the tempo that its tag says."""
    if known is None:
        return None
    key = spelled(known.tonic, known.mode) if known.tonic is not None and known.mode else None
    return {
        "bpm": known.bpm,
        "bpm_confidence": known.bpm_confidence,
        "key": key,
        "camelot": camelot_of(key),
        "key_confidence": known.key_confidence,
        "loudness_range_lu": known.loudness_range_lu,
        "true_peak": known.true_peak,
        "album_loudness_lufs": known.album_loudness_lufs,
        "album_true_peak": known.album_true_peak,
        "version": known.version,
        "measured_at": known.measured_at,
        "doubts": [
            {"code": doubt.code, "params": doubt.params, "sentence": doubt.sentence}
            for doubt in doubts_of(tagged_bpm, known)
        ],
    }


def part(track: TrackView) -> Item | None:
    """Where a track lies in its file, None for one that is the whole file."""
    if track.start_ms is None:
        return None
    return {
        "start_ms": track.start_ms,
        "end_ms": track.end_ms,
        "streamed_alone": track.file.format in ("wav", "flac"),
    }


def track_item(track: TrackView) -> Item:
    return {
        "id": format_id("tr", track.id),
        "title": track.title,
        "subtitle": track.subtitle,
        "album": {"id": format_id("al", track.album.id), "title": track.album.name},
        "artists": credits(track.artists),
        "artist_display": track.artist_display,
        "album_artists": credits(track.album_artists),
        "credits": credits(track.credits),
        "disc": track.disc,
        "position": track.position,
        "position_text": track.position_text,
        "duration_ms": track.duration_ms,
        "part": part(track),
        "genres": [named("ge", genre) for genre in track.genres],
        "year": track.year,
        "bpm": track.bpm,
        "bpm_source": source(track.bpm, track.bpm_measured),
        "key": track.key,
        "key_source": source(track.key, track.key_measured),
        "camelot": track.camelot,
        "energy": track.energy,
        "danceability": track.danceability,
        "loudness_lufs": track.loudness_lufs,
        "replay_gain": replay_gain(track),
        "gain_source": source(track.track_gain_db, track.gain_measured),
        "has_lyrics": track.has_lyrics,
        "explicit": track.explicit,
        "artwork": artwork(track.artwork),
        "file": audio_file(track.file),
        "missing": track.missing_since is not None,
        "problem": reason(track.file.problem_code, track.file.problem_params),
        "added_at": track.added_at,
        **personal(track.personal),
    }


def track_page(track: TrackView, details: TrackDetails) -> Item:
    return {
        **track_item(track),
        "edited": sorted(details.edited),
        "measured": measured(details.measure, None if track.bpm_measured or "bpm" in details.edited else track.bpm),
        "sort_title": track.sort_title,
        "date": track.date,
        "original_date": track.original_date,
        "release_date": details.release_date,
        "recording_date": details.recording_date,
        "disc_subtitle": track.disc_subtitle,
        "media": track.media,
        "moods": details.moods,
        "groupings": details.groupings,
        "comment": track.comment,
        "language": track.language,
        "work": track.work,
        "movement": track.movement,
        "movement_number": details.movement_number,
        "movement_total": details.movement_total,
        "gain_from_r128": details.gain_from_r128,
        "isrcs": track.isrcs,
        "labels": [
            {"id": format_id("lb", label.id), "name": label.name, "catalog_number": label.catalog_number}
            for label in details.labels
        ],
        "musicbrainz": {
            "recording": track.musicbrainz_recording_id,
            "track": details.musicbrainz_track_id,
            "release": details.musicbrainz_release_id,
            "release_group": details.musicbrainz_release_group_id,
        },
        "external_ids": external_ids(details.external_ids),
        "own_fields": [{"name": name, "value": value} for name, value in details.own],
    }


def album_page(page: AlbumPage) -> Item:
    return {
        **album_item(page.album),
        "discs": [
            {
                "number": disc.number,
                "subtitle": disc.subtitle,
                "media": disc.media,
                "artwork": artwork(disc.artwork),
                "tracks": [track_item(track) for track in disc.tracks],
            }
            for disc in page.discs
        ],
        "labels": [
            {"id": format_id("lb", label.id), "name": label.name, "catalog_number": label.catalog_number}
            for label in page.labels
        ],
        "credits": credits(page.credits),
        "external_ids": external_ids(page.external_ids),
        **page.details,
        "grouping": {
            "rule": page.grouping.rule,
            "params": page.grouping.params,
            "sentence": page.grouping.sentence,
        },
    }


def artist_item(artist: ArtistView) -> Item:
    return {
        "id": format_id("ar", artist.id),
        "name": artist.name,
        "sort_name": artist.sort_name or artist.name,
        "disambiguation": artist.disambiguation,
        "album_count": artist.album_count,
        "track_count": artist.track_count,
        "artwork": artwork(artist.artwork),
        **personal(artist.personal),
    }


def artist_page(page: ArtistPage) -> Item:
    return {
        **artist_item(page.artist),
        "albums": [{"role": role, "albums": [album_item(album) for album in albums]} for role, albums in page.albums],
        "aliases": page.aliases,
        "external_ids": external_ids(page.external_ids),
        **page.details,
    }


def letter_item(letter: Letter) -> Item:
    return {"letter": letter.letter, "artists": [artist_item(artist) for artist in letter.artists]}


def _letter_text(letter: str, artists: Sequence[str]) -> str:
    return f'{{"letter":{to_json(letter).decode()},"artists":[{",".join(artists)}]}}'


INDEX = Spelling("json", lambda view: to_json(artist_item(view)).decode(), _letter_text)
"""How the index of artists is written for REST."""


def genre_item(genre: GenreView) -> Item:
    counts = {"track_count": genre.track_count, "album_count": genre.album_count}
    return {"id": format_id("ge", genre.id), "name": genre.name, **counts}


def label_item(label: LabelView) -> Item:
    return {"id": format_id("lb", label.id), "name": label.name, "album_count": label.album_count}


def label_page(page: LabelPage) -> Item:
    return {**label_item(page.label), **page.details, "external_ids": external_ids(page.external_ids)}


def library_item(library: LibraryView, *, with_path: bool) -> Item:
    return {
        "id": format_id("li", library.id),
        "name": library.name,
        "path": library.path if with_path else None,
        "track_count": library.track_count,
        "album_count": library.album_count,
        "file_count": library.file_count,
        "missing_count": library.missing_count,
        "duration_ms": library.duration_ms,
        "size_bytes": library.size_bytes,
        "last_scan": library.scan_finished_at,
    }


def recognised(reason: str | None, params: dict[str, Any] | None) -> Item | None:
    """Why a file is taken for one that was elsewhere before, and how sure that is."""
    if reason is None:
        return None
    return {
        "code": reason,
        "params": params or {},
        "sentence": identity_reasons.sentence(reason, params),
        "certainty": identity_reasons.certainty(reason),
    }


def file_item(file: FileView) -> Item:
    doubts = [reason(code, params) for code, params in file.doubts or []]
    return {
        **audio_file(file),
        "library": named("li", file.library),
        "folder": format_id("fo", file.folder_id),
        "modified_at": datetime.fromtimestamp(min(max(file.mtime_ns // 1_000_000_000, 0), 253_402_300_799), UTC),
        "added_at": file.added_at,
        "duration_ms": file.duration_ms,
        "problem": reason(file.problem_code, file.problem_params),
        "doubts": doubts,
        "missing_since": file.missing_since,
        "missing_reason": file.missing_reason,
        "recognised": recognised(file.identity_reason, file.identity_params),
        "track_ids": [format_id("tr", number) for number in file.track_ids],
    }


def folder_item(folder: FolderView) -> Item:
    return {
        "id": format_id("fo", folder.id),
        "name": folder.name,
        "path": folder.path,
        "library": named("li", folder.library),
        "parent": format_id_or_none("fo", folder.parent_id),
        "folder_count": folder.folder_count,
        "track_count": folder.track_count,
        "file_count": folder.file_count,
        "artwork": artwork(folder.artwork),
        "problem": reason(folder.problem_code, folder.problem_params),
        "missing": folder.missing_since is not None,
    }


def folder_page(page: FolderPage) -> Item:
    return {
        **folder_item(page.folder),
        "total_folders": page.total_folders,
        "total_tracks": page.total_tracks,
        "parents": [{"id": format_id("fo", parent.id), "name": parent.name} for parent in page.parents],
        "folders": [folder_item(folder) for folder in page.folders],
        "tracks": [track_item(track) for track in page.tracks],
    }


def found_item(query: str, found: Found) -> Item:
    kinds: dict[str, tuple[Sequence[Any], Callable[[Any], Item]]] = {
        "artists": (found.artists, artist_item),
        "albums": (found.albums, album_item),
        "tracks": (found.tracks, track_item),
        "labels": (found.labels, label_item),
        "genres": (found.genres, genre_item),
    }
    lists = {
        kind: [{**item(view), "matched": found.matched.get(kind, {}).get(view.id, [])} for view in views]
        for kind, (views, item) in kinds.items()
    }
    return {"query": query, **lists, "next": {kind: found.next.get(kind) for kind in kinds}}


def page_of(listing: Listing[Any], item: Callable[[Any], Item]) -> Item:
    """A page of a list; `total` only where it was counted."""
    page: Item = {"items": [item(view) for view in listing.items], "next": listing.next}
    return page if listing.total is None else page | {"total": listing.total}
