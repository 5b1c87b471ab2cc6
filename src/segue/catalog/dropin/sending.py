"""Sends an answer: its length, its encoding, whether the client has it already, and what pages of other origins may read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import structlog

from segue.catalog.dropin.answers import (
    COMPRESS_FROM_BYTES,
    ENCODING,
    NDJSON,
    NO_STORE,
    VARY,
    Answer,
    Headers,
    Squeezing,
    compressed,
    packing,
)
from segue.catalog.dropin.asked import Asked, ClientGone, Send
from segue.core.errors import SegueError

log = structlog.get_logger("segue.catalog")

EXPOSED = b"etag, link, retry-after, x-corrected-query, x-next-cursor, x-partial, x-total-capped, x-total-count, content-encoding"
_ANY_ORIGIN: Headers = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", EXPOSED),
]
LINES_TIMEOUT_S = 60.0


async def send_answer(asked: Asked, send: Send, answer: Answer) -> None:
    """Nothing but its headers for HEAD; 304 without a body where If-None-Match names its ETag."""
    given = asked.headers
    status, headers, body = answer
    if b"if-none-match" in given and status == 200 and _has_it(given[b"if-none-match"], headers):
        status, body = 304, b""
        headers = [header for header in headers if header[0] != b"content-type"]
    else:
        if len(body) >= COMPRESS_FROM_BYTES:
            _, headers, body = compressed(answer, packing(given.get(b"accept-encoding")))
        if status != 204:
            headers.append((b"content-length", b"%d" % len(body)))
    if b"origin" in given:
        headers += _ANY_ORIGIN
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if asked.method == "HEAD" else body})


async def send_lines(asked: Asked, send: Send, parts: AsyncIterator[bytes]) -> None:
    """A stream of JSON lines, each part as soon as it is there.

    What goes wrong before the first part is raised. Later on, or where nobody takes them, the stream is cut off (ClientGone),
    so that the client does not think it has all of them.
    """
    part = await anext(parts, None)
    headers: Headers = [NDJSON, NO_STORE, VARY]
    how = packing(asked.headers.get(b"accept-encoding"))
    squeezing = Squeezing(how) if how is not None else None
    if how is not None:
        headers.append((ENCODING, how))
    if b"origin" in asked.headers:
        headers += _ANY_ORIGIN
    try:
        async with asyncio.timeout(LINES_TIMEOUT_S):
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            while part is not None:
                sent = part if squeezing is None else squeezing.part(part)
                await send({"type": "http.response.body", "body": sent, "more_body": True})
                part = await anext(parts, None)
            await send({"type": "http.response.body", "body": b"" if squeezing is None else squeezing.end()})
    except (SegueError, TimeoutError) as error:
        log.error("lines_cut_off", why=str(error) or f"nobody took them within {LINES_TIMEOUT_S:.0f} s")
        raise ClientGone from None


def _has_it(wanted: bytes, headers: Headers) -> bool:
    for name, tag in headers:
        if name == b"etag":
            bare = tag.removeprefix(b"W/")
            return wanted.strip() == b"*" or any(one.strip().removeprefix(b"W/") == bare for one in wanted.split(b","))
    return False
