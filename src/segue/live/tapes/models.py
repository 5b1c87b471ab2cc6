"""Tapes at home that were looked at, with what each may be and what a person said."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import Base, JsonB, SortText, UtcDateTime
from segue.live.models import OWN_ROWS, BigId


class LiveTape(Base):
    """A folder of tapes: `state` proposed, accepted or refused. Its files are read in place and never changed."""

    __tablename__ = "live_tapes"
    __table_args__ = (
        UniqueConstraint("identifier"),
        Index("ix_live_tapes_state", "state", "sort_path", "id"),
        Index("ix_live_tapes_recording", "recording_id"),
        OWN_ROWS,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    identifier: Mapped[str] = mapped_column(Text)
    """Made of its audio, so that a folder that was moved is the same tape."""
    folder: Mapped[bytes] = mapped_column(LargeBinary)
    """The whole path."""
    display_path: Mapped[str] = mapped_column(Text)
    sort_path: Mapped[str] = mapped_column(SortText)
    state: Mapped[str] = mapped_column(Text)
    artist: Mapped[str] = mapped_column(Text, default="", server_default="")
    date: Mapped[str] = mapped_column(Text, default="", server_default="")
    source_type: Mapped[str] = mapped_column(Text, default="", server_default="")
    file_count: Mapped[int] = mapped_column(Integer)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    duration_ms: Mapped[int | None] = mapped_column(BigInteger)
    files: Mapped[list[Any]] = mapped_column(JsonB)
    """{name, path, size, format, title, duration_ms, audio_md5, md5} each, in the order in which they are played; `path` is
    relative to the folder and in hexadecimal, since paths are bytes."""
    item: Mapped[dict[str, Any]] = mapped_column(JsonB)
    """The item that was read of it (`records.Item`)."""
    proposals: Mapped[list[Any]] = mapped_column(JsonB)
    """`proposals.Proposal.as_json` each, the surest first."""
    problems: Mapped[list[Any] | None] = mapped_column(JsonB)
    """[code, params] each: files that cannot be read, audio that is not what the .ffp says."""
    recording_id: Mapped[int | None] = mapped_column(BigInteger)
    """What it became."""
    looked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    looked_by: Mapped[int | None] = mapped_column(BigInteger)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
