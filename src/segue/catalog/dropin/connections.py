"""What one client may take up: the size of a request's head, and how long it may sit on a connection without getting on."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from segue.catalog.dropin.fast import Fast, lines

MOST_HEAD_BYTES = 64 << 10
"""A request line with its headers; a query of 10 kB fits."""
IDLE_S = 75.0
"""How long a connection may be kept without a request (nginx's default)."""
STUCK_S = 60.0
"""How long a request may take to arrive, and its answer to be taken: the Go server's limit for writing."""
SWEEP_EVERY_S = 5.0


class Connection(HttpToolsProtocol):
    """uvicorn's connection, with a limit to what comes before a request is whole, and with `fast` asked first."""

    fast: Fast | None = None
    served = 0
    """Answers that `fast` gave on it."""
    _head = 0
    _answered = False
    _always: tuple[object, bytes] = (None, b"")

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

    def on_message_begin(self) -> None:
        if self.fast is None:
            super().on_message_begin()
            return
        self.url = b""
        self.headers = []
        self.expect_100_continue = False

    def on_headers_complete(self) -> None:
        if self.fast is None:
            super().on_headers_complete()
            return
        if self._answered_fast(self.fast):
            self._answered = True
            self._head = 0
            self.served += 1
            return
        url, headers, expect = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expect
        self.headers.extend(headers)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self._answered:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self._answered:
            self._answered = False
        else:
            super().on_message_complete()

    def _answered_fast(self, fast: Fast) -> bool:
        cycle: Any = self.cycle
        parser = self.parser
        if (
            (cycle is not None and not cycle.response_complete)
            or parser.get_method() != b"GET"
            or not parser.should_keep_alive()
            or self.flow.write_paused
        ):
            return False
        always = self.server_state.default_headers
        if self._always[0] is not always:
            self._always = (always, lines(always))
        written = fast.answer(self.url, self.headers, self.client[0] if self.client else "", self._always[1])
        if written is None:
            return False
        self.transport.write(written)
        return True


_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: 27\r\n\r\nrequest headers too large.\n"
)


async def sweep(
    connections: set[Any], stop: asyncio.Event, *, stuck_s: float = STUCK_S, idle_s: float = IDLE_S
) -> None:
    """Until `stop`: close connections that have stood at the same request for too long."""
    seen: WeakKeyDictionary[Connection, tuple[object, bool, int, float]] = WeakKeyDictionary()
    while not stop.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), min(SWEEP_EVERY_S, stuck_s / 2))
            return
        now = time.monotonic()
        for connection in tuple(connections):
            cycle: Any = connection.cycle
            done = cycle is None or cycle.response_complete
            at = (cycle, done, connection.served)
            *before, since = seen.get(connection, (connection, now))
            if before != [*at]:
                seen[connection] = (*at, now)
            elif now - since > (idle_s + stuck_s if done else stuck_s):
                connection.transport.abort()
