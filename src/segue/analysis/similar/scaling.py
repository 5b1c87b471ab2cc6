"""From raw features to vectors whose cosine says how alike two pieces sound, and in what.

Each group of features (timbre, rhythm, harmony, level) is scaled by the library's own medians and spreads, turned onto the
axes on which the library differs most (principal components of a shrunk covariance), and brought to length 1 together with
one constant: a piece in the middle of the library is then like its neighbours there, and not like whatever lies in the same
direction. Groups stand side by side, each with the length √weight, so that the cosine of two vectors is the weighted mean of
the cosines of their groups.

Medians and quartiles instead of means and deviations: P. J. Huber, Robust Statistics (1981). Shrinking the covariance towards
one without correlations: O. Ledoit and M. Wolf, A well-conditioned estimator for large-dimensional covariance matrices (2004);
the amount here is simply dimensions / (dimensions + pieces).
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

WEIGHTS = {"timbre": 0.4, "rhythm": 0.3, "harmony": 0.15, "level": 0.15}
"""How much each group counts where nobody says otherwise; other names count as 0.25."""
MOST_AXES = {"timbre": 32, "rhythm": 16, "harmony": 12, "level": 4}
OTHER_AXES = 16
KEPT = 0.99
"""The share of the variance that the axes of a group keep."""
FAR = 4.0
"""Spreads beyond which a feature is taken to be no further away."""
LIFT = 0.5
"""The constant beside the axes, in units of the length of a usual piece."""
FLOOR = 0.05
"""The least variance of an axis, of the mean of all: what hardly differs is noise and is not made large."""
WHITENED = 0.25
"""The power of its variance that an axis is divided by: 0.5 would make all equal, and with that drown what sets kinds of music
apart, which lies on few axes; 0 would let the many features that say the same count as many times."""
NORMAL_QUARTILES = 1.349
"""The distance of the quartiles of a normal distribution, in standard deviations."""
MAGIC = b"SGS1"


@dataclass(frozen=True, slots=True)
class Group:
    """One group of features: where it is in the raw embedding (`start` to `stop`) and in the vector (`at` to `at + len`)."""

    name: str
    start: int
    stop: int
    at: int
    weight: float
    lift: float
    center: Floats
    spread: Floats
    basis: Floats
    """(features, axes), scaled by what an axis varies."""

    @property
    def width(self) -> int:
        """Numbers in the vector: the axes and the constant."""
        return int(self.basis.shape[1]) + 1


@dataclass(frozen=True, slots=True)
class Scaling:
    """All groups in the order of the vector. A pure function of it and an embedding is what is compared."""

    groups: tuple[Group, ...]

    @property
    def dimensions(self) -> int:
        return sum(group.width for group in self.groups)

    @property
    def features(self) -> int:
        return max((group.stop for group in self.groups), default=0)

    def of(self, raw: NDArray[Any]) -> Floats:
        """The vectors (n, dimensions), float32 of length 1, of raw embeddings (n, features). What is not finite counts as
        usual."""
        given = np.atleast_2d(np.asarray(raw, np.float32))
        out = np.empty((len(given), self.dimensions), np.float32)
        for group in self.groups:
            turned = _standard(given[:, group.start : group.stop], group.center, group.spread) @ group.basis
            length = np.sqrt(np.einsum("ij,ij->i", turned, turned) + group.lift**2)
            scale = (np.sqrt(group.weight) / length)[:, None]
            out[:, group.at : group.at + group.width - 1] = turned * scale
            out[:, group.at + group.width - 1] = (group.lift * scale)[:, 0]
        return out

    def alike(self, one: Floats, others: Floats) -> dict[str, Floats]:
        """How alike `one` and each of `others` are in each group, -1 to 1, by the group's name."""
        found = {}
        for group in self.groups:
            part = slice(group.at, group.at + group.width)
            here, there = one[part], others[:, part]
            lengths = np.sqrt((here @ here) * np.einsum("ij,ij->i", there, there))
            found[group.name] = (there @ here) / np.maximum(lengths, 1e-9)
        return found

    def weighted(self, vectors: Floats, weights: Mapping[str, float]) -> Floats:
        """`vectors` as they look for likeness by other weights (only the named count, none negative); length 1 in the sense
        that a vector of the space which is the same has the cosine 1. Without any weight, as they are."""
        total = sum(max(0.0, weights.get(group.name, 0.0)) for group in self.groups)
        if total <= 0:
            return vectors
        out = vectors.copy()
        for group in self.groups:
            wanted = max(0.0, weights.get(group.name, 0.0)) / total
            out[..., group.at : group.at + group.width] *= wanted / group.weight
        return out

    def to_bytes(self) -> bytes:
        """As it is kept: a head in JSON, then float32 little endian."""
        head = [
            [group.name, group.start, group.stop, group.at, group.weight, group.lift, group.basis.shape[1]]
            for group in self.groups
        ]
        said = json.dumps(head).encode()
        arrays = b"".join(
            np.ascontiguousarray(part, "<f4").tobytes()
            for group in self.groups
            for part in (group.center, group.spread, group.basis)
        )
        return MAGIC + struct.pack("<I", len(said)) + said + arrays

    @classmethod
    def of_bytes(cls, kept: bytes) -> Scaling:
        """What `to_bytes` wrote. Raises ValueError for anything else."""
        if kept[:4] != MAGIC:
            raise ValueError("these bytes are no scaling")
        (length,) = struct.unpack_from("<I", kept, 4)
        numbers = np.frombuffer(kept, "<f4", offset=8 + length).astype(np.float32)
        groups, at = [], 0
        for name, start, stop, place, weight, lift, axes in json.loads(kept[8 : 8 + length]):
            count = stop - start
            center, spread = numbers[at : at + count], numbers[at + count : at + 2 * count]
            basis = numbers[at + 2 * count : at + (2 + axes) * count].reshape(count, axes)
            groups.append(Group(name, start, stop, place, weight, lift, center, spread, basis))
            at += (2 + axes) * count
        return cls(tuple(groups))


def learn(raw: NDArray[Any], layout: Mapping[str, slice]) -> Scaling:
    """The scaling of a library from some of its embeddings (n, features), at least one, and where their groups are."""
    given = np.atleast_2d(np.asarray(raw, np.float32))
    total = sum(WEIGHTS.get(name, 0.25) for name in layout)
    groups: list[Group] = []
    at = 0
    for name, part in layout.items():
        start, stop, _ = part.indices(given.shape[1])
        group = _group(name, given[:, start:stop], start, at, WEIGHTS.get(name, 0.25) / total)
        groups.append(group)
        at += group.width
    return Scaling(tuple(groups))


def _group(name: str, raw: Floats, start: int, at: int, weight: float) -> Group:
    known = np.where(np.isfinite(raw), raw, np.nan).astype(np.float64)
    known[:, np.isnan(known).all(axis=0)] = 0.0
    center = np.nanmedian(known, axis=0)
    low, high = np.nanpercentile(known, (25, 75), axis=0)
    spread = (high - low) / NORMAL_QUARTILES
    deviation = np.nanstd(known, axis=0)
    spread = np.where(spread > 1e-9 * (1 + np.abs(center)), spread, deviation)
    spread = np.where(spread > 1e-9 * (1 + np.abs(center)), spread, 1.0)
    center32, spread32 = center.astype(np.float32), spread.astype(np.float32)
    standard = _standard(raw, center32, spread32).astype(np.float64)
    count, features = standard.shape
    shrink = features / (features + count)
    covariance = standard.T @ standard / count
    covariance = (1 - shrink) * covariance + shrink * np.eye(features)
    values, axes = np.linalg.eigh(covariance)
    values, axes = values[::-1], axes[:, ::-1]
    enough = int(np.searchsorted(np.cumsum(values) / values.sum(), KEPT)) + 1
    kept = min(enough, MOST_AXES.get(name, OTHER_AXES), features)
    values, axes = values[:kept], axes[:, :kept]
    axes = axes * np.where(axes[np.abs(axes).argmax(axis=0), np.arange(kept)] < 0, -1.0, 1.0)
    basis = axes / np.maximum(values, FLOOR * values.mean()) ** WHITENED
    usual = float(np.sqrt((np.maximum(values, 0) * np.square(basis).sum(axis=0)).sum()))
    lift = LIFT * usual
    return Group(
        name, start, start + features, at, weight, lift, center32, spread32, np.ascontiguousarray(basis, np.float32)
    )


def _standard(raw: Floats, center: Floats, spread: Floats) -> Floats:
    scaled = (np.where(np.isfinite(raw), raw, center) - center) / spread
    return np.asarray(np.clip(scaled, -FAR, FAR), np.float32)
