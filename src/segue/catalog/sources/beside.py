"""Rows of a file that is in another order, brought into the order of the tracks: for files much larger than the memory.

A track's row in the other file is found by its id, and ids are random: over hundreds of millions of tracks that is a
random read or two for each, the best part of a day on a fast disk. Here both files are read from end to end instead:

1. The indexes on the ids of both files are read side by side, which gives for each row of the other file its track.
2. The other file is read once; what a row says goes to the part of the tracks it belongs to, a file of its own.
3. The stream of tracks takes one part into memory at a time.

It costs three to four microseconds of processor time a track and some 60 bytes of its disk for the time being; in memory are one
part, and four bytes a row, mapped from a file.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

Row = tuple[Any, ...]
Told = Callable[[int, int, str], None]

SPAN = 1 << 18
"""Tracks of one part, by rowid."""
HELD = 400_000
"""Rows that wait in memory for their parts to be written."""
MOST_ROWS = 1 << 33
"""Where rowids go beyond, they were not counted one by one, and there is no table of them."""
AT_ONCE = 10_000
DONE = "done.json"

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Row]).decode


class Beside:
    """The rows of one table, by the rowid of their track. `folder` is its own, kept between two starts of one build."""

    def __init__(self, folder: Path, identity: str, table: str, columns: Sequence[str]) -> None:
        """`table` as it is called in the connection (`files.track_files`); it has a `track_id`, and rows without any value
        in `columns` are none."""
        self._folder = folder
        self._identity = identity
        self._table = table
        self._columns = columns
        self._part: dict[int, Row] = {}
        self._number = -1

    @staticmethod
    def possible(database: sqlite3.Connection, table: str) -> bool:
        """Whether the rowids of both tables are numbers that an array can be indexed by."""
        highest = (
            database.execute(f"SELECT max(rowid) FROM {one}").fetchone()[0] or 0 for one in ("main.tracks", table)
        )
        return max(highest) < MOST_ROWS

    def gather(self, database: sqlite3.Connection, told: Told) -> None:
        """Bring the rows into order; nothing to do where that was done before."""
        mark = self._folder / DONE
        if mark.exists() and json.loads(mark.read_text("utf-8")) == self._identity:
            return
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        owners = self._owners(database, told)
        self._spread(database, owners, told)
        del owners
        (self._folder / "owners").unlink()
        mark.write_text(json.dumps(self._identity), "utf-8")

    def rows(self, tracks: Sequence[int]) -> list[Row | None]:
        """Of these rowids, which ascend."""
        found: list[Row | None] = []
        for track in tracks:
            if track // SPAN != self._number:
                self._number = track // SPAN
                self._part = {row[0]: row[1:] for row in self._read(self._number)}
            found.append(self._part.get(track))
        return found

    def forget(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def _owners(self, database: sqlite3.Connection, told: Told) -> NDArray[Any]:
        """By the rowid of the other table, the rowid of the track; 0 where there is none."""
        highest, tracks_end = (
            database.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0] or 0
            for table in (self._table, "main.tracks")
        )
        numbers = np.uint32 if tracks_end < 1 << 32 else np.uint64
        owners = np.memmap(self._folder / "owners", dtype=numbers, mode="w+", shape=(highest + 1,))
        tracks = _many(database, "SELECT id, rowid FROM main.tracks ORDER BY id")
        others = _many(database, f"SELECT track_id, rowid FROM {self._table} ORDER BY track_id")
        track = next(tracks, None)
        for done, (id, row) in enumerate(others, 1):
            if done % 1_000_000 == 0:
                told(done, highest, "ids side by side")
            while track is not None and track[0] < id:
                track = next(tracks, None)
            if track is None:
                break
            if track[0] == id:
                owners[row] = track[1]
        return owners

    def _spread(self, database: sqlite3.Connection, owners: NDArray[Any], told: Told) -> None:
        waiting: dict[int, list[Row]] = {}
        held = 0
        some = " OR ".join(f"{column} IS NOT NULL" for column in self._columns)
        question = f"SELECT rowid, {', '.join(self._columns)} FROM {self._table} WHERE {some} ORDER BY rowid"
        for row in _many(database, question):
            track = int(owners[row[0]])
            if not track:
                continue
            waiting.setdefault(track // SPAN, []).append((track, *row[1:]))
            held += 1
            if held >= HELD:
                self._write(waiting)
                told(row[0], len(owners) - 1, "rows beside the tracks")
                held = 0
        self._write(waiting)

    def _write(self, waiting: dict[int, list[Row]]) -> None:
        for number, rows in waiting.items():
            body = _encode(rows)
            with (self._folder / str(number)).open("ab") as file:
                file.write(len(body).to_bytes(4, "little") + body)
        waiting.clear()

    def _read(self, number: int) -> Iterator[Row]:
        try:
            data = (self._folder / str(number)).read_bytes()
        except FileNotFoundError:
            return
        at = 0
        while at < len(data):
            size = int.from_bytes(data[at : at + 4], "little")
            yield from _decode(data[at + 4 : at + 4 + size])
            at += 4 + size


def _many(database: sqlite3.Connection, question: str) -> Iterator[Row]:
    cursor = database.execute(question)
    while rows := cursor.fetchmany(AT_ONCE):
        yield from rows
