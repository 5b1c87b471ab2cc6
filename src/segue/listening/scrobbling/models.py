"""A person's accounts at services, and what these are still to be told.

What a service has taken is no row any more; the account counts it. A row's `payload` is what is sent, to the letter, however
often it takes, so that a service recognises what it has already.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import Base, JsonB, UtcDateTime

BigId = BigInteger().with_variant(Integer, "sqlite")
OWN_ROWS = {"sqlite_autoincrement": True}


class ScrobbleAccount(Base):
    """One person's account at one service; a person may have several at the same."""

    __tablename__ = "scrobble_accounts"
    __table_args__ = (UniqueConstraint("user_id", "kind", "base_url", "name"), OWN_ROWS)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(Text)
    """lastfm or listenbrainz."""
    base_url: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Where it is, without `/1`; empty: where the settings say."""
    name: Mapped[str] = mapped_column(Text)
    """The user name at the service."""
    label: Mapped[str] = mapped_column(Text, default="", server_default="")
    """What the person calls it."""
    secret: Mapped[str] = mapped_column(Text)
    """The session key or token, encrypted."""
    state: Mapped[str] = mapped_column(Text)
    """active, needs_login (the service does not accept the key any more), or paused (by the person)."""
    choices: Mapped[dict[str, Any]] = mapped_column(JsonB)
    """See `choices.Choices`."""
    may_reach_private: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """1 where an administrator linked it: its address may be inside our own network."""
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """How often in a row sending did not work."""
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Not before; null: at once."""
    error: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    """{code, reason, params, at}: why sending did not work the last time; null where it did."""
    sent: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    """Listens that it has taken."""
    last_sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    loves_imported_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    loves_result: Mapped[dict[str, Any] | None] = mapped_column(JsonB)
    """{loved, found, new}: what the last import of loves came to."""
    linked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReportKey(Base):
    """A session key for a player that asked for one with a token, between a person's yes and the player's coming for it."""

    __tablename__ = "report_keys"

    token_hash: Mapped[str] = mapped_column(Text, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    secret: Mapped[str] = mapped_column(Text)
    """The key, encrypted."""
    approved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Scrobble(Base):
    """Something an account is still to be told: a listen, a love, or that it is none any more."""

    __tablename__ = "scrobbles"
    __table_args__ = (
        Index("ix_scrobbles_account", "account_id", "state", "at", "id"),
        Index("uq_scrobbles_play", "account_id", "play_id", unique=True),
        Index("ix_scrobbles_subject", "account_id", "subject"),
        OWN_ROWS,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("scrobble_accounts.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(BigInteger)
    act: Mapped[str] = mapped_column(Text)
    """listen, love, unlove or hate."""
    play_id: Mapped[int | None] = mapped_column(BigInteger)
    """The play it is about; null for loves."""
    subject: Mapped[str | None] = mapped_column(Text)
    """The track a love is about (`tr-81`); null for listens."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it was listened to, or loved."""
    payload: Mapped[dict[str, Any]] = mapped_column(JsonB)
    """`metadata.listened.Listened` as it is sent."""
    state: Mapped[str] = mapped_column(Text)
    """waiting, or refused by the service."""
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    code: Mapped[str | None] = mapped_column(Text)
    """Why it was refused (`reasons`)."""
    said: Mapped[str | None] = mapped_column(Text)
    """What the service said to it."""
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
