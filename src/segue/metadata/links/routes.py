"""REST of links: what the library is in the catalogue, what is lacking, what might be corrected, and what people decide."""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast

from fastapi import Query, Response

from segue.catalog.items import Item
from segue.catalog.records import Kind
from segue.core.ids import format_id, format_id_or_none, parse_id
from segue.core.rest import (
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
from segue.metadata.links import schemas as s
from segue.metadata.links.service import PREFIXES, AlbumBeside, LinkService, LinkView

router = Router(tags=["links"])
Links = Annotated[LinkService, service(LinkService)]
MAY = Access.scope("edit")
_ERRORS = problems(403, 404, 422)


# --- what is there, and what is lacking -------------------------------------------------------------------------------


@router.get(
    "/albums/{id}/catalog",
    access=Access.signed_in,
    response_model=s.AlbumCatalogAnswer,
    operation_id="albums_catalog_get",
    summary="An album beside its release in the catalogue",
)
async def album_beside(id: str, actor: CurrentActor, links: Links) -> Response:
    """What it was found to be and why, and track by track what is on both, what is lacking here and what only is here."""
    return json_response(_beside(await links.beside(actor, parse_id(id, "al"))))


@router.get(
    "/tracks/{id}/catalog",
    access=Access.signed_in,
    response_model=s.TrackLinkAnswer,
    operation_id="tracks_catalog_get",
    summary="What a track is in the catalogue",
)
async def track_link(id: str, actor: CurrentActor, links: Links) -> Response:
    view = await links.link(actor, "track", parse_id(id, "tr"))
    return json_response({"link": _link(view.row), "track": view.item})


@router.get(
    "/artists/{id}/catalog",
    access=Access.signed_in,
    response_model=s.ArtistLinkAnswer,
    operation_id="artists_catalog_get",
    summary="Who an artist is in the catalogue",
)
async def artist_link(id: str, actor: CurrentActor, links: Links) -> Response:
    view = await links.link(actor, "artist", parse_id(id, "ar"))
    return json_response({"link": _link(view.row), "artist": view.item})


@router.get(
    "/artists/{id}/discography",
    access=Access.signed_in,
    response_model=s.DiscographyAnswer,
    operation_id="artists_discography_list",
    summary="What an artist made, and what of it you have",
)
async def discography(
    id: str,
    actor: CurrentActor,
    links: Links,
    type: Annotated[str | None, Query(max_length=50, description="Only album, single, compilation …")] = None,
    have: Annotated[bool | None, Query(description="Only what you have (true), or lack.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    found = await links.discography(actor, parse_id(id, "ar"), type=type, have=have, limit=limit, cursor=cursor)
    items = [
        {
            "catalog": item,
            "year": _year(item) if item is not None else next((view.year for view, _ in here), None),
            "have": bool(here),
            "albums": [
                {
                    "id": format_id("al", view.id),
                    "title": view.title,
                    "track_count": view.track_count,
                    "sure": sure,
                }
                for view, sure in here
            ],
        }
        for item, here in found.items
    ]
    head = {"link": _link(found.link.row), "artist": found.link.item}
    return json_response({**head, "items": items, "next": found.next, "total": found.total})


def _suggestion_route(kind: Literal["track", "album"]) -> None:
    prefix = PREFIXES[kind]

    async def suggest(id: str, actor: CurrentActor, links: Links) -> Response:
        found = await links.suggestions(actor, cast(Kind, kind), parse_id(id, prefix))
        row, item = found.link.row, found.link.item
        items = [
            {
                "field": one.field,
                "current": one.current,
                "suggested": one.suggested,
                "source": found.source,
                "catalog_id": item["id"] if item else "",
                "licence": item["licence"] if item else None,
                "score": row.score if row is not None else None,
                "patch": {"set": {one.field: one.suggested}},
            }
            for one in found.found
        ]
        return json_response({"link": _link(row), "items": items})

    suggest.__doc__ = "Nothing is changed by it: PATCH with a suggestion's `patch` takes it over, and can be undone."
    router.get(
        f"/{kind}s/{{id}}/suggestions",
        access=Access.signed_in,
        response_model=s.SuggestionsAnswer,
        operation_id=f"{kind}s_suggestions_list",
        summary=f"What the catalogue would say of {'an' if kind[0] == 'a' else 'a'} {kind}",
    )(suggest)


_suggestion_route("track")
_suggestion_route("album")


# --- what is in doubt, and what people say --------------------------------------------------------------------------------


@router.get(
    "/catalog/links",
    access=Access.signed_in,
    response_model=Page[s.WaitingItem],
    operation_id="catalog_links_list",
    summary="Links to the catalogue; first of all those in doubt",
)
async def list_links(
    actor: CurrentActor,
    links: Links,
    state: Annotated[list[s.State] | None, Query(description="In these states; `review` without it.")] = None,
    kind: Annotated[
        list[Literal["track", "album", "artist"]] | None, Query(description="Of these kinds; all without it.")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    if cursor is not None and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise BadCursor
    found, following = await links.page(
        actor,
        kinds=kind or ("track", "album", "artist"),
        states=state or ("review",),
        after=int(cursor or 0),
        limit=limit,
    )
    items = [
        {
            "link": _link(one.row),
            "kind": one.row.kind,
            "title": one.title,
            "artist": one.artist,
            "album": one.album,
            "catalog": one.item,
        }
        for one in found
    ]
    return json_response({"items": items, "next": None if following is None else str(following), "total": None})


@router.get(
    "/catalog/links/counts",
    access=Access.signed_in,
    response_model=s.LinkCountsAnswer,
    operation_id="catalog_links_counts_get",
    summary="How much is linked to the catalogue",
)
async def link_counts(actor: CurrentActor, links: Links) -> Response:
    return json_response(await links.counts(actor))


@router.post(
    "/catalog/links/look",
    access=Access.admin,
    status_code=202,
    operation_id="catalog_links_look",
    summary="Link the library to the catalogue now",
)
async def look(actor: CurrentActor, links: Links, body: s.LookBody | None = None) -> s.LookAnswer:
    """It happens by itself after scans, when the catalogue is another, and every night."""
    ticket = await links.request(actor, anew=body.anew if body else False)
    return s.LookAnswer(job=format_id("jo", ticket.id))


def _decision_routes(kind: Kind) -> None:
    prefix = PREFIXES[kind]
    a = f"{'an' if kind[0] == 'a' else 'a'} {kind}"

    async def choose(id: str, body: s.ChoiceBody, actor: CurrentActor, links: Links) -> Response:
        return json_response(_link((await links.decide(actor, kind, parse_id(id, prefix), body.id)).row))

    async def forget(id: str, actor: CurrentActor, links: Links) -> Response:
        return json_response(_link((await links.undecide(actor, kind, parse_id(id, prefix))).row))

    async def refuse(id: str, body: s.RefusalBody, actor: CurrentActor, links: Links) -> Response:
        return json_response(_link((await links.refuse(actor, kind, parse_id(id, prefix), body.id)).row))

    choose.__doc__ = "For editors. A person's word stays, whatever is found later, and through every build."
    forget.__doc__ = "It is looked for again, at once, and nothing is refused any more."
    refuse.__doc__ = "What else it may be is looked for at once."
    shared: dict[str, Any] = {"access": MAY, "response_model": s.LinkItem, "responses": _ERRORS}
    router.put(
        f"/{kind}s/{{id}}/catalog",
        operation_id=f"{kind}s_catalog_set",
        summary=f"Say what {a} is in the catalogue",
        **shared,
    )(choose)
    router.delete(
        f"/{kind}s/{{id}}/catalog",
        operation_id=f"{kind}s_catalog_delete",
        summary=f"Take back what was said of {a}, and look again",
        **shared,
    )(forget)
    router.post(
        f"/{kind}s/{{id}}/catalog/refuse",
        operation_id=f"{kind}s_catalog_refuse",
        summary=f"Say what {a} is not in the catalogue",
        **shared,
    )(refuse)


for _kind in PREFIXES:
    _decision_routes(cast(Kind, _kind))


# --- spelling -------------------------------------------------------------------------------------------------------------


def _link(row: Any | None) -> Item | None:
    if row is None:
        return None
    return {
        "id": format_id("cl", row.id),
        "of": format_id(PREFIXES[row.kind], row.entity_id),
        "state": row.state,
        "catalog_id": row.value,
        "score": row.score,
        "method": row.method,
        "reasons": s.reasons_of(row.reasons),
        "others": [{"id": value, "score": score} for value, score in row.others or ()],
        "refused": list(row.refused or ()),
        "looked_at": row.looked_at,
        "decided_by": format_id_or_none("us", row.decided_by),
        "decided_at": row.decided_at,
    }


def _beside(found: AlbumBeside) -> Item:
    link: LinkView = found.link
    counts = {"have": 0, "lack": 0, "extra": 0}
    tracks = []
    for line in found.lines:
        counts[line.state] += 1
        ours = found.ours[line.ours] if line.ours is not None else None
        theirs = found.theirs[line.theirs] if line.theirs is not None else None
        elsewhere = found.elsewhere.get(theirs["id"], ()) if theirs is not None and line.state == "lack" else ()
        tracks.append(
            {
                "state": line.state,
                "sure": line.sure,
                "score": line.score,
                "reasons": s.reasons_of(line.reasons),
                "track": None
                if ours is None
                else {
                    "id": format_id("tr", ours.id),
                    "title": ours.title,
                    "disc": ours.disc,
                    "position": ours.position,
                    "duration_ms": ours.duration_ms,
                },
                "catalog": theirs,
                "elsewhere": [format_id("tr", number) for number in elsewhere],
            }
        )
    return {"link": _link(link.row), "album": link.item, "counts": counts, "tracks": tracks}


def _year(item: Item) -> int | None:
    year = (item["release_date"] or "")[:4]
    return int(year) if len(year) == 4 and year.isdigit() and int(year) else None
