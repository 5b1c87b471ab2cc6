"""What listening does in the background: forget players that stopped, tell others what an import counted, match plays
with music that arrived, and count plays from before plays were added up."""

from __future__ import annotations

from typing import Any

from segue.jobs import JobContext, Schedule, job
from segue.listening.service import COUNT_PLAYS, MATCH_PLAYS, TELL_SEARCH, ListeningService


@job("listening.housekeeping")
async def housekeeping(context: JobContext, params: dict[str, Any]) -> None:
    """Drop what nobody is playing any more."""
    await context.service(ListeningService).housekeeping()


@job(TELL_SEARCH)
async def tell_search(context: JobContext, params: dict[str, Any]) -> dict[str, Any] | None:
    """Tell the search how often what one person imported was played."""
    return await context.service(ListeningService).tell_search(context, int(params["user"]))


@job(MATCH_PLAYS)
async def match_plays(context: JobContext, params: dict[str, Any]) -> dict[str, Any] | None:
    """Give plays of music that was not here the tracks that arrived."""
    return await context.service(ListeningService).match_plays(context)


@job(COUNT_PLAYS)
async def count_plays(context: JobContext, params: dict[str, Any]) -> dict[str, Any] | None:
    """Count plays from before plays were added up."""
    return await context.service(ListeningService).count_old_plays(context)


nightly = Schedule(name="listening.housekeeping", kind="listening.housekeeping", cron="23 4 * * *")
