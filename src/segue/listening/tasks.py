"""What listening does in the background: forget players that stopped, and tell others what an import counted."""

from __future__ import annotations

from typing import Any

from segue.jobs import JobContext, Schedule, job
from segue.listening.service import TELL_SEARCH, ListeningService


@job("listening.housekeeping")
async def housekeeping(context: JobContext, params: dict[str, Any]) -> None:
    """Drop what nobody is playing any more."""
    await context.service(ListeningService).housekeeping()


@job(TELL_SEARCH)
async def tell_search(context: JobContext, params: dict[str, Any]) -> dict[str, Any] | None:
    """Tell the search how often what one person imported was played."""
    return await context.service(ListeningService).tell_search(context, int(params["user"]))


nightly = Schedule(name="listening.housekeeping", kind="listening.housekeeping", cron="23 4 * * *")
