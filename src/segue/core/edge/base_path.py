"""Segue under a path of somebody's site: `/music/api/v1/…` and `/api/v1/…` reach the same route.

The proxy may pass the prefix on or strip it; both work, so that a health check may ask without it. Inside, `root_path` is
the prefix and `path` carries it, as ASGI wants: links made from the request come out right. `scope["state"]["base_path"]`
is the prefix too.
"""

from __future__ import annotations

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class BasePath:
    """`base_path` is `/music` or empty; a trusted proxy's X-Forwarded-Prefix counts more."""

    def __init__(self, app: ASGIApp, base_path: str = "") -> None:
        self.app = app
        self._base_path = base_path.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        prefix = scope.get("state", {}).get("prefix") or self._base_path
        if prefix:
            path: str = scope["path"]
            if path == prefix and scope["type"] == "http":
                query = scope["query_string"].decode("latin-1")
                await RedirectResponse(f"{prefix}/{'?' + query if query else ''}", 308)(scope, receive, send)
                return
            if not path.startswith(f"{prefix}/"):
                scope["path"] = prefix + path
                if scope.get("raw_path") is not None:
                    scope["raw_path"] = prefix.encode() + scope["raw_path"]
            scope["root_path"] = prefix
            scope.setdefault("state", {})["base_path"] = prefix
        await self.app(scope, receive, send)
