"""The background work of updating: once a month, where the settings name a source."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from segue.catalog.building import UPDATE
from segue.catalog.tasks import QUEUE
from segue.catalog.updating.service import CatalogUpdating
from segue.jobs import JobContext, RetryPolicy, Schedule, job
from segue.settings import Settings


@job(UPDATE, queue=QUEUE.name, max_attempts=8, retry=RetryPolicy(base_s=60.0, cap_s=timedelta(hours=6).total_seconds()))
async def update_catalog(context: JobContext, params: dict[str, Any]) -> dict[str, Any]:
    """Fetch the newest dumps and build from them; started again, it goes on where it was."""
    return await context.service(CatalogUpdating).run(context)


def monthly(settings: Settings) -> Schedule:
    """On the 8th, when the dumps of a month are out everywhere; off until a source is set."""
    return Schedule(UPDATE, UPDATE, "20 2 8 * *", enabled=settings.catalog.update.source != "none")
