"""REST of the library, to read: lists with filters, pages of one thing, the index of artists, search.

What a list can be filtered and sorted by is declared in `fields.py` (and by listening, for stars, ratings and plays); a
parameter that is not declared is refused with the nearest one that is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Query, Request, Response

from segue.core.ids import parse_id
from segue.core.rest import Access, CurrentActor, Cursor, Limit, Page, Router, json_response, service
from segue.library import items
from segue.library import schemas as s
from segue.library.fields import ENTITIES, ROLES
from segue.library.service import SEARCHED, LibraryService
from segue.query import BadValue, Entities, Type, Window
from segue.query.errors import nearest

router = Router(tags=["library"])
Library = Annotated[LibraryService, service(LibraryService)]
Sort = Annotated[
    str | None,
    Query(description="Fields to sort by, `-` before one reverses it; or `random:seed`.", max_length=200),
]
CHEAP_TOTAL = 5_000
"""Rows that are counted without being asked to; a total that is kept is told however large it is."""
Total = Annotated[
    bool | None,
    Query(description="Count all rows; without it the first page is counted, as long as there are at most 5,000."),
]

Q = Annotated[
    str | None,
    Query(
        description="A query in the language of docs/query.md; it must hold beside the filters. 422 says where it is wrong."
    ),
]

RESERVED = ("q", "sort", "limit", "cursor", "total")
_HOW = {
    Type.TEXT: 'contains; "…" is exact',
    Type.INTEGER: "number, 1..5, >=4",
    Type.NUMBER: "number, 90..120, >=4",
    Type.DATE: "1977, 1977-05, 2020..2024",
    Type.DURATION: "seconds or 3:45, 60..120",
    Type.BOOLEAN: "true or false",
    Type.ID: "id, several with commas, - leaves out",
    Type.ENUM: "value, several with commas, - leaves out",
}


def _documented(kind: str) -> dict[str, Any]:
    """The filters of a list, for OpenAPI."""
    entity = Entities(ENTITIES)[kind]
    filters = [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": f"{field.meaning} ({_HOW[field.type]})",
            "schema": {"type": "string"},
        }
        for name, field in entity.fields.items()
    ]
    has = {
        "name": "has",
        "in": "query",
        "required": False,
        "description": "Names of fields that have a value, or with - none: `has=year,-label`.",
        "schema": {"type": "string"},
    }
    return {"parameters": [*filters, has]}


def _list_route(kind: str, model: Any, item: Callable[[Any], items.Item], summary: str) -> None:
    async def give(
        request: Request,
        actor: CurrentActor,
        library: Library,
        q: Q = None,
        sort: Sort = None,
        limit: Limit = 50,
        cursor: Cursor = None,
        total: Total = None,
    ) -> Response:
        filters = [(name, value) for name, value in request.query_params.multi_items() if name not in RESERVED]
        listing = await library.page(
            kind,
            actor,
            library.filters(kind, filters),
            q=q,
            sort=sort,
            window=Window(limit, cursor),
            with_total=cursor is None if total is None else total,
            most=CHEAP_TOTAL if total is None else None,
        )
        return json_response(items.page_of(listing, item))

    give.__name__ = f"list_{kind}"
    give.__doc__ = "Filters are parameters, and all of them must hold. What a list is sorted by, it can be paged by."
    router.get(
        f"/{kind}",
        access=Access.signed_in,
        open_query=True,
        response_model=Page[model],
        summary=summary,
        openapi_extra=_documented(kind),
    )(give)


_list_route("tracks", s.TrackItem, items.track_item, "Tracks, filtered and sorted")
_list_route("albums", s.AlbumItem, items.album_item, "Albums, filtered and sorted")
_list_route("artists", s.ArtistItem, items.artist_item, "Artists, filtered and sorted")
_list_route("genres", s.GenreItem, items.genre_item, "Genres, filtered and sorted")
_list_route("labels", s.LabelItem, items.label_item, "Record labels, filtered and sorted")
_list_route("files", s.FileItem, items.file_item, "Files, also those that are no track")
_list_route("folders", s.FolderItem, items.folder_item, "Folders; with `has=-parent` the roots of the libraries")


@router.get(
    "/artists/index",
    access=Access.signed_in,
    response_model=list[s.LetterItem],
    operation_id="artists_index",
    summary="Artists by letter",
)
async def artist_index(
    actor: CurrentActor,
    library: Library,
    libraries: Annotated[str | None, Query(alias="library", description="Ids of libraries, with commas.")] = None,
    role: Annotated[str, Query(description="The role they are credited in; `any` for all.")] = "album_artist",
) -> Response:
    if role != "any" and role not in ROLES:
        raise BadValue("role", role, f"any or one of {', '.join(ROLES)}", suggestions=nearest(role, ROLES))
    ids = None if libraries is None else [parse_id(text.strip(), "li") for text in libraries.split(",")]
    written, tag = await library.written_index(
        actor, items.INDEX, library_ids=ids, role=None if role == "any" else role
    )
    body = f"[{','.join(written)}]".encode()
    return Response(body, media_type="application/json", headers={"etag": f'W/"{tag}"'})


@router.get("/libraries", access=Access.signed_in, response_model=Page[s.LibraryItem], summary="Libraries, by name")
async def libraries(actor: CurrentActor, library: Library) -> Response:
    views = await library.libraries(actor)
    found = [items.library_item(view, with_path=actor.is_admin) for view in views]
    return json_response({"items": found, "next": None, "total": len(found)})


@router.get("/tracks/{id}", access=Access.signed_in, response_model=s.TrackPageItem, summary="A track's page")
async def get_track(id: str, actor: CurrentActor, library: Library) -> Response:
    return json_response(items.track_page(*await library.track_page(parse_id(id, "tr"), actor)))


@router.get(
    "/tracks/{id}/chapters",
    access=Access.signed_in,
    response_model=s.ChaptersItem,
    operation_id="tracks_chapters_get",
    summary="The chapters of a track",
)
async def get_chapters(id: str, actor: CurrentActor, library: Library) -> Response:
    """As its file or its CUE sheet states them; an empty list where there are none."""
    found = await library.chapters(parse_id(id, "tr"), actor)
    chapters = [{"title": each.title, "start_ms": each.start_ms, "end_ms": each.end_ms} for each in found]
    return json_response({"track": id, "items": chapters})


@router.get("/albums/{id}", access=Access.signed_in, response_model=s.AlbumPageItem, summary="An album's page")
async def get_album(id: str, actor: CurrentActor, library: Library) -> Response:
    return json_response(items.album_page(await library.album(parse_id(id, "al"), actor)))


@router.get("/artists/{id}", access=Access.signed_in, response_model=s.ArtistPageItem, summary="An artist's page")
async def get_artist(id: str, actor: CurrentActor, library: Library) -> Response:
    return json_response(items.artist_page(await library.artist(parse_id(id, "ar"), actor)))


@router.get("/genres/{id}", access=Access.signed_in, response_model=s.GenreItem, summary="A genre")
async def get_genre(id: str, actor: CurrentActor, library: Library) -> Response:
    return json_response(items.genre_item(await library.genre(parse_id(id, "ge"), actor)))


@router.get("/labels/{id}", access=Access.signed_in, response_model=s.LabelPageItem, summary="A label's page")
async def get_label(id: str, actor: CurrentActor, library: Library) -> Response:
    return json_response(items.label_page(await library.label_page(parse_id(id, "lb"), actor)))


@router.get("/files/{id}", access=Access.signed_in, response_model=s.FileItem, summary="A file")
async def get_file(id: str, actor: CurrentActor, library: Library) -> Response:
    return json_response(items.file_item(await library.file(parse_id(id, "fi"), actor)))


@router.get("/folders/{id}", access=Access.signed_in, response_model=s.FolderPageItem, summary="A folder's page")
async def get_folder(id: str, actor: CurrentActor, library: Library) -> Response:
    return json_response(items.folder_page(await library.folder(parse_id(id, "fo"), actor, limit=1_000)))


@router.get("/search", access=Access.signed_in, response_model=s.FoundItem, summary="Search as you type")
async def search(
    actor: CurrentActor,
    library: Library,
    q: Annotated[
        str, Query(max_length=4_000, description="What was typed so far; an id is found by being typed whole.")
    ],
    limit: Annotated[int, Query(ge=1, le=100, description="How many of each kind at most.")] = 10,
    kinds: Annotated[str | None, Query(description="What to look for, with commas; all kinds without it.")] = None,
    library_id: Annotated[str | None, Query(alias="library", description="Only in this library.")] = None,
    cursor: Annotated[str | None, Query(description="The `next` of one kind, which is then in `kinds` alone.")] = None,
) -> Response:
    wanted = SEARCHED if kinds is None else [kind.strip() for kind in kinds.split(",") if kind.strip()]
    for kind in wanted:
        if kind not in SEARCHED:
            raise BadValue("kinds", kind, f"one of {', '.join(SEARCHED)}", suggestions=nearest(kind, SEARCHED))
    number = None if library_id is None else parse_id(library_id, "li")
    found = await library.find(q, actor, kinds=wanted, limit=limit, cursor=cursor, library_id=number)
    return json_response(items.found_item(q, found))
