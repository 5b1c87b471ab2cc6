"""What one client may take up: the size of a request's head, and how long it may sit on a connection without getting on."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD_BYTES = 64 << 10
"""A request line with its headers; a query of 10 kB fits."""
IDLE_S = 75.0
"""How long a connection may be kept without a request (nginx's default)."""
STUCK_S = 60.0
"""How long a request may take to arrive, and its answer to be taken: the Go server's limit for writing."""
SWEEP_EVERY_S = 5.0


class Connection(HttpToolsProtocol):
    """uvicorn's connection, with a limit to what comes before a request is whole."""

    _head = 0

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        cycle: Any = self.cycle
        if cycle is not None and not cycle.response_complete:
            self._head = 0
            return
        self._head += len(data)
        if self._head > MOST_HEAD_BYTES and not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()


_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: 27\r\n\r\nrequest headers too large.\n"
)


async def sweep(connections: set[Any], stop: asyncio.Event, *, stuck_s: float = STUCK_S) -> None:
    """Until `stop`: close connections that have stood at the same request for too long."""
    seen: WeakKeyDictionary[Any, tuple[Any, bool, float]] = WeakKeyDictionary()
    while not stop.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), min(SWEEP_EVERY_S, stuck_s / 2))
            return
        now = time.monotonic()
        for connection in tuple(connections):
            cycle = connection.cycle
            done = cycle is None or cycle.response_complete
            before, was_done, since = seen.get(connection, (connection, False, now))
            if before is not cycle or was_done is not done:
                seen[connection] = (cycle, done, now)
            elif now - since > (IDLE_S + stuck_s if done else stuck_s):
                connection.transport.abort()
