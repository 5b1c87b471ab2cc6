"""REST of scrobbling: linked accounts, their queues, what was refused, loves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import Query, Request, Response

from segue.core.errors import SegueError
from segue.core.ids import format_id, parse_id
from segue.core.rest import (
    SECRET,
    Access,
    BadCursor,
    CurrentActor,
    Cursor,
    Limit,
    Page,
    Router,
    problems,
    service,
)
from segue.listening.scrobbling.queue import Queued
from segue.listening.scrobbling.schemas import (
    IncomingItem,
    LastfmLoginAnswer,
    LastfmLoginBody,
    LastfmSessionBody,
    ScrobbleAccountBody,
    ScrobbleAccountItem,
    ScrobbleCountAnswer,
    ScrobbleItem,
    ScrobbleJobAnswer,
    ScrobbleLinkBody,
    ScrobbleServiceItem,
    ScrobbleTestAnswer,
    ScrobblingAnswer,
)
from segue.listening.scrobbling.service import ScrobblingService

router = Router(tags=["scrobbling"])
Scrobbling = Annotated[ScrobblingService, service(ScrobblingService)]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ACCOUNT_PAGE = "account"
"""The web app's page that shows linked accounts."""
OUTSIDE = problems(409, 502, 503)


@router.get(
    "/scrobbling",
    access=Access.signed_in,
    operation_id="scrobbling_get",
    summary="What can be linked, and where other players report to",
)
async def overview(request: Request, scrobbling: Scrobbling) -> ScrobblingAnswer:
    ready = scrobbling.lastfm_is_set_up
    here = str(request.base_url)
    return ScrobblingAnswer(
        services=[
            ScrobbleServiceItem(
                kind="lastfm",
                title="Last.fm",
                set_up=ready,
                base_url=None,
                needs=None if ready else "An administrator has to set lastfm.api_key and lastfm.secret.",
            ),
            ScrobbleServiceItem(
                kind="listenbrainz",
                title="ListenBrainz",
                set_up=True,
                base_url=scrobbling.usual_listenbrainz,
                needs=None,
            ),
        ],
        incoming=[
            IncomingItem(
                protocol="listenbrainz",
                enter_url=f"{here}compat/listenbrainz",
                sign_in="An app password as user token.",
            ),
            IncomingItem(
                protocol="lastfm", enter_url=f"{here}compat/lastfm/2.0/", sign_in="Your user name and an app password."
            ),
        ],
    )


@router.get(
    "/scrobbling/accounts",
    access=Access.signed_in,
    operation_id="scrobble_accounts_list",
    summary="One's own linked accounts",
)
async def accounts(actor: CurrentActor, scrobbling: Scrobbling) -> Page[ScrobbleAccountItem]:
    found = await scrobbling.accounts(actor)
    return Page(items=[ScrobbleAccountItem.of(view) for view in found], total=len(found))


@router.post(
    "/scrobbling/accounts",
    access=Access.signed_in,
    status_code=201,
    openapi_extra={SECRET: True},
    responses={**OUTSIDE, **problems(403)},
    operation_id="scrobble_accounts_create",
    summary="Link an account by its token",
)
async def link(body: ScrobbleLinkBody, actor: CurrentActor, scrobbling: Scrobbling) -> ScrobbleAccountItem:
    """ListenBrainz, or anything that speaks its language (Maloja, Koito, another Segue) at an address of its own. Linking the
    same account again gives it the new token."""
    token = body.token.get_secret_value()
    return ScrobbleAccountItem.of(await scrobbling.link_listenbrainz(actor, token, body.base_url, body.label))


@router.post(
    "/scrobbling/lastfm/login",
    access=Access.signed_in,
    openapi_extra={SECRET: True},
    responses=OUTSIDE,
    operation_id="scrobbling_lastfm_login",
    summary="Begin to sign in at Last.fm",
)
async def lastfm_login(
    body: LastfmLoginBody, request: Request, actor: CurrentActor, scrobbling: Scrobbling
) -> LastfmLoginAnswer:
    back = f"{request.base_url}api/v1/scrobbling/lastfm/callback" if body.return_here else None
    return LastfmLoginAnswer.of(await scrobbling.begin_lastfm(actor, back))


@router.post(
    "/scrobbling/lastfm/session",
    access=Access.signed_in,
    status_code=201,
    openapi_extra={SECRET: True},
    responses=OUTSIDE,
    operation_id="scrobbling_lastfm_session",
    summary="Finish signing in at Last.fm",
)
async def lastfm_session(body: LastfmSessionBody, actor: CurrentActor, scrobbling: Scrobbling) -> ScrobbleAccountItem:
    """After yes was said on Last.fm's page; 409 `not_approved` before. Linking the same account again gives it a new key."""
    return ScrobbleAccountItem.of(await scrobbling.finish_lastfm(actor, body.ticket, body.token, body.label))


@router.get("/scrobbling/lastfm/callback", access=Access.signed_in, include_in_schema=False)
async def lastfm_callback(
    request: Request,
    actor: CurrentActor,
    scrobbling: Scrobbling,
    state: Annotated[str, Query(max_length=2000)],
    token: Annotated[str, Query(max_length=500)] = "",
) -> Response:
    """Where Last.fm sends the browser: link the account, and show the page it was begun on."""
    try:
        view = await scrobbling.finish_lastfm(actor, state, token or None)
        said = {"linked": format_id("sc", view.id)}
    except SegueError as error:
        said = {"problem": error.code}
    return Response(status_code=303, headers={"Location": f"{request.base_url}{ACCOUNT_PAGE}?{urlencode(said)}"})


@router.get(
    "/scrobbling/accounts/{id}",
    access=Access.signed_in,
    responses=problems(404),
    operation_id="scrobble_accounts_get",
    summary="One linked account",
)
async def account(id: str, actor: CurrentActor, scrobbling: Scrobbling) -> ScrobbleAccountItem:
    return ScrobbleAccountItem.of(await scrobbling.account(actor, parse_id(id, "sc")))


@router.patch(
    "/scrobbling/accounts/{id}",
    access=Access.signed_in,
    responses=problems(404),
    operation_id="scrobble_accounts_update",
    summary="Name an account, pause it, choose what is sent",
)
async def change(
    id: str, body: ScrobbleAccountBody, actor: CurrentActor, scrobbling: Scrobbling
) -> ScrobbleAccountItem:
    choices = body.choices.model_dump(exclude_none=True) if body.choices else None
    view = await scrobbling.change_account(
        actor, parse_id(id, "sc"), label=body.label, paused=body.paused, choices=choices
    )
    return ScrobbleAccountItem.of(view)


@router.delete(
    "/scrobbling/accounts/{id}",
    access=Access.signed_in,
    status_code=204,
    responses=problems(404),
    operation_id="scrobble_accounts_delete",
    summary="Unlink an account",
)
async def unlink(id: str, actor: CurrentActor, scrobbling: Scrobbling) -> Response:
    """Its key and what it was still to be told are forgotten; plays and stars stay."""
    await scrobbling.unlink(actor, parse_id(id, "sc"))
    return Response(status_code=204)


@router.post(
    "/scrobbling/accounts/{id}/test",
    access=Access.signed_in,
    responses={**OUTSIDE, **problems(404)},
    operation_id="scrobble_accounts_test",
    summary="Ask the service whether it accepts the sign-in",
)
async def test(id: str, actor: CurrentActor, scrobbling: Scrobbling) -> ScrobbleTestAnswer:
    """Where it does not, the answer is a problem that says so."""
    return ScrobbleTestAnswer(ok=True, name=await scrobbling.test(actor, parse_id(id, "sc")))


@router.post(
    "/scrobbling/accounts/{id}/send",
    access=Access.signed_in,
    responses=problems(404),
    operation_id="scrobble_accounts_send",
    summary="Try at once to send what waits",
)
async def send(id: str, actor: CurrentActor, scrobbling: Scrobbling) -> ScrobbleAccountItem:
    return ScrobbleAccountItem.of(await scrobbling.send_now(actor, parse_id(id, "sc")))


@router.post(
    "/scrobbling/accounts/{id}/retry",
    access=Access.signed_in,
    responses=problems(404),
    operation_id="scrobble_accounts_retry",
    summary="Send again all that was refused",
)
async def retry_all(id: str, actor: CurrentActor, scrobbling: Scrobbling) -> ScrobbleCountAnswer:
    return ScrobbleCountAnswer(count=await scrobbling.retry_all(actor, parse_id(id, "sc")))


@router.post(
    "/scrobbling/accounts/{id}/dismiss",
    access=Access.signed_in,
    responses=problems(404),
    operation_id="scrobble_accounts_dismiss",
    summary="Let go all that was refused",
)
async def dismiss_all(id: str, actor: CurrentActor, scrobbling: Scrobbling) -> ScrobbleCountAnswer:
    return ScrobbleCountAnswer(count=await scrobbling.dismiss_all(actor, parse_id(id, "sc")))


@router.post(
    "/scrobbling/accounts/{id}/import-loves",
    access=Access.signed_in,
    status_code=202,
    responses=problems(404),
    operation_id="scrobble_accounts_import_loves",
    summary="Make stars of what is loved there",
)
async def import_loves(id: str, actor: CurrentActor, scrobbling: Scrobbling) -> ScrobbleJobAnswer:
    """Stars are only added. What becomes of it is in the account's `loves_result`."""
    return ScrobbleJobAnswer(job=format_id("jo", await scrobbling.import_loves_soon(actor, parse_id(id, "sc"))))


@router.get(
    "/scrobbling/queue",
    access=Access.signed_in,
    operation_id="scrobbles_list",
    summary="What waits to be sent, or was refused",
)
async def queue(
    actor: CurrentActor,
    scrobbling: Scrobbling,
    state: Annotated[Literal["waiting", "refused"], Query(description="Which of the two.")] = "waiting",
    account: Annotated[str | None, Query(description="Only of this linked account.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[ScrobbleItem]:
    """The oldest first."""
    account_id = None if account is None else parse_id(account, "sc")
    found = await scrobbling.queue(actor, account_id=account_id, state=state, after=_after(cursor), limit=limit + 1)
    more = len(found) > limit
    return Page(items=[ScrobbleItem.of(row) for row in found[:limit]], next=_next(found[limit - 1]) if more else None)


@router.post(
    "/scrobbling/queue/{id}/retry",
    access=Access.signed_in,
    responses=problems(404, 409),
    operation_id="scrobbles_retry",
    summary="Send a refused row again",
)
async def retry(id: str, actor: CurrentActor, scrobbling: Scrobbling) -> ScrobbleItem:
    return ScrobbleItem.of(await scrobbling.retry(actor, parse_id(id, "sb")))


@router.delete(
    "/scrobbling/queue/{id}",
    access=Access.signed_in,
    status_code=204,
    responses=problems(404, 409),
    operation_id="scrobbles_delete",
    summary="Let a refused row go",
)
async def dismiss(id: str, actor: CurrentActor, scrobbling: Scrobbling) -> Response:
    await scrobbling.dismiss(actor, parse_id(id, "sb"))
    return Response(status_code=204)


def _next(row: Queued) -> str:
    return f"{(row.at - EPOCH) // timedelta(microseconds=1)}.{row.id}"


def _after(cursor: str | None) -> tuple[datetime, int] | None:
    if cursor is None:
        return None
    moment, dot, number = cursor.partition(".")
    digits = moment.removeprefix("-") + number
    if not dot or not number or not digits.isascii() or not digits.isdigit() or len(digits) > 34:
        raise BadCursor
    try:
        return EPOCH + timedelta(microseconds=int(moment)), int(number)
    except (ValueError, OverflowError):
        raise BadCursor from None
