"""Requests to one shard over connections that stay open: what HTTP/1.1 needs between two servers of ours, and no more.

A general client takes a millisecond of processor time a request, several times what the shard takes to answer it.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urlsplit

LONGEST_HEAD = 64 << 10
LONGEST_BODY = 256 << 20


class Line(NamedTuple):
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


class LineCut(OSError):
    """A connection that was kept open was closed by the other side before it answered anything."""


class Lines:
    """Connections to `url` (http or https), at most `most` at once. All of it belongs to one event loop."""

    def __init__(self, url: str, most: int, connect_s: float) -> None:
        parts = urlsplit(url)
        tls = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if tls else 80)
        self._tls = ssl.create_default_context() if tls else None
        self._authority = parts.netloc.rpartition("@")[2]
        self._connect_s = connect_s
        self._free: list[Line] = []
        self._room = asyncio.Semaphore(most)

    async def post(self, path: str, headers: str, body: bytes) -> tuple[int, bytes]:
        """Status and body. `headers` are whole lines. Raises OSError, EOFError, ValueError (what came is no answer)."""
        head = f"POST {path} HTTP/1.1\r\nhost: {self._authority}\r\ncontent-length: {len(body)}\r\n{headers}\r\n"
        message = head.encode("latin-1") + body
        async with self._room:
            while self._free:
                # the other side may have closed it meanwhile; then another is tried, at last a new one
                with suppress(LineCut):
                    return await self._asked(self._free.pop(), message)
            async with asyncio.timeout(self._connect_s):
                line = Line(*await asyncio.open_connection(self._host, self._port, ssl=self._tls, limit=LONGEST_HEAD))
            return await self._asked(line, message)

    async def close(self) -> None:
        for line in self._free:
            line.writer.close()
        self._free.clear()

    async def _asked(self, line: Line, message: bytes) -> tuple[int, bytes]:
        reader, writer = line
        try:
            try:
                writer.write(message)
                head = await reader.readuntil(b"\r\n\r\n")
            except (ConnectionError, asyncio.IncompleteReadError) as error:
                if isinstance(error, asyncio.IncompleteReadError) and error.partial:
                    raise
                raise LineCut(str(error)) from error
            except asyncio.LimitOverrunError as error:
                raise ValueError("its head is too long") from error
            status, length, stays = _head(head)
            body = await reader.readexactly(length)
        except BaseException:
            writer.close()
            raise
        if stays:
            self._free.append(line)
        else:
            writer.close()
        return status, body


def _head(head: bytes) -> tuple[int, int, bool]:
    """Status, length of the body, and whether the connection stays open."""
    first, *rest = head.lower().split(b"\r\n")
    headers = dict(line.split(b":", 1) for line in rest if b":" in line)
    version, _, status = first.partition(b" ")
    length = int(headers.get(b"content-length", b"-1"))
    if version != b"http/1.1" or not 0 <= length <= LONGEST_BODY:
        raise ValueError("it is no answer of a shard")
    return int(status[:3]), length, headers.get(b"connection", b"").strip() != b"close"
