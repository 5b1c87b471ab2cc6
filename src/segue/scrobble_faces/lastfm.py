"""Last.fm's protocol 2.0 as other players speak it: signing in, scrobbles, what plays now, loves.

The session key is an app password that is good for reporting alone. The signature of a call is not checked: it is made with a
secret that a player shares with Last.fm and nobody else. The session key, which only the person's player has, says who it is.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any
from urllib.parse import urlencode, urlsplit

import structlog
from starlette._utils import get_route_path
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from segue.accounts.service import AccountService
from segue.core.access import SCROBBLE, Actor
from segue.core.clock import utc_now
from segue.core.errors import SegueError, TooMany, Unauthorized
from segue.core.rest import Services
from segue.listening.scrobbling.service import Report, ScrobblingService
from segue.scrobble_faces.asked import (
    OPEN,
    TooLarge,
    address_of,
    body_of,
    cleaned,
    form_of,
    may_report,
    preflight,
    program_of,
)
from segue.scrobble_faces.lastfm_xml import as_xml

log = structlog.get_logger("segue.scrobble_faces")

BATCH = 50
MOST_BYTES = 2 * 1024 * 1024
ROUTE = "/compat/lastfm"
STATUS = {4: 403, 6: 400, 8: 500, 9: 403, 11: 503, 14: 403, 29: 429}
MESSAGES = {
    3: "Invalid Method - No method with that name in this package",
    4: "Authentication Failed - You do not have permissions to access the service",
    6: "Invalid parameters - Your request is missing a required parameter",
    8: "Operation failed - Something went wrong inside Segue; its log says more.",
    9: "Invalid session key - Please re-authenticate",
    11: "Service Offline - Segue cannot answer just now. Try again later.",
    14: "Unauthorized Token - This token has not been authorized",
    29: "Rate limit exceeded - Too many wrong passwords. Try again later.",
}
IN_THE_FUTURE = 4
AHEAD = timedelta(hours=24)
_PLACE = re.compile(r"^(\w+)\[(\d{1,4})\]$")
_APP = re.compile(r"^[a-z][a-z0-9+.-]*://\S+$", re.IGNORECASE)


class Refused(Exception):
    """An error of the protocol."""

    def __init__(self, code: int, message: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message or MESSAGES[code]


class LastfmFace:
    """The face as an ASGI application."""

    def __init__(self, services: Services) -> None:
        self._accounts = services.get(AccountService)
        self._scrobbling = services.get(ScrobblingService)
        self._methods: dict[str, Callable[[Request, dict[str, str]], Awaitable[dict[str, Any]]]] = {
            "auth.getmobilesession": self._mobile_session,
            "auth.gettoken": self._token,
            "auth.getsession": self._session,
            "track.scrobble": self._scrobble,
            "track.updatenowplaying": self._now_playing,
            "track.love": lambda request, params: self._love(request, params, True),
            "track.unlove": lambda request, params: self._love(request, params, False),
            "user.getinfo": self._info,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        path = get_route_path(scope).strip("/")
        request.state.route = f"{ROUTE}/…"
        try:
            if path == "api/auth":
                response = await self._approval(request)
            elif request.method == "OPTIONS":
                response = preflight()
            else:
                response = await self._respond(request, path)
                response.headers.update(OPEN)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _respond(self, request: Request, path: str) -> Response:
        params = dict(request.query_params)
        try:
            if path not in ("2.0", ""):
                raise Refused(3)
            if request.method == "POST":
                params |= form_of(await body_of(request, MOST_BYTES))
            name = params.get("method", "")
            method = self._methods.get(name.lower())
            if method is None:
                raise Refused(3)
            request.state.route = f"{ROUTE}/2.0/{name.lower()}"
            return _spelled(params, await method(request, params), 200)
        except Refused as refused:
            return _failed(params, refused)
        except (TooLarge, ValueError):
            return _failed(params, Refused(6))
        except TooMany:
            return _failed(params, Refused(29))
        except SegueError as error:
            code = 4 if error.status in (401, 403) else 11 if error.status == 503 else 6
            return _failed(params, Refused(code, error.message))
        except ClientDisconnect:
            raise
        except Exception:
            log.exception("report_failed", face="lastfm")
            return _failed(params, Refused(8))

    # signing in

    async def _mobile_session(self, request: Request, params: dict[str, str]) -> dict[str, Any]:
        """With name and password. An app password is its own session key; for a login password one is made."""
        name, password = params.get("username", ""), params.get("password", "")
        if not name or not password:
            raise Refused(6)
        address = address_of(request)
        try:
            actor = await self._accounts.authenticate_subsonic(name, password, address=address)
        except Unauthorized:
            raise Refused(4) from None
        if not may_report(actor):
            raise Refused(4)
        try:
            owner = await self._accounts.authenticate_subsonic(api_key=password, address=address)
            is_key = owner.user_id == actor.user_id
        except Unauthorized:
            is_key = False
        key = password if is_key else await self._made_key(request, actor, program_of(request))
        return _session_body(actor.name, key)

    async def _made_key(self, request: Request, actor: Actor, program: str) -> str:
        """A new app password for one player, good for reporting alone."""
        name = f"{program or 'Player'} (scrobbling, {utc_now():%Y-%m-%d %H:%M:%S})"
        made = await self._accounts.create_app_password(
            actor, name, kind="key", scopes=[SCROBBLE], address=address_of(request)
        )
        return made.secret

    async def _token(self, request: Request, params: dict[str, str]) -> dict[str, Any]:
        return {"token": self._scrobbling.report_token()}

    async def _session(self, request: Request, params: dict[str, str]) -> dict[str, Any]:
        """After yes was said on the page: the key that was made there, once."""
        found = await self._scrobbling.approved_report_token(params.get("token", ""))
        if found is None:
            raise Refused(14)
        user_id, key = found
        actor = await self._accounts.actor_for(user_id)
        return _session_body(actor.name, key)

    async def _approval(self, request: Request) -> Response:
        """The page on which a person lets a player report for them; signed in as in the web app."""
        given = dict(request.query_params)
        back = given.get("cb", "")
        if back and not _APP.match(back):
            return _page("This link is broken", "<p>It leads back to something that is no address.</p>", 400)
        try:
            actor = await self._accounts.authenticate(request)
        except SegueError as error:
            return _page("This does not work", f"<p>{escape(error.message)}</p>", error.status)
        if actor is None or actor.only_reports or actor.user_id is None:
            here = escape(str(request.base_url))
            return _page(
                "Sign in first", f'<p><a href="{here}">Sign in to Segue</a>, then open this page again.</p>', 401
            )
        where = urlsplit(back).netloc or urlsplit(back).scheme
        if request.method != "POST":
            whom = f" It goes back to <strong>{escape(where)}</strong>." if back else ""
            action = escape(f"?{urlencode(given)}")
            return _page(
                "Let a player report what you listen to?",
                f"<p>It may then add plays and stars for <strong>{escape(actor.name)}</strong>, and nothing else.{whom}</p>"
                f'<form method="post" action="{action}"><button>Yes, allow it</button></form>',
            )
        token = given.get("token") or self._scrobbling.report_token()
        key = await self._made_key(request, actor, where or "Player")
        if not await self._scrobbling.approve_report_token(actor, token, key):
            return _page("This link is too old", "<p>Begin again in the player.</p>", 400)
        if not back:
            return _page("Done", "<p>The player may now report what you listen to. You can close this page.</p>")
        joined = "&" if urlsplit(back).query else "?"
        return RedirectResponse(f"{back}{joined}{urlencode({'token': token})}", 303)

    async def _actor(self, request: Request, params: dict[str, str]) -> Actor:
        key = params.get("sk", "")
        if not key:
            raise Refused(9)
        try:
            actor = await self._accounts.authenticate_subsonic(api_key=key, address=address_of(request))
        except Unauthorized:
            raise Refused(9) from None
        if not may_report(actor):
            raise Refused(9)
        request.state.actor = actor
        return actor

    # reports

    async def _scrobble(self, request: Request, params: dict[str, str]) -> dict[str, Any]:
        actor = await self._actor(request, params)
        rows = rows_of(params)
        if not rows or len(rows) > BATCH:
            raise Refused(6)
        program = program_of(request)
        reports = [_report(row, program, with_moment=True) for row in rows]
        await self._scrobbling.received(actor, reports, "lastfm")
        border = utc_now() + AHEAD
        codes = [IN_THE_FUTURE if one.at is not None and one.at > border else 0 for one in reports]
        told = [_told(report, code, row) for report, code, row in zip(reports, codes, rows, strict=True)]
        ignored = sum(1 for code in codes if code)
        counts = {"accepted": len(codes) - ignored, "ignored": ignored}
        return {"scrobbles": {"@attr": counts, "scrobble": told[0] if len(told) == 1 else told}}

    async def _now_playing(self, request: Request, params: dict[str, str]) -> dict[str, Any]:
        actor = await self._actor(request, params)
        report = _report(params, program_of(request), with_moment=False)
        await self._scrobbling.received_playing(actor, report, tell=True)
        return {"nowplaying": _told(report, 0, None)}

    async def _love(self, request: Request, params: dict[str, str], loved: bool) -> dict[str, Any]:
        actor = await self._actor(request, params)
        report = _report(params, program_of(request), with_moment=False)
        await self._scrobbling.received_love(actor, report, loved)
        return {}

    async def _info(self, request: Request, params: dict[str, str]) -> dict[str, Any]:
        actor = await self._actor(request, params)
        count = await self._scrobbling.heard_count(actor)
        return {"user": {"name": actor.name, "playcount": str(count), "subscriber": "0", "type": "user"}}


def rows_of(params: dict[str, str]) -> list[dict[str, str]]:
    """The rows of `artist[0]`, `track[0]` …, in order; or the one row without numbers."""
    rows: dict[int, dict[str, str]] = {}
    for name, value in params.items():
        found = _PLACE.match(name)
        if found:
            rows.setdefault(int(found[2]), {})[found[1]] = value
    return [rows[number] for number in sorted(rows)] or ([params] if params.get("track") else [])


def _report(row: dict[str, str], program: str, *, with_moment: bool) -> Report:
    title, artist = cleaned(row.get("track", "")), cleaned(row.get("artist", ""))
    if not title or not artist:
        raise Refused(6)
    at = None
    if with_moment:
        text = row.get("timestamp", "")
        if not text.isascii() or not text.isdigit() or not 0 < int(text[:20]) < 2**37:
            raise Refused(6)
        at = datetime.fromtimestamp(int(text), UTC)
    seconds = row.get("duration", "")
    known = seconds.isascii() and seconds.isdigit() and 0 < int(seconds[:9]) < 2_000_000
    mbid = row.get("mbid", "")[:100]
    return Report(
        title,
        artist,
        at,
        cleaned(row.get("album", "")),
        cleaned(row.get("albumArtist", "")),
        int(seconds) * 1000 if known else None,
        {"musicbrainz:recording": mbid} if mbid else {},
        program,
    )


def _told(report: Report, code: int, row: dict[str, str] | None) -> dict[str, Any]:
    def corrected(text: str) -> dict[str, str]:
        return {"corrected": "0", "#text": text}

    told: dict[str, Any] = {
        "track": corrected(report.title),
        "artist": corrected(report.artist),
        "album": corrected(report.album),
        "albumArtist": corrected(report.album_artist),
        "ignoredMessage": {"code": str(code), "#text": "Timestamp is too far in the future" if code else ""},
    }
    return told if row is None else {**told, "timestamp": row["timestamp"]}


def _session_body(name: str, key: str) -> dict[str, Any]:
    return {"session": {"name": name, "key": key, "subscriber": 0}}


def _failed(params: dict[str, str], refused: Refused) -> Response:
    return _spelled(params, {"error": refused.code, "message": refused.message}, STATUS.get(refused.code, 400))


def _spelled(params: dict[str, str], body: dict[str, Any], status: int) -> Response:
    if params.get("format") == "json":
        return JSONResponse(body, status)
    return Response(as_xml(body), status, media_type="text/xml; charset=UTF-8")


def _page(title: str, inside: str, status: int = 200) -> Response:
    style = (
        "body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem;color-scheme:light dark}"
        "button{font:inherit;padding:.5rem 1rem}"
    )
    page = (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{style}</style></head>'
        f"<body><h1>{escape(title)}</h1>{inside}</body></html>"
    )
    headers = {
        "Cache-Control": "no-store",
        "X-Frame-Options": "DENY",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        "Referrer-Policy": "same-origin",
    }
    return HTMLResponse(page, status, headers)
