"""REST of playing."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from segue.core.ids import TypedId, parse_id
from segue.core.rest import Access, CurrentActor, Router, service
from segue.streaming.send import play
from segue.streaming.service import StreamingService

router = Router(tags=["streaming"])
Streaming = Annotated[StreamingService, service(StreamingService)]
AUDIO: dict[int | str, dict[str, object]] = {
    200: {"description": "The whole file.", "content": {"audio/*": {}}},
    206: {"description": "The part or parts that Range asked for.", "content": {"audio/*": {}}},
    416: {"description": "No part of the file is in that range."},
}


@router.get(
    "/tracks/{id}/stream",
    access=Access.signed_in,
    response_class=Response,
    responses=AUDIO,
    summary="Play a track",
)
async def stream(
    id: str, actor: CurrentActor, streaming: Streaming, download: Annotated[bool, Query()] = False
) -> Response:
    """The file's own bytes, with ranges; `download=true` has them saved. Playing counts no play: POST /plays does.

    A track that a CUE sheet cuts out of a larger file is sent as a file of its own where that is WAV or FLAC; of other
    formats the whole file comes, and the header `X-Segue-Part` says which part of it is meant."""
    playable = await streaming.playable(actor, TypedId("tr", parse_id(id, "tr")))
    return await play(playable, download=download)


@router.head(
    "/tracks/{id}/stream", access=Access.signed_in, response_class=Response, summary="Size and type of a track"
)
async def stream_head(
    id: str, actor: CurrentActor, streaming: Streaming, download: Annotated[bool, Query()] = False
) -> Response:
    return await stream(id, actor, streaming, download)
