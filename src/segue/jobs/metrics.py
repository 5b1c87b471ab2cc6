"""Figures of background work for /metrics, read from the tables, so that any process can tell them for all."""

from __future__ import annotations

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily

from segue.core.clock import utc_now
from segue.core.db import Database
from segue.jobs import repository


async def job_metrics(db: Database) -> list[Metric]:
    """Ends and durations by kind and outcome, depth and oldest age of queues, workers by age of their heartbeat."""
    now = utc_now()
    async with db.read() as conn:
        totals = await repository.totals(conn)
        depths = await repository.depths(conn, now)
        workers = await repository.workers(conn)

    ends = CounterMetricFamily("segue_jobs_ended", "Starts of jobs that ended, by outcome.", labels=["kind", "outcome"])
    took = SummaryMetricFamily("segue_job_seconds", "Seconds that starts took.", labels=["kind", "outcome"])
    for (kind, outcome), (count, seconds) in sorted(totals.items()):
        ends.add_metric([kind, outcome], count)
        if outcome != "died":
            took.add_metric([kind, outcome], count_value=count, sum_value=seconds)

    depth = GaugeMetricFamily("segue_jobs", "Jobs waiting or running.", labels=["queue", "kind", "state"])
    oldest: dict[tuple[str, str], float] = {}
    for row in depths:
        depth.add_metric([row.queue, row.kind, row.state], row.count)
        if row.oldest is not None:
            age = (now - row.oldest).total_seconds()
            oldest[(row.queue, row.state)] = max(age, oldest.get((row.queue, row.state), 0.0))
    age_of = GaugeMetricFamily(
        "segue_jobs_oldest_seconds", "Age of what waits or runs longest.", labels=["queue", "state"]
    )
    for (queue, state), age in sorted(oldest.items()):
        age_of.add_metric([queue, state], age)

    beat = GaugeMetricFamily(
        "segue_worker_heartbeat_age_seconds", "Since a worker was last heard of.", labels=["worker"]
    )
    for worker in workers:
        beat.add_metric([worker.id], max(0.0, (now - worker.heartbeat_at).total_seconds()))
    return [ends, took, depth, age_of, beat]
