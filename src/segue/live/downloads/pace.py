"""How long a download waits before it tries again, and how often.

Full-jitter exponential backoff (see jobs.backoff), at most a quarter of an hour; what the archive says itself wins.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from segue.jobs import RetryPolicy


@dataclass(frozen=True, slots=True)
class Pace:
    """Limits of trying: `tries` failures in a row that brought nothing on, `starts` from zero of a file that was not what it
    should be."""

    retry: RetryPolicy = field(default_factory=lambda: RetryPolicy(base_s=2.0, cap_s=900.0))
    tries: int = 6
    starts: int = 2
    resolve_tries: int = 8
    look_s: float = 0.5
    """How often cancels and pauses of other processes are looked for, and progress is told."""
    write_s: float = 5.0
    """How often what has come is written to the tables, at least …"""
    write_share: float = 0.05
    """… and after which share of a file."""
    space_s: float = 300.0
    """How long is waited for room on the disk before it is looked for again."""

    def again_at(self, now: datetime, tries: int, rng: random.Random, at: datetime | None = None) -> datetime:
        """When to try again after failure number `tries` (1 is the first); not before `at`."""
        wait = now + timedelta(seconds=self.retry.delay_s(max(1, tries), rng))
        return wait if at is None else max(at, wait)
