"""Tracks that are there more than once, and what a person said about them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Float, ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import Base, JsonB, UtcDateTime


class DuplicateGroup(Base):
    """Tracks that are one recording. Kinds: `copy` (on the same release), `appearance` (on several releases) and `perhaps`
    (alike, but not surely)."""

    __tablename__ = "duplicate_groups"
    __table_args__ = (Index("ix_duplicate_groups_kind", "kind", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    track_count: Mapped[int] = mapped_column(Integer)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DuplicateMember(Base):
    """One track of a group, and what brought it in: `other_id` is the track it was compared with."""

    __tablename__ = "duplicate_members"
    __table_args__ = (Index("ix_duplicate_members_track", "track_id"),)

    group_id: Mapped[int] = mapped_column(ForeignKey("duplicate_groups.id", ondelete="CASCADE"), primary_key=True)
    track_id: Mapped[int] = mapped_column(ForeignKey("tracks.id", ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[int] = mapped_column(Integer)
    method: Mapped[str] = mapped_column(Text)
    score: Mapped[float] = mapped_column(Float)
    reasons: Mapped[list[Any]] = mapped_column(JsonB)
    """[[code, params, weight], …] as `match` gave them."""


class NotDuplicates(Base):
    """A person said that these two are not the same; `track_a` is the smaller id. Never asked again."""

    __tablename__ = "not_duplicates"
    __table_args__ = (Index("ix_not_duplicates_b", "track_b"),)

    track_a: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    track_b: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    said_by: Mapped[int | None] = mapped_column(BigInteger)
    said_at: Mapped[datetime] = mapped_column(UtcDateTime)
