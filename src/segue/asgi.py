"""The one ASGI application: REST under /api/v1, OpenSubsonic under /rest, health, metrics, docs, and the web app.

It answers from its first moment: while the database is being migrated, /health/live says that the process is alive and
everything else is told to wait.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import structlog
from fastapi import FastAPI, Request
from starlette._utils import get_route_path
from starlette.responses import Response
from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from segue import __version__
from segue.accounts.routes import router as accounts_router
from segue.analysis.mixing.routes import router as mixing_router
from segue.analysis.requests.routes import router as analysis_requests_router
from segue.analysis.routes import router as analysis_router
from segue.analysis.similar.routes import router as similar_router
from segue.analysis.similar.routes_map import router as similar_map_router
from segue.api.description import describe, name_later
from segue.api.docs_routes import router as docs_router
from segue.api.feed_routes import router as feed_router
from segue.api.musicbrainz import MusicBrainzFace
from segue.api.query_routes import router as query_router
from segue.api.settings_routes import router as settings_router
from segue.api.web_app import WebApp
from segue.app import Segue, Starting
from segue.catalog.routes import router as catalog_router
from segue.core import heap
from segue.core.edge import with_edge
from segue.core.edge.metrics import router as metrics_router
from segue.core.health import router as health_router
from segue.core.rest import ANYTHING, Access, Services, declares, install_problem_handlers, problem
from segue.jobs.routes import router as jobs_router
from segue.library.duplicates.routes import router as duplicates_router
from segue.library.edits.routes import router as edits_router
from segue.library.genres.routes import router as genres_router
from segue.library.inbox.routes import router as inbox_router
from segue.library.inspection.routes import router as inspection_router
from segue.library.journal.routes import router as journal_router
from segue.library.lyrics.routes import router as lyrics_router
from segue.library.overrides.routes import router as overrides_router
from segue.library.pictures.routes import router as pictures_router
from segue.library.preview.routes import router as preview_router
from segue.library.routes import router as library_router
from segue.library.scan_routes import router as scan_router
from segue.library.steering_routes import router as steering_router
from segue.library.tag_rules.routes import router as tag_rules_router
from segue.library.writing.routes import router as writing_router
from segue.listening.imports.routes import router as imports_router
from segue.listening.own_routes import router as own_listening_router
from segue.listening.routes import router as listening_router
from segue.listening.scrobbling.routes import router as scrobbling_router
from segue.listening.statistics.routes import router as statistics_router
from segue.live.alignment.routes import router as alignment_router
from segue.live.downloads.routes import router as downloads_router
from segue.live.downloads.socket import downloads_socket
from segue.live.keeping.routes import router as keeping_router
from segue.live.routes_archive import router as live_archive_router
from segue.live.routes_browse import router as live_router
from segue.live.routes_compat import router as live_compat_router
from segue.live.routes_decide import router as live_decide_router
from segue.live.routes_stream import router as live_stream_router
from segue.live.shows.routes import router as live_shows_router
from segue.live.songs.routes import router as live_songs_router
from segue.live.tapes.routes import router as tapes_router
from segue.metadata.links.routes import router as links_router
from segue.playlists.exchange.routes import router as playlist_exchange_router
from segue.playlists.generators.routes import router as mixes_router
from segue.playlists.more_routes import folders as playlist_folders_router
from segue.playlists.more_routes import router as more_playlists_router
from segue.playlists.routes import router as playlists_router
from segue.scrobble_faces import LastfmFace, ListenBrainzFace
from segue.streaming.routes import router as streaming_router
from segue.subsonic.app import make_subsonic

log = structlog.get_logger("segue")

ROUTERS = (
    accounts_router,
    genres_router,
    library_router,
    lyrics_router,
    pictures_router,
    scan_router,
    steering_router,
    duplicates_router,
    edits_router,
    tag_rules_router,
    inspection_router,
    overrides_router,
    preview_router,
    journal_router,
    inbox_router,
    writing_router,
    streaming_router,
    listening_router,
    scrobbling_router,
    own_listening_router,
    statistics_router,
    imports_router,
    playlist_folders_router,
    playlist_exchange_router,
    playlists_router,
    more_playlists_router,
    mixes_router,
    links_router,
    alignment_router,
    downloads_router,
    live_router,
    keeping_router,
    tapes_router,
    live_decide_router,
    live_songs_router,
    live_shows_router,
    live_archive_router,
    live_stream_router,
    analysis_router,
    analysis_requests_router,
    mixing_router,
    similar_router,
    similar_map_router,
    catalog_router,
    jobs_router,
    settings_router,
    feed_router,
    query_router,
)
DESCRIPTION = (
    "Everything the web app does, it does through these routes. Lists answer {items, next}; errors are problem+json with "
    "a stable code; reads carry an ETag; writes accept an Idempotency-Key for 24 hours."
)

Started = Callable[[Segue], Awaitable[None]]


def make_asgi(
    segue: Segue, started: Started | None = None, failed: Callable[[Exception], None] | None = None
) -> ASGIApp:
    """The application over `segue`, which it opens and closes.

    `started` is awaited before the first request is let in; `failed` is told what kept it from opening.
    """

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        opening = asyncio.create_task(_open(segue, started, failed), name="open")
        try:
            yield
        finally:
            opening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await opening
            await segue.close()

    app = make_api(segue, lifespan)
    app.mount("/rest", SubsonicMount(segue))
    app.mount("/compat/listenbrainz", ReportMount(segue, ListenBrainzFace))
    app.mount("/compat/lastfm", ReportMount(segue, LastfmFace))
    app.mount("/compat/musicbrainz", ReportMount(segue, MusicBrainzFace))
    for path in ("/ws/downloads", "/compat/live/ws/downloads/{user_id}"):
        app.router.routes.append(WebSocketRoute(path, downloads_socket))
    web = WebApp()

    @declares(Access.public)
    async def web_app(request: Request) -> Response:
        return await web.answer(request)

    app.add_route(ANYTHING, web_app, methods=["GET", "HEAD"], include_in_schema=False)
    server = segue.settings.current.server
    return with_edge(
        UntilOpen(app, segue),
        metrics=segue.metrics,
        trusted_proxies=server.trusted_proxies,
        base_path=server.base_path,
        cors_origins=server.cors_origins,
        compress=server.compress,
        access_lines=lambda: segue.settings.current.log.access,
    )


def make_api(segue: Segue, lifespan: Any = None) -> FastAPI:
    """The REST part alone, with its OpenAPI description."""
    app = _fastapi(lifespan)
    app.state.segue = segue.services
    app.state.process = segue
    install_problem_handlers(app)
    return app


def describe_api(*, examples: bool = True) -> dict[str, Any]:
    """The OpenAPI description, without opening anything."""
    return describe(_fastapi(None), examples=None if examples else {})


def _fastapi(lifespan: Any) -> FastAPI:
    app = FastAPI(
        title="Segue",
        version=__version__,
        description=DESCRIPTION,
        generate_unique_id_function=name_later,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    for router in ROUTERS:
        app.include_router(router, prefix="/api/v1")
    app.include_router(live_compat_router, prefix="/compat/live")
    app.include_router(health_router)
    app.include_router(metrics_router)
    app.include_router(docs_router)

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = describe(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
    return app


class UntilOpen:
    """Lets nobody to the services before all are there and the first account is made: it must not be somebody else's."""

    def __init__(self, app: ASGIApp, segue: Segue) -> None:
        self._app = app
        self._segue = segue

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] == "http"
            and not self._segue.is_open
            and get_route_path(scope).startswith(("/api/", "/rest", "/compat/"))
        ):
            await problem(Starting())(scope, receive, send)
            return
        await self._app(scope, receive, send)


@declares(Access.checked_inside)
class SubsonicMount:
    """The OpenSubsonic face, made once the services are there."""

    def __init__(self, segue: Segue) -> None:
        self._segue = segue
        self._face: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._face is None:
            self._face = make_subsonic(self._segue.services)
        await self._face(scope, receive, send)


@declares(Access.checked_inside)
class ReportMount:
    """A face for other programs, made once the services are there."""

    def __init__(self, segue: Segue, make: Callable[[Services], ASGIApp]) -> None:
        self._segue = segue
        self._make = make
        self._face: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._face is None:
            self._face = self._make(self._segue.services)
        await self._face(scope, receive, send)


async def _open(segue: Segue, started: Started | None, failed: Callable[[Exception], None] | None) -> None:
    try:
        await segue.open(started=started)
    except Exception as error:
        if failed is None:
            log.error("could_not_open", reason=str(error))
        else:
            failed(error)
    else:
        heap.settle()
