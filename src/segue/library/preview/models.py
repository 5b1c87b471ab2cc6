"""The tables of previews: what was asked, and the changes that were found. They are forgotten after a day."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import RAW_SCHEMA, Base, JsonB, UtcDateTime
from segue.library.models import OWN_ROWS


class ScanPreview(Base):
    """One question what a scan, or other rules, would do to a library."""

    __tablename__ = "scan_previews"
    __table_args__ = (OWN_ROWS,)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("libraries.id", ondelete="CASCADE"), index=True)
    job_id: Mapped[int | None] = mapped_column(BigInteger)
    wanted: Mapped[dict[str, Any]] = mapped_column(JsonB)
    """{folder (hexadecimal), full, rules}."""
    state: Mapped[str] = mapped_column(Text)
    """waiting, done, failed or cancelled."""
    summary: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    """{counts by kind, stopped, files, seconds}."""
    created_by: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class ScanPreviewChange(Base):
    """One change that would be, as compressed JSON; kept beside the raw tags, so that the main database stays small."""

    __tablename__ = "scan_preview_changes"
    __table_args__ = (
        Index("ix_scan_preview_changes_kind", "preview_id", "kind", "place"),
        {"schema": RAW_SCHEMA},
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    preview_id: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(Text)
    place: Mapped[int] = mapped_column(Integer)
    document: Mapped[bytes] = mapped_column(LargeBinary)
