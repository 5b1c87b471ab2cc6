"""From a source's keys to ranks, for many at once, in files that are mapped rather than read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segue.catalog.build.pairs import PairSorter

DENSE = 4
"""Keys up to this many times the number of records make an array; beyond, keys and ranks lie sorted beside each other."""

Keys = NDArray[np.uint64]
Ranks = NDArray[np.uint32]


class RankOf:
    """The ranks that `write` kept."""

    def __init__(self, folder: Path, kind: str) -> None:
        ranks, keys = _files(folder, kind)
        self._ranks: Ranks = _mapped(ranks, "<u4")
        self._keys: Keys | None = _mapped(keys, "<u8") if keys.exists() else None

    def ranks(self, keys: Keys) -> Ranks:
        """0 for a key that there is not."""
        if self._keys is None:
            known = keys < len(self._ranks)
            if known.all():
                return self._ranks[keys]
            found = np.zeros(len(keys), np.uint32)
            found[known] = self._ranks[keys[known]]
            return found
        if not len(self._keys):
            return np.zeros(len(keys), np.uint32)
        places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return np.where(self._keys[places] == keys, self._ranks[places], np.uint32(0))


def write(folder: Path, kind: str, keys: Iterator[tuple[Keys, Ranks]], count: int, highest: int) -> None:
    """Keep the rank of every key: `keys` gives both in any order, `count` of them, the largest `highest`."""
    ranks_path, keys_path = _files(folder, kind)
    for path in (ranks_path, keys_path):
        path.unlink(missing_ok=True)
    if highest < DENSE * count + 1_000:
        with ranks_path.open("wb") as file:
            os.posix_fallocate(
                file.fileno(), 0, 4 * (highest + 1)
            )  # writing to a map of a full disk would end the process
        ranks = np.memmap(ranks_path, "<u4", "r+")
        for some, theirs in keys:
            ranks[some] = theirs
        ranks.flush()
        return
    sorter = PairSorter(folder / f"{kind}.key-pairs")
    for some, theirs in keys:
        sorter.add(some, theirs)
    with ranks_path.open("wb") as ranks_file, keys_path.open("wb") as keys_file:
        for ordered, theirs_ordered in sorter.chunks():
            keys_file.write(ordered.tobytes())
            ranks_file.write(theirs_ordered.tobytes())
    sorter.close()


def _files(folder: Path, kind: str) -> tuple[Path, Path]:
    return folder / f"{kind}.ranks", folder / f"{kind}.keys"


def _mapped(path: Path, kind: str) -> NDArray[Any]:
    if not path.stat().st_size:
        return np.empty(0, kind)
    return np.memmap(path, kind, "r")
