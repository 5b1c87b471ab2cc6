"""What stands between the socket and the routes: proxies, the access line, headers, compression, the base path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from starlette.types import ASGIApp

from segue.core.edge.access_line import AccessLine
from segue.core.edge.base_path import BasePath
from segue.core.edge.metrics import Metrics, MetricsPage
from segue.core.edge.proxies import ForwardedHeaders, Networks
from segue.core.edge.security import SecurityHeaders
from segue.core.telemetry import set_level

COMPRESS_FROM_BYTES = 1000
"""Below this an answer fits one packet anyway."""

_EXPOSED = ["ETag", "X-Request-ID", "Content-Range", "Accept-Ranges", "Content-Length", "Retry-After"]


class EdgeSettings(Protocol):
    """What the edge reads of the settings; `segue.core.settings_store.SettingsService` has it as `current`."""

    @property
    def current(self) -> Any: ...
    def on_change(self, listener: Callable[[Any], None]) -> None: ...


def at_the_edge(app: ASGIApp, settings: EdgeSettings, metrics: Metrics | None = None) -> ASGIApp:
    """`app` behind the edge, as the settings want it; changes of the access line and of /metrics count at once."""
    now = settings.current
    numbers = metrics or Metrics()

    def rules() -> tuple[Networks, str | None]:
        present = settings.current.metrics
        return present.allowed, present.token.get_secret_value() if present.token else None

    lines = AccessLine(
        _inner(app, now.server.base_path, now.server.cors_origins, now.server.compress),
        MetricsPage(numbers, rules),
        lines=now.log.access,
    )

    def follow(changed: Any) -> None:
        lines.lines = changed.log.access
        set_level(changed.log.level)

    settings.on_change(follow)
    return ForwardedHeaders(lines, now.server.trusted_proxies)


def _inner(app: ASGIApp, base_path: str, cors_origins: Sequence[str], compress: bool) -> ASGIApp:
    app = BasePath(app, base_path)
    if compress:
        app = _compressed(app)
    if cors_origins:
        from starlette.middleware.cors import CORSMiddleware

        app = CORSMiddleware(
            app,
            allow_origins=list(cors_origins),
            allow_credentials="*" not in cors_origins,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=_EXPOSED,
        )
    return SecurityHeaders(app)


def _compressed(app: ASGIApp) -> ASGIApp:
    """zstd or gzip for text; never for audio, pictures, ranges, or event streams (whose lines must leave at once)."""
    from starlette_compress import CompressMiddleware, add_compress_type, remove_compress_type

    for kind in ("text/event-stream", "image/bmp", "image/x-icon", "image/vnd.microsoft.icon"):
        remove_compress_type(kind)
    for kind in ("application/problem+json", "application/openapi+json", "audio/x-mpegurl", "application/x-ndjson"):
        add_compress_type(kind)
    return CompressMiddleware(app, minimum_size=COMPRESS_FROM_BYTES, brotli=False, zstd_level=3, gzip_level=5)


__all__ = ["AccessLine", "BasePath", "ForwardedHeaders", "Metrics", "MetricsPage", "SecurityHeaders", "at_the_edge"]
