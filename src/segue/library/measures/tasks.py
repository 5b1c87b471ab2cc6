"""Background work of measures: showing them by another choice."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from segue.jobs import JobContext, job
from segue.library.measures.service import SHOW, MeasureService


class ShownFrom(BaseModel):
    """Whose tempo and key come first."""

    chosen: Literal["tags", "analysis"] = Field(alias="from")


@job(SHOW, max_attempts=5, params=ShownFrom)
async def show(context: JobContext, params: ShownFrom) -> dict[str, Any] | None:
    """Show tempo and key of every measured track by the choice between tag and measure that holds now."""
    return await context.service(MeasureService).show_all(context, params.chosen)
