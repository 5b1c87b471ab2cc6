"""What listening does in the background: forget players that have stopped without saying so."""

from __future__ import annotations

from typing import Any

from segue.jobs import JobContext, Schedule, job
from segue.listening.service import ListeningService


@job("listening.housekeeping")
async def housekeeping(context: JobContext, params: dict[str, Any]) -> None:
    """Drop what nobody is playing any more."""
    await context.service(ListeningService).housekeeping()


nightly = Schedule(name="listening.housekeeping", kind="listening.housekeeping", cron="23 4 * * *")
