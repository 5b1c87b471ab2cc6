"""Figures of analysis for /metrics."""

from __future__ import annotations

from prometheus_client.core import GaugeMetricFamily, Metric

from segue.analysis import repository_reads
from segue.core.db import Database

STATES = ("pending", "running", "done", "failed")


async def analysis_metrics(db: Database) -> list[Metric]:
    """Sounds by state and failures by reason; what listening took, and how much faster than real time it was."""
    async with db.read() as conn:
        states = await repository_reads.states(conn)
        codes = await repository_reads.failed_codes(conn)
        seconds, duration_ms = await repository_reads.spent(conn)
    sounds = GaugeMetricFamily(
        "segue_analysis_sounds", "Pieces of audio, by state of their analysis.", labels=["state"]
    )
    for state in STATES:
        sounds.add_metric([state], states.get(state, 0))
    failed = GaugeMetricFamily(
        "segue_analysis_failed", "Pieces of audio that could not be heard, by reason.", labels=["code"]
    )
    for code, count in sorted(codes.items()):
        failed.add_metric([code], count)
    took = GaugeMetricFamily(
        "segue_analysis_cpu_seconds", "Processor time that listening to what is done took.", seconds
    )
    length = GaugeMetricFamily(
        "segue_analysis_audio_seconds", "How long what was listened to plays.", duration_ms / 1000
    )
    factor = GaugeMetricFamily(
        "segue_analysis_real_time_factor",
        "Seconds of music heard in a second of one core.",
        duration_ms / 1000 / seconds if seconds else 0.0,
    )
    return [sounds, failed, took, length, factor]
