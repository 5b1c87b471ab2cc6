"""Figures of downloads for /metrics."""

from __future__ import annotations

from prometheus_client.core import GaugeMetricFamily, Metric

from segue.core.db import Database
from segue.live.downloads import receipt_rows, repository, states


async def download_metrics(db: Database) -> list[Metric]:
    """How many downloads there are by state, what they have brought here, and how it was found."""
    async with db.read() as conn:
        by_state = await repository.counts_by_state(conn)
        receipts = await receipt_rows.receipt_counts(conn)
        reserved = await repository.still_to_come(conn)
        kept = await receipt_rows.kept_bytes(conn)
    downloads = GaugeMetricFamily("segue_live_downloads", "Downloads, by state.", labels=["state"])
    for state in states.STATES:
        downloads.add_metric([state], by_state.get(state, 0))
    files = GaugeMetricFamily(
        "segue_live_downloaded_files", "Downloaded files, by how they were found.", labels=["state"]
    )
    for state in ("good", "unverified", "damaged", "missing"):
        files.add_metric([state], receipts.get(state, 0))
    here = GaugeMetricFamily("segue_live_downloaded_bytes", "Bytes of downloaded files that are here.", kept)
    coming = GaugeMetricFamily(
        "segue_live_download_bytes_to_come", "Bytes that downloads under way still need.", reserved
    )
    return [downloads, files, here, coming]
