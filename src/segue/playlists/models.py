"""Playlists, their rows, their history, and the folders people keep them in.

A row has a key of its own, may repeat a track, and keeps its text when the track is gone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Double, ForeignKey, Index, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import Base, JsonB, SortText, UtcDateTime

BigId = BigInteger().with_variant(Integer, "sqlite")


class Playlist(Base):
    """A list one person made. `visibility` is private, shared (with those named) or public (to the house).

    `kind` is manual or smart; a smart list has its query in `query`, as it was written. `track_count` and `duration_ms`
    are written in the same transaction as the rows; for a smart list they are what it held when it was last saved.
    `cover` is contents (its first tracks' pictures), album (that of `cover_album_id`) or upload (`artwork_id`).
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
    normalized: Mapped[str | None] = mapped_column(Text)
    """The query as the language prints it."""
    personal: Mapped[bool] = mapped_column(default=False, server_default="0")
    """A smart list that asks about what its owner did: their plays and stars change it."""
    cover: Mapped[str] = mapped_column(Text, default="contents", server_default="contents")
    cover_album_id: Mapped[int | None] = mapped_column(BigInteger)
    artwork_id: Mapped[int | None] = mapped_column(BigInteger)
    track_count: Mapped[int] = mapped_column(Integer, default=0)
    duration_ms: Mapped[int] = mapped_column(BigInteger, default=0)
    revision: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PlaylistRow(Base):
    """One place in a playlist. `track_id` is NULL for a row whose track is not known (yet).

    `rank` puts it in its place: a text between those of its neighbours, see `playlists.ranks`. Putting a row elsewhere
    writes that row alone.
    """

    __tablename__ = "playlist_rows"
    __table_args__ = (
        Index("ix_playlist_rows_place", "playlist_id", "rank", "id"),
        Index("ix_playlist_rows_track", "track_id", "playlist_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    playlist_id: Mapped[int] = mapped_column(ForeignKey("playlists.id", ondelete="CASCADE"))
    rank: Mapped[str] = mapped_column(SortText)
    track_id: Mapped[int | None] = mapped_column(BigInteger)
    title: Mapped[str] = mapped_column(Text)
    artist: Mapped[str] = mapped_column(Text, default="")
    album: Mapped[str] = mapped_column(Text, default="")
    duration_ms: Mapped[int | None] = mapped_column(Integer)
    external_ids: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    comment: Mapped[str] = mapped_column(Text, default="", server_default="")
    location: Mapped[str | None] = mapped_column(Text)
    """Where a file that was imported said that it is: a path or an address."""
    match_score: Mapped[float | None] = mapped_column(Double)
    """How sure its track was found, 0 to 1; NULL where a person chose it."""
    match_reasons: Mapped[list[Any] | None] = mapped_column(JsonB)
    """Why, as codes with their parameters."""
    match_state: Mapped[str | None] = mapped_column(Text)
    """Of a row that came from a file: `sure` (found), `review` (perhaps `match_track_id`), `none` (nothing found yet),
    `chosen` (by a person), `unlinked` (a person said that nothing is to be found). NULL for a row added here."""
    match_method: Mapped[str | None] = mapped_column(Text)
    match_track_id: Mapped[int | None] = mapped_column(BigInteger)
    """The track that may be meant, where that is not sure."""
    origin: Mapped[str | None] = mapped_column(Text)
    """What it was in the file it came from, as a hash, so that the same file read again finds it."""
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    added_by: Mapped[int] = mapped_column(BigInteger)


class PlaylistShare(Base):
    """A person with whom a `shared` playlist is shared; `may_edit` lets them change its rows."""

    __tablename__ = "playlist_shares"

    playlist_id: Mapped[int] = mapped_column(ForeignKey("playlists.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    may_edit: Mapped[bool] = mapped_column(default=False)


class PlaylistFolder(Base):
    """A folder in which one person keeps playlists, their own and others'."""

    __tablename__ = "playlist_folders"
    __table_args__ = (
        Index("ix_playlist_folders_owner", "owner_id", "parent_id", "sort_key"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigInteger)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("playlist_folders.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(Text)
    sort_key: Mapped[str] = mapped_column(SortText)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PlaylistPlacement(Base):
    """The folder in which one person keeps a playlist; without a row it lies outside of all."""

    __tablename__ = "playlist_placements"
    __table_args__ = (Index("ix_playlist_placements_folder", "folder_id"),)

    playlist_id: Mapped[int] = mapped_column(ForeignKey("playlists.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    folder_id: Mapped[int] = mapped_column(ForeignKey("playlist_folders.id", ondelete="CASCADE"))


class PlaylistRevision(Base):
    """One change of a playlist: who, when, what, and what takes it back.

    `back` is compressed JSON, see `playlists.history`; NULL for a change that history does not take back (who may see
    the list). `undone_by` is the revision that took this one back.
    """

    __tablename__ = "playlist_revisions"

    playlist_id: Mapped[int] = mapped_column(ForeignKey("playlists.id", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    action: Mapped[str] = mapped_column(Text)
    params: Mapped[dict[str, Any]] = mapped_column(JsonB)
    back: Mapped[bytes | None] = mapped_column(LargeBinary)
    undone_by: Mapped[int | None] = mapped_column(Integer)


class PlaylistMix(Base):
    """A mix that was made for one person for one day of theirs, so that it stays the same all day."""

    __tablename__ = "playlist_mixes"

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[str] = mapped_column(Text)
    """The day in the person's zone, `2026-05-08`."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    content: Mapped[dict[str, Any]] = mapped_column(JsonB)
    """Its parts with their reasons, as codes."""
