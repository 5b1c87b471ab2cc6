"""What the library tells of its rows: plain values, read in batches, the same for every face.

Ids are numbers here, moments are aware datetimes; a face spells them. `personal` holds what other domains know about the
row for the person who asks: `starred_at`, `rating`, `play_count`, `last_played_at`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from segue.library.measures.records import Measure

T = TypeVar("T")


def columns_before(view: type[Any], name: str) -> tuple[str, ...]:
    """The first fields of a view, up to the one called `name`: those it shares with its table."""
    names = tuple(field.name for field in fields(view))
    return names[: names.index(name)]


@dataclass(slots=True)
class Named:
    """Something one can go to: its id and its name."""

    id: int
    name: str


@dataclass(slots=True)
class Credit:
    """Who did what, as the sleeve says it. `credited_as` is the name as written where it differs, `join_phrase` what
    stands before the next name."""

    artist_id: int
    name: str
    role: str
    instrument: str | None
    credited_as: str | None
    join_phrase: str


@dataclass(slots=True)
class Picture:
    """An artwork: its id, dominant colour (`#rrggbb`), blurhash and size in pixels."""

    id: int
    color: str | None
    blurhash: str | None
    width: int
    height: int


@dataclass(slots=True)
class AlbumView:
    id: int
    library_id: int
    title: str
    sort_title: str | None
    sort_key: str
    artist_display: str
    year: int | None
    date: str | None
    original_date: str | None
    release_date: str | None
    release_type: str | None
    release_types: list[str]
    compilation: bool
    media: str | None
    release_status: str | None
    country: str | None
    barcode: str | None
    musicbrainz_release_id: str | None
    musicbrainz_release_group_id: str | None
    disc_count: int
    track_count: int
    missing_count: int
    duration_ms: int
    size_bytes: int
    folder_id: int | None
    added_at: datetime
    updated_at: datetime
    missing_since: datetime | None
    library: Named
    artwork: Picture | None
    artists: list[Credit] = field(default_factory=list)
    genres: list[Named] = field(default_factory=list)
    personal: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class FileView:
    """A file; `path` is for reading, never for opening. A file that is no track has a problem and no tracks."""

    id: int
    library_id: int
    folder_id: int
    path: str
    size_bytes: int
    mtime_ns: int
    format: str | None
    codec: str | None
    content_type: str | None
    lossless: bool | None
    duration_ms: int | None
    bitrate_kbps: int | None
    sample_rate_hz: int | None
    bit_depth: int | None
    channels: int | None
    problem_code: str | None
    problem_params: dict[str, Any] | None
    doubts: list[Any] | None
    added_at: datetime
    read_at: datetime | None
    missing_since: datetime | None
    missing_reason: str | None
    identity_reason: str | None
    identity_params: dict[str, Any] | None
    library: Named
    track_ids: list[int] = field(default_factory=list)


@dataclass(slots=True)
class TrackView:
    id: int
    library_id: int
    title: str
    sort_title: str | None
    subtitle: str | None
    sort_key: str
    artist_display: str
    disc: int | None
    disc_subtitle: str | None
    position: int | None
    position_text: str | None
    start_ms: int | None
    end_ms: int | None
    duration_ms: int
    year: int | None
    date: str | None
    original_date: str | None
    bpm: float | None
    key: str | None
    camelot: str | None
    comment: str | None
    grouping: str | None
    mood: str | None
    media: str | None
    language: str | None
    work: str | None
    movement: str | None
    explicit: bool | None
    has_lyrics: bool
    track_gain_db: float | None
    track_peak: float | None
    album_gain_db: float | None
    album_peak: float | None
    energy: float | None
    danceability: float | None
    loudness_lufs: float | None
    bpm_measured: bool
    key_measured: bool
    gain_measured: bool
    musicbrainz_recording_id: str | None
    added_at: datetime
    updated_at: datetime
    missing_since: datetime | None
    album: Named
    album_artist_display: str
    album_compilation: bool
    file: FileView
    artwork: Picture | None
    """Its own, else its album's."""
    artists: list[Credit] = field(default_factory=list)
    """Role `artist`: who the track is by."""
    credits: list[Credit] = field(default_factory=list)
    """Everybody else: composer, performer …"""
    album_artists: list[Credit] = field(default_factory=list)
    genres: list[Named] = field(default_factory=list)
    isrcs: list[str] = field(default_factory=list)
    personal: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class TrackDetails:
    """What a track's own page shows and lists leave out. `own` are the fields that a person added in the rules for tags."""

    recording_date: str | None
    release_date: str | None
    moods: list[str]
    groupings: list[str]
    movement_number: int | None
    movement_total: int | None
    musicbrainz_track_id: str | None
    musicbrainz_release_id: str | None
    musicbrainz_release_group_id: str | None
    gain_from_r128: bool
    edited: frozenset[str] = frozenset()
    """Which of `bpm` and `key` a person said."""
    measure: Measure | None = None
    """What was measured, whatever is shown."""
    external_ids: list[tuple[str, str]] = field(default_factory=list)
    labels: list[AlbumLabelView] = field(default_factory=list)
    own: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class ArtistView:
    """An artist with the counts of what the asking person may see; `roles` has (albums, tracks) by role."""

    id: int
    name: str
    sort_name: str | None
    sort_key: str
    musicbrainz_id: str | None
    disambiguation: str | None
    type: str | None
    country: str | None
    added_at: datetime
    artwork: Picture | None
    album_count: int = 0
    track_count: int = 0
    roles: dict[str, tuple[int, int]] = field(default_factory=dict)
    personal: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class GenreView:
    id: int
    name: str
    parent_id: int | None
    track_count: int = 0
    album_count: int = 0


@dataclass(slots=True)
class LabelView:
    id: int
    name: str
    album_count: int = 0


@dataclass(slots=True)
class AlbumLabelView:
    id: int
    name: str
    catalog_number: str | None


@dataclass(slots=True)
class LibraryView:
    id: int
    name: str
    path: str
    track_count: int
    album_count: int
    file_count: int
    missing_count: int
    duration_ms: int
    size_bytes: int
    scan_started_at: datetime | None
    scan_finished_at: datetime | None


@dataclass(slots=True)
class FolderView:
    """A directory; the root of a library has the library's name. Counts are of what is directly inside and present."""

    id: int
    library_id: int
    parent_id: int | None
    name: str
    path: str
    track_count: int
    problem_code: str | None
    problem_params: dict[str, Any] | None
    missing_since: datetime | None
    library: Named
    artwork: Picture | None
    folder_count: int = 0
    file_count: int = 0


@dataclass(slots=True)
class DiscView:
    number: int
    subtitle: str | None
    media: str | None
    tracks: list[TrackView]
    artwork: Picture | None = None
    """Its own, where it has one."""


@dataclass(slots=True)
class Grouping:
    """Why these tracks are one album: the rule that decided, its facts, and both as a sentence."""

    rule: str
    params: dict[str, Any]
    sentence: str


@dataclass(slots=True)
class AlbumPage:
    """An album with everything its page shows. `credits` are the people of its tracks beside the artists, each once."""

    album: AlbumView
    discs: list[DiscView]
    labels: list[AlbumLabelView]
    credits: list[Credit]
    external_ids: list[tuple[str, str]]
    grouping: Grouping
    details: dict[str, Any] = field(default_factory=dict)
    """See `detail_rows.OF_ALBUM`."""


@dataclass(slots=True)
class ArtistPage:
    """An artist with the albums they take part in, by role: their own first (`album_artist`), an album once a role."""

    artist: ArtistView
    albums: list[tuple[str, list[AlbumView]]]
    aliases: list[str]
    external_ids: list[tuple[str, str]]
    details: dict[str, Any] = field(default_factory=dict)
    """See `detail_rows.OF_ARTIST`."""


@dataclass(slots=True)
class LabelPage:
    """A label with who it is; its albums are a list of their own."""

    label: LabelView
    external_ids: list[tuple[str, str]]
    details: dict[str, Any]


@dataclass(slots=True)
class FolderPage:
    """A folder with its parents (outermost first), the folders and the tracks directly inside."""

    folder: FolderView
    parents: list[FolderView]
    folders: list[FolderView]
    tracks: list[TrackView]
    total_folders: int = 0
    """In it and below, however deep; so are the tracks."""
    total_tracks: int = 0


@dataclass(slots=True)
class Listing(Generic[T]):
    """A page of a list: its items, the cursor of the next page, and how many there are in all where that was asked."""

    items: list[T]
    next: str | None = None
    total: int | None = None


@dataclass(slots=True)
class Letter:
    """The artists filed under one letter of the index."""

    letter: str
    artists: list[ArtistView]


@dataclass(slots=True)
class Found:
    """What a search found, best first. `matched` says by kind and id which fields hold what was typed; `next` where a kind
    goes on, None at its end."""

    artists: list[ArtistView] = field(default_factory=list)
    albums: list[AlbumView] = field(default_factory=list)
    tracks: list[TrackView] = field(default_factory=list)
    labels: list[LabelView] = field(default_factory=list)
    genres: list[GenreView] = field(default_factory=list)
    matched: dict[str, dict[int, list[str]]] = field(default_factory=dict)
    next: dict[str, str | None] = field(default_factory=dict)
