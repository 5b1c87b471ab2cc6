"""REST of songs and setlists."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from segue.core.ids import format_id, format_id_or_none, parse_id
from segue.core.rest import Access, CurrentActor, Cursor, Limit, Page, Router, json_response, problems, service
from segue.live import spelling
from segue.live.songs import schemas as s
from segue.live.songs.reading import Order
from segue.live.songs.service import BUST_OUT, PerformanceOrder, SongService
from segue.query import Window

router = Router(prefix="/live", tags=["live"])
Songs = Annotated[SongService, service(SongService)]
Descending = Annotated[
    bool | None, Query(description="The other way round; plays and gaps begin with the most without it.")
]
MAY = Access.scope("edit")
NEIGHBOURS = 10
"""Songs before and after one that its own page tells; `transitions` tells all."""


@router.get(
    "/songs",
    access=Access.signed_in,
    response_model=Page[s.LiveSongItem],
    responses=problems(404),
    operation_id="live_songs_list",
    summary="Songs that were played, of a band or of all",
)
async def list_songs(
    actor: CurrentActor,
    songs: Songs,
    artist: Annotated[str | None, Query(description="Only this band's.", examples=["ba-1"])] = None,
    q: Annotated[str, Query(max_length=200, description="In the name.")] = "",
    sort: Annotated[Order, Query(description="gap: concerts since it was last played.")] = "plays",
    descending: Descending = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    found = await songs.songs(
        actor,
        artist=None if artist is None else parse_id(artist, "ba"),
        typed=q,
        order=sort,
        descending=descending,
        window=Window(limit, cursor),
    )
    return json_response({"items": [s.song(one) for one in found.items], "next": found.next, "total": found.total})


@router.get(
    "/artists/{id}/songs",
    access=Access.signed_in,
    response_model=Page[s.LiveSongItem],
    responses=problems(404),
    operation_id="live_artists_songs_list",
    summary="The songs of a band",
)
async def songs_of_artist(
    id: str,
    actor: CurrentActor,
    songs: Songs,
    q: Annotated[str, Query(max_length=200, description="In the name.")] = "",
    sort: Annotated[Order, Query(description="gap: concerts since it was last played.")] = "plays",
    descending: Descending = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    return await list_songs(actor, songs, id, q, sort, descending, limit, cursor)


@router.get(
    "/artists/{id}/songs/statistics",
    access=Access.signed_in,
    response_model=s.ArtistSongsAnswer,
    responses=problems(404),
    operation_id="live_artists_songs_statistics",
    summary="What the setlists of a band add up to",
)
async def statistics_of_artist(
    id: str,
    actor: CurrentActor,
    songs: Songs,
    least_gap: Annotated[int, Query(ge=2, le=10_000, description="Concerts a song was away for.")] = BUST_OUT,
) -> Response:
    return json_response(s.artist_songs(await songs.of_artist(actor, parse_id(id, "ba"), least_gap=least_gap)))


@router.get(
    "/songs/{id}",
    access=Access.signed_in,
    response_model=s.SongAnswer,
    responses=problems(404),
    operation_id="live_songs_get",
    summary="A song: how often, when, where in the show, beside what",
)
async def one_song(id: str, actor: CurrentActor, songs: Songs) -> Response:
    return json_response(s.details(await songs.song(actor, parse_id(id, "so")), NEIGHBOURS))


@router.get(
    "/songs/{id}/performances",
    access=Access.signed_in,
    response_model=Page[s.PerformanceItem],
    responses=problems(404),
    operation_id="live_songs_performances_list",
    summary="Every time a song was played, and where it can be heard",
)
async def performances(
    id: str,
    actor: CurrentActor,
    songs: Songs,
    sort: Annotated[PerformanceOrder, Query(description="What has none of it comes last.")] = "date",
    descending: Annotated[bool, Query(description="The latest, or the most, first.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    found = await songs.performances(
        actor, parse_id(id, "so"), order=sort, descending=descending, window=Window(limit, cursor)
    )
    items = [s.performance(one) for one in found.items]
    return json_response({"items": items, "next": found.next, "total": found.total})


@router.get(
    "/songs/{id}/transitions",
    access=Access.signed_in,
    response_model=s.TransitionsAnswer,
    responses=problems(404),
    operation_id="live_songs_transitions_get",
    summary="What came right before and after a song",
)
async def transitions(id: str, actor: CurrentActor, songs: Songs) -> Response:
    return json_response(s.transitions(await songs.song(actor, parse_id(id, "so"))))


@router.get(
    "/setlists",
    access=Access.signed_in,
    response_model=Page[s.FoundConcertItem],
    responses=problems(422),
    operation_id="live_setlists_list",
    summary="Concerts by a question on setlists, with the songs that meet it",
)
async def setlists(
    actor: CurrentActor,
    songs: Songs,
    q: Annotated[
        str,
        Query(
            min_length=1,
            max_length=4_000,
            description="A query in the query language.",
            examples=['"Scarlet Begonias" > "Fire on the Mountain" year:1977'],
        ),
    ],
    sort: Annotated[str | None, Query(max_length=200, description="date, rating, added, recordings, random.")] = None,
    note: Annotated[bool, Query(description="Keep it among your searches.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    found = await songs.setlists(actor, q, sort=sort, window=Window(limit, cursor), noted=note)
    items = [
        {**spelling.concert(one.concert), "matches": [s.match(each) for each in one.matches]} for one in found.items
    ]
    return json_response({"items": items, "next": found.next, "total": found.total})


# --- people's word ------------------------------------------------------------------------------------------------------


@router.patch(
    "/songs/{id}",
    access=MAY,
    response_model=s.SongIdAnswer,
    responses=problems(403, 404, 409, 422),
    operation_id="live_songs_update",
    summary="Call a song by its right name (editors)",
)
async def rename(id: str, body: s.SongNameBody, actor: CurrentActor, songs: Songs) -> Response:
    kept = await songs.rename(actor, parse_id(id, "so"), body.name)
    return json_response({"id": format_id("so", kept)})


@router.post(
    "/songs/{id}/merge",
    access=MAY,
    response_model=s.SongIdAnswer,
    responses=problems(403, 404, 422),
    operation_id="live_songs_merge",
    summary="Say that a song is another one (editors)",
)
async def merge(id: str, body: s.SongMergeBody, actor: CurrentActor, songs: Songs) -> Response:
    kept = await songs.merge(actor, parse_id(id, "so"), parse_id(body.into, "so"))
    return json_response({"id": format_id("so", kept)})


@router.post(
    "/songs/{id}/no-song",
    access=MAY,
    status_code=204,
    responses=problems(403, 404),
    operation_id="live_songs_reject",
    summary="Say that this is no song: a tuning, a speech (editors)",
)
async def no_song(id: str, actor: CurrentActor, songs: Songs) -> Response:
    await songs.no_song(actor, parse_id(id, "so"))
    return Response(status_code=204)


@router.get(
    "/artists/{id}/titles",
    access=Access.signed_in,
    response_model=s.SongTitlesAnswer,
    operation_id="live_titles_list",
    summary="What titles of a band mean, by people's word",
)
async def titles(id: str, actor: CurrentActor, songs: Songs) -> Response:
    items = [
        {
            "title": row.title or row.key,
            "song": None if row.song_id is None else s.named("so", row.song_id, row.song),
            "by": format_id_or_none("us", row.decided_by),
        }
        for row in await songs.titles(parse_id(id, "ba"))
    ]
    return json_response({"items": items})


@router.put(
    "/artists/{id}/titles",
    access=MAY,
    status_code=204,
    responses=problems(403, 404, 422),
    operation_id="live_titles_set",
    summary="Say which song a title means, or that it is none (editors)",
)
async def call(id: str, body: s.SongTitleBody, actor: CurrentActor, songs: Songs) -> Response:
    await songs.call(actor, parse_id(id, "ba"), body.title, None if body.song is None else parse_id(body.song, "so"))
    return Response(status_code=204)


@router.delete(
    "/artists/{id}/titles",
    access=MAY,
    status_code=204,
    responses=problems(403, 404),
    operation_id="live_titles_delete",
    summary="Take back what was said of a title (editors)",
)
async def forget(
    id: str, actor: CurrentActor, songs: Songs, title: Annotated[str, Query(min_length=1, max_length=500)]
) -> Response:
    await songs.forget(actor, parse_id(id, "ba"), title)
    return Response(status_code=204)
