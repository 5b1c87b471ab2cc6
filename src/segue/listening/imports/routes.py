"""REST of imports of history: send, look, bring in, take back."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request, Response

from segue.core.ids import parse_id
from segue.core.rest import STREAMED, Access, BadCursor, CurrentActor, Cursor, Limit, Page, Router, problems, service
from segue.listening.imports.schemas import (
    ImportAccountBody,
    ImportItem,
    ImportProblemItem,
    ImportStartBody,
    ImportUnmatchedItem,
)
from segue.listening.imports.service import ImportService

router = Router(prefix="/imports", tags=["imports"])
Imports = Annotated[ImportService, service(ImportService)]
FILE: dict[str, Any] = {
    STREAMED: True,
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    },
}


@router.get("", access=Access.signed_in, operation_id="imports_list", summary="Imports of history")
async def imports(actor: CurrentActor, service: Imports, limit: Limit = 50, cursor: Cursor = None) -> Page[ImportItem]:
    """One's own, the newest first; an administrator sees everybody's."""
    if cursor is not None and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise BadCursor
    views, total = await service.page(actor, int(cursor or 0), limit)
    following = str(views[-1].id) if len(views) == limit else None
    return Page(items=[ImportItem.of(view) for view in views], next=following, total=total)


@router.post(
    "",
    access=Access.signed_in,
    status_code=201,
    operation_id="imports_upload",
    openapi_extra=FILE,
    responses=problems(403),
    summary="Upload a history",
)
async def upload(
    actor: CurrentActor,
    service: Imports,
    request: Request,
    name: Annotated[str, Query(max_length=400, description="What the file is called.")] = "history",
    user: Annotated[str | None, Query(description="Whose it is; one's own where it is left out.")] = None,
) -> ImportItem:
    """The body is the file as it is: ListenBrainz's export, Last.fm's tables, Spotify's or Apple's archive, `Library.xml`, or
    the database of another server. It is read in the background; nothing is brought in before `start`."""
    for_user = None if user is None else parse_id(user, "us")
    return ImportItem.of(await service.upload(actor, name, request.stream(), for_user=for_user))


@router.post(
    "/lastfm",
    access=Access.signed_in,
    status_code=201,
    operation_id="imports_lastfm",
    responses=problems(403, 409),
    summary="Read all that Last.fm has kept of an account",
)
async def from_lastfm(body: ImportAccountBody, actor: CurrentActor, service: Imports) -> ImportItem:
    """Page by page in the background, as fast as Last.fm allows."""
    for_user = None if body.user is None else parse_id(body.user, "us")
    return ImportItem.of(await service.fetch_lastfm(actor, body.account, for_user=for_user))


@router.get(
    "/{id}", access=Access.signed_in, operation_id="imports_get", summary="One import, with what it would bring"
)
async def one(id: str, actor: CurrentActor, service: Imports) -> ImportItem:
    return ImportItem.of(await service.get(actor, parse_id(id, "im")))


@router.get(
    "/{id}/unmatched", access=Access.signed_in, operation_id="imports_unmatched", summary="What was not found here"
)
async def unmatched(
    id: str, actor: CurrentActor, service: Imports, limit: Limit = 50, cursor: Cursor = None
) -> Page[ImportUnmatchedItem]:
    """Heard most first. Their plays are kept, and are given to their tracks when the music arrives."""
    views, total = await service.things(actor, parse_id(id, "im"), _after(cursor), limit)
    last = views[-1].row if len(views) == limit else None
    return Page(
        items=[ImportUnmatchedItem.of(view) for view in views],
        next=None if last is None else f"{last.times}-{last.number}",
        total=total,
    )


@router.get(
    "/{id}/problems", access=Access.signed_in, operation_id="imports_problems", summary="Rows that could not be taken"
)
async def troubles(
    id: str, actor: CurrentActor, service: Imports, limit: Limit = 50, cursor: Cursor = None
) -> Page[ImportProblemItem]:
    """The first thousand, each with where it stands and why."""
    if cursor is not None and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
        raise BadCursor
    rows, total = await service.problems(actor, parse_id(id, "im"), int(cursor or 0), limit)
    following = str(rows[-1].number) if len(rows) == limit else None
    return Page(items=[ImportProblemItem.of(row) for row in rows], next=following, total=total)


@router.post(
    "/{id}/start",
    access=Access.signed_in,
    status_code=202,
    operation_id="imports_start",
    responses=problems(403, 409),
    summary="Bring it in, or go on with it",
)
async def start(id: str, actor: CurrentActor, service: Imports, body: ImportStartBody | None = None) -> ImportItem:
    """The same file twice, or one that overlaps another, adds only what is new."""
    people = None
    if body is not None and body.people is not None:
        people = {name: parse_id(user, "us") for name, user in body.people.items()}
    return ImportItem.of(await service.start(actor, parse_id(id, "im"), people))


@router.post(
    "/{id}/stop",
    access=Access.signed_in,
    status_code=202,
    operation_id="imports_stop",
    responses=problems(409),
    summary="Stop it at its next step",
)
async def stop(id: str, actor: CurrentActor, service: Imports) -> ImportItem:
    """What is there by then stays, and can be taken back."""
    return ImportItem.of(await service.stop(actor, parse_id(id, "im")))


@router.post(
    "/{id}/undo",
    access=Access.signed_in,
    status_code=202,
    operation_id="imports_undo",
    responses=problems(409),
    summary="Take a whole import back",
)
async def undo(id: str, actor: CurrentActor, service: Imports) -> ImportItem:
    """Its plays, stars, ratings, counts, bookmarks and playlists; what you changed since stays as you made it."""
    return ImportItem.of(await service.undo(actor, parse_id(id, "im")))


@router.delete(
    "/{id}",
    access=Access.signed_in,
    status_code=204,
    operation_id="imports_delete",
    responses=problems(409),
    summary="Forget an import and its file",
)
async def forget(id: str, actor: CurrentActor, service: Imports) -> Response:
    """What it brought stays, and can no longer be taken back as a whole."""
    await service.forget(actor, parse_id(id, "im"))
    return Response(status_code=204)


def _after(cursor: str | None) -> tuple[int, int] | None:
    if cursor is None:
        return None
    times, dash, number = cursor.partition("-")
    if not (
        dash and times.isascii() and times.isdigit() and number.isascii() and number.isdigit() and len(cursor) < 25
    ):
        raise BadCursor
    return int(times), int(number)
