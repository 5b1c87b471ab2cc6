"""REST of what people say of live music (pins, doubts, words), and of the lists that are kept."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query, Response

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
from segue.live import schemas as s
from segue.live import spelling
from segue.live.errors import NoSuchThing
from segue.live.service import LiveService, Said
from segue.query.cursor import digest, read_values, write_values

router = Router(prefix="/live", tags=["live"])
Live = Annotated[LiveService, service(LiveService)]
MAY = Access.scope("edit")
_ERRORS = problems(403, 404, 422)
Scope = Literal["recording", "concert", "artist", "venue"]
_PREFIXES = {"recording": "rec", "concert": "co", "artist": "ba", "venue": "ve"}


# --- pins -------------------------------------------------------------------------------------------------------------


@router.put(
    "/concerts/{id}/pin",
    access=Access.signed_in,
    status_code=204,
    responses=problems(403, 404, 422),
    operation_id="live_concerts_pin_set",
    summary="Put a recording of a concert first, for yourself or for the house",
)
async def pin(id: str, body: s.PinBody, actor: CurrentActor, live: Live) -> Response:
    await live.pin(actor, parse_id(id, "co"), parse_id(body.recording, "rec"), house=body.house)
    return Response(status_code=204)


@router.delete(
    "/concerts/{id}/pin",
    access=Access.signed_in,
    status_code=204,
    responses=problems(403, 404, 422),
    operation_id="live_concerts_pin_delete",
    summary="Let the ranking choose again",
)
async def unpin(
    id: str, actor: CurrentActor, live: Live, house: Annotated[bool, Query(description="The house's pin.")] = False
) -> Response:
    await live.unpin(actor, parse_id(id, "co"), house=house)
    return Response(status_code=204)


# --- doubts -----------------------------------------------------------------------------------------------------------


@router.get(
    "/doubts",
    access=Access.signed_in,
    response_model=Page[s.LiveDoubtItem],
    operation_id="live_doubts_list",
    summary="What does not fit, the most likely first",
)
async def list_doubts(
    actor: CurrentActor,
    live: Live,
    state: Annotated[
        list[Literal["open", "accepted", "refused"]] | None, Query(description="In these states; open without it.")
    ] = None,
    kind: Annotated[list[str] | None, Query(description="Of these kinds, such as date_suspect.")] = None,
    artist: Annotated[str | None, Query(description="Only this band's.", examples=["ba-1"])] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    mark = digest(f"live doubts {state} {kind} {artist}")
    after = None
    if cursor is not None:
        score, number = read_values(cursor, mark, 2)
        if not isinstance(score, int | float) or not isinstance(number, int):
            raise BadCursor
        after = (float(score), number)
    found = await live.doubts(
        actor,
        states=tuple(state or ("open",)),
        kinds=tuple(kind or ()),
        artist=parse_id(artist, "ba") if artist else None,
        after=after,
        limit=limit + 1,
    )
    following = None
    if len(found) > limit:
        last = found[limit - 1]
        following = write_values(mark, [last.score, last.id], None)
    return json_response({"items": [spelling.doubt(one) for one in found[:limit]], "next": following, "total": None})


@router.post(
    "/doubts/{id}/decision",
    access=MAY,
    response_model=s.DecisionAnswer,
    responses=problems(403, 404, 409, 422),
    operation_id="live_doubts_decide",
    summary="Accept what a doubt proposes, or refuse it",
)
async def decide(id: str, body: s.DecisionBody, actor: CurrentActor, live: Live) -> Response:
    """For editors. What is accepted becomes that person's word, which DELETE of the word takes back."""
    doubt, concerts = await live.decide(actor, parse_id(id, "ld"), accept=body.accept)
    return json_response({"doubt": spelling.doubt(doubt), "concerts": [spelling.concert(one) for one in concerts]})


# --- words ------------------------------------------------------------------------------------------------------------


@router.get(
    "/words",
    access=Access.signed_in,
    response_model=Page[s.LiveWordItem],
    operation_id="live_words_list",
    summary="What people said of live music, the newest first",
)
async def list_words(
    actor: CurrentActor,
    live: Live,
    scope: Annotated[Scope | None, Query(description="Only of these.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    if cursor is not None and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise BadCursor
    rows = await live.words(actor, scope=scope, after=int(cursor or 0), limit=limit + 1)
    following = str(rows[limit - 1].id) if len(rows) > limit else None
    return json_response({"items": [spelling.word(row) for row in rows[:limit]], "next": following, "total": None})


async def _subject(live: LiveService, scope: str, id: str) -> str:
    number = parse_id(id, _PREFIXES[scope])
    found = await live.name_of(scope, number)
    if found is None:
        raise NoSuchThing(scope, id[:100])
    return found


def _said(said: Said) -> Response:
    word = None if said.word is None else spelling.word(said.word)
    return json_response({"word": word, "concerts": [spelling.concert(one) for one in said.concerts]})


@router.put(
    "/words/{scope}/{id}/{field}",
    access=MAY,
    response_model=s.SaidAnswer,
    responses=_ERRORS,
    operation_id="live_words_set",
    summary="Say what something is, against whatever is concluded",
)
async def say(scope: Scope, id: str, field: str, body: s.WordBody, actor: CurrentActor, live: Live) -> Response:
    """For editors. `scope` and `id` name what it is about (`recording/rec-81`), `field` what is said: of a recording date,
    artist, show_time, kind, source_type, taper, transferrer, venue, title, songs, with, apart; of a concert title, venue, kind,
    tour, setlist; of a band name, collection; of a venue name, position. Songs have verbs of their own. Answers the
    concerts as they are now."""
    return _said(await live.say(actor, scope, await _subject(live, scope, id), field, body.value))


@router.delete(
    "/words/{scope}/{id}/{field}",
    access=MAY,
    response_model=s.SaidAnswer,
    responses=_ERRORS,
    operation_id="live_words_delete",
    summary="Take a word back, so that what is concluded stands again",
)
async def unsay(scope: Scope, id: str, field: str, actor: CurrentActor, live: Live) -> Response:
    return _said(await live.unsay(actor, scope, await _subject(live, scope, id), field))


# --- mirrors ----------------------------------------------------------------------------------------------------------


@router.get(
    "/mirrors",
    access=Access.signed_in,
    response_model=Page[s.MirrorItem],
    operation_id="live_mirrors_list",
    summary="Lists of the archive that are kept here",
)
async def list_mirrors(actor: CurrentActor, live: Live) -> Response:
    found = [spelling.mirror(one) for one in await live.mirrors() if one.wanted]
    return json_response({"items": found, "next": None, "total": len(found)})


@router.post(
    "/mirrors",
    access=Access.admin,
    status_code=201,
    response_model=s.MirrorItem,
    responses=problems(409, 422),
    operation_id="live_mirrors_add",
    summary="Keep the list of a collection, and read it now",
)
async def add_mirror(body: s.MirrorBody, actor: CurrentActor, live: Live) -> Response:
    view, _ = await live.add_mirror(actor, body.collection)
    return json_response(spelling.mirror(view), status=201)


@router.delete(
    "/mirrors/{id}",
    access=Access.admin,
    status_code=204,
    responses=_ERRORS,
    operation_id="live_mirrors_delete",
    summary="Read a list no more; what it brought stays",
)
async def remove_mirror(id: str, actor: CurrentActor, live: Live) -> Response:
    await live.remove_mirror(actor, parse_id(id, "lm"))
    return Response(status_code=204)


@router.post(
    "/mirrors/{id}/start",
    access=Access.admin,
    status_code=202,
    response_model=s.StartedAnswer,
    responses=_ERRORS,
    operation_id="live_mirrors_start",
    summary="Read a list now",
)
async def start_mirror(id: str, actor: CurrentActor, live: Live, body: s.StartBody | None = None) -> Response:
    given = body or s.StartBody()
    ticket = await live.start_mirror(actor, parse_id(id, "lm"), whole=given.whole, anyway=given.anyway)
    return json_response({"job": format_id("jo", ticket.id)}, status=202)


@router.get(
    "/status",
    access=Access.signed_in,
    response_model=s.LiveStatusAnswer,
    operation_id="live_status_get",
    summary="What there is of live music, and how old it is",
)
async def status(actor: CurrentActor, live: Live) -> Response:
    found = await live.status()
    archive = found.archive
    return json_response(
        {
            **found.totals,
            "doubts": {state: found.doubts.get(state, 0) for state in ("open", "accepted", "refused")},
            "waiting": found.waiting,
            "mirrors": [spelling.mirror(one) for one in found.mirrors],
            "mirrored": spelling.mirrored(found.listed_at),
            "job": format_id_or_none("jo", found.job),
            "archive": {
                "enabled": archive.enabled,
                "contact": archive.contact,
                "breaker": archive.breaker,
                "open_until": archive.open_until,
                "blocked_until": archive.blocked_until,
                "answered_at": archive.answered_at,
                "last_fault": archive.last_fault,
            },
        }
    )
