"""Groups of what lies together: spherical k-means, begun far apart, the same for the same rows and seed.

A. Banerjee et al., Clustering on the unit hypersphere (2005); the beginning as D. Arthur and S. Vassilvitskii, k-means++
(2007), with the farthest of a few drawn.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from segue.analysis.similar.lists import assign

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]
ROUNDS = 30
DRAWN = 8
MOST_GROUPS = 60
LEAST_SIZE = 12
"""Sounds a group has on average at least."""


def count_for(sounds: int) -> int:
    """How many groups a library of so many sounds is put in: 4 of a hundred, 11 of a thousand, 35 of ten thousand, 60 at most."""
    return int(max(1, min(MOST_GROUPS, round(0.35 * float(sounds) ** 0.5), sounds // LEAST_SIZE)))


def grouped(
    vectors: Floats, count: int, *, begin: Floats | None = None, weights: Any = None, seed: int = 11
) -> tuple[Numbers, Floats]:
    """The group of each vector (0 to count - 1) and the groups' middles. `begin` are middles to begin with; `weights` say how
    much a vector counts."""
    count = min(count, len(vectors))
    centers = _begun(vectors, count, seed) if begin is None else _completed(vectors, begin, count, seed)
    weight = None if weights is None else np.asarray(weights, np.float32)[:, None]
    groups = np.full(len(vectors), -1, np.int64)
    for _ in range(ROUNDS):
        nearest, likeness = assign(vectors, centers)
        if np.array_equal(nearest, groups):
            break
        groups = nearest
        order = np.argsort(groups, kind="stable")
        present, starts = np.unique(groups[order], return_index=True)
        sums = np.add.reduceat((vectors if weight is None else vectors * weight)[order], starts, axis=0)
        centers = centers.copy()
        centers[present] = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
        for lost in np.setdiff1d(np.arange(len(centers)), present):
            centers[lost] = vectors[int(np.argmin(likeness))]
            likeness[int(np.argmin(likeness))] = 1.0
    return groups, centers


def _begun(vectors: Floats, count: int, seed: int) -> Floats:
    """The first is the vector nearest to the middle, each next one far from all that are there."""
    random = np.random.default_rng(seed)
    middle = np.asarray(vectors.mean(axis=0))
    chosen = [int(np.argmax(vectors @ middle))]
    nearest = vectors @ vectors[chosen[0]]
    for _ in range(count - 1):
        away = np.maximum(1 - nearest.astype(np.float64), 0) + 1e-12
        some = random.choice(len(vectors), DRAWN, p=away / away.sum())
        gains = [float(np.maximum(nearest, vectors @ vectors[one]).sum()) for one in some]
        best = int(some[int(np.argmax(gains))])
        chosen.append(best)
        nearest = np.maximum(nearest, vectors @ vectors[best])
    return np.ascontiguousarray(vectors[chosen], np.float32)


def _completed(vectors: Floats, begin: Floats, count: int, seed: int) -> Floats:
    """`begin`, cut to `count`, or with what is missing begun far from it."""
    if len(begin) >= count:
        return begin[:count].copy()
    random = np.random.default_rng(seed)
    centers = list(begin)
    nearest = (vectors @ np.asarray(begin).T).max(axis=1) if len(begin) else np.full(len(vectors), -1.0, np.float32)
    while len(centers) < count:
        away = np.maximum(1 - nearest.astype(np.float64), 0) + 1e-12
        best = int(random.choice(len(vectors), p=away / away.sum()))
        centers.append(vectors[best])
        nearest = np.maximum(nearest, vectors @ vectors[best])
    return np.asarray(centers, np.float32)
