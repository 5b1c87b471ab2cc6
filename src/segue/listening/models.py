"""What people did with music. Every row keeps its own text and external ids, so that it outlives a purged track.

What is counted (`play_hours`, `play_rollups`, the counts of `annotations` and `heard_names`) is written in the
transaction of the plays it counts; a property test compares it with a recount.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import Base, JsonB, UtcDateTime

BigId = BigInteger().with_variant(Integer, "sqlite")
OWN_ROWS = {"sqlite_autoincrement": True}
BY_KEY = {"sqlite_with_rowid": False}
"""On SQLite the table is its primary key's tree, so that a row is found and written in one step."""


class Play(Base):
    """One play of one track by one person.

    `title`, `artist`, `album`, `album_artist`, `duration_ms` and `external_ids` are what was true then.
    """

    __tablename__ = "plays"
    __table_args__ = (
        Index("ix_plays_user_played", "user_id", "played_at", "id"),
        Index("ix_plays_subject", "subject", "user_id", "played_at"),
        Index("ix_plays_hour", "user_id", "local_hour", "subject"),
        OWN_ROWS,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    track_id: Mapped[int | None] = mapped_column(BigInteger)
    """Null: the track is not, or not yet, in a library here."""
    subject: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    """What was heard: the track's number, or the number of its row in `heard_names` below zero."""
    played_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it began."""
    zone_offset_minutes: Mapped[int] = mapped_column(SmallInteger, default=0)
    """The person's offset from UTC at that moment."""
    local_hour: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Whole hours from 1970-01-01T00:00 to that moment by the person's clock: what days, months and years are cut by."""
    duration_played_ms: Mapped[int | None] = mapped_column(Integer)
    """How long it was heard; null where nobody said."""
    source: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Who told: web, rest, subsonic, listenbrainz, lastfm, import:…; empty for plays older than this column."""
    client: Mapped[str] = mapped_column(Text, default="")
    """The program, as it calls itself."""
    device: Mapped[str] = mapped_column(Text, default="", server_default="")
    """The device, where the program tells them apart; else the program."""
    title: Mapped[str] = mapped_column(Text)
    artist: Mapped[str] = mapped_column(Text, default="")
    album: Mapped[str] = mapped_column(Text, default="")
    album_artist: Mapped[str] = mapped_column(Text, default="", server_default="")
    duration_ms: Mapped[int | None] = mapped_column(Integer)
    external_ids: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    counted: Mapped[list[Any] | None] = mapped_column(JsonB)
    """What it counts for beside its track, [album, [artists], [genres], decade]; null: not in the rollups yet."""


class HeardName(Base):
    """Something a person heard that is in no library here, by what it is called: `kind` track, album or artist.

    In rollups, and in what plays count for, it stands with its number below zero until the music arrives.
    """

    __tablename__ = "heard_names"
    __table_args__ = (
        UniqueConstraint("user_id", "kind", "key"),
        Index("ix_heard_names_plays", "user_id", "kind", "play_count", "id"),
        Index("ix_heard_names_first", "user_id", "kind", "first_played_at", "id"),
        OWN_ROWS,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    """What makes it the same: artist, album and title without case and accents."""
    title: Mapped[str] = mapped_column(Text)
    artist: Mapped[str] = mapped_column(Text, default="")
    album: Mapped[str] = mapped_column(Text, default="")
    duration_ms: Mapped[int | None] = mapped_column(Integer)
    external_ids: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    play_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    heard_ms: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    first_played_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_played_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class HeardNameKey(Base):
    """By what music that arrives may turn out to be a track somebody heard; see `library.finding.keys`."""

    __tablename__ = "heard_name_keys"
    __table_args__ = (Index("ix_heard_name_keys_name", "name_id"),)

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    name_id: Mapped[int] = mapped_column(ForeignKey("heard_names.id", ondelete="CASCADE"), primary_key=True)


class PlayHour(Base):
    """How much one person played in one hour of their clock."""

    __tablename__ = "play_hours"
    __table_args__ = (BY_KEY,)

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    local_hour: Mapped[int] = mapped_column(Integer, primary_key=True)
    plays: Mapped[int] = mapped_column(Integer)
    heard_ms: Mapped[int] = mapped_column(BigInteger)


class PlayRollup(Base):
    """How often one person played one thing in a year (`period` 2026) or a month (202611) of their clock.

    Tracks have years only: in a month a track is seldom played twice, so that its rows would be as many as the plays.
    """

    __tablename__ = "play_rollups"
    __table_args__ = (Index("ix_play_rollups_top", "user_id", "kind", "period", "plays", "entity_id"), BY_KEY)

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    """1 track, 2 album, 3 artist, 4 genre, 5 decade."""
    entity_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    """The thing's number; below zero that of a row in `heard_names`. A decade's is its first year."""
    period: Mapped[int] = mapped_column(Integer, primary_key=True)
    plays: Mapped[int] = mapped_column(Integer)
    heard_ms: Mapped[int] = mapped_column(BigInteger)


class EntityMove(Base):
    """An album or artist that ended in another: what plays up to a number counted for has gone along."""

    __tablename__ = "listening_moves"

    kind: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    from_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    up_to_play: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    to_id: Mapped[int] = mapped_column(BigInteger)


class PlayChange(Base):
    """A play that a person took away or gave another track: how it was, so that it can be taken back."""

    __tablename__ = "play_changes"
    __table_args__ = (
        Index("ix_play_changes_user", "user_id", "id"),
        Index("ix_play_changes_subject", "user_id", "subject", "played_at"),
        OWN_ROWS,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    op: Mapped[str] = mapped_column(Text)
    """`delete` or `edit`."""
    play_id: Mapped[int] = mapped_column(BigInteger)
    subject: Mapped[int] = mapped_column(BigInteger)
    played_at: Mapped[datetime] = mapped_column(UtcDateTime)
    before: Mapped[dict[str, Any]] = mapped_column(JsonB)
    """Every column of the play as it was."""
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class NowPlaying(Base):
    """What one person's player is playing right now; one row a device, dropped when it is over."""

    __tablename__ = "now_playing"

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    device: Mapped[str] = mapped_column(Text, primary_key=True)
    client: Mapped[str] = mapped_column(Text, default="")
    track_id: Mapped[int] = mapped_column(BigInteger)
    position_ms: Mapped[int] = mapped_column(Integer, default=0)
    """The place in the track at `reported_at`."""
    paused: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Annotation(Base):
    """One person's star, rating, dislike and play count of one thing (`kind` track, album, artist or playlist).

    `rating` is 1 to 5; no rating is NULL, told as 0. `text` and `external_ids` are what the thing was called, so that
    a star can find its track again after a purge.
    """

    __tablename__ = "annotations"
    __table_args__ = (
        Index("ix_annotations_starred", "user_id", "kind", "starred_at", "entity_id"),
        Index("ix_annotations_rating", "user_id", "kind", "rating", "entity_id"),
        Index("ix_annotations_plays", "user_id", "kind", "play_count", "entity_id"),
        Index("ix_annotations_last_played", "user_id", "kind", "last_played_at", "entity_id"),
        Index("ix_annotations_first_played", "user_id", "kind", "first_played_at", "entity_id"),
        Index(
            "ix_annotations_hated",
            "user_id",
            "kind",
            "hated_at",
            "entity_id",
            sqlite_where=text("hated_at IS NOT NULL"),
            postgresql_where=text("hated_at IS NOT NULL"),
        ),
        Index("ix_annotations_entity", "kind", "entity_id"),
    )

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    entity_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    starred_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rating: Mapped[int | None] = mapped_column(SmallInteger)
    rated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    hated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when the person does not want to hear it: mixes and radio leave it out."""
    play_count: Mapped[int] = mapped_column(Integer, default=0)
    """Plays that are rows, and `plays_elsewhere`."""
    plays_elsewhere: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Plays that another program had counted, without saying when each of them was."""
    heard_ms: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    first_played_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_played_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    text: Mapped[str] = mapped_column(Text, default="")
    external_ids: Mapped[dict[str, Any] | None] = mapped_column(JsonB)


class OwnTag(Base):
    """A word of one's own for music: `for the car`. Names differ by more than case and accents."""

    __tablename__ = "own_tags"
    __table_args__ = (UniqueConstraint("user_id", "name_key"), OWN_ROWS)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OwnTagged(Base):
    """A track, album or artist that bears a tag of somebody's own."""

    __tablename__ = "own_tagged"
    __table_args__ = (
        Index("ix_own_tagged_entity", "kind", "entity_id"),
        Index("ix_own_tagged_user", "user_id", "kind", "entity_id"),
    )

    tag_id: Mapped[int] = mapped_column(ForeignKey("own_tags.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    entity_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    tagged_at: Mapped[datetime] = mapped_column(UtcDateTime)
    text: Mapped[str] = mapped_column(Text, default="")
    external_ids: Mapped[dict[str, Any] | None] = mapped_column(JsonB)


class SearchEntry(Base):
    """Something a person searched for: in which box, with how many results."""

    __tablename__ = "search_history"
    __table_args__ = (
        Index("ix_search_history_user", "user_id", "searched_at", "id"),
        Index("uq_search_history_query", "user_id", "box", "query_key", unique=True),
        OWN_ROWS,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    box: Mapped[str] = mapped_column(Text)
    query: Mapped[str] = mapped_column(Text)
    query_key: Mapped[str] = mapped_column(Text)
    results: Mapped[int | None] = mapped_column(Integer)
    times: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    searched_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ListeningChoice(Base):
    """What one person chose about what is kept of them; no row: everything as usual."""

    __tablename__ = "listening_choices"

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    keep_searches: Mapped[bool] = mapped_column(Boolean, default=True, server_default=text("true"))


class PlayQueue(Base):
    """One person's queue on one device. The device without a name is the queue that all their players share.

    `current_position` is an index into its rows, NULL for none. The one that was there before (`before` true) is kept
    once, so that a queue replaced by mistake can be taken back.
    """

    __tablename__ = "play_queues"

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    device: Mapped[str] = mapped_column(Text, primary_key=True, default="", server_default="")
    before: Mapped[bool] = mapped_column(Boolean, primary_key=True, default=False, server_default=text("false"))
    current_position: Mapped[int | None] = mapped_column(Integer)
    position_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[str] = mapped_column(Text, default="")


class PlayQueueRow(Base):
    """One place in a queue; a track may stand in several."""

    __tablename__ = "play_queue_rows"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "device", "before"],
            ["play_queues.user_id", "play_queues.device", "play_queues.before"],
            ondelete="CASCADE",
        ),
        Index("ix_play_queue_rows_track", "track_id"),
    )

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    device: Mapped[str] = mapped_column(Text, primary_key=True, default="", server_default="")
    before: Mapped[bool] = mapped_column(Boolean, primary_key=True, default=False, server_default=text("false"))
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    track_id: Mapped[int] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(Text, default="")


class Bookmark(Base):
    """A place inside a track, in milliseconds, that a person wants to come back to."""

    __tablename__ = "bookmarks"
    __table_args__ = (
        Index("uq_bookmarks_user_track", "user_id", "track_id", unique=True),
        OWN_ROWS,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    track_id: Mapped[int] = mapped_column(BigInteger)
    position_ms: Mapped[int] = mapped_column(BigInteger)
    comment: Mapped[str] = mapped_column(Text, default="")
    text: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
