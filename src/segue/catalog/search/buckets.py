"""Maps from a 32-bit hash to numbers, packed: a bucket is a row, within it 16 more bits of the hash tell entries apart.

Six bytes an entry instead of a row each. Several texts may share a hash, so what is found is a candidate to be verified.
"""

from __future__ import annotations

import sqlite3
import struct
from array import array
from sys import byteorder

ENTRIES = 64
"""Of a bucket, about."""
FINGERPRINT_BITS = 16
MOST_BITS = 24


def bits_for(entries: int) -> int:
    """How many leading bits of the hash number the buckets of so many entries."""
    return min(MOST_BITS, max(0, (entries // ENTRIES).bit_length()))


def place(hash32: int, bits: int) -> tuple[int, int]:
    """Bucket and fingerprint of a hash."""
    return hash32 >> (32 - bits), (hash32 >> max(0, 32 - bits - FINGERPRINT_BITS)) & 0xFFFF


class Buckets:
    """One such map, in the table `table` (bucket, data): fingerprints, then as many 32-bit numbers, little-endian."""

    def __init__(self, db: sqlite3.Connection, table: str, bits: int) -> None:
        self._ask = db.cursor().execute
        self._sql = f"SELECT data FROM {table} WHERE bucket = ?"
        self._bits = bits

    def numbers(self, hash32: int) -> list[int]:
        """Those of the hash, rising; perhaps among them some of others."""
        bucket, fingerprint = place(hash32, self._bits)
        row = self._ask(self._sql, (bucket,)).fetchone()
        if row is None:
            return []
        data: bytes = row[0]
        count = len(data) // 6
        fingerprints = array("H", data[: 2 * count])
        if byteorder == "big":
            fingerprints.byteswap()
        try:
            first = fingerprints.index(fingerprint)
        except ValueError:
            return []
        last = first + fingerprints.count(fingerprint)
        return list(struct.unpack_from(f"<{last - first}I", data, 2 * count + 4 * first))
