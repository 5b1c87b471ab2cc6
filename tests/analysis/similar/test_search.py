"""The nearest are found: all of them where every row is compared, nearly all of them through lists; files survive any end."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from segue.analysis.similar import lists, plane, rows, scaling, search, walking
from segue.analysis.similar.clustering import grouped
from segue.analysis.timbre.layout import SIZE, SLICES
from tests.analysis.similar.ground import embeddings

Floats = np.ndarray


@pytest.fixture(scope="module")
def raw() -> Floats:
    random = np.random.default_rng(1)
    middles = random.normal(size=(60, SIZE))
    return (middles[random.integers(0, 60, 6000)] + random.normal(size=(6000, SIZE))).astype(np.float32)


@pytest.fixture(scope="module")
def vectors(raw: Floats) -> Floats:
    return scaling.learn(raw, SLICES).of(raw)


@pytest.fixture(scope="module")
def kept(vectors: Floats, tmp_path_factory: pytest.TempPathFactory) -> rows.Rows:
    folder = tmp_path_factory.mktemp("space") / "space-1.1"
    for start in range(0, len(vectors), 1999):
        rows.append(folder, np.arange(start, min(len(vectors), start + 1999)) + 10, vectors[start : start + 1999])
    return rows.Rows.open(folder, vectors.shape[1])


def test_a_cosine_is_the_weighted_mean_of_the_groups(raw: Floats, vectors: Floats) -> None:
    found = scaling.learn(raw, SLICES)
    again = scaling.Scaling.of_bytes(found.to_bytes())
    assert np.array_equal(again.of(raw[:50]), found.of(raw[:50]))
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    alike = found.alike(vectors[0], vectors[:40])
    mean = sum(group.weight * alike[group.name] for group in found.groups)
    assert np.allclose(mean, vectors[:40] @ vectors[0], atol=1e-4)
    only = found.weighted(vectors[0], {"rhythm": 2.0})
    assert np.allclose(vectors[:40] @ only, alike["rhythm"], atol=1e-4)
    with pytest.raises(ValueError):
        scaling.Scaling.of_bytes(b"something else")


def test_features_that_say_nothing_or_are_no_numbers_do_no_harm() -> None:
    raw = embeddings(0, 30)
    raw[:, 5] = 7.0
    raw[3, :] = np.nan
    raw[4, 10] = np.inf
    for some in (raw, raw[:1], raw[3:4]):
        found = scaling.learn(some, SLICES).of(some)
        assert np.isfinite(found).all()
        assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-4)


def test_nothing_heavy_is_imported_before_somebody_asks() -> None:
    modules = "routes routes_map tasks fields service"
    wanted = ", ".join(f"segue.analysis.similar.{name}" for name in modules.split())
    said = f"import sys, {wanted}; print([one for one in ('numpy', 'scipy') if one in sys.modules])"
    assert subprocess.run([sys.executable, "-c", said], capture_output=True, text=True).stdout.strip() == "[]"


def test_the_exact_search_is_what_brute_force_finds(kept: rows.Rows, vectors: Floats) -> None:
    for at in (0, 17, 5999):
        places, likeness = search.nearest(kept, vectors[at], 25)
        expected = np.argsort(-(vectors @ vectors[at]), kind="stable")[:25]
        assert set(places.tolist()) == set(expected.tolist())
        assert list(likeness) == sorted(likeness, reverse=True)
        assert kept.sounds[places[0]] == at + 10
    assert len(search.nearest(kept, vectors[0], 10_000)[0]) == 6000


def test_lists_find_nearly_all_and_what_came_later(kept: rows.Rows, vectors: Floats, tmp_path: Path) -> None:
    folder = tmp_path / "space-1.1"
    found, order = lists.built(kept.vectors[:5500], 400)
    rows.append(folder, kept.sounds[:5500], kept.vectors[:5500])
    rows.rewrite(folder, rows.Rows.open(folder, vectors.shape[1]), order, found)
    rows.append(folder, kept.sounds[5500:], kept.vectors[5500:])
    held = rows.Rows.open(folder, vectors.shape[1])
    assert held.lists is not None
    assert held.lists.covered == 5500
    hits = 0
    asked = range(0, 6000, 60)
    for at in asked:
        exact, _ = search.nearest(held, vectors[at], 50, exact=True)
        places, _ = search.nearest(held, vectors[at], 50)
        hits += len(set(exact.tolist()) & set(places.tolist()))
        assert held.sounds[places[0]] == at + 10
    assert hits / (50 * len(asked)) >= 0.95


def test_rows_cut_anywhere_are_whole_rows_again(vectors: Floats, tmp_path: Path) -> None:
    folder = tmp_path / "space-1.1"
    width = 4 * vectors.shape[1]
    rows.append(folder, np.arange(1, 11), vectors[:10])
    whole = {name: (folder / name).read_bytes() for name in ("vectors", "sounds")}
    random = np.random.default_rng(3)
    for _ in range(12):
        for name, size in (("vectors", 10 * width), ("sounds", 80)):
            (folder / name).write_bytes(whole[name][: int(random.integers(0, size + 1))])
        held = rows.Rows.open(folder, vectors.shape[1])
        known = set(held.sounds.tolist())
        new = np.array([one for one in range(1, 11) if one not in known], np.int64)
        rows.append(folder, new, vectors[new - 1])
        held = rows.Rows.open(folder, vectors.shape[1])
        assert sorted(held.sounds.tolist()) == list(range(1, 11))
        assert np.array_equal(held.vectors, vectors[held.sounds - 1])
    rows.forget(folder, held.places(np.array([4, 99])))
    held = rows.Rows.open(folder, vectors.shape[1])
    assert held.alive == 9
    assert held.places(np.array([4, 5]))[0] == -1
    places, _ = search.nearest(held, vectors[3], 10)
    assert 4 not in held.sounds[places]
    with rows.alone(tmp_path) as mine, rows.alone(tmp_path) as other:
        assert mine
        assert not other


def test_a_way_goes_on_at_every_step(vectors: Floats) -> None:
    pieces = [walking.Piece(at, f"artist {at % 50}", f"title {at}") for at in range(1500)]
    chosen = walking.walk(vectors[2000], vectors[3000], pieces, vectors[:1500], 20)
    far = walking.progress(vectors[chosen], vectors[2000], vectors[3000])
    assert len(chosen) == len(set(chosen)) == 20
    assert (np.diff(far) >= 0).all()
    artists = [pieces[at].artist for at in chosen]
    assert max(map(artists.count, artists)) <= 2
    assert all(one != other for one, other in pairwise(artists))
    assert chosen == walking.walk(vectors[2000], vectors[3000], pieces, vectors[:1500], 20)
    assert walking.walk(vectors[0], vectors[1], [], vectors[:0], 5) == []


def test_a_map_keeps_neighbourhoods_and_is_the_same_again(vectors: Floats) -> None:
    some = vectors[:700]
    near, like = plane.neighbours(some)
    graph = plane.graph(near, like)
    begun = plane.beginning(some, 1)
    made = plane.refine(begun, graph, 0, 100, 100, 1)
    assert np.array_equal(made, plane.refine(begun, graph, 0, 100, 100, 1))
    chance = np.random.default_rng(2).normal(size=made.shape).astype(np.float32)
    assert plane.trustworthiness(some, made) > 0.85
    assert abs(plane.trustworthiness(some, chance) - 0.5) < 0.05
    beside = plane.placed(some[:20], some[20:], made[20:])
    away = np.linalg.norm(beside - made[:20], axis=1)
    assert np.median(away) < np.linalg.norm(made.max(axis=0) - made.min(axis=0)) / 6


def test_neighbours_by_lists_are_mostly_those_of_brute_force(vectors: Floats) -> None:
    near, _ = plane.neighbours(vectors[:4500])
    like = vectors[:4500:90] @ vectors[:4500].T
    like[np.arange(50), np.arange(0, 4500, 90)] = -2
    exact = np.argsort(-like, axis=1)[:, : near.shape[1]]
    hits = [len(set(one.tolist()) & set(other.tolist())) for one, other in zip(exact, near[::90], strict=True)]
    assert sum(hits) / exact.size >= 0.9


def test_groups_are_the_same_again_and_hold_what_lies_together() -> None:
    raw = np.concatenate([embeddings(kind, 40) for kind in range(4)])
    vectors = scaling.learn(raw, SLICES).of(raw)
    groups, centers = grouped(vectors, 4)
    assert all(len(set(groups[kind * 40 : kind * 40 + 40].tolist())) == 1 for kind in range(4))
    assert np.array_equal(groups, grouped(vectors, 4)[0])
    begun, _ = grouped(vectors, 4, begin=centers[[2, 0, 3, 1]])
    assert np.array_equal(np.array([2, 0, 3, 1])[begun], groups)
