"""Send a file as it is: 200, 206, multipart ranges, 416, If-Range and HEAD, as RFC 9110 has them (Starlette does the ranges)."""

from __future__ import annotations

import os

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from segue.core.rest import matches
from segue.streaming.service import Playable, as_path

_KEPT = ("etag", "last-modified", "cache-control")
"""Headers that a 304 repeats (RFC 9110 §15.4.5)."""


class WholeOrParts(FileResponse):
    """A file, the parts of it that Range asks for, or 304 for who has it already."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.stat_result is None:
            self.stat_result = await anyio.to_thread.run_sync(os.stat, self.path)
            self.set_stat_headers(self.stat_result)
        if matches(Headers(scope=scope).get("if-none-match"), self.headers["etag"]):
            unchanged = Response(status_code=304, headers={name: self.headers[name] for name in _KEPT})
            await unchanged(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def direct_play(playable: Playable, *, download: bool = False) -> WholeOrParts:
    """The answer that plays `playable`, or with `download` has it saved under its own name.

    Private, and asked again before each use: the same address plays other bytes once the file is replaced.
    """
    return WholeOrParts(
        as_path(playable.path),
        media_type=playable.content_type,
        filename=playable.file_name,
        content_disposition_type="attachment" if download else "inline",
        headers={
            "Cache-Control": "private, no-cache",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )
