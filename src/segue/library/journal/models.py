"""The tables of journals: one row a scan that changed something, and the rows as they were before it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import RAW_SCHEMA, Base, JsonB, UtcDateTime
from segue.library.models import OWN_ROWS


class ScanJournal(Base):
    """One scan that changed something. Only the latest of a library has pages, and can be undone."""

    __tablename__ = "scan_journals"
    __table_args__ = (Index("ix_scan_journals_library", "library_id", "id"), OWN_ROWS)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("libraries.id", ondelete="CASCADE"))
    job_id: Mapped[int | None] = mapped_column(BigInteger)
    requested_by: Mapped[int | None] = mapped_column(Integer)
    """The person who asked; null: nobody in particular (a schedule, the watcher, the command line)."""
    full: Mapped[bool] = mapped_column(Boolean, default=False)
    first: Mapped[bool] = mapped_column(Boolean, default=False)
    """The first scan of the library: it is listed, and cannot be undone."""
    state: Mapped[str] = mapped_column(Text)
    """open, done, undoing or undone."""
    counts: Mapped[dict[str, Any]] = mapped_column(JsonB)
    """{added, changed, moved, came_back, missing, albums_added, split, merged}."""
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undo_job_id: Mapped[int | None] = mapped_column(BigInteger)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by: Mapped[int | None] = mapped_column(Integer)


class ScanJournalPage(Base):
    """What one transaction of a scan found and made, as compressed JSON; see `images`."""

    __tablename__ = "scan_journal_pages"
    __table_args__ = (Index("ix_scan_journal_pages_journal", "journal_id", "id"), {"schema": RAW_SCHEMA})

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    journal_id: Mapped[int] = mapped_column(Integer)
    library_id: Mapped[int] = mapped_column(Integer)
    document: Mapped[bytes] = mapped_column(LargeBinary)
