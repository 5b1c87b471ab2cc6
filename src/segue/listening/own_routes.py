"""REST of what is one's own beside plays: queues of one's players, tags, and what one searched for."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from segue.core.ids import TypedId, format_id, parse_id
from segue.core.rest import Access, CurrentActor, Cursor, Limit, Router, problems, service
from segue.listening.schemas import (
    ForgottenAnswer,
    OwnTagItem,
    OwnTagsAnswer,
    PlayQueueAnswer,
    PlayQueueBody,
    QueueItem,
    QueueRestoreBody,
    QueuesAnswer,
    QueueTakeOverBody,
    SearchBody,
    SearchChoiceBody,
    SearchItem,
    SearchKeptAnswer,
    SearchPage,
    TaggingBody,
    TagMergeBody,
    TagNameBody,
    WornTagItem,
    WornTagsAnswer,
)
from segue.listening.service import ListeningService

router = Router(tags=["listening"])
Listening = Annotated[ListeningService, service(ListeningService)]
Device = Annotated[str, Query(max_length=200, description="Whose queue; empty for the one all your players share.")]


@router.get("/queue", access=Access.signed_in, summary="Your queue, shared by your players, or that of one device")
async def queue(
    actor: CurrentActor,
    listening: Listening,
    device: Device = "",
    before: Annotated[bool, Query(description="The one that it took the place of.")] = False,
) -> PlayQueueAnswer:
    return PlayQueueAnswer.of(await listening.queue(actor, device, before=before))


@router.put("/queue", access=Access.signed_in, status_code=204, responses=problems(404), summary="Replace your queue")
async def save_queue(body: PlayQueueBody, actor: CurrentActor, listening: Listening, device: Device = "") -> Response:
    await listening.save_queue(
        actor,
        [parse_id(track, "tr") for track in body.tracks],
        current=body.current_index,
        position_ms=body.position_ms,
        client=body.client,
        device=device,
    )
    return Response(status_code=204)


@router.delete("/queue", access=Access.signed_in, status_code=204, responses=problems(404), summary="Forget a queue")
async def forget_queue(actor: CurrentActor, listening: Listening, device: Device = "") -> Response:
    await listening.forget_queue(actor, device)
    return Response(status_code=204)


@router.get("/queues", access=Access.signed_in, summary="Your queues on all devices, the last changed first")
async def queues(actor: CurrentActor, listening: Listening) -> QueuesAnswer:
    return QueuesAnswer(items=[QueueItem.of(one) for one in await listening.queues(actor)])


@router.post(
    "/queue/restore", access=Access.signed_in, responses=problems(404), summary="Take back a queue that was replaced"
)
async def restore_queue(body: QueueRestoreBody, actor: CurrentActor, listening: Listening) -> PlayQueueAnswer:
    return PlayQueueAnswer.of(await listening.restore_queue(actor, body.device, client=body.client))


@router.post(
    "/queue/take-over", access=Access.signed_in, responses=problems(404), summary="Go on where another device is"
)
async def take_over_queue(body: QueueTakeOverBody, actor: CurrentActor, listening: Listening) -> PlayQueueAnswer:
    taken = await listening.take_over_queue(actor, body.of, device=body.device, client=body.client)
    return PlayQueueAnswer.of(taken)


@router.get("/own-tags", access=Access.signed_in, summary="Your own tags, and how much bears each")
async def own_tags(actor: CurrentActor, listening: Listening) -> OwnTagsAnswer:
    return OwnTagsAnswer(items=[OwnTagItem.of(tag) for tag in await listening.own_tags(actor)])


@router.get("/own-tags/on/{id}", access=Access.signed_in, summary="Your tags on a track, an album or an artist")
async def tags_on(id: str, actor: CurrentActor, listening: Listening) -> WornTagsAnswer:
    found = await listening.tags_on(actor, TypedId.parse(id))
    return WornTagsAnswer(items=[WornTagItem(id=format_id("ot", tag.id), name=tag.name) for tag in found])


@router.post(
    "/own-tags/add",
    access=Access.signed_in,
    status_code=204,
    responses=problems(404),
    summary="Put your tags on things",
)
async def add_tags(body: TaggingBody, actor: CurrentActor, listening: Listening) -> Response:
    await listening.tag(actor, body.names, [TypedId.parse(thing) for thing in body.things])
    return Response(status_code=204)


@router.post("/own-tags/remove", access=Access.signed_in, status_code=204, summary="Take your tags off things")
async def remove_tags(body: TaggingBody, actor: CurrentActor, listening: Listening) -> Response:
    await listening.untag(actor, body.names, [TypedId.parse(thing) for thing in body.things])
    return Response(status_code=204)


@router.patch(
    "/own-tags/{id}",
    access=Access.signed_in,
    status_code=204,
    responses=problems(409),
    summary="Call a tag of your own something else",
)
async def rename_tag(id: str, body: TagNameBody, actor: CurrentActor, listening: Listening) -> Response:
    await listening.rename_tag(actor, parse_id(id, "ot"), body.name)
    return Response(status_code=204)


@router.post(
    "/own-tags/{id}/merge",
    access=Access.signed_in,
    status_code=204,
    responses=problems(404),
    summary="Make one of two tags of your own",
)
async def merge_tags(id: str, body: TagMergeBody, actor: CurrentActor, listening: Listening) -> Response:
    await listening.merge_tags(actor, parse_id(id, "ot"), parse_id(body.into, "ot"))
    return Response(status_code=204)


@router.delete("/own-tags/{id}", access=Access.signed_in, status_code=204, summary="Forget a tag of your own")
async def delete_tag(id: str, actor: CurrentActor, listening: Listening) -> Response:
    await listening.delete_tag(actor, parse_id(id, "ot"))
    return Response(status_code=204)


@router.get("/search-history", access=Access.signed_in, summary="What you searched for, the latest first")
async def searches(
    actor: CurrentActor,
    listening: Listening,
    box: Annotated[str | None, Query(max_length=50, description="In this search box.")] = None,
    starts: Annotated[str, Query(max_length=200, description="Beginning so: for completion.")] = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> SearchPage:
    before = parse_id(cursor, "sh") if cursor is not None else None
    found = await listening.searches(actor, box=box, starts=starts, before=before, limit=limit + 1)
    return SearchPage(
        items=[SearchItem.of(search) for search in found[:limit]],
        next=format_id("sh", found[limit - 1].id) if len(found) > limit else None,
        kept=await listening.keeps_searches(actor),
    )


@router.post(
    "/search-history", access=Access.signed_in, operation_id="search_history_note", summary="Keep that you searched"
)
async def note_search(body: SearchBody, actor: CurrentActor, listening: Listening) -> SearchKeptAnswer:
    return SearchKeptAnswer(kept=await listening.note_search(actor, body.box, body.query, body.results))


@router.put("/search-history/choice", access=Access.signed_in, status_code=204, summary="Keep your searches, or not")
async def keep_searches(body: SearchChoiceBody, actor: CurrentActor, listening: Listening) -> Response:
    await listening.keep_searches(actor, body.keep)
    return Response(status_code=204)


@router.delete(
    "/search-history",
    access=Access.signed_in,
    operation_id="search_history_clear",
    summary="Forget what you searched for",
)
async def forget_searches(
    actor: CurrentActor,
    listening: Listening,
    box: Annotated[str | None, Query(max_length=50, description="In this search box alone.")] = None,
) -> ForgottenAnswer:
    return ForgottenAnswer(forgotten=await listening.forget_searches(actor, box=box))


@router.delete("/search-history/{id}", access=Access.signed_in, status_code=204, summary="Forget one search")
async def forget_search(id: str, actor: CurrentActor, listening: Listening) -> Response:
    await listening.forget_search(actor, parse_id(id, "sh"))
    return Response(status_code=204)
