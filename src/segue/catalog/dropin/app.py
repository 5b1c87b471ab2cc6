"""The routes of the drop-in as one ASGI application; a path is taken apart at its slashes, and nothing is matched by pattern."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from secrets import token_hex
from typing import NamedTuple

import structlog

from segue.catalog.current import Current
from segue.catalog.dropin import batches, lookups, searching
from segue.catalog.dropin.answers import (
    HTML,
    KEEP,
    NO_STORE,
    YAML,
    Answer,
    AskedTooOften,
    Headers,
    NoSuchPath,
    WrongMethod,
    json,
    refused,
)
from segue.catalog.dropin.asked import ASGI, Asked, ClientGone, Receive, Scope, Send
from segue.catalog.dropin.counting import TEXT_FORMAT, Counting
from segue.catalog.dropin.description import openapi_yaml
from segue.catalog.dropin.docs import PAGE_HEADERS, docs_page
from segue.catalog.dropin.limits import Limits
from segue.catalog.dropin.sending import send_answer, send_lines
from segue.catalog.dropin.shapes import Shape
from segue.catalog.snapshot.layout import KINDS
from segue.catalog.snapshot.manifest import SnapshotDamaged
from segue.catalog.store import Backend
from segue.core.errors import SegueError, Unavailable

log = structlog.get_logger("segue.catalog")

HEALTH_TIMEOUT_S = 2.0

Handler = Callable[[Asked, Send], Awaitable[Answer | None]]
"""None where it sent the answer itself."""
Reads = Callable[[Backend, Asked, Shape], Awaitable[Answer]]
Recover = Callable[[Backend, SnapshotDamaged], Awaitable[bool]]

INSIDE = "/internal/"
"""What is below is for routers of shards, which speak for many clients."""
_GET = ("GET", "HEAD", "OPTIONS")


class _Route(NamedTuple):
    name: str
    handler: Handler
    methods: tuple[str, ...] = _GET
    limited: bool = True


class NoAnswer(Unavailable):
    def __init__(self, why: str) -> None:
        super().__init__("catalog_unavailable", f"The catalogue does not answer: {why}", retry_after_s=5)


class DropIn:
    """Answers from `current`. `recover` is told of damage, and says whether another catalogue answers now.

    `mounts` are other applications by the prefix of their paths (`/ws/2`); they are asked with the whole path.
    """

    def __init__(
        self,
        current: Current,
        *,
        shape: Shape = Shape.plain,
        limiter: Limits | None = None,
        recover: Recover | None = None,
        mounts: Mapping[str, ASGI] | None = None,
    ) -> None:
        self.draining = False
        self._current = current
        self._shape = shape
        self._strict = shape is Shape.strict
        self._limiter = limiter
        self._recover = recover
        self._mounts = {
            prefix: _Route(prefix, partial(self._mounted, app), (), limited=not prefix.startswith(INSIDE))
            for prefix, app in (mounts or {}).items()
        }
        self.counting = Counting(current, limiter)
        self._routes = self._table()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        started = time.perf_counter()
        parts = scope["path"].split("/")
        asked = Asked(scope, receive, parts)
        name = "none"
        try:
            route = self._route(parts)
            if self._limiter is not None and (route is None or route.limited):
                client = scope["client"]
                wait = self._limiter.take(client[0] if client else "")
                if wait:
                    raise AskedTooOften(wait)
            if route is None:
                raise NoSuchPath
            name = route.name
            method = scope["method"]
            if method not in route.methods and route.methods:
                raise WrongMethod(route.methods)
            answer = _allowed(route, asked) if method == "OPTIONS" else await route.handler(asked, send)
        except ClientGone:
            return
        except SegueError as error:
            if error.status >= 500 and error.status != batches.CANNOT:
                log.error("request_failed", path=scope["path"][:200], why=error.message)
            answer = refused(error, strict=self._strict)
        except Exception:
            log.exception("request_failed", path=scope["path"][:200])
            answer = refused(SegueError("internal_error", "Something went wrong inside."), strict=self._strict)
        if answer is not None:
            await send_answer(asked, send, answer)
        self.counting.observe(name, answer.status if answer is not None else 200, time.perf_counter() - started)

    def _table(self) -> dict[tuple[str, ...], _Route]:
        """Routes by the words of their path; a word that is an id counts as ""."""
        read = self._read
        routes: dict[tuple[str, ...], _Route] = {
            ("", "lookup", "isrc", ""): _Route("isrc", partial(read, lookups.isrc)),
            ("", "lookup", "upc", ""): _Route("upc", partial(read, lookups.upc)),
            ("", "lookup", "mbid", ""): _Route("mbid", partial(read, lookups.mbid)),
            ("", "lookup", "id", ""): _Route("id", partial(read, lookups.external)),
            ("", "lookup", "album", "", "tracks"): _Route("album_tracks", partial(read, lookups.album_tracks)),
            ("", "lookup", "artist", "", "albums"): _Route("artist_albums", partial(read, lookups.artist_albums)),
            ("", "search", "all"): _Route("search_all", partial(read, searching.search_all)),
            ("", "batch", "lookup"): _Route("batch", self._batch, ("POST", "OPTIONS")),
            ("", "health"): _Route("health", self._health, limited=False),
            ("", "ready"): _Route("ready", self._ready, limited=False),
            ("", "metrics"): _Route("metrics", self._metrics, limited=False),
            ("", "openapi.yaml"): _Route("openapi", self._openapi),
            ("", "docs"): _Route("docs", self._docs),
            ("", ""): _Route("docs", self._docs),
        }
        for kind in KINDS:
            routes["", "lookup", kind, ""] = _Route(kind, partial(read, partial(lookups.document, kind=kind)))
            routes["", "search", kind] = _Route(f"search_{kind}", partial(read, partial(searching.search, kind=kind)))
        return routes

    def _route(self, parts: list[str]) -> _Route | None:
        words = tuple(parts)
        if len(parts) > 3 and parts[1] == "lookup":
            if not parts[3]:
                return None
            words = (*parts[:3], "", *parts[4:])
        route = self._routes.get(words)
        if route is not None:
            return route
        path = "/".join(parts)
        for prefix, mounted in self._mounts.items():
            if path == prefix or path.startswith(f"{prefix}/"):
                return mounted
        return None

    async def _read(self, read: Reads, asked: Asked, _: Send) -> Answer:
        """From the catalogue that answers now; once more from another where that one turns out to be damaged."""
        with self._current.lease() as backend:
            try:
                return await read(backend, asked, self._shape)
            except SnapshotDamaged as error:
                damage = error
        if self._recover is None or not await self._recover(backend, damage):
            raise damage
        with self._current.lease() as backend:
            return await read(backend, asked, self._shape)

    async def _batch(self, asked: Asked, send: Send) -> Answer | None:
        wanted = batches.read(await asked.body(), strict=self._strict)
        if asked.accepts(b"application/x-ndjson"):
            with self._current.lease() as backend:
                await send_lines(asked, send, batches.lines_of(backend, wanted, self._shape))
            return None
        return await self._read(partial(batches.answer, wanted=wanted), asked, send)

    async def _health(self, asked: Asked, _: Send) -> Answer:
        """Looks for an id that is not there, each time at another place, so that a disk which is away is noticed."""
        with self._current.lease() as backend:
            try:
                async with asyncio.timeout(HEALTH_TIMEOUT_S):
                    counts = await backend.counts()
                    await backend.ranks("track", (token_hex(11),))
            except TimeoutError:
                raise NoAnswer(f"it could not be read within {HEALTH_TIMEOUT_S:.0f} seconds.") from None
            if self._strict:
                return json({"status": "ok"})
            return json(
                {
                    "status": "ok",
                    "catalog": backend.id,
                    "licence": backend.licence,
                    "tracks": counts.tracks,
                    "albums": counts.albums,
                    "artists": counts.artists,
                }
            )

    async def _ready(self, asked: Asked, _: Send) -> Answer:
        if self.draining:
            return json({"status": "draining"}, status=503)
        return json({"status": "ready"})

    async def _metrics(self, asked: Asked, _: Send) -> Answer:
        return Answer(200, [TEXT_FORMAT, NO_STORE], (await self.counting.page()).encode())

    async def _openapi(self, asked: Asked, _: Send) -> Answer:
        return Answer(200, [YAML, KEEP], openapi_yaml(self._shape))

    async def _docs(self, asked: Asked, _: Send) -> Answer:
        return Answer(200, [HTML, KEEP, *PAGE_HEADERS], docs_page(self._shape))

    async def _mounted(self, app: ASGI, asked: Asked, send: Send) -> None:
        await app(asked.scope, asked.receive, send)


def _allowed(route: _Route, asked: Asked) -> Answer:
    """What OPTIONS asks for: the methods, and what a page of another origin may send."""
    allowed = ", ".join(route.methods).encode()
    headers: Headers = [(b"allow", allowed)]
    if b"access-control-request-method" in asked.headers:
        headers += [
            (b"access-control-allow-methods", allowed),
            (b"access-control-allow-headers", b"accept, content-type, if-none-match"),
            (b"access-control-max-age", b"86400"),
        ]
    return Answer(204, headers, b"")
