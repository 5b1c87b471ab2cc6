"""What was heard, as rows. One row a piece of audio (`analysis_sounds`), whichever tracks hold it; what is shown of it in
lists is copied to the library's tracks by `library.measures`. Beats, curves and all else that is long is kept beside, in the
second file on SQLite (`analysis_documents`), waveforms in the storage.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import RAW_SCHEMA, Base, JsonB, UtcDateTime

BigId = BigInteger().with_variant(Integer, "sqlite")
OWN_ROWS = {"sqlite_autoincrement": True}


class Sound(Base):
    """A piece of audio by its own bytes: the file's audio key and, of a CUE sheet's track, its slice. `state` is pending,
    running, done or failed; `error` says why as {code, params}."""

    __tablename__ = "analysis_sounds"
    __table_args__ = (
        UniqueConstraint("key"),
        Index("ix_analysis_sounds_state", "state", "priority", "id"),
        Index("ix_analysis_sounds_version", "version", "id"),
        OWN_ROWS,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(Text, default="pending", server_default="pending")
    priority: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    """Higher is heard sooner: 10 what a person asked for, 0 what a scan found, below it what is tried again. One that waits for
    its file is far below; see `analysis.repository.WAITING`."""
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    error: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    job_id: Mapped[int | None] = mapped_column(BigInteger)
    """The job that listens to it now."""
    analyzed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    knowledge: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Hash of what else was known when its tempo was concluded; see `analysis.knowing`."""
    engine: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    seconds: Mapped[float | None] = mapped_column(Double)
    duration_ms: Mapped[int | None] = mapped_column(Integer)
    bpm: Mapped[float | None] = mapped_column(Double)
    bpm_confidence: Mapped[float | None] = mapped_column(Double)
    steadiness: Mapped[float | None] = mapped_column(Double)
    tonic: Mapped[int | None] = mapped_column(SmallInteger)
    mode: Mapped[str | None] = mapped_column(Text)
    key_confidence: Mapped[float | None] = mapped_column(Double)
    tuning_cents: Mapped[float | None] = mapped_column(Double)
    integrated_lufs: Mapped[float | None] = mapped_column(Double)
    range_lu: Mapped[float | None] = mapped_column(Double)
    true_peak_dbtp: Mapped[float | None] = mapped_column(Double)
    sample_peak_dbfs: Mapped[float | None] = mapped_column(Double)
    energy: Mapped[float | None] = mapped_column(Double)
    danceability: Mapped[float | None] = mapped_column(Double)
    cutoff_hz: Mapped[int | None] = mapped_column(Integer)
    clipped_ms: Mapped[float | None] = mapped_column(Double)
    findings: Mapped[list[Any] | None] = mapped_column(JsonB)
    """Of its quality and of its decoding, as [[code, params], …]."""
    codes: Mapped[str | None] = mapped_column(Text)
    """The codes of these, with spaces between, to be searched."""


class SoundDocument(Base):
    """All that was heard of one sound: zstd-compressed JSON of `records.Heard` without waveform and embedding."""

    __tablename__ = "analysis_documents"
    __table_args__ = ({"schema": RAW_SCHEMA},)

    sound_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    document: Mapped[bytes] = mapped_column(LargeBinary)


class SoundOfTrack(Base):
    """Which sound a track is. A track whose file was replaced moves to another sound."""

    __tablename__ = "analysis_tracks"
    __table_args__ = (Index("ix_analysis_tracks_sound", "sound_id"),)

    track_id: Mapped[int] = mapped_column(ForeignKey("tracks.id", ondelete="CASCADE"), primary_key=True)
    sound_id: Mapped[int] = mapped_column(ForeignKey("analysis_sounds.id", ondelete="CASCADE"))


class SoundVector(Base):
    """The embedding of one sound, float32 little endian, as it was heard: not scaled."""

    __tablename__ = "analysis_vectors"
    __table_args__ = (Index("ix_analysis_vectors_version", "version", "sound_id"),)

    sound_id: Mapped[int] = mapped_column(
        ForeignKey("analysis_sounds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    version: Mapped[int] = mapped_column(SmallInteger)
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class AnalysisWord(Base):
    """What a person says about a track's beats: where the bar begins, where a mix may come in or go out. Tempo and key as a
    person says them are edits of the library."""

    __tablename__ = "analysis_words"
    __table_args__ = (UniqueConstraint("track_id", "field"), OWN_ROWS)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    track_id: Mapped[int] = mapped_column(ForeignKey("tracks.id", ondelete="CASCADE"))
    field: Mapped[str] = mapped_column(Text)
    """grid, intro_end, outro_start, locked."""
    value: Mapped[Any] = mapped_column(JsonB)
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    said_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AnalysisRequest(Base):
    """Something a person asked to have analysed: a track, an address or an upload. `state` is pending, running, done or
    failed; what was heard is kept here for what is in no library."""

    __tablename__ = "analysis_requests"
    __table_args__ = (
        Index("ix_analysis_requests_user", "user_id", "id"),
        Index("ix_analysis_requests_sound", "sound_id"),
        OWN_ROWS,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(Text)
    """track, url or upload."""
    name: Mapped[str] = mapped_column(Text)
    """What a person calls it: a title, the address, the upload's file name."""
    track_id: Mapped[int | None] = mapped_column(ForeignKey("tracks.id", ondelete="SET NULL"))
    sound_id: Mapped[int | None] = mapped_column(ForeignKey("analysis_sounds.id", ondelete="SET NULL"))
    storage_key: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default="pending", server_default="pending")
    error: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
