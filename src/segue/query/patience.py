"""How long a question may take: a read that ends in QueryTooSlow instead of holding a reader for minutes.

What questions took is counted as well, by database, for the page of metrics.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from prometheus_client.core import CounterMetricFamily, Metric, SummaryMetricFamily
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Database
from segue.core.reading import TookTooLong
from segue.query.errors import QueryTooSlow

PATIENCE_S = 20.0
"""Seconds that somebody's own question may take where nobody set another limit. Pages of lists take thousandths of it; on a
million tracks a pattern that no index helps takes one or two."""
SLOW_S = 1.0
"""Seconds from which on a question counts as slow."""


@dataclass(slots=True)
class Patience:
    """How long questions of one database may take, and what they took since the program started."""

    limit_s: float = PATIENCE_S
    asked: int = 0
    seconds: float = 0.0
    slow: int = 0
    refused: int = 0

    async def metrics(self) -> list[Metric]:
        """Figures for /metrics."""
        took = SummaryMetricFamily("segue_query_seconds", "Questions in the query language, by how long they took.")
        took.add_metric([], self.asked, self.seconds)
        slow = CounterMetricFamily("segue_queries_slow", f"Questions that took {SLOW_S:g} second or more.")
        slow.add_metric([], self.slow)
        refused = CounterMetricFamily("segue_queries_refused", "Questions that were ended at the limit of time.")
        refused.add_metric([], self.refused)
        return [took, slow, refused]


_OF: WeakKeyDictionary[Database, Patience] = WeakKeyDictionary()


def patience_with(db: Database) -> Patience:
    """The one of a database."""
    return _OF.setdefault(db, Patience())


@asynccontextmanager
async def answering(db: Database, within_s: float | None = None) -> AsyncIterator[AsyncConnection]:
    """A reader for a question that a person wrote. Raises QueryTooSlow where it takes longer (None: than is set)."""
    patience, began = patience_with(db), time.monotonic()
    try:
        async with db.read(patience.limit_s if within_s is None else within_s) as conn:
            yield conn
    except TookTooLong as error:
        patience.refused += 1
        raise QueryTooSlow(error.seconds) from error
    finally:
        took = time.monotonic() - began
        patience.asked += 1
        patience.seconds += took
        patience.slow += took >= SLOW_S
