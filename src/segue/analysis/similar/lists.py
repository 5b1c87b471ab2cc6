"""An index for libraries beyond what is searched row by row: vectors in lists around centres, and only the nearest lists read.

An inverted file (J. Sivic and A. Zisserman, Video Google, 2003; H. Jégou et al., Product quantization for nearest neighbor
search, 2011, without the quantization): centres are learnt by spherical k-means on a sample, rows are stored list after list,
and a question reads the lists whose centres are nearest to it. Rows that came later stand behind and are all read.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
ROUNDS = 8
"""Rounds of k-means; centres hardly move after."""
SAMPLED = 64
"""Rows a list that centres are learnt on."""
BLOCK = 16_384


@dataclass(frozen=True, slots=True)
class Lists:
    """`ends[n]` is the first row behind list n; the first list begins at row 0."""

    centers: Floats
    ends: NDArray[np.int64]

    @property
    def covered(self) -> int:
        """Rows that stand in lists."""
        return int(self.ends[-1]) if len(self.ends) else 0

    def nearest(self, question: Floats, read: int) -> NDArray[np.int64]:
        """The rows of the `read` lists that are nearest to a question."""
        likeness = self.centers @ question
        read = min(read, len(likeness))
        chosen = np.sort(np.argpartition(-likeness, read - 1)[:read])
        starts = np.where(chosen > 0, self.ends[chosen - 1], 0)
        lengths = self.ends[chosen] - starts
        skips = np.repeat(starts - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths)
        return np.asarray(np.arange(int(lengths.sum())) + skips, np.int64)

    def spans(self, question: Floats, read: int) -> list[tuple[int, int]]:
        """The same as stretches of rows, those beside one another as one."""
        likeness = self.centers @ question
        read = min(read, len(likeness))
        chosen = np.sort(np.argpartition(-likeness, read - 1)[:read])
        found: list[tuple[int, int]] = []
        for at in chosen:
            start, end = int(self.ends[at - 1]) if at else 0, int(self.ends[at])
            if found and found[-1][1] == start:
                found[-1] = (found[-1][0], end)
            elif end > start:
                found.append((start, end))
        return found

    def save(self, path: Path) -> None:
        with open(path, "wb") as file:
            np.savez(file, centers=self.centers, ends=self.ends)
            file.flush()
            os.fsync(file.fileno())

    @classmethod
    def open(cls, path: Path, dimensions: int) -> Lists | None:
        """What `save` wrote; None where there is nothing, or nothing that fits."""
        try:
            with np.load(path, allow_pickle=False) as kept:
                centers, ends = kept["centers"].astype(np.float32), kept["ends"].astype(np.int64)
        except (OSError, ValueError, KeyError, EOFError):
            return None
        return cls(centers, ends) if centers.ndim == 2 and centers.shape[1] == dimensions else None


def count_for(rows: int) -> int:
    """How many lists serve so many rows: about two times the root, so that centres cost what the lists read do."""
    return max(1, int(2 * rows**0.5))


def learn(vectors: Floats, count: int, seed: int = 7) -> Floats:
    """`count` centres of `vectors` by spherical k-means, the same for the same rows and seed."""
    random = np.random.default_rng(seed)
    chosen = random.permutation(len(vectors))[: SAMPLED * count]
    sample = np.ascontiguousarray(vectors[np.sort(chosen)])
    centers = sample[random.permutation(len(sample))[:count]].copy()
    for _ in range(ROUNDS):
        nearest, _ = assign(sample, centers)
        order = np.argsort(nearest, kind="stable")
        present, starts = np.unique(nearest[order], return_index=True)
        sums = np.add.reduceat(sample[order], starts, axis=0)
        lengths = np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
        centers[present] = sums / lengths
        lost = np.setdiff1d(np.arange(len(centers)), present)
        if len(lost):
            centers[lost] = sample[random.integers(0, len(sample), len(lost))]
    return centers


def assign(vectors: Floats, centers: Floats) -> tuple[NDArray[np.int64], Floats]:
    """The nearest centre of each vector, and how near it is."""
    nearest = np.empty(len(vectors), np.int64)
    likeness = np.empty(len(vectors), np.float32)
    for start in range(0, len(vectors), BLOCK):
        found = np.asarray(vectors[start : start + BLOCK]) @ centers.T
        best = found.argmax(axis=1)
        nearest[start : start + BLOCK] = best
        likeness[start : start + BLOCK] = found[np.arange(len(best)), best]
    return nearest, likeness


def built(vectors: Floats, count: int, seed: int = 7) -> tuple[Lists, NDArray[np.int64]]:
    """The lists of `vectors`, and the order in which rows stand in them."""
    centers = learn(vectors, count, seed)
    nearest, _ = assign(vectors, centers)
    order = np.argsort(nearest, kind="stable")
    ends = np.cumsum(np.bincount(nearest, minlength=len(centers)))
    return Lists(centers, np.asarray(ends, np.int64)), order
