"""What lies in inboxes, and the journal of what was moved out of them.

An item is one album's folder. A file's row goes `found` → `moving` (its new place is kept before anything happens) →
`moved`, and back by `returning` → `found`. A crash leaves a row that says where the file can be.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import Base, JsonB, UtcDateTime
from segue.library.models import OWN_ROWS


class InboxItem(Base):
    """A folder of the inbox with music in it."""

    __tablename__ = "inbox_items"
    __table_args__ = (Index("ix_inbox_items_library", "library_id", "state", "id"), OWN_ROWS)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("libraries.id", ondelete="CASCADE"))
    root: Mapped[bytes] = mapped_column(LargeBinary)
    """The inbox it was found in, absolute."""
    folder: Mapped[bytes] = mapped_column(LargeBinary)
    """Relative to that; empty for what lies in the inbox itself."""
    display_folder: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    """Over the names, sizes and times of everything in it."""
    state: Mapped[str] = mapped_column(Text)
    """new, checked, approved, moving, moved, rejected, returning, undone, problem."""
    code: Mapped[str | None] = mapped_column(Text)
    params: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    after: Mapped[str | None] = mapped_column(Text)
    """While returning: what it is when everything is back, undone or problem."""
    checks: Mapped[list[Any]] = mapped_column(JsonB)
    """[[code, severity, params], …]; severity is stop, doubt or note."""
    summary: Mapped[dict[str, Any]] = mapped_column(JsonB)
    """{title, artist, year, tracks, duration_ms, size_bytes, artwork}: as the tags say."""
    edits: Mapped[dict[str, Any]] = mapped_column(JsonB)
    """{album: {field: value}, tracks: {file: {field: value}}}; they become edits of the tracks."""
    template: Mapped[str | None] = mapped_column(Text)
    """A path template for this album alone."""
    made_folders: Mapped[list[str] | None] = mapped_column(JsonB)
    """Folders made in the library for it, absolute, as hexadecimal bytes."""
    edits_applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(Integer)
    """Who approved or rejected it; null for nobody, or the library's option `auto`."""
    job_id: Mapped[int | None] = mapped_column(BigInteger)


class InboxFile(Base):
    """A file of an item: music, or something that goes along with it."""

    __tablename__ = "inbox_files"
    __table_args__ = (UniqueConstraint("item_id", "path"), OWN_ROWS)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("inbox_items.id", ondelete="CASCADE"))
    path: Mapped[bytes] = mapped_column(LargeBinary)
    """Relative to the inbox."""
    display_path: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    """audio or sidecar."""
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    mtime_ns: Mapped[int] = mapped_column(BigInteger)
    document: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What the tags say; see `scan.documents`. Null for what is no music."""
    facts: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    """{format, codec, lossless, duration_ms, bit_depth, sample_rate_hz, bitrate_kbps, pictures}."""
    audio_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    problem_code: Mapped[str | None] = mapped_column(Text)
    problem_params: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    state: Mapped[str] = mapped_column(Text)
    """found, moving, moved, returning."""
    code: Mapped[str | None] = mapped_column(Text)
    params: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    target: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Its place in the library, absolute."""
    temporary: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The name under which a copy is made, absolute."""
    stat: Mapped[list[int] | None] = mapped_column(JsonB)
    """[size, mtime_ns, device, inode] of the file that is moved, where it is moved from."""
    digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    """16 bytes over the whole file, where it is copied."""
    placed: Mapped[list[int] | None] = mapped_column(JsonB)
    """[size, mtime_ns, device, inode] in its new place."""
