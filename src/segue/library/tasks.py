"""Background work of the library: scans, and forgetting a library."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from segue.jobs import JobContext, Queue, Schedule, job
from segue.library.scan.service import REMOVE, SCAN, ScanService


class OneLibrary(BaseModel):
    """Which library."""

    library: int


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


@job("library.scan_all", queue="default")
async def scan_all(context: JobContext, params: dict[str, Any]) -> dict[str, Any] | None:
    """Ask for a scan of every library; `full` among the parameters reads every file again."""
    jobs = await context.service(ScanService).request(full=bool(params.get("full")))
    return {"jobs": len(jobs)}


NIGHTLY = Schedule("library.scan", "library.scan_all", "15 4 * * *")
