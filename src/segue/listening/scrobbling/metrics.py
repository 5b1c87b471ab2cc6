"""Figures of scrobbling for /metrics, read from the tables."""

from __future__ import annotations

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from segue.core.clock import utc_now
from segue.core.db import Database
from segue.listening.scrobbling import rows


async def scrobbling_metrics(db: Database) -> list[Metric]:
    """Linked accounts by state, rows that wait or were refused, the age of the oldest, listens taken."""
    async with db.read() as conn:
        accounts, queued, taken = await rows.totals(conn)
    linked = GaugeMetricFamily("segue_scrobble_accounts", "Linked accounts.", labels=["kind", "state"])
    for kind, state, count in accounts:
        linked.add_metric([kind, state], count)
    labels = ["kind", "act", "state"]
    rows_of = GaugeMetricFamily("segue_scrobble_queue", "What services are still to be told.", labels=labels)
    oldest = GaugeMetricFamily(
        "segue_scrobble_oldest_seconds", "Age of the oldest listen or love that waits or was refused.", labels=labels
    )
    now = utc_now()
    for kind, act, state, count, at in queued:
        rows_of.add_metric([kind, act, state], count)
        oldest.add_metric([kind, act, state], max(0.0, (now - at).total_seconds()))
    sent = CounterMetricFamily(
        "segue_scrobbles_sent", "Listens that services have taken, by linked accounts that are there.", labels=["kind"]
    )
    for kind, count in taken:
        sent.add_metric([kind], int(count or 0))
    return [linked, rows_of, oldest, sent]
