"""A raw score becomes the share of times that such scores were right."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.analysis.calibration import apply, isotonic

CASES = st.lists(st.tuples(st.floats(-5, 5, allow_nan=False), st.booleans()), min_size=1, max_size=60)


@settings(max_examples=120, deadline=None)
@given(cases=CASES, least=st.integers(1, 9), asked=st.lists(st.floats(-9, 9, allow_nan=False), min_size=2, max_size=9))
def test_a_higher_score_is_never_less_sure_and_nothing_is_certain(
    cases: list[tuple[float, bool]], least: int, asked: list[float]
) -> None:
    knots = isotonic([raw for raw, _ in cases], [right for _, right in cases], least=least)
    assert all(low < high and under <= over for (low, under), (high, over) in pairwise(knots))
    said = [apply(knots, raw) for raw in sorted(asked)]
    assert said == sorted(said)
    assert all(0 < probability < 1 for probability in said)


@settings(max_examples=60, deadline=None)
@given(cases=CASES)
def test_the_order_of_the_cases_says_nothing(cases: list[tuple[float, bool]]) -> None:
    forth = isotonic([raw for raw, _ in cases], [right for _, right in cases])
    back = isotonic([raw for raw, _ in reversed(cases)], [right for _, right in reversed(cases)])
    assert [knot[1] for knot in forth] == pytest.approx([knot[1] for knot in back])


def test_scores_that_were_right_half_the_time_say_half() -> None:
    raw = [0.1] * 100 + [0.9] * 100
    right = [at % 2 == 0 for at in range(100)] + [at % 10 != 0 for at in range(100)]
    knots = isotonic(raw, right)
    assert apply(knots, 0.1) == pytest.approx(0.5, abs=0.01)
    assert apply(knots, 0.9) == pytest.approx(0.9, abs=0.02)
    assert apply(knots, 0.5) == pytest.approx(0.7, abs=0.02)


def test_a_score_that_means_the_opposite_becomes_a_flat_line() -> None:
    knots = isotonic([0.1, 0.2, 0.3, 0.4], [True, True, False, False])
    assert len({round(probability, 9) for _, probability in knots}) == 1


def test_without_knots_the_raw_score_stands() -> None:
    assert [apply((), raw) for raw in (-1.0, 0.3, 4.0)] == [0.0, 0.3, 1.0]


def test_answers_without_scores_are_refused() -> None:
    with pytest.raises(ValueError):
        isotonic([], [])
    with pytest.raises(ValueError):
        isotonic([0.1], [])
