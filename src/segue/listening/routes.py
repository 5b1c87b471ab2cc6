"""REST of listening: plays and the list of them, stars, ratings, dislikes, bookmarks, what is on right now."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import Query, Response
from fastapi.responses import StreamingResponse

from segue.core.ids import TypedId, format_id, parse_id
from segue.core.rest import Access, BadCursor, CurrentActor, Cursor, Limit, Router, problems, service
from segue.listening import counting
from segue.listening.schemas import (
    BookmarkBody,
    BookmarkItem,
    BookmarksAnswer,
    ChangeItem,
    ChangePage,
    CountingAnswer,
    NowPlayingAnswer,
    NowPlayingItem,
    PlayAnswer,
    PlayBody,
    PlayChangesAnswer,
    PlayEditBody,
    PlayPage,
    PlaysBody,
    RatingBody,
    SourceItem,
    SourcesAnswer,
)
from segue.listening.service import Form, ListeningService, Place, Sought
from segue.listening.statistics.schemas import PlayItem

router = Router(tags=["listening"])
Listening = Annotated[ListeningService, service(ListeningService)]
THING = "A track, an album or an artist"


@router.put("/stars/{id}", access=Access.signed_in, status_code=204, summary="Star a track, an album or an artist")
async def star(id: str, actor: CurrentActor, listening: Listening) -> Response:
    await listening.star(actor, [TypedId.parse(id)])
    return Response(status_code=204)


@router.delete("/stars/{id}", access=Access.signed_in, status_code=204, summary="Take a star away")
async def unstar(id: str, actor: CurrentActor, listening: Listening) -> Response:
    await listening.unstar(actor, [TypedId.parse(id)])
    return Response(status_code=204)


@router.put(
    "/hates/{id}", access=Access.signed_in, status_code=204, summary="Say that you do not want to hear something"
)
async def hate(id: str, actor: CurrentActor, listening: Listening) -> Response:
    await listening.hate(actor, [TypedId.parse(id)])
    return Response(status_code=204)


@router.delete("/hates/{id}", access=Access.signed_in, status_code=204, summary="Take that back")
async def unhate(id: str, actor: CurrentActor, listening: Listening) -> Response:
    await listening.unhate(actor, [TypedId.parse(id)])
    return Response(status_code=204)


@router.put("/ratings/{id}", access=Access.signed_in, status_code=204, summary="Rate a track, an album or an artist")
async def rate(id: str, body: RatingBody, actor: CurrentActor, listening: Listening) -> Response:
    await listening.rate(actor, TypedId.parse(id), body.rating)
    return Response(status_code=204)


@router.get("/listening/counting", access=Access.signed_in, summary="When a play counts")
async def counting_rule() -> CountingAnswer:
    return CountingAnswer(
        longer_than_ms=counting.LONGER_THAN_MS,
        share=counting.ENOUGH_SHARE,
        enough_ms=counting.ENOUGH_MS,
        folded_within_s=round(counting.FOLDED_WITHIN.total_seconds()),
    )


@router.post(
    "/plays",
    access=Access.signed_in,
    operation_id="plays_report",
    responses=problems(404),
    summary="Report a play, or what is on right now",
)
async def report_play(body: PlayBody, actor: CurrentActor, listening: Listening) -> PlayAnswer:
    track_id = parse_id(body.track, "tr")
    if body.submission is False:
        await listening.now_playing(
            actor,
            track_id,
            client=body.client,
            device=body.device,
            position_ms=body.position_ms,
            paused=body.paused,
        )
        return PlayAnswer(counted=False)
    counted = await listening.play(
        actor,
        track_id,
        played_at=body.played_at,
        client=body.client,
        device=body.device,
        source=body.source,
        duration_played_ms=body.duration_played_ms,
        by_rule=body.submission is None,
    )
    return PlayAnswer(counted=counted)


@router.get("/plays", access=Access.signed_in, summary="Your own plays, newest first")
async def plays(
    actor: CurrentActor,
    listening: Listening,
    q: Annotated[str, Query(max_length=200, description="Words in title, artist or album.")] = "",
    first: Annotated[date | None, Query(alias="from", description="The first day, by your own clock.")] = None,
    last: Annotated[date | None, Query(alias="to", description="The last day.")] = None,
    source: Annotated[str | None, Query(max_length=200, description="Told by: web, rest, subsonic, lastfm …")] = None,
    client: Annotated[str | None, Query(max_length=200)] = None,
    device: Annotated[str | None, Query(max_length=200)] = None,
    track: Annotated[str | None, Query(description="Of this track.", examples=["tr-81"])] = None,
    matched: Annotated[bool | None, Query(description="Of tracks that are here (true), or of what is not.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> PlayPage:
    sought = Sought(
        q,
        first,
        last,
        source,
        client,
        device,
        parse_id(track, "tr") if track is not None else None,
        matched,
    )
    page = await listening.history(actor, before=_before(cursor), limit=limit, sought=sought)
    found = await listening.in_catalog(actor, page.plays)
    items = [PlayItem.of(play, mention) for play, mention in zip(page.plays, found, strict=True)]
    return PlayPage(items=items, next=_written(page.next))


@router.get("/plays/sources", access=Access.signed_in, summary="Where your plays came from")
async def play_sources(actor: CurrentActor, listening: Listening) -> SourcesAnswer:
    found = await listening.play_sources(actor)
    return SourcesAnswer(
        items=[SourceItem(source=source, client=client, device=device) for source, client, device in found]
    )


@router.get("/plays/changes", access=Access.signed_in, summary="What you changed in your history, the latest first")
async def play_changes(
    actor: CurrentActor, listening: Listening, limit: Limit = 50, cursor: Cursor = None
) -> ChangePage:
    found = await listening.play_changes(actor, before=_number(cursor), limit=limit + 1)
    return ChangePage(
        items=[ChangeItem.of(change) for change in found[:limit]],
        next=str(found[limit - 1].id) if len(found) > limit else None,
    )


@router.post(
    "/plays/changes/{id}/undo",
    access=Access.signed_in,
    status_code=204,
    responses=problems(404, 409),
    operation_id="plays_changes_undo",
    summary="Take a change of your history back",
)
async def undo_play_change(id: str, actor: CurrentActor, listening: Listening) -> Response:
    await listening.undo_play_change(actor, parse_id(id, "pc"))
    return Response(status_code=204)


@router.post(
    "/plays/delete",
    access=Access.signed_in,
    responses=problems(404),
    operation_id="plays_delete_many",
    summary="Take plays out of your history",
)
async def delete_plays(body: PlaysBody, actor: CurrentActor, listening: Listening) -> PlayChangesAnswer:
    changes = await listening.delete_plays(actor, [parse_id(play, "py") for play in body.plays])
    return PlayChangesAnswer(changes=[format_id("pc", change) for change in changes])


@router.delete("/plays/{id}", access=Access.signed_in, summary="Take a play out of your history")
async def delete_play(id: str, actor: CurrentActor, listening: Listening) -> PlayChangesAnswer:
    changes = await listening.delete_plays(actor, [parse_id(id, "py")])
    return PlayChangesAnswer(changes=[format_id("pc", change) for change in changes])


@router.patch("/plays/{id}", access=Access.signed_in, summary="Say that a play was of another track")
async def edit_play(id: str, body: PlayEditBody, actor: CurrentActor, listening: Listening) -> PlayChangesAnswer:
    track = parse_id(body.track, "tr") if body.track is not None else None
    change = await listening.edit_play(actor, parse_id(id, "py"), track)
    return PlayChangesAnswer(changes=[format_id("pc", change)])


@router.get("/now-playing", access=Access.signed_in, operation_id="now_playing_list", summary="Who is playing what")
async def now_playing(actor: CurrentActor, listening: Listening) -> NowPlayingAnswer:
    return NowPlayingAnswer(
        items=[NowPlayingItem.of(playing, actor.person) for playing in await listening.playing(actor)]
    )


@router.delete("/now-playing", access=Access.signed_in, status_code=204, summary="Say that your player stopped")
async def stopped(
    actor: CurrentActor,
    listening: Listening,
    client: Annotated[str, Query(max_length=200)] = "",
    device: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    await listening.stopped(actor, client=client, device=device)
    return Response(status_code=204)


@router.get("/bookmarks", access=Access.signed_in, summary="Your places in tracks, the last changed first")
async def bookmarks(actor: CurrentActor, listening: Listening) -> BookmarksAnswer:
    return BookmarksAnswer(items=[BookmarkItem.of(mark) for mark in await listening.bookmarks(actor)])


@router.put("/bookmarks/{id}", access=Access.signed_in, status_code=204, summary="Mark a place in a track")
async def set_bookmark(id: str, body: BookmarkBody, actor: CurrentActor, listening: Listening) -> Response:
    await listening.set_bookmark(actor, parse_id(id, "tr"), body.position_ms, body.comment)
    return Response(status_code=204)


@router.delete("/bookmarks/{id}", access=Access.signed_in, status_code=204, summary="Forget a place in a track")
async def delete_bookmark(id: str, actor: CurrentActor, listening: Listening) -> Response:
    await listening.delete_bookmark(actor, parse_id(id, "tr"))
    return Response(status_code=204)


@router.get(
    "/listening/export",
    access=Access.signed_in,
    operation_id="listening_export",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"application/x-ndjson": {}, "text/csv": {}}, "description": "The text, as it is read."}
    },
    summary="Everything that is your own, to take along",
)
async def export(
    actor: CurrentActor,
    listening: Listening,
    format: Annotated[
        Form, Query(description="Everything as JSON lines, or the plays as CSV or for ListenBrainz.")
    ] = Form.jsonl,
) -> StreamingResponse:
    headers = {"Content-Disposition": f'attachment; filename="{format.file_name}"', "Cache-Control": "no-store"}
    return StreamingResponse(listening.export(actor, format), media_type=format.media_type, headers=headers)


def _before(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    try:
        stamp, _, number = cursor.rpartition(".")
        return datetime.fromtimestamp(float(stamp), UTC), int(number)
    except (ValueError, OverflowError, OSError):
        raise BadCursor from None


def _written(place: Place | None) -> str | None:
    return None if place is None else f"{place[0].timestamp():.6f}.{place[1]}"


def _number(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 15:
        raise BadCursor
    return int(cursor)
