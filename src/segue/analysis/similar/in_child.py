"""What the making of maps and groups does in a child process: each step reads files and hands bytes on, so that a killed one is
simply asked again."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segue.analysis.similar import clustering, plane
from segue.analysis.similar.rows import Rows, generations

Numbers = NDArray[np.int64]
MOST_DRAWN = 100_000
"""Sounds that pull and push each other; the others are put beside their nearest afterwards."""
SAME_PART = 0.25
"""A group keeps its number where so much of what it and the old one hold together, it holds in common with it."""
MOST_FROM_BEFORE = 0.5


class FilesGone(Exception):
    """The files of the space are not there (any more): another process is making new ones."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups as they were made: bytes of int64 sounds, of int32 group numbers, of float32 middles; `before` is the number that
    a group had, None for a new one."""

    sounds: bytes
    groups: bytes
    middles: list[bytes]
    tightness: list[float]
    sizes: list[int]
    before: list[int | None]


def gather(root: str, space: int, dimensions: int, work: str, only: bytes | None) -> bytes:
    """Copy the vectors a map is made of into the folder `work`; their sounds (int64). `only` are sounds to take, where the
    making goes on after a break. Raises FilesGone."""
    rows = _rows(root, space, dimensions)
    if only is None:
        sounds = np.sort(rows.sounds[rows.sounds > 0])
        step = max(1, -(-len(sounds) // MOST_DRAWN))
        sounds = sounds[::step]
    else:
        sounds = np.frombuffer(only, "<i8").astype(np.int64)
        sounds = sounds[rows.places(sounds) >= 0]
    folder = Path(work)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    np.save(folder / "vectors.npy", rows.vectors[rows.places(sounds)])
    return sounds.astype("<i8").tobytes()


def connect(work: str) -> int:
    """Make the graph of neighbours, unless it is there; how many edges it has."""
    folder = Path(work)
    found = plane.Graph.open(folder / "graph")
    if found is None:
        near, like = plane.neighbours(np.load(folder / "vectors.npy"))
        found = plane.graph(near, like)
        found.save(folder / "graph")
    return len(found.tails)


def begin(work: str, sounds: bytes, old_sounds: bytes, old_places: bytes, seed: int) -> tuple[bytes, bool]:
    """Where points begin, and whether that is where most of them were before."""
    vectors = np.load(Path(work) / "vectors.npy")
    mine = np.frombuffer(sounds, "<i8")
    theirs, places = np.frombuffer(old_sounds, "<i8"), np.frombuffer(old_places, "<f4").reshape(-1, 2)
    if len(theirs):
        at = np.minimum(np.searchsorted(theirs, mine), len(theirs) - 1)
        there = theirs[at] == mine
        if there.mean() >= MOST_FROM_BEFORE:
            found = places[at].copy()
            if not there.all():
                found[~there] = plane.placed(vectors[~there], vectors[there], places[at[there]])
            return found.astype("<f4").tobytes(), True
    return plane.beginning(vectors, seed).astype("<f4").tobytes(), False


def refine(work: str, places: bytes, first: int, last: int, rounds: int, seed: int) -> bytes:
    """The places after some more rounds. Raises FilesGone where the graph is not there."""
    found = plane.Graph.open(Path(work) / "graph")
    if found is None:
        raise FilesGone
    before = np.frombuffer(places, "<f4").reshape(-1, 2)
    return plane.refine(before, found, first, last, rounds, seed).astype("<f4").tobytes()


def complete(root: str, space: int, dimensions: int, sounds: bytes, places: bytes) -> tuple[bytes, bytes]:
    """All sounds of the space and their places: those that are not on the map beside their nearest. Raises FilesGone."""
    rows = _rows(root, space, dimensions)
    mine, found = np.frombuffer(sounds, "<i8").astype(np.int64), np.frombuffer(places, "<f4").reshape(-1, 2)
    everything = np.sort(rows.sounds[rows.sounds > 0])
    kept = np.isin(mine, everything)
    mine, found = mine[kept], found[kept]
    new = np.setdiff1d(everything, mine)
    if len(new) and len(mine):
        known = rows.vectors[rows.places(mine)]
        found = np.concatenate([found, plane.placed(rows.vectors[rows.places(new)], known, found)])
        mine = np.concatenate([mine, new])
    order = np.argsort(mine, kind="stable")
    return mine[order].astype("<i8").tobytes(), found[order].astype("<f4").tobytes()


def group(root: str, space: int, dimensions: int, old_sounds: bytes, old_groups: bytes) -> Groups:
    """Put all sounds into groups, beginning with the groups that there were. Raises FilesGone."""
    rows = _rows(root, space, dimensions)
    alive = np.flatnonzero(rows.sounds)
    alive = alive[np.argsort(rows.sounds[alive], kind="stable")]
    sounds, vectors = rows.sounds[alive], np.asarray(rows.vectors[alive])
    if not len(sounds):
        return Groups(b"", b"", [], [], [], [])
    before = _before(sounds, np.frombuffer(old_sounds, "<i8"), np.frombuffer(old_groups, "<i4"))
    known, counts = np.unique(before[before > 0], return_counts=True)
    known = known[np.argsort(-counts, kind="stable")]
    begun = None
    if len(known):
        middles = np.stack([vectors[before == one].mean(axis=0) for one in known])
        begun = middles / np.maximum(np.linalg.norm(middles, axis=1, keepdims=True), 1e-9)
    groups, centers = clustering.grouped(vectors, clustering.count_for(len(sounds)), begin=begun)
    present = np.unique(groups)
    renumbered = np.searchsorted(present, groups)
    kept: list[int | None] = []
    for number in present:
        mine = groups == number
        old = int(known[number]) if number < len(known) else 0
        theirs = before == old
        shared = np.count_nonzero(mine & theirs)
        either = np.count_nonzero((mine & (before > 0)) | theirs)
        kept.append(old if old and shared and shared / either >= SAME_PART else None)
    like = np.einsum("ij,ij->i", vectors, centers[groups])
    return Groups(
        sounds.astype("<i8").tobytes(),
        renumbered.astype("<i4").tobytes(),
        [centers[number].astype("<f4").tobytes() for number in present],
        [float(np.clip(like[groups == number].mean(), 0, 1)) for number in present],
        [int(np.count_nonzero(groups == number)) for number in present],
        kept,
    )


def _before(sounds: Numbers, old_sounds: Numbers, old_groups: NDArray[np.int32]) -> Numbers:
    """The number of the group that each sound was in; 0 for none."""
    if not len(old_sounds):
        return np.zeros(len(sounds), np.int64)
    at = np.minimum(np.searchsorted(old_sounds, sounds), len(old_sounds) - 1)
    return np.where(old_sounds[at] == sounds, old_groups[at], 0).astype(np.int64)


def _rows(root: str, space: int, dimensions: int) -> Rows:
    whole = generations(Path(root), space)
    rows = Rows.open(whole[-1][1], dimensions) if whole else None
    if rows is None or not len(rows):
        raise FilesGone
    return rows
