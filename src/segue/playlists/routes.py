"""REST of playlists."""

from __future__ import annotations

import json
from typing import Annotated, Literal

from fastapi import Response
from pydantic import BaseModel, Field

from segue.core.clock import rfc3339
from segue.core.ids import format_id, format_id_or_none, parse_id
from segue.core.rest import Access, BadCursor, Body, CurrentActor, Cursor, Limit, Page, Router, problems, service
from segue.playlists.service import PlaylistService, PlaylistView, RowView

router = Router(prefix="/playlists", tags=["playlists"])
Playlists = Annotated[PlaylistService, service(PlaylistService)]
Tracks = Annotated[list[str], Field(max_length=10_000, examples=[["tr-81", "tr-82"]])]


class PlaylistItem(BaseModel):
    id: str
    name: str
    comment: str
    owner_id: str
    visibility: Literal["private", "shared", "public"]
    kind: str
    track_count: int
    duration_ms: int
    artwork_id: str | None
    revision: int
    created_at: str
    changed_at: str
    editable: bool

    @classmethod
    def of(cls, view: PlaylistView) -> PlaylistItem:
        return cls(
            id=format_id("pl", view.id),
            name=view.name,
            comment=view.comment,
            owner_id=format_id("us", view.owner_id),
            visibility=view.visibility,
            kind=view.kind,
            track_count=view.track_count,
            duration_ms=view.duration_ms,
            artwork_id=format_id_or_none("aw", view.artwork_id),
            revision=view.revision,
            created_at=rfc3339(view.created_at) or "",
            changed_at=rfc3339(view.changed_at) or "",
            editable=view.editable,
        )


class PlaylistRowItem(BaseModel):
    """One row. `track_id` is null when the track is gone; the words stay."""

    id: str
    track_id: str | None
    title: str
    artist: str
    album: str
    duration_ms: int | None
    added_at: str

    @classmethod
    def of(cls, row: RowView) -> PlaylistRowItem:
        return cls(
            id=format_id("pr", row.id),
            track_id=format_id_or_none("tr", row.track_id),
            title=row.title,
            artist=row.artist,
            album=row.album,
            duration_ms=row.duration_ms,
            added_at=rfc3339(row.added_at) or "",
        )


class PlaylistWithRows(PlaylistItem):
    rows: list[PlaylistRowItem]


class NewPlaylist(Body):
    name: str = Field(max_length=500, examples=["Late trains"])
    comment: str = Field("", max_length=10_000)
    visibility: Literal["private", "shared", "public"] = "private"
    tracks: Tracks = Field(default_factory=list)


class PlaylistShareItem(Body):
    user_id: str
    may_edit: bool = False


class PlaylistPatch(Body):
    name: str | None = Field(None, max_length=500)
    comment: str | None = Field(None, max_length=10_000)
    visibility: Literal["private", "shared", "public"] | None = None
    shared_with: list[PlaylistShareItem] | None = None


class MoreTracks(Body):
    tracks: Tracks


class NewOrder(Body):
    rows: list[str] = Field(max_length=100_000, examples=[["pr-3", "pr-1", "pr-2"]])
    revision: int | None = None


@router.get("", access=Access.signed_in, summary="The playlists you may see, by name")
async def list_playlists(
    actor: CurrentActor, playlists: Playlists, limit: Limit = 50, cursor: Cursor = None
) -> Page[PlaylistItem]:
    found = await playlists.playlists(actor, after=_after(cursor), limit=limit + 1)
    shown = found[:limit]
    following = json.dumps([shown[-1][0], shown[-1][1].id]) if len(found) > limit else None
    return Page[PlaylistItem](items=[PlaylistItem.of(view) for _, view in shown], next=following)


@router.post("", access=Access.signed_in, status_code=201, responses=problems(404), summary="Make a playlist")
async def create_playlist(body: NewPlaylist, actor: CurrentActor, playlists: Playlists) -> PlaylistWithRows:
    tracks = [parse_id(track, "tr") for track in body.tracks]
    number = await playlists.create(actor, body.name, tracks, comment=body.comment, visibility=body.visibility)
    return await _whole(actor, playlists, number)


@router.get("/{id}", access=Access.signed_in, summary="A playlist and its rows")
async def get_playlist(id: str, actor: CurrentActor, playlists: Playlists) -> PlaylistWithRows:
    return await _whole(actor, playlists, parse_id(id, "pl"))


@router.patch("/{id}", access=Access.signed_in, summary="Rename a playlist, or change who may see it")
async def change_playlist(id: str, body: PlaylistPatch, actor: CurrentActor, playlists: Playlists) -> PlaylistWithRows:
    number = parse_id(id, "pl")
    shares = None
    if body.shared_with is not None:
        shares = {parse_id(share.user_id, "us"): share.may_edit for share in body.shared_with}
    await playlists.change(
        actor, number, name=body.name, comment=body.comment, visibility=body.visibility, shared_with=shares
    )
    return await _whole(actor, playlists, number)


@router.delete("/{id}", access=Access.signed_in, status_code=204, summary="Delete a playlist")
async def delete_playlist(id: str, actor: CurrentActor, playlists: Playlists) -> Response:
    await playlists.delete(actor, parse_id(id, "pl"))
    return Response(status_code=204)


@router.post("/{id}/rows", access=Access.signed_in, operation_id="playlists_rows_add", summary="Append tracks")
async def add_rows(id: str, body: MoreTracks, actor: CurrentActor, playlists: Playlists) -> PlaylistWithRows:
    number = parse_id(id, "pl")
    await playlists.add_tracks(actor, number, [parse_id(track, "tr") for track in body.tracks])
    return await _whole(actor, playlists, number)


@router.put("/{id}/rows/order", access=Access.signed_in, summary="Put the rows in another order")
async def reorder_rows(id: str, body: NewOrder, actor: CurrentActor, playlists: Playlists) -> PlaylistWithRows:
    number = parse_id(id, "pl")
    await playlists.reorder(actor, number, [parse_id(row, "pr") for row in body.rows], revision=body.revision)
    return await _whole(actor, playlists, number)


@router.delete("/{id}/rows/{row}", access=Access.signed_in, summary="Remove one row")
async def remove_row(id: str, row: str, actor: CurrentActor, playlists: Playlists) -> PlaylistWithRows:
    number = parse_id(id, "pl")
    await playlists.remove_rows(actor, number, [parse_id(row, "pr")])
    return await _whole(actor, playlists, number)


async def _whole(actor: CurrentActor, playlists: PlaylistService, number: int) -> PlaylistWithRows:
    view, rows = await playlists.playlist(actor, number)
    return PlaylistWithRows(**PlaylistItem.of(view).model_dump(), rows=[PlaylistRowItem.of(row) for row in rows])


def _after(cursor: str | None) -> tuple[str, int] | None:
    if cursor is None:
        return None
    try:
        key, number = json.loads(cursor)
        return str(key), int(number)
    except (ValueError, TypeError):
        raise BadCursor from None
