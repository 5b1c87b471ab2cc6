"""What was found about two tracks of different recordings of one song."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Double, ForeignKey, Index, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import Base, JsonB, UtcDateTime


class LiveAlignment(Base):
    """Where track `second_id` is when `first_id` is somewhere, the smaller id first: `state` aligned, apart (they do not
    agree; the score says how little) or failed (`reason` says why)."""

    __tablename__ = "live_alignments"
    __table_args__ = (Index("ix_live_alignments_second", "second_id"),)

    first_id: Mapped[int] = mapped_column(
        ForeignKey("live_tracks.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    second_id: Mapped[int] = mapped_column(
        ForeignKey("live_tracks.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    first_track: Mapped[int] = mapped_column(BigInteger)
    """The library's track that was listened to; where another is there now, it counts no more."""
    second_track: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(Text)
    offset_ms: Mapped[float | None] = mapped_column(Double)
    ratio: Mapped[float | None] = mapped_column(Double)
    score: Mapped[float | None] = mapped_column(Double)
    stretches: Mapped[list[Any] | None] = mapped_column(JsonB)
    """[start_ms, end_ms, offset_ms] each, of the first track."""
    reason: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(SmallInteger)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
