"""Figures of listening for /metrics, read from the tables. Nothing is asked that grows with anybody's history."""

from __future__ import annotations

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from sqlalchemy import func, select

from segue.core.clock import utc_now
from segue.core.db import Database
from segue.listening.counting_again import newest_play
from segue.listening.models import NowPlaying


async def listening_metrics(db: Database) -> list[Metric]:
    """Plays that were ever kept, and players that are playing."""
    playing = select(func.count()).select_from(NowPlaying).where(NowPlaying.expires_at > utc_now())
    async with db.read() as conn:
        # the number of a play is never used again, so that the newest one says how many there were
        plays = await newest_play(conn)
        players = int(await conn.scalar(playing) or 0)
    kept = CounterMetricFamily("segue_plays_kept", "Plays that were ever kept, imported ones too.")
    kept.add_metric([], plays)
    on = GaugeMetricFamily("segue_players", "Players that are playing, by what they said last.")
    on.add_metric([], players)
    return [kept, on]
