"""Sets: the order is good, keeps what was asked for, and is always the same."""

from __future__ import annotations

import itertools
import random
from itertools import pairwise

import pytest

from segue.analysis.mixing.curves import NAMED, scale, through
from segue.analysis.mixing.records import Key, Manner, Mixable
from segue.analysis.mixing.sets import Chosen, Wish, choose
from segue.analysis.mixing.transition import plan
from tests.analysis.mixing.tracks import pool, track

FLAT = NAMED["flat"]


def mean(tracks: list[Mixable], order: tuple[int, ...], manner: Manner) -> float:
    by_id = {one.id: one for one in tracks}
    scores = [plan(by_id[one], by_id[two], manner).score for one, two in pairwise(order)]
    return sum(scores) / len(scores)


def test_the_same_wish_gives_the_same_set_and_another_seed_another() -> None:
    tracks = pool(40)
    wish = Wish(NAMED["build"], tracks=12, seed=3)
    first = choose(tracks, wish, Manner())
    random.Random(1).shuffle(tracks)
    assert choose(tracks, wish, Manner()) == first
    others = {choose(tracks, Wish(NAMED["build"], tracks=12, seed=seed), Manner()).order for seed in range(4)}
    assert len(others) > 1


def test_it_is_far_better_than_chance_and_than_the_nearest_next() -> None:
    tracks = pool(80, seed=2)
    manner = Manner()
    found = choose(tracks, Wish(FLAT, tracks=20, apart=0), manner)
    rng = random.Random(0)
    by_chance = [mean(tracks, tuple(rng.sample([one.id for one in tracks], 20)), manner) for _ in range(10)]
    assert mean(tracks, found.order, manner) > max(by_chance) + 0.3


def test_the_best_order_of_a_few_is_found() -> None:
    tracks = [track(id, 120 + id, key=Key(id * 7 % 12, "major"), energy=0.5) for id in (1, 2, 3, 4, 5, 6)]
    manner = Manner("strict", 0.02)
    found = choose(tracks, Wish(FLAT, tracks=6, apart=0), manner)
    best = max(mean(tracks, order, manner) for order in itertools.permutations(range(1, 7)))
    assert mean(tracks, found.order, manner) == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("seed", range(8))
def test_a_set_keeps_what_was_asked_for(seed: int) -> None:
    rng = random.Random(seed)
    tracks = pool(40, seed)
    chosen = rng.sample(range(1, 41), 4)
    wish = Wish(
        NAMED[rng.choice(list(NAMED))], tracks=12, start=chosen[0], end=chosen[1],
        locked={4: chosen[2], 7: chosen[3]}, apart=rng.choice([0, 2, 4]), seed=seed,
    )  # fmt: skip
    found = choose(tracks, wish, Manner("adventurous" if seed % 2 else "strict"))
    assert len(found.order) == 12 == len(set(found.order))
    assert (found.order[0], found.order[-1], found.order[4], found.order[7]) == tuple(chosen)
    artists = {one.id: one.artists for one in tracks}
    forced = {0, 4, 7, 11}
    for place, one in enumerate(found.order):
        near = found.order[max(0, place - wish.apart) : place]
        if wish.apart and place not in forced and place not in found.too_soon:
            assert not any(artists[one] & artists[other] for other in near)


def test_a_curve_is_followed() -> None:
    tracks = [track(id, 124, energy=id / 100) for id in range(1, 100, 2)]
    energy = {one.id: one.energy or 0 for one in tracks}
    built = [energy[id] for id in choose(tracks, Wish(NAMED["build"], tracks=15), Manner()).order]
    assert built[0] < 0.3 and built[-1] > 0.85 and sum(b > a for a, b in pairwise(built)) >= 12
    cooled = [energy[id] for id in choose(tracks, Wish(NAMED["cool_down"], tracks=15), Manner()).order]
    assert cooled[0] > 0.7 and cooled[-1] < 0.3
    peak = [energy[id] for id in choose(tracks, Wish(NAMED["peak"], tracks=16), Manner()).order]
    assert 8 <= peak.index(max(peak)) <= 14
    own = [
        energy[id] for id in choose(tracks, Wish(through([(0, 0.9), (0.5, 0.1), (1, 0.9)]), tracks=15), Manner()).order
    ]
    assert min(own[5:10]) < 0.3 and own[0] > 0.7 and own[-1] > 0.7


def test_a_set_of_minutes_lasts_about_so_long_and_ends_as_it_is_to() -> None:
    tracks = pool(30, seed=4)
    found = choose(tracks, Wish(FLAT, minutes=45, end=9), Manner())
    assert found.order[-1] == 9 and 44 <= 4 * len(found.order) <= 52
    assert len(choose(tracks, Wish(FLAT, minutes=1), Manner()).order) == 1
    assert len(choose(tracks, Wish(FLAT, minutes=9_999), Manner()).order) == 30


def test_small_pools_are_no_trouble() -> None:
    assert choose([], Wish(FLAT, tracks=5), Manner()) == Chosen(())
    assert choose([track(3)], Wish(FLAT, tracks=5), Manner()).order == (3,)
    assert choose([track(3)], Wish(FLAT, tracks=5, start=3, end=3), Manner()).order == (3,)
    two = choose([track(3, artists=frozenset({1})), track(4, artists=frozenset({1}))], Wish(FLAT, tracks=2), Manner())
    assert set(two.order) == {3, 4} and two.too_soon == (1,)


def test_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    choose(pool(10), Wish(FLAT, tracks=4), Manner(), lambda done, total: told.append((done, total)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_curves_go_through_their_points() -> None:
    curve = through([(0.5, 1.0), (0.25, 0.0)])
    assert [curve(at) for at in (0, 0.25, 0.375, 0.5, 1)] == [0, 0, 0.5, 1, 1]
    assert scale([]) == (0, 1) and scale([0.5]) == (0.5, 0.5)
    for named in NAMED.values():
        assert all(-1e-9 <= named(at / 100) <= 1 + 1e-9 for at in range(101))
