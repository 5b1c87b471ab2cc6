"""Which concerts people were at. A row outlives every grouping: it keeps the lasting name, artist and date of a concert."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import Base, SortText, UtcDateTime
from segue.live.models import OWN_ROWS, BigId


class LiveAttendance(Base):
    """A person was at a concert. `artist_key`, `artist` and `date` stay readable when the concert is not known any more."""

    __tablename__ = "live_attendance"
    __table_args__ = (
        UniqueConstraint("user_id", "concert_uid"),
        Index("ix_live_attendance_concert", "concert_uid"),
        Index("ix_live_attendance_date", "user_id", "date"),
        OWN_ROWS,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    concert_uid: Mapped[str] = mapped_column(Text)
    artist_key: Mapped[str] = mapped_column(Text)
    artist: Mapped[str] = mapped_column(Text)
    date: Mapped[str] = mapped_column(SortText)
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When they said so."""
