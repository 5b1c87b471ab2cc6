"""The background work of rules."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from segue.jobs import JobContext, Schedule, job
from segue.live.keeping.applying import Applying
from segue.live.keeping.service import APPLY


class Apply(BaseModel):
    """Which rules to apply."""

    rule: int | None = Field(None, description="The number of one rule; null: all that are enabled.")
    by: str = Field("night", description="Who asked: person, night or mirror.")


@job(APPLY, queue="default", params=Apply, max_attempts=3)
async def apply_rules(context: JobContext, params: Apply) -> dict[str, Any]:
    """Fetch what rules ask for, within their budgets."""
    return await context.service(Applying).run(context, params.rule, params.by)


NIGHTLY = Schedule(APPLY, APPLY, "30 5 * * *")
