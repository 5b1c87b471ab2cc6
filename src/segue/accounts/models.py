"""The tables of accounts.

A secret is never stored readable: login passwords as argon2id, tokens as SHA-256, app passwords (which Subsonic's token
sign-in must be able to compute with) encrypted with the server's key, and beside it a keyed hash to find them by.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from segue.core.db import Base, JsonB, UtcDateTime

RowId = BigInteger().with_variant(Integer, "sqlite")
EVERYONE = "everyone"
"""The built-in group that each person is in without being listed."""


class User(Base):
    """A person. `username_key` and `email_key` are the case-folded forms that must be unique and are signed in with."""

    __tablename__ = "users"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    username: Mapped[str] = mapped_column(Text)
    username_key: Mapped[str] = mapped_column(Text, unique=True)
    email: Mapped[str | None] = mapped_column(Text)
    email_key: Mapped[str | None] = mapped_column(Text, unique=True)
    display_name: Mapped[str] = mapped_column(Text)
    password_hash: Mapped[str] = mapped_column(Text)
    password_changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    roles: Mapped[list[str]] = mapped_column(JsonB)
    time_zone: Mapped[str | None] = mapped_column(Text)
    settings: Mapped[dict[str, Any]] = mapped_column(JsonB)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Group(Base):
    """People who may see the same libraries. `all_libraries` means those to come as well; `builtin` is set for `everyone`."""

    __tablename__ = "groups"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(Text, unique=True)
    builtin: Mapped[str | None] = mapped_column(Text, unique=True)
    all_libraries: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class GroupMember(Base):
    """A person in a group."""

    __tablename__ = "group_members"

    group_id: Mapped[int] = mapped_column(RowId, ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class LibraryAccess(Base):
    """A library that a group may see. The number belongs to the library domain, hence no foreign key."""

    __tablename__ = "library_access"

    group_id: Mapped[int] = mapped_column(RowId, ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True)
    library_id: Mapped[int] = mapped_column(RowId, primary_key=True, index=True)


class UserLibraryAccess(Base):
    """A library that one person may see, whatever their groups see. The number belongs to the library domain."""

    __tablename__ = "user_library_access"

    user_id: Mapped[int] = mapped_column(RowId, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    library_id: Mapped[int] = mapped_column(RowId, primary_key=True, index=True)


class Session(Base):
    """One sign-in: a browser's cookie, or a client's family of refresh tokens, each the child of the one before.

    `key` is its random public name, also in access tokens. `secret_hash` finds it: SHA-256 of the cookie, or of the part
    all refresh tokens of a family share. `token_hash` and `previous_hash` are the family's newest token and the one before.
    """

    __tablename__ = "sessions"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    key: Mapped[str] = mapped_column(Text, unique=True)
    user_id: Mapped[int] = mapped_column(RowId, ForeignKey("users.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(Text)
    secret_hash: Mapped[str] = mapped_column(Text, unique=True)
    token_hash: Mapped[str | None] = mapped_column(Text)
    previous_hash: Mapped[str | None] = mapped_column(Text)
    rotated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    remembered: Mapped[bool] = mapped_column(Boolean, default=False)
    user_agent: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_because: Mapped[str | None] = mapped_column(Text)


class AppPassword(Base):
    """A secret for one app; revoking deletes it. `lookup` is its keyed hash; null for one too short to be a key alone."""

    __tablename__ = "app_passwords"
    __table_args__ = (
        UniqueConstraint("user_id", "name"),
        Index("ix_app_passwords_lookup", "lookup"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    user_id: Mapped[int] = mapped_column(RowId, ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(Text)
    secret_encrypted: Mapped[str] = mapped_column(Text)
    lookup: Mapped[str | None] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(JsonB)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_from: Mapped[str | None] = mapped_column(Text)


class AuditEntry(Base):
    """Who did what to whose account, when and from where. `detail` never holds a secret."""

    __tablename__ = "audit"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor_id: Mapped[int | None] = mapped_column(RowId, index=True)
    actor_name: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    target: Mapped[str | None] = mapped_column(Text, index=True)
    address: Mapped[str] = mapped_column(Text)
    detail: Mapped[dict[str, Any]] = mapped_column(JsonB)


class AccountState(Base):
    """One row. `version` grows with every change of who may do what, so that each process knows its caches are old."""

    __tablename__ = "account_state"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(BigInteger)
