"""Every query of accounts. Reads take a connection, writes a transaction; rules live in the service."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, exists, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.accounts.models import (
    EVERYONE,
    AccountState,
    AppPassword,
    AuditEntry,
    Group,
    GroupMember,
    LibraryAccess,
    Session,
    User,
    UserLibraryAccess,
)
from segue.core.db import Transaction

USER = User.__table__
GROUP = Group.__table__
SESSION = Session.__table__
APP_PASSWORD = AppPassword.__table__

AnyRow = Row[Any]


async def get_version(conn: AsyncConnection) -> int:
    """The number that grows with each change of who may do what; 0 before the first."""
    return int(await conn.scalar(select(AccountState.version).where(AccountState.id == 1)) or 0)


async def raise_version(tx: Transaction) -> None:
    """Count one change. Its row lock also makes such changes wait for one another on PostgreSQL."""
    upsert = (sqlite_insert if tx.dialect == "sqlite" else postgresql_insert)(AccountState)
    statement = upsert.values(id=1, version=1)
    await tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"version": AccountState.version + 1}))


# people


async def any_user(conn: AsyncConnection) -> bool:
    return bool(await conn.scalar(select(exists().select_from(User))))


async def get_user(conn: AsyncConnection, user_id: int) -> AnyRow | None:
    return (await conn.execute(select(USER).where(USER.c.id == user_id))).first()


async def get_user_by_login(conn: AsyncConnection, key: str) -> AnyRow | None:
    """The person with this username or e-mail address, case folded."""
    found = select(USER).where(or_(USER.c.username_key == key, USER.c.email_key == key))
    return (await conn.execute(found)).first()


async def get_users(conn: AsyncConnection, after: tuple[str, int] | None, limit: int) -> Sequence[AnyRow]:
    """`limit` people by username, those after (username_key, id)."""
    rows = select(USER).order_by(USER.c.username_key, USER.c.id).limit(limit)
    if after:
        rows = rows.where(USER.c.username_key > after[0])
    return (await conn.execute(rows)).all()


async def count_users(conn: AsyncConnection) -> int:
    return int(await conn.scalar(select(func.count()).select_from(User)) or 0)


async def get_active_admins(conn: AsyncConnection) -> set[int]:
    """Ids of the people who are administrators and not disabled."""
    rows = await conn.execute(select(USER.c.id, USER.c.roles).where(USER.c.disabled_at.is_(None)))
    return {row.id for row in rows if "admin" in row.roles}


async def is_taken(conn: AsyncConnection, column: str, key: str, *, except_user: int = 0) -> bool:
    """Whether another person has this `username_key` or `email_key`."""
    taken = exists().where(USER.c[column] == key, USER.c.id != except_user)
    return bool(await conn.scalar(select(taken)))


async def add_user(tx: Transaction, values: Mapping[str, Any]) -> int:
    return int(await tx.scalar(insert(User).values(**values).returning(User.id)))


async def update_user(tx: Transaction, user_id: int, values: Mapping[str, Any]) -> None:
    await tx.execute(update(User).where(User.id == user_id).values(**values))


async def delete_user(tx: Transaction, user_id: int) -> None:
    """The person's rows, all of them; their name and addresses leave the audit as well."""
    for table in (GroupMember, UserLibraryAccess, Session, AppPassword):
        await tx.execute(delete(table).where(table.user_id == user_id))
    own = or_(AuditEntry.actor_id == user_id, AuditEntry.target == f"us-{user_id}")
    await tx.execute(
        update(AuditEntry).where(AuditEntry.actor_id == user_id).values(actor_id=None, actor_name="", address="")
    )
    await tx.execute(update(AuditEntry).where(own).values(detail={}))
    await tx.execute(delete(User).where(User.id == user_id))


# groups and what they may see


async def ensure_everyone(tx: Transaction, now: datetime) -> None:
    """The built-in group, which sees every library until somebody says otherwise."""
    upsert = (sqlite_insert if tx.dialect == "sqlite" else postgresql_insert)(Group)
    values = {"name": "Everyone", "name_key": EVERYONE, "builtin": EVERYONE, "all_libraries": True, "created_at": now}
    await tx.execute(upsert.values(**values).on_conflict_do_nothing())


async def get_groups(conn: AsyncConnection, group_id: int | None = None) -> Sequence[AnyRow]:
    rows = select(GROUP).order_by(GROUP.c.id)
    if group_id is not None:
        rows = rows.where(GROUP.c.id == group_id)
    return (await conn.execute(rows)).all()


async def get_members(conn: AsyncConnection, group_ids: Collection[int]) -> dict[int, list[int]]:
    """The people listed in each group."""
    members: dict[int, list[int]] = {group_id: [] for group_id in group_ids}
    rows = await conn.execute(
        select(GroupMember.group_id, GroupMember.user_id)
        .where(GroupMember.group_id.in_(group_ids))
        .order_by(GroupMember.user_id)
    )
    for row in rows:
        members[row.group_id].append(row.user_id)
    return members


async def get_library_access(conn: AsyncConnection, group_ids: Collection[int]) -> dict[int, list[int]]:
    """The libraries opened to each group one by one."""
    libraries: dict[int, list[int]] = {group_id: [] for group_id in group_ids}
    rows = await conn.execute(
        select(LibraryAccess.group_id, LibraryAccess.library_id)
        .where(LibraryAccess.group_id.in_(group_ids))
        .order_by(LibraryAccess.library_id)
    )
    for row in rows:
        libraries[row.group_id].append(row.library_id)
    return libraries


async def get_groups_of(conn: AsyncConnection, user_ids: Collection[int]) -> dict[int, list[int]]:
    """The groups each person is listed in; that of everyone is not listed."""
    groups: dict[int, list[int]] = {user_id: [] for user_id in user_ids}
    rows = await conn.execute(
        select(GroupMember.user_id, GroupMember.group_id)
        .where(GroupMember.user_id.in_(user_ids))
        .order_by(GroupMember.group_id)
    )
    for row in rows:
        groups[row.user_id].append(row.group_id)
    return groups


async def add_group(tx: Transaction, values: Mapping[str, Any]) -> int:
    return int(await tx.scalar(insert(Group).values(**values).returning(Group.id)))


async def is_group_name_taken(conn: AsyncConnection, key: str, *, except_group: int = 0) -> bool:
    return bool(await conn.scalar(select(exists().where(GROUP.c.name_key == key, GROUP.c.id != except_group))))


async def update_group(tx: Transaction, group_id: int, values: Mapping[str, Any]) -> None:
    await tx.execute(update(Group).where(Group.id == group_id).values(**values))


async def delete_group(tx: Transaction, group_id: int) -> None:
    for table in (GroupMember, LibraryAccess):
        await tx.execute(delete(table).where(table.group_id == group_id))
    await tx.execute(delete(Group).where(Group.id == group_id))


async def set_members(tx: Transaction, group_id: int, user_ids: Collection[int]) -> None:
    await tx.execute(delete(GroupMember).where(GroupMember.group_id == group_id))
    if user_ids:
        rows = [{"group_id": group_id, "user_id": user_id} for user_id in sorted(set(user_ids))]
        await tx.execute(insert(GroupMember), rows)


async def set_groups_of(tx: Transaction, user_id: int, group_ids: Collection[int]) -> None:
    await tx.execute(delete(GroupMember).where(GroupMember.user_id == user_id))
    if group_ids:
        rows = [{"group_id": group_id, "user_id": user_id} for group_id in sorted(set(group_ids))]
        await tx.execute(insert(GroupMember), rows)


async def set_library_access(tx: Transaction, group_id: int, library_ids: Collection[int]) -> None:
    await tx.execute(delete(LibraryAccess).where(LibraryAccess.group_id == group_id))
    if library_ids:
        rows = [{"group_id": group_id, "library_id": library_id} for library_id in sorted(set(library_ids))]
        await tx.execute(insert(LibraryAccess), rows)


async def get_own_libraries(conn: AsyncConnection, user_ids: Collection[int]) -> dict[int, list[int]]:
    """The libraries opened to each of these people themselves."""
    libraries: dict[int, list[int]] = {user_id: [] for user_id in user_ids}
    rows = await conn.execute(
        select(UserLibraryAccess.user_id, UserLibraryAccess.library_id)
        .where(UserLibraryAccess.user_id.in_(user_ids))
        .order_by(UserLibraryAccess.library_id)
    )
    for row in rows:
        libraries[row.user_id].append(row.library_id)
    return libraries


async def set_own_libraries(tx: Transaction, user_id: int, library_ids: Collection[int]) -> None:
    await tx.execute(delete(UserLibraryAccess).where(UserLibraryAccess.user_id == user_id))
    if library_ids:
        rows = [{"user_id": user_id, "library_id": library_id} for library_id in sorted(set(library_ids))]
        await tx.execute(insert(UserLibraryAccess), rows)


async def get_guests(conn: AsyncConnection, library_id: int) -> set[int]:
    """The people to whom this library is opened themselves."""
    found = select(UserLibraryAccess.user_id).where(UserLibraryAccess.library_id == library_id)
    return set(await conn.scalars(found))


async def set_guests(tx: Transaction, library_id: int, user_ids: Collection[int]) -> None:
    """Open a library to exactly these people, besides those whose groups see it."""
    await tx.execute(delete(UserLibraryAccess).where(UserLibraryAccess.library_id == library_id))
    if user_ids:
        rows = [{"user_id": user_id, "library_id": library_id} for user_id in sorted(set(user_ids))]
        await tx.execute(insert(UserLibraryAccess), rows)


async def get_all_users(conn: AsyncConnection, user_ids: Collection[int] | None = None) -> Sequence[AnyRow]:
    """These people, or everybody, by number."""
    rows = select(USER).order_by(USER.c.id)
    if user_ids is not None:
        rows = rows.where(USER.c.id.in_(user_ids))
    return (await conn.execute(rows)).all()


async def forget_library(tx: Transaction, library_id: int) -> None:
    for table in (LibraryAccess, UserLibraryAccess):
        await tx.execute(delete(table).where(table.library_id == library_id))


async def get_existing_users(conn: AsyncConnection, user_ids: Collection[int]) -> set[int]:
    return set((await conn.scalars(select(USER.c.id).where(USER.c.id.in_(user_ids)))).all())


# what happened


async def add_audit(tx: Transaction, values: Mapping[str, Any]) -> None:
    await tx.execute(insert(AuditEntry).values(**values))


async def get_audit(conn: AsyncConnection, before_id: int | None, limit: int) -> Sequence[AnyRow]:
    """The newest entries first, those before `before_id`."""
    table = AuditEntry.__table__
    rows = select(table).order_by(table.c.id.desc()).limit(limit)
    if before_id is not None:
        rows = rows.where(table.c.id < before_id)
    return (await conn.execute(rows)).all()


async def delete_audit_before(tx: Transaction, before: datetime) -> int:
    return (await tx.execute(delete(AuditEntry).where(AuditEntry.at < before))).rowcount


# sessions


async def add_session(tx: Transaction, values: Mapping[str, Any]) -> int:
    return int(await tx.scalar(insert(Session).values(**values).returning(Session.id)))


async def get_session(conn: AsyncConnection, key: str) -> AnyRow | None:
    return (await conn.execute(select(SESSION).where(SESSION.c.key == key))).first()


async def get_session_by_secret(conn: AsyncConnection, secret_hash: str) -> AnyRow | None:
    return (await conn.execute(select(SESSION).where(SESSION.c.secret_hash == secret_hash))).first()


async def lock_session_by_secret(tx: Transaction, secret_hash: str) -> AnyRow | None:
    """As get_session_by_secret, and nobody else changes it until this transaction ends."""
    return (await tx.execute(select(SESSION).where(SESSION.c.secret_hash == secret_hash).with_for_update())).first()


async def get_live_sessions(conn: AsyncConnection, user_id: int, now: datetime) -> Sequence[AnyRow]:
    live = and_(SESSION.c.user_id == user_id, SESSION.c.revoked_at.is_(None), SESSION.c.expires_at > now)
    return (await conn.execute(select(SESSION).where(live).order_by(SESSION.c.last_used_at.desc(), SESSION.c.id))).all()


async def update_session(tx: Transaction, session_id: int, values: Mapping[str, Any]) -> None:
    await tx.execute(update(Session).where(Session.id == session_id).values(**values))


async def revoke_sessions(
    tx: Transaction, user_id: int, now: datetime, because: str, *, except_key: str | None = None
) -> int:
    """End the person's live sessions, all or all but one; how many."""
    ended = update(Session).where(Session.user_id == user_id, Session.revoked_at.is_(None))
    if except_key is not None:
        ended = ended.where(Session.key != except_key)
    return (await tx.execute(ended.values(revoked_at=now, revoked_because=because))).rowcount


async def delete_ended_sessions(tx: Transaction, before: datetime) -> int:
    """Sessions that expired or were revoked before `before`."""
    ended = or_(Session.expires_at < before, Session.revoked_at < before)
    return (await tx.execute(delete(Session).where(ended))).rowcount


# app passwords


async def get_app_passwords(conn: AsyncConnection, user_id: int) -> Sequence[AnyRow]:
    """The person's app passwords, oldest first."""
    mine = select(APP_PASSWORD).where(APP_PASSWORD.c.user_id == user_id)
    return (await conn.execute(mine.order_by(APP_PASSWORD.c.id))).all()


async def get_all_app_passwords(conn: AsyncConnection) -> Sequence[AnyRow]:
    return (await conn.execute(select(APP_PASSWORD).order_by(APP_PASSWORD.c.id))).all()


async def get_app_passwords_by_lookup(conn: AsyncConnection, lookups: Collection[str]) -> Sequence[AnyRow]:
    """App passwords, of whomever, with one of these keyed hashes; two rows mean that two people chose alike."""
    return (await conn.execute(select(APP_PASSWORD).where(APP_PASSWORD.c.lookup.in_(lookups)).limit(2))).all()


async def add_app_password(tx: Transaction, values: Mapping[str, Any]) -> int:
    return int(await tx.scalar(insert(AppPassword).values(**values).returning(AppPassword.id)))


async def update_app_password(tx: Transaction, app_password_id: int, values: Mapping[str, Any]) -> None:
    await tx.execute(update(AppPassword).where(AppPassword.id == app_password_id).values(**values))


async def touch_app_password(tx: Transaction, app_password_id: int, now: datetime, address: str) -> None:
    """Write when and from where it was last used; never an earlier time over a later one."""
    older = or_(AppPassword.last_used_at.is_(None), AppPassword.last_used_at < now)
    touched = update(AppPassword).where(AppPassword.id == app_password_id, older)
    await tx.execute(touched.values(last_used_at=now, last_used_from=address))


async def delete_app_password(tx: Transaction, app_password_id: int) -> None:
    await tx.execute(delete(AppPassword).where(AppPassword.id == app_password_id))
