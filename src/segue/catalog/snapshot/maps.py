"""Maps from ids to ranks, packed: a bucket of some 64 entries is a row, instead of a row each (a third of the bytes).

A key is 64 bits. Its upper ones are the number of its bucket; within the bucket its *mark*, some bits below those, tells
entries apart, and the ranks stand behind the marks in the same order. Marks of six bytes are exact, and may be trusted (ISRC,
GTIN); those of two are not: what is found is a candidate, to be verified in its document (ids).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from segue.catalog.records import Kind
from segue.catalog.snapshot.layout import KINDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[Any]

MARK_BYTES = {"artist_id": 2, "album_id": 2, "track_id": 2, "external_id": 2, "isrc": 6, "upc": 6}
TABLES = "".join(
    f"CREATE TABLE {name} (bucket INTEGER PRIMARY KEY, entries BLOB NOT NULL);\n" for name in sorted(MARK_BYTES)
)
KIND_SHIFT = 30
"""Values in `external_id` have the number of a kind above so many bits of rank: a billion of each."""

_ENTRIES = 64
_LEAST_BITS, _MOST_BITS = 16, 32
_SPREAD = 0x9E3779B97F4A7C15
"""Numbers like ISRCs lie close together; times this odd number (2^64 over the golden ratio) they spread, each to another."""
_WHOLE = (1 << 64) - 1


def bits_for(entries: int) -> int:
    """Of the bucket's number, for so many entries in the whole map. Not fewer than 16, so that 48 more make a key exact."""
    return min(max((entries // _ENTRIES).bit_length(), _LEAST_BITS), _MOST_BITS)


def spread(number: int) -> int:
    """The key of a number below 2^64."""
    return number * _SPREAD & _WHOLE


def spread_all(numbers: Numbers) -> Numbers:
    """The keys of many."""
    import numpy as np  # who only reads does without it

    keys: Numbers = numbers.astype(np.uint64) * np.uint64(_SPREAD)
    return keys


def with_kind(kind: Kind, rank: int) -> int:
    """A value of `external_id`."""
    return KINDS.index(kind) << KIND_SHIFT | rank


def kind_and_rank(value: int) -> tuple[Kind, int]:
    """What `with_kind` joined."""
    return KINDS[value >> KIND_SHIFT], value & ((1 << KIND_SHIFT) - 1)


class Map:
    """One of the maps in catalog.db. `bits` is what `meta` says under `bits.` and its name."""

    def __init__(self, connection: sqlite3.Connection, name: str, bits: int) -> None:
        self._ask = connection.cursor().execute
        self._question = f"SELECT entries FROM {name} WHERE bucket = ?"
        self._size = MARK_BYTES[name]
        self._shift = 64 - bits
        self._below = _below(bits, self._size)
        self._mask = (1 << 8 * self._size) - 1

    def ranks(self, key: int) -> list[int]:
        """What stands under a key, rising; of marks of two bytes perhaps something else among it."""
        row = self._ask(self._question, (key >> self._shift,)).fetchone()
        if row is None:
            return []
        entries: bytes = row[0]
        size = self._size
        marks = len(entries) // (size + 4) * size
        mark = (key >> self._below & self._mask).to_bytes(size, "little")
        found = []
        at = entries.find(mark, 0, marks)
        while at >= 0:
            place, off = divmod(at, size)
            if off:
                at = entries.find(mark, at + 1, marks)
                continue
            start = marks + 4 * place
            found.append(int.from_bytes(entries[start : start + 4], "little"))
            at = entries.find(mark, at + size, marks)
        return found


def write(connection: sqlite3.Connection, name: str, count: int, pairs: Iterable[tuple[Numbers, Numbers]]) -> None:
    """Fill the table of a map with `count` entries: keys and values by rising key, equal ones by rising value."""
    import numpy as np  # who only reads does without it

    bits = bits_for(count)
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"bits.{name}", bits))
    insert = f"INSERT INTO {name} VALUES (?, ?)"
    held_keys, held_values = np.empty(0, np.uint64), np.empty(0, np.uint32)
    for some_keys, some_values in pairs:
        keys, values = np.concatenate([held_keys, some_keys]), np.concatenate([held_values, some_values])
        buckets = keys >> np.uint64(64 - bits)
        whole = int(np.searchsorted(buckets, buckets[-1:], side="left").sum())
        connection.executemany(insert, _rows(name, bits, keys[:whole], values[:whole]))
        held_keys, held_values = keys[whole:], values[whole:]
    connection.executemany(insert, _rows(name, bits, held_keys, held_values))


def _below(bits: int, size: int) -> int:
    """How many bits of a key stand below its mark."""
    return max(64 - bits - 8 * size, 0)


def _rows(name: str, bits: int, keys: Numbers, values: Numbers) -> Iterable[tuple[int, bytes]]:
    import numpy as np  # who only reads does without it

    if not len(keys):
        return []
    buckets = keys >> np.uint64(64 - bits)
    size = MARK_BYTES[name]
    shifted = (keys >> np.uint64(_below(bits, size))).astype("<u8")
    marks = shifted.view(np.uint8).reshape(-1, 8)[:, :size].tobytes()
    ranks = values.astype("<u4").tobytes()
    firsts = np.flatnonzero(np.concatenate([[True], buckets[1:] != buckets[:-1]]))
    ends = np.append(firsts[1:], len(keys))
    return [
        (bucket, marks[first * size : end * size] + ranks[first * 4 : end * 4])
        for bucket, first, end in zip(buckets[firsts].tolist(), firsts.tolist(), ends.tolist(), strict=True)
    ]
