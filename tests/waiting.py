"""How tests wait: for a condition, and for so long that a deadline that passes means that it hangs.

A deadline costs nothing when things go well. So there is one for all, for a machine that is many times slower and busy with
other tests besides.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

PATIENCE_S = 180.0


def wait_until(what: Callable[[], object], patience_s: float = PATIENCE_S) -> object:
    """What `what` gives once it is true; fails after `patience_s`."""
    end = time.monotonic() + patience_s
    while True:
        found = what()
        if found:
            return found
        assert time.monotonic() < end, f"it never came true, in {patience_s:g} s"
        time.sleep(0.05)


async def until(condition: Callable[[], Awaitable[Any]], limit_s: float = PATIENCE_S) -> Any:
    """What `condition` gives once it is truthy. Fails after `limit_s`."""
    end = time.monotonic() + limit_s
    while True:
        value = await condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"nothing came of it within {limit_s:g} s")
        await asyncio.sleep(0.01)
