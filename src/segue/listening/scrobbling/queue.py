"""What waits and what was refused, for the person to look at: sent again by hand, or let go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from segue.core.access import Actor
from segue.listening.scrobbling import rows
from segue.listening.scrobbling.errors import AccountNotFound, NotRefused, ScrobbleNotFound
from segue.listening.scrobbling.linking import Linking
from segue.metadata.service import Listened


@dataclass(frozen=True, slots=True)
class Queued:
    """A row of a queue: what is to be told, to which account, since when, and why it was refused where it was."""

    id: int
    account_id: int
    act: str
    state: str
    at: datetime
    play_id: int | None
    subject: str | None
    listen: Listened
    attempts: int
    code: str | None
    said: str | None


class Queues(Linking):
    """The verbs about queues."""

    async def queue(
        self, actor: Actor, *, account_id: int | None = None, state: Literal["waiting", "refused"] = "waiting",
        after: tuple[datetime, int] | None = None, limit: int = 50,
    ) -> list[Queued]:  # fmt: skip
        """What waits or was refused, the oldest first, after a moment and number."""
        async with self._db.read() as conn:
            found = await rows.page(conn, actor.person, account_id=account_id, state=state, after=after, limit=limit)
        return [_queued(row) for row in found]

    async def retry(self, actor: Actor, scrobble_id: int) -> Queued:
        """Send a refused row again. Raises ScrobbleNotFound, NotRefused."""
        async with self._db.write() as tx:
            row = await rows.scrobble(tx.conn, scrobble_id)
            if row is None or row.user_id != actor.person:
                raise ScrobbleNotFound(scrobble_id)
            await rows.account_for_update(tx, row.account_id)
            if not await rows.retry(tx, row.account_id, scrobble_id):
                raise NotRefused(scrobble_id)
            await self._changed(tx, row.account_id)
            fresh = await rows.scrobble(tx.conn, scrobble_id)
        return _queued(fresh)

    async def dismiss(self, actor: Actor, scrobble_id: int) -> None:
        """Let a refused row go. Raises ScrobbleNotFound, NotRefused."""
        async with self._db.write() as tx:
            row = await rows.scrobble(tx.conn, scrobble_id)
            if row is None or row.user_id != actor.person:
                raise ScrobbleNotFound(scrobble_id)
            await rows.account_for_update(tx, row.account_id)
            if not await rows.dismiss(tx, row.account_id, scrobble_id):
                raise NotRefused(scrobble_id)
            await self._changed(tx, row.account_id)

    async def retry_all(self, actor: Actor, account_id: int) -> int:
        """Send all refused rows of an account again; how many. Raises AccountNotFound."""
        async with self._db.write() as tx:
            row = await rows.account_for_update(tx, account_id)
            if row is None or row.user_id != actor.person:
                raise AccountNotFound(account_id)
            count = await rows.retry(tx, account_id, None)
            await self._changed(tx, account_id)
        return count

    async def dismiss_all(self, actor: Actor, account_id: int) -> int:
        """Let all refused rows of an account go; how many. Raises AccountNotFound."""
        async with self._db.write() as tx:
            row = await rows.account_for_update(tx, account_id)
            if row is None or row.user_id != actor.person:
                raise AccountNotFound(account_id)
            count = await rows.dismiss(tx, account_id, None)
            await self._changed(tx, account_id)
        return count


def _queued(row: Any) -> Queued:
    return Queued(
        row.id,
        row.account_id,
        row.act,
        row.state,
        row.at,
        row.play_id,
        row.subject,
        Listened.of(row.payload),
        row.attempts,
        row.code,
        row.said,
    )
