"""What the tests of outside services share: a small service of no world, and an Outside over a transport of the test's."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2

from segue.core.cache import open_cache
from segue.core.db import Database
from segue.core.outside import Ask, Outside, Service, Terms


def a_service(**how: Any) -> Service:
    """A service that answers JSON at a host that does not exist."""
    return Service(
        **{"name": "oracle", "title": "Oracle", "base_url": "https://oracle.test/1", "terms": Terms("none"), **how}
    )


class Moved:
    """Time that moves when somebody sleeps, and when told."""

    def __init__(self) -> None:
        self.now = time.time()
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@asynccontextmanager
async def asking(
    db: Database, answer: Callable[[httpx2.Request], Any], clock: Moved | None = None, **how: Any
) -> AsyncIterator[Outside]:
    """An Outside whose requests are answered by `answer` (an httpx2.Response, or an exception it raises)."""
    clock = clock or Moved()
    transport = httpx2.MockTransport(answer)
    outside = Outside(db, open_cache(None), transport=transport, clock=clock, sleep=clock.sleep, **how)
    try:
        yield outside
    finally:
        await outside.close()


def an_ask(**how: Any) -> Ask[Any]:
    return Ask(**{"kind": "tell", "path": "tell", **how})
