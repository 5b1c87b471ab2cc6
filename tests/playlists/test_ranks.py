"""Ranks put rows in order, and there is always room between two."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.playlists import ranks


@settings(max_examples=60, deadline=None)
@given(places=st.lists(st.tuples(st.floats(0, 1), st.integers(1, 5)), max_size=60))
def test_what_is_put_between_two_ranks_lies_between_them(places: list[tuple[float, int]]) -> None:
    there: list[str] = []
    for share, count in places:
        at = round(share * len(there))
        low = there[at - 1] if at else None
        high = there[at] if at < len(there) else None
        there[at:at] = ranks.spread(count, low, high)
        assert there == sorted(set(there))


def test_ten_thousand_rows_added_one_by_one_keep_short_ranks() -> None:
    last = first = ranks.spread(1)[0]
    for _ in range(10_000):
        last = ranks.spread(1, last)[0]
        first = ranks.spread(1, None, first)[0]
    assert len(last) == len(first) == ranks.HEAD


def test_a_rank_grows_by_a_digit_now_and_then_where_rows_are_always_put_at_one_place() -> None:
    low, high = ranks.spread(2)
    for _ in range(100):
        high = ranks.spread(1, low, high)[0]
    assert low < high
    assert len(high) < 30


def test_there_is_no_room_between_a_rank_and_itself() -> None:
    with pytest.raises(ValueError):
        ranks.spread(1, "500000", "500000")


def test_ranks_of_rows_that_were_numbered_before_leave_room_everywhere() -> None:
    numbered = [f"5{place:05d}" for place in range(12)]
    assert numbered == sorted(numbered)
    for low, high in zip([None, *numbered], [*numbered, None], strict=True):
        (between,) = ranks.spread(1, low, high)
        assert (low is None or low < between) and (high is None or between < high)
