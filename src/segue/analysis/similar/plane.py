"""A map: every sound a point, so that those which are alike lie together.

The layout follows UMAP (L. McInnes, J. Healy and J. Melville, 2018) in what it pulls and pushes: a graph of nearest neighbours
whose weights fall off from each one's own nearest; attraction along it and repulsion from points drawn at random, with the
curve of a least distance of 0.1. It differs in how: all points move at once, by the mean of what pulls and pushes them. It
begins at the first two principal components, or where points were on the map before. The same rows, seed and beginning give
the same map.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segue.analysis.similar import lists

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]

NEIGHBOURS = 15
A, B = 1.577, 0.8951
"""The curve 1 / (1 + a·d^2b) for a least distance of 0.1 and a spread of 1."""
PUSHERS = 8
"""Points drawn at random that push each point in a round."""
PUSH = 5.0
"""How many pushes stand against one pull."""
STEP = 4.0
FARTHEST = 4.0
"""How far a pull or push reaches at most in a round."""
READ_LISTS = 0.1
LEAST_LISTS = 12
"""The share of lists that a point's neighbours are looked for in, and the least number of them."""
EXACT = 4_000
"""Points up to which all pairs are compared."""
WIDE = 10.0
"""Half of the width of the map at its beginning."""
ROUNDS = 200
ROUNDS_AGAIN = 60
"""Rounds where most points were on the map before."""
BLOCK = 2_048


@dataclass(frozen=True, slots=True)
class Graph:
    """Edges in both directions, by their `head`: `starts[n]` is where those of the n-th head in `heads` begin."""

    heads: Numbers
    starts: Numbers
    tails: Numbers
    weights: Floats
    totals: Floats
    """The sum of the weights of each head's edges."""

    def save(self, path: Path) -> None:
        building = path.with_name(path.name + ".building")
        with open(building, "wb") as file:
            np.savez(
                file, heads=self.heads, starts=self.starts, tails=self.tails, weights=self.weights, totals=self.totals
            )
        building.replace(path)

    @classmethod
    def open(cls, path: Path) -> Graph | None:
        try:
            with np.load(path, allow_pickle=False) as kept:
                return cls(*(kept[name] for name in ("heads", "starts", "tails", "weights", "totals")))
        except (OSError, ValueError, KeyError, EOFError):
            return None


def neighbours(vectors: Floats, count: int = NEIGHBOURS) -> tuple[Numbers, Floats]:
    """The `count` nearest others of every row and their cosines, (n, count). Beyond 4,000 rows they are looked for in the
    nearest of lists, which misses a few."""
    total = len(vectors)
    count = min(count, total - 1)
    near, like = np.zeros((total, count), np.int64), np.zeros((total, count), np.float32)
    if total <= EXACT:
        for start in range(0, total, BLOCK):
            rows = np.arange(start, min(total, start + BLOCK))
            near[rows], like[rows] = _best(vectors, rows, np.arange(total), count)
        return near, like
    found, order = lists.built(vectors, max(2, lists.count_for(total) // 2))
    ends = found.ends
    between = found.centers @ found.centers.T
    for number in range(len(ends)):
        start = int(ends[number - 1]) if number else 0
        rows = order[start : int(ends[number])]
        if not len(rows):
            continue
        chosen = np.argsort(-between[number], kind="stable")
        among: list[Numbers] = []
        size = 0
        for at, one in enumerate(chosen):
            if at >= max(LEAST_LISTS, READ_LISTS * len(ends)) and size > count:
                break
            among.append(order[int(ends[one - 1]) if one else 0 : int(ends[one])])
            size += len(among[-1])
        candidates = np.concatenate(among)
        for part in range(0, len(rows), BLOCK):
            some = rows[part : part + BLOCK]
            near[some], like[some] = _best(vectors, some, candidates, count)
    return near, like


def _best(vectors: Floats, rows: Numbers, among: Numbers, count: int) -> tuple[Numbers, Floats]:
    found = np.asarray(vectors[rows] @ vectors[among].T)
    found[rows[:, None] == among[None, :]] = -2
    some = np.argpartition(-found, count - 1, axis=1)[:, :count]
    like = np.take_along_axis(found, some, axis=1)
    order = np.argsort(-like, axis=1, kind="stable")
    return among[np.take_along_axis(some, order, axis=1)], np.take_along_axis(like, order, axis=1)


def graph(near: Numbers, like: Floats) -> Graph:
    """The weighted graph of neighbours: 1 for each one's nearest, falling off so that a row's weights add up to log2(count)."""
    total, count = near.shape
    distance = np.sqrt(np.maximum(2 - 2 * like.astype(np.float64), 0))
    beyond = distance - distance[:, :1]
    wanted = max(1.0, float(np.log2(max(2, count))))
    low, high = np.full(total, 1e-4), np.full(total, 16.0)
    for _ in range(24):
        middle = np.sqrt(low * high)
        over = np.exp(-beyond / middle[:, None]).sum(axis=1) > wanted
        high, low = np.where(over, middle, high), np.where(over, low, middle)
    weights = np.exp(-beyond / np.sqrt(low * high)[:, None])
    heads = np.repeat(np.arange(total), count)
    tails, values = near.ravel(), weights.ravel()
    keys = np.concatenate([heads * total + tails, tails * total + heads])
    both = np.concatenate([values, values])
    unique, place = np.unique(keys, return_inverse=True)
    sums = np.bincount(place, both)
    squares = np.bincount(place, both**2)
    # one direction w, or both w and v: w + v - w·v (a union); (w + v)² - (w² + v²) = 2·w·v
    union = sums - (sums**2 - squares) / 2
    first, other = unique // total, unique % total
    present, starts = np.unique(first, return_index=True)
    totals = np.add.reduceat(union, starts)
    return Graph(present, starts, other, union.astype(np.float32), totals.astype(np.float32))


def beginning(vectors: Floats, seed: int) -> Floats:
    """The first two principal components, as wide as a map begins, with a little noise so that no two points are one."""
    centered = vectors - vectors.mean(axis=0)
    covariance = (centered.T @ centered).astype(np.float64)
    _, axes = np.linalg.eigh(covariance)
    axes = axes[:, ::-1][:, :2]
    axes = axes * np.where(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])] < 0, -1.0, 1.0)
    found = np.zeros((len(vectors), 2), np.float32)
    found[:, : axes.shape[1]] = centered @ axes
    widest = max(float(np.abs(found).max()), 1e-9)
    noise = np.random.default_rng(seed).normal(size=found.shape) * 1e-3
    return np.asarray(found / widest * WIDE + noise, np.float32)


def refine(places: Floats, of: Graph, first: int, last: int, rounds: int, seed: int) -> Floats:
    """`places` after the rounds `first` to `last` (not included) of `rounds`; every round has its own chance, so that going on
    from any of them gives the same map."""
    found = places.astype(np.float32).copy()
    total = len(found)
    for number in range(first, last):
        random = np.random.default_rng((seed, number))
        step = STEP * (1 - number / rounds)
        apart = found[np.repeat(of.heads, np.diff(np.append(of.starts, len(of.tails))))] - found[of.tails]
        square = np.einsum("ij,ij->i", apart, apart)
        pull = -2 * A * B * np.power(square + 1e-6, B - 1) / (1 + A * np.power(square + 1e-6, B))
        pulls = np.clip(apart * pull[:, None], -FARTHEST, FARTHEST) * of.weights[:, None]
        moved = np.zeros_like(found)
        moved[of.heads] = np.add.reduceat(pulls, of.starts, axis=0) / of.totals[:, None]
        for drawn in random.integers(1, max(2, total), (PUSHERS, 1)):
            other = found[random.permutation(total)] if total < 64 else np.roll(found, int(drawn[0]), axis=0)
            away = found - other
            square = np.einsum("ij,ij->i", away, away)
            push = 2 * B / ((0.001 + square) * (1 + A * np.power(square + 1e-6, B)))
            moved += np.clip(away * push[:, None], -FARTHEST, FARTHEST) * (PUSH / PUSHERS)
        found += step * np.clip(moved, -FARTHEST, FARTHEST)
    return found


def placed(vectors: Floats, known: Floats, places: Floats, count: int = 6) -> Floats:
    """Where new points go on a map that is there: to the weighted middle of their nearest, a hair's breadth aside."""
    found = np.zeros((len(vectors), 2), np.float32)
    count = min(count, len(known))
    for start in range(0, len(vectors), BLOCK // 4):
        like = vectors[start : start + BLOCK // 4] @ known.T
        near = np.argpartition(-like, count - 1, axis=1)[:, :count]
        weight = np.maximum(np.take_along_axis(like, near, axis=1), 0.01) ** 8
        weight /= weight.sum(axis=1, keepdims=True)
        found[start : start + BLOCK // 4] = np.einsum("ij,ijk->ik", weight, places[near])
    spread = float(places.std()) if len(places) else 1.0
    turn = np.arange(len(vectors)) * 2.399963  # the golden angle: no two in one place
    aside = np.stack([np.cos(turn), np.sin(turn)], axis=1) * spread * 0.004
    return np.asarray(found + aside, np.float32)


def trustworthiness(vectors: Floats, places: Floats, count: int = 12) -> float:
    """How far neighbours on the map are neighbours in truth, 0.5 by chance to 1 (J. Venna and S. Kaski, 2001)."""
    total = len(vectors)
    ranks = np.argsort(np.argsort(-(vectors @ vectors.T), axis=1, kind="stable"), axis=1, kind="stable")
    apart = ((places[:, None] - places[None]) ** 2).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    near = np.argsort(apart, axis=1, kind="stable")[:, :count]
    beyond = np.maximum(np.take_along_axis(ranks, near, axis=1) - count, 0).sum()
    return float(1 - beyond * 2 / (total * count * (2 * total - 3 * count - 1)))
