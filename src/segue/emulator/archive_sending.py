"""A file's bytes over HTTP: whole, a range of it, 416; and everything that can go wrong with that, on demand."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from segue.emulator.faults import Fault

CHUNK = 64 * 1024
TYPES = {"flac": "audio/flac", "mp3": "audio/mpeg", "ogg": "audio/ogg", "txt": "text/plain", "png": "image/png"}
SPOILING = frozenset(("cut", "flip", "drip", "ignore_range", "wrong_range", "no_range"))
"""Faults of this module."""
TRANSPORT = "segue.transport"


@dataclass
class Counting:
    """What became of sending one file; `left`: the reader went away before the end."""

    left: bool = False


class Sending(Response):
    """The bytes of a file as the archive's storage sends them; `fault` says what is wrong this time."""

    def __init__(
        self,
        name: str,
        data: bytes,
        etag: str,
        fault: Fault | None = None,
        counted: Callable[[], AbstractContextManager[Counting]] = lambda: nullcontext(Counting()),
    ) -> None:
        kind = TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")
        headers = {"Accept-Ranges": "bytes", "ETag": f'"{etag}"', "Last-Modified": "Thu, 01 Jul 2010 00:00:00 GMT"}
        super().__init__(data, 200, headers, kind)
        self._etag = f'"{etag}"'
        self._fault = fault
        self._counted = counted

    def _kind(self) -> str:
        return self._fault.kind if self._fault else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = bytes(self.body)
        if self._kind() == "flip" and body:
            place = (self._fault.bytes if self._fault and self._fault.bytes is not None else len(body) // 2) % len(body)
            body = body[:place] + bytes([body[place] ^ 0x10]) + body[place + 1 :]
        body = self._ranged(Headers(scope=scope), body)
        self.headers["Content-Length"] = str(len(body))
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        with self._counted() as counting:
            await self._send(body, scope, send, counting)

    def _ranged(self, asked: Headers, body: bytes) -> bytes:
        """What of the file is sent; sets status and Content-Range."""
        size = len(body)
        found = re.fullmatch(r"bytes=(\d*)-(\d*)", asked.get("range", ""))
        if found is None or not (found[1] or found[2]) or self._kind() == "ignore_range":
            return body
        version = asked.get("if-range")
        if version is not None and version not in (self._etag, self.headers["last-modified"]):
            return body
        first, last = max(0, size - int(found[2] or 0)), size
        if found[1]:
            first, last = int(found[1]), min(size, int(found[2]) + 1 if found[2] else size)
        if self._kind() == "no_range":
            first = last
        if first >= last:
            self.status_code = 416
            self.headers["Content-Range"] = f"bytes */{size}"
            return b""
        self.status_code = 206
        if self._kind() == "wrong_range":
            told = max(0, first - 1000) if first else 17
            self.headers["Content-Range"] = f"bytes {told}-{told + last - first - 1}/{size}"
        else:
            self.headers["Content-Range"] = f"bytes {first}-{last - 1}/{size}"
        return body[first:last]

    async def _send(self, body: bytes, scope: Scope, send: Send, counting: Counting) -> None:
        fault = self._fault
        step, pause = CHUNK, 0.0
        if fault is not None and fault.kind == "drip":
            step, pause = fault.bytes or 16_384, fault.delay_s if fault.delay_s is not None else 0.05
        if fault is not None and fault.kind == "cut":
            body, cut = body[: len(body) // 2 if fault.bytes is None else fault.bytes], True
        else:
            cut = False
        transport = scope.get(TRANSPORT)
        for start in range(0, len(body), step):
            if transport is not None and transport.is_closing():
                counting.left = True
                return
            await send({"type": "http.response.body", "body": body[start : start + step], "more_body": True})
            if pause:
                await asyncio.sleep(pause)
        if cut and transport is not None:
            transport.close()
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})
