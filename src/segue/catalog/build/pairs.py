"""Sorts any number of pairs of numbers in bounded memory: sorted runs in one file, merged by cutting all of them at once.

A build needs this for every map from ids to ranks. Pairs with equal keys come out in the order they went in. Files are
read, not mapped: what is mapped counts as this process's memory for as long as there is room.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[Any]

RUN_PAIRS = 4_000_000
CHUNK_PAIRS = 1_000_000
SAMPLE_EVERY = 2048


class PairSorter:
    """`value` is a type of number; keys have 64 bits.

    Nothing is written until the first run is full. The file at `path` is the sorter's own; `close` removes it.
    """

    def __init__(self, path: Path, *, value: str = "<u4") -> None:
        self._path = path
        self._type = np.dtype([("key", "<u8"), ("value", value)])
        self._waiting: list[Numbers] = []
        self._count = 0
        self._runs: list[tuple[int, int]] = []
        self._samples: list[Numbers] = []
        path.unlink(missing_ok=True)

    def __len__(self) -> int:
        return (self._runs[-1][1] if self._runs else 0) + self._count

    def add(self, keys: Numbers, values: Numbers) -> None:
        """Keys and values run side by side."""
        pairs = np.empty(len(keys), self._type)
        pairs["key"] = keys
        pairs["value"] = values
        self._waiting.append(pairs)
        self._count += len(pairs)
        if self._count >= RUN_PAIRS:
            self._write()

    def chunks(self) -> Iterator[tuple[Numbers, Numbers]]:
        """All keys in order and their values, about so many at a time; pairs with equal keys are never parted."""
        if not self._runs:
            yield from _cut(self._sorted())
            return
        if self._count:
            self._write()
        samples = np.sort(np.concatenate(self._samples))
        at = [first for first, _ in self._runs]
        for edge in [*samples[:: max(CHUNK_PAIRS // SAMPLE_EVERY, 1)][1:], None]:
            ends = [self._before(run, edge) for run in range(len(self._runs))]
            parts = [self._read(here, end) for here, end in zip(at, ends, strict=True) if end > here]
            at = ends
            if parts:
                chunk = np.concatenate(parts)
                order = np.argsort(chunk["key"], kind="stable")
                yield chunk["key"][order], chunk["value"][order]

    def close(self) -> None:
        self._waiting.clear()
        self._path.unlink(missing_ok=True)

    def _sorted(self) -> Numbers:
        pairs = np.concatenate(self._waiting) if self._waiting else np.empty(0, self._type)
        ordered: Numbers = pairs[np.argsort(pairs["key"], kind="stable")]
        self._waiting = [ordered]
        return ordered

    def _write(self) -> None:
        pairs = self._sorted()
        self._waiting.clear()
        first = self._runs[-1][1] if self._runs else 0
        with self._path.open("ab") as file:
            file.write(pairs.tobytes())
        self._runs.append((first, first + len(pairs)))
        self._samples.append(pairs["key"][::SAMPLE_EVERY].copy())
        self._count = 0

    def _read(self, first: int, end: int) -> Numbers:
        found: Numbers = np.fromfile(self._path, self._type, end - first, offset=first * self._type.itemsize)
        return found

    def _before(self, run: int, edge: Any) -> int:
        """The end of what stands before `edge` in a run."""
        first, end = self._runs[run]
        if edge is None:
            return end
        block = max(int(np.searchsorted(self._samples[run], edge, side="left")) - 1, 0)
        low = first + block * SAMPLE_EVERY
        found = self._read(low, min(low + SAMPLE_EVERY, end))
        return low + int(np.searchsorted(found["key"], edge, side="left"))


def _cut(ordered: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
    keys, values = ordered["key"], ordered["value"]
    first = 0
    while first < len(ordered):
        end = min(first + CHUNK_PAIRS, len(ordered))
        if end < len(ordered):
            end = int(np.searchsorted(keys, keys[end - 1], side="right"))
        yield keys[first:end], values[first:end]
        first = end


class Grouped:
    """A sorter's values by owner: the upper 32 bits of a key say whose it is, the lower ones in which order.

    `take` must go through the owners from the first to the last.
    """

    def __init__(self, sorter: PairSorter) -> None:
        self._chunks = sorter.chunks()
        self._owners: Numbers = np.empty(0, np.uint64)
        self._values: Numbers = np.empty(0, np.uint32)
        self._more = True

    def take(self, first: int, count: int) -> list[bytes | None]:
        """Of each owner from `first` on: its values as packed ranks, None where there are none."""
        last = first + count - 1
        while self._more and (not len(self._owners) or self._owners[-1] <= last):
            found = next(self._chunks, None)
            if found is None:
                self._more = False
                break
            keys, values = found
            again = (keys[1:] == keys[:-1]) & (values[1:] == values[:-1])
            kept = np.concatenate([[True], ~again])
            self._owners = np.concatenate([self._owners, keys[kept] >> np.uint64(32)])
            self._values = np.concatenate([self._values, values[kept]])
        edges = np.searchsorted(self._owners, np.arange(first, last + 2, dtype=np.uint64), side="left")
        packed = self._values[: edges[-1]].astype("<u4").tobytes()
        at = (edges * 4).tolist()
        self._owners, self._values = self._owners[edges[-1] :], self._values[edges[-1] :]
        return [packed[a:b] or None for a, b in pairwise(at)]
