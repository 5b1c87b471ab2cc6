"""The background work of analysis."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from segue.analysis.ground import AGAIN, FIND, HEAR_REQUEST, LISTEN, QUEUE
from segue.analysis.service import AnalysisService
from segue.jobs import JobContext, Queue, Schedule, job
from segue.jobs.backoff import RetryPolicy

ANALYSIS = Queue(QUEUE)
DEATHS = 1_000
"""A job that listens goes on for days: it is tried again however often its worker died, for what it did is kept."""


class Find(BaseModel):
    """What to look at."""

    anew: bool = Field(False, description="Look at every track, not only at those that changed.")


class Listen(BaseModel):
    """Which of the jobs that listen at once."""

    number: int = 0


class Again(BaseModel):
    """What to listen to again."""

    outdated: bool = Field(False, description="Only what another version of the engine, or another engine, has heard.")
    failed: bool = Field(False, description="Only what failed.")
    code: str | None = Field(None, description="Of what failed, only what failed for this reason.")


class Request(BaseModel):
    """Which request."""

    request: int


@job(FIND, params=Find, retry=RetryPolicy(cap_s=300))
async def find(context: JobContext, params: Find) -> dict[str, Any]:
    """Find out which sound each new or changed track is, and have those listened to that nobody heard."""
    return await context.service(AnalysisService).find(context, anew=params.anew)


@job(LISTEN, queue=QUEUE, priority=-20, max_attempts=DEATHS, params=Listen, retry=RetryPolicy(cap_s=60))
async def listen(context: JobContext, params: Listen) -> dict[str, Any]:
    """Listen to what waits, until nothing does."""
    return await context.service(AnalysisService).listen(context)


@job(AGAIN, params=Again)
async def again(context: JobContext, params: Again) -> dict[str, Any]:
    """Have many sounds listened to again."""
    return await context.service(AnalysisService).mark_again(
        context, outdated=params.outdated, failed=params.failed, code=params.code
    )


@job(HEAR_REQUEST, queue=QUEUE, priority=10, max_attempts=5, params=Request, retry=RetryPolicy(cap_s=60))
async def hear_request(context: JobContext, params: Request) -> dict[str, Any]:
    """Fetch and listen to what somebody named or sent."""
    return await context.service(AnalysisService).requests.hear(context, params.request)


REGULARLY = Schedule(FIND, FIND, "*/30 * * * *")
"""What no scan told of: what waits for its file, what an edit changed, what nobody has any more."""
