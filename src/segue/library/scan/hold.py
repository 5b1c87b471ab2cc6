"""A scan that a person may hold back: between two steps it looks whether its library is paused, and ends there.

What it has done stays done; it goes on from there when the pause ends, also on another day and after a restart.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, NoReturn

from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.jobs import JobContext
from segue.jobs.repository import JobInfo
from segue.library.scan import hold_rows, outage

LOOK_EVERY_S = 0.5
WAIT = timedelta(minutes=1)
"""How long the job of a paused scan sleeps, unless somebody wakes it, before it looks again by itself: a pause may end in
the moment between its being seen and the job's being put aside."""
REASON = "scan_paused"
"""The code of what the job waits for."""


def wait(job: JobContext) -> NoReturn:
    """End this start of a scan's job; it goes on when somebody wakes it."""
    job.retry_later(utc_now() + WAIT, REASON)


def is_held(job: JobInfo) -> bool:
    """Whether the job of a scan waits for the end of a pause."""
    return job.state == "queued" and (job.waiting or {}).get("code") == REASON


class Paused(BaseException):
    """The library's scans are held back. Not an Exception, so that nothing in a scan takes it for a fault."""


class Held:
    """The control of a job's scan that also ends it where its library is paused."""

    def __init__(self, db: Database, job: JobContext, library_id: int) -> None:
        self._db = db
        self._job = job
        self._library_id = library_id
        self._paused = False
        self.id = job.id
        self.created_by = job.created_by

    @contextlib.asynccontextmanager
    async def watching(self) -> AsyncIterator[Held]:
        """Look for a pause while the block runs."""
        task = asyncio.create_task(self._watch(), name=f"pause of library {self._library_id}")
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def _watch(self) -> None:
        while True:
            try:
                async with self._db.read() as conn:
                    self._paused = await hold_rows.is_paused(conn, self._library_id)
            except Exception as error:
                if not outage.passes(error):
                    raise
            await asyncio.sleep(LOOK_EVERY_S)

    def check(self) -> None:
        """Raise where the scan should end here: as the job does, and Paused."""
        self._job.check()
        if self._paused:
            raise Paused

    def progress(
        self,
        done: int | None = None,
        total: int | None = None,
        *,
        unit: str | None = None,
        phase: str | None = None,
        message: str | None = None,
        **params: Any,
    ) -> None:
        self._job.progress(done, total, unit=unit, phase=phase, message=message, **params)

    async def guard(self, tx: Transaction) -> None:
        await self._job.guard(tx)
