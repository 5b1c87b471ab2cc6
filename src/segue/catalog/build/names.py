"""Names by rank, kept in two files that are mapped: they are asked for by chance, and may be more than fit into memory."""

from __future__ import annotations

import mmap
import os
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from types import TracebackType

import numpy as np

KEPT = 400_000
"""Names that stay decoded; some 40 MB. The same few are asked for most of the time."""


class NameWriter:
    """Names in order of rank."""

    def __init__(self, folder: Path, kind: str) -> None:
        texts, ends = _files(folder, kind)
        self._texts = texts.open("wb")
        self._ends = ends.open("wb")
        self._at = 0
        self._ends.write(bytes(8))

    def add(self, names: Sequence[str]) -> None:
        encoded = [name.encode() for name in names]
        ends = np.cumsum(np.fromiter(map(len, encoded), np.uint64, len(encoded))) + np.uint64(self._at)
        self._ends.write(ends.astype("<u8").tobytes())
        self._texts.write(b"".join(encoded))
        self._at = int(ends[-1]) if len(ends) else self._at

    def __enter__(self) -> NameWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._texts.close()
        self._ends.close()


class Names:
    """What NameWriter wrote."""

    def __init__(self, folder: Path, kind: str) -> None:
        texts, ends = _files(folder, kind)
        self._known: dict[int, str] = {}
        self._texts = _mapped(texts)
        self._ends = memoryview(_mapped(ends)).cast("Q")

    def __getitem__(self, rank: int) -> str:
        return self._texts[self._ends[rank - 1] : self._ends[rank]].decode()

    def of(self, packed: Sequence[bytes]) -> list[list[str]]:
        """For each of these, as a snapshot packs ranks, the names of its ranks."""
        ranks, places = np.unique(np.frombuffer(b"".join(packed), "<u4"), return_inverse=True)
        different = [self._name(rank) for rank in ranks.tolist()]
        names = list(map(different.__getitem__, places.tolist()))
        ends = (np.cumsum(np.fromiter(map(len, packed), np.int64, len(packed))) // 4).tolist()
        return [names[first:end] for first, end in pairwise([0, *ends])]

    def _name(self, rank: int) -> str:
        name = self._known.get(rank)
        if name is None:
            if len(self._known) >= KEPT:
                self._known.clear()
            name = self._known[rank] = self[rank]
        return name


def _files(folder: Path, kind: str) -> tuple[Path, Path]:
    return folder / f"{kind}.names", folder / f"{kind}.name-ends"


def _mapped(path: Path) -> mmap.mmap | bytes:
    with path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            return b""
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
