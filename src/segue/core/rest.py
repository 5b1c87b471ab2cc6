"""What every REST route shares: who may call it, how lists and errors look, ETags, services.

A route cannot be made without saying who may call it, wrong or unknown parameters are named, and a read carries an ETag.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Generic, Protocol, TypeVar

import structlog
from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response, params
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict
from pydantic_core import to_json
from rapidfuzz import process
from starlette.exceptions import HTTPException
from starlette.routing import Match

from segue.core.access import Actor
from segue.core.culprit import culprit
from segue.core.errors import FieldProblem, Forbidden, Invalid, SegueError, TooMany, Unauthorized, Unavailable
from segue.core.idempotency import replay_or_run
from segue.core.ids import BadId

log = structlog.get_logger("segue.rest")
T = TypeVar("T")

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class Decorator(Protocol):
    def __call__(self, endpoint: Endpoint, /) -> Endpoint: ...


SECRET = "x-secret"
"""In `openapi_extra` of a route whose body or answer is a secret: it is never kept for an Idempotency-Key."""
STREAMED = "x-streamed"
"""In `openapi_extra` of a route whose body may be of any size: it is read as it comes, and takes no Idempotency-Key."""

Responses = dict[int | str, dict[str, Any]]


def problems(*statuses: int) -> Responses:
    """For `responses=` of a route: errors that do not follow from its path, its method or who may call it."""
    return {status: {"description": "A problem."} for status in statuses}


ANYTHING = "/{path:path}"
"""The path of the web app's route, which takes what no other does."""

Limit = Annotated[int, Query(ge=1, le=1000, description="How many items at most.")]
Cursor = Annotated[str | None, Query(description="The `next` of the page before.", max_length=2000)]


class Body(BaseModel):
    """A request's body, in which a misspelt member is an error."""

    model_config = ConfigDict(extra="forbid")


class Page(BaseModel, Generic[T]):
    """One page of a list. `next` is what to ask with as `cursor`, null at the end; `total` is given where it is cheap."""

    items: list[T]
    next: str | None = None
    total: int | None = None


class NotSignedIn(Unauthorized):
    def __init__(self) -> None:
        super().__init__("not_signed_in", "Nobody is signed in.", hint="Sign in at /api/v1/auth/login.")


class NotAllowed(Forbidden):
    def __init__(self, needs: str) -> None:
        super().__init__("not_allowed", f"This needs {needs}.", needs=needs)


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call a route."""

    name: str

    public: ClassVar[Access]
    checked_inside: ClassVar[Access]
    signed_in: ClassVar[Access]
    admin: ClassVar[Access]

    @staticmethod
    def scope(name: str) -> Access:
        """Whoever is signed in; a token with scopes needs this one among them."""
        return Access(f"scope:{name}")

    def check(self, actor: Actor | None) -> None:
        """Raises NotSignedIn or NotAllowed where `actor` may not."""
        if self.name in _OPEN:
            return
        if actor is None:
            raise NotSignedIn
        if actor.only_reports:
            raise NotAllowed("a credential that is for more than reporting what was listened to")
        if self.name == "admin" and (not actor.is_admin or (actor.scopes and "admin" not in actor.scopes)):
            raise NotAllowed("an administrator")
        if self.name.startswith("scope:") and actor.scopes and self.name.removeprefix("scope:") not in actor.scopes:
            raise NotAllowed(f"a token with the scope {self.name.removeprefix('scope:')}")


Access.public = Access("public")
Access.checked_inside = Access("checked_inside")
"""What is behind it looks at the caller itself, in a way of its own: /metrics, the Subsonic methods."""
Access.signed_in = Access("signed_in")
Access.admin = Access("admin")
_OPEN = (Access.public.name, Access.checked_inside.name)


def declares(access: Access) -> Callable[[Endpoint], Endpoint]:
    """Says who may call an endpoint that is no route of a Router: `@declares(Access.public)`."""

    def declare(endpoint: Endpoint) -> Endpoint:
        endpoint.access = access  # type: ignore[attr-defined]
        return endpoint

    return declare


Authenticate = Callable[[Request], Awaitable[Actor | None]]
"""Finds out who is behind a request; None when nobody says who they are. Raises Unauthorized for wrong credentials."""


class Services:
    """The services of this process by their type, made by app.py."""

    def __init__(self, authenticate: Authenticate) -> None:
        self.authenticate = authenticate
        self._by_type: dict[type[Any], Any] = {}

    def add(self, service: T) -> T:
        self._by_type[type(service)] = service
        return service

    def get(self, kind: type[T]) -> T:
        return self._by_type[kind]  # type: ignore[no-any-return]


def service(kind: type[T]) -> Any:
    """A dependency that gives the service of this type: `Annotated[LibraryService, service(LibraryService)]`."""

    async def give(request: Request) -> T:  # a plain function would be run in a thread
        services: Services = request.app.state.segue
        return services.get(kind)

    return Depends(give)


async def _maybe_actor(request: Request) -> Actor | None:
    if not hasattr(request.state, "actor"):
        services: Services = request.app.state.segue
        request.state.actor = await services.authenticate(request)
    return request.state.actor  # type: ignore[no-any-return]


async def _current_actor(actor: Annotated[Actor | None, Depends(_maybe_actor)]) -> Actor:
    if actor is None:
        raise NotSignedIn
    return actor


MaybeActor = Annotated[Actor | None, Depends(_maybe_actor)]
CurrentActor = Annotated[Actor, Depends(_current_actor)]


class Guard:
    """The dependency behind every route: checks who calls and that no parameter is unknown."""

    def __init__(self, access: Access, open_query: bool) -> None:
        self.access = access
        self.open_query = open_query
        self._known: frozenset[str] | None = None

    async def __call__(self, request: Request) -> None:
        if self.access.name in _OPEN:
            request.state.actor = None
            if "authorization" in request.headers or "cookie" in request.headers:
                try:
                    del request.state.actor
                    await _maybe_actor(request)
                except SegueError:
                    request.state.actor = None
        else:
            self.access.check(await _maybe_actor(request))
        if not self.open_query and request.query_params:
            self._refuse_unknown(request)

    def _refuse_unknown(self, request: Request) -> None:
        if self._known is None:
            declared = get_flat_params(request.scope["route"].dependant)
            self._known = frozenset(p.alias for p in declared if isinstance(p.field_info, params.Query))
        unknown = [name for name in dict.fromkeys(request.query_params.keys()) if name not in self._known]
        if unknown:
            raise UnknownParameter([(name, nearest(name, self._known)) for name in unknown])


class BadCursor(Invalid):
    """A `cursor` that is not the `next` of a page of this list."""

    def __init__(self) -> None:
        message = "This cursor is not the `next` of a page of this list."
        super().__init__("bad_cursor", message, fields=[FieldProblem("cursor", "bad_cursor", message)])


class UnknownParameter(Invalid):
    def __init__(self, unknown: list[tuple[str, str | None]]) -> None:
        problems = [
            FieldProblem(
                name[:100],
                "unknown_parameter",
                f"There is no parameter {name[:100]!r}." + (f" Did you mean {near!r}?" if near else ""),
            )
            for name, near in unknown
        ]
        super().__init__("unknown_parameter", problems[0].message, fields=problems)


def nearest(word: str, among: Any) -> str | None:
    """The member of `among` that `word` is most likely a slip of, or None when none is near (similarity under 60 of 100)."""
    found = process.extractOne(word, list(among), score_cutoff=60)
    return found[0] if found else None


class _Route(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        run = super().get_route_handler()
        extra = self.openapi_extra or {}
        keyed = not (extra.get(SECRET) or extra.get(STREAMED))

        async def answer(request: Request) -> Response:
            try:
                return await run(request)
            except BadId as error:
                name = await culprit(request, error.text)
                if name is not None:
                    error.fields = (FieldProblem(name, error.code, error.message),)
                raise

        async def handle(request: Request) -> Response:
            if request.method in ("POST", "PUT", "PATCH", "DELETE"):
                if not keyed:
                    return await answer(request)
                return await replay_or_run(request, answer)
            return with_etag(request, await answer(request))

        return handle


class Router(APIRouter):
    """Like FastAPI's, but every route says who may call it: `@router.get("/{id}", access=Access.signed_in)`.

    `open_query=True` is for routes that read their query themselves; everywhere else an unknown parameter is refused.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=_Route, **options)

    def _add(self, method: str, path: str, access: Access, open_query: bool, options: dict[str, Any]) -> Decorator:
        dependencies = [Depends(Guard(access, open_query)), *options.pop("dependencies", [])]
        extra = {"x-access": access.name, **options.pop("openapi_extra", {})}
        return super().api_route(path, methods=[method], dependencies=dependencies, openapi_extra=extra, **options)

    def get(self, path: str, *, access: Access, open_query: bool = False, **options: Any) -> Decorator:  # type: ignore[override]
        return self._add("GET", path, access, open_query, options)

    def post(self, path: str, *, access: Access, open_query: bool = False, **options: Any) -> Decorator:  # type: ignore[override]
        return self._add("POST", path, access, open_query, options)

    def put(self, path: str, *, access: Access, open_query: bool = False, **options: Any) -> Decorator:  # type: ignore[override]
        return self._add("PUT", path, access, open_query, options)

    def patch(self, path: str, *, access: Access, open_query: bool = False, **options: Any) -> Decorator:  # type: ignore[override]
        return self._add("PATCH", path, access, open_query, options)

    def delete(self, path: str, *, access: Access, open_query: bool = False, **options: Any) -> Decorator:  # type: ignore[override]
        return self._add("DELETE", path, access, open_query, options)

    def head(self, path: str, *, access: Access, open_query: bool = False, **options: Any) -> Decorator:  # type: ignore[override]
        return self._add("HEAD", path, access, open_query, options)


def json_response(content: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """`content` (dicts, dataclasses, pydantic models, moments) as a JSON answer, without FastAPI's validation."""
    return Response(to_json(content), status_code=status, headers=headers, media_type="application/json")


def with_etag(request: Request, response: Response) -> Response:
    """`response` with a weak ETag made of its bytes, or 304 when the caller has them already."""
    body = getattr(response, "body", None)
    if not isinstance(body, bytes) or response.status_code != 200 or request.method not in ("GET", "HEAD"):
        return response
    if "etag" not in response.headers:
        response.headers["etag"] = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        response.headers.setdefault("cache-control", "private, no-cache")
    if matches(request.headers.get("if-none-match"), response.headers["etag"]):
        kept = {
            name: value for name, value in response.headers.items() if name not in ("content-length", "content-type")
        }
        return Response(status_code=304, headers=kept)
    return response


def matches(if_none_match: str | None, etag: str) -> bool:
    """Whether the header If-None-Match names `etag` (weak comparison, RFC 9110 §13.1.2)."""
    if not if_none_match:
        return False
    wanted = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in wanted or etag.removeprefix("W/") in wanted


def problem(error: SegueError, *, instance: str | None = None) -> Response:
    """`error` as problem+json (RFC 9457): type, title, status, code, detail, and where they help hint, errors, params."""
    body: dict[str, Any] = {
        "type": f"urn:segue:problem:{error.code}",
        "title": type(error).__name__ if error.status != 500 else "InternalError",
        "status": error.status,
        "code": error.code,
        "detail": error.message,
    }
    if error.hint:
        body["hint"] = error.hint
    if isinstance(error, Invalid) and error.fields:
        body["errors"] = [{"field": f.field, "code": f.code, "message": f.message} for f in error.fields]
    if isinstance(error, Invalid):
        body.update(error.members)
    if instance:
        body["instance"] = instance
    headers = {}
    wait = error.retry_after_s if isinstance(error, (TooMany, Unavailable)) else None
    if wait is not None:
        headers["Retry-After"] = str(max(1, round(wait)))
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(to_json(body), error.status, headers, media_type="application/problem+json")


def _place(item: Mapping[str, Any]) -> str:
    """The parameter, or the path in the body, that pydantic complains about; `body` where the body is no JSON at all."""
    where = item["loc"]
    inner = () if item["type"] == "json_invalid" else where[1:]  # it names the byte there
    return ".".join(str(part) for part in inner) or str(where[0])


def install_problem_handlers(app: FastAPI) -> None:
    """Make every error of `app` a problem+json answer."""

    async def on_segue_error(_request: Request, error: Exception) -> Response:
        assert isinstance(error, SegueError)
        return problem(error)

    async def on_invalid(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        fields = [FieldProblem(_place(item), item["type"], item["msg"]) for item in error.errors()]
        first = fields[0] if fields else FieldProblem("body", "invalid", "The request cannot be read.")
        return problem(Invalid("invalid_parameter", f"{first.field}: {first.message}", fields=fields))

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        made = SegueError(f"http_{error.status_code}", str(error.detail))
        made.status = error.status_code
        response = problem(made)
        for name, value in (error.headers or {}).items():
            response.headers[name] = value
        if error.status_code == 405:
            response.headers["Allow"] = ", ".join(_allowed(request))
        return response

    async def on_crash(request: Request, error: Exception) -> Response:
        log.error("request_failed", path=request.url.path, exc_info=error)
        request_id = getattr(request.state, "request_id", None)
        hint = "The server's log says more" + (f" under the request id {request_id}." if request_id else ".")
        return problem(SegueError("internal_error", "Something went wrong inside Segue.", hint=hint))

    app.add_exception_handler(SegueError, on_segue_error)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(Exception, on_crash)


def _allowed(request: Request) -> list[str]:
    """The methods that the routes at a request's path take, over all of them (RFC 9110 §10.2.1)."""
    routes = [route for route in request.app.routes if getattr(route, "path", None) != ANYTHING]
    found = []
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
        asked = {**request.scope, "method": method}
        if any(route.matches(asked)[0] is Match.FULL for route in routes):
            found.append(method)
    return found
