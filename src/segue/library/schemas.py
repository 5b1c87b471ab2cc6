"""What the library says over REST: the shapes, and how views become them.

Lists are hot, so items are made as plain dicts and written to bytes at once; the models here are what OpenAPI tells, and
tests hold the dicts against them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel

from segue.core.ids import format_id, format_id_or_none
from segue.library.scan import problems
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
    LabelView,
    Letter,
    LibraryView,
    Listing,
    Named,
    Picture,
    TrackView,
)

Item = dict[str, Any]


class NamedItem(BaseModel):
    id: str
    name: str


class TitledItem(BaseModel):
    id: str
    title: str


class CreditItem(BaseModel):
    """Who did what. `credited_as` is the name as written where it differs; `join_phrase` stands before the next name."""

    artist: NamedItem
    role: str
    instrument: str | None
    credited_as: str | None
    join_phrase: str


class ArtworkItem(BaseModel):
    id: str
    color: str | None
    blurhash: str | None
    width: int
    height: int


class ReasonItem(BaseModel):
    """A reason as a code with parameters, and as a sentence in English."""

    code: str
    params: dict[str, Any]
    sentence: str


class PersonalItem(BaseModel):
    """What you did with it."""

    starred_at: datetime | None = None
    rating: int = 0
    play_count: int = 0
    last_played_at: datetime | None = None


class AlbumItem(PersonalItem):
    id: str
    title: str
    sort_title: str
    artists: list[CreditItem]
    artist_display: str
    year: int | None
    date: str | None
    original_date: str | None
    release_types: list[str]
    compilation: bool
    track_count: int
    disc_count: int
    duration_ms: int
    size_bytes: int
    artwork: ArtworkItem | None
    added_at: datetime
    missing: bool
    genres: list[NamedItem]
    library: NamedItem


class AudioFileItem(BaseModel):
    id: str
    format: str | None
    codec: str | None
    content_type: str | None
    bitrate_kbps: int | None
    sample_rate_hz: int | None
    bit_depth: int | None
    channels: int | None
    size_bytes: int
    lossless: bool | None
    path: str


class ReplayGainItem(BaseModel):
    track_gain_db: float | None
    track_peak: float | None
    album_gain_db: float | None
    album_peak: float | None


class TrackItem(PersonalItem):
    id: str
    title: str
    subtitle: str | None
    album: TitledItem
    artists: list[CreditItem]
    artist_display: str
    album_artists: list[CreditItem]
    credits: list[CreditItem]
    disc: int | None
    position: int | None
    position_text: str | None
    duration_ms: int
    genres: list[NamedItem]
    year: int | None
    bpm: float | None
    key: str | None
    replay_gain: ReplayGainItem | None
    has_lyrics: bool
    explicit: bool | None
    artwork: ArtworkItem | None
    file: AudioFileItem
    missing: bool
    problem: ReasonItem | None
    added_at: datetime


class DiscItem(BaseModel):
    number: int
    subtitle: str | None
    tracks: list[TrackItem]


class AlbumLabelItem(NamedItem):
    catalog_number: str | None


class ExternalIdItem(BaseModel):
    namespace: str
    value: str


class GroupingItem(BaseModel):
    """Why these tracks are one album."""

    rule: str
    params: dict[str, Any]
    sentence: str


class AlbumPageItem(AlbumItem):
    discs: list[DiscItem]
    labels: list[AlbumLabelItem]
    credits: list[CreditItem]
    external_ids: list[ExternalIdItem]
    grouping: GroupingItem


class ArtistItem(PersonalItem):
    id: str
    name: str
    sort_name: str
    disambiguation: str | None
    album_count: int
    track_count: int
    artwork: ArtworkItem | None


class RoleItem(BaseModel):
    role: str
    albums: list[AlbumItem]


class ArtistPageItem(ArtistItem):
    albums: list[RoleItem]
    aliases: list[str]
    external_ids: list[ExternalIdItem]


class LetterItem(BaseModel):
    letter: str
    artists: list[ArtistItem]


class GenreItem(NamedItem):
    track_count: int
    album_count: int


class LabelItem(NamedItem):
    album_count: int


class LibraryItem(NamedItem):
    """A library. `path` is its folder on the server, for administrators."""

    path: str | None
    track_count: int
    album_count: int
    file_count: int
    missing_count: int
    duration_ms: int
    size_bytes: int
    last_scan: datetime | None


class FileItem(AudioFileItem):
    library: NamedItem
    folder: str
    modified_at: datetime
    added_at: datetime
    duration_ms: int | None
    problem: ReasonItem | None
    doubts: list[ReasonItem]
    missing_since: datetime | None
    track_ids: list[str]


class FolderItem(NamedItem):
    path: str
    library: NamedItem
    parent: str | None
    folder_count: int
    track_count: int
    file_count: int
    artwork: ArtworkItem | None
    problem: ReasonItem | None
    missing: bool


class FolderPageItem(FolderItem):
    parents: list[NamedItem]
    folders: list[FolderItem]
    tracks: list[TrackItem]


class FoundItem(BaseModel):
    query: str
    artists: list[ArtistItem]
    albums: list[AlbumItem]
    tracks: list[TrackItem]


# --- from views to items ---------------------------------------------------------------------------------------------


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
        "sort_title": album.sort_key,
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
        "genres": [named("ge", genre) for genre in track.genres],
        "year": track.year,
        "bpm": track.bpm,
        "key": track.key,
        "replay_gain": replay_gain(track),
        "has_lyrics": track.has_lyrics,
        "explicit": track.explicit,
        "artwork": artwork(track.artwork),
        "file": audio_file(track.file),
        "missing": track.missing_since is not None,
        "problem": reason(track.file.problem_code, track.file.problem_params),
        "added_at": track.added_at,
        **personal(track.personal),
    }


def album_page(page: AlbumPage) -> Item:
    return {
        **album_item(page.album),
        "discs": [
            {"number": disc.number, "subtitle": disc.subtitle, "tracks": [track_item(track) for track in disc.tracks]}
            for disc in page.discs
        ],
        "labels": [
            {"id": format_id("lb", label.id), "name": label.name, "catalog_number": label.catalog_number}
            for label in page.labels
        ],
        "credits": credits(page.credits),
        "external_ids": external_ids(page.external_ids),
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
    }


def letter_item(letter: Letter) -> Item:
    return {"letter": letter.letter, "artists": [artist_item(artist) for artist in letter.artists]}


def genre_item(genre: GenreView) -> Item:
    counts = {"track_count": genre.track_count, "album_count": genre.album_count}
    return {"id": format_id("ge", genre.id), "name": genre.name, **counts}


def label_item(label: LabelView) -> Item:
    return {"id": format_id("lb", label.id), "name": label.name, "album_count": label.album_count}


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
        "parents": [{"id": format_id("fo", parent.id), "name": parent.name} for parent in page.parents],
        "folders": [folder_item(folder) for folder in page.folders],
        "tracks": [track_item(track) for track in page.tracks],
    }


def found_item(query: str, found: Found) -> Item:
    return {
        "query": query,
        "artists": [artist_item(artist) for artist in found.artists],
        "albums": [album_item(album) for album in found.albums],
        "tracks": [track_item(track) for track in found.tracks],
    }


def page_of(listing: Listing[Any], item: Callable[[Any], Item]) -> Item:
    """A page of a list; `total` only where it was counted."""
    page: Item = {"items": [item(view) for view in listing.items], "next": listing.next}
    return page if listing.total is None else page | {"total": listing.total}
