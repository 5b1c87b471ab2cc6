"""The tables of imports: each upload with what became of it, what in it matched nothing, and what it changed of people's
opinions, so that all of it can be taken back. Plays know the import they came with by their `source`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Float, ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import Base, JsonB, UtcDateTime
from segue.listening.models import OWN_ROWS, BigId


class HistoryImport(Base):
    """One upload, or one account that is read, of somebody's history."""

    __tablename__ = "history_imports"
    __table_args__ = (Index("ix_history_imports_user", "user_id", "id"), OWN_ROWS)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    """Whose history it is, where the upload does not name people."""
    made_by: Mapped[int | None] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(Text, default="", server_default="")
    """listenbrainz, lastfm, spotify, apple, itunes, navidrome, jellyfin, airsonic; empty until it is known."""
    state: Mapped[str] = mapped_column(Text)
    """reading, ready, running, done, failed, undoing, undone."""
    name: Mapped[str] = mapped_column(Text)
    """What the upload was called; of an account its name there."""
    key: Mapped[str | None] = mapped_column(Text)
    """Where the upload is stored; null once it is forgotten, and for an account that is not fetched yet."""
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    account: Mapped[str | None] = mapped_column(Text)
    """The name of the account at `source` that is read, where it is one."""
    people: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    """Whose of the upload's people is whose here: {name: user}."""
    preview: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    result: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    code: Mapped[str | None] = mapped_column(Text)
    """Why it failed."""
    params: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    job_id: Mapped[int | None] = mapped_column(BigInteger)
    first_play_id: Mapped[int | None] = mapped_column(BigInteger)
    """Every play that came with it has a number above this one."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class HistoryImportThing(Base):
    """A track, album or artist of an upload of which it is not known (or not for sure) what it is here."""

    __tablename__ = "history_import_things"
    __table_args__ = (Index("ix_history_import_things_times", "import_id", "times", "number"),)

    import_id: Mapped[int] = mapped_column(ForeignKey("history_imports.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    artist: Mapped[str] = mapped_column(Text, default="")
    album: Mapped[str] = mapped_column(Text, default="")
    path: Mapped[str] = mapped_column(Text, default="")
    duration_ms: Mapped[int | None] = mapped_column(BigInteger)
    external_ids: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    times: Mapped[int] = mapped_column(Integer)
    """Its listens in the upload."""
    first_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    track_id: Mapped[int | None] = mapped_column(BigInteger)
    """The nearest track, where one comes near without being sure."""
    score: Mapped[float | None] = mapped_column(Float)
    reasons: Mapped[list[Any] | None] = mapped_column(JsonB)


class HistoryImportProblem(Base):
    """A row of an upload that could not be taken."""

    __tablename__ = "history_import_problems"

    import_id: Mapped[int] = mapped_column(ForeignKey("history_imports.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    member: Mapped[str] = mapped_column(Text, default="")
    """The file in the archive."""
    line: Mapped[int | None] = mapped_column(Integer)
    code: Mapped[str] = mapped_column(Text)
    params: Mapped[dict[str, Any] | None] = mapped_column(JsonB)


class HistoryImportMark(Base):
    """Something beside plays that an import changed: an annotation, a bookmark, a playlist; how it was and became."""

    __tablename__ = "history_import_marks"
    __table_args__ = (Index("ix_history_import_marks_user", "user_id", "kind", "entity_id"),)

    import_id: Mapped[int] = mapped_column(ForeignKey("history_imports.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    """track, album, artist, bookmark or playlist."""
    entity_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    before: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
