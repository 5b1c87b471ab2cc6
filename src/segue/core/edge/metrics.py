"""Numbers for whoever watches the server: requests by route, and whatever other parts count; at /metrics."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from hmac import compare_digest
from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated

import structlog
from fastapi import Request, Response

from segue.core.access import Actor
from segue.core.edge.proxies import Networks, contains
from segue.core.rest import Access, MaybeActor, NotAllowed, Router, service

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Metric

    Source = Callable[[], Awaitable[list[Metric]]]

log = structlog.get_logger("segue.metrics")

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
UNMATCHED = "unmatched"
"""The route of requests that no route took: paths that anybody may invent must not become labels."""


class Metrics:
    """The numbers of one process."""

    def __init__(self) -> None:
        from prometheus_client import (
            CollectorRegistry,
            Counter,
            GCCollector,
            Histogram,
            PlatformCollector,
            ProcessCollector,
        )

        self.registry: CollectorRegistry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self._sources: list[Source] = []
        self._gathered = _Gathered()
        self.registry.register(self._gathered)
        self._requests = Counter(
            "segue_http_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "segue_http_request_seconds",
            "Time from a request's arrival to the end of its answer.",
            ("method", "route"),
            buckets=SECONDS,
            registry=self.registry,
        )

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request; `route` is its template."""
        if method not in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            method = "OTHER"
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def add_source(self, source: Source) -> None:
        """`source` is asked for more numbers whenever somebody asks for the page: what the tables say, for one."""
        self._sources.append(source)

    async def gather(self) -> None:
        """Ask the sources anew; one that fails is left out, and the log says so."""
        gathered: list[Metric] = []
        for source in self._sources:
            try:
                gathered += await source()
            except Exception as error:
                log.warning("metrics_incomplete", reason=str(error))
        self._gathered.metrics = gathered

    def gauge(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """Show the number that `read` gives, under `name`, whenever somebody asks."""
        from prometheus_client import Gauge

        Gauge(name, meaning, registry=self.registry).set_function(read)

    def page(self, accept: str) -> tuple[bytes, str]:
        """Everything as the client accepts it (OpenMetrics or Prometheus text), with its content type."""
        from prometheus_client.exposition import choose_encoder

        encode, content_type = choose_encoder(accept)
        return encode(self.registry), content_type


class _Gathered:
    """Hands the registry what the sources said last."""

    def __init__(self) -> None:
        self.metrics: list[Metric] = []

    def collect(self) -> list[Metric]:
        return self.metrics


class MetricsPage:
    """The numbers, and who may read them: an administrator, whoever has the token, an allowed address.

    `rules` gives the allowed networks and the token as they are set now. A request that came through a proxy which is not
    trusted has nobody's address, and counts as not allowed.
    """

    def __init__(self, metrics: Metrics, rules: Callable[[], tuple[Networks, str | None]]) -> None:
        self.metrics = metrics
        self._rules = rules

    def check(self, request: Request, actor: Actor | None) -> None:
        """Raises NotAllowed."""
        networks, token = self._rules()
        if actor is not None and actor.is_admin:
            return
        given = request.headers.get("authorization", "")
        if token and compare_digest(given.encode(), f"Bearer {token}".encode()):
            return
        if request.client is not None and getattr(request.state, "via_proxy", None) is not False:
            try:
                if contains(networks, ip_address(request.client.host)):
                    return
            except ValueError:
                pass  # not an address: a Unix socket or a test's client
        raise NotAllowed("an administrator, the token of metrics.token, or an address in metrics.allowed")


router = Router(tags=["operations"])
Page = Annotated[MetricsPage, service(MetricsPage)]


@router.get(
    "/metrics",
    access=Access.checked_inside,
    open_query=True,
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    summary="Numbers for Prometheus",
)
async def metrics(request: Request, actor: MaybeActor, page: Page) -> Response:
    """Numbers in the format of Prometheus. For administrators, with `metrics.token`, or from `metrics.allowed`."""
    page.check(request, actor)
    await page.metrics.gather()
    body, content_type = page.metrics.page(request.headers.get("accept", ""))
    return Response(body, headers={"content-type": content_type, "cache-control": "no-store"})
