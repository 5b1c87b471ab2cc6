"""The background work of journals."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from segue.jobs import JobContext, job
from segue.library.journal.service import UNDO, JournalService


class OneJournal(BaseModel):
    """Which scan."""

    journal: int


@job(UNDO, queue="scan", max_attempts=5, params=OneJournal)
async def undo_scan(context: JobContext, params: OneJournal) -> dict[str, Any] | None:
    """Take back what a scan changed."""
    return await context.service(JournalService).run(context, params.journal)
