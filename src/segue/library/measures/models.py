"""What listening measured of each track. What is shown of it stands in the track's own row, so that lists need no join:
a person's edit comes first, then the tag, then the measure (or the measure before the tag, where the settings say so).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Double, ForeignKey, Integer, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import Base, UtcDateTime


class TrackMeasure(Base):
    __tablename__ = "track_measures"

    track_id: Mapped[int] = mapped_column(
        ForeignKey("tracks.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    version: Mapped[int] = mapped_column(Integer)
    """Of the engine that listened."""
    bpm: Mapped[float | None] = mapped_column(Double)
    bpm_confidence: Mapped[float | None] = mapped_column(Double)
    tonic: Mapped[int | None] = mapped_column(SmallInteger)
    """0 to 11, C = 0."""
    mode: Mapped[str | None] = mapped_column(Text)
    """major or minor."""
    key_confidence: Mapped[float | None] = mapped_column(Double)
    energy: Mapped[float | None] = mapped_column(Double)
    danceability: Mapped[float | None] = mapped_column(Double)
    loudness_lufs: Mapped[float | None] = mapped_column(Double)
    album_loudness_lufs: Mapped[float | None] = mapped_column(Double)
    """Of its album gated as one; null until all its tracks are measured."""
    loudness_range_lu: Mapped[float | None] = mapped_column(Double)
    true_peak: Mapped[float | None] = mapped_column(Double)
    """1 is full scale."""
    album_true_peak: Mapped[float | None] = mapped_column(Double)
    measured_at: Mapped[datetime] = mapped_column(UtcDateTime)
