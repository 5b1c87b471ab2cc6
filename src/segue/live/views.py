"""What the service of live music gives back: concerts, recordings, bands, venues and tapers as they stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class VenueView:
    id: int
    name: str
    city: str
    region: str
    country: str
    latitude: float | None
    longitude: float | None
    concert_count: int


@dataclass(slots=True)
class ArtistView:
    id: int
    key: str
    name: str
    sort_name: str
    collection: str | None
    concert_count: int
    recording_count: int
    first_date: str | None
    last_date: str | None
    mean_rating: float | None


@dataclass(slots=True)
class ConcertView:
    """One concert as lists show it. `best_pinned` says that a person put `best_recording_id` first."""

    id: int
    uid: str
    artist_id: int
    artist: str
    date: str
    precision: str
    sequence: int
    show_time: str | None
    kind: str
    title: str
    tour: str
    venue: VenueView | None
    recording_count: int
    song_count: int
    setlist_source: str
    best_recording_id: int | None
    best_score: float | None
    best_completeness: float | None
    source_types: tuple[str, ...]
    rating: float
    added_at: str
    kept: int
    changed_at: datetime


@dataclass(slots=True)
class RecordingView:
    """One recording as lists show it."""

    id: int
    provider: str
    identifier: str
    artist_id: int | None
    artist: str
    title: str
    date: str
    precision: str
    show_time: str | None
    kind: str
    source_type: str
    venue: str
    location: str
    taper: str
    transferrer: str
    source: str
    lineage: tuple[str, ...]
    equipment: tuple[str, ...]
    shnid: str
    formats: tuple[str, ...]
    rating: float | None
    review_count: int
    downloads: int
    size_bytes: int | None
    track_count: int | None
    duration_ms: int | None
    stream_only: bool
    status: str
    partial: bool
    family: str
    supersedes: tuple[str, ...]
    evidence: list[Any]
    added_at: str
    updated_at: str
    seen_at: datetime
    details_at: datetime | None
    kept: bool = False


@dataclass(slots=True)
class HeldView:
    """A recording among those of a concert: its place and why."""

    recording: RecordingView
    role: str
    rank: int
    score: float
    completeness: float | None
    terms: list[Any]
    missing: list[str]
    evidence: list[Any]
    pinned: str | None = None
    """you, house or None."""


@dataclass(slots=True)
class TrackView:
    """A track of a recording: what it is called and what that means."""

    id: int
    recording_id: int
    number: int
    title: str
    title_source: str
    other_titles: tuple[str, ...]
    duration_ms: int | None
    duration_source: str
    set_name: str
    heard: list[Any]
    track_id: int | None


@dataclass(slots=True)
class FileView:
    id: int
    number: int | None
    name: str
    format: str
    source: str
    original: str
    size: int | None
    md5: str
    sha1: str
    length_ms: int | None
    private: bool


@dataclass(slots=True)
class SongView:
    """A song in the setlist of a concert, with the tracks (by recording) that hold it."""

    position: int
    set_number: int
    set_name: str
    place: str
    song_id: int
    name: str
    segue: bool
    note: str
    gap: int | None
    play: TrackView | None = None
    recordings: list[int] = field(default_factory=list)


@dataclass(slots=True)
class DoubtView:
    id: int
    recording_id: int
    identifier: str
    title: str
    artist: str
    date: str
    kind: str
    proposal: str
    score: float
    params: dict[str, Any]
    state: str
    decided_by: int | None
    decided_at: datetime | None


@dataclass(slots=True)
class MirrorView:
    id: int
    collection: str
    title: str
    wanted: bool
    state: str
    item_count: int
    listed_at: datetime | None
    newest: str
    error: dict[str, Any] | None


@dataclass(slots=True)
class ConcertDetails:
    """All of one concert."""

    concert: ConcertView
    songs: list[SongView]
    held: list[HeldView]
    doubts: list[DoubtView]
    previous: ConcertView | None
    next: ConcertView | None
    others: list[ConcertView]
    """Other concerts of the same day that share a recording or the venue: early and late shows, the rest of a bill."""
    words: list[Any]
    """What people said about it: rows of overrides."""
    listed_at: datetime | None


@dataclass(slots=True)
class RecordingDetails:
    """All of one recording. `fetched` says how its details were come by: fresh, kept, stale (the archive is away) or none."""

    recording: RecordingView
    concerts: list[tuple[ConcertView, str]]
    tracks: list[TrackView]
    files: list[FileView]
    doubts: list[DoubtView]
    words: list[Any]
    relatives: list[RecordingView]
    fetched: str
    away: str | None = None
    """Why the archive could not be asked: the code of the fault."""
