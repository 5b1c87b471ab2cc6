"""MusicBrainz' ws/2 under `/compat/musicbrainz`, for who has signed in: Picard, beets and others, pointed at this server.

They send a name and an app password (HTTP Basic), or `Authorization: Bearer`; a browser its cookie. Where nobody can sign in,
`segue catalog serve` answers the same without asking who it is.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from segue.accounts.service import AccountService
from segue.catalog.service import CatalogService
from segue.core.access import Actor
from segue.core.errors import SegueError, TooMany
from segue.core.rest import Services

if TYPE_CHECKING:
    from segue.catalog.current import Current
    from segue.catalog.ws2.app import Ws2App

ROUTE = "/compat/musicbrainz/…"
HELP = "For usage, please see: https://musicbrainz.org/development/mmd"


class MusicBrainzFace:
    """The face as an ASGI application."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._accounts = services.get(AccountService)
        self._catalog = services.get(CatalogService)
        self._face: tuple[Current, Ws2App] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        request.state.route = ROUTE
        refused = await self._refusal(request)
        if refused is None:
            face = await self._present()
            if face is not None:
                await face(scope, receive, send)
                return
            refused = _said(404, "There is no catalogue here.")
        await refused(scope, receive, send)

    async def _refusal(self, request: Request) -> Response | None:
        """What to answer instead; None where the caller may ask."""
        if request.method == "OPTIONS":
            return None
        try:
            actor = await self._actor(request)
        except TooMany as error:
            return _said(503, error.message, {"Retry-After": str(max(1, round(error.retry_after_s)))})
        except SegueError as error:
            return _said(401 if error.status < 500 else error.status, error.message)
        if actor is None or actor.only_reports:
            return _said(401, "Sign in with your name and an app password.")
        return None

    async def _actor(self, request: Request) -> Actor | None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return await self._services.authenticate(request)
        try:
            name, _, password = base64.b64decode(given, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return None
        address = request.client.host if request.client else ""
        return await self._accounts.authenticate_subsonic(name, password, address=address)

    async def _present(self) -> Ws2App | None:
        from segue.catalog.ws2.app import Ws2App

        if self._catalog.facts is None:
            await self._catalog.refresh()
        current = self._catalog.current
        if current is None:
            return None
        if self._face is None or self._face[0] is not current:
            self._face = current, Ws2App(current)
        return self._face[1]


def _said(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    """As ws/2 says what is wrong."""
    given = {"Access-Control-Allow-Origin": "*", **(headers or {})}
    if status == 401:
        given["WWW-Authenticate"] = 'Basic realm="Segue"'
    return JSONResponse(
        {"error": message, "help": "For usage, please see: https://musicbrainz.org/development/mmd"}, status, given
    )
