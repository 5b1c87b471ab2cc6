"""The background work of similar music: the map, and the groups on it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from segue.analysis.similar.making import MAKE
from segue.analysis.similar.service import SimilarService
from segue.jobs import JobContext, Schedule, job


class MakeMap(BaseModel):
    """Whether a map that is there is laid out anew, or only takes in what came since."""

    anew: bool = Field(False, description="Lay everything out anew.")


@job(MAKE, queue="default", params=MakeMap, max_attempts=4)
async def make_map(context: JobContext, params: MakeMap) -> dict[str, Any]:
    """Put sounds into groups and on a map."""
    return await context.service(SimilarService).make(context, anew=params.anew)


nightly = Schedule(MAKE, MAKE, "35 4 * * *")
