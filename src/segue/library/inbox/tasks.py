"""Background work of inboxes."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from segue.jobs import JobContext, job
from segue.library.inbox.service import LOOK, MOVE, WATCH, InboxService
from segue.library.writing.tasks import QUEUE


class OneLibrary(BaseModel):
    """Whose inbox."""

    library: int


class OneItem(BaseModel):
    """Which album of an inbox."""

    item: int


@job(LOOK, queue="default", max_attempts=3, params=OneLibrary)
async def look(context: JobContext, params: OneLibrary) -> dict[str, Any] | None:
    """Look for new albums in the inbox of one library."""
    return await context.service(InboxService).look(context, params.library)


@job(MOVE, queue=QUEUE.name, max_attempts=10, params=OneItem)
async def move(context: JobContext, params: OneItem) -> dict[str, Any] | None:
    """Move one approved album into its library, or back."""
    return await context.service(InboxService).move(context, params.item)


@job(WATCH, queue="default", params=OneLibrary)
async def watch(context: JobContext, params: OneLibrary) -> dict[str, Any] | None:
    """Ask for a look into an inbox, and for what was left half done to be gone on with."""
    return await context.service(InboxService).watch(params.library)
