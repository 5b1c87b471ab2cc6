"""How often an address may ask: a burst, then a steady rate, in memory that does not grow."""

from __future__ import annotations

import pytest

from segue.catalog.dropin.limits import Limiter, Limits, Rate, SharedLimiter, WrongRate


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(params=[Limiter, SharedLimiter])
def limited(request: pytest.FixtureRequest) -> tuple[Limits, Clock]:
    clock = Clock()
    return request.param(Rate(100, 200), clock=clock), clock


def test_a_burst_at_once_and_the_steady_rate_for_ever(limited: tuple[Limits, Clock]) -> None:
    limiter, clock = limited
    assert sum(limiter.take("a") == 0 for _ in range(300)) == 200
    assert limiter.take("a") == pytest.approx(0.01)
    assert limiter.take("b") == 0
    answered = 0
    for _ in range(1_000):
        clock.now += 0.005
        answered += limiter.take("a") == 0
    assert answered == 500
    clock.now += 2
    assert sum(limiter.take("a") == 0 for _ in range(300)) == 200


def test_an_ipv6_host_counts_with_its_network_and_an_ipv4_address_however_it_is_written(
    limited: tuple[Limits, Clock],
) -> None:
    limiter, _ = limited
    for number in range(200):
        assert limiter.take(f"2001:db8:1:2::{number:x}") == 0
    assert limiter.take("2001:db8:1:2:ffff::1") > 0
    assert limiter.take("2001:db8:1:3::1") == 0
    for _ in range(200):
        assert limiter.take("::ffff:192.0.2.7") == 0
    assert limiter.take("192.0.2.7") > 0
    assert limiter.take("fe80::1%eth0") == 0
    assert limiter.take("not:an:address") == 0


def test_memory_is_bounded_and_the_newest_are_remembered() -> None:
    clock = Clock()
    limiter = Limiter(Rate(1, 1), addresses=100, clock=clock)
    for number in range(10_000):
        assert limiter.take(f"10.0.{number >> 8}.{number & 255}") == 0
        assert len(limiter) <= 200
    assert limiter.take("10.0.39.15") > 0
    assert limiter.take("10.0.0.1") == 0


def test_rates_are_read_and_what_is_none_is_told() -> None:
    assert Rate.read("100/200") == Rate(100, 200)
    assert Rate.read("5") == Rate(5, 5)
    assert Rate.read("0.5/3") == Rate(0.5, 3)
    assert Rate.read("OFF") is None
    for text in ("", "x", "1/x", "0/1", "-1/5", "1/0", "nan/1", "inf"):
        with pytest.raises(WrongRate):
            Rate.read(text)
