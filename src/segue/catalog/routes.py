"""REST of the catalogue: looking up by any id, searching, batches, and for administrators building another one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response

from segue.catalog import schemas as s
from segue.catalog.asking import Named, resolve, rows
from segue.catalog.batch_bodies import LINES, asked_ids
from segue.catalog.building import CatalogBuilding
from segue.catalog.documents import read_artist
from segue.catalog.errors import NotInCatalogue
from segue.catalog.items import Item, Shown
from segue.catalog.local import AT_ONCE
from segue.catalog.records import Counts, Kind
from segue.catalog.search.errors import NotForKind
from segue.catalog.service import CatalogService
from segue.catalog.store import Backend, Found, Match
from segue.core.ids import format_id
from segue.core.rest import (
    STREAMED,
    Access,
    BadCursor,
    CurrentActor,
    Cursor,
    Limit,
    Page,
    Router,
    json_response,
    problems,
    service,
)
from segue.jobs.schemas import JobAnswer

router = Router(prefix="/catalog", tags=["catalog"])
Catalog = Annotated[CatalogService, service(CatalogService)]
Building = Annotated[CatalogBuilding, service(CatalogBuilding)]

KINDS: tuple[Kind, ...] = ("artist", "album", "track")
SEARCH_DEADLINE_S = 5.0
MOST_FOUND = 200
_MISSING = problems(404, 503)
_BATCH_BODY: dict[str, Any] = {
    STREAMED: True,
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": s.CatalogBatchAsk.model_json_schema()},
            LINES: {"schema": {"type": "string", "description": "An id a line, as text or as JSON."}},
        },
    },
}
_BATCH_ANSWERS: dict[int | str, dict[str, Any]] = {
    **problems(404, 413, 503),
    200: {"content": {LINES: {"schema": {"type": "string"}}}, "description": "What there is."},
}


# --- one thing --------------------------------------------------------------------------------------------------------


@router.get(
    "/tracks/{id}",
    access=Access.signed_in,
    response_model=s.CatalogTrackItem,
    responses=_MISSING,
    operation_id="catalog_tracks_get",
    summary="A track of the catalogue",
)
async def get_track(id: str, catalog: Catalog) -> Response:
    """By its id in the catalogue, with or without its namespace, by an ISRC (`isrc:…`: the most popular), or by any id that
    others gave it (`musicbrainz:recording:…`)."""
    async with catalog.use() as backend:
        (item,) = await _items(backend, await _one(backend, "track", id))
    return json_response(item)


@router.get(
    "/albums/{id}",
    access=Access.signed_in,
    response_model=s.CatalogAlbumItem,
    responses=_MISSING,
    operation_id="catalog_albums_get",
    summary="An album of the catalogue",
)
async def get_album(id: str, catalog: Catalog) -> Response:
    """By its id in the catalogue, by its barcode (`upc:…`), or by any id that others gave it."""
    async with catalog.use() as backend:
        (item,) = await _items(backend, await _one(backend, "album", id))
    return json_response(item)


@router.get(
    "/artists/{id}",
    access=Access.signed_in,
    response_model=s.CatalogArtistItem,
    responses=_MISSING,
    operation_id="catalog_artists_get",
    summary="An artist of the catalogue",
)
async def get_artist(id: str, catalog: Catalog) -> Response:
    async with catalog.use() as backend:
        (item,) = await _items(backend, await _one(backend, "artist", id))
    return json_response(item)


@router.get(
    "/albums/{id}/tracks",
    access=Access.signed_in,
    response_model=Page[s.CatalogTrackItem],
    responses=_MISSING,
    operation_id="catalog_albums_tracks_list",
    summary="The tracks of an album of the catalogue",
)
async def get_album_tracks(id: str, catalog: Catalog) -> Response:
    """By disc and number, all of them; their `album` is null, since it is known."""
    async with catalog.use() as backend:
        album = await _one(backend, "album", id)
        ranks = await backend.album_tracks(album.ranks[0])
        items = await _items(backend, Named("track", ranks), album=False)
    return json_response({"items": items, "next": None, "total": len(items)})


@router.get(
    "/artists/{id}/albums",
    access=Access.signed_in,
    response_model=Page[s.CatalogArtistAlbumItem],
    responses=_MISSING,
    operation_id="catalog_artists_albums_list",
    summary="The albums of an artist of the catalogue",
)
async def get_artist_albums(id: str, catalog: Catalog, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Newest first; those they only appear on come after their own."""
    start = _offset(cursor)
    async with catalog.use() as backend:
        artist = await _one(backend, "artist", id)
        (document,) = await backend.artists(artist.ranks)
        ranks = await backend.artist_albums(artist.ranks[0])
        some = ranks[start : start + limit]
        found = await rows(backend, "album", some)
    shown, own_id = Shown(backend.namespace, backend.licence), read_artist(document).id
    items = await _made(lambda: [shown.album(row.document, row.more, of_artist=own_id) for row in found], len(found))
    following = str(start + limit) if start + limit < len(ranks) else None
    return json_response({"items": items, "next": following, "total": len(ranks)})


# --- codes and ids ----------------------------------------------------------------------------------------------------


@router.get(
    "/isrc/{isrc}",
    access=Access.signed_in,
    response_model=Page[s.CatalogTrackItem],
    responses=_MISSING,
    operation_id="catalog_isrc_get",
    summary="Every track with an ISRC",
)
async def get_isrc(isrc: str, catalog: Catalog) -> Response:
    """The most popular first: one recording is often on several releases. Hyphens and lower case do not matter."""
    return await _all_of(catalog, "track", f"isrc:{isrc}")


@router.get(
    "/upc/{upc}",
    access=Access.signed_in,
    response_model=Page[s.CatalogAlbumItem],
    responses=_MISSING,
    operation_id="catalog_upc_get",
    summary="Every album with a barcode",
)
async def get_upc(upc: str, catalog: Catalog) -> Response:
    """UPC, EAN and GTIN alike; leading zeros do not matter."""
    return await _all_of(catalog, "album", f"upc:{upc}")


@router.get(
    "/lookup",
    access=Access.signed_in,
    response_model=s.CatalogHitItem,
    responses=_MISSING,
    operation_id="catalog_lookup",
    summary="What an id names",
)
async def lookup(
    catalog: Catalog,
    id: Annotated[str, Query(max_length=500, description="`platform:type:native`, isrc:… or upc:…")],
) -> Response:
    async with catalog.use() as backend:
        (named,) = await resolve(backend, [id])
        if named is None:
            raise NotInCatalogue("row", id)
        return json_response(_hit(id, named.kind, await _items(backend, named)))


@router.post(
    "/batch",
    access=Access.signed_in,
    response_model=s.CatalogBatchAnswer,
    responses=_BATCH_ANSWERS,
    openapi_extra=_BATCH_BODY,
    operation_id="catalog_batch",
    summary="What up to a thousand ids name",
)
async def batch(request: Request, catalog: Catalog) -> Response:
    """Ids of every kind, mixed. As `application/x-ndjson` an id a line; to be answered so, say so in `Accept`: then every id
    that names anything is a line, and those that name nothing are absent."""
    ids = await asked_ids(request)
    async with catalog.use() as backend:
        found = await resolve(backend, ids)
        made: dict[Kind, dict[int, Item]] = {}
        for kind in KINDS:
            ranks = list(dict.fromkeys(rank for one in found if one and one.kind == kind for rank in one.ranks))
            made[kind] = dict(zip(ranks, await _items(backend, Named(kind, ranks)), strict=True))
    hits = [
        _hit(text, one.kind, [made[one.kind][rank] for rank in one.ranks])
        for text, one in zip(ids, found, strict=True)
        if one is not None
    ]
    if LINES in request.headers.get("accept", ""):
        return Response(b"".join(_line(hit) for hit in hits), media_type=LINES)
    missing = [text for text, one in zip(ids, found, strict=True) if one is None]
    return json_response({"items": hits, "missing": missing})


# --- search -----------------------------------------------------------------------------------------------------------


@router.get(
    "/search",
    access=Access.signed_in,
    response_model=s.CatalogSearchAnswer,
    responses=_MISSING,
    operation_id="catalog_search",
    summary="Search the catalogue",
)
async def search(
    catalog: Catalog,
    q: Annotated[
        str,
        Query(
            max_length=10_000,
            description='What was typed so far: words, "a phrase", -without, artist: album: isrc: upc: year: genre: label:',
        ),
    ],
    type: Annotated[Literal["all", "tracks", "artists", "albums"], Query(description="What to look for.")] = "all",
    match: Annotated[
        Match, Query(description="`substring` finds any part of a word, where the catalogue was built for that.")
    ] = "words",
    limit: Annotated[int, Query(ge=1, le=MOST_FOUND, description="How many of each kind at most.")] = 20,
    cursor: Annotated[
        str | None, Query(max_length=2000, description="The `next` of one kind, which is then the `type`.")
    ] = None,
) -> Response:
    """The whole answer comes within five seconds; where that is not enough it says so (`partial`) and has what was found."""
    if cursor is not None and type == "all":
        raise BadCursor
    wanted = KINDS if type == "all" else (_KIND_OF[type],)

    async def of(backend: Backend, kind: Kind) -> Found:
        try:
            return await backend.search(
                kind, q, limit=limit, after=cursor, match=match, deadline_s=SEARCH_DEADLINE_S, count=True
            )
        except NotForKind:
            if type != "all":
                raise
            return Found(())

    async with catalog.use() as backend:
        found = dict(zip(wanted, await asyncio.gather(*(of(backend, kind) for kind in wanted)), strict=True))
        if any(one.ranks and not one.corrected for one in found.values()):
            # what was typed is something: what else it may have meant of other kinds is not asked
            found = {kind: Found(()) if one.corrected else one for kind, one in found.items()}
        answer: Item = {
            "query": q,
            "corrected": next((one.corrected for one in found.values() if one.corrected), None),
            "partial": any(one.partial for one in found.values()),
        }
        for kind in KINDS:
            answer[f"{kind}s"] = None
            if kind in found:
                one = found[kind]
                items = await _items(backend, Named(kind, list(one.ranks)))
                answer[f"{kind}s"] = {"items": items, "next": one.next, "total": one.total, "capped": one.capped}
    return json_response(answer)


# --- what is served, and another ----------------------------------------------------------------------------------------


@router.get(
    "/status",
    access=Access.signed_in,
    response_model=s.CatalogStatusAnswer,
    operation_id="catalog_status_get",
    summary="Which catalogue is served, and what is being built",
)
async def status(actor: CurrentActor, catalog: Catalog, building: Building) -> Response:
    await catalog.refresh()
    facts, problem = catalog.facts, catalog.problem
    running, last = await building.jobs_of(actor) if actor.is_admin else (None, None)
    return json_response(
        {
            "snapshot": None
            if facts is None
            else {
                "id": facts.manifest.id,
                "source": facts.manifest.source,
                "namespace": facts.manifest.namespace,
                "licence": facts.manifest.licence,
                "built_at": facts.manifest.made,
                "counts": {
                    "tracks": facts.counts.tracks,
                    "albums": facts.counts.albums,
                    "artists": facts.counts.artists,
                },
                "size_bytes": facts.size_bytes,
                "substring": facts.substring,
                "musicbrainz": facts.ws2 is not None,
                "path": str(facts.folder) if actor.is_admin else None,
                "oddities": [
                    {"code": code, "count": one.count, "examples": list(one.examples)}
                    for code, one in facts.manifest.problems.items()
                    if actor.is_admin
                ],
                "build": facts.manifest.build,
            },
            "problem": None
            if problem is None
            else {"code": problem.code, "message": problem.message if actor.is_admin else "", "hint": problem.hint},
            "path": str(catalog.folder) if actor.is_admin else None,
            "job": JobAnswer.of(running) if running else None,
            "last_job": JobAnswer.of(last) if last else None,
        }
    )


@router.post(
    "/build",
    access=Access.admin,
    response_model=s.CatalogJobAnswer,
    status_code=202,
    responses=problems(404, 409),
    operation_id="catalog_build",
    summary="Build another catalogue",
)
async def build(body: s.CatalogBuildAsk, actor: CurrentActor, building: Building) -> Response:
    """In the background: the job says how far it is and can be cancelled. What is served now is served until the new one is
    verified, and then replaced without a request being dropped."""
    ticket = await building.request(actor, body.model_dump())
    return json_response({"job": format_id("jo", ticket.id), "created": ticket.created}, status=202)


@router.post(
    "/update",
    access=Access.admin,
    response_model=s.CatalogJobAnswer,
    status_code=202,
    responses=problems(404, 409),
    operation_id="catalog_update",
    summary="Fetch the newest dumps and build from them",
)
async def update(actor: CurrentActor, building: Building) -> Response:
    """What the setting `catalog.update.source` names, as every month by itself."""
    ticket = await building.update(actor)
    return json_response({"job": format_id("jo", ticket.id), "created": ticket.created}, status=202)


@router.post(
    "/additions",
    access=Access.admin,
    response_model=s.CatalogAdditionsAnswer,
    status_code=201,
    responses=problems(404, 409, 503),
    operation_id="catalog_additions_create",
    summary="Add records to the catalogue",
)
async def add(body: s.CatalogAdditionsAsk, catalog: Catalog) -> Response:
    """Artists, albums and tracks that are not in it yet, or that take the place of what has their id. They are served when
    this answers; the next build has them too. They are meant for some thousands of rows."""
    id, taken = await catalog.add(body.records)

    def counts(of: Counts) -> dict[str, int]:
        return {"tracks": of.tracks, "albums": of.albums, "artists": of.artists}

    return json_response({"id": id, "added": counts(taken.given), "beside": counts(taken.beside)}, status=201)


# --- making answers -----------------------------------------------------------------------------------------------------

_KIND_OF: dict[str, Kind] = {"tracks": "track", "albums": "album", "artists": "artist"}


async def _one(backend: Backend, kind: Kind, text: str) -> Named:
    (named,) = await resolve(backend, [text], kind)
    if named is None or named.kind != kind:
        raise NotInCatalogue(kind, text)
    return Named(kind, named.ranks[:1])


async def _all_of(catalog: CatalogService, kind: Kind, text: str) -> Response:
    async with catalog.use() as backend:
        (named,) = await resolve(backend, [text])
        if named is None:
            raise NotInCatalogue(kind, text)
        items = await _items(backend, named)
    return json_response({"items": items, "next": None, "total": len(items)})


async def _items(backend: Backend, named: Named, *, album: bool = True) -> list[Item]:
    found = await rows(backend, named.kind, named.ranks, album=album)
    shown = Shown(backend.namespace, backend.licence)
    make = {"track": shown.track, "album": shown.album, "artist": shown.artist}[named.kind]
    return await _made(lambda: [make(row.document, row.more) for row in found], len(found))


async def _made(make: Callable[[], list[Item]], count: int) -> list[Item]:
    """What `make` gives; in a thread where it is much, so that nobody else waits."""
    return await asyncio.to_thread(make) if count > AT_ONCE else make()


def _hit(asked: str, kind: Kind, items: list[Item]) -> Item:
    return {"asked": asked, "kind": kind, "tracks": [], "albums": [], "artists": [], f"{kind}s": items}


def _line(hit: Item) -> bytes:
    return bytes(json_response(hit).body) + b"\n"


def _offset(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 9:
        raise BadCursor
    return int(cursor)
