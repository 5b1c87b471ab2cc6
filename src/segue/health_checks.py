"""What /health asks of the parts: do they answer, is there room, is somebody working."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from segue.core.clock import utc_now
from segue.core.health import Check, Finding
from segue.jobs import JobService

LOW_BYTES = 1 << 30
FULL_BYTES = 100 << 20


def answers(name: str, ask: Callable[[], Awaitable[None]]) -> Check:
    """Whether a part answers at all; `ask` raises where it does not."""

    async def look() -> Finding:
        await ask()
        return Finding("ok", f"{name} answers.")

    return look


def disk_space(folder: Path) -> Check:
    """Whether there is room where the database grows: below 1 GiB it gets tight, below 100 MiB it ends."""

    async def look() -> Finding:
        free = (await asyncio.to_thread(shutil.disk_usage, folder)).free
        said = f"{free / 2**30:.1f} GiB are free in the data folder."
        return Finding("down" if free < FULL_BYTES else "degraded" if free < LOW_BYTES else "ok", said)

    return look


def worker_alive(jobs: JobService, lease_s: float) -> Check:
    """Whether any worker has been heard of lately; without one, music plays and nothing is scanned."""

    async def look() -> Finding:
        limit = timedelta(seconds=max(2 * lease_s, 60))
        alive = [one for one in await jobs.workers() if utc_now() - one.heartbeat_at < limit]
        if not alive:
            return Finding("degraded", "No worker is running; what is asked for in the background waits.")
        return Finding("ok", f"{len(alive)} worker process{'es' if len(alive) > 1 else ''} at work.")

    return look
