"""Background work of imports."""

from __future__ import annotations

from typing import Any

from segue.jobs import JobContext, Queue, Schedule, job
from segue.listening.imports.bringing import bring
from segue.listening.imports.gathering import read
from segue.listening.imports.service import BRING, READ, UNDO, ImportService
from segue.listening.imports.undoing import undo

QUEUE = Queue("imports", concurrency=1)
"""One at a time: what two of them bring of one person would only wait for the other."""


@job(READ, queue=QUEUE.name)
async def read_import(context: JobContext, params: dict[str, Any]) -> dict[str, Any] | None:
    """Read an upload, or an account, and say what bringing it in would do."""
    return await read(context.service(ImportService), context, int(params["import"]))


@job(BRING, queue=QUEUE.name)
async def bring_import(context: JobContext, params: dict[str, Any]) -> dict[str, Any] | None:
    """Bring a history in."""
    return await bring(context.service(ImportService), context, int(params["import"]))


@job(UNDO, queue=QUEUE.name)
async def undo_import(context: JobContext, params: dict[str, Any]) -> dict[str, Any] | None:
    """Take a history back."""
    return await undo(context.service(ImportService), context, int(params["import"]))


@job("listening.import_housekeeping")
async def housekeeping(context: JobContext, params: dict[str, Any]) -> dict[str, Any] | None:
    """Forget uploads of imports that nobody has come back to for a month."""
    return {"forgotten": await context.service(ImportService).housekeeping()}


nightly = Schedule(name="listening.import_housekeeping", kind="listening.import_housekeeping", cron="41 4 * * *")
