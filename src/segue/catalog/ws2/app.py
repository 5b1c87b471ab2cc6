"""The face: an ASGI application that answers under whatever prefix it is mounted (`/ws/2`, `/compat/musicbrainz/ws/2`).

Lookups are answered on the loop, they take less than a hop to a thread would; lists and searches go to threads, each with a
connection of its own.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec
import structlog
import zstandard

from segue.catalog.current import Current
from segue.catalog.snapshot.manifest import SnapshotDamaged
from segue.catalog.ws2.answering import TYPES, Answer, Format, Request, answered, asked, refused
from segue.catalog.ws2.asked import Asked
from segue.catalog.ws2.reading import Ws2

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

log = structlog.get_logger("segue.catalog")

THREADS = 2
_BUSY = "The MusicBrainz web server is currently busy. Please try again later."
_NOT_HERE = "This catalogue was not built from MusicBrainz."
_MARK = "/ws/2"


class Ws2Pool:
    """The documents of one snapshot, for the loop and for threads: all connections are opened at once, so that a file that
    takes this one's place is never mixed with it."""

    def __init__(self, path: Path, threads: int = THREADS) -> None:
        self.path = path
        self._here = Ws2(path)
        self._free = [Ws2(path) for _ in range(threads)]
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="ws2")

    async def answer(self, what: Asked, format: Format) -> Answer:
        """Raises SnapshotDamaged."""
        if what.id is not None:
            return self._read(self._here, what, format)
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(self._in_thread, what, format))

    def close(self) -> None:
        """Once the threads are done."""
        self._threads.shutdown()
        self._here.close()
        for one in self._free:
            one.close()

    def _in_thread(self, what: Asked, format: Format) -> Answer:
        one = self._free.pop()
        try:
            return self._read(one, what, format)
        finally:
            self._free.append(one)

    def _read(self, ws2: Ws2, what: Asked, format: Format) -> Answer:
        try:
            return answered(ws2, what, format)
        except (sqlite3.DatabaseError, zstandard.ZstdError, msgspec.DecodeError) as error:
            raise SnapshotDamaged(self.path, str(error)) from error


class Ws2App:
    """`Ws2App(current)`: answers from the catalogue that is current when a request comes."""

    def __init__(self, current: Current) -> None:
        self._current = current

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = dict(scope["headers"])
        path = scope["path"]
        mark = path.rfind(_MARK)
        request = Request(
            scope["method"],
            path[mark + len(_MARK) :] if mark >= 0 else path,
            scope.get("query_string", b""),
            headers.get(b"accept", b"").decode("latin-1"),
        )
        if request.method == "OPTIONS":
            await _send(send, 204, [(b"allow", b"GET, HEAD, OPTIONS")], b"")
            return
        format, what = asked(request)
        answer = what if isinstance(what, Answer) else await self._answer(what, format)
        tag = b'"' + blake2b(answer.body, digest_size=12).hexdigest().encode() + b'"'
        more = [(b"content-type", TYPES[answer.format]), (b"etag", tag), (b"vary", b"accept")]
        if answer.status == 200 and tag in headers.get(b"if-none-match", b""):
            await _send(send, 304, more[1:], b"")
            return
        await _send(send, answer.status, more, answer.body, without_body=request.method == "HEAD")

    async def _answer(self, what: Asked, format: Format) -> Answer:
        with self._current.lease() as backend:
            pool: Ws2Pool | None = getattr(backend, "ws2", None)
            if pool is None:
                return refused(format, 404, _NOT_HERE)
            try:
                return await pool.answer(what, format)
            except SnapshotDamaged as error:
                log.error("ws2_damaged", file=str(error.file), why=error.why)
                return refused(format, 503, _BUSY)


async def _send(
    send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes, *, without_body: bool = False
) -> None:
    headers = [*headers, (b"access-control-allow-origin", b"*"), (b"content-length", str(len(body)).encode())]
    if status == 304:
        headers.pop()
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if without_body else body})
