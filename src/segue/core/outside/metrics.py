"""Figures of outside services for /metrics, read from the tables, so that any process tells them for all."""

from __future__ import annotations

import time

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from segue.core.db import Database
from segue.core.outside import rows
from segue.core.outside.gate import Gate


async def outside_metrics(db: Database) -> list[Metric]:
    """Questions by outcome, the seconds they took and waited, breakers, waits that services asked for, kept answers."""
    async with db.read() as conn:
        totals = await rows.totals(conn)
        gates = await rows.gates(conn)
        kept = await rows.count_answers(conn)
    labels = ["service", "kind", "outcome"]
    asked = CounterMetricFamily("segue_outside_requests", "Questions to outside services.", labels=labels)
    took = CounterMetricFamily("segue_outside_seconds", "Seconds that answers took.", labels=labels)
    waited = CounterMetricFamily("segue_outside_wait_seconds", "Seconds waited for a turn.", labels=["service", "kind"])
    waits: dict[tuple[str, str], float] = {}
    for row in totals:
        asked.add_metric([row.service, row.kind, row.outcome], row.count)
        took.add_metric([row.service, row.kind, row.outcome], row.seconds)
        waits[row.service, row.kind] = waits.get((row.service, row.kind), 0.0) + row.waited_s
    for (service, kind), seconds in waits.items():
        waited.add_metric([service, kind], seconds)
    now = time.time()
    breaker = GaugeMetricFamily(
        "segue_outside_breaker", "1 for the state of the breaker: closed, open or half_open.", labels=["at", "state"]
    )
    blocked = GaugeMetricFamily(
        "segue_outside_blocked_seconds", "Seconds for which the service wants to be left alone.", labels=["at", "why"]
    )
    for row in gates:
        gate = Gate.of(row.state)
        breaker.add_metric([row.key, gate.breaker(now)], 1.0)
        if gate.blocked_until > now:
            blocked.add_metric([row.key, gate.blocked_by], gate.blocked_until - now)
    answers = GaugeMetricFamily("segue_outside_answers", "Answers that are kept.", labels=["service"])
    for service, count in kept.items():
        answers.add_metric([service], count)
    return [asked, took, waited, breaker, blocked, answers]
