"""Playlists and their rows. A row has a key of its own, may repeat a track, and keeps its text when the track is gone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import Base, JsonB, SortText, UtcDateTime

BigId = BigInteger().with_variant(Integer, "sqlite")


class Playlist(Base):
    """A list one person made. `visibility` is private, shared (with those named) or public (to the house).

    `kind` is manual or smart; a smart list has its query in `query`. `track_count` and `duration_ms` are written in the
    same transaction as the rows.
    """

    __tablename__ = "playlists"
    __table_args__ = (
        Index("ix_playlists_owner", "owner_id", "sort_key"),
        Index("ix_playlists_visibility", "visibility", "sort_key"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(Text)
    sort_key: Mapped[str] = mapped_column(SortText)
    comment: Mapped[str] = mapped_column(Text, default="")
    visibility: Mapped[str] = mapped_column(Text, default="private")
    kind: Mapped[str] = mapped_column(Text, default="manual")
    query: Mapped[str | None] = mapped_column(Text)
    artwork_id: Mapped[int | None] = mapped_column(BigInteger)
    track_count: Mapped[int] = mapped_column(Integer, default=0)
    duration_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    revision: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PlaylistRow(Base):
    """One place in a playlist. `track_id` is NULL for a row whose track is not known (yet)."""

    __tablename__ = "playlist_rows"
    __table_args__ = (
        Index("ix_playlist_rows_place", "playlist_id", "position"),
        Index("ix_playlist_rows_track", "track_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    playlist_id: Mapped[int] = mapped_column(ForeignKey("playlists.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    track_id: Mapped[int | None] = mapped_column(BigInteger)
    title: Mapped[str] = mapped_column(Text)
    artist: Mapped[str] = mapped_column(Text, default="")
    album: Mapped[str] = mapped_column(Text, default="")
    duration_ms: Mapped[int | None] = mapped_column(Integer)
    external_ids: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    added_by: Mapped[int] = mapped_column(BigInteger)


class PlaylistShare(Base):
    """A person with whom a `shared` playlist is shared; `may_edit` lets them change its rows."""

    __tablename__ = "playlist_shares"

    playlist_id: Mapped[int] = mapped_column(ForeignKey("playlists.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    may_edit: Mapped[bool] = mapped_column(default=False)
