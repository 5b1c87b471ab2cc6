"""How often each of very many keys came, in bounded memory: sorted runs on disk, then one pass over them all.

Only keys that came more than once are kept: of MusicBrainz's recordings that is one in six.
"""

from __future__ import annotations

import heapq
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import groupby
from math import log2
from pathlib import Path

RUN = 1 << 20
"""Keys that are sorted in memory at once."""
_BLOCK = 1 << 13


class KeysOnDisk:
    """Keys in the order in which they came, appended to a file; `size` of its bytes are meant, the rest is not."""

    def __init__(self, path: Path, size: int = 0) -> None:
        self._file = path.open("r+b" if path.exists() else "w+b")
        self._file.truncate(size)
        self._file.seek(size)
        self._held = array("q")
        self.append = self._held.append
        self.extend = self._held.extend

    def flush(self) -> int:
        """Write what is held; how long the file is then."""
        self._held.tofile(self._file)
        del self._held[:]
        self._file.flush()
        return self._file.tell()

    def close(self) -> None:
        self._file.close()


class Tally:
    """The keys that came more than once, and how often."""

    def __init__(self, keys: array[int], counts: array[int]) -> None:
        self._keys = keys
        self._counts = counts

    @classmethod
    def of(cls, path: Path) -> Tally:
        """Of the keys in a file. A second file of the same size is made beside it meanwhile."""
        runs_path = path.with_suffix(".runs")
        keys, counts = array("q"), array("I")
        try:
            with path.open("rb") as file, runs_path.open("wb") as out:
                while block := file.read(RUN * 8):
                    array("q", sorted(array("q", block))).tofile(out)
            total = path.stat().st_size // 8
            runs = [_run(runs_path, begin, min(begin + RUN, total)) for begin in range(0, total, RUN)]
            for key, same in groupby(heapq.merge(*runs)):
                count = sum(1 for _ in same)
                if count > 1:
                    keys.append(key)
                    counts.append(count)
        finally:
            runs_path.unlink(missing_ok=True)
        return cls(keys, counts)

    @classmethod
    def read(cls, path: Path) -> Tally:
        """As `write` wrote it."""
        data = path.read_bytes()
        many = len(data) // 12
        return cls(array("q", data[: many * 8]), array("I", data[many * 8 :]))

    def write(self, path: Path) -> None:
        path.write_bytes(self._keys.tobytes() + self._counts.tobytes())

    def __getitem__(self, key: int) -> int:
        """How often a key came; 1 for one that came once, or never."""
        at = bisect_left(self._keys, key)
        return self._counts[at] if at < len(self._keys) and self._keys[at] == key else 1


class KeySet:
    """A set of keys of 63 bits in 16 to 32 bytes for each, where Python's own takes 60 and more."""

    def __init__(self, keys: Iterable[int] = ()) -> None:
        self._slots = array("q", bytes(8 * 1024))
        self._mask = 1023
        self._count = 0
        for key in keys:
            self.add(key)

    def __len__(self) -> int:
        return self._count

    def add(self, key: int) -> bool:
        """Add a key; whether it was not there before."""
        slots, mask = self._slots, self._mask
        wanted = key + 1
        at = (key * 0x9E3779B97F4A7C15 >> 20) & mask
        while held := slots[at]:
            if held == wanted:
                return False
            at = (at + 1) & mask
        slots[at] = wanted
        self._count += 1
        if self._count * 2 > mask:
            self._grow()
        return True

    def _grow(self) -> None:
        old = self._slots
        self._mask = self._mask * 2 + 1
        self._slots = slots = array("q", bytes(8 * (self._mask + 1)))
        mask = self._mask
        for held in old:
            if held:
                at = ((held - 1) * 0x9E3779B97F4A7C15 >> 20) & mask
                while slots[at]:
                    at = (at + 1) & mask
                slots[at] = held


def popularity(count: int, doublings: float) -> int:
    """A number from 0 to 100 for how often something came: 0 for once, 100 from 2 to the power of `doublings` on, and
    between them by the logarithm."""
    return 0 if count <= 1 else min(100, round(100 * log2(count) / doublings))


def _run(path: Path, begin: int, end: int) -> Iterator[int]:
    with path.open("rb") as file:
        while begin < end:
            file.seek(begin * 8)
            block = array("q", file.read(min(_BLOCK, end - begin) * 8))
            begin += len(block)
            yield from block
