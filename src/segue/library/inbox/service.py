"""The verbs of inboxes: look, check, complete, approve, reject, undo.

`InboxService` has those of its parts: Rounds, Decisions and Shelving; here is how inboxes come, go, and are gone on with.
"""

from __future__ import annotations

from typing import Any

from segue.core.db import Transaction
from segue.core.ids import format_id
from segue.library.inbox import repository
from segue.library.inbox.deciding import Decisions
from segue.library.inbox.errors import NoInbox
from segue.library.inbox.ground import LOOK, MOVE, OFTEN, WATCH, Inbox, ItemPage
from segue.library.inbox.shelving import Shelving
from segue.library.options import LibraryOptions, options_of


class InboxService(Decisions, Shelving):
    """Every verb of inboxes; see the parts."""

    async def watch(self, library_id: int) -> dict[str, Any]:
        """The work of an inbox's schedule."""
        resumed = await self.recover()
        try:
            return {"resumed": resumed, "jobs": len(await self.request_look(library_id))}
        except NoInbox:
            return {"resumed": resumed, "jobs": 0}

    async def options_changed(self, tx: Transaction, library_id: int, options: LibraryOptions) -> None:
        """Called in the transaction in which a library's options change: an inbox is looked into often, none is not."""
        name = f"library.inbox:{format_id('li', library_id)}"
        if options.inbox is None:
            await self._jobs.drop_schedule(tx, name)
        else:
            await self._jobs.put_schedule(tx, name, WATCH, OFTEN, {"library": library_id})

    async def library_removed(self, tx: Transaction, library_id: int) -> None:
        """Called in the transaction in which a library goes."""
        await self.options_changed(tx, library_id, options_of(None))

    async def recover(self) -> int:
        """Let what was left under way without a job be gone on with. Returns how many albums that were."""
        async with self._db.read() as conn:
            items = await repository.items(conn, states=("approved", *repository.UNDER_WAY), limit=1000)
        count = 0
        for item in items:
            if await self._jobs.active_with_key(f"{MOVE}:{item.id}") is None:
                await self._start(item.id, item.library_id, item.state, item.decided_by, keep_reason=True)
                count += 1
        return count


__all__ = ["LOOK", "MOVE", "WATCH", "Inbox", "InboxService", "ItemPage"]
