"""Linking accounts: Last.fm by the login on its own page, ListenBrainz and its like by a token.

Between leaving for Last.fm and coming back, what was begun is in a sealed `state`: whose sign-in it is, good for fifteen
minutes, and readable by this server alone. Whoever comes back must be the same person.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Transaction
from segue.core.outside import AuthFailed, ProviderBug
from segue.core.secrets import CannotDecrypt
from segue.listening.scrobbling import rows
from segue.listening.scrobbling.choices import Choices
from segue.listening.scrobbling.errors import (
    AccountNotFound,
    BadAddress,
    LinkExpired,
    NotApproved,
    PrivateAddress,
    TokenRefused,
)
from segue.listening.scrobbling.outbox import job_key
from segue.listening.scrobbling.sending import WAITS, Sending
from segue.listening.scrobbling.speaking import PURPOSE
from segue.listening.scrobbling.tongues import checked_address, place_of
from segue.metadata.service import LastfmNotSetUp, Session

STATE_PURPOSE = "scrobble-link"
STATE_LIFE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Login:
    """A sign-in that was begun: the page of Last.fm to open, and the state to come back with."""

    url: str
    state: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AccountView:
    """A linked account without its key, and how it is."""

    id: int
    kind: str
    base_url: str
    name: str
    label: str
    state: str
    choices: Choices
    waiting: int
    refused: int
    sent: int
    attempts: int
    next_try_at: datetime | None
    error: dict[str, Any] | None
    last_sent_at: datetime | None
    loves_imported_at: datetime | None
    loves_result: dict[str, Any] | None
    linked_at: datetime


class Linking(Sending):
    """The verbs about a person's accounts."""

    @property
    def lastfm_is_set_up(self) -> bool:
        """Whether the application's keys of Last.fm are there."""
        return self._metadata.lastfm.is_set_up

    @property
    def usual_listenbrainz(self) -> str:
        """The address of the ListenBrainz that is usual here."""
        return self._metadata.listenbrainz.usual_url

    async def accounts(self, actor: Actor) -> list[AccountView]:
        """The person's accounts, the first linked first."""
        async with self._db.read() as conn:
            found = await rows.accounts_of(conn, actor.person)
            counts = await rows.counts(conn, [row.id for row in found])
        return [_view(row, counts[row.id]) for row in found]

    async def account(self, actor: Actor, account_id: int) -> AccountView:
        """One of the person's accounts. Raises AccountNotFound."""
        async with self._db.read() as conn:
            row = _own(await rows.account(conn, account_id), actor, account_id)
            counts = await rows.counts(conn, [account_id])
        return _view(row, counts[account_id])

    async def begin_lastfm(self, actor: Actor, callback: str | None = None) -> Login:
        """Begin a sign-in at Last.fm. With `callback`, Last.fm sends the person there, with `state` and a `token`; without, they
        come back by themselves and finish with the state alone. Raises LastfmNotSetUp, Fault."""
        lastfm = self._metadata.lastfm
        if not lastfm.is_set_up:
            raise LastfmNotSetUp
        token = None if callback else await lastfm.token()
        expires = utc_now() + STATE_LIFE
        sealed = {"user": actor.person, "until": expires.timestamp(), "token": token}
        state = self._keys.encrypt(STATE_PURPOSE, json.dumps(sealed))
        back = f"{callback}?{urlencode({'state': state})}" if callback else None
        return Login(lastfm.approval_url(token=token, callback=back), state, expires)

    async def finish_lastfm(self, actor: Actor, state: str, token: str | None = None, label: str = "") -> AccountView:
        """Link the account of whoever said yes on Last.fm's page. Raises LinkExpired, NotApproved, Fault."""
        sealed = self._opened(actor, state)
        token = token or sealed.get("token")
        if not token:
            raise NotApproved
        try:
            session = await self._metadata.lastfm.session(token)
        except AuthFailed as fault:
            if fault.reason == "lastfm_14":
                raise NotApproved from fault
            if fault.reauth:
                raise LinkExpired from fault
            raise
        return await self._link(actor, "lastfm", "", session, label)

    async def link_listenbrainz(
        self, actor: Actor, token: str, base_url: str | None = None, label: str = ""
    ) -> AccountView:
        """Link the account that this token belongs to, at `base_url` (None: the usual ListenBrainz).

        Raises TokenRefused, BadAddress, PrivateAddress, Fault.
        """
        url = checked_address(base_url) if base_url else ""
        if url == checked_address(self.usual_listenbrainz):
            url = ""
        private_ok = actor.is_admin or self._settings().scrobbling.private_addresses
        place = place_of(self._metadata, url, token.strip(), private_ok=private_ok)
        try:
            session = await self._metadata.listenbrainz.session(place)
        except AuthFailed:
            session = None
        except ProviderBug as fault:
            if fault.reason == "private_address":
                raise PrivateAddress from fault
            raise BadAddress(place.base_url, "nothing there answers as ListenBrainz does") from fault
        if session is None:
            raise TokenRefused(place.base_url)
        return await self._link(actor, "listenbrainz", url, session, label)

    async def change_account(
        self, actor: Actor, account_id: int, *, label: str | None = None, paused: bool | None = None,
        choices: Mapping[str, Any] | None = None,
    ) -> AccountView:  # fmt: skip
        """Name an account, let it rest or go on, choose what is sent. Raises AccountNotFound."""
        async with self._db.write() as tx:
            row = _own(await rows.account_for_update(tx, account_id), actor, account_id)
            values: dict[str, Any] = {} if label is None else {"label": label.strip()}
            if choices:
                values["choices"] = Choices.of(row.choices).with_changes(choices).as_json()
            if paused and row.state == "active":
                values["state"] = "paused"
            elif paused is False and row.state == "paused":
                values |= {"state": "active", "next_try_at": None}
            if values:
                await rows.change(tx, account_id, values)
                await self._changed(tx, account_id)
        return await self.account(actor, account_id)

    async def unlink(self, actor: Actor, account_id: int) -> None:
        """Forget an account, its key and what it was still to be told. Plays stay. Raises AccountNotFound."""
        async with self._db.write() as tx:
            row = _own(await rows.account_for_update(tx, account_id), actor, account_id)
            await rows.unlink(tx, account_id)
            tx.changed("scrobble_account", account_id, "delete", user_id=row.user_id)

    async def test(self, actor: Actor, account_id: int) -> str:
        """Ask the service whether it still accepts the key; the name there. A refusal makes the account ask for a sign-in.

        Raises AccountNotFound, Fault.
        """
        async with self._db.read() as conn:
            row = _own(await rows.account(conn, account_id), actor, account_id)
        tongue = await self.tongue(row)
        if tongue is None:
            raise AuthFailed(row.kind, reason="secret_unreadable")
        try:
            name = await tongue.check()
        except AuthFailed as fault:
            if fault.reauth:
                async with self._db.write() as tx:
                    await self.needs_login(tx, row, "needs_login", str(fault.params.get("said", "")))
            raise
        if row.state == "needs_login":
            async with self._db.write() as tx:
                await rows.change(tx, account_id, {"state": "active", "error": None, "next_try_at": None})
                await self._changed(tx, account_id)
        return name

    async def send_now(self, actor: Actor, account_id: int) -> AccountView:
        """Try to send at once what waits, also where the next attempt would be later. Raises AccountNotFound."""
        async with self._db.write() as tx:
            _own(await rows.account_for_update(tx, account_id), actor, account_id)
            await rows.change(tx, account_id, {"next_try_at": None})
            await self._changed(tx, account_id)
        return await self.account(actor, account_id)

    async def on_user_erased(self, tx: Transaction, user_id: int) -> None:
        """Called inside the transaction that erases a person."""
        await rows.erase_person(tx, user_id)

    async def _link(self, actor: Actor, kind: str, base_url: str, session: Session, label: str) -> AccountView:
        values = {
            "user_id": actor.person,
            "kind": kind,
            "base_url": base_url,
            "name": session.name,
            "label": label.strip(),
            "secret": self._keys.encrypt(PURPOSE, session.key),
            "state": "active",
            "choices": Choices().as_json(),
            "may_reach_private": int(actor.is_admin),
            "linked_at": utc_now(),
        }
        async with self._db.write() as tx:
            account_id, _ = await rows.link(tx, values)
            await self._changed(tx, account_id)
        return await self.account(actor, account_id)

    async def _changed(self, tx: Transaction, account_id: int) -> None:
        """Say that an account is different, and have sent what waits for it."""
        row = await rows.account_for_update(tx, account_id)
        assert row is not None
        tx.changed("scrobble_account", account_id, user_id=row.user_id)
        if row.state == "active" and await rows.any_waiting(tx.conn, account_id):
            await self.send_soon(tx, row)
            if row.next_try_at is None:
                await self._jobs.wake(tx, job_key(account_id), WAITS)

    def _opened(self, actor: Actor, state: str) -> dict[str, Any]:
        try:
            sealed: dict[str, Any] = json.loads(self._keys.decrypt(STATE_PURPOSE, state))
        except (CannotDecrypt, ValueError):
            raise LinkExpired from None
        if sealed["user"] != actor.person or sealed["until"] < utc_now().timestamp():
            raise LinkExpired
        return sealed


def _own(row: Any, actor: Actor, account_id: int) -> Any:
    if row is None or row.user_id != actor.person:
        raise AccountNotFound(account_id)
    return row


def _view(row: Any, counts: Mapping[str, int]) -> AccountView:
    shared = {
        name: getattr(row, name) for name in AccountView.__slots__ if name not in ("choices", "waiting", "refused")
    }
    shared |= {"choices": Choices.of(row.choices), **counts}
    return AccountView(**shared)
