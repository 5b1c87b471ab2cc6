"""Sessions: signing in, staying signed in, signing out, and changing the password that all of it rests on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from segue.accounts import repository
from segue.accounts.errors import InvalidRefreshToken, SessionNotFound, UserNotFound, WrongCredentials
from segue.accounts.ground import Ground, log, needs_admin, user_name
from segue.accounts.known import Known, KnownSession, Person, people_of
from segue.accounts.passwords import check_strength
from segue.accounts.tokens import REFRESH_PREFIX, family_of, first_refresh_token, make_cookie, next_refresh_token
from segue.core.access import Actor
from segue.core.db import Transaction
from segue.core.secrets import random_token, sha256_hex

MAX_USER_AGENT = 300


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a sign-in or a refresh gives. A browser gets `cookie` and no refresh token; a client the reverse.

    `cookie_max_age_s` is None for a cookie that ends with the browser.
    """

    person: Person
    session_key: str
    access_token: str = field(repr=False)
    expires_in_s: int
    refresh_token: str | None = field(default=None, repr=False)
    cookie: str | None = field(default=None, repr=False)
    cookie_max_age_s: int | None = None


@dataclass(frozen=True, slots=True)
class SessionView:
    """One place where a person is signed in."""

    key: str
    kind: Literal["browser", "client"]
    user_agent: str
    address: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    current: bool


class Sessions(Ground):
    """The verbs about sessions."""

    async def start_session(
        self, known: Known, *, browser: bool = False, remember: bool = True, address: str = "", user_agent: str = ""
    ) -> SignedIn:
        """Sign in a person who was just verified. Raises WrongCredentials when the password was changed meanwhile."""
        now = self._clock()
        secret = make_cookie() if browser else first_refresh_token()
        life = self._cookie_life(remember) if browser else self._refresh_life
        values = {
            "key": random_token(size=12),
            "user_id": known.person.id,
            "kind": "browser" if browser else "client",
            "secret_hash": sha256_hex(secret if browser else family_of(secret)),
            "token_hash": None if browser else sha256_hex(secret),
            "remembered": remember,
            "user_agent": _printable(user_agent),
            "address": address,
            "created_at": now,
            "last_used_at": now,
            "expires_at": now + life,
        }
        async with self._db.write() as tx:
            row = await repository.get_user(tx.conn, known.person.id)
            if row is None or row.disabled_at is not None or row.password_changed_at != known.password_changed_at:
                raise WrongCredentials
            session_id = await repository.add_session(tx, values)
            tx.changed("session", session_id, user_id=known.person.id)
            await self._record(tx, _actor_of(known), "session.started", user_name(known.person.id), address)
        return SignedIn(
            person=known.person,
            session_key=str(values["key"]),
            access_token=self._access_token(known.person.id, str(values["key"])),
            expires_in_s=self.policy.access_minutes * 60,
            refresh_token=None if browser else secret,
            cookie=secret if browser else None,
            cookie_max_age_s=int(life.total_seconds()) if browser and remember else None,
        )

    async def refresh(self, refresh_token: str, *, address: str = "", user_agent: str = "") -> SignedIn:
        """A new access token and the next refresh token, for the present one.

        A token used twice means that two parties have it: the whole family ends. The one exception is the same client
        asking again within `refresh_grace_s`, as two tabs do; it gets the same answer. Raises InvalidRefreshToken.
        """
        if not refresh_token.startswith(REFRESH_PREFIX) or len(refresh_token) > 200:
            raise InvalidRefreshToken
        secret_hash, token_hash = sha256_hex(family_of(refresh_token)), sha256_hex(refresh_token)
        successor = next_refresh_token(self._keys, refresh_token)
        now = self._clock()
        async with self._db.write() as tx:
            row = await repository.lock_session_by_secret(tx, secret_hash)
            person = await self._owner(tx, row, now)
            if row is None or person is None:
                raise InvalidRefreshToken
            if row.token_hash == token_hash:
                values = {
                    "token_hash": sha256_hex(successor),
                    "previous_hash": token_hash,
                    "rotated_at": now,
                    "last_used_at": now,
                    "expires_at": now + self._refresh_life,
                    "user_agent": _printable(user_agent),
                    "address": address,
                }
                await repository.update_session(tx, row.id, values)
                return self._refreshed(person, row.key, successor)
            if self._is_racing(row, token_hash, successor, user_agent, now):
                return self._refreshed(person, row.key, successor)
        await self._end_reused(secret_hash, address)
        raise InvalidRefreshToken

    async def sign_out(self, session_key: str, *, address: str = "") -> None:
        """End a session; a session that is not there is ended already."""
        async with self._change() as tx:
            row = await repository.get_session(tx.conn, session_key)
            if row is not None and row.revoked_at is None:
                await self._end(tx, row, "signed out", self._clock())
                await self._record(tx, _nobody(row), "session.ended", user_name(row.user_id), address)

    async def sign_out_refresh_token(self, refresh_token: str, *, address: str = "") -> None:
        """End the session of a refresh token, whichever of its family it is."""
        async with self._db.read() as conn:
            row = await repository.get_session_by_secret(conn, sha256_hex(family_of(refresh_token)))
        if row is not None and row.kind == "client":
            await self.sign_out(row.key, address=address)

    async def sessions(self, actor: Actor, *, current: str | None = None) -> list[SessionView]:
        """Where the caller is signed in, last used first; `current` is the key of the session that asks."""
        async with self._db.read() as conn:
            rows = await repository.get_live_sessions(conn, actor.person, self._clock())
        return [
            SessionView(
                row.key,
                row.kind,
                row.user_agent,
                row.address,
                row.created_at,
                row.last_used_at,
                row.expires_at,
                row.key == current,
            )
            for row in rows
        ]

    async def revoke_session(self, actor: Actor, session_key: str, *, address: str = "") -> None:
        """End one of the caller's sessions. Raises SessionNotFound."""
        async with self._change() as tx:
            row = await repository.get_session(tx.conn, session_key)
            if row is None or row.user_id != actor.user_id or row.revoked_at is not None:
                raise SessionNotFound
            await self._end(tx, row, "revoked", self._clock())
            await self._record(tx, actor, "session.revoked", user_name(row.user_id), address)

    async def set_password(
        self, actor: Actor, user_id: int, password: str, *, keep_session: str | None = None, address: str = ""
    ) -> None:
        """Give a person a new login password; every session but `keep_session` ends, app passwords stay.

        For the person themselves (after the old one was verified) and administrators.
        Raises UserNotFound, BadField.
        """
        if actor.user_id != user_id:
            needs_admin(actor)
        check_strength("password", password)
        password_hash = await self._passwords.hash(password)
        now = self._clock()
        async with self._change() as tx:
            if await repository.get_user(tx.conn, user_id) is None:
                raise UserNotFound(user_name(user_id))
            await repository.update_user(tx, user_id, {"password_hash": password_hash, "password_changed_at": now})
            ended = await repository.revoke_sessions(tx, user_id, now, "password changed", except_key=keep_session)
            tx.changed("user", user_id, user_id=user_id)
            await self._record(tx, actor, "user.password_changed", user_name(user_id), address, sessions_ended=ended)

    async def purge(self) -> dict[str, int]:
        """Delete sessions that ended a week ago and audit entries past their time; how many of each.

        Ended sessions are kept for the life of a refresh token, so that the reuse of a stolen one is still seen.
        """
        now = self._clock()
        async with self._db.write() as tx:
            sessions = await repository.delete_ended_sessions(tx, now - self._refresh_life)
            audit = await repository.delete_audit_before(tx, now - timedelta(days=self.policy.audit_days))
        return {"sessions": sessions, "audit": audit}

    def _access_token(self, user_id: int, session_key: str) -> str:
        return self._access_tokens.make(
            user_id, session_key, self._clock(), timedelta(minutes=self.policy.access_minutes)
        )

    def _refreshed(self, person: Person, session_key: str, refresh_token: str) -> SignedIn:
        return SignedIn(
            person=person,
            session_key=session_key,
            access_token=self._access_token(person.id, session_key),
            expires_in_s=self.policy.access_minutes * 60,
            refresh_token=refresh_token,
        )

    async def _owner(self, tx: Transaction, row: Any, now: datetime) -> Person | None:
        """Whose live client session this is, or None."""
        if row is None or row.kind != "client" or row.revoked_at is not None or row.expires_at <= now:
            return None
        user = await repository.get_user(tx.conn, row.user_id)
        if user is None or user.disabled_at is not None:
            return None
        return (await people_of(tx.conn, [user]))[0]

    def _is_racing(self, row: Any, token_hash: str, successor: str, user_agent: str, now: datetime) -> bool:
        grace = timedelta(seconds=self.policy.refresh_grace_s)
        return bool(
            row.previous_hash == token_hash
            and row.token_hash == sha256_hex(successor)
            and row.rotated_at is not None
            and now - row.rotated_at <= grace
            and row.user_agent == _printable(user_agent)
        )

    async def _end_reused(self, secret_hash: str, address: str) -> None:
        async with self._change() as tx:
            row = await repository.lock_session_by_secret(tx, secret_hash)
            if row is not None and row.revoked_at is None:
                await self._end(tx, row, "reused", self._clock())
                await self._record(tx, _nobody(row), "session.reused", user_name(row.user_id), address)
                log.warning("refresh_token_reused", user=row.user_id, session=row.key, address=address)

    async def _end(self, tx: Transaction, row: Any, because: str, now: datetime) -> None:
        await repository.update_session(tx, row.id, {"revoked_at": now, "revoked_because": because})
        tx.changed("session", row.id, "delete", user_id=row.user_id)

    def _touch_session(self, session: KnownSession) -> None:
        """Write in the background that a session was used; a browser's lives on from here."""

        async def write(tx: Transaction, now: datetime) -> None:
            values: dict[str, Any] = {"last_used_at": now}
            if session.kind == "browser":
                values["expires_at"] = now + self._cookie_life(session.remembered)
            await repository.update_session(tx, session.id, values)

        self._touch("session", session.id, write)


def _actor_of(known: Known) -> Actor:
    return known.actor or Actor(user_id=known.person.id, name=known.person.username)


def _nobody(row: Any) -> Actor:
    """Whoever held the session: named by the account it is of."""
    return Actor(user_id=row.user_id, name="")


def _printable(user_agent: str) -> str:
    return "".join(c if c.isprintable() else " " for c in user_agent)[:MAX_USER_AGENT]
