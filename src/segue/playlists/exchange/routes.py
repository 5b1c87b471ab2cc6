"""REST of bringing playlists in and out, and of rows that await their track."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse

from segue.core.ids import parse_id
from segue.core.rest import STREAMED, Access, BadCursor, CurrentActor, Cursor, Limit, Router, problems, service
from segue.playlists.exchange import schemas as s
from segue.playlists.exchange.exporting import Exported, PlaylistExportService
from segue.playlists.exchange.formats import Format
from segue.playlists.exchange.library_files import LibraryFilesService
from segue.playlists.exchange.matching import MatchingService
from segue.playlists.exchange.outgoing import Paths
from segue.playlists.exchange.service import PlaylistImportService
from segue.playlists.exchange.views import ImportChoices
from segue.playlists.exchange.writing import OUT, OutFormat
from segue.playlists.routes import Playlists, whole
from segue.playlists.schemas import PlaylistWithRows
from segue.playlists.views import Visibility

router = Router(prefix="/playlists", tags=["playlists"])
"""To be asked before the routes of single playlists, whose paths begin alike."""
Imports = Annotated[PlaylistImportService, service(PlaylistImportService)]
Exports = Annotated[PlaylistExportService, service(PlaylistExportService)]
Matching = Annotated[MatchingService, service(MatchingService)]
Files = Annotated[LibraryFilesService, service(LibraryFilesService)]
State = Literal["sure", "review", "none", "chosen", "unlinked"]
FILE: dict[str, Any] = {
    STREAMED: True,
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    },
}
KINDS = {written.content_type.partition(";")[0] for written in OUT.values()} | {"application/zip"}
AS_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind: {} for kind in sorted(KINDS)}, "description": "The file."}
}
OutPaths = Annotated[
    Paths,
    Query(
        description="How files are named: by their path inside the library, by their whole path on the server (for "
        "administrators), or by an address of this server."
    ),
]
OutFolder = Annotated[
    str,
    Query(
        max_length=1_000,
        description="Put before paths inside the library: where its folder lies for whoever reads the file.",
        examples=["/Users/ann/Music"],
    ),
]


# --- in --------------------------------------------------------------------------------------------------------------


@router.post(
    "/import",
    access=Access.signed_in,
    status_code=201,
    operation_id="playlists_import",
    openapi_extra=FILE,
    summary="Bring playlists in from a file",
)
async def import_playlists(
    actor: CurrentActor,
    imports: Imports,
    request: Request,
    name: Annotated[str, Query(max_length=500, description="What the file is called; it names a list without a name.")],
    preview: Annotated[bool, Query(description="Only read it: look at it first, then `apply`.")] = False,
    format: Annotated[Format | None, Query(description="Where it cannot be told by the file itself.")] = None,
    encoding: Annotated[str | None, Query(max_length=40, description="Where it is guessed wrongly: `cp1251`.")] = None,
    again: Annotated[
        Literal["update", "new", "skip"], Query(description="What becomes of lists that came from it before.")
    ] = "update",
    take_unsure: Annotated[bool, Query(description="Link rows whose track is only likely as well.")] = False,
    visibility: Visibility = "private",
) -> s.PlaylistImportItem:
    """The body is the file as it is: M3U, PLS, XSPF, JSPF, .nsp, CSV, the library file of iTunes, what Spotify and YouTube
    export, or a ZIP of such. A small one is ready at once; a large one is read by a job, and lists of it are then made with
    `apply`."""
    sent = await imports.send(actor, name, request.stream(), format=format, encoding=encoding)
    if not preview and sent.state == "ready":
        sent = await imports.apply(actor, sent.id, ImportChoices(again, take_unsure, visibility))
    return s.PlaylistImportItem.of(sent)


@router.get(
    "/imports", access=Access.signed_in, operation_id="playlists_imports_list", summary="Your imports of the last week"
)
async def list_imports(actor: CurrentActor, imports: Imports) -> s.PlaylistImportsAnswer:
    return s.PlaylistImportsAnswer(items=[s.PlaylistImportItem.of(one) for one in await imports.imports(actor)])


@router.get("/imports/{id}", access=Access.signed_in, operation_id="playlists_imports_get", summary="One import")
async def get_import(id: str, actor: CurrentActor, imports: Imports) -> s.PlaylistImportItem:
    return s.PlaylistImportItem.of(await imports.view(actor, parse_id(id, "pi")))


@router.get(
    "/imports/{id}/lists/{number}/rows",
    access=Access.signed_in,
    operation_id="playlists_imports_rows",
    summary="The rows of a list of an import, and what they may mean",
)
async def list_import_rows(
    id: str,
    number: int,
    actor: CurrentActor,
    imports: Imports,
    state: Annotated[list[State] | None, Query(description="Only rows in these states.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> s.ImportRowsAnswer:
    rows = await imports.rows(
        actor, parse_id(id, "pi"), number, states=state or (), after=_after(cursor, -1), limit=limit + 1
    )
    tracks = await imports.tracks_of(actor, rows[:limit])
    following = str(rows[limit - 1].place) if len(rows) > limit else None
    return s.ImportRowsAnswer(items=[s.ImportRowItem.of(row, tracks) for row in rows[:limit]], next=following)


@router.put(
    "/imports/{id}/lists/{number}/rows/{place}",
    access=Access.signed_in,
    status_code=204,
    operation_id="playlists_imports_choose",
    responses=problems(409),
    summary="Say which track a row means",
)
async def choose(
    id: str, number: int, place: int, body: s.ChosenTrack, actor: CurrentActor, imports: Imports
) -> Response:
    track = parse_id(body.track_id, "tr") if body.track_id is not None else None
    await imports.choose(actor, parse_id(id, "pi"), number, place, track)
    return Response(status_code=204)


@router.post(
    "/imports/{id}/apply",
    access=Access.signed_in,
    operation_id="playlists_imports_apply",
    responses=problems(409),
    summary="Make playlists of an import",
)
async def apply(
    id: str, actor: CurrentActor, imports: Imports, body: s.ApplyBody | None = None
) -> s.PlaylistImportItem:
    """What is sure is linked. Everything else keeps its words, and gets its track when the music arrives or somebody chooses
    it. A large import is made by a job."""
    choices = (body or s.ApplyBody.model_validate({})).choices()
    return s.PlaylistImportItem.of(await imports.apply(actor, parse_id(id, "pi"), choices))


@router.delete(
    "/imports/{id}",
    access=Access.signed_in,
    status_code=204,
    operation_id="playlists_imports_discard",
    summary="Forget an import",
)
async def discard(id: str, actor: CurrentActor, imports: Imports) -> Response:
    """Playlists that were made of it stay. After a week it is forgotten by itself."""
    await imports.discard(actor, parse_id(id, "pi"))
    return Response(status_code=204)


# --- files among the music ---------------------------------------------------------------------------------------------


@router.get(
    "/files", access=Access.signed_in, operation_id="playlists_files_list", summary="Playlist files among the music"
)
async def list_files(actor: CurrentActor, files: Files) -> s.PlaylistFilesAnswer:
    """For administrators all, for others those of their own playlists. What becomes of them is chosen in each library's
    options."""
    return s.PlaylistFilesAnswer(items=[s.PlaylistFileItem.of(row) for row in await files.files(actor)])


@router.post(
    "/files/{file}/settle",
    access=Access.signed_in,
    status_code=204,
    operation_id="playlists_files_settle",
    responses=problems(409),
    summary="Say which holds, a playlist file or its list",
)
async def settle_file(file: str, body: s.SettleBody, actor: CurrentActor, files: Files) -> Response:
    """Where both were changed, nothing is done to either before. The list is written into its file only where the library's
    options want that."""
    await files.settle(actor, parse_id(file, "px"), body.keep)
    return Response(status_code=204)


@router.post(
    "/files/{file}/restore",
    access=Access.signed_in,
    status_code=204,
    operation_id="playlists_files_restore",
    responses=problems(409),
    summary="Bring back the playlist file that was replaced",
)
async def restore_file(file: str, actor: CurrentActor, files: Files) -> Response:
    """Where a list was written into its file, the file as it was before comes back. The list stays as it is, and is written
    again when somebody changes it. What is there now is kept in its place: asking again brings that back."""
    await files.restore(actor, parse_id(file, "px"))
    return Response(status_code=204)


# --- out -------------------------------------------------------------------------------------------------------------


@router.get(
    "/export",
    access=Access.signed_in,
    operation_id="playlists_export_all",
    response_class=StreamingResponse,
    responses={**AS_FILE, **problems(403)},
    summary="All your playlists in a ZIP",
)
async def export_all(
    request: Request, actor: CurrentActor, exports: Exports, format: OutFormat = "m3u8", paths: OutPaths = "relative"
) -> StreamingResponse:
    """One file a playlist, in your folders; a playlist that the format has no place for is written as M3U8."""
    return _sent(await exports.export_all(actor, format, paths=paths, address=_address(request)))


@router.get(
    "/{id}/export",
    access=Access.signed_in,
    operation_id="playlists_export",
    response_class=StreamingResponse,
    responses={**AS_FILE, **problems(403)},
    summary="A playlist as a file",
)
async def export(
    id: str,
    request: Request,
    actor: CurrentActor,
    exports: Exports,
    format: OutFormat = "m3u8",
    paths: OutPaths = "relative",
    folder: OutFolder = "",
) -> StreamingResponse:
    """Read again it gives the same list. A smart playlist is written with what it holds now, as .nsp with its rules.

    `rekordbox` is Rekordbox XML with beat grids, keys and cue points; `m3u8-cues` an M3U8 with the points of a mix.
    """
    made = await exports.export(
        actor, parse_id(id, "pl"), format, paths=paths, address=_address(request), folder=folder
    )
    return _sent(made)


# --- rows without a track ----------------------------------------------------------------------------------------------


@router.get(
    "/{id}/unmatched",
    access=Access.signed_in,
    operation_id="playlists_unmatched",
    summary="Rows whose track is not there, and what they may mean",
)
async def list_unmatched(
    id: str, actor: CurrentActor, matching: Matching, limit: Limit = 50, cursor: Cursor = None
) -> s.AwaitingAnswer:
    """Looked for anew each time, so that what arrived meanwhile is among it."""
    _, found, total = await matching.awaiting(actor, parse_id(id, "pl"), after=_after(cursor, 0), limit=limit)
    following = str(found[-1].row.id) if len(found) == limit else None
    return s.AwaitingAnswer(items=[s.AwaitingItem.of(one) for one in found], next=following, total=total)


@router.post(
    "/{id}/match",
    access=Access.signed_in,
    operation_id="playlists_match",
    responses=problems(403),
    summary="Look for the tracks of all rows again",
)
async def match_again(id: str, actor: CurrentActor, matching: Matching) -> s.FoundAnswer:
    """It happens by itself when music arrives; this also asks for rows that somebody unlinked."""
    return s.FoundAnswer(found=await matching.look_again(actor, parse_id(id, "pl")))


@router.get(
    "/rows/{row}/match", access=Access.signed_in, operation_id="playlists_row_candidates", summary="What a row may mean"
)
async def row_candidates(row: str, actor: CurrentActor, matching: Matching) -> s.AwaitingItem:
    return s.AwaitingItem.of(await matching.candidates(actor, parse_id(row, "pr")))


@router.put(
    "/rows/{row}/match",
    access=Access.signed_in,
    operation_id="playlists_row_choose",
    responses=problems(403),
    summary="Say which track a row means, for good",
)
async def choose_row(
    row: str, body: s.ChosenTrack, actor: CurrentActor, matching: Matching, playlists: Playlists
) -> PlaylistWithRows:
    """With null it is unlinked, and no longer looked for. The playlist as it is then comes back."""
    track = parse_id(body.track_id, "tr") if body.track_id is not None else None
    return await whole(actor, playlists, await matching.decide(actor, parse_id(row, "pr"), track))


def _after(cursor: str | None, start: int) -> int:
    if cursor is None:
        return start
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
        raise BadCursor
    return int(cursor)


def _address(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _sent(made: Exported) -> StreamingResponse:
    plain = made.name.encode("ascii", "replace").decode().replace('"', "'").replace("?", "_")
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(made.name, safe='')}"
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return StreamingResponse(made.pieces, media_type=made.content_type, headers=headers)
