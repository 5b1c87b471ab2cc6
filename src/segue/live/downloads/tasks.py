"""The background work of downloads."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from segue.jobs import JobContext, Queue, RetryPolicy, Schedule, job
from segue.live.downloads.ground import PORTER
from segue.live.downloads.service import RING, VERIFY, DownloadService

QUEUE = Queue("live-downloads", concurrency=2)
"""One porter, and a look at what is here beside it."""


@job(PORTER, queue=QUEUE.name, max_attempts=100_000, retry=RetryPolicy(base_s=1.0, cap_s=5.0))
async def fetch(context: JobContext, params: dict[str, Any]) -> dict[str, Any] | None:
    """Fetch what people want of the archive, a few files at a time."""
    return await context.service(DownloadService).work(context)


class Verified(BaseModel):
    """What is looked at: one download, or everything that is here; `deep` reads every byte again."""

    download: int | None = None
    deep: bool = False
    repair: bool = True


@job(VERIFY, queue=QUEUE.name, max_attempts=5, params=Verified)
async def verify(context: JobContext, params: Verified) -> dict[str, Any] | None:
    """Look whether what was downloaded is still what it was, and fetch again what is damaged."""
    return await context.service(DownloadService).verify(
        context, download=params.download, deep=params.deep, repair=params.repair
    )


@job(RING)
async def ring(context: JobContext, params: dict[str, Any]) -> None:
    """Go on with downloads that wait and for which nobody works."""
    await context.service(DownloadService).ring_if_waiting()


OFTEN = Schedule("live.downloads", RING, "*/10 * * * *")
NIGHTLY = Schedule("live.verify", VERIFY, "40 3 * * *")
