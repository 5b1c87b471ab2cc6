"""The ASGI application that answers `/rest/…`: find the method, say who asks, call the handler, spell the answer.

Whatever happens, the caller gets an envelope in the format it asked for. Any origin may call: browser apps live
elsewhere, and nothing here looks at cookies, so a foreign page can do no more than its user's credentials allow.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import structlog
from starlette._utils import get_route_path
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from segue.accounts.service import AccountService
from segue.core.access import Actor
from segue.core.errors import SegueError
from segue.core.rest import Services
from segue.subsonic.call import Call, Method
from segue.subsonic.clients import dialect_of
from segue.subsonic.credentials import Credentials, check_version
from segue.subsonic.envelope import Format, Reply, answer, failure
from segue.subsonic.faults import Code, Fault, fault_of
from segue.subsonic.methods import METHODS
from segue.subsonic.parameters import Parameters

log = structlog.get_logger("segue.subsonic")

MAX_FORM_BYTES = 4 * 1024 * 1024
"""A playlist of 200,000 songs fits."""

NOBODY = Actor(user_id=None, name="", libraries=frozenset())
"""Who calls a public method: someone who sees nothing."""

_ALLOWED = "GET, HEAD, POST, OPTIONS"
_EXPOSED = "Accept-Ranges, Content-Disposition, Content-Duration, Content-Length, Content-Range, ETag, Retry-After"

Authenticate = Callable[[Credentials, str], Awaitable[Actor]]
"""From credentials and the caller's address to who that is. Raises a Fault or a SegueError."""


def make_subsonic(services: Services) -> SubsonicApp:
    """The face over these services, with every method of the protocol."""
    accounts = services.get(AccountService)

    async def authenticate(credentials: Credentials, address: str) -> Actor:
        return await accounts.authenticate_subsonic(
            credentials.username,
            credentials.password,
            token=credentials.token,
            salt=credentials.salt,
            api_key=credentials.api_key,
            address=address,
        )

    return SubsonicApp(services, METHODS, authenticate)


class SubsonicApp:
    """The face as an ASGI application, mounted at `/rest`."""

    def __init__(self, services: Services, methods: Mapping[str, Method], authenticate: Authenticate) -> None:
        self._services = services
        self._methods = methods
        self._authenticate = authenticate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        try:
            response = self._preflight(request) or await self._respond(request)
        except ClientDisconnect:
            return
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = _EXPOSED
        await response(scope, receive, send)

    def _preflight(self, request: Request) -> Response | None:
        if request.method == "OPTIONS":
            asked = request.headers.get("access-control-request-headers", "*")
            return Response(
                status_code=204,
                headers={
                    "Access-Control-Allow-Methods": _ALLOWED,
                    "Access-Control-Allow-Headers": asked,
                    "Access-Control-Max-Age": "86400",
                },
            )
        if request.method not in ("GET", "HEAD", "POST"):
            return PlainTextResponse("Use GET or POST.\n", 405, headers={"Allow": _ALLOWED})
        return None

    async def _respond(self, request: Request) -> Response:
        form = Format()
        try:
            query = request.scope["query_string"]
            parameters = Parameters.parse(query)
            form = Format.for_failures(parameters)
            body = await _form_body(request)
            if body:
                parameters = Parameters.parse(query, body)
                form = Format.for_failures(parameters)
            client = (parameters.optional("c") or "")[:200]
            form = Format.asked(parameters, dialect_of(client))
            result = await self._call(request, parameters, client, form)
            return answer(result, form) if isinstance(result, Reply) else result
        except Fault as fault:
            return failure(fault, form)
        except SegueError as error:
            return failure(fault_of(error), form)
        except ClientDisconnect:
            raise
        except Exception:
            log.exception("subsonic_method_failed", method=_method_name(request))
            broken = Fault(Code.GENERIC, "Something went wrong inside Segue; its log says more.", status=500)
            return failure(broken, form)

    async def _call(self, request: Request, parameters: Parameters, client: str, form: Format) -> Reply | Response:
        name = _method_name(request)
        method = self._methods.get(name)
        request.state.route = f"/rest/{name}" if method is not None else "/rest/…"
        actor = NOBODY
        if method is not None:
            request.state.route = f"/rest/{name}"
        if method is None or not method.public:
            check_version(parameters)
            address = request.client.host if request.client else ""
            request.state.actor = actor = await self._authenticate(Credentials.of(parameters), address)
            request.state.actor = actor
            if actor.only_reports:
                raise Fault(
                    Code.NOT_AUTHORIZED, "This app password is for reporting what was listened to, not for playing."
                )
        if method is None:
            raise Fault(Code.GENERIC, f"There is no method {name[:60]!r} in the protocol that Segue speaks.")
        return await method.handler(Call(actor, parameters, client, form, request, self._services))


def _method_name(request: Request) -> str:
    return get_route_path(request.scope).strip("/").removesuffix(".view")


async def _form_body(request: Request) -> bytes:
    """The body of a POST with a form in it, empty for any other. Raises a Fault where it is too large."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method != "POST" or kind != "application/x-www-form-urlencoded":
        return b""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_FORM_BYTES:
            raise Fault(Code.GENERIC, f"The form is larger than {MAX_FORM_BYTES >> 20} MiB.", status=413)
        chunks.append(chunk)
    return b"".join(chunks)
