"""One line a request: its id, who asked, which route, what came of it, how long it took. Never a query, never a secret."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from segue.core.edge.metrics import UNMATCHED, Metrics

log = structlog.get_logger("segue.access")

CLIENT_LEFT = 499
"""The status in the log of a request whose client went away before an answer began (nginx's number for it)."""

_QUIET_ROUTES = ("/health", "/metrics")
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")


class AccessLine:
    """Gives every request an id (a trusted proxy may bring one), answers with it as X-Request-ID, logs and counts it.

    `scope["state"]` gets `request_id`. Who asked is what authentication leaves there as `actor`; the route is its
    template, or what a face without routes leaves there as `route`.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics | None = None, lines: Callable[[], bool] = lambda: True) -> None:
        self.app = app
        self._lines = lines
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        state = scope.setdefault("state", {})
        request_id = state["request_id"] = _given_id(scope) or secrets.token_hex(8)
        status = CLIENT_LEFT
        sent = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            elif message["type"] == "http.response.body":
                sent += len(message.get("body", b""))
            await send(message)

        structlog.contextvars.bind_contextvars(request_id=request_id)
        root_path = scope.get("root_path", "")
        try:
            await self.app(scope, receive, send_with_id)
        except Exception:
            if status == CLIENT_LEFT:
                status = 500
            raise
        finally:
            seconds = time.perf_counter() - started
            route = _template(scope, root_path)
            if self._metrics is not None:
                self._metrics.observe(scope["method"], route, status, seconds)
            structlog.contextvars.unbind_contextvars("request_id")
            if self._lines():
                _write(scope, route, status, seconds, sent)


def _write(scope: Scope, route: str, status: int, seconds: float, sent: int) -> None:
    state = scope["state"]
    actor = state.get("actor")
    client = scope.get("client")
    write = log.debug if route.startswith(_QUIET_ROUTES) and status < 500 else log.info
    write(
        "request",
        id=state["request_id"],
        user=actor.name if actor is not None else None,
        client=client[0] if client else None,
        method=scope["method"],
        route=route,
        status=status,
        ms=round(seconds * 1000, 1),
        bytes=sent,
    )


def _given_id(scope: Scope) -> str | None:
    if not scope["state"].get("via_proxy"):
        return None
    value = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    return value.decode() if _REQUEST_ID.fullmatch(value) else None


def _template(scope: Scope, root_path: str) -> str:
    """`/api/v1/albums/{id}`; a mounted app's routes carry the path they are mounted at."""
    given = scope["state"].get("route")
    if isinstance(given, str):
        return given
    # FastAPI keeps an included router's prefix beside the route, older ones in the route itself
    included = scope.get("fastapi", {}).get("effective_route_context")
    path = getattr(included, "path", None) or getattr(scope.get("route"), "path", None)
    if path is None:
        return UNMATCHED
    mounted = scope.get("root_path", "").removeprefix(root_path).removeprefix(scope["state"].get("base_path", ""))
    return f"{mounted}{path}" or "/"
