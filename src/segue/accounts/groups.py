"""Groups: which people may see which libraries. And the audit of all that was changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from segue.accounts import repository, rules
from segue.accounts.access import LibraryGrants
from segue.accounts.errors import BuiltinGroup, GroupNotFound, NameTaken, UserNotFound
from segue.accounts.ground import needs_admin, user_name
from segue.core.access import Actor
from segue.core.db import Transaction
from segue.core.ids import format_id


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group with its members and libraries. `builtin` is the one that everybody is in without being a member."""

    id: int
    name: str
    builtin: bool
    all_libraries: bool
    libraries: tuple[int, ...]
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AuditView:
    """One entry of the audit."""

    id: int
    at: datetime
    actor_id: int | None
    actor_name: str
    action: str
    target: str | None
    address: str
    detail: dict[str, Any]


class Groups(LibraryGrants):
    """The verbs about groups."""

    async def groups(self, actor: Actor) -> list[GroupView]:
        """Every group, that of everyone first. Raises AdminOnly."""
        needs_admin(actor)
        async with self._db.read() as conn:
            rows = await repository.get_groups(conn)
            views = await self._views(conn, rows)
        return sorted(views, key=lambda group: (not group.builtin, group.id))

    async def create_group(
        self,
        actor: Actor,
        name: str,
        *,
        all_libraries: bool = False,
        libraries: Collection[int] = (),
        members: Collection[int] = (),
        address: str = "",
    ) -> GroupView:
        """A new group. Raises AdminOnly, NameTaken, BadField, UserNotFound."""
        needs_admin(actor)
        name = rules.label("name", name)
        async with self._change() as tx:
            await repository.ensure_everyone(tx, self._clock())
            await self._check_group_name(tx, name, 0)
            key = rules.login_key(name)
            values = {"name": name, "name_key": key, "all_libraries": all_libraries, "created_at": self._clock()}
            group_id = await repository.add_group(tx, values)
            async with self._telling(tx, members):
                await repository.set_library_access(tx, group_id, libraries)
                await self._set_members(tx, group_id, members)
            tx.changed("group", group_id)
            await self._record(tx, actor, "group.created", format_id("gr", group_id), address)
            return (await self._views(tx.conn, await repository.get_groups(tx.conn, group_id)))[0]

    async def change_group(
        self, actor: Actor, group_id: int, changes: dict[str, Any], *, address: str = ""
    ) -> GroupView:
        """Change some of name, all_libraries, libraries, members. Raises AdminOnly, GroupNotFound, NameTaken,
        BuiltinGroup, BadField, UserNotFound."""
        needs_admin(actor)
        async with self._change() as tx:
            await repository.ensure_everyone(tx, self._clock())
            group = await self._group(tx, group_id)
            values: dict[str, Any] = {}
            if changes.keys() & {"name", "members"} and group.builtin:
                raise BuiltinGroup
            if "name" in changes:
                name = rules.label("name", changes["name"])
                await self._check_group_name(tx, name, group_id)
                values |= {"name": name, "name_key": rules.login_key(name)}
            if "all_libraries" in changes:
                values["all_libraries"] = bool(changes["all_libraries"])
            async with self._telling(tx, await self._touched_by(tx, group, changes)):
                if values:
                    await repository.update_group(tx, group_id, values)
                if "libraries" in changes:
                    await repository.set_library_access(tx, group_id, changes["libraries"])
                if "members" in changes:
                    await self._set_members(tx, group_id, changes["members"])
            tx.changed("group", group_id)
            await self._record(tx, actor, "group.changed", format_id("gr", group_id), address, fields=sorted(changes))
            return (await self._views(tx.conn, await repository.get_groups(tx.conn, group_id)))[0]

    async def delete_group(self, actor: Actor, group_id: int, *, address: str = "") -> None:
        """Raises AdminOnly, GroupNotFound, BuiltinGroup."""
        needs_admin(actor)
        async with self._change() as tx:
            group = await self._group(tx, group_id)
            if group.builtin:
                raise BuiltinGroup
            async with self._telling(tx, await self._touched_by(tx, group, {})):
                await repository.delete_group(tx, group_id)
            tx.changed("group", group_id, "delete")
            await self._record(tx, actor, "group.deleted", format_id("gr", group_id), address)

    async def library_deleted(self, tx: Transaction, library_id: int) -> None:
        """A hook for the library domain: nobody has access to what is gone."""
        await repository.raise_version(tx)
        tx.after_commit(self._known.forget)
        await repository.forget_library(tx, library_id)

    async def audit(self, actor: Actor, *, before_id: int | None = None, limit: int = 50) -> list[AuditView]:
        """The newest entries first. Raises AdminOnly."""
        needs_admin(actor)
        async with self._db.read() as conn:
            rows = await repository.get_audit(conn, before_id, limit)
        return [
            AuditView(row.id, row.at, row.actor_id, row.actor_name, row.action, row.target, row.address, row.detail)
            for row in rows
        ]

    async def _group(self, tx: Transaction, group_id: int) -> Any:
        rows = await repository.get_groups(tx.conn, group_id)
        if not rows:
            raise GroupNotFound(group_id)
        return rows[0]

    async def _touched_by(self, tx: Transaction, group: Any, changes: dict[str, Any]) -> set[int] | None:
        """The people who may see more or less by a change of this group; None for everybody."""
        if group.builtin:
            return None
        members = (await repository.get_members(tx.conn, [group.id]))[group.id]
        return {*members, *changes.get("members", ())}

    async def _check_group_name(self, tx: Transaction, name: str, group_id: int) -> None:
        if await repository.is_group_name_taken(tx.conn, rules.login_key(name), except_group=group_id):
            raise NameTaken("name", name)

    async def _set_members(self, tx: Transaction, group_id: int, members: Collection[int]) -> None:
        there = await repository.get_existing_users(tx.conn, members)
        for user_id in members:
            if user_id not in there:
                raise UserNotFound(user_name(user_id))
        await repository.set_members(tx, group_id, members)

    async def _views(self, conn: Any, rows: Sequence[Any]) -> list[GroupView]:
        ids = [row.id for row in rows]
        members = await repository.get_members(conn, ids)
        libraries = await repository.get_library_access(conn, ids)
        return [
            GroupView(
                row.id, row.name, bool(row.builtin), row.all_libraries, tuple(libraries[row.id]), tuple(members[row.id])
            )
            for row in rows
        ]
