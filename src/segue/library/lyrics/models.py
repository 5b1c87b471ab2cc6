"""The table of words beside the music and of words people wrote; what is inside files is kept with their tags."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import Base, JsonB, UtcDateTime
from segue.library.models import OWN_ROWS


class LyricsRow(Base):
    """One set of words of a track. A file that could not be read is a row with a problem and no document."""

    __tablename__ = "lyrics"
    __table_args__ = (
        UniqueConstraint("track_id", "source", "name", "part", "language"),
        Index("ix_lyrics_problem", "problem_code"),
        OWN_ROWS,
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    track_id: Mapped[int] = mapped_column(ForeignKey("tracks.id", ondelete="CASCADE"))
    source: Mapped[str] = mapped_column(Text)
    """`sidecar` or `person`."""
    name: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    """The file's name, as the operating system gave it; empty for a person's words."""
    part: Mapped[int] = mapped_column(Integer, default=0)
    """Several sets of words in one file: the words, then their translations."""
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    mtime_ns: Mapped[int] = mapped_column(BigInteger, default=0)
    format: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text, default="main")
    """main, translation, pronunciation."""
    synced: Mapped[bool] = mapped_column(Boolean, default=False)
    word_timed: Mapped[bool] = mapped_column(Boolean, default=False)
    document: Mapped[bytes | None] = mapped_column(LargeBinary)
    """See `song_words.pack`."""
    problem_code: Mapped[str | None] = mapped_column(Text)
    problem_params: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(Integer)
