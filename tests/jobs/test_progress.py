"""Rate and time left."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.jobs.progress import Progress


def test_a_steady_pace_gives_its_rate_and_the_time_left() -> None:
    progress = Progress()
    for second in range(21):
        progress.update(float(second), {"done": second * 50, "total": 2000, "unit": "files"})
    assert progress.rate == pytest.approx(50)
    assert progress.eta_s == pytest.approx(20)


def test_a_new_pace_is_believed_little_by_little() -> None:
    progress = Progress()
    for second in range(11):
        progress.update(float(second), {"done": second * 100})
    progress.update(11.0, {"done": 1000})
    assert progress.rate is not None
    assert 80 < progress.rate < 100


def test_a_new_phase_forgets_the_counts_of_the_last() -> None:
    progress = Progress()
    progress.update(0.0, {"phase": "walk", "done": 0, "total": 10})
    progress.update(1.0, {"done": 10})
    progress.update(2.0, {"phase": "read", "total": 500})
    assert (progress.done, progress.total, progress.rate, progress.eta_s) == (None, 500, None, None)


def test_a_message_alone_changes_nothing_else() -> None:
    progress = Progress()
    progress.update(0.0, {"done": 1, "total": 2})
    progress.update(1.0, {"message": {"code": "reading", "params": {"name": "a.flac"}}})
    assert (progress.done, progress.total) == (1, 2)


def test_before_anything_is_counted_there_is_no_rate() -> None:
    progress = Progress()
    progress.update(5.0, {"done": 3, "total": 9})
    assert progress.as_json()["rate"] is None
    assert progress.as_json()["eta_s"] is None


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(0, 1000)), max_size=50))
def test_whatever_is_reported_rate_and_time_left_are_never_negative(steps: list[tuple[float, int]]) -> None:
    progress, now = Progress(), 0.0
    for pause, done in steps:
        now += pause
        progress.update(now, {"done": done, "total": 500})
        assert progress.rate is None or progress.rate >= 0
        assert progress.eta_s is None or progress.eta_s >= 0
