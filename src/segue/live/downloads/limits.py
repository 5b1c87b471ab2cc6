"""How much and when: the bandwidth, the hours in which nothing is fetched, and the room that stays free on the disk."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo


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


def quiet_until(now: datetime, zone: ZoneInfo, quiet: tuple[clock_time, clock_time] | None) -> datetime | None:
    """When the quiet hours that `now` lies in end (aware, UTC); None outside of them. They may run over midnight."""
    if quiet is None or quiet[0] == quiet[1]:
        return None
    begin, end = quiet
    local = now.astimezone(zone)
    for day in (local.date() - timedelta(days=1), local.date()):
        from_ = datetime.combine(day, begin, zone)
        to = datetime.combine(day if end > begin else day + timedelta(days=1), end, zone)
        if from_.astimezone(UTC) <= now.astimezone(UTC) < to.astimezone(UTC):
            return to.astimezone(UTC)
    return None


def room(folder: bytes) -> int:
    """Bytes that are free on the disk of `folder`. Raises OSError."""
    return shutil.disk_usage(folder).free
