"""Small pictures in object storage: how many were found there and how many made, and how the oldest go.

They are made again when somebody wants them, so losing one costs a moment. Their keys lie below `thumbnails/`, apart from
the pictures as they were found, which are never thrown away.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from segue.core.storage import Storage
from segue.library.artwork import Format

FOLDER = "thumbnails"
FULL_SHARE = 0.9
"""What the cache is brought down to, of its limit, so that not every new picture means another round."""
GROWN_SHARE = 0.05
"""How much of the limit one process may add before it asks for a round."""


def thumbnail_key(sha256: str, side: int, format: Format) -> str:
    """Where the picture with this content is kept in this size."""
    return f"{FOLDER}/{side}/{sha256[:2]}/{sha256}.{format}"


@dataclass(slots=True)
class CacheFigures:
    """What one process has served since it began."""

    found: int = 0
    made: dict[str, int] = field(default_factory=dict)
    failed: int = 0
    bytes_made: int = 0
    seconds: float = 0.0
    since_round: int = 0
    """Bytes added since a round was last asked for."""

    def add(self, format: str, size: int, seconds: float) -> None:
        """A picture was made small."""
        self.made[format] = self.made.get(format, 0) + 1
        self.bytes_made += size
        self.since_round += size
        self.seconds += seconds

    def metrics(self) -> list[Metric]:
        """For /metrics."""
        made = CounterMetricFamily("segue_thumbnails_made", "Small pictures made, by format.", labels=["format"])
        for format, count in sorted(self.made.items()):
            made.add_metric([format], count)
        return [
            CounterMetricFamily("segue_thumbnails_found", "Small pictures found in storage.", value=self.found),
            made,
            CounterMetricFamily("segue_thumbnails_failed", "Small pictures that could not be made.", value=self.failed),
            CounterMetricFamily("segue_thumbnails_bytes", "Bytes of small pictures made.", value=self.bytes_made),
            CounterMetricFamily("segue_thumbnails_seconds", "Seconds it took to make them.", value=self.seconds),
            GaugeMetricFamily(
                "segue_thumbnails_unrounded_bytes", "Bytes added since the cache was last measured.",
                value=self.since_round,
            ),
        ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Round:
    """What a round over the cache found and did."""

    kept: int
    kept_bytes: int
    removed: int
    removed_bytes: int


async def bring_within(storage: Storage, limit_bytes: int) -> Round:
    """Remove the oldest small pictures where all of them together are more than `limit_bytes`.

    Memory stays small however many there are: their sizes are added up by the day and hour they were made in first.
    """
    sizes: dict[datetime, int] = {}
    count = 0
    async for info in storage.list(FOLDER):
        hour = info.modified_at.replace(minute=0, second=0, microsecond=0)
        sizes[hour] = sizes.get(hour, 0) + info.size
        count += 1
    total = sum(sizes.values())
    if total <= limit_bytes:
        return Round(count, total, 0, 0)
    wanted = int(limit_bytes * FULL_SHARE)
    left, last = total, None
    for hour in sorted(sizes):
        if left <= wanted:
            break
        last = hour
        left -= sizes[hour]
    removed = removed_bytes = 0
    async for info in storage.list(FOLDER):
        hour = info.modified_at.replace(minute=0, second=0, microsecond=0)
        if last is not None and (hour < last or (hour == last and total - removed_bytes > wanted)):
            await storage.delete(info.key)
            removed, removed_bytes = removed + 1, removed_bytes + info.size
    return Round(count - removed, total - removed_bytes, removed, removed_bytes)
