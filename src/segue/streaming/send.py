"""Send a file as it is: 200, 206, multipart ranges, 416, If-Range and HEAD, as RFC 9110 has them (Starlette does the ranges)."""

from __future__ import annotations

import hashlib
import os
import re
from urllib.parse import quote

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from segue.core.access import Actor
from segue.core.ids import TypedId
from segue.core.rest import matches
from segue.streaming.service import (
    FileIsGone,
    FileNotReadable,
    NothingToPlay,
    Playable,
    StreamingService,
    as_path,
)
from segue.streaming.spliced import Spliced, splice

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


class PartOfFile(Response):
    """A part of a file as a file of its own, whole or the one range that is asked for (RFC 9110: of several, all of it)."""

    def __init__(self, path: bytes, part: Spliced, media_type: str, headers: dict[str, str], etag: str) -> None:
        self._path, self._part, self._etag = path, part, etag
        super().__init__(None, 200, headers | {"ETag": etag, "Accept-Ranges": "bytes"}, media_type)
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = Headers(scope=scope)
        if matches(asked.get("if-none-match"), self._etag):
            kept = {name: self.headers[name] for name in ("etag", "cache-control")}
            await Response(status_code=304, headers=kept)(scope, receive, send)
            return
        length = self._part.length
        whole_wanted = asked.get("if-range") not in (None, self._etag)
        span = None if whole_wanted else _range(asked.get("range"), length)
        if span == ():
            refused = Response(status_code=416, headers={"Content-Range": f"bytes */{length}"})
            await refused(scope, receive, send)
            return
        start, end = span or (0, length)
        self.headers["Content-Length"] = str(end - start)
        if span:
            self.status_code = 206
            self.headers["Content-Range"] = f"bytes {start}-{end - 1}/{length}"
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if scope["method"] != "HEAD":
            async for data in self._part.read(self._path, start, end):
                await send({"type": "http.response.body", "body": data, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _range(header: str | None, length: int) -> tuple[int, int] | tuple[()] | None:
    """The range asked for as (start, end), none for all of it, an empty one where there is no such range."""
    found = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", (header or "").replace(" ", ""))
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        start, end = max(0, length - int(found[2])), length
    else:
        start, end = int(found[1]), min(length, int(found[2]) + 1 if found[2] else length)
    return (start, end) if start < end else ()


async def play_if_here(streaming: StreamingService, actor: Actor, typed: TypedId) -> Response | None:
    """The answer that plays what is under an id; None where its bytes are not on this server just now."""
    try:
        return await play(await streaming.playable(actor, typed))
    except (NothingToPlay, FileIsGone, FileNotReadable):
        return None


async def play(playable: Playable, *, download: bool = False) -> Response:
    """The answer that plays `playable`, or with `download` has it saved under its own name.

    Private, and asked again before each use: the same address plays other bytes once the file is replaced. A part of a file
    is cut out where the format allows it; where not, the whole file is sent, and the header X-Segue-Part says so.
    """
    headers = {
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    how = "attachment" if download else "inline"
    if playable.start_ms is not None:
        end = "" if playable.end_ms is None else playable.end_ms
        part = await anyio.to_thread.run_sync(splice, playable.path, playable.start_ms, playable.end_ms)
        headers["X-Segue-Part"] = f"{'whole' if part is None else 'cut'}; start_ms={playable.start_ms}; end_ms={end}"
        if part is not None:
            status = await anyio.to_thread.run_sync(os.stat, playable.path)
            told = f"{status.st_mtime_ns}-{status.st_size}-{playable.start_ms}-{end}"
            name = quote(_named(playable.file_name, playable.start_ms), safe="")
            headers["Content-Disposition"] = f"{how}; filename*=utf-8''{name}"
            etag = f'"{hashlib.blake2b(told.encode(), digest_size=12).hexdigest()}"'
            return PartOfFile(playable.path, part, playable.content_type, headers, etag)
    return WholeOrParts(
        as_path(playable.path),
        media_type=playable.content_type,
        filename=playable.file_name,
        content_disposition_type=how,
        headers=headers,
    )


def _named(file_name: str, start_ms: int) -> str:
    """A name for a part, that tells it from the other parts of its file."""
    stem, dot, extension = file_name.rpartition(".")
    place = f"{start_ms // 60_000:02}.{start_ms // 1000 % 60:02}"
    return f"{stem} {place}{dot}{extension}" if dot else f"{file_name} {place}"
