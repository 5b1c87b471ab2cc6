"""Figures of bringing playlists in, for /metrics: rows that found their track by method, and how many await one."""

from __future__ import annotations

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from sqlalchemy import func, select

from segue.core.changes import Fact, fact, set_fact
from segue.core.db import Database, Transaction
from segue.playlists.exchange.models import PlaylistImport, PlaylistRowKey, PlaylistSource

MATCHED = "playlist_rows_matched:"
"""Facts: by method, how many rows it found the track of."""


async def count(tx: Transaction, method: str, more: int = 1) -> None:
    """Add rows to those that were found by `method`."""
    name = f"{MATCHED}{method}"
    await set_fact(tx, name, str(int(await fact(tx.conn, name) or 0) + more))


async def exchange_metrics(db: Database) -> list[Metric]:
    """Rows matched by method, rows that await a track, imports and playlist files by state."""
    matched = CounterMetricFamily(
        "segue_playlist_rows_matched", "Rows of imported playlists whose track was found.", labels=["method"]
    )
    awaiting = GaugeMetricFamily("segue_playlist_rows_awaiting", "Rows of playlists that await their track.")
    imports = GaugeMetricFamily("segue_playlist_imports", "Imports of playlist files.", labels=["state"])
    files = GaugeMetricFamily("segue_playlist_files", "Playlist files in libraries.", labels=["state"])
    async with db.read() as conn:
        for name, value in await conn.execute(select(Fact.name, Fact.value).where(Fact.name.startswith(MATCHED))):
            matched.add_metric([name.removeprefix(MATCHED)], int(value))
        awaiting.add_metric([], await conn.scalar(select(func.count(PlaylistRowKey.row_id.distinct()))) or 0)
        by_state = select(PlaylistImport.state, func.count()).group_by(PlaylistImport.state)
        for state, number in await conn.execute(by_state):
            imports.add_metric([state], number)
        of_libraries = select(PlaylistSource.state, func.count()).where(PlaylistSource.library_id.is_not(None))
        for state, number in await conn.execute(of_libraries.group_by(PlaylistSource.state)):
            files.add_metric([state], number)
    return [matched, awaiting, imports, files]
