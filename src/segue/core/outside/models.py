"""What all processes share about outside services: whose turn it is, what was counted, and what was answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Float, Index, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import RAW_SCHEMA, Base, JsonB, UtcDateTime


class OutsideGate(Base):
    """One service at one address (`lastfm@ws.audioscrobbler.com`): its turns, its breaker, its "wait" (`gate.Gate`)."""

    __tablename__ = "outside_gates"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    service: Mapped[str] = mapped_column(Text)
    state: Mapped[dict[str, Any]] = mapped_column(JsonB)
    last_fault: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    """{code, reason, message, kind, at} of the newest fault."""
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OutsideTotal(Base):
    """How many questions of a kind came to what since this database exists, with the seconds they took and were waited
    for: for /metrics."""

    __tablename__ = "outside_totals"

    service: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    outcome: Mapped[str] = mapped_column(Text, primary_key=True)
    """ok, none, throttled, quota, auth, transient, bug; cached and stale where nobody was asked or the answer was old."""
    count: Mapped[int] = mapped_column(BigInteger)
    seconds: Mapped[float] = mapped_column(Float)
    waited_s: Mapped[float] = mapped_column(Float)


class OutsideAnswer(Base):
    """What a service answered, as it said it, so that a better parser can read it again without asking.

    `key` is a hash of service, kind and name; no question with a secret in it is kept.
    """

    __tablename__ = "outside_answers"
    __table_args__ = (
        Index("ix_outside_answers_keep_until", "keep_until"),
        Index("ix_outside_answers_service", "service", "kind"),
        {"schema": RAW_SCHEMA},
    )

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    service: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    """What was asked."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    fresh_until: Mapped[datetime] = mapped_column(UtcDateTime)
    keep_until: Mapped[datetime] = mapped_column(UtcDateTime)
    is_none: Mapped[bool] = mapped_column(Boolean)
    status: Mapped[int] = mapped_column(Integer)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    """The answer's body, zstd."""
