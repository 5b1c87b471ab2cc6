"""How long journals are kept: of a library the pages of the last one, and the counts of some before."""

from __future__ import annotations

from segue.core.db import Database
from segue.library.journal import repository
from segue.library.scan.control import Control

KEPT = 200
"""Journals of a library that are listed; their pages are forgotten long before."""
PAGES_AT_ONCE = 5


async def prune(db: Database, control: Control, library: int) -> None:
    """After a scan: forget what earlier ones changed, since only the last can be undone."""
    async with db.read() as conn:
        row = await repository.latest(conn, library)
    if row is None:
        return
    dropped = PAGES_AT_ONCE
    while dropped == PAGES_AT_ONCE:
        async with db.write() as tx:
            await control.guard(tx)
            dropped = await repository.drop_pages_before(tx, library, row.id, PAGES_AT_ONCE)
            if dropped < PAGES_AT_ONCE:
                await repository.drop_old(tx, library, KEPT)
