"""Connections that do not get on are closed, and only those."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from segue.catalog.dropin.connections import sweep
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.anyio


class Held:
    """A connection as far as the sweep looks at it."""

    def __init__(self, cycle: Any) -> None:
        self.cycle = cycle
        self.served = 0
        self.aborted = asyncio.Event()
        self.transport = SimpleNamespace(abort=self.aborted.set)


class Request:
    def __init__(self, complete: bool) -> None:
        self.response_complete = complete


async def test_who_stands_at_one_request_is_closed_and_who_gets_on_is_not() -> None:
    stuck, silent, busy, quick, idle = (
        Held(Request(False)), Held(None), Held(Request(False)), Held(None), Held(Request(True))
    )  # fmt: skip
    stop = asyncio.Event()
    short = asyncio.create_task(sweep({stuck, busy, quick}, stop, stuck_s=0.02, idle_s=0.0))
    long = asyncio.create_task(sweep({silent, idle}, stop, stuck_s=0.02, idle_s=0.05))
    async with asyncio.timeout(PATIENCE_S):
        while not (stuck.aborted.is_set() and silent.aborted.is_set() and idle.aborted.is_set()):
            busy.cycle = Request(False)
            quick.served += 1
            await asyncio.sleep(0)
    assert not busy.aborted.is_set()
    assert not quick.aborted.is_set()
    stop.set()
    await asyncio.gather(short, long)
