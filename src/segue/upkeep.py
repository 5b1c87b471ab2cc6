"""The nightly round over what belongs to no domain: the change feed, kept answers, ended jobs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from segue.core.changes import ChangeFeed
from segue.core.db import Database
from segue.core.health import Health
from segue.core.idempotency import forget_old_answers
from segue.core.outside import Outside
from segue.core.settings_store import SettingsService
from segue.jobs import JobContext, JobService, Schedule, job


@job("upkeep")
async def upkeep(context: JobContext, params: dict[str, Any]) -> dict[str, Any]:
    """Forget what is past its time; how much of each."""
    settings = context.service(SettingsService).current
    forgotten = {
        "tombstones": await context.service(ChangeFeed).prune(timedelta(days=settings.housekeeping.changes_days))
    }
    forgotten["answers"] = await forget_old_answers(context.service(Database))
    forgotten["outside"] = await context.service(Outside).prune()
    forgotten["health"] = await context.service(Health).prune(timedelta(days=settings.housekeeping.health_days))
    forgotten["jobs"] = sum((await context.service(JobService).sweep()).values())
    return forgotten


nightly = Schedule(name="upkeep", kind="upkeep", cron="30 3 * * *")
