"""The one door to accounts: who people are, how they prove it, what they may see.

`AccountService(db, keys, policy)` has the verbs of its parts: People (accounts), LibraryGrants (who sees a library),
Groups (and the audit), AppPasswords, Sessions, and SignIn (authentication). Other domains get an Actor from it and never a
user.
"""

from __future__ import annotations

from typing import Any

from segue.accounts.access import LibraryAccessView
from segue.accounts.app_passwords import AppPasswordView, MadeAppPassword
from segue.accounts.errors import WrongCredentials, WrongCurrentPassword
from segue.accounts.ground import AccountPolicy, Erased, needs_admin
from segue.accounts.groups import AuditView, Groups, GroupView
from segue.accounts.known import Person
from segue.accounts.passwords import check_strength
from segue.accounts.people import FirstAdmin, People
from segue.accounts.sessions import SessionView, SignedIn
from segue.accounts.sign_in import COOKIE, Identity, SignIn, session_cookie
from segue.core.access import Actor


class AccountService(People, Groups, SignIn):
    """Every verb of accounts; see the parts. Make one a process, and `close` it."""

    async def change_own(
        self,
        actor: Actor,
        changes: dict[str, Any],
        *,
        password: str | None = None,
        current_password: str | None = None,
        keep_session: str | None = None,
        address: str = "",
    ) -> Person:
        """Change one's own account as change_user does, and the login password to `password`.

        A new password or e-mail address needs the present password. Raises WrongCurrentPassword without it, and what
        change_user and set_password raise.
        """
        if password is not None or "email" in changes:
            if password is not None:
                check_strength("password", password)
            try:
                await self.authenticate_password(actor.name, current_password or "", address)
            except WrongCredentials:
                raise WrongCurrentPassword from None
        return await self._change_both(actor, actor.person, changes, password, keep_session, address)

    async def change_account(
        self, actor: Actor, user_id: int, changes: dict[str, Any], *, password: str | None = None, address: str = ""
    ) -> Person:
        """As change_user, with a new login password too; for administrators. Raises AdminOnly and what those raise."""
        needs_admin(actor)
        if password is not None:
            check_strength("password", password)
        return await self._change_both(actor, user_id, changes, password, None, address)

    async def _change_both(
        self,
        actor: Actor,
        user_id: int,
        changes: dict[str, Any],
        password: str | None,
        keep_session: str | None,
        address: str,
    ) -> Person:
        person = await (
            self.change_user(actor, user_id, changes, address=address) if changes else self.user(actor, user_id)
        )
        if password is not None:
            await self.set_password(actor, user_id, password, keep_session=keep_session, address=address)
        return person


__all__ = [
    "COOKIE",
    "AccountPolicy",
    "AccountService",
    "AppPasswordView",
    "AuditView",
    "Erased",
    "FirstAdmin",
    "GroupView",
    "Identity",
    "LibraryAccessView",
    "MadeAppPassword",
    "Person",
    "SessionView",
    "SignedIn",
    "session_cookie",
]
