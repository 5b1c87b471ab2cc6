"""REST of playing tracks of recordings, whether they are on this server or only in the archive."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

import anyio
import structlog
from fastapi import Query, Request, Response
from starlette.types import Receive, Scope, Send

from segue.core.access import Actor
from segue.core.ids import TypedId, parse_id
from segue.core.outside import Fault
from segue.core.rest import Access, CurrentActor, Router, matches, problems, service
from segue.live.archive.streaming import Chosen, Passing, Prefer, Span, TrackStreaming, span_of

log = structlog.get_logger("segue.live")
router = Router(prefix="/live/tracks", tags=["live"])
Streaming = Annotated[TrackStreaming, service(TrackStreaming)]
Preferred = Annotated[Prefer, Query(description="Which file of the archive is played where there is a choice.")]
Play = Callable[[Actor, TypedId], Awaitable[Response | None]]
AUDIO: dict[int | str, dict[str, object]] = {
    200: {"description": "The whole file.", "content": {"audio/*": {}}},
    206: {"description": "The part that Range asked for.", "content": {"audio/*": {}}},
    416: {"description": "No part of the file is in that range."},
}
_GUARDS = {
    "Cache-Control": "private, no-cache",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Accept-Ranges": "bytes",
}


class LocalPlaying:
    """How a track that is on this server is played: `play` answers with it, or None where it is not here for this person."""

    def __init__(self, play: Play) -> None:
        self.play = play


Local = Annotated[LocalPlaying, service(LocalPlaying)]


class PassedOn(Response):
    """The archive's bytes as they come. When the listener leaves, the archive is let go at once; where they end too early,
    the connection breaks, so that nobody takes a part for the whole."""

    def __init__(self, passing: Passing, status: int, headers: dict[str, str]) -> None:
        super().__init__(None, status, headers, passing.chosen.content_type)
        if "Content-Length" not in headers:
            del self.headers["content-length"]
        self._passing = passing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with anyio.create_task_group() as both:

                async def until_left() -> None:
                    while (await receive())["type"] != "http.disconnect":
                        pass
                    both.cancel_scope.cancel()

                both.start_soon(until_left)
                await self._pass(send)
                both.cancel_scope.cancel()
        finally:
            with anyio.CancelScope(shield=True):
                await self._passing.close()

    async def _pass(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        try:
            async for chunk in self._passing.chunks():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        except Fault as fault:
            log.warning("live_stream_broke_off", id=self._passing.chosen.id, code=fault.code, reason=fault.reason)
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


@router.get(
    "/{id}/stream",
    access=Access.signed_in,
    response_class=Response,
    responses={**AUDIO, **problems(404, 409, 502, 503)},
    operation_id="live_tracks_stream",
    summary="Play a track of a recording",
)
async def stream(
    id: str, request: Request, actor: CurrentActor, streaming: Streaming, local: Local, prefer: Preferred = "lossy"
) -> Response:
    """The library's own file where the track is on this server; else a file of the archive that may be played, passed on with
    its ranges and kept nowhere. `X-Segue-From` says which: `library` or `archive`."""
    number = parse_id(id, "lt")
    here = await local.play(actor, TypedId("lt", number))
    if here is not None:
        here.headers["X-Segue-From"] = "library"
        return here
    chosen = await streaming.choose(number, prefer)
    if chosen.etag and matches(request.headers.get("if-none-match"), chosen.etag):
        return Response(status_code=304, headers={"ETag": chosen.etag, "Cache-Control": _GUARDS["Cache-Control"]})
    span = _span(request, chosen)
    if request.method == "HEAD":
        return _head(chosen)
    passing = await streaming.open(actor, chosen, span)
    if passing.file.status == 416:
        await passing.close()
        size = passing.file.size if passing.file.size is not None else chosen.file.size
        return Response(None, 416, _headers(chosen) | {"Content-Range": f"bytes */{'*' if size is None else size}"})
    return _answer(passing, span)


@router.head(
    "/{id}/stream",
    access=Access.signed_in,
    response_class=Response,
    operation_id="live_tracks_stream_head",
    summary="Size and type of a track of a recording",
)
async def stream_head(
    id: str, request: Request, actor: CurrentActor, streaming: Streaming, local: Local, prefer: Preferred = "lossy"
) -> Response:
    return await stream(id, request, actor, streaming, local, prefer)


def _span(request: Request, chosen: Chosen) -> Span | None:
    """The range that is meant: none where it was for another version of the file (RFC 9110 §13.1.5)."""
    version = request.headers.get("if-range")
    if version is not None and version != chosen.etag:
        return None
    return span_of(request.headers.get("range"), chosen.file.size)


def _headers(chosen: Chosen) -> dict[str, str]:
    said = {**_GUARDS, "X-Segue-From": "archive"}
    return said | ({"ETag": chosen.etag} if chosen.etag else {})


def _head(chosen: Chosen) -> Response:
    answer = Response(None, 200, _headers(chosen), chosen.content_type)
    if chosen.file.size is None:
        del answer.headers["content-length"]
    else:
        answer.headers["content-length"] = str(chosen.file.size)
    return answer


def _answer(passing: Passing, span: Span | None) -> Response:
    """What the archive answered, said in our own headers: it may give the whole where a part was asked for."""
    file, headers = passing.file, _headers(passing.chosen)
    if file.length is not None:
        headers["Content-Length"] = str(file.length)
    said = file.content_range
    if file.status == 206 and said is not None and said.start is not None and said.end is not None:
        headers["Content-Range"] = f"bytes {said.start}-{said.end - 1}/{'*' if said.total is None else said.total}"
    status = file.status if span is not None or file.status != 206 else 200
    return PassedOn(passing, status, headers)
