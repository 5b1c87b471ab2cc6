"""Background work of the library: scans, and forgetting a library."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from segue.jobs import JobContext, Queue, Schedule, job
from segue.library.scan.service import ARTWORK_ROUND, REMOVE, SCAN, ScanService
from segue.library.scan.steering import PURGE, SCHEDULED, ScanSteering
from segue.library.standing import INDEX, SORT, StandingService


class OneLibrary(BaseModel):
    """Which library."""

    library: int


class OnePurge(OneLibrary):
    """Which library, and since when at the latest its files must be missing."""

    before: datetime


class OneSchedule(OneLibrary):
    """Which library, and whether every file of it is read again."""

    full: bool = False


QUEUE = Queue("scan", concurrency=1)
"""One at a time: two scans would only fight for one disk."""


@job(SCAN, queue=QUEUE.name, max_attempts=5, params=OneLibrary)
async def scan(context: JobContext, params: OneLibrary) -> dict[str, Any] | None:
    """Scan one library for everybody who asked."""
    return await context.service(ScanService).run(context, params.library)


@job(REMOVE, queue=QUEUE.name, params=OneLibrary)
async def remove(context: JobContext, params: OneLibrary) -> dict[str, Any] | None:
    """Forget one library."""
    return await context.service(ScanService).remove(context, params.library)


@job(PURGE, queue=QUEUE.name, params=OnePurge)
async def purge(context: JobContext, params: OnePurge) -> dict[str, Any] | None:
    """Forget what is missing in one library."""
    return await context.service(ScanSteering).run_purge(context, params.library, params.before)


@job(INDEX, max_attempts=5)
async def index(context: JobContext, params: dict[str, Any]) -> dict[str, Any] | None:
    """Make everything findable anew, after an update that finds by other words."""
    return await context.service(StandingService).index(context)


@job(SORT, max_attempts=5)
async def sort(context: JobContext, params: dict[str, Any]) -> dict[str, Any] | None:
    """Sort everything by the lists of articles that are set now."""
    return await context.service(StandingService).sort(context)


@job("library.scan_all", queue="default")
async def scan_all(context: JobContext, params: dict[str, Any]) -> dict[str, Any] | None:
    """Ask for a scan of every library without a schedule of its own; `full` among the parameters reads every file again."""
    jobs = await context.service(ScanSteering).run_nightly(full=bool(params.get("full")))
    return {"jobs": len(jobs)}


@job(SCHEDULED, queue="default", params=OneSchedule)
async def scan_scheduled(context: JobContext, params: OneSchedule) -> dict[str, Any] | None:
    """Ask for a scan of one library, when its own schedule says so."""
    jobs = await context.service(ScanSteering).run_schedule(params.library, full=params.full)
    return {"jobs": len(jobs)}


NIGHTLY = Schedule("library.scan", "library.scan_all", "15 4 * * *")


@job(ARTWORK_ROUND, queue="default")
async def artwork_round(context: JobContext, params: dict[str, Any]) -> dict[str, Any] | None:
    """Remove the oldest small pictures where all of them together are more than artwork.cache_mb."""
    done = await context.service(ScanService).artwork_round()
    return {
        "kept": done.kept, "kept_bytes": done.kept_bytes, "removed": done.removed, "removed_bytes": done.removed_bytes,
    }  # fmt: skip


ARTWORK_DAILY = Schedule("library.artwork_round", ARTWORK_ROUND, "50 3 * * *")
