"""How long to wait before trying again."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Full-jitter exponential backoff: a random wait between nothing and `base_s * 2**(attempt - 1)`, at most `cap_s`.

    Source: Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015: of the variants compared there,
    full jitter makes the fewest calls for nearly the shortest time when many clients fail together.
    """

    base_s: float = 5.0
    cap_s: float = 3600.0

    def ceiling_s(self, attempt: int) -> float:
        """The longest possible wait after failed attempt number `attempt` (1 is the first), in seconds."""
        if attempt < 1:
            raise ValueError("attempts are counted from 1")
        return min(self.cap_s, self.base_s * 2.0 ** min(attempt - 1, 60))

    def delay_s(self, attempt: int, rng: random.Random) -> float:
        """Seconds to wait after failed attempt number `attempt` (1 is the first)."""
        return rng.uniform(0.0, self.ceiling_s(attempt))
