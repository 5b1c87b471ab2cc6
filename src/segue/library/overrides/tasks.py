"""The background work of decisions about albums."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from segue.jobs import JobContext, job
from segue.library.overrides.service import REGROUP, OverrideService


class Regroup(BaseModel):
    """What to group anew."""

    library: int
    folder: str = Field(description="Its path relative to the library's root, in hexadecimal.")


@job(REGROUP, queue="scan", max_attempts=5, params=Regroup)
async def regroup(context: JobContext, params: Regroup) -> dict[str, Any]:
    """Group the albums of a folder anew after a decision about it."""
    return await context.service(OverrideService).regroup(context, params.library, bytes.fromhex(params.folder))
