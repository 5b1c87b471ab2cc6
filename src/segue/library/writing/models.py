"""The journal of what was written into files: enough to finish or take back whatever a crash interrupted, and to undo.

A file's row goes `planned` → `writing` (a new file with the name kept here may lie beside it) → `ready` (the new file is
whole, and the old one's tags are kept) → `written`. Nothing here points at music by a foreign key.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import RAW_SCHEMA, Base, JsonB, UtcDateTime
from segue.library.models import OWN_ROWS


class TagWriteBatch(Base):
    """One act of writing, or of undoing one."""

    __tablename__ = "tag_write_batches"
    __table_args__ = (OWN_ROWS,)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    action: Mapped[str] = mapped_column(Text)
    """write or undo."""
    cause: Mapped[str] = mapped_column(Text)
    """asked (by a person), or edit (follows from one, in a library that writes tags)."""
    params: Mapped[dict[str, Any]] = mapped_column(JsonB)
    """{fields: [names] or null, artwork: bool}."""
    file_ids: Mapped[list[int] | None] = mapped_column(JsonB)
    """The files it is about; null of an undo, which is about those of the act it undoes."""
    undoes: Mapped[int | None] = mapped_column(Integer, index=True)
    made_by: Mapped[int | None] = mapped_column(Integer)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    job_id: Mapped[int | None] = mapped_column(BigInteger)
    total: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Files it is about."""


class TagWrite(Base):
    """One file of a batch."""

    __tablename__ = "tag_writes"
    __table_args__ = (
        Index("ix_tag_writes_batch", "batch_id", "id"),
        Index("ix_tag_writes_file", "file_id", "id"),
        Index("ix_tag_writes_state", "state", "id"),
        OWN_ROWS,
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("tag_write_batches.id", ondelete="CASCADE"))
    file_id: Mapped[int] = mapped_column(Integer)
    library_id: Mapped[int] = mapped_column(Integer)
    display_path: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    """planned, writing, ready, written, undone, failed; unchanged where the file says so already."""
    code: Mapped[str | None] = mapped_column(Text)
    params: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    said: Mapped[list[Any] | None] = mapped_column(JsonB)
    """What the format could not hold as it was wanted: [[code, field], …]."""
    changes: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    """{field: [values]}: what is written."""
    before: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    """{field: [values]}: what the file said in these fields."""
    artwork_id: Mapped[int | None] = mapped_column(Integer)
    """The picture that is put in as its cover."""
    undoes: Mapped[int | None] = mapped_column(Integer)
    """The write whose old tags are put back."""
    target: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Where the file really is, absolute."""
    temporary: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The new file on its way, absolute; by this name alone it is found after a crash."""
    new_stat: Mapped[list[int] | None] = mapped_column(JsonB)
    """[size, mtime_ns, device, inode] of the new file."""
    audio_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    digest_before: Mapped[bytes | None] = mapped_column(LargeBinary)
    """16 bytes over the whole file before, and after."""
    digest_after: Mapped[bytes | None] = mapped_column(LargeBinary)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TagBlock(Base):
    """What stood in a file around its music before a write; see `blocks`."""

    __tablename__ = "tag_blocks"
    __table_args__ = ({"schema": RAW_SCHEMA},)

    write_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    block: Mapped[bytes] = mapped_column(LargeBinary)
