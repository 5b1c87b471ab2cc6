"""Background work of the rules for tags: making everything by rules that have changed."""

from __future__ import annotations

from typing import Any

from segue.jobs import JobContext, job
from segue.library.tag_rules.service import REINTERPRET, TagRulesService


@job(REINTERPRET, queue="scan", max_attempts=5)
async def reinterpret(context: JobContext, params: dict[str, Any]) -> dict[str, Any] | None:
    """Make every track by the rules that hold, where other rules made it; in the scans' queue, so never beside one."""
    return await context.service(TagRulesService).reinterpret(context)
