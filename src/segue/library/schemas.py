"""What the library says over REST: the shapes that OpenAPI tells.

Lists are hot, so items are made as plain dicts (see `items.py`); tests hold the dicts against these models.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field


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
    hated_at: datetime | None = Field(None, description="Since when you do not want to hear it; mixes leave it out.")
    play_count: int = 0
    last_played_at: datetime | None = None


class AlbumItem(PersonalItem):
    id: str
    title: str
    sort_key: str = Field(description="What it is sorted by, byte by byte; not for reading.")
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


SourceOfValue = Annotated[
    Literal["given", "analysis"] | None,
    Field(description="`given` by a tag or a person, or heard by `analysis`; null where nothing is known."),
]


class PartItem(BaseModel):
    """Where a track lies in its file: from `start_ms` until `end_ms` (null: until the file's end)."""

    start_ms: int
    end_ms: int | None
    streamed_alone: bool = Field(
        description="Whether its stream is this part alone (WAV, FLAC), rather than the whole file."
    )


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
    part: PartItem | None = Field(description="Set for a track that a CUE sheet cuts out of a larger file.")
    genres: list[NamedItem]
    year: int | None
    bpm: float | None = Field(description="Its tempo in beats a minute: as edited, tagged or measured.")
    bpm_source: SourceOfValue
    key: str | None = Field(description="Its musical key, in the spelling of whoever says it.")
    key_source: SourceOfValue
    camelot: str | None = Field(description="The key's place on the Camelot wheel, 1A to 12B.")
    energy: float | None = Field(description="How energetic it was heard to be, 0 to 1; null where nobody listened.")
    danceability: float | None = Field(description="How steady its beat and how regular its low end are, 0 to 1.")
    loudness_lufs: float | None = Field(description="Its integrated loudness (EBU R 128), as measured.")
    replay_gain: ReplayGainItem | None
    gain_source: SourceOfValue
    has_lyrics: bool
    explicit: bool | None
    artwork: ArtworkItem | None
    file: AudioFileItem
    missing: bool
    problem: ReasonItem | None
    added_at: datetime


class ChapterItem(BaseModel):
    """A named stretch of one track."""

    title: str | None
    start_ms: int
    end_ms: int


class ChaptersItem(BaseModel):
    track: str
    items: list[ChapterItem]


class DiscItem(BaseModel):
    number: int
    subtitle: str | None
    media: str | None = Field(description="What it is: CD, Vinyl, Digital Media.")
    artwork: ArtworkItem | None = Field(description="The disc's own, where it has one.")
    tracks: list[TrackItem]


class AlbumLabelItem(NamedItem):
    catalog_number: str | None


class ExternalIdItem(BaseModel):
    namespace: str
    value: str


class MusicBrainzIds(BaseModel):
    """What MusicBrainz calls a track, as its file says."""

    recording: str | None
    track: str | None
    release: str | None
    release_group: str | None


class OwnFieldItem(BaseModel):
    """A value of a field that was added in the rules for tags."""

    name: str
    value: str


class MeasuredItem(BaseModel):
    """What analysis measured of a track, whatever is shown. Null is what it could not say."""

    bpm: float | None
    bpm_confidence: float | None = Field(description="The probability that the tempo is within 4 %, 0 to 1.")
    key: str | None
    camelot: str | None
    key_confidence: float | None = Field(description="The probability that the key is right, 0 to 1.")
    loudness_range_lu: float | None
    true_peak: float | None = Field(description="Linear; 1 is full scale.")
    album_loudness_lufs: float | None = Field(description="Of its album gated as one, once all of it is measured.")
    album_true_peak: float | None
    version: int = Field(description="Of the engine that listened.")
    measured_at: datetime
    doubts: list[ReasonItem] = Field(
        description="Where tag and measure do not fit: `bpm_octave` with the parameters said, heard and confidence."
    )


class TrackPageItem(TrackItem):
    """A track with everything that its tags say of it."""

    edited: list[str] = Field(description="Which of bpm and key a person said.")
    measured: MeasuredItem | None = Field(description="What analysis measured, where anybody listened.")

    sort_title: str | None
    date: str | None
    original_date: str | None
    release_date: str | None = Field(description="When this edition of its album came out.")
    recording_date: str | None
    disc_subtitle: str | None
    media: str | None
    moods: list[str]
    groupings: list[str]
    comment: str | None
    language: str | None
    work: str | None
    movement: str | None
    movement_number: int | None
    movement_total: int | None
    gain_from_r128: bool = Field(description="The gains come from R128 tags, turned into ReplayGain.")
    isrcs: list[str]
    labels: list[AlbumLabelItem]
    musicbrainz: MusicBrainzIds
    external_ids: list[ExternalIdItem]
    own_fields: list[OwnFieldItem]


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
    sort_title: str | None = None
    release_date: str | None = None
    release_status: str | None = None
    media: str | None = None
    country: str | None = None
    barcode: str | None = None
    musicbrainz_release_id: str | None = None
    musicbrainz_release_group_id: str | None = None
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
    type: str | None = Field(None, description="person, group, orchestra, choir, character or other.")
    country: str | None = None
    begin_date: str | None = Field(None, description="When they were born or founded, as a partial date.")
    end_date: str | None = None
    biography: str | None = None
    musicbrainz_id: str | None = None


class LetterItem(BaseModel):
    letter: str
    artists: list[ArtistItem]


class GenreItem(NamedItem):
    track_count: int
    album_count: int


class LabelItem(NamedItem):
    album_count: int


class LabelPageItem(LabelItem):
    """A label with who it is; its albums are `/albums?label=…`."""

    sort_name: str | None
    disambiguation: str | None
    type: str | None
    country: str | None
    begin_date: str | None
    end_date: str | None
    external_ids: list[ExternalIdItem]


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


class RecognisedItem(ReasonItem):
    """Why a file is taken for one that was elsewhere, or in another format, before."""

    certainty: Literal["certain", "sure", "likely", "possible"]


class FileItem(AudioFileItem):
    library: NamedItem
    folder: str
    modified_at: datetime
    added_at: datetime
    duration_ms: int | None
    problem: ReasonItem | None
    doubts: list[ReasonItem]
    missing_since: datetime | None
    missing_reason: str | None = Field(
        description="Null: it is gone. `ignored`: a `.segueignore` says to leave it alone."
    )
    recognised: RecognisedItem | None = Field(description="Null where its row was always its own.")
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
    """`folders` and `tracks` are the first thousand; all are listed, page by page, with `GET /folders?parent=fo-1`,
    `/tracks?folder=fo-1`, `/albums?folder=fo-1` and `/files?folder=fo-1`."""

    total_folders: int = Field(description="Folders in it and below, however deep.")
    total_tracks: int = Field(description="Tracks in it and below, however deep.")
    parents: list[NamedItem]
    folders: list[FolderItem]
    tracks: list[TrackItem]


class MatchedItem(BaseModel):
    matched: list[str] = Field(
        description="The fields that hold what was typed: title, artist, album, composer, label, catalog_number, isrc …"
    )


class FoundArtistItem(ArtistItem, MatchedItem):
    pass


class FoundAlbumItem(AlbumItem, MatchedItem):
    pass


class FoundTrackItem(TrackItem, MatchedItem):
    pass


class FoundLabelItem(LabelItem, MatchedItem):
    pass


class FoundGenreItem(GenreItem, MatchedItem):
    pass


class FoundNextItem(BaseModel):
    """The cursor with which each kind goes on; null at its end, and for kinds that were not asked for."""

    artists: str | None
    albums: str | None
    tracks: str | None
    labels: str | None
    genres: str | None


class FoundItem(BaseModel):
    """What a search found, best first: exact titles, titles that begin so, then the others; the most played first."""

    query: str
    artists: list[FoundArtistItem]
    albums: list[FoundAlbumItem]
    tracks: list[FoundTrackItem]
    labels: list[FoundLabelItem]
    genres: list[FoundGenreItem]
    next: FoundNextItem
