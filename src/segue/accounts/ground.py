"""What every part of the account service stands on: settings, keys, time, memory, and how a change is written."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from argon2 import PasswordHasher

from segue.accounts import repository
from segue.accounts.attempts import Attempts
from segue.accounts.errors import AdminOnly
from segue.accounts.known import KnownPeople
from segue.accounts.passwords import Passwords
from segue.accounts.tokens import AccessTokens
from segue.accounts.verified import VerifiedPasswords
from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.ids import format_id
from segue.core.secrets import SecretKeys

log = structlog.get_logger("segue.accounts")

Erased = Callable[[Transaction, int], Awaitable[None]]
"""Called with the transaction in which a person's account goes and their number, to erase what is theirs elsewhere."""

TOUCH_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class AccountPolicy:
    """The settings of accounts.

    Access tokens live `access_minutes`, refresh tokens and unremembered browser sessions `refresh_days` from their last
    use, remembered browser sessions `cookie_days`. A verified password is believed for `verified_minutes`. After
    `free_attempts` wrong guesses each further one doubles the wait, up to `longest_wait_s`. `recheck_s` is how long
    another process's change may go unnoticed. A refresh token that was just used answers again for `refresh_grace_s`.
    """

    access_minutes: int = 15
    refresh_days: int = 7
    cookie_days: int = 30
    verified_minutes: int = 10
    audit_days: int = 365
    free_attempts: int = 5
    longest_wait_s: float = 300.0
    recheck_s: float = 1.0
    refresh_grace_s: float = 30.0
    time_zone: str = "UTC"
    base_path: str = "/"


class Ground:
    """The state that the parts of AccountService share."""

    def __init__(
        self,
        db: Database,
        keys: SecretKeys,
        policy: AccountPolicy | None = None,
        *,
        hasher: PasswordHasher | None = None,
        clock: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.policy = policy or AccountPolicy()
        self.on_user_erased: list[Erased] = []
        self._db = db
        self._keys = keys
        self._clock = clock
        self._monotonic = monotonic
        self._passwords = Passwords(hasher)
        self._access_tokens = AccessTokens(keys)
        self._known = KnownPeople(db, self.policy.time_zone, monotonic, self.policy.recheck_s)
        self._attempts = Attempts(monotonic, free=self.policy.free_attempts, longest_s=self.policy.longest_wait_s)
        self._attempts_of_address = Attempts(monotonic, free=self.policy.free_attempts * 6, longest_s=60.0)
        self._verified = VerifiedPasswords(monotonic, self.policy.verified_minutes * 60)
        self._touched: dict[tuple[str, int], float] = {}
        self._background: set[asyncio.Task[None]] = set()

    async def settle(self) -> None:
        """Wait until what is written in the background (when something was last used) is written."""
        while self._background:
            await asyncio.gather(*self._background)

    async def close(self) -> None:
        await self.settle()

    @asynccontextmanager
    async def _change(self) -> AsyncIterator[Transaction]:
        """A write of who may do what. Such writes follow one another, and no process believes older memory after one."""
        async with self._db.write() as tx:
            await repository.raise_version(tx)
            tx.after_commit(self._known.forget)
            yield tx

    async def _record(
        self, tx: Transaction, actor: Actor, action: str, target: str | None, address: str = "", **detail: Any
    ) -> None:
        """Append to the audit, in the transaction of what happened. `detail` never holds a secret."""
        await repository.add_audit(
            tx,
            {
                "at": self._clock(),
                "actor_id": actor.user_id,
                "actor_name": actor.name,
                "action": action,
                "target": target,
                "address": address,
                "detail": detail,
            },
        )

    def _touch(
        self, kind: str, row_id: int, write: Callable[[Transaction, datetime], Coroutine[Any, Any, None]]
    ) -> None:
        """Write in the background that something was used, at most once a minute; the request does not wait for it."""
        now_s = self._monotonic()
        last_s = self._touched.get((kind, row_id))
        if last_s is not None and now_s - last_s < TOUCH_EVERY_S:
            return
        if len(self._touched) > 10_000:
            self._touched.clear()
        self._touched[kind, row_id] = now_s
        task = asyncio.create_task(self._write_touch(kind, row_id, write, self._clock()))
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _write_touch(
        self, kind: str, row_id: int, write: Callable[[Transaction, datetime], Coroutine[Any, Any, None]], now: datetime
    ) -> None:
        try:
            async with self._db.write() as tx:
                await write(tx, now)
        except Exception as error:
            # a time of last use may be lost; the next use a minute later writes it
            self._touched.pop((kind, row_id), None)
            log.warning("last_use_not_written", kind=kind, id=row_id, error=type(error).__name__)

    @property
    def _refresh_life(self) -> timedelta:
        return timedelta(days=self.policy.refresh_days)

    def _cookie_life(self, remembered: bool) -> timedelta:
        return timedelta(days=self.policy.cookie_days) if remembered else self._refresh_life


def needs_admin(actor: Actor) -> None:
    """Raise AdminOnly unless `actor` administers Segue."""
    if not actor.is_admin:
        raise AdminOnly


def user_name(user_id: int) -> str:
    """A user's typed id, as the audit names them."""
    return format_id("us", user_id)
