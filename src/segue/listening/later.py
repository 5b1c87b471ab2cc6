"""What follows from plays some time later, a few rows at a time: telling the search what an import counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from segue.core.db import Database
from segue.jobs import JobContext
from segue.listening import annotation_rows

if TYPE_CHECKING:
    from segue.listening.history import Played

TOLD_AT_ONCE = 200
"""Things whose plays are told in one transaction: about 10 ms of SQLite's write lock."""
KINDS = ("track", "album", "artist")


async def tell_search(db: Database, job: JobContext, user_id: int, tell: Played) -> dict[str, Any]:
    """Tell how often everything that this person played was played by everybody; goes on where it was stopped."""
    done = dict(job.checkpoint)
    told = int(done.get("told", 0))
    job.progress(told, phase="tell", unit="rows")
    for kind in KINDS[KINDS.index(done.get("kind", KINDS[0])) :]:
        after = int(done.get("after", 0)) if kind == done.get("kind") else 0
        while True:
            job.check()
            async with db.write() as tx:
                await job.guard(tx)
                ids = await annotation_rows.played_after(tx.conn, user_id, kind, after, TOLD_AT_ONCE)
                if ids:
                    await tell(tx, kind, await annotation_rows.plays_of(tx.conn, kind, ids))
                    after, told = ids[-1], told + len(ids)
                    await job.save({"kind": kind, "after": after, "told": told}, tx=tx)
            if not ids:
                break
            job.progress(told)
    return {"told": told}
