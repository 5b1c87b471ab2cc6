"""The scaled vectors of one space as files: read through the page cache by every process of a machine, made again when gone.

A folder holds one generation: `vectors` (float32, one row after another), `sounds` (int64, whose row it is; 0 where the sound
is gone) and, for large libraries, `lists` (see `similar.lists`). Rows are only ever appended, the vector before its number, so
that a process killed at any moment leaves at most a row that nobody counts. A new generation is a new folder, renamed into
place when it is whole.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segue.analysis.similar.lists import Lists

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]
CHUNK = 4096
"""Numbers of sounds that are compared with the database in one sum."""


class Rows:
    """The vectors of one generation, mapped into memory."""

    def __init__(self, folder: Path, dimensions: int) -> None:
        self.folder = folder
        self.dimensions = dimensions
        self.vectors: Floats = np.empty((0, dimensions), np.float32)
        self.sounds: Numbers = np.empty(0, np.int64)
        self.lists: Lists | None = None
        self._order: NDArray[np.int64] = np.empty(0, np.int64)
        self._sorted: Numbers = np.empty(0, np.int64)

    @classmethod
    def open(cls, folder: Path, dimensions: int) -> Rows:
        """What the folder holds, nothing where there is none."""
        rows = cls(folder, dimensions)
        sounds, vectors = folder / "sounds", folder / "vectors"
        with contextlib.suppress(FileNotFoundError):
            rows.sounds = np.fromfile(sounds, "<i8").astype(np.int64)
            whole = vectors.stat().st_size // (4 * dimensions)
            rows.sounds = rows.sounds[:whole]
            if len(rows.sounds):
                rows.vectors = np.memmap(vectors, "<f4", "r", shape=(len(rows.sounds), dimensions))
            rows.lists = Lists.open(folder / "lists", dimensions)
        rows._order = np.argsort(rows.sounds, kind="stable")
        rows._sorted = rows.sounds[rows._order]
        return rows

    def __len__(self) -> int:
        return len(self.sounds)

    @property
    def alive(self) -> int:
        """Rows whose sound is there."""
        return int(np.count_nonzero(self.sounds))

    def places(self, sounds: Numbers) -> NDArray[np.int64]:
        """The rows of these sounds; -1 for one that is not here."""
        wanted = np.asarray(sounds, np.int64)
        if not len(self._sorted):
            return np.full(len(wanted), -1, np.int64)
        at = np.minimum(np.searchsorted(self._sorted, wanted), len(self._sorted) - 1)
        there = (self._sorted[at] == wanted) & (wanted > 0)
        return np.where(there, self._order[at], -1)

    def sums(self) -> dict[int, tuple[int, int]]:
        """By the number of each chunk of sounds: how many there are here and what their numbers add up to."""
        here = self._sorted[self._sorted > 0]
        if not len(here):
            return {}
        chunk = here // CHUNK
        starts = np.flatnonzero(np.diff(chunk, prepend=-1))
        counts = np.diff(np.append(starts, len(here)))
        totals = np.add.reduceat(here, starts)
        return {int(c): (int(n), int(t)) for c, n, t in zip(chunk[starts], counts, totals, strict=True)}

    def of_chunk(self, chunk: int) -> set[int]:
        """The sounds of a chunk that are here."""
        low, high = np.searchsorted(self._sorted, (max(1, chunk * CHUNK), (chunk + 1) * CHUNK))
        return {int(one) for one in self._sorted[low:high]}


def append(folder: Path, sounds: Numbers, vectors: Floats) -> None:
    """Add rows to a generation, made where it is not there. Only for whoever holds `alone`."""
    folder.mkdir(parents=True, exist_ok=True)
    width = 4 * vectors.shape[1]
    with open(folder / "vectors", "ab") as file, open(folder / "sounds", "ab") as numbers:
        kept = numbers.tell() // 8
        if numbers.tell() % 8:
            numbers.truncate(kept * 8)
        if file.tell() < kept * width:
            kept = file.tell() // width
            numbers.truncate(kept * 8)
        file.truncate(kept * width)
        file.write(np.ascontiguousarray(vectors, "<f4").tobytes())
        file.flush()
        os.fsync(file.fileno())
        numbers.write(np.ascontiguousarray(sounds, "<i8").tobytes())


def forget(folder: Path, places: NDArray[np.int64]) -> None:
    """Mark rows whose sounds are gone. Only for whoever holds `alone`."""
    places = places[places >= 0]
    if not len(places):
        return
    numbers = np.memmap(folder / "sounds", "<i8", "r+")
    numbers[places] = 0
    numbers.flush()


def rewrite(folder: Path, rows: Rows, order: NDArray[np.int64], lists: Lists | None) -> None:
    """The next generation: `rows` in another order, with their lists. Renamed into place when it is whole."""
    building = folder.with_name(folder.name + ".building")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    with open(building / "vectors", "wb") as file:
        for start in range(0, len(order), 65_536):
            file.write(np.ascontiguousarray(rows.vectors[order[start : start + 65_536]], "<f4").tobytes())
        file.flush()
        os.fsync(file.fileno())
    rows.sounds[order].astype("<i8").tofile(building / "sounds")
    if lists is not None:
        lists.save(building / "lists")
    shutil.rmtree(folder, ignore_errors=True)
    building.rename(folder)


def generations(root: Path, space: int) -> list[tuple[int, Path]]:
    """The whole generations of a space, the oldest first."""
    found = []
    for path in root.glob(f"space-{space}.*"):
        number = path.name.rpartition(".")[2]
        if number.isdigit():
            found.append((int(number), path))
    return sorted(found)


def generation(root: Path, space: int, number: int) -> Path:
    return root / f"space-{space}.{number}"


def sweep(root: Path, space: int) -> None:
    """Remove the files of other spaces and of older generations. Whoever still has them mapped goes on reading."""
    newest = generations(root, space)[-1:]
    keep = {path.name for _, path in newest} | {"lock"}
    for path in root.iterdir() if root.exists() else ():
        if path.name.startswith("space-") and path.name not in keep and not path.name.endswith(".building"):
            shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def alone(root: Path) -> Iterator[bool]:
    """Whether this process may write for now: False where another one of this machine does."""
    root.mkdir(parents=True, exist_ok=True)
    try:
        import fcntl
    except ImportError:  # not on Windows, where one process serves
        yield True
        return
    with open(root / "lock", "ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
