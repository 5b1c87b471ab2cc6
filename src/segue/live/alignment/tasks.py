"""The background work of alignment."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from segue.jobs import JobContext, job
from segue.live.alignment.errors import LiveTrackNotFound, NotHere
from segue.live.alignment.service import ALIGN, AlignmentService


class Pair(BaseModel):
    """Two tracks of recordings, the smaller id first."""

    first: int = Field(description="The number of a live track.")
    second: int


@job(ALIGN, queue="default", params=Pair, max_attempts=2, final_errors=(LiveTrackNotFound, NotHere))
async def align(context: JobContext, params: Pair) -> dict[str, Any]:
    """Listen to two tracks and find where in one the other is."""
    found = await context.service(AlignmentService).find(params.first, params.second)
    return {"state": found.state, "score": found.score}
