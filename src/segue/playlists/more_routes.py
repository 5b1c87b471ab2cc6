"""REST of playlists: who may see them, their history, their covers, and the folders people keep them in."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response

from segue.core.ids import BadId, parse_id
from segue.core.rest import Access, CurrentActor, Page, Router, problems
from segue.library.artwork import MAX_BYTES, Format, writes_avif
from segue.library.pictures.views import PictureRefused
from segue.playlists import schemas as s
from segue.playlists.routes import IfMatch, Playlists, expected, whole

folders = Router(prefix="/playlists/folders", tags=["playlists"])
router = Router(prefix="/playlists", tags=["playlists"])
PICTURE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
    }
}


# --- who may see it ---------------------------------------------------------------------------------------------------


@router.get(
    "/{id}/collaborators",
    access=Access.signed_in,
    operation_id="playlists_collaborators_list",
    summary="Who shares in a playlist",
)
async def list_collaborators(id: str, actor: CurrentActor, playlists: Playlists) -> s.CollaboratorsAnswer:
    """For its owner and those it is shared with."""
    people = await playlists.collaborators(actor, parse_id(id, "pl"))
    return s.CollaboratorsAnswer(items=s.CollaboratorItem.all_of(people))


@router.put(
    "/{id}/collaborators",
    access=Access.signed_in,
    operation_id="playlists_collaborators_set",
    summary="Share a playlist with these people",
)
async def set_collaborators(
    id: str, body: s.CollaboratorsAsk, actor: CurrentActor, playlists: Playlists
) -> s.CollaboratorsAnswer:
    """And nobody else: viewers see it, editors also change its rows. A private list becomes shared, and a shared one
    private when nobody is left."""
    wanted: dict[int | str, Literal["viewer", "editor"]] = {_person(one.person): one.role for one in body.people}
    people = await playlists.share(actor, parse_id(id, "pl"), wanted)
    return s.CollaboratorsAnswer(items=s.CollaboratorItem.all_of(people))


@router.post(
    "/{id}/owner",
    access=Access.signed_in,
    operation_id="playlists_owner_set",
    status_code=204,
    summary="Give a playlist to somebody else",
)
async def hand_over(id: str, body: s.HandOver, actor: CurrentActor, playlists: Playlists) -> Response:
    """It is theirs from then on, smart lists are filled with their eyes."""
    await playlists.hand_over(actor, parse_id(id, "pl"), _person(body.person), keep_editing=body.keep_editing)
    return Response(status_code=204)


# --- history ----------------------------------------------------------------------------------------------------------


@router.get(
    "/{id}/history",
    access=Access.signed_in,
    operation_id="playlists_history_list",
    summary="What was changed, newest first",
)
async def list_history(
    id: str,
    actor: CurrentActor,
    playlists: Playlists,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[int | None, Query(ge=1, description="The `next` of the page before.")] = None,
) -> Page[s.RevisionItem]:
    """Who, when and what, of the last 200 changes, for those who may change the list."""
    found = await playlists.history(actor, parse_id(id, "pl"), before=cursor, limit=limit + 1)
    following = str(found[limit - 1].revision) if len(found) > limit else None
    return Page[s.RevisionItem](items=[s.RevisionItem.of(one) for one in found[:limit]], next=following)


@router.post(
    "/{id}/undo",
    access=Access.signed_in,
    operation_id="playlists_undo",
    responses=problems(404, 409),
    summary="Take a change back",
)
async def undo(
    id: str, body: s.UndoAsk, actor: CurrentActor, playlists: Playlists, if_match: IfMatch = None
) -> s.PlaylistWithRows:
    """The newest that is not taken back yet; again for the one before. With `to` the list becomes what it was after that
    change. This is a change itself, so it can be taken back as well."""
    number = parse_id(id, "pl")
    revision = expected(body.revision, if_match)
    if body.to is None:
        await playlists.undo(actor, number, revision=revision)
    else:
        await playlists.restore(actor, number, body.to, revision=revision)
    return await whole(actor, playlists, number)


# --- cover ------------------------------------------------------------------------------------------------------------


@router.get(
    "/{id}/cover",
    access=Access.signed_in,
    operation_id="playlists_cover_get",
    response_class=Response,
    responses={200: {"description": "The picture.", "content": {"image/*": {}}}},
    summary="The cover of a playlist",
)
async def get_cover(
    id: str,
    request: Request,
    actor: CurrentActor,
    playlists: Playlists,
    size: Annotated[int, Query(ge=32, le=2000, description="Pixels each way, rounded up.")] = 512,
) -> Response:
    """A picture that was sent or chosen, or a mosaic of its first tracks' covers. AVIF or WebP for those who take it."""
    accept = request.headers.get("accept", "").lower()
    form: Format = "webp" if "image/webp" in accept or "*/*" in accept else "jpeg"
    if "image/avif" in accept and writes_avif():
        form = "avif"
    picture = await playlists.drawn(actor, parse_id(id, "pl"), size, form)
    headers = {
        "ETag": f'"{picture.etag}"',
        "Cache-Control": "private, no-cache",
        "Vary": "Accept",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(picture.data, media_type=picture.media_type, headers=headers)


@router.put(
    "/{id}/cover",
    access=Access.signed_in,
    operation_id="playlists_cover_choose",
    responses=problems(422),
    summary="Choose the cover of a playlist",
)
async def choose_cover(id: str, body: s.ChooseCover, actor: CurrentActor, playlists: Playlists) -> s.PlaylistWithRows:
    """That of an album, or made of its contents again."""
    number = parse_id(id, "pl")
    album = None if body.album_id is None else parse_id(body.album_id, "al")
    await playlists.choose_cover(actor, number, body.kind, album_id=album)
    return await whole(actor, playlists, number)


@router.post(
    "/{id}/cover",
    access=Access.signed_in,
    operation_id="playlists_cover_upload",
    status_code=201,
    responses=problems(422),
    openapi_extra=PICTURE_BODY,
    summary="Upload the cover of a playlist",
)
async def upload_cover(id: str, request: Request, actor: CurrentActor, playlists: Playlists) -> s.PlaylistWithRows:
    """The body is the picture: JPEG, PNG, WebP, AVIF, GIF, BMP or TIFF, at most 50 MiB."""
    number = parse_id(id, "pl")
    await playlists.view(actor, number)
    await playlists.choose_cover(actor, number, "upload", data=await _picture(request))
    return await whole(actor, playlists, number)


# --- folders ----------------------------------------------------------------------------------------------------------


@folders.get("", access=Access.signed_in, operation_id="playlists_folders_list", summary="Your folders of playlists")
async def list_folders(actor: CurrentActor, playlists: Playlists) -> s.PlaylistFoldersAnswer:
    """All of them by name; `parent_id` tells the tree. Each person keeps lists, also others', in folders of their own."""
    return s.PlaylistFoldersAnswer.of(await playlists.folders(actor))


@folders.post(
    "", access=Access.signed_in, operation_id="playlists_folders_create", status_code=201, summary="Make a folder"
)
async def create_folder(body: s.NewFolder, actor: CurrentActor, playlists: Playlists) -> s.PlaylistFolderItem:
    parent = None if body.parent_id is None else parse_id(body.parent_id, "pf")
    number = await playlists.add_folder(actor, body.name, parent)
    return next(s.PlaylistFolderItem.of(one) for one in await playlists.folders(actor) if one.id == number)


@folders.patch(
    "/{id}", access=Access.signed_in, operation_id="playlists_folders_update", summary="Rename or move a folder"
)
async def change_folder(
    id: str, body: s.FolderPatch, actor: CurrentActor, playlists: Playlists
) -> s.PlaylistFoldersAnswer:
    """All folders as they are then."""
    parent = None if body.parent_id is None else parse_id(body.parent_id, "pf")
    moved = "parent_id" in body.model_fields_set
    await playlists.change_folder(actor, parse_id(id, "pf"), name=body.name, parent_id=parent, move=moved)
    return s.PlaylistFoldersAnswer.of(await playlists.folders(actor))


@folders.delete(
    "/{id}",
    access=Access.signed_in,
    operation_id="playlists_folders_delete",
    status_code=204,
    summary="Remove a folder",
)
async def delete_folder(id: str, actor: CurrentActor, playlists: Playlists) -> Response:
    """What lies in it goes to the folder above. No list is deleted."""
    await playlists.remove_folder(actor, parse_id(id, "pf"))
    return Response(status_code=204)


@router.put(
    "/{id}/folder",
    access=Access.signed_in,
    operation_id="playlists_folder_set",
    status_code=204,
    summary="Keep a playlist in a folder of yours",
)
async def keep_in_folder(id: str, body: s.KeepIn, actor: CurrentActor, playlists: Playlists) -> Response:
    """Any list that you may see; null takes it out of all folders."""
    folder = None if body.folder_id is None else parse_id(body.folder_id, "pf")
    await playlists.keep_in(actor, parse_id(id, "pl"), folder)
    return Response(status_code=204)


def _person(said: str) -> int | str:
    """A person's number where `said` is an id, else their name."""
    try:
        return parse_id(said, "us")
    except BadId:
        return said


async def _picture(request: Request) -> bytes:
    """The picture in the body, read no further than a picture may be large. Raises PictureRefused."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BYTES:
            message = f"A picture may have {MAX_BYTES // 2**20} MiB."
            raise PictureRefused("image_too_large", message, {"width": 0, "height": 0, "bytes": size})
        parts.append(part)
    return b"".join(parts)
