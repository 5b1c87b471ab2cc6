"""What stands between the socket and the routes: proxies, the access line, headers, compression, the base path."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

from segue.core.edge.access_line import AccessLine
from segue.core.edge.base_path import BasePath
from segue.core.edge.metrics import Metrics
from segue.core.edge.proxies import ForwardedHeaders, Networks
from segue.core.edge.security import SecurityHeaders

COMPRESS_FROM_BYTES = 1000
"""Below this an answer fits one packet anyway."""

_EXPOSED = ["ETag", "X-Request-ID", "Content-Range", "Accept-Ranges", "Content-Length", "Retry-After"]


def with_edge(
    app: ASGIApp,
    *,
    metrics: Metrics | None = None,
    trusted_proxies: Networks = (),
    base_path: str = "",
    cors_origins: Sequence[str] = (),
    compress: bool = True,
    access_lines: bool | Callable[[], bool] = True,
) -> ASGIApp:
    """`app` behind the edge. The result is what a server serves, and what end-to-end tests should ask.

    `access_lines` may be asked anew for every request, so that a change of the setting counts at once.
    """
    app = BasePath(app, base_path)
    if compress:
        app = _compressed(app)
    if cors_origins:
        from starlette.middleware.cors import CORSMiddleware

        guarded = CORSMiddleware(
            app,
            allow_origins=list(cors_origins),
            allow_credentials="*" not in cors_origins,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=_EXPOSED,
        )
        app = _Either(f"{base_path.rstrip('/')}/rest/", app, guarded)
    lines = access_lines if callable(access_lines) else lambda: access_lines
    return ForwardedHeaders(AccessLine(SecurityHeaders(app), metrics, lines), trusted_proxies)


class _Either:
    """One application for the paths below a prefix, another for the rest: `/rest` answers to pages of any origin itself."""

    def __init__(self, prefix: str, below: ASGIApp, otherwise: ASGIApp) -> None:
        self._prefix = prefix
        self._below = below
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        below = scope["type"] == "http" and scope["path"].startswith(self._prefix)
        await (self._below if below else self._otherwise)(scope, receive, send)


def _compressed(app: ASGIApp) -> ASGIApp:
    """zstd or gzip for text; never for audio, pictures, ranges, or event streams (whose lines must leave at once)."""
    from starlette_compress import CompressMiddleware, add_compress_type, remove_compress_type

    for kind in ("text/event-stream", "image/bmp", "image/x-icon", "image/vnd.microsoft.icon"):
        remove_compress_type(kind)
    for kind in ("application/problem+json", "application/openapi+json", "audio/x-mpegurl", "application/x-ndjson"):
        add_compress_type(kind)
    return CompressMiddleware(app, minimum_size=COMPRESS_FROM_BYTES, brotli=False, zstd_level=3, gzip_level=5)


__all__ = ["AccessLine", "BasePath", "ForwardedHeaders", "Metrics", "SecurityHeaders", "with_edge"]
