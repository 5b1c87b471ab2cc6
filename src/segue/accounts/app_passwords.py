"""App passwords: a secret for each app, which can be taken back without changing the login password."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from segue.accounts import repository, rules
from segue.accounts.errors import AppPasswordNotFound, BadField, NameTaken
from segue.accounts.ground import Ground, log, user_name
from segue.accounts.passwords import MIN_LENGTH, check_strength, make_key, make_words, normal
from segue.core.access import Actor
from segue.core.db import Transaction
from segue.core.errors import NotFound
from segue.core.ids import format_id
from segue.core.secrets import CannotDecrypt

PURPOSE = "app-password"
MOST = 100
"""App passwords a person; token sign-in tries them one by one."""


@dataclass(frozen=True, slots=True)
class AppPasswordView:
    """An app password without its secret. `readable` is False when it was encrypted with a key that is gone."""

    id: int
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None
    last_used_from: str | None
    readable: bool


@dataclass(frozen=True, slots=True)
class MadeAppPassword:
    """A new app password with its secret, which is shown this once."""

    view: AppPasswordView
    secret: str = field(repr=False)


class AppPasswords(Ground):
    """The verbs about app passwords; each person has their own, and nobody sees another's."""

    def suggest_app_password(self) -> str:
        """Words to offer, new each time and kept nowhere."""
        return make_words()

    async def app_passwords(self, actor: Actor) -> list[AppPasswordView]:
        """The caller's live app passwords, oldest first."""
        async with self._db.read() as conn:
            rows = await repository.get_app_passwords(conn, _person(actor))
        return [self._view(row) for row in rows]

    async def create_app_password(
        self,
        actor: Actor,
        name: str,
        *,
        secret: str | None = None,
        kind: Literal["words", "key"] = "words",
        scopes: Collection[str] = (),
        address: str = "",
    ) -> MadeAppPassword:
        """A new one called `name`, with the words in `secret` or with made ones; `kind` "key" makes a long random key.

        Raises NameTaken, BadField (a weak secret, or the person has 100).
        """
        name = rules.label("name", name)
        if secret is not None:
            check_strength("secret", secret)
        secret = secret if secret is not None else (make_key() if kind == "key" else make_words())
        async with self._change() as tx:
            app_password_id = await self._add_app_password(tx, actor, _person(actor), name, secret, scopes, address)
            rows = await repository.get_app_passwords(tx.conn, _person(actor))
        return MadeAppPassword(next(self._view(row) for row in rows if row.id == app_password_id), secret)

    async def revoke_app_password(self, actor: Actor, app_password_id: int, *, address: str = "") -> None:
        """Take one back; apps that use it are signed out at once. Raises AppPasswordNotFound."""
        async with self._change() as tx:
            rows = await repository.get_app_passwords(tx.conn, _person(actor))
            if app_password_id not in {row.id for row in rows}:
                raise AppPasswordNotFound
            await repository.delete_app_password(tx, app_password_id)
            tx.changed("app_password", app_password_id, "delete", user_id=actor.user_id)
            await self._record(tx, actor, "app_password.revoked", format_id("ap", app_password_id), address)

    async def unreadable_app_passwords(self) -> int:
        """How many were encrypted with a key that is not there any more, for `segue doctor`."""
        async with self._db.read() as conn:
            rows = await repository.get_all_app_passwords(conn)
        return sum(not self._is_readable(row.secret_encrypted) for row in rows)

    async def renew_app_passwords(self) -> int:
        """Encrypt all of them with the present key, after which an older key may be thrown away; how many were."""
        count = 0
        async with self._change() as tx:
            for row in await repository.get_all_app_passwords(tx.conn):
                try:
                    secret = self._keys.decrypt(PURPOSE, row.secret_encrypted)
                except CannotDecrypt:
                    log.warning("app_password_unreadable", id=row.id, user=row.user_id)
                    continue
                await repository.update_app_password(tx, row.id, self._stored(secret))
                count += 1
        return count

    async def _add_app_password(
        self, tx: Transaction, actor: Actor, user_id: int, name: str, secret: str, scopes: Collection[str], address: str
    ) -> int:
        rows = await repository.get_app_passwords(tx.conn, user_id)
        if len(rows) >= MOST:
            raise BadField("name", "too_many", f"There are {MOST} app passwords already; revoke one first.")
        if any(row.name == name for row in rows):
            raise NameTaken("name", name)
        values = {
            **self._stored(normal(secret)),
            "user_id": user_id,
            "name": name,
            "scopes": sorted(set(scopes)),
            "created_at": self._clock(),
        }
        app_password_id = await repository.add_app_password(tx, values)
        tx.changed("app_password", app_password_id, user_id=user_id)
        await self._record(
            tx, actor, "app_password.created", format_id("ap", app_password_id), address, user=user_name(user_id)
        )
        return app_password_id

    def _stored(self, secret: str) -> dict[str, str | None]:
        # one too short to be hard to guess must not, alone and without a name, be anybody's key
        lookup = self._keys.keyed_hash(PURPOSE, secret) if len(secret) >= MIN_LENGTH else None
        return {"secret_encrypted": self._keys.encrypt(PURPOSE, secret), "lookup": lookup}

    def _touch_app_password(self, app_password_id: int, address: str) -> None:
        async def write(tx: Transaction, now: datetime) -> None:
            await repository.touch_app_password(tx, app_password_id, now, address)

        self._touch("app_password", app_password_id, write)

    def _is_readable(self, encrypted: str) -> bool:
        try:
            self._keys.decrypt(PURPOSE, encrypted)
        except CannotDecrypt:
            return False
        return True

    def _view(self, row: repository.AnyRow) -> AppPasswordView:
        return AppPasswordView(
            row.id,
            row.name,
            tuple(row.scopes),
            row.created_at,
            row.last_used_at,
            row.last_used_from,
            self._is_readable(row.secret_encrypted),
        )


def _person(actor: Actor) -> int:
    if actor.user_id is None:
        raise NotFound("no_account", "Segue itself has no account.")
    return actor.user_id
