"""How long a failed job waits: random, never longer than the ceiling, spread over all of it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.jobs.backoff import RetryPolicy


@given(
    attempt=st.integers(1, 10_000),
    base=st.floats(0.001, 100),
    cap=st.floats(0.001, 100_000),
    seed=st.integers(0, 2**32),
)
def test_a_delay_is_between_nothing_and_the_ceiling(attempt: int, base: float, cap: float, seed: int) -> None:
    policy = RetryPolicy(base_s=base, cap_s=cap)
    delay = policy.delay_s(attempt, random.Random(seed))
    assert 0 <= delay <= policy.ceiling_s(attempt) <= cap


def test_the_ceiling_doubles_until_the_cap() -> None:
    policy = RetryPolicy(base_s=5, cap_s=60)
    assert [policy.ceiling_s(attempt) for attempt in range(1, 7)] == [5, 10, 20, 40, 60, 60]


def test_delays_fill_the_whole_range_so_that_equal_failures_do_not_return_together() -> None:
    policy, rng = RetryPolicy(base_s=8, cap_s=8), random.Random(1)
    delays = [policy.delay_s(1, rng) for _ in range(4000)]
    quarters = [sum(low <= delay < low + 2 for delay in delays) for low in (0, 2, 4, 6)]
    assert all(850 < count < 1150 for count in quarters)


def test_an_attempt_before_the_first_is_a_mistake() -> None:
    with pytest.raises(ValueError):
        RetryPolicy().ceiling_s(0)
