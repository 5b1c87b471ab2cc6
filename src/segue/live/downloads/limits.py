"""How much may be fetched: the bandwidth, and the room that stays free on the disk."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable


class Bandwidth:
    """At most so many bytes a second for everybody who takes from it; a second's worth may be taken at once."""

    def __init__(
        self,
        rate: Callable[[], float],
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._rate = rate
        """Bytes a second; 0 for no limit."""
        self._clock = clock
        self._sleep = sleep
        self._free_at = 0.0

    async def take(self, count: int, go_on: Callable[[], None]) -> None:
        """Wait until `count` more bytes may have come; `go_on` is called meanwhile and may raise."""
        rate = self._rate()
        if rate <= 0:
            return
        now = self._clock()
        self._free_at = max(self._free_at, now - 1.0) + count / rate
        wait = self._free_at - now
        while wait > 0:
            await self._sleep(min(wait, 0.25))
            go_on()
            wait = self._free_at - self._clock()


def room(folder: bytes) -> int:
    """Bytes that are free on the disk of `folder`. Raises OSError."""
    return shutil.disk_usage(folder).free
