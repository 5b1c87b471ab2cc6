"""Filling the packed maps of `buckets`: pairs come in any order and are sorted by hash, on disk where they are many."""

from __future__ import annotations

import sqlite3
import tempfile
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from segue.catalog.search.buckets import FINGERPRINT_BITS, bits_for

IN_MEMORY = 1 << 21
"""Pairs, 8 bytes each, before they are written out."""
_PART_BITS = 6
_PARTS = 1 << _PART_BITS


class Pairs:
    """Pairs of a hash (32 bits) and a number (32 bits), to be read back in the order of both.

    `put` takes `hash << 32 | number`; the file it may need lies in `folder` and goes with this object.
    """

    def __init__(self, folder: Path) -> None:
        self._pairs = array("Q")
        self._folder = folder
        self._files: list[BinaryIO] = []
        self._count = 0
        self.put = self._pairs.append

    def made_room(self) -> None:
        """Write out what is in memory where that has become much; call it once in a while."""
        if len(self._pairs) >= IN_MEMORY:
            self._spill()

    def __len__(self) -> int:
        return self._count + len(self._pairs)

    @property
    def fewest_bits(self) -> int:
        """Of the hash that must number the buckets, so that none is split between parts."""
        return _PART_BITS if self._files else 0

    def parts(self) -> Iterator[NDArray[Any]]:
        """All pairs, sorted, in parts that no hash is split between."""
        if not self._files:
            yield np.sort(np.frombuffer(self._pairs, dtype=np.uint64)) if self._pairs else np.empty(0, dtype=np.uint64)
            return
        self._spill()
        for file in self._files:
            file.seek(0)
            pairs = np.frombuffer(file.read(), dtype=np.uint64).copy()
            pairs.sort()
            yield pairs

    def close(self) -> None:
        for file in self._files:
            file.close()
        self._files.clear()

    def _spill(self) -> None:
        if not self._files:
            self._files = [tempfile.TemporaryFile(dir=self._folder) for _ in range(_PARTS)]  # noqa: SIM115
        pairs = np.sort(np.frombuffer(self._pairs, dtype=np.uint64))
        inner = np.searchsorted(pairs, np.arange(1, _PARTS, dtype=np.uint64) << np.uint64(64 - _PART_BITS)).tolist()
        for file, start, end in zip(self._files, [0, *inner], [*inner, len(pairs)], strict=True):
            file.write(pairs[start:end].tobytes())
        self._count += len(pairs)
        self._pairs = array("Q")
        self.put = self._pairs.append


def fill(db: sqlite3.Connection, table: str, pairs: Pairs, most: int) -> int:
    """Write `table`; of one hash at most the `most` lowest numbers. Gives the bits that number the buckets."""
    bits = max(bits_for(len(pairs)), pairs.fewest_bits)
    insert = f"INSERT INTO {table}(bucket, data) VALUES (?, ?)"
    for part in pairs.parts():
        if len(part):
            db.executemany(insert, _rows(part, bits, most))
    pairs.close()
    return bits


def _rows(pairs: NDArray[Any], bits: int, most: int) -> Iterator[tuple[int, bytes]]:
    hashes = (pairs >> np.uint64(32)).astype(np.uint64)
    starts = np.flatnonzero(np.concatenate(([True], hashes[1:] != hashes[:-1])))
    within = np.arange(len(hashes)) - np.repeat(starts, np.diff(np.append(starts, len(hashes))))
    kept = within < most
    hashes, numbers = hashes[kept], (pairs[kept] & np.uint64(0xFFFFFFFF)).astype("<u4")
    buckets = hashes >> np.uint64(32 - bits)
    fingerprints = ((hashes >> np.uint64(max(0, 32 - bits - FINGERPRINT_BITS))) & np.uint64(0xFFFF)).astype("<u2")
    edges = np.flatnonzero(np.concatenate(([True], buckets[1:] != buckets[:-1], [True])))
    for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        yield int(buckets[start]), fingerprints[start:end].tobytes() + numbers[start:end].tobytes()
