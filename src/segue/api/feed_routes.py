"""REST of the change feed: what changed since a cursor, and a stream that says when to ask."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query, Response
from pydantic import BaseModel
from starlette.responses import StreamingResponse

from segue.core.changes import ChangeFeed
from segue.core.events import Events
from segue.core.rest import Access, CurrentActor, Limit, Router, problems, service

router = Router(tags=["changes"])
Feed = Annotated[ChangeFeed, service(ChangeFeed)]
EventStreams = Annotated[Events, service(Events)]


class ChangeAnswer(BaseModel):
    kind: str
    id: str
    op: Literal["upsert", "delete"]
    cursor: int


class ChangesAnswer(BaseModel):
    """`cursor` is what to ask with next; ask again at once while `more`."""

    epoch: str
    cursor: int
    items: list[ChangeAnswer]
    more: bool


@router.get("/changes", access=Access.signed_in, responses=problems(410), summary="What changed since a cursor")
async def changes(
    actor: CurrentActor,
    feed: Feed,
    since: Annotated[int | None, Query(ge=0, description="The `cursor` of the answer before.")] = None,
    epoch: Annotated[str | None, Query(description="The `epoch` of the answer before.", max_length=100)] = None,
    kinds: Annotated[str | None, Query(description="Only these kinds, separated by commas.", max_length=1000)] = None,
    limit: Limit = 500,
) -> ChangesAnswer:
    """Upserts and tombstones, oldest first. Without `since`: no items, and the cursor to begin with.

    410 where changes that far back are no longer kept, or the database was restored: fetch everything afresh.
    """
    if since is None:
        page = await feed.head(actor)
    else:
        wanted = tuple(kind.strip() for kind in kinds.split(",")) if kinds else ()
        page = await feed.since(since, actor, kinds=wanted, limit=limit, epoch=epoch)
    return ChangesAnswer(
        epoch=page.epoch,
        cursor=page.cursor,
        more=page.more,
        items=[
            ChangeAnswer(
                kind=item.kind, id=item.id, op="delete" if item.op == "delete" else "upsert", cursor=item.cursor
            )
            for item in page.items
        ],
    )


@router.get(
    "/events",
    access=Access.signed_in,
    response_class=Response,
    responses={200: {"description": "Server-sent events.", "content": {"text/event-stream": {}}}},
    summary="Be told when something is new",
)
async def events(actor: CurrentActor, streams: EventStreams) -> Response:
    """`changes` with the newest cursor, `jobs` and `scan` with progress, and a comment every 15 s.

    A stream ends after 15 minutes at the latest; connect again.
    """
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(streams.stream(actor), media_type="text/event-stream", headers=headers)
