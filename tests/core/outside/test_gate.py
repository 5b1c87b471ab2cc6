"""Whose turn it is, and when a service that fails is left in peace."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.core.outside.declare import Limit
from segue.core.outside.gate import (
    FAILURES,
    SLOWEST,
    Admitted,
    Gate,
    Held,
    admit,
    answered,
    failed,
    faster,
    slower,
    told_to_wait,
)

NOW = 1_700_000_000.0


@given(
    st.lists(st.floats(0, 3), min_size=1, max_size=60),
    st.integers(1, 20),
    st.floats(0.5, 20),
    st.integers(1, 5),
)
def test_no_window_ever_holds_more_than_the_limit_and_its_burst(
    steps: list[float], count: int, period_s: float, burst: int
) -> None:
    limit = Limit(count, period_s, burst)
    gate, now, sent = Gate(), NOW, []
    for step in steps:
        now += step
        turn = admit(gate, [limit], now, 1e9)
        assert isinstance(turn, Admitted)
        gate = Gate.of(json.loads(json.dumps(turn.gate.as_json())))
        sent.append(now + turn.wait_s)
    for first in sent:
        assert sum(1 for at in sent if first <= at < first + period_s - 1e-6) <= count + burst - 1 + 1e-9


def test_of_several_limits_the_strictest_counts() -> None:
    limits = [Limit(10, 1.0, 10), Limit(2, 60.0, 2)]
    gate, waits = Gate(), []
    for _ in range(4):
        turn = admit(gate, limits, NOW, 1e9)
        assert isinstance(turn, Admitted)
        gate = turn.gate
        waits.append(round(turn.wait_s))
    assert waits == [0, 0, 30, 60]


def test_a_turn_too_far_away_is_not_taken() -> None:
    limit = [Limit(1, 60.0)]
    gate = admit(Gate(), limit, NOW, 30)
    assert isinstance(gate, Admitted)
    held = admit(gate.gate, limit, NOW, 30)
    assert held == Held(NOW + 60, "throttled")
    assert isinstance(admit(gate.gate, limit, NOW + 31, 30), Admitted)


def test_the_breaker_opens_after_five_faults_and_lets_one_question_try() -> None:
    gate = Gate()
    for _ in range(FAILURES - 1):
        gate = failed(gate, NOW)
        assert gate.breaker(NOW) == "closed"
    gate = failed(gate, NOW)
    assert gate.breaker(NOW) == "open"
    assert admit(gate, [], NOW + 29, 1e9) == Held(NOW + 30, "breaker")
    probe = admit(gate, [], NOW + 31, 1e9)
    assert isinstance(probe, Admitted)
    assert isinstance(admit(probe.gate, [], NOW + 32, 1e9), Held), "only one at a time tries"
    assert failed(probe.gate, NOW + 33).open_until == NOW + 33 + 60, "twice as long when it fails again"
    closed = answered(probe.gate)
    assert closed.breaker(NOW + 33) == "closed"
    assert closed.failures == 0


def test_the_breaker_is_never_open_for_longer_than_a_quarter_of_an_hour() -> None:
    gate = Gate()
    for _ in range(200):
        gate = failed(gate, NOW)
    assert gate.open_until <= NOW + 900


@pytest.mark.parametrize("why", ["throttled", "quota"])
def test_who_is_told_to_wait_waits_and_a_shorter_word_does_not_shorten_it(why: str) -> None:
    gate = told_to_wait(Gate(), NOW + 100, why)  # type: ignore[arg-type]
    gate = told_to_wait(gate, NOW + 5, "throttled")
    assert admit(gate, [], NOW, 30) == Held(NOW + 100, why)
    soon = admit(gate, [], NOW + 90, 30)
    assert soon == (Held(NOW + 100, "quota") if why == "quota" else Admitted(gate, pytest.approx(10)))


def test_what_was_kept_by_a_later_version_is_read_as_far_as_it_is_known() -> None:
    assert Gate.of({"turns": [1.5], "failures": 2, "colour": "red"}) == Gate((1.5,), 2)
    assert Gate.of({"turns": "x"}) == Gate()
    assert Gate.of(None) == Gate()


def test_a_service_that_adapts_is_asked_half_as_often_and_slowly_more_often_again() -> None:
    limit = [Limit(1, 1.0, burst=5)]
    gate = slower(slower(Gate()))
    waits = []
    for _ in range(3):
        turn = admit(gate, limit, NOW, 60)
        assert isinstance(turn, Admitted)
        gate = Gate.of(json.loads(json.dumps(turn.gate.as_json())))
        waits.append(turn.wait_s)
    assert gate.pace == 0.25 and waits == [0, 4, 8]
    for _ in range(40):
        gate = slower(gate)
    assert gate.pace == SLOWEST
    for _ in range(40):
        gate = faster(gate)
    assert gate.pace == 1.0


def test_a_pace_that_makes_no_sense_is_the_usual_one() -> None:
    assert (
        Gate.of({"pace": "fast"}) == Gate()
        and Gate.of({"pace": 9}).pace == 1.0
        and Gate.of({"pace": -1}).pace == SLOWEST
    )
