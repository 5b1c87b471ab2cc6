"""The tables of a person's decisions about what is one album."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import Base, JsonB, UtcDateTime
from segue.library.models import OWN_ROWS


class GroupingOverride(Base):
    """One decision: what it is about, what it says, who made it and when. The latest wins."""

    __tablename__ = "grouping_overrides"
    __table_args__ = (Index("ix_grouping_overrides_library", "library_id", "id"), OWN_ROWS)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("libraries.id", ondelete="CASCADE"))
    scope: Mapped[str] = mapped_column(Text)
    """folder, album or tracks."""
    decision: Mapped[str] = mapped_column(Text)
    folder: Mapped[bytes | None] = mapped_column(LargeBinary)
    """For a folder: its path relative to the root. It follows the folder where that moves."""
    params: Mapped[dict[str, Any]] = mapped_column(JsonB, default=dict)
    """{subfolders} of a folder; {groups: the album keys it is about, by, title} of albums; see `decisions`."""
    created_by: Mapped[int | None] = mapped_column(Integer)
    created_by_name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class GroupingPin(Base):
    """A track that a decision holds, whatever its tags and its folder come to be. A track has one at most."""

    __tablename__ = "grouping_pins"

    track_id: Mapped[int] = mapped_column(ForeignKey("tracks.id", ondelete="CASCADE"), primary_key=True)
    override_id: Mapped[int] = mapped_column(ForeignKey("grouping_overrides.id", ondelete="CASCADE"), index=True)
    whole: Mapped[bool] = mapped_column(Boolean, default=True)
    """Its album is meant as a whole, so that what is added to the album later belongs to it; false for single tracks."""
