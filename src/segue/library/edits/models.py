"""The tables of edits: what holds now, and everything that was ever changed.

`edits` has one row for each edited field of each thing and is all that a scan looks at. `edit_batches` and `edit_log` say
who changed what, when, from what to what, so that any of it can be undone. Nothing here points at music by a foreign key:
an edit outlives the row it is about, as everything does that a person made.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import Base, JsonB, SortText, UtcDateTime
from segue.library.models import OWN_ROWS

BigId = BigInteger().with_variant(Integer, "sqlite")


class Edit(Base):
    """What a person says of one field of a track, an album, an artist, a label or a genre. It wins over every file."""

    __tablename__ = "edits"
    __table_args__ = (Index("ix_edits_file_key", "file_key"),)

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    entity_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    field: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[dict[str, Any]] = mapped_column(JsonB)
    """{"is": value}: a value may be null, which says that there is none."""
    own: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    """{"is": value} that an artist, a label or a genre had before; what tracks and albums had is with their files."""
    file_key: Mapped[str | None] = mapped_column(SortText)
    """Of an edited title: the sort key of the file's own, by which a file that comes back is known again."""
    edited_by: Mapped[int | None] = mapped_column(Integer)
    """The user; null for Segue itself."""
    edited_at: Mapped[datetime] = mapped_column(UtcDateTime)


class EditBatch(Base):
    """One act of editing: of one thing, or of many together."""

    __tablename__ = "edit_batches"
    __table_args__ = (OWN_ROWS,)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    action: Mapped[str] = mapped_column(Text)
    """edit, bulk, split, merge or undo."""
    params: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    """What was asked for, as far as a person wants to read it."""
    made_by: Mapped[int | None] = mapped_column(Integer)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    job_id: Mapped[int | None] = mapped_column(BigInteger)
    """The job that does it or did it, where it was too much for one moment."""
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("edit_batches.id"), index=True)
    """The batch that undid this one."""


class EditLog(Base):
    """One field of one thing that a batch changed. `before` and `after` are {"is": value}; null says: not edited."""

    __tablename__ = "edit_log"
    __table_args__ = (
        Index("ix_edit_log_batch", "batch_id", "kind", "entity_id"),
        Index("ix_edit_log_entity", "kind", "entity_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("edit_batches.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(Text)
    entity_id: Mapped[int] = mapped_column(Integer)
    field: Mapped[str] = mapped_column(Text)
    before: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JsonB)


class OtherName(Base):
    """A name that a label or a genre had, or has beside its own: tags that say it mean that one."""

    __tablename__ = "other_names"

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    name_key: Mapped[str] = mapped_column(SortText, primary_key=True)
    entity_id: Mapped[int] = mapped_column(Integer, index=True)
    name: Mapped[str] = mapped_column(Text)
