"""Random orders as permutations, and what is remembered of far pages."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from segue.query.deep import Deep
from segue.query.shuffle import Shuffle


@given(seed=st.text(max_size=8), highest=st.integers(0, 3000))
def test_a_shuffle_gives_every_number_one_place(seed: str, highest: int) -> None:
    shuffle = Shuffle.over(seed, highest)
    assert shuffle.size > highest
    numbers = [shuffle.at(place) for place in range(shuffle.size)]
    assert sorted(numbers) == list(range(shuffle.size))
    assert all(shuffle.place(number) == place for place, number in enumerate(numbers))


def test_two_seeds_are_two_orders_and_no_order_is_the_usual_one() -> None:
    orders = {tuple(Shuffle.over(f"seed {at}", 1000).at(place) for place in range(200)) for at in range(100)}
    assert len(orders) == 100
    assert tuple(range(200)) not in orders


def test_far_pages_are_answered_from_what_was_read_ahead_for_a_moment() -> None:
    now = [0.0]
    deep = Deep(ahead=10, fresh_s=5, clock=lambda: now[0])
    assert deep.recall("list", 2000, 3) is None
    deep.remember("list", 2000, list(range(10)), ended=False)
    assert deep.recall("list", 2000, 3) == [0, 1, 2]
    assert deep.recall("list", 2006, 3) == [6, 7, 8]
    assert deep.recall("list", 2008, 3) is None
    assert deep.recall("list", 1990, 3) is None
    assert deep.recall("another list", 2000, 3) is None
    now[0] = 6.0
    assert deep.recall("list", 2000, 3) is None


def test_the_end_of_a_list_is_known_to_be_its_end() -> None:
    deep = Deep(ahead=10)
    deep.remember("list", 2000, [1, 2, 3], ended=True)
    assert deep.recall("list", 2002, 5) == [3]
    assert deep.recall("list", 2003, 5) == []
