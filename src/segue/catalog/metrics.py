"""Figures of the catalogue for /metrics."""

from __future__ import annotations

from prometheus_client.core import GaugeMetricFamily, Metric

from segue.catalog.service import CatalogService


async def catalog_metrics(catalog: CatalogService) -> list[Metric]:
    """How much the catalogue that is served has, by kind; nothing where there is none."""
    facts = catalog.facts
    if facts is None:
        return []
    rows = GaugeMetricFamily("segue_catalog_rows", "What the catalogue that is served has.", labels=["kind"])
    for kind in ("tracks", "albums", "artists"):
        rows.add_metric([kind], getattr(facts.counts, kind))
    size = GaugeMetricFamily("segue_catalog_bytes", "What its files take on the disk.")
    size.add_metric([], facts.size_bytes)
    return [rows, size]
