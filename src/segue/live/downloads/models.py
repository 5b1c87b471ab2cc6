"""Downloads as rows: what was wanted, each file of it with its path and its fate, and a receipt for every file that is here.

A download outlives its files: removed ones stay as history. Receipts say what a file was when it was verified, so that a
later look costs a `stat` and not a reading.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Double, ForeignKey, Index, Integer, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import Base, JsonB, UtcDateTime
from segue.live.models import OWN_ROWS, BigId


class LiveDownload(Base):
    """A recording, or files of one, that somebody wants here. `state` is one of `states.STATES`."""

    __tablename__ = "live_downloads"
    __table_args__ = (
        Index("ix_live_downloads_user", "user_id", "id"),
        Index("ix_live_downloads_queue", "state", "user_id", "place"),
        Index("ix_live_downloads_identifier", "identifier", "user_id"),
        Index("ix_live_downloads_recording", "recording_id"),
        OWN_ROWS,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    """0: Segue itself."""
    rule_id: Mapped[int | None] = mapped_column(BigInteger)
    """The rule that wanted it; null: a person."""
    provider: Mapped[str] = mapped_column(Text, default="archive", server_default="archive")
    identifier: Mapped[str] = mapped_column(Text)
    recording_id: Mapped[int | None] = mapped_column(BigInteger)
    title: Mapped[str] = mapped_column(Text, default="", server_default="")
    artist: Mapped[str] = mapped_column(Text, default="", server_default="")
    date: Mapped[str] = mapped_column(Text, default="", server_default="")
    venue: Mapped[str] = mapped_column(Text, default="", server_default="")
    formats: Mapped[list[Any] | None] = mapped_column(JsonB)
    """The order of formats that was asked for; null: that of the house."""
    wanted: Mapped[list[Any] | None] = mapped_column(JsonB)
    """The names of the files that were asked for; null: the whole recording."""
    format: Mapped[str] = mapped_column(Text, default="", server_default="")
    """The format that was chosen."""
    target: Mapped[str | None] = mapped_column(Text)
    """The library that was asked for (`li-3`); null: that of the settings."""
    library_id: Mapped[int | None] = mapped_column(Integer)
    root: Mapped[bytes | None] = mapped_column(LargeBinary)
    folder: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Where it lies, relative to `root`."""
    state: Mapped[str] = mapped_column(Text)
    place: Mapped[float] = mapped_column(Double)
    """Its place in its person's queue; the lowest goes first."""
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    done_bytes: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    file_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    done_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    verified: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Once it is done: whole (every file by its checksum), partly, or damaged."""
    error: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    """{code, message, params, retryable} of what ended it."""
    waiting: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    """{code, params, until} of what it waits for just now: free space, the archive."""
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """How often resolving it failed in a row."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    entered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its tracks were found in the library."""
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its files were taken away; it stays as history."""


class LiveDownloadFile(Base):
    """One file of a download. `state`: queued, downloading, verifying, done, here, failed or cancelled."""

    __tablename__ = "live_download_files"
    __table_args__ = (
        UniqueConstraint("download_id", "name"),
        Index("ix_live_download_files_state", "state", "not_before"),
        Index("ix_live_download_files_md5", "md5"),
        OWN_ROWS,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    download_id: Mapped[int] = mapped_column(ForeignKey("live_downloads.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    """Its turn within the download."""
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    """audio, text, checksums, fingerprints or other."""
    format: Mapped[str] = mapped_column(Text, default="", server_default="")
    source: Mapped[str] = mapped_column(Text, default="", server_default="")
    track: Mapped[int | None] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(Text, default="", server_default="")
    size: Mapped[int | None] = mapped_column(BigInteger)
    md5: Mapped[str] = mapped_column(Text, default="", server_default="")
    sha1: Mapped[str] = mapped_column(Text, default="", server_default="")
    path: Mapped[bytes] = mapped_column(LargeBinary)
    """Where it goes, relative to the download's root."""
    state: Mapped[str] = mapped_column(Text)
    done_bytes: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    tries: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Failures in a row that brought nothing on."""
    starts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """How often it was begun again from zero because it was not what the archive says."""
    asked_again: Mapped[bool] = mapped_column(default=False, server_default="0")
    """The archive was asked once more what the file should be."""
    changed: Mapped[bool] = mapped_column(default=False, server_default="0")
    """The archive says something else of it now than when it was planned."""
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
    verified: Mapped[str] = mapped_column(Text, default="", server_default="")
    """By what it was verified: md5, sha1, audio (its FLAC fingerprint), size (nothing better is known) or nothing yet;
    unverified: it changed meanwhile."""
    error: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    doubts: Mapped[list[Any] | None] = mapped_column(JsonB)
    """[code, params] each: its fingerprint is not the one of the .ffp …"""
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    track_id: Mapped[int | None] = mapped_column(BigInteger)
    """The library's track."""


class LiveReceipt(Base):
    """A file that is here, as it was when it was verified. `state`: good, unverified, damaged or missing."""

    __tablename__ = "live_receipts"
    __table_args__ = (
        UniqueConstraint("path"),
        Index("ix_live_receipts_md5", "md5"),
        Index("ix_live_receipts_audio_md5", "audio_md5"),
        Index("ix_live_receipts_identifier", "identifier"),
        OWN_ROWS,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    identifier: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    path: Mapped[bytes] = mapped_column(LargeBinary)
    """The whole path."""
    size: Mapped[int] = mapped_column(BigInteger)
    mtime_ns: Mapped[int] = mapped_column(BigInteger)
    inode: Mapped[int] = mapped_column(BigInteger)
    """`st_ino` as a signed number."""
    md5: Mapped[str] = mapped_column(Text)
    audio_md5: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Of FLAC: the MD5 of the audio in STREAMINFO, which a .ffp lists."""
    verified: Mapped[str] = mapped_column(Text)
    """md5, sha1, audio, size or unverified."""
    state: Mapped[str] = mapped_column(Text)
    verified_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When its bytes were last read and compared."""
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it was last looked at."""
