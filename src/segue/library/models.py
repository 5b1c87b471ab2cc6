"""The tables of your music: libraries, folders, files, tracks, albums, people, genres, labels and pictures.

A file is bytes on disk, a track is what one plays, an album groups tracks by a stated rule. Paths are bytes relative to
their library's root; only `display_path` is text. A row whose file is gone is marked `missing_since`, never deleted.

Every count here (`track_count`, `album_count` …) is of what is present, and is written in the same transaction as the
rows it counts. People's plays, stars and edits point at these ids without foreign keys, so they outlive any row.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import RAW_SCHEMA, Base, JsonB, SortText, UtcDateTime

OWN_ROWS = {"sqlite_autoincrement": True}
"""SQLite hands a deleted row's number to the next one unless told otherwise; an id never changes its meaning."""

ANY_ROLE = "any"
"""The role of a participation or count row that sums a person's credits in every role."""


class Library(Base):
    """A folder of music that is read in place."""

    __tablename__ = "libraries"
    __table_args__ = (OWN_ROWS,)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    root: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    display_root: Mapped[str] = mapped_column(Text)
    device: Mapped[int | None] = mapped_column(BigInteger)
    """`st_dev` of the root at the last scan that found it whole; the mount guard compares it."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    track_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    album_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    file_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    missing_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Files that are marked missing."""
    duration_ms: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    options: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    """What a person chose for this library alone; see `library.options`."""
    scan_started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    scan_finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    scan_result: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    """What the last scan came to: {state: done|stopped|failed, code?, params?, files_read, …}."""
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when its scans are held back by a person; null: they are not."""
    held: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    """Why it is not scanned by itself until a person asks for it: {code, journal, by, at}; null: it is."""
    watching: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    """How its folders are watched: {code, params}; see `library.scan.watching`."""


class ScanRequest(Base):
    """Somebody asked for a scan. Requests fold into one job, which writes its number here when it takes them."""

    __tablename__ = "scan_requests"
    __table_args__ = (Index("ix_scan_requests_library", "library_id", "job_id"), OWN_ROWS)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("libraries.id", ondelete="CASCADE"))
    job_id: Mapped[int | None] = mapped_column(BigInteger)
    folder: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The folder to look at, relative to the root; null for the whole library."""
    full: Mapped[bool] = mapped_column(Boolean, default=False)
    """Read every file again, not only what changed."""
    accept_missing: Mapped[bool] = mapped_column(Boolean, default=False)
    """A person says that what is gone is meant to be gone: the mount guard lets it pass."""
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Folder(Base):
    """A directory inside a library; the root itself has the empty path."""

    __tablename__ = "folders"
    __table_args__ = (UniqueConstraint("library_id", "path"), OWN_ROWS)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("libraries.id", ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("folders.id", ondelete="CASCADE"), index=True)
    path: Mapped[bytes] = mapped_column(LargeBinary)
    name: Mapped[str] = mapped_column(Text)
    sort_key: Mapped[str] = mapped_column(SortText)
    fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Hash over the names, sizes and times inside; equal means nothing to read. Null: must be looked at."""
    mtime_ns: Mapped[int | None] = mapped_column(BigInteger)
    track_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Present tracks directly inside, without those of folders below."""
    artwork_id: Mapped[int | None] = mapped_column(ForeignKey("artworks.id"))
    artwork_rank: Mapped[int | None] = mapped_column(SmallInteger)
    """The place in the order of sources of what gave it its picture; see `pictures.rules`."""
    problem_code: Mapped[str | None] = mapped_column(Text)
    problem_params: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    scanned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    missing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)


_LOSSLESS = text("bit_depth IS NOT NULL")


class File(Base):
    """Bytes on disk. One whose container cannot be parsed is a row with a problem and no track."""

    __tablename__ = "files"
    __table_args__ = (
        UniqueConstraint("library_id", "path"),
        Index("ix_files_audio_key", "audio_key"),
        Index("ix_files_problem", "library_id", "problem_code"),
        Index("ix_files_missing", "library_id", "missing_since"),
        Index("ix_files_codec", "codec", "format", "sample_rate_hz", "bit_depth", "bitrate_kbps"),
        Index("ix_files_sample_rate", "sample_rate_hz"),
        Index("ix_files_bit_depth", "bit_depth", sqlite_where=_LOSSLESS, postgresql_where=_LOSSLESS),
        OWN_ROWS,
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("libraries.id", ondelete="CASCADE"))
    folder_id: Mapped[int] = mapped_column(ForeignKey("folders.id", ondelete="CASCADE"), index=True)
    path: Mapped[bytes] = mapped_column(LargeBinary)
    """Relative to the library's root, exactly as the operating system gave it."""
    display_path: Mapped[str] = mapped_column(Text)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    mtime_ns: Mapped[int] = mapped_column(BigInteger)
    ctime_ns: Mapped[int | None] = mapped_column(BigInteger)
    """When the file system last changed anything of it, where that can be relied on; null where it cannot."""
    device: Mapped[int | None] = mapped_column(BigInteger)
    inode: Mapped[int | None] = mapped_column(BigInteger)
    """`st_ino` as a signed number, since some file systems use all 64 bits."""
    format: Mapped[str | None] = mapped_column(Text)
    codec: Mapped[str | None] = mapped_column(Text)
    content_type: Mapped[str | None] = mapped_column(Text)
    lossless: Mapped[bool | None] = mapped_column(Boolean)
    duration_ms: Mapped[int | None] = mapped_column(Integer)
    bitrate_kbps: Mapped[int | None] = mapped_column(Integer)
    sample_rate_hz: Mapped[int | None] = mapped_column(Integer)
    bit_depth: Mapped[int | None] = mapped_column(SmallInteger)
    channels: Mapped[int | None] = mapped_column(SmallInteger)
    audio_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    audio_key_kind: Mapped[str | None] = mapped_column(Text)
    exact_audio_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Hash of all audio bytes, added by a later job; merging two rows needs it."""
    tag_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Hash of everything that was read; equal on a re-read means nothing to write."""
    reader_version: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    rules_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Of the rules for tags that made what its track shows; see `scan.tags.rules`."""
    problem_code: Mapped[str | None] = mapped_column(Text)
    problem_params: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    doubts: Mapped[list[Any] | None] = mapped_column(JsonB)
    """Lesser things, as [[code, params], …]: a date in month 16, a number that is none."""
    identity_reason: Mapped[str | None] = mapped_column(Text)
    """Why this is taken for the file that was elsewhere, or in another format, before; see `library.scan.identity`."""
    identity_params: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    missing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    missing_reason: Mapped[str | None] = mapped_column(Text)
    """Null: it is gone. `ignored`: it is there, and a `.segueignore` says to leave it alone."""


class RawTags(Base):
    """What one file said, as it said it: zstd-compressed JSON. Kept apart, so that the main database stays small.

    On SQLite the table lives in a second file attached as `raw`, hence no foreign key.
    """

    __tablename__ = "raw_tags"
    __table_args__ = ({"schema": RAW_SCHEMA},)

    file_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    document: Mapped[bytes] = mapped_column(LargeBinary)
    reader_version: Mapped[int] = mapped_column(Integer)
    read_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Artwork(Base):
    """A picture, stored once by its content."""

    __tablename__ = "artworks"
    __table_args__ = (OWN_ROWS,)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    sha256: Mapped[str] = mapped_column(Text, unique=True)
    mime: Mapped[str] = mapped_column(Text)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    size_bytes: Mapped[int] = mapped_column(Integer)
    color: Mapped[str | None] = mapped_column(Text)
    """Dominant colour as `#rrggbb`."""
    hue: Mapped[int | None] = mapped_column(SmallInteger)
    """Degrees 0–359; null for greys."""
    blurhash: Mapped[str | None] = mapped_column(Text)
    storage_key: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    """Where it was first seen: embedded, folder."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Album(Base):
    """Tracks that belong together, and the rule that says so."""

    __tablename__ = "albums"
    __table_args__ = (
        UniqueConstraint("library_id", "group_key"),
        Index("ix_albums_title", "sort_key", "id", "library_id", "missing_since"),
        Index(
            "ix_albums_artist",
            "artist_sort_key",
            "sort_key",
            "id",
            "library_id",
            "missing_since",
        ),
        Index("ix_albums_added", "added_at", "id", "library_id", "missing_since"),
        Index("ix_albums_year", "year", "sort_key", "id", "library_id", "missing_since"),
        Index("ix_albums_date", "date_key", "id", "library_id", "missing_since"),
        Index("ix_albums_original_date", "original_date_key", "id", "library_id", "missing_since"),
        Index("ix_albums_duration", "duration_ms", "id", "library_id", "missing_since"),
        Index("ix_albums_tracks", "track_count", "id", "library_id", "missing_since"),
        Index("ix_albums_size", "size_bytes", "id", "library_id", "missing_since"),
        Index("ix_albums_release", "musicbrainz_release_id"),
        Index("ix_albums_release_group", "musicbrainz_release_group_id"),
        Index("ix_albums_barcode", "barcode"),
        OWN_ROWS,
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("libraries.id", ondelete="CASCADE"))
    group_key: Mapped[str] = mapped_column(SortText)
    rule: Mapped[str] = mapped_column(Text)
    rule_params: Mapped[dict[str, Any]] = mapped_column(JsonB)
    title: Mapped[str] = mapped_column(Text)
    sort_title: Mapped[str | None] = mapped_column(Text)
    """The title to sort by as the tags spell it; null where they do not."""
    sort_key: Mapped[str] = mapped_column(SortText)
    artist_display: Mapped[str] = mapped_column(Text)
    artist_sort_key: Mapped[str] = mapped_column(SortText)
    date: Mapped[str | None] = mapped_column(Text)
    date_key: Mapped[int | None] = mapped_column(Integer)
    """yyyymmdd with zeros for what is unknown, so `1977` (19770000) sorts before `1977-05`."""
    original_date: Mapped[str | None] = mapped_column(Text)
    original_date_key: Mapped[int | None] = mapped_column(Integer)
    release_date: Mapped[str | None] = mapped_column(Text)
    """When this very edition came out, where the tags say so beside the date."""
    year: Mapped[int | None] = mapped_column(Integer)
    """Of the original date where known, else of the date."""
    release_type: Mapped[str | None] = mapped_column(Text)
    """The primary type in lower case: album, ep, single, broadcast, other."""
    release_types: Mapped[list[str]] = mapped_column(JsonB, default=list)
    media: Mapped[str | None] = mapped_column(Text)
    release_status: Mapped[str | None] = mapped_column(Text)
    compilation: Mapped[bool] = mapped_column(Boolean, default=False)
    country: Mapped[str | None] = mapped_column(Text)
    barcode: Mapped[str | None] = mapped_column(Text)
    musicbrainz_release_id: Mapped[str | None] = mapped_column(Text)
    musicbrainz_release_group_id: Mapped[str | None] = mapped_column(Text)
    disc_count: Mapped[int] = mapped_column(Integer, default=1)
    track_count: Mapped[int] = mapped_column(Integer, default=0)
    missing_count: Mapped[int] = mapped_column(Integer, default=0)
    duration_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    artwork_id: Mapped[int | None] = mapped_column(ForeignKey("artworks.id"))
    folder_id: Mapped[int | None] = mapped_column(ForeignKey("folders.id", ondelete="SET NULL"), index=True)
    """The folder that holds its first track (of a CD1/CD2 pair: their parent)."""
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    missing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Set while none of its tracks is present."""


def _of_those_with(name: str) -> Index:
    """An index of the tracks that have a text at all, to look through those alone. SQLite only: PostgreSQL takes no long texts
    into an index."""
    return Index(f"ix_tracks_{name}", name, sqlite_where=text(f"{name} IS NOT NULL")).ddl_if(dialect="sqlite")


class Track(Base):
    """What one plays: a file, or the slice of one between `start_ms` and `end_ms`."""

    __tablename__ = "tracks"
    __table_args__ = (
        Index("ix_tracks_title", "sort_key", "id", "library_id", "missing_since"),
        Index(
            "ix_tracks_artist",
            "artist_sort_key",
            "sort_key",
            "id",
            "library_id",
            "missing_since",
        ),
        Index("ix_tracks_added", "added_at", "id", "library_id", "missing_since"),
        Index("ix_tracks_year", "year", "sort_key", "id", "library_id", "missing_since"),
        Index("ix_tracks_duration", "duration_ms", "id", "library_id", "missing_since"),
        Index("ix_tracks_bpm", "bpm", "id", "library_id", "missing_since", "camelot", "energy"),
        Index("ix_tracks_energy", "energy", "id", "library_id", "missing_since"),
        Index(
            "ix_tracks_camelot",
            "camelot",
            "id",
            sqlite_where=text("camelot IS NOT NULL"),
            postgresql_where=text("camelot IS NOT NULL"),
        ),
        Index("ix_tracks_album", "album_id", "disc", "position", "id"),
        Index("ix_tracks_recording", "musicbrainz_recording_id"),
        Index(
            "ix_tracks_release_track",
            "musicbrainz_track_id",
            sqlite_where=text("musicbrainz_track_id IS NOT NULL"),
            postgresql_where=text("musicbrainz_track_id IS NOT NULL"),
        ),
        Index("ix_tracks_identity", "sort_key", "duration_ms"),
        Index(
            "ix_tracks_merged",
            "merged_into_id",
            sqlite_where=text("merged_into_id IS NOT NULL"),
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
        *(_of_those_with(name) for name in ("comment", "mood", "grouping", "work")),
        OWN_ROWS,
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("libraries.id", ondelete="CASCADE"))
    file_id: Mapped[int] = mapped_column(ForeignKey("files.id", ondelete="CASCADE"), index=True)
    album_id: Mapped[int] = mapped_column(ForeignKey("albums.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(Text)
    sort_title: Mapped[str | None] = mapped_column(Text)
    subtitle: Mapped[str | None] = mapped_column(Text)
    sort_key: Mapped[str] = mapped_column(SortText)
    artist_display: Mapped[str] = mapped_column(Text)
    artist_sort_key: Mapped[str] = mapped_column(SortText)
    disc: Mapped[int | None] = mapped_column(Integer)
    disc_subtitle: Mapped[str | None] = mapped_column(Text)
    position: Mapped[int | None] = mapped_column(Integer)
    position_text: Mapped[str | None] = mapped_column(Text)
    """The position as written where it is no plain number: a vinyl side, `A1`."""
    start_ms: Mapped[int | None] = mapped_column(Integer)
    end_ms: Mapped[int | None] = mapped_column(Integer)
    duration_ms: Mapped[int] = mapped_column(Integer, default=0)
    date: Mapped[str | None] = mapped_column(Text)
    date_key: Mapped[int | None] = mapped_column(Integer)
    original_date: Mapped[str | None] = mapped_column(Text)
    original_date_key: Mapped[int | None] = mapped_column(Integer)
    recording_date: Mapped[str | None] = mapped_column(Text)
    year: Mapped[int | None] = mapped_column(Integer)
    bpm: Mapped[float | None] = mapped_column(Float)
    musical_key: Mapped[str | None] = mapped_column(Text)
    camelot: Mapped[str | None] = mapped_column(Text)
    """The place of `musical_key` on the Camelot wheel, `8A`; null where that says no key."""
    comment: Mapped[str | None] = mapped_column(Text)
    grouping: Mapped[str | None] = mapped_column(Text)
    mood: Mapped[str | None] = mapped_column(Text)
    groupings: Mapped[list[str] | None] = mapped_column(JsonB)
    moods: Mapped[list[str] | None] = mapped_column(JsonB)
    """Each by itself where there are several; `grouping` and `mood` have them in one line."""
    media: Mapped[str | None] = mapped_column(Text)
    """What its disc is: CD, Vinyl, Digital Media."""
    language: Mapped[str | None] = mapped_column(Text)
    work: Mapped[str | None] = mapped_column(Text)
    movement: Mapped[str | None] = mapped_column(Text)
    movement_number: Mapped[int | None] = mapped_column(Integer)
    movement_total: Mapped[int | None] = mapped_column(Integer)
    explicit: Mapped[bool | None] = mapped_column(Boolean)
    has_lyrics: Mapped[bool] = mapped_column(Boolean, default=False)
    replaygain_track_gain_db: Mapped[float | None] = mapped_column(Float)
    replaygain_track_peak: Mapped[float | None] = mapped_column(Float)
    replaygain_album_gain_db: Mapped[float | None] = mapped_column(Float)
    replaygain_album_peak: Mapped[float | None] = mapped_column(Float)
    gain_from_r128: Mapped[bool] = mapped_column(Boolean, default=False)
    """The gains come from Opus' R128 tags, converted to the ReplayGain scale (reference -18 LUFS)."""
    energy: Mapped[float | None] = mapped_column(Float)
    danceability: Mapped[float | None] = mapped_column(Float)
    loudness_lufs: Mapped[float | None] = mapped_column(Float)
    """Energy, danceability and loudness are only ever measured; see `library.measures`."""
    bpm_measured: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    key_measured: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    gain_measured: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """Tempo, key, gains as shown were measured: neither a tag nor a person says them."""
    merged_into_id: Mapped[int | None] = mapped_column(Integer)
    """The track that a person made this one part of; it is hidden (`missing_since`) until they are parted again."""
    musicbrainz_recording_id: Mapped[str | None] = mapped_column(Text)
    musicbrainz_track_id: Mapped[str | None] = mapped_column(Text)
    artwork_id: Mapped[int | None] = mapped_column(ForeignKey("artworks.id"))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    missing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Artist(Base):
    """A person or group. Names are not unique: two bands of one name are told apart by MusicBrainz id or by hand."""

    __tablename__ = "artists"
    __table_args__ = (
        Index("ix_artists_name", "sort_key", "id"),
        Index("ix_artists_added", "added_at", "id"),
        Index("ix_artists_name_key", "name_key"),
        OWN_ROWS,
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(SortText)
    """The name with case and spacing folded; what a tag is looked up by."""
    sort_name: Mapped[str | None] = mapped_column(Text)
    sort_key: Mapped[str] = mapped_column(SortText)
    musicbrainz_id: Mapped[str | None] = mapped_column(Text, unique=True)
    disambiguation: Mapped[str | None] = mapped_column(Text)
    type: Mapped[str | None] = mapped_column(Text)
    """person, group, orchestra, choir, character or other."""
    country: Mapped[str | None] = mapped_column(Text)
    begin_date: Mapped[str | None] = mapped_column(Text)
    end_date: Mapped[str | None] = mapped_column(Text)
    biography: Mapped[str | None] = mapped_column(Text)
    by_hand: Mapped[bool] = mapped_column(Boolean, default=False, server_default="0")
    """A person said that this is another one of the same name: a tag's bare name never means this one."""
    artwork_id: Mapped[int | None] = mapped_column(ForeignKey("artworks.id"))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ArtistAlias(Base):
    """Another spelling of an artist's name."""

    __tablename__ = "artist_aliases"
    __table_args__ = (UniqueConstraint("artist_id", "name"), OWN_ROWS)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    artist_id: Mapped[int] = mapped_column(ForeignKey("artists.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(SortText, index=True)
    sort_key: Mapped[str] = mapped_column(SortText)
    locale: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)


class TrackCredit(Base):
    """Who did what on a track, as the sleeve says it. Role `artist` is who the track is by."""

    __tablename__ = "track_credits"
    __table_args__ = (
        Index("ix_track_credits_artist", "artist_id", "role", "track_id"),
        Index(
            "ix_track_credits_credited",
            "credited_key",
            "role",
            "track_id",
            sqlite_where=text("credited_key IS NOT NULL"),
            postgresql_where=text("credited_key IS NOT NULL"),
        ),
    )

    track_id: Mapped[int] = mapped_column(ForeignKey("tracks.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    artist_id: Mapped[int] = mapped_column(ForeignKey("artists.id"))
    role: Mapped[str] = mapped_column(Text)
    instrument: Mapped[str | None] = mapped_column(Text)
    credited_as: Mapped[str | None] = mapped_column(Text)
    """The name as written where it differs from the artist's; null where it does not."""
    credited_key: Mapped[str | None] = mapped_column(SortText)
    """`credited_as` as it is compared (`found_by.title_key`)."""
    join_phrase: Mapped[str] = mapped_column(Text, default="")
    """What stands between this name and the next: ` & `, ` feat. `; empty after the last."""


class AlbumCredit(Base):
    """Who an album is by (role `album_artist`), in order."""

    __tablename__ = "album_credits"
    __table_args__ = (
        Index("ix_album_credits_artist", "artist_id", "role", "album_id"),
        Index(
            "ix_album_credits_credited",
            "credited_key",
            "role",
            "album_id",
            sqlite_where=text("credited_key IS NOT NULL"),
            postgresql_where=text("credited_key IS NOT NULL"),
        ),
    )

    album_id: Mapped[int] = mapped_column(ForeignKey("albums.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    artist_id: Mapped[int] = mapped_column(ForeignKey("artists.id"))
    role: Mapped[str] = mapped_column(Text)
    instrument: Mapped[str | None] = mapped_column(Text)
    credited_as: Mapped[str | None] = mapped_column(Text)
    credited_key: Mapped[str | None] = mapped_column(SortText)
    join_phrase: Mapped[str] = mapped_column(Text, default="")


class AlbumParticipant(Base):
    """How many present tracks of an album an artist is credited on, by role; the row of `any` sums the roles.

    Role `album_artist` comes from the album's own credits. This is what artist pages and artist counts are made of.
    """

    __tablename__ = "album_participants"
    __table_args__ = (Index("ix_album_participants_artist", "artist_id", "role", "album_id"),)

    album_id: Mapped[int] = mapped_column(ForeignKey("albums.id", ondelete="CASCADE"), primary_key=True)
    artist_id: Mapped[int] = mapped_column(ForeignKey("artists.id"), primary_key=True)
    role: Mapped[str] = mapped_column(Text, primary_key=True)
    track_count: Mapped[int] = mapped_column(Integer)


class ArtistCount(Base):
    """What an artist has in one library, by role and altogether (role `any`). A row with nothing in it is deleted."""

    __tablename__ = "artist_counts"
    __table_args__ = (Index("ix_artist_counts_library", "library_id", "role", "artist_id", "album_count"),)

    artist_id: Mapped[int] = mapped_column(ForeignKey("artists.id"), primary_key=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("libraries.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(Text, primary_key=True)
    track_count: Mapped[int] = mapped_column(Integer)
    album_count: Mapped[int] = mapped_column(Integer)


class Genre(Base):
    """A genre, and the wider one it belongs to."""

    __tablename__ = "genres"
    __table_args__ = (Index("ix_genres_name", "sort_key", "id"), OWN_ROWS)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(SortText, unique=True)
    sort_key: Mapped[str] = mapped_column(SortText)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("genres.id", ondelete="SET NULL"), index=True)
    placed_by: Mapped[str | None] = mapped_column(Text)
    """Who put it where it is in the tree: `seed` (our own file) or `person`; null: nobody, so it is a root."""


class TrackGenre(Base):
    """A track's genres in the order of its tags."""

    __tablename__ = "track_genres"
    __table_args__ = (Index("ix_track_genres_genre", "genre_id", "track_id"),)

    track_id: Mapped[int] = mapped_column(ForeignKey("tracks.id", ondelete="CASCADE"), primary_key=True)
    genre_id: Mapped[int] = mapped_column(ForeignKey("genres.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, default=0)


class TrackField(Base):
    """The values of fields that a person added in the rules for tags, in the order of the tags."""

    __tablename__ = "track_fields"
    __table_args__ = (Index("ix_track_fields_name", "name", "track_id"),)

    track_id: Mapped[int] = mapped_column(ForeignKey("tracks.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)


class AlbumGenre(Base):
    """The genres of an album's present tracks, with how many tracks have each."""

    __tablename__ = "album_genres"
    __table_args__ = (Index("ix_album_genres_genre", "genre_id", "album_id"),)

    album_id: Mapped[int] = mapped_column(ForeignKey("albums.id", ondelete="CASCADE"), primary_key=True)
    genre_id: Mapped[int] = mapped_column(ForeignKey("genres.id"), primary_key=True)
    track_count: Mapped[int] = mapped_column(Integer)


class GenreCount(Base):
    """What a genre has in one library. A row with nothing in it is deleted."""

    __tablename__ = "genre_counts"

    genre_id: Mapped[int] = mapped_column(ForeignKey("genres.id"), primary_key=True)
    library_id: Mapped[int] = mapped_column(
        ForeignKey("libraries.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    track_count: Mapped[int] = mapped_column(Integer)
    album_count: Mapped[int] = mapped_column(Integer)


class Label(Base):
    """A record label."""

    __tablename__ = "labels"
    __table_args__ = (Index("ix_labels_name", "sort_key", "id"), OWN_ROWS)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(SortText, unique=True)
    sort_name: Mapped[str | None] = mapped_column(Text)
    sort_key: Mapped[str] = mapped_column(SortText)
    disambiguation: Mapped[str | None] = mapped_column(Text)
    type: Mapped[str | None] = mapped_column(Text)
    country: Mapped[str | None] = mapped_column(Text)
    begin_date: Mapped[str | None] = mapped_column(Text)
    end_date: Mapped[str | None] = mapped_column(Text)


class AlbumLabel(Base):
    """The labels an album came out on, each with its catalogue number where the tags say one."""

    __tablename__ = "album_labels"
    __table_args__ = (Index("ix_album_labels_label", "label_id", "album_id"),)

    album_id: Mapped[int] = mapped_column(ForeignKey("albums.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    catalog_number: Mapped[str | None] = mapped_column(Text)


class LabelCount(Base):
    """How many present albums of a label one library has. A row with nothing in it is deleted."""

    __tablename__ = "label_counts"

    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"), primary_key=True)
    library_id: Mapped[int] = mapped_column(
        ForeignKey("libraries.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    album_count: Mapped[int] = mapped_column(Integer)


class ExternalIdRow(Base):
    """What the rest of the world calls one of our rows: (kind, entity) has `value` in `namespace`.

    Kinds: track, album, artist, label. Namespaces: isrc, discogs:release, spotify:artist … MusicBrainz ids that take
    part in grouping or identity are columns of their tables instead.
    """

    __tablename__ = "external_ids"
    __table_args__ = (
        UniqueConstraint("kind", "entity_id", "namespace", "value"),
        Index("ix_external_ids_value", "namespace", "value", "kind", "entity_id"),
        OWN_ROWS,
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    entity_id: Mapped[int] = mapped_column(Integer)
    namespace: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)


class Redirect(Base):
    """Where an id went when its row was merged into another."""

    __tablename__ = "redirects"

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    old_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    new_id: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
