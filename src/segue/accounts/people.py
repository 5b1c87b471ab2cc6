"""People: who there is, and how they come and go."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from segue.accounts import repository, rules
from segue.accounts.access import LibraryGrants
from segue.accounts.app_passwords import AppPasswords
from segue.accounts.errors import (
    BadField,
    GroupNotFound,
    LastAdmin,
    NameTaken,
    SetupDone,
    UserNotFound,
)
from segue.accounts.ground import log, needs_admin, user_name
from segue.accounts.known import Person, people_of
from segue.accounts.passwords import MIN_LENGTH, check_strength, make_login_password
from segue.core.access import SYSTEM, Actor
from segue.core.db import Transaction
from segue.core.errors import Forbidden


@dataclass(frozen=True, slots=True)
class FirstAdmin:
    """The administrator made at the first start. `made_password` is set when none was given: print it, it is kept nowhere."""

    person: Person
    made_password: str | None = field(repr=False)


class People(AppPasswords, LibraryGrants):
    """The verbs about people."""

    # the first account

    async def setup_needed(self) -> bool:
        """Whether nobody has an account yet."""
        async with self._db.read() as conn:
            return not await repository.any_user(conn)

    async def set_up(
        self,
        username: str,
        password: str,
        *,
        app_password: str | None = None,
        display_name: str | None = None,
        email: str | None = None,
        address: str = "",
    ) -> Person:
        """Make the first account, an administrator, with an app password called `First app` where one is given.

        Raises SetupDone when there is an account already, BadField for a weak password or a bad name.
        """
        if not await self.setup_needed():
            raise SetupDone  # before the work of hashing, for anybody may ask
        check_strength("password", password)
        if app_password is not None:
            check_strength("app_password", app_password)
        return await self._make_first(username, password, app_password, display_name, email, address, settings={})

    async def first_admin(
        self, username: str | None = None, password: str | None = None, app_password: str | None = None
    ) -> FirstAdmin | None:
        """At start: make the administrator of a new installation; None where an account exists.

        Without a password one is made. What the operator chose is taken as it is, however short; a weak one is logged.
        """
        if not await self.setup_needed():
            return None
        made = None if password else make_login_password()
        for name, given in (("password", password), ("app_password", app_password)):
            if given:
                check_strength(name, given, at_least=1)
                if len(given) < MIN_LENGTH:
                    log.warning("weak_secret", field=name, advice="Choose one of at least 8 characters.")
        settings = {"welcome": True} if made else {}
        try:
            person = await self._make_first(
                username or "admin", password or made or "", app_password or None, None, None, "", settings=settings
            )
        except SetupDone:  # another process was first
            return None
        return FirstAdmin(person, made)

    async def _make_first(
        self,
        username: str,
        password: str,
        app_password: str | None,
        display_name: str | None,
        email: str | None,
        address: str,
        *,
        settings: dict[str, Any],
    ) -> Person:
        values = self._new_user(username, email, display_name, ["admin"], None, settings)
        values["password_hash"] = await self._passwords.hash(password)
        async with self._change() as tx:
            if await repository.any_user(tx.conn):
                raise SetupDone
            user_id = await self._add_user(tx, values, (), SYSTEM, address)
            if app_password is not None:
                await self._add_app_password(tx, SYSTEM, user_id, "First app", app_password, (), address)
            return await self._person(tx.conn, user_id)

    # people

    async def create_user(
        self,
        actor: Actor,
        username: str,
        password: str,
        *,
        email: str | None = None,
        display_name: str | None = None,
        roles: Collection[str] = ("user",),
        groups: Collection[int] = (),
        libraries: Collection[int] = (),
        time_zone: str | None = None,
        address: str = "",
    ) -> Person:
        """A new account; the very first is an administrator's, whatever its roles.

        Raises AdminOnly, NameTaken, BadField, GroupNotFound.
        """
        needs_admin(actor)
        values = self._new_user(username, email, display_name, roles, time_zone, {})
        check_strength("password", password)
        values["password_hash"] = await self._passwords.hash(password)
        async with self._change() as tx:
            if not await repository.any_user(tx.conn):
                values["roles"] = rules.roles(["admin"])
            user_id = await self._add_user(tx, values, groups, actor, address)
            await repository.set_own_libraries(tx, user_id, libraries)
            return await self._person(tx.conn, user_id)

    async def users(self, actor: Actor, *, after: str | None = None, limit: int = 1000) -> list[Person]:
        """People by username; those after the username `after`. Raises AdminOnly."""
        needs_admin(actor)
        async with self._db.read() as conn:
            key = (rules.login_key(after), 0) if after is not None else None
            return await people_of(conn, list(await repository.get_users(conn, key, limit)))

    async def count_users(self) -> int:
        """How many people have an account."""
        async with self._db.read() as conn:
            return await repository.count_users(conn)

    async def user(self, actor: Actor, user_id: int) -> Person:
        """One person: oneself, or anybody for an administrator. Raises UserNotFound."""
        if not actor.is_admin and actor.user_id != user_id:
            raise UserNotFound(user_name(user_id))
        async with self._db.read() as conn:
            return await self._person(conn, user_id)

    async def find_user(self, actor: Actor, login: str) -> Person:
        """The person with this username or e-mail address. Raises UserNotFound, also for others when not an administrator."""
        async with self._db.read() as conn:
            row = await repository.get_user_by_login(conn, rules.login_key(login))
            if row is None or (not actor.is_admin and row.id != actor.user_id):
                raise UserNotFound(login)
            return (await people_of(conn, [row]))[0]

    async def actor_for(self, user: int | str) -> Actor:
        """Who acts when `user` (their number, username or e-mail address) does. Raises UserNotFound, also when disabled."""
        known = await (
            self._known.person(user) if isinstance(user, int) else self._known.by_login(rules.login_key(user))
        )
        if known is None or known.actor is None:
            raise UserNotFound(user)
        return known.actor

    async def actors(self, user_ids: Collection[int]) -> dict[int, Actor]:
        """Those of these people who may sign in, as who they are when they act."""
        known = {number: await self._known.person(number) for number in set(user_ids)}
        return {number: one.actor for number, one in known.items() if one is not None and one.actor is not None}

    async def oldest_admin(self) -> Actor | None:
        """The administrator who has been here longest; None where nobody has an account yet."""
        async with self._db.read() as conn:
            admins = await repository.get_active_admins(conn)
        found = await self.actors(admins)
        return found[min(found)] if found else None

    async def actor_called(self, name: str) -> Actor | None:
        """The person with this username or e-mail address, where they may sign in."""
        known = await self._known.by_login(rules.login_key(name))
        return None if known is None else known.actor

    async def change_user(self, actor: Actor, user_id: int, changes: dict[str, Any], *, address: str = "") -> Person:
        """Change some of username, email, display_name, time_zone, settings, and for administrators also roles, groups,
        libraries (those opened to this person alone) and disabled (bool). Members that `changes` does not name stay as they are.

        Raises UserNotFound, NameTaken, BadField, LastAdmin, GroupNotFound, Forbidden.
        """
        own = {"email", "display_name", "time_zone", "settings"}
        foreign = changes.keys() - own - {"username", "roles", "groups", "libraries", "disabled"}
        if foreign:
            raise BadField(min(foreign), "unknown_field", f"An account has no {min(foreign)!r} that can be changed.")
        if not actor.is_admin:
            if actor.user_id != user_id:
                raise UserNotFound(user_name(user_id))
            if changes.keys() - own:
                field = min(changes.keys() - own)
                raise Forbidden("not_allowed", f"Only an administrator may change {field!r}.", field=field)
        values = self._changed_values(changes)
        async with self._change() as tx:
            before = await self._person(tx.conn, user_id)
            await self._check_unique(tx, values, user_id)
            if "disabled" in changes:
                disabled = bool(changes["disabled"])
                values["disabled_at"] = (before.disabled_at or self._clock()) if disabled else None
            async with self._telling(tx, [user_id]):
                if values:
                    await repository.update_user(tx, user_id, values)
                if "groups" in changes:
                    await self._check_groups(tx, changes["groups"])
                    await repository.set_groups_of(tx, user_id, changes["groups"])
                if "libraries" in changes:
                    await repository.set_own_libraries(tx, user_id, changes["libraries"])
            if changes.keys() & {"roles", "disabled"} and before.is_admin and before.disabled_at is None:
                await self._keep_an_admin(tx)
            if values.get("disabled_at"):
                await repository.revoke_sessions(tx, user_id, self._clock(), "disabled")
            tx.changed("user", user_id, user_id=user_id)
            await self._record(tx, actor, "user.changed", user_name(user_id), address, fields=sorted(changes))
            return await self._person(tx.conn, user_id)

    async def erase_user(self, actor: Actor, user_id: int, *, address: str = "") -> None:
        """Delete an account and, through `on_user_erased`, everything that is this person's, all in one transaction.

        Raises AdminOnly, UserNotFound, LastAdmin.
        """
        needs_admin(actor)
        async with self._change() as tx:
            person = await self._person(tx.conn, user_id)
            for erase in self.on_user_erased:
                await erase(tx, user_id)
            await repository.delete_user(tx, user_id)
            if person.is_admin and person.disabled_at is None:
                await self._keep_an_admin(tx)
            tx.changed("user", user_id, "delete", user_id=user_id)
            await self._record(tx, actor, "user.erased", user_name(user_id), address)

    # inside

    def _new_user(
        self,
        username: str,
        email: str | None,
        display_name: str | None,
        roles: Collection[str],
        time_zone: str | None,
        settings: dict[str, Any],
    ) -> dict[str, Any]:
        name = rules.username(username)
        return {
            **self._changed_values({"username": name, "email": email, "roles": roles, "time_zone": time_zone}),
            "display_name": rules.display_name(display_name or name),
            "settings": settings,
            "password_changed_at": self._clock(),
            "created_at": self._clock(),
        }

    def _changed_values(self, changes: dict[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        if "username" in changes:
            values["username"] = rules.username(changes["username"])
            values["username_key"] = rules.login_key(values["username"])
        if "email" in changes:
            values["email"] = rules.email(changes["email"])
            values["email_key"] = rules.login_key(values["email"]) if values["email"] else None
        if "display_name" in changes:
            values["display_name"] = rules.display_name(changes["display_name"])
        if "time_zone" in changes:
            values["time_zone"] = rules.time_zone(changes["time_zone"])
        if "roles" in changes:
            values["roles"] = rules.roles(changes["roles"])
        if changes.get("settings") is not None:
            values["settings"] = rules.settings(changes["settings"])
        return values

    async def _add_user(
        self, tx: Transaction, values: dict[str, Any], groups: Collection[int], actor: Actor, address: str
    ) -> int:
        await repository.ensure_everyone(tx, self._clock())
        await self._check_unique(tx, values, 0)
        await self._check_groups(tx, groups)
        user_id = await repository.add_user(tx, values)
        await repository.set_groups_of(tx, user_id, groups)
        tx.changed("user", user_id, user_id=user_id)
        await self._record(tx, actor, "user.created", user_name(user_id), address, roles=values["roles"])
        return user_id

    async def _check_unique(self, tx: Transaction, values: dict[str, Any], user_id: int) -> None:
        for name in ("username", "email"):
            key = values.get(f"{name}_key")
            if key and await repository.is_taken(tx.conn, f"{name}_key", key, except_user=user_id):
                raise NameTaken(name, values[name])

    async def _check_groups(self, tx: Transaction, group_ids: Collection[int]) -> None:
        there = {row.id for row in await repository.get_groups(tx.conn) if not row.builtin}
        for group_id in group_ids:
            if group_id not in there:
                raise GroupNotFound(group_id)

    async def _keep_an_admin(self, tx: Transaction) -> None:
        if not await repository.get_active_admins(tx.conn):
            raise LastAdmin

    async def _person(self, conn: Any, user_id: int) -> Person:
        row = await repository.get_user(conn, user_id)
        if row is None:
            raise UserNotFound(user_name(user_id))
        return (await people_of(conn, [row]))[0]
