"""What is looked at: storage, cache, free space, whether somebody's heart still beats."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

from segue.core.cache import Cache
from segue.core.clock import utc_now
from segue.core.health import Check, Finding
from segue.core.storage import Storage

SCARCE_BYTES = 1024**3
"""Below 1 GiB free a large scan or a database backup may fail: degraded."""
FULL_BYTES = 64 * 1024**2
"""Below 64 MiB free SQLite's log and covers soon cannot be written: down."""


def storage_check(storage: Storage) -> Check:
    """Whether something small can be written, read and removed."""

    async def look() -> Finding:
        await storage.check()
        return Finding("ok", "Reads and writes.", storage.where)

    return look


def cache_check(cache: Cache) -> Check:
    """Whether the cache answers. Segue works without it, more slowly."""

    async def look() -> Finding:
        try:
            await cache.check()
        except Exception as error:
            return Finding("degraded", "It does not answer; Segue works without it, more slowly.", str(error))
        return Finding("ok", "Answers.")

    return look


def space_check(
    folder: Path, *, scarce: int = SCARCE_BYTES, full: int = FULL_BYTES, free: Callable[[Path], int] | None = None
) -> Check:
    """Whether the disk under `folder` has room."""
    measure = free or (lambda path: shutil.disk_usage(path).free)

    async def look() -> Finding:
        left = await asyncio.to_thread(measure, folder)
        message = f"{_gibibytes(left)} free."
        if left < full:
            return Finding("down", f"The disk is full: {message}", str(folder))
        if left < scarce:
            return Finding("degraded", f"The disk is nearly full: {message}", str(folder))
        return Finding("ok", message, str(folder))

    return look


def heartbeat_check(last_beat: Callable[[], Awaitable[datetime | None]], limit: timedelta) -> Check:
    """Whether somebody beat within `limit`: without a worker, nothing in the background gets done."""

    async def look() -> Finding:
        beat = await last_beat()
        if beat is None:
            return Finding("degraded", "No worker is running; scans and other background work wait.")
        silent = utc_now() - beat
        if silent > limit:
            return Finding("degraded", f"No worker for {silent.total_seconds():.0f} seconds; background work waits.")
        return Finding("ok", "At work.")

    return look


def _gibibytes(count: int) -> str:
    return f"{count / 1024**3:.1f} GiB" if count >= 1024**3 else f"{count / 1024**2:.0f} MiB"
