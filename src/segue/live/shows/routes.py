"""REST of the concerts one was at, and of this day."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response
from starlette.responses import StreamingResponse

from segue.core.ids import parse_id
from segue.core.rest import Access, CurrentActor, Cursor, Limit, Page, Router, json_response, problems, service
from segue.live import spelling
from segue.live.shows import schemas as s
from segue.live.shows.service import Order, ShowsService
from segue.query import Window

router = Router(prefix="/live", tags=["live"])
Shows = Annotated[ShowsService, service(ShowsService)]
Artist = Annotated[str | None, Query(description="Only of this band.", examples=["ba-1"])]


def _number(artist: str | None) -> int | None:
    return None if artist is None else parse_id(artist, "ba")


@router.get(
    "/me/shows",
    access=Access.signed_in,
    response_model=Page[s.AttendedItem],
    operation_id="live_shows_list",
    summary="The concerts you were at, the latest first",
)
async def list_shows(
    actor: CurrentActor,
    shows: Shows,
    artist: Artist = None,
    year: Annotated[str, Query(pattern=r"^(\d{4})?$", description="Only of this year.")] = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    found = await shows.shows(actor, artist=_number(artist), year=year, window=Window(limit, cursor))
    return json_response({"items": [s.attended(one) for one in found.items], "next": found.next, "total": found.total})


@router.put(
    "/me/shows/{id}",
    access=Access.signed_in,
    response_model=s.AttendedItem,
    responses=problems(404, 422),
    operation_id="live_shows_set",
    summary="Say that you were at a concert",
)
async def attend(id: str, body: s.AttendBody, actor: CurrentActor, shows: Shows) -> Response:
    return json_response(s.attended(await shows.attend(actor, parse_id(id, "co"), body.note)))


@router.delete(
    "/me/shows/{id}",
    access=Access.signed_in,
    status_code=204,
    responses=problems(404),
    operation_id="live_shows_delete",
    summary="Take back that you were at a concert, by its id or uid",
)
async def forget(id: str, actor: CurrentActor, shows: Shows) -> Response:
    if id.startswith("co-"):
        await shows.forget_concert(actor, parse_id(id, "co"))
    else:
        await shows.forget(actor, id)
    return Response(status_code=204)


@router.post(
    "/me/shows/import",
    access=Access.signed_in,
    response_model=s.ShowsImportedAnswer,
    responses=problems(422),
    operation_id="live_shows_import",
    summary="Take over a list of the concerts you were at",
)
async def bring(body: s.ShowsBody, actor: CurrentActor, shows: Shows) -> Response:
    found = await shows.bring(actor, body.text, artist=body.artist, dry_run=body.dry_run)
    added = sum(1 for one in found if one.state in ("found", "new"))
    return json_response({"items": [s.imported(one) for one in found], "added": added})


@router.get(
    "/me/shows/export",
    access=Access.signed_in,
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {}}, "description": "The text, as it is read."}},
    operation_id="live_shows_export",
    summary="The concerts you were at as CSV, to take along",
)
async def export(actor: CurrentActor, shows: Shows) -> StreamingResponse:
    named = {"Content-Disposition": 'attachment; filename="shows.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(shows.export(actor), media_type="text/csv; charset=utf-8", headers=named)


@router.get(
    "/me/songs",
    access=Access.signed_in,
    response_model=Page[s.SeenSongItem],
    operation_id="live_shows_songs_list",
    summary="Songs that you heard at concerts, or never did",
)
async def songs(
    actor: CurrentActor,
    shows: Shows,
    seen: Annotated[bool, Query(description="False: songs of bands you saw that you never heard.")] = True,
    artist: Artist = None,
    sort: Annotated[Order, Query(description="gap: the longest since you heard it first.")] = "times",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    window = Window(limit, cursor)
    found = await shows.songs(actor, seen=seen, artist=_number(artist), order=sort, window=window)
    return json_response({"items": [s.seen(one) for one in found.items], "next": found.next, "total": found.total})


@router.get(
    "/me/statistics",
    access=Access.signed_in,
    response_model=s.ShowsStatistics,
    operation_id="live_shows_statistics_get",
    summary="What the concerts you were at add up to",
)
async def statistics(actor: CurrentActor, shows: Shows) -> Response:
    return json_response(s.statistics(await shows.statistics(actor)))


@router.get(
    "/today",
    access=Access.signed_in,
    response_model=s.TodayAnswer,
    responses=problems(422),
    operation_id="live_today_get",
    summary="Concerts of this day in any year: yours, and of bands you love",
)
async def today(
    actor: CurrentActor,
    shows: Shows,
    date: Annotated[str | None, Query(max_length=10, description="MM-DD or a whole date; today without it.")] = None,
) -> Response:
    found = await shows.today(actor, date)
    return json_response(
        {
            "mine": [s.attended(one) for one in found.mine],
            "favourites": [spelling.concert(view) for view in found.favourites],
        }
    )
