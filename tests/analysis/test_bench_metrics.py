"""The measures of the evaluation say what the field's own say."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.analysis import metrics
from bench.analysis.plan import clips


def test_twice_the_tempo_is_wrong_for_one_and_right_for_the_other() -> None:
    assert metrics.within(124.9, 120.1) and not metrics.within(125.0, 120.1)
    assert not metrics.within(240, 120) and metrics.octave_within(240, 120) and metrics.octave_within(40, 120)
    assert not metrics.octave_within(180, 120) and metrics.ratio(180, 120) == "3/2"
    assert not metrics.within(None, 120) and metrics.ratio(None, 120) == "none"


@pytest.mark.parametrize(
    ("tonic", "mode", "score"),
    [
        (0, "major", 1),
        (7, "major", 0.5),
        (5, "major", 0.5),
        (9, "minor", 0.3),
        (0, "minor", 0.2),
        (2, "major", 0),
        (None, None, 0),
    ],
)
def test_keys_beside_c_major_are_worth_what_mirex_says(tonic: int | None, mode: str | None, score: float) -> None:
    assert metrics.key_score(tonic, mode, 0, "major") == score


def test_c_major_is_the_relative_of_a_minor() -> None:
    assert metrics.key_relation(0, "major", 9, "minor") == "relative"


BEATS = st.lists(st.floats(0, 60_000), max_size=40)


@settings(max_examples=80, deadline=None)
@given(found=BEATS, truth=BEATS)
def test_the_measure_of_beats_is_between_nothing_and_all_and_takes_no_sides(
    found: list[float], truth: list[float]
) -> None:
    assert 0 <= metrics.beat_f(found, truth) <= 1
    assert metrics.beat_f(found, truth) == pytest.approx(metrics.beat_f(truth, found))


def test_beats_a_hair_off_are_right_and_those_between_are_wrong() -> None:
    truth = [500.0 * at for at in range(60)]
    assert metrics.beat_f([beat + 69 for beat in truth], truth) == pytest.approx(1, abs=0.02)
    assert metrics.beat_f([beat + 250 for beat in truth], truth) == 0
    assert metrics.beat_f([250.0 * at for at in range(120)], truth) == pytest.approx(2 / 3, abs=0.02)


def test_a_margin_is_of_the_same_clips_and_has_a_range() -> None:
    mean, low, high = metrics.margin([1, 1, 0, 1], [0, 1, 0, 1])
    assert low <= mean <= high
    assert mean == 0.25


def test_quartiles_go_from_least_to_most_sure() -> None:
    found = metrics.quartiles([0.9, 0.1, 0.5, 0.7], [True, False, True, True])
    assert [group["right"] for group in found] == [0, 1, 1, 1]


def test_the_set_has_its_fixed_counts_and_both_halves_are_alike() -> None:
    plan = clips()
    assert len(plan) == 268 and len({clip.name for clip in plan}) == 268
    for kind in {clip.kind for clip in plan}:
        halves = [sum(clip.kind == kind and clip.part == part for clip in plan) for part in ("build", "report")]
        assert halves[0] == halves[1] >= 4
    assert len({(clip.tonic, clip.mode) for clip in plan if clip.part == "report"}) == 24
    assert plan == clips()
