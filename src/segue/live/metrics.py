"""Figures of live music for /metrics."""

from __future__ import annotations

from prometheus_client.core import GaugeMetricFamily, Metric

from segue.core.clock import utc_now
from segue.core.db import Database
from segue.live import repository, repository_lists, repository_writes


async def live_metrics(db: Database) -> list[Metric]:
    """How much there is, how old it is, and what waits."""
    async with db.read() as conn:
        totals = await repository_lists.totals(conn)
        doubts = await repository_lists.count_doubts(conn)
        waiting = await repository_writes.waiting(conn)
        listed = await repository.listed_at(conn)
        mirrors = await repository_lists.mirrors(conn)
    there = GaugeMetricFamily("segue_live_rows", "Bands, concerts, recordings and venues known here.", labels=["kind"])
    for kind, count in totals.items():
        there.add_metric([kind], count)
    open_doubts = GaugeMetricFamily("segue_live_doubts", "Doubts about recordings, by state.", labels=["state"])
    for state in ("open", "accepted", "refused"):
        open_doubts.add_metric([state], doubts.get(state, 0))
    marked = GaugeMetricFamily(
        "segue_live_dates_waiting", "Dates of bands that are yet to be put into concerts.", waiting
    )
    age = GaugeMetricFamily("segue_live_list_age_seconds", "How long ago a list of the archive was read to its end.")
    if listed is not None:
        age.add_metric([], (utc_now() - listed).total_seconds())
    states = GaugeMetricFamily("segue_live_mirrors", "Lists of the archive that are kept, by state.", labels=["state"])
    for state in ("new", "running", "whole", "failed", "blocked"):
        states.add_metric([state], sum(1 for one in mirrors if one.wanted and one.state == state))
    return [there, open_doubts, marked, age, states]
