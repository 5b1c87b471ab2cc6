"""The background work of duplicates."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from segue.core.changes import ChangeFeed
from segue.jobs import JobContext, Schedule, job
from segue.library.duplicates.looking import Looking
from segue.library.duplicates.service import FIND


class Find(BaseModel):
    """What to look at."""

    anew: bool = Field(False, description="Look at every track, not only at those that changed.")


@job(FIND, queue="default", params=Find)
async def find(context: JobContext, params: Find) -> dict[str, Any]:
    """Bring the groups of duplicates up to date."""
    return await Looking(context.db, context.service(ChangeFeed)).run(context, anew=params.anew)


NIGHTLY = Schedule("library.find_duplicates", FIND, "40 4 * * *")
