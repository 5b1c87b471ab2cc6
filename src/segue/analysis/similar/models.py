"""The space that embeddings are compared in, and what is made of it: groups of what sounds alike, and a map.

The scaled vectors themselves are no table: every process makes its own files of them from `analysis_vectors` and the space.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Double, ForeignKey, Index, Integer, LargeBinary, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from segue.analysis.models import OWN_ROWS, BigId
from segue.core.db import RAW_SCHEMA, Base, JsonB, UtcDateTime


class SoundSpace(Base):
    """How raw embeddings of one version become vectors that can be compared, learnt on `learnt_on` of them."""

    __tablename__ = "analysis_spaces"
    __table_args__ = (Index("ix_analysis_spaces_version", "embedding_version", "id"), OWN_ROWS)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    embedding_version: Mapped[int] = mapped_column(SmallInteger)
    learnt_on: Mapped[int] = mapped_column(Integer)
    dimensions: Mapped[int] = mapped_column(SmallInteger)
    scaling: Mapped[bytes] = mapped_column(LargeBinary)
    """See `similar.scaling.Scaling`."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SoundCluster(Base):
    """A group of sounds that lie together. Its number stays as far as its members do, whenever groups are made anew."""

    __tablename__ = "analysis_clusters"
    __table_args__ = (OWN_ROWS,)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    space_id: Mapped[int] = mapped_column(ForeignKey("analysis_spaces.id", ondelete="CASCADE"))
    size: Mapped[int] = mapped_column(Integer)
    tightness: Mapped[float] = mapped_column(Double)
    """The mean similarity of its members to its middle, 0 to 1."""
    middle: Mapped[bytes] = mapped_column(LargeBinary)
    """Its middle in the space, float32."""
    genres: Mapped[dict[str, Any]] = mapped_column(JsonB)
    """By library: [tracks, {genre: tracks}]; what a cluster is called is read from these for whoever asks."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SoundLayout(Base):
    """One number or place for every sound, as long rows of bytes: `kind` is map (x, y: float32) or clusters (int32).

    On SQLite the table lives in the second file: all of it can be made again.
    """

    __tablename__ = "analysis_layouts"
    __table_args__ = ({"schema": RAW_SCHEMA},)

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    space_id: Mapped[int] = mapped_column(Integer)
    revision: Mapped[int] = mapped_column(Integer)
    """Rises with every change, so that whoever keeps it in memory knows."""
    state: Mapped[str] = mapped_column(Text)
    """working or done."""
    sounds: Mapped[bytes] = mapped_column(LargeBinary)
    """int64, rising."""
    places: Mapped[bytes] = mapped_column(LargeBinary)
    step: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Rounds that are done of one that is being made."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
