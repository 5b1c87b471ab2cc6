"""REST of playlists: lists, rows, and what fills smart ones. Sharing, history, covers and folders are in `more_routes`."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated

from fastapi import Header, Query, Response

from segue.core.ids import parse_id
from segue.core.rest import Access, CurrentActor, Cursor, Limit, Page, Router, json_response, problems, service
from segue.playlists import schemas as s
from segue.playlists.errors import PlaylistChanged
from segue.playlists.service import PlaylistService
from segue.playlists.views import Place
from segue.query import Window

router = Router(prefix="/playlists", tags=["playlists"])
Playlists = Annotated[PlaylistService, service(PlaylistService)]
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description="The ETag of the list as it was read; 409 where it was changed since."),
]
_TAG = re.compile(r'\s*(?:W/)?"r([0-9]{1,9})[^"]*"\s*\Z')


@router.get("", access=Access.signed_in, responses=problems(400), summary="The playlists you may see, by name")
async def list_playlists(
    actor: CurrentActor,
    playlists: Playlists,
    q: Annotated[
        str | None, Query(max_length=10_000, description="A query about playlists: `smart:true train`.")
    ] = None,
    sort: Annotated[str | None, Query(max_length=200, description="`name`, `-changed`, `tracks`, `kind` …")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[s.PlaylistItem]:
    """Your own, those shared with you, and public ones. A smart list says what it holds now."""
    found = await playlists.page(actor, q=q, sort=sort, window=Window(limit, cursor))
    covers = await playlists.covers(actor, found.items)
    items = [s.PlaylistItem.of(view, covers[view.id]) for view in found.items]
    return Page[s.PlaylistItem](items=items, next=found.next, total=found.total)


@router.post("", access=Access.signed_in, status_code=201, responses=problems(404), summary="Make a playlist")
async def create_playlist(body: s.NewPlaylist, actor: CurrentActor, playlists: Playlists) -> s.PlaylistWithRows:
    """With `tracks` a manual one; with a `query` one that fills itself."""
    number = await playlists.create(
        actor,
        body.name,
        [parse_id(track, "tr") for track in body.tracks],
        comment=body.comment,
        visibility=body.visibility,
        query=body.query,
        folder_id=None if body.folder_id is None else parse_id(body.folder_id, "pf"),
    )
    return await whole(actor, playlists, number)


@router.post("/preview", access=Access.signed_in, summary="What a smart playlist would hold")
async def preview_playlist(body: s.PreviewAsk, actor: CurrentActor, playlists: Playlists) -> s.SmartPreviewAnswer:
    """For a live count while a query is written: how many tracks, how long, and the first of them. Nothing is kept.

    422 says where the query is wrong, or names the playlists that would be filled from one another in a circle.
    """
    editing = None if body.playlist_id is None else parse_id(body.playlist_id, "pl")
    return s.SmartPreviewAnswer.of(await playlists.preview(actor, body.query, limit=body.limit, playlist_id=editing))


@router.get("/{id}", access=Access.signed_in, response_model=s.PlaylistWithRows, summary="A playlist and its rows")
async def get_playlist(
    id: str,
    actor: CurrentActor,
    playlists: Playlists,
    limit: Annotated[int, Query(ge=0, le=10_000, description="How many of its first rows.")] = 1_000,
) -> Response:
    """The first rows; `next` leads on. Its ETag serves as `If-Match` of changes."""
    item = await whole(actor, playlists, parse_id(id, "pl"), limit)
    return _tagged(item)


@router.patch(
    "/{id}", access=Access.signed_in, responses=problems(409), summary="Rename a playlist, or change who may see it"
)
async def change_playlist(
    id: str, body: s.PlaylistPatch, actor: CurrentActor, playlists: Playlists, if_match: IfMatch = None
) -> s.PlaylistWithRows:
    """And what fills it: a `query` makes a manual list a smart one."""
    number = parse_id(id, "pl")
    shares = None
    if body.shared_with is not None:
        shares = {parse_id(share.user_id, "us"): share.may_edit for share in body.shared_with}
    revision = expected(body.revision, if_match)
    if body.query is not None:
        await playlists.set_query(actor, number, body.query, revision=revision)
        revision = None
    if any(said is not None for said in (body.name, body.comment, body.visibility, shares)):
        await playlists.change(
            actor,
            number,
            name=body.name,
            comment=body.comment,
            visibility=body.visibility,
            shared_with=shares,
            revision=revision,
        )
    return await whole(actor, playlists, number)


@router.delete("/{id}", access=Access.signed_in, status_code=204, summary="Delete a playlist")
async def delete_playlist(id: str, actor: CurrentActor, playlists: Playlists) -> Response:
    await playlists.delete(actor, parse_id(id, "pl"))
    return Response(status_code=204)


# --- rows -------------------------------------------------------------------------------------------------------------


@router.get("/{id}/rows", access=Access.signed_in, operation_id="playlists_rows_list", summary="The rows of a playlist")
async def list_rows(
    id: str, actor: CurrentActor, playlists: Playlists, limit: Limit = 100, cursor: Cursor = None
) -> Page[s.PlaylistRowItem]:
    """A page of them, in order. `total` is null for a smart list of more than 10,000."""
    _, page = await playlists.rows(actor, parse_id(id, "pl"), limit=limit, cursor=cursor)
    rows = [s.PlaylistRowItem.of(row) for row in page.rows]
    return Page[s.PlaylistRowItem](items=rows, next=page.next, total=page.total)


@router.post(
    "/{id}/rows",
    access=Access.signed_in,
    operation_id="playlists_rows_add",
    responses=problems(409),
    summary="Add tracks",
)
async def add_rows(
    id: str, body: s.MoreTracks, actor: CurrentActor, playlists: Playlists, if_match: IfMatch = None
) -> s.PlaylistWithRows:
    """Before or behind a row, at the start, or at the end. A track may stand in a list several times."""
    number = parse_id(id, "pl")
    await playlists.add_tracks(
        actor,
        number,
        [parse_id(track, "tr") for track in body.tracks],
        place=_place(body),
        revision=expected(body.revision, if_match),
    )
    return await whole(actor, playlists, number)


@router.post(
    "/{id}/rows/move",
    access=Access.signed_in,
    operation_id="playlists_rows_move",
    responses=problems(409),
    summary="Move rows",
)
async def move_rows(
    id: str, body: s.MovedRows, actor: CurrentActor, playlists: Playlists, if_match: IfMatch = None
) -> s.PlaylistWithRows:
    """Before or behind another row, to the start, or to the end, in the order given. Only these rows are written, so
    that what others change at the same time holds too."""
    number = parse_id(id, "pl")
    await playlists.move_rows(
        actor,
        number,
        [parse_id(row, "pr") for row in body.rows],
        place=_place(body),
        revision=expected(body.revision, if_match),
    )
    return await whole(actor, playlists, number)


@router.post(
    "/{id}/rows/remove",
    access=Access.signed_in,
    operation_id="playlists_rows_remove",
    responses=problems(409),
    summary="Remove rows",
)
async def remove_rows(
    id: str, body: s.RemovedRows, actor: CurrentActor, playlists: Playlists, if_match: IfMatch = None
) -> s.PlaylistWithRows:
    """Several at once. Rows that are gone already are no error."""
    number = parse_id(id, "pl")
    rows = [parse_id(row, "pr") for row in body.rows]
    await playlists.remove_rows(actor, number, rows, revision=expected(body.revision, if_match))
    return await whole(actor, playlists, number)


@router.put(
    "/{id}/rows",
    access=Access.signed_in,
    operation_id="playlists_rows_replace",
    responses=problems(409),
    summary="Put other tracks in place of all rows",
)
async def replace_rows(
    id: str, body: s.ReplacedTracks, actor: CurrentActor, playlists: Playlists, if_match: IfMatch = None
) -> s.PlaylistWithRows:
    number = parse_id(id, "pl")
    tracks = [parse_id(track, "tr") for track in body.tracks]
    await playlists.replace_tracks(actor, number, tracks, revision=expected(body.revision, if_match))
    return await whole(actor, playlists, number)


@router.put(
    "/{id}/rows/order", access=Access.signed_in, responses=problems(409), summary="Put the rows in another order"
)
async def reorder_rows(
    id: str, body: s.NewOrder, actor: CurrentActor, playlists: Playlists, if_match: IfMatch = None
) -> s.PlaylistWithRows:
    """Every row once. To move some, `/rows/move` is the better way."""
    number = parse_id(id, "pl")
    rows = [parse_id(row, "pr") for row in body.rows]
    await playlists.reorder(actor, number, rows, revision=expected(body.revision, if_match))
    return await whole(actor, playlists, number)


@router.patch(
    "/{id}/rows/{row}",
    access=Access.signed_in,
    operation_id="playlists_rows_update",
    responses=problems(409),
    summary="Write a note on a row",
)
async def change_row(
    id: str, row: str, body: s.RowPatch, actor: CurrentActor, playlists: Playlists, if_match: IfMatch = None
) -> s.PlaylistWithRows:
    """An empty note takes it away."""
    number = parse_id(id, "pl")
    revision = expected(body.revision, if_match)
    await playlists.comment_row(actor, number, parse_id(row, "pr"), body.comment, revision=revision)
    return await whole(actor, playlists, number)


@router.delete("/{id}/rows/{row}", access=Access.signed_in, summary="Remove one row")
async def remove_row(id: str, row: str, actor: CurrentActor, playlists: Playlists) -> s.PlaylistWithRows:
    number = parse_id(id, "pl")
    await playlists.remove_rows(actor, number, [parse_id(row, "pr")])
    return await whole(actor, playlists, number)


@router.post(
    "/{id}/freeze",
    access=Access.signed_in,
    operation_id="playlists_freeze",
    responses=problems(409),
    summary="Make a smart playlist a manual one",
)
async def freeze_playlist(
    id: str, body: s.FreezeAsk, actor: CurrentActor, playlists: Playlists, if_match: IfMatch = None
) -> s.PlaylistWithRows:
    """With the rows that it holds now; undo makes it smart again. With `copy_as` a new list is made and answered."""
    number = parse_id(id, "pl")
    if body.copy_as is not None:
        rows = await playlists.frozen_rows(actor, number)
        number = await playlists.create_with_rows(actor, body.copy_as, rows)
    else:
        await playlists.freeze(actor, number, revision=expected(body.revision, if_match))
    return await whole(actor, playlists, number)


async def whole(actor: CurrentActor, playlists: PlaylistService, number: int, limit: int = 1_000) -> s.PlaylistWithRows:
    """A list with its first rows, as it is now."""
    view, page = await playlists.rows(actor, number, limit=limit)
    covers = await playlists.covers(actor, [view])
    return s.PlaylistWithRows.whole(view, covers[number], page)


def expected(revision: int | None, if_match: str | None) -> int | None:
    """The revision that a change was made to, as the body or `If-Match` says it; None where neither does."""
    if revision is not None or if_match is None or if_match.strip() == "*":
        return revision
    found = _TAG.match(if_match)
    if found is None:
        raise PlaylistChanged
    return int(found[1])


def _tagged(item: s.PlaylistWithRows) -> Response:
    """An answer whose ETag tells the revision, and changes with whatever else is told."""
    response = json_response(item)
    digest = hashlib.blake2b(bytes(response.body), digest_size=9).hexdigest()
    response.headers["etag"] = f'W/"r{item.revision}-{digest}"'
    response.headers["cache-control"] = "private, no-cache"
    return response


def _place(body: s.MoreTracks | s.MovedRows) -> Place:
    return Place(
        before=None if body.before is None else parse_id(body.before, "pr"),
        after=None if body.after is None else parse_id(body.after, "pr"),
        start=body.start,
    )
