"""First come, first served at a file that several processes want to write.

SQLite lets one writer in at a time, and a second process waits by trying again and again, so that a busy scan can starve a
person's click. Two locks make a queue: whoever waits for the inner lock holds the outer one, so the process that has just
left must go behind it. The kernel releases both when a process dies.
"""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows has no flock; SQLite's own waiting must do there
    fcntl = None  # type: ignore[assignment]


class TurnstileTimeout(Exception):
    """The wait was longer than allowed."""


class Turnstile:
    """One per process and file. `enter` and `leave` must be paired, and only one task may be inside at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._queue: int | None = None
        self._turn: int | None = None

    async def enter(self, limit_s: float) -> None:
        """Wait for our turn, at most `limit_s` seconds. Raises TurnstileTimeout."""
        if fcntl is None:
            return
        if self._queue is None or self._turn is None:
            self._queue = os.open(f"{self._path}.queue", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._turn = os.open(f"{self._path}.turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if self._try(self._queue):
            if self._try(self._turn):
                fcntl.flock(self._queue, fcntl.LOCK_UN)
                return
            fcntl.flock(self._queue, fcntl.LOCK_UN)
        await self._wait(self._queue, self._turn, limit_s)

    def leave(self) -> None:
        if fcntl is not None and self._turn is not None:
            fcntl.flock(self._turn, fcntl.LOCK_UN)

    def someone_waits(self) -> bool:
        """Whether another process waits for its turn; asked by whoever is inside, as only who waits holds the outer lock."""
        if fcntl is None or self._queue is None:
            return False
        if self._try(self._queue):
            fcntl.flock(self._queue, fcntl.LOCK_UN)
            return False
        return True

    def close(self) -> None:
        for handle in (self._queue, self._turn):
            if handle is not None:
                os.close(handle)
        self._queue = self._turn = None

    @staticmethod
    def _try(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    async def _wait(self, queue: int, turn: int, limit_s: float) -> None:
        """Take both locks by trying every half millisecond to five: a thread blocked in flock could not be cancelled."""
        end = time.monotonic() + limit_s
        pause = 0.0005
        holding_queue = False
        try:
            while True:
                if not holding_queue:
                    holding_queue = self._try(queue)
                if holding_queue and self._try(turn):
                    return
                if time.monotonic() > end:
                    raise TurnstileTimeout
                await asyncio.sleep(pause)
                pause = min(pause * 1.5, 0.005)
        finally:
            if holding_queue:
                fcntl.flock(queue, fcntl.LOCK_UN)
