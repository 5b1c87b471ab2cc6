"""The tree of genres spelled out: who stands above whom, at any distance."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import Base


class GenreAncestor(Base):
    """`ancestor_id` is `genre_id` itself or stands somewhere above it; made anew whenever the tree changes."""

    __tablename__ = "genre_ancestors"
    __table_args__ = (Index("ix_genre_ancestors_below", "ancestor_id", "genre_id"),)

    genre_id: Mapped[int] = mapped_column(ForeignKey("genres.id", ondelete="CASCADE"), primary_key=True)
    ancestor_id: Mapped[int] = mapped_column(ForeignKey("genres.id", ondelete="CASCADE"), primary_key=True)
