"""Time, keys and a cheap argon2id for the tests of accounts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from argon2 import PasswordHasher

KEYS = [b"the key of these tests, of 32 byt"]
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class Clock:
    """Time that stands still until it is moved."""

    moment: datetime = field(default_factory=lambda: datetime(2026, 11, 20, 12, 0, tzinfo=UTC))
    monotonic_s: float = 1000.0

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.monotonic_s

    def advance(self, **amount: float) -> None:
        passed = timedelta(**amount)
        self.moment += passed
        self.monotonic_s += passed.total_seconds()
