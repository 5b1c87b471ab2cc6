"""What the parts of scrobbling stand on: the key of an account, and how to speak to its service."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import structlog

from segue.core.clock import rfc3339, utc_now
from segue.core.db import Database, Transaction
from segue.core.errors import Unavailable
from segue.core.outside import Fault
from segue.core.secrets import CannotDecrypt, SecretKeys
from segue.jobs import JobService
from segue.jobs.backoff import RetryPolicy
from segue.listening.scrobbling import rows
from segue.listening.scrobbling.tongues import Tongue, tongue_of
from segue.metadata.service import MetadataService
from segue.settings import Settings

log = structlog.get_logger("segue.scrobbling")

PURPOSE = "scrobble-account"
BACKOFF = RetryPolicy(base_s=60.0, cap_s=6 * 3600.0)
"""After a service did not take something: about a minute, then twice as long each time, up to six hours."""


class Speaking:
    """The ground of ScrobblingService."""

    def __init__(
        self,
        db: Database,
        keys: SecretKeys,
        jobs: JobService,
        metadata: MetadataService,
        settings: Callable[[], Settings],
        *,
        backoff: RetryPolicy = BACKOFF,
    ) -> None:
        self._db = db
        self._keys = keys
        self._jobs = jobs
        self._metadata = metadata
        self._settings = settings
        self._backoff = backoff
        self._playing_tasks: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Give up what is not queued: now-playing calls under way."""
        for task in list(self._playing_tasks):
            task.cancel()
        await asyncio.gather(*self._playing_tasks, return_exceptions=True)

    async def tongue(self, account: Any) -> Tongue | None:
        """How to speak to an account's service; None where its key cannot be read, which the account then says."""
        try:
            secret = self._keys.decrypt(PURPOSE, account.secret)
        except CannotDecrypt as error:
            async with self._db.write() as tx:
                await self.needs_login(tx, account, "secret_unreadable", error.message)
            return None
        private_ok = bool(account.may_reach_private) or self._settings().scrobbling.private_addresses
        return tongue_of(self._metadata, account, secret, private_ok=private_ok)

    async def needs_login(self, tx: Transaction, account: Any, code: str, said: str) -> None:
        """The key is of no use any more: say so to the person, and wait. What is queued stays."""
        error = {"code": code, "reason": "", "params": {"said": said[:300]}, "at": rfc3339(utc_now())}
        values = {"state": "needs_login", "attempts": 0, "next_try_at": None, "error": error}
        await rows.change(tx, account.id, values)
        tx.changed("scrobble_account", account.id, user_id=account.user_id)
        log.warning("scrobble_account_needs_login", account=account.id, kind=account.kind, code=code)


def told(fault: Fault | Unavailable) -> dict[str, Any]:
    """A fault as an account keeps it."""
    return {
        "code": fault.code,
        "reason": fault.params.get("reason", ""),
        "params": {"said": fault.params.get("said", "")},
        "at": rfc3339(utc_now()),
    }
