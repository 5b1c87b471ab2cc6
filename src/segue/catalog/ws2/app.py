"""The face: an ASGI application that answers under whatever prefix it is mounted (`/ws/2`, `/compat/musicbrainz/ws/2`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from hashlib import blake2b
from typing import Any

import structlog

from segue.catalog.current import Current
from segue.catalog.snapshot.manifest import SnapshotDamaged
from segue.catalog.store import Backend
from segue.catalog.ws2.answering import TYPES, Answer, Format, Request, asked, refused
from segue.catalog.ws2.asked import Asked
from segue.catalog.ws2.pool import Ws2Pool

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

Recover = Callable[[Backend, SnapshotDamaged], Awaitable[bool]]

log = structlog.get_logger("segue.catalog")

_BUSY = "The MusicBrainz web server is currently busy. Please try again later."
_NOT_HERE = "This catalogue was not built from MusicBrainz."
_MARK = "/ws/2"


class Ws2App:
    """Answers from the catalogue that is current when a request comes; 404 where it was not built from MusicBrainz.

    `recover` is told of damage, and says whether another catalogue answers now.
    """

    def __init__(self, current: Current, recover: Recover | None = None) -> None:
        self._current = current
        self._recover = recover

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
            try:
                return await _asked_of(backend, what, format)
            except SnapshotDamaged as error:
                damage = error
        log.error("ws2_damaged", file=str(damage.file), why=damage.why)
        if self._recover is not None and await self._recover(backend, damage):
            with self._current.lease() as backend:
                try:
                    return await _asked_of(backend, what, format)
                except SnapshotDamaged as error:
                    log.error("ws2_damaged", file=str(error.file), why=error.why)
        return refused(format, 503, _BUSY)


async def _asked_of(backend: Backend, what: Asked, format: Format) -> Answer:
    pool = getattr(backend, "ws2", None)
    return await pool.answer(what, format) if isinstance(pool, Ws2Pool) else refused(format, 404, _NOT_HERE)


async def _send(
    send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes, *, without_body: bool = False
) -> None:
    headers = [*headers, (b"access-control-allow-origin", b"*"), (b"content-length", str(len(body)).encode())]
    if status == 304:
        headers.pop()
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if without_body else body})
