"""Rules of what is kept of concerts, what each of them fetched, and what its runs did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Double, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import Base, JsonB, SortText, UtcDateTime
from segue.live.models import OWN_ROWS, BigId


class LiveRule(Base):
    """What a person wants to have here of concerts, within a budget: the best recording of each that is found by `query`."""

    __tablename__ = "live_rules"
    __table_args__ = (Index("ix_live_rules_owner", "owner_id", "sort_key", "id"), OWN_ROWS)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(Text)
    sort_key: Mapped[str] = mapped_column(SortText)
    query: Mapped[str] = mapped_column(Text)
    """In the query language, over concerts; its order is the order in which the budget is spent."""
    enabled: Mapped[bool] = mapped_column(Boolean, default=True, server_default="1")
    sources: Mapped[list[Any]] = mapped_column(JsonB)
    """Kinds of sources that may be taken, the preferred one first; empty: any."""
    formats: Mapped[list[Any]] = mapped_column(JsonB)
    """Formats that may be taken, the preferred one first; empty: any."""
    prefer: Mapped[str] = mapped_column(Text)
    """rank or source: what decides among recordings that may be taken."""
    completeness: Mapped[float | None] = mapped_column(Double)
    """The least share of the setlist, 0 to 1; null: it does not matter."""
    unknown_complete: Mapped[bool] = mapped_column(Boolean, default=True, server_default="1")
    """Whether a recording may be taken of which nobody knows how complete it is."""
    budget_bytes: Mapped[int | None] = mapped_column(BigInteger)
    """For all that the rule keeps; null: no limit."""
    keep_current: Mapped[bool] = mapped_column(Boolean, default=True, server_default="1")
    """Fetch a better transfer when one appears."""
    better: Mapped[str] = mapped_column(Text)
    """replace (what this rule fetched before) or add."""
    target: Mapped[str | None] = mapped_column(Text)
    """The library that it goes to (`li-3`); null: that of the settings."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LiveRuleRun(Base):
    """One time that a rule was applied, and what it did."""

    __tablename__ = "live_rule_runs"
    __table_args__ = (Index("ix_live_rule_runs_rule", "rule_id", "id"), OWN_ROWS)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    rule_id: Mapped[int] = mapped_column(ForeignKey("live_rules.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(Text)
    """person, night, mirror or finished (a download that replaces another one has ended)."""
    summary: Mapped[dict[str, Any]] = mapped_column(JsonB)
    """Counts by action and the bytes; what could not be asked for, with its code."""


class LiveRuleDeed(Base):
    """What a rule did for one concert: fetched a recording, perhaps to replace another one, or took that away."""

    __tablename__ = "live_rule_deeds"
    __table_args__ = (
        Index("ix_live_rule_deeds_rule", "rule_id", "id"),
        Index("ix_live_rule_deeds_download", "download_id"),
        OWN_ROWS,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    rule_id: Mapped[int] = mapped_column(ForeignKey("live_rules.id", ondelete="CASCADE"))
    action: Mapped[str] = mapped_column(Text)
    """fetch, replace or remove."""
    concert_uid: Mapped[str] = mapped_column(Text)
    recording_id: Mapped[int] = mapped_column(BigInteger)
    identifier: Mapped[str] = mapped_column(Text)
    download_id: Mapped[int] = mapped_column(BigInteger)
    replaces_id: Mapped[int | None] = mapped_column(BigInteger)
    """The download that is taken away once this one is whole."""
    bytes: Mapped[int | None] = mapped_column(BigInteger)
    reasons: Mapped[list[Any] | None] = mapped_column(JsonB)
    """[code, params] each."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)
