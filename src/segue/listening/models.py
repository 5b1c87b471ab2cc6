"""What people did with music. Every row keeps its own text and external ids, so that it outlives a purged track."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import Base, JsonB, UtcDateTime

BigId = BigInteger().with_variant(Integer, "sqlite")


class Play(Base):
    """One play of one track by one person.

    `zone_offset_minutes` is the
    person's offset from UTC at that moment. `title`, `artist`, `album`, `duration_ms` and `external_ids` are what was
    true then.
    """

    __tablename__ = "plays"
    __table_args__ = (
        Index("ix_plays_user_played", "user_id", "played_at"),
        Index("ix_plays_track", "track_id", "user_id"),
        Index("uq_plays_once", "user_id", "track_id", "played_at", "client", unique=True),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    track_id: Mapped[int | None] = mapped_column(BigInteger)
    played_at: Mapped[datetime] = mapped_column(UtcDateTime)
    zone_offset_minutes: Mapped[int] = mapped_column(SmallInteger, default=0)
    duration_played_ms: Mapped[int | None] = mapped_column(Integer)
    client: Mapped[str] = mapped_column(Text, default="")
    title: Mapped[str] = mapped_column(Text)
    artist: Mapped[str] = mapped_column(Text, default="")
    album: Mapped[str] = mapped_column(Text, default="")
    duration_ms: Mapped[int | None] = mapped_column(Integer)
    external_ids: Mapped[dict[str, Any] | None] = mapped_column(JsonB)


class NowPlaying(Base):
    """What one person's player is playing right now; one row a player, dropped when it is over."""

    __tablename__ = "now_playing"

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    client: Mapped[str] = mapped_column(Text, primary_key=True)
    track_id: Mapped[int] = mapped_column(BigInteger)
    position_ms: Mapped[int] = mapped_column(Integer, default=0)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Annotation(Base):
    """One person's star, rating and play count of one thing (`kind` track, album, artist or playlist).

    `rating` is 1 to 5; no rating is NULL, told as 0. `text` and `external_ids` are what the thing was called, so that
    a star can find its track again after a purge.
    """

    __tablename__ = "annotations"
    __table_args__ = (
        Index("ix_annotations_starred", "user_id", "kind", "starred_at", "entity_id"),
        Index("ix_annotations_rating", "user_id", "kind", "rating", "entity_id"),
        Index("ix_annotations_plays", "user_id", "kind", "play_count", "entity_id"),
        Index("ix_annotations_last_played", "user_id", "kind", "last_played_at", "entity_id"),
        Index("ix_annotations_entity", "kind", "entity_id"),
    )

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    entity_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    starred_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rating: Mapped[int | None] = mapped_column(SmallInteger)
    rated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    play_count: Mapped[int] = mapped_column(Integer, default=0)
    last_played_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    text: Mapped[str] = mapped_column(Text, default="")
    external_ids: Mapped[dict[str, Any] | None] = mapped_column(JsonB)


class PlayQueue(Base):
    """One person's queue, shared by their players. `current_position` is an index into its rows, NULL for none."""

    __tablename__ = "play_queues"

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    current_position: Mapped[int | None] = mapped_column(Integer)
    position_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[str] = mapped_column(Text, default="")


class PlayQueueRow(Base):
    """One place in a queue; a track may stand in several."""

    __tablename__ = "play_queue_rows"

    user_id: Mapped[int] = mapped_column(ForeignKey("play_queues.user_id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    track_id: Mapped[int] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(Text, default="")


class Bookmark(Base):
    """A place inside a track, in milliseconds, that a person wants to come back to."""

    __tablename__ = "bookmarks"
    __table_args__ = (
        Index("uq_bookmarks_user_track", "user_id", "track_id", unique=True),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    track_id: Mapped[int] = mapped_column(BigInteger)
    position_ms: Mapped[int] = mapped_column(BigInteger)
    comment: Mapped[str] = mapped_column(Text, default="")
    text: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
