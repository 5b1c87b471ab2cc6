"""Imports of playlist files with what they were read as, where lists came from, and the keys of rows that await a track."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Double, ForeignKey, Index, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import Base, JsonB, SortText, UtcDateTime
from segue.playlists.models import BigId


class PlaylistImport(Base):
    """A file that somebody sent. States: reading, ready (to be looked at), applying, done, failed."""

    __tablename__ = "playlist_imports"
    __table_args__ = (Index("ix_playlist_imports_owner", "owner_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigInteger)
    file_name: Mapped[str] = mapped_column(Text)
    format: Mapped[str | None] = mapped_column(Text)
    encoding: Mapped[str | None] = mapped_column(Text)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    storage_key: Mapped[str | None] = mapped_column(Text)
    """Where the file is kept until it was read."""
    state: Mapped[str] = mapped_column(Text)
    options: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    """What is to be made of it: {unsure, visibility, again, lists: {number: {action, name, playlist}}}."""
    doubts: Mapped[list[Any]] = mapped_column(JsonB)
    """[[code, params], …] about the file."""
    job_id: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PlaylistImportList(Base):
    """One list of a file, with how many of its rows were found how surely."""

    __tablename__ = "playlist_import_lists"

    import_id: Mapped[int] = mapped_column(ForeignKey("playlist_imports.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Text)
    comment: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    query: Mapped[str | None] = mapped_column(Text)
    folder: Mapped[list[str]] = mapped_column(JsonB)
    source_key: Mapped[str] = mapped_column(Text)
    sure: Mapped[int] = mapped_column(Integer)
    review: Mapped[int] = mapped_column(Integer)
    none: Mapped[int] = mapped_column(Integer)
    bad: Mapped[int] = mapped_column(Integer)
    """Of those with no track, the rows that were told to be wrong."""
    playlist_id: Mapped[int | None] = mapped_column(BigInteger)
    """What became of it."""


class PlaylistImportRow(Base):
    """One row of a list as it was read and matched; states as in `playlist_rows.match_state`."""

    __tablename__ = "playlist_import_rows"
    __table_args__ = (Index("ix_playlist_import_rows_state", "import_id", "list_number", "state", "place"),)

    import_id: Mapped[int] = mapped_column(ForeignKey("playlist_imports.id", ondelete="CASCADE"), primary_key=True)
    list_number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    entry: Mapped[dict[str, Any]] = mapped_column(JsonB)
    state: Mapped[str] = mapped_column(Text)
    track_id: Mapped[int | None] = mapped_column(BigInteger)
    score: Mapped[float | None] = mapped_column(Double)
    method: Mapped[str | None] = mapped_column(Text)
    reasons: Mapped[list[Any] | None] = mapped_column(JsonB)
    others: Mapped[list[Any] | None] = mapped_column(JsonB)
    """[[track, score], …]: what may be meant as well."""


class PlaylistSource(Base):
    """Where a list came from: a file that was sent, or (with a library) one that lies among the music.

    `kept` is a hash over the list as it was when both were last alike: another one says that a person changed the list,
    another `file_hash` that the file changed. States: in_step, conflict, gone, refused.
    """

    __tablename__ = "playlist_sources"
    __table_args__ = (
        Index("ix_playlist_sources_key", "owner_id", "source_key"),
        Index("uq_playlist_sources_file", "library_id", "path", unique=True),
        Index("ix_playlist_sources_playlist", "playlist_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigInteger)
    source_key: Mapped[str] = mapped_column(Text)
    playlist_id: Mapped[int | None] = mapped_column(BigInteger)
    library_id: Mapped[int | None] = mapped_column(Integer)
    path: Mapped[bytes | None] = mapped_column(LargeBinary)
    display_path: Mapped[str] = mapped_column(Text, default="")
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    mtime_ns: Mapped[int | None] = mapped_column(BigInteger)
    file_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    kept: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(Text, default="in_step")
    doubts: Mapped[list[Any] | None] = mapped_column(JsonB)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PlaylistRowKey(Base):
    """By what a row without a track may be found when music arrives; see `library.finding.keys`."""

    __tablename__ = "playlist_row_keys"
    __table_args__ = (Index("ix_playlist_row_keys_row", "row_id"),)

    key: Mapped[str] = mapped_column(SortText, primary_key=True)
    row_id: Mapped[int] = mapped_column(
        ForeignKey("playlist_rows.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
