"""Records on their way from a source's order to their rank: sorted runs of records, read back in order of rank.

`heads` holds what is sorted and looked at by numbers, `bodies` the bytes of each record, `samples` every 256th place in the
order, by which the runs are cut into pieces that belong together. A run is written whole; what stands behind the last run
in the files (the build was killed) is cut off when they are opened again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Heads = NDArray[Any]
Span = tuple[int, int]
"""First and end of records that follow each other in the files."""

HEAD = np.dtype(
    [
        ("order", "<u8"),  # smaller is more popular
        ("key", "<u8"),  # the source's key; decides where the order is equal
        ("hash", "<u8"),  # of the id
        ("at", "<u8"),  # where its bytes begin in `bodies`: document, more, refs, rest, one behind the other
        ("document", "<u4"),
        ("more", "<u4"),
        ("refs", "<u4"),
        ("rest", "<u4"),
        ("code", "<u8"),  # ISRC or GTIN as a number, 0 for none
        ("parent", "<u4"),  # of a track: its album's rank
        ("place", "<u4"),  # of a track: disc and number; of an album: date and popularity; of an artist: followers
    ]
)
PLACE = np.dtype([("order", "<u8"), ("key", "<u8")])
PARTS = ("document", "more", "refs", "rest")

RUN_BYTES = 96 << 20
CHUNK_RECORDS = 50_000
SAMPLE_EVERY = 256


class Chunk(Struct):
    """Records that follow each other in rank. `starts` are where each one's bytes begin in `data`."""

    first_rank: int
    heads: Heads
    data: bytes
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.heads)

    def ranks(self) -> NDArray[np.uint32]:
        return np.arange(self.first_rank, self.first_rank + len(self.heads), dtype=np.uint32)

    def parts(self, name: str) -> list[bytes]:
        """One part of each record's bytes: `document`, `more`, `refs` or `rest`."""
        begin = self.starts.copy()
        for before in PARTS[: PARTS.index(name)]:
            begin += self.heads[before]
        data = self.data
        return [data[a:b] for a, b in zip(begin.tolist(), (begin + self.heads[name]).tolist(), strict=True)]

    def without(self, dropped: NDArray[np.bool_]) -> Chunk:
        return Chunk(self.first_rank, self.heads[~dropped], self.data, self.starts[~dropped])


class Runs:
    """All records of one kind. `runs` are the first and end of each run, as kept in the build's state."""

    def __init__(self, folder: Path, kind: str, runs: Sequence[Sequence[int]] = ()) -> None:
        self._heads = folder / f"{kind}.heads"
        self._bodies = folder / f"{kind}.bodies"
        self._samples = folder / f"{kind}.samples"
        self.runs: list[Span] = [(first, end) for first, end in runs]
        self._waiting_heads: list[Heads] = []
        self._waiting: list[bytes] = []
        self._bytes = 0
        self._end = 0
        self._cut_off()

    def __len__(self) -> int:
        """How many records are in runs."""
        return self.runs[-1][1] if self.runs else 0

    def add(self, heads: Heads, bodies: Sequence[bytes]) -> bool:
        """Whether it is time to `flush`. `heads` are complete but for `at`."""
        self._waiting_heads.append(heads)
        self._waiting.extend(bodies)
        self._bytes += int(_sizes(heads).sum()) + heads.nbytes
        return self._bytes >= RUN_BYTES

    def flush(self) -> None:
        """Write what was added as one more run, onto the disk."""
        if not self._waiting:
            return
        heads = np.concatenate(self._waiting_heads)
        order = np.lexsort((heads["key"], heads["order"]))
        heads = heads[order]
        sizes = _sizes(heads)
        heads["at"] = self._end + np.cumsum(sizes) - sizes
        _append(self._bodies, b"".join(map(self._waiting.__getitem__, order.tolist())))
        _append(self._heads, heads.tobytes())
        _append(self._samples, _places(heads[::SAMPLE_EVERY]).tobytes())
        self.runs.append((len(self), len(self) + len(heads)))
        self._end += int(sizes.sum())
        self._waiting_heads.clear()
        self._waiting.clear()
        self._bytes = 0

    def chunks(self, *, bodies: bool = True) -> Iterator[Chunk]:
        """Every record once, the most popular first, with ranks from 1. Without `bodies`, numbers alone."""
        rank = 1
        with self._bodies.open("rb") as file:
            for spans in self._spans():
                pieces = [self._read(first, end) for first, end in spans]
                heads = np.concatenate(pieces)
                data, starts = _bytes_of(pieces, file.fileno()) if bodies else (b"", np.zeros(len(heads), np.int64))
                order = np.lexsort((heads["key"], heads["order"]))
                yield Chunk(rank, heads[order], data, starts[order])
                rank += len(heads)

    def hashes(self, records: int = 1_000_000) -> Iterator[NDArray[np.uint64]]:
        """Of all ids, in no order."""
        for first in range(0, len(self), records):
            yield self._read(first, min(first + records, len(self)))["hash"].copy()

    def remove(self) -> None:
        for path in (self._heads, self._bodies, self._samples):
            path.unlink(missing_ok=True)

    def _read(self, first: int, end: int) -> Heads:
        found: Heads = np.fromfile(self._heads, HEAD, end - first, offset=first * HEAD.itemsize)
        return found

    def _cut_off(self) -> None:
        if self.runs:
            last = self._read(len(self) - 1, len(self))
            self._end = int(last["at"][0] + _sizes(last)[0])
        samples = sum(_samples_of(run) for run in self.runs) * PLACE.itemsize
        for path, size in (
            (self._heads, len(self) * HEAD.itemsize),
            (self._bodies, self._end),
            (self._samples, samples),
        ):
            with path.open("ab") as file:
                file.truncate(size)

    def _spans(self) -> Iterator[list[Span]]:
        """What to take of each run for the next chunk: all before an edge."""
        samples = np.fromfile(self._samples, PLACE)
        of_runs = np.split(samples, np.cumsum([_samples_of(run) for run in self.runs])[:-1]) if self.runs else []
        edges = samples[np.lexsort((samples["key"], samples["order"]))][:: max(CHUNK_RECORDS // SAMPLE_EVERY, 1)][1:]
        at = [first for first, _ in self.runs]
        for edge in [*edges, None]:
            ends = [self._before(run, places, edge) for run, places in zip(self.runs, of_runs, strict=True)]
            spans = [(here, end) for here, end in zip(at, ends, strict=True) if end > here]
            at = ends
            if spans:
                yield spans

    def _before(self, run: Span, samples: Heads, edge: Any) -> int:
        first, end = run
        if edge is None:
            return end
        low = first + max(_count_before(samples, edge) - 1, 0) * SAMPLE_EVERY
        return low + _count_before(self._read(low, min(low + SAMPLE_EVERY, end)), edge)


def _count_before(places: Heads, edge: Any) -> int:
    low = int(np.searchsorted(places["order"], edge["order"], side="left"))
    high = int(np.searchsorted(places["order"], edge["order"], side="right"))
    return low + int(np.searchsorted(places["key"][low:high], edge["key"], side="left"))


def _bytes_of(pieces: list[Heads], file: int) -> tuple[bytes, NDArray[np.int64]]:
    blobs: list[bytes] = []
    starts: list[NDArray[np.int64]] = []
    base = 0
    for heads in pieces:
        at = heads["at"].astype(np.int64)
        size = int(at[-1] - at[0] + _sizes(heads[-1:])[0])
        blobs.append(os.pread(file, size, int(at[0])))
        starts.append(at - at[0] + base)
        base += size
    return b"".join(blobs), np.concatenate(starts)


def _places(heads: Heads) -> Heads:
    places: Heads = np.empty(len(heads), PLACE)
    places["order"] = heads["order"]
    places["key"] = heads["key"]
    return places


def _samples_of(run: Span) -> int:
    return -(-(run[1] - run[0]) // SAMPLE_EVERY)


def _sizes(heads: Heads) -> NDArray[np.int64]:
    total = np.zeros(len(heads), np.int64)
    for part in PARTS:
        total += heads[part]
    return total


def _append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
