"""The verbs of journals: which scans changed what, and taking the last one back."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from segue.core.access import Actor
from segue.core.clock import rfc3339, utc_now
from segue.core.db import Database, Transaction
from segue.core.errors import Conflict, NotFound
from segue.core.ids import format_id
from segue.core.inline import InlineWriter
from segue.jobs import JobContext, JobService
from segue.library.journal import images, repository
from segue.library.journal.undo import UNDONE, PageUndo
from segue.library.scan import repository as scans
from segue.library.scan.errors import LibraryNotFound

UNDO = "library.undo_scan"


class JournalNotFound(NotFound):
    def __init__(self, number: int) -> None:
        text = format_id("sj", number)
        super().__init__("scan_journal_not_found", f"There is no journal {text}.", id=text)


class NothingToUndo(Conflict):
    def __init__(self, library: str) -> None:
        super().__init__(
            "nothing_to_undo", f"No scan of {library} changed anything that could be undone.", library=library
        )


class NotUndoable(Conflict):
    def __init__(self, reason: str, message: str) -> None:
        super().__init__(f"scan_not_undoable_{reason}", message)


REASONS = {
    "first": "The first scan of a library is not undone; forgetting the library does that.",
    "later": "A later scan has changed something since; only the last one can be undone.",
    "open": "The scan is still running.",
    "undone": "This scan has been undone already.",
}


@dataclass(frozen=True, slots=True)
class JournalView:
    """One scan that changed something. `why_not` is a key of REASONS where it cannot be undone."""

    id: int
    library: int
    job: int | None
    requested_by: int | None
    full: bool
    state: str
    counts: dict[str, int]
    started_at: datetime
    finished_at: datetime | None
    undone_at: datetime | None
    undo_job: int | None
    why_not: str | None

    @property
    def duration_ms(self) -> int | None:
        if self.finished_at is None:
            return None
        return int((self.finished_at - self.started_at).total_seconds() * 1000)


class JournalService:
    """What scans changed, and the way back."""

    def __init__(self, db: Database, jobs: JobService) -> None:
        self._db = db
        self._jobs = jobs

    async def page(
        self, actor: Actor, before: int = 0, limit: int = 50, *, library: int | None = None
    ) -> tuple[list[JournalView], int]:
        """Scans of the libraries that `actor` may see, or of one of them, the latest first; and how many there are."""
        seen = actor.libraries
        if library is not None:
            seen = frozenset({library}) if seen is None else seen & {library}
        async with self._db.read() as conn:
            rows, newest, total = await repository.page(conn, seen, before, limit)
        return [_view(row, row.id in newest) for row in rows], total

    async def get(self, number: int) -> JournalView:
        """One of them. Raises JournalNotFound."""
        async with self._db.read() as conn:
            row = await repository.journal(conn, number)
            newest = None if row is None else await repository.latest(conn, row.library_id)
        if row is None or newest is None:
            raise JournalNotFound(number)
        return _view(row, row.id == newest.id)

    async def latest(self, library: int) -> JournalView:
        """The last scan of a library that changed something. Raises LibraryNotFound, NothingToUndo."""
        async with self._db.read() as conn:
            known = await scans.library(conn, library)
            row = await repository.latest(conn, library)
        if known is None:
            raise LibraryNotFound(library)
        if row is None:
            raise NothingToUndo(known.name)
        return _view(row, True)

    async def undo(self, actor: Actor, number: int) -> int:
        """Ask for a scan to be taken back; returns the job. One that was begun and interrupted is gone on with.

        From then on the library is not scanned by itself until somebody asks for it. Raises JournalNotFound, NotUndoable.
        """
        journal = await self.get(number)
        if journal.why_not is not None:
            raise NotUndoable(journal.why_not, REASONS[journal.why_not])
        now = utc_now()
        async with self._db.write() as tx:
            await scans.lock_library(tx, journal.library)
            held = {"code": UNDONE, "journal": format_id("sj", number), "by": actor.name, "at": rfc3339(now)}
            await repository.hold(tx, journal.library, held)
            ticket = await self._jobs.enqueue(
                tx, UNDO, {"journal": number}, dedup_key=f"{UNDO}:{number}", created_by=actor.user_id
            )
            await repository.set_values(tx, number, state="undoing", undo_job_id=ticket.id, undone_by=actor.user_id)
        return ticket.id

    async def run(self, job: JobContext, number: int) -> dict[str, Any] | None:
        """The work of `undo`: a page a transaction, the latest first; what is undone has no page any more, so it can be
        gone on with anywhere. Where another scan has changed something meanwhile, nothing more is undone."""
        async with self._db.read() as conn:
            row = await repository.journal(conn, number)
            total = await repository.count_pages(conn, number)
        if row is None or row.state != "undoing":
            return None
        done, files, began = 0, 0, time.monotonic()
        writer = InlineWriter(self._db)
        try:
            while True:
                job.check()
                job.progress(done, total, unit="pages", phase="undo")
                async with writer.write() as tx:
                    await scans.lock_library(tx, row.library_id)
                    await job.guard(tx)
                    newest = await repository.latest(tx.conn, row.library_id)
                    page = await repository.last_page(tx.conn, number)
                    if newest is None or newest.id != number:
                        await repository.set_values(tx, number, state="done")
                        result = {"files": files, "stopped": "later"}
                        await job.complete(tx, result)
                        return result
                    if page is None:
                        result = {"files": files, "seconds": round(time.monotonic() - began, 3)}
                        await repository.set_values(tx, number, state="undone", undone_at=utc_now())
                        tx.changed("library", row.library_id, library_id=row.library_id)
                        await job.complete(tx, result)
                        return result
                    await repository.drop_page(tx, page[0])
                    following = await repository.last_page(tx.conn, number)
                    undoing = PageUndo(tx, row.library_id, row.started_at, utc_now())
                    coming = images.unpack(following[1]) if following else None
                    files += await undoing.undo(images.unpack(page[1]), coming)
                done += 1
        finally:
            await writer.close()

    async def library_removed(self, tx: Transaction, library_id: int) -> None:
        """Called in the transaction in which a library goes."""
        await repository.library_removed(tx, library_id)

    async def go_on(self, library: int) -> None:
        """Let a library be scanned by itself again. Raises LibraryNotFound."""
        async with self._db.write() as tx:
            if await scans.library(tx.conn, library) is None:
                raise LibraryNotFound(library)
            await repository.hold(tx, library, None)


def _view(row: Row[Any], newest: bool) -> JournalView:
    why_not = None
    if row.first:
        why_not = "first"
    elif row.state in ("open", "undone"):
        why_not = row.state
    elif not newest:
        why_not = "later"
    return JournalView(
        row.id, row.library_id, row.job_id, row.requested_by, row.full, row.state, dict(row.counts), row.started_at,
        row.finished_at, row.undone_at, row.undo_job_id, why_not,
    )  # fmt: skip
