"""Figures of imports for /metrics, read from the table."""

from __future__ import annotations

from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import func, select

from segue.core.db import Database
from segue.listening.imports.repository import IMPORT


async def import_metrics(db: Database) -> list[Metric]:
    """Imports of history by source and state."""
    by_state = select(IMPORT.c.source, IMPORT.c.state, func.count()).group_by(IMPORT.c.source, IMPORT.c.state)
    async with db.read() as conn:
        rows = (await conn.execute(by_state)).all()
    found = GaugeMetricFamily("segue_history_imports", "Imports of history.", labels=["source", "state"])
    for source, state, count in rows:
        found.add_metric([source or "unknown", state], count)
    return [found]
