"""Numbers for Prometheus, counted where every microsecond counts: a dictionary and a list of buckets a route."""

from __future__ import annotations

import resource
import time
from bisect import bisect_left

from segue.catalog.current import Current
from segue.catalog.dropin.limits import Limits

TEXT_FORMAT = (b"content-type", b"text/plain; version=0.0.4; charset=utf-8")

BOUNDS_S = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Counting:
    """Of one process: with several workers each counts its own."""

    def __init__(self, current: Current, limiter: Limits | None) -> None:
        self._current = current
        self._limiter = limiter
        self._requests: dict[tuple[str, int], int] = {}
        self._buckets: dict[str, list[int]] = {}
        self._seconds: dict[str, float] = {}
        self._since = time.time()

    def observe(self, route: str, status: int, seconds: float) -> None:
        key = (route, status)
        requests = self._requests
        requests[key] = requests.get(key, 0) + 1
        buckets = self._buckets.get(route)
        if buckets is None:
            buckets = self._buckets[route] = [0] * (len(BOUNDS_S) + 1)
            self._seconds[route] = 0.0
        buckets[bisect_left(BOUNDS_S, seconds)] += 1
        self._seconds[route] += seconds

    async def page(self) -> str:
        """In Prometheus' text format."""
        backend = self._current.now
        counts = await backend.counts()
        used = resource.getrusage(resource.RUSAGE_SELF)
        lines = [
            *_family("segue_catalog_requests_total", "counter", "Requests answered."),
            *(
                f'segue_catalog_requests_total{{route="{route}",status="{status}"}} {number}'
                for (route, status), number in sorted(self._requests.items())
            ),
            *_family(
                "segue_catalog_request_seconds", "histogram", "From a request's arrival to the end of its answer."
            ),
        ]
        for route, buckets in sorted(self._buckets.items()):
            total = 0
            for bound, number in zip((*BOUNDS_S, "+Inf"), buckets, strict=True):
                total += number
                lines.append(f'segue_catalog_request_seconds_bucket{{route="{route}",le="{bound}"}} {total}')
            lines.append(f'segue_catalog_request_seconds_sum{{route="{route}"}} {self._seconds[route]:.6f}')
            lines.append(f'segue_catalog_request_seconds_count{{route="{route}"}} {total}')
        lines += [
            *_family("segue_catalog_rows", "gauge", "What is in the catalogue that is served."),
            f'segue_catalog_rows{{kind="track"}} {counts.tracks}',
            f'segue_catalog_rows{{kind="album"}} {counts.albums}',
            f'segue_catalog_rows{{kind="artist"}} {counts.artists}',
            *_family("segue_catalog_info", "gauge", "Which catalogue is served."),
            f'segue_catalog_info{{id="{backend.id}",namespace="{backend.namespace}"}} 1',
            *_family("segue_catalog_addresses", "gauge", "Addresses whose rate is remembered."),
            f"segue_catalog_addresses {len(self._limiter) if self._limiter is not None else 0}",
            *_family("process_cpu_seconds_total", "counter", "Processor time of this process."),
            f"process_cpu_seconds_total {used.ru_utime + used.ru_stime:.2f}",
            *_family("process_start_time_seconds", "gauge", "When this process began to serve, in Unix time."),
            f"process_start_time_seconds {self._since:.2f}",
        ]
        return "\n".join(lines) + "\n"


def _family(name: str, kind: str, meaning: str) -> tuple[str, str]:
    return f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"
