"""The first pass of writing ws2.db: every mention of everything, as it comes, in a file beside it.

A row a mention, without any order, so that it is written as fast as a disk takes it and memory stays small; SQLite sorts
it afterwards, on the disk as well. What was just said of somebody is not written again, only how often (Various Artists
stands on half a million releases). What is said is compressed with a dictionary made of the first thousands.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
import zstandard

from segue.catalog.snapshot.layout import compressor, decompressor
from segue.catalog.ws2.layout import ENTITIES, TABLE, Entity, mbid_bytes
from segue.catalog.ws2.splitting import Mention

_AT_ONCE = 4_000
"""Rows that are written in one go."""
_REMEMBERED = 100_000
"""Of whom it is known what was said last; each takes some 300 bytes."""
_DICTIONARY_BYTES = 32_768
_FEWEST_SAMPLES, _MOST_SAMPLES = 200, 6_000
OWN, NAMED = 0, 1
"""Priorities: a document of the entity's own dump comes before what others say of it."""

_TABLES = "".join(
    f"CREATE TABLE said_{table} (mbid BLOB, priority INTEGER, weight INTEGER, body BLOB, words BLOB"
    f"{', in_group BLOB, unofficial INTEGER, date TEXT' if entity == 'release' else ''});"
    for entity, table in TABLE.items()
)


class Staging:
    """Takes mentions. `add` raises sqlite3.Error where the disk is full; the folder's file is removed by `drop`."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self.path = path
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.executescript(
            f"PRAGMA page_size = 16384; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_TABLES} BEGIN;"
        )
        self._rows: dict[Entity, list[tuple[Any, ...]]] = {entity: [] for entity in ENTITIES}
        self._insert = {
            entity: f"INSERT INTO said_{table} VALUES (?,?,?,?,?{',?,?,?' if entity == 'release' else ''})"
            for entity, table in TABLE.items()
        }
        self._said: dict[Entity, dict[str, list[int]]] = {"artist": {}, "label": {}, "release-group": {}}
        """What was said last, as a hash, and how much weight is still to be written."""
        self._encode = msgspec.json.Encoder().encode
        self._compress: dict[Entity, Callable[[bytes], bytes]] = {}
        self.read: dict[Entity, Callable[[bytes], bytes]] = {}
        """What was said of each entity, from a row's `body` or `words`, as JSON."""

    def add(self, mentions: Iterable[Mention], *, own: bool) -> None:
        """`own`: these come from a document of the last mention's own dump."""
        kept = list(mentions)
        for place, mention in enumerate(kept, 1):
            self._add(mention, OWN if own and place == len(kept) else NAMED)

    def finish(self) -> None:
        for entity in self._said:
            self._forget(entity)
        for entity in ENTITIES:
            self._write(entity)
        self.database.execute("COMMIT")

    def drop(self) -> None:
        self.database.close()
        self.path.unlink(missing_ok=True)

    def _add(self, mention: Mention, priority: int) -> None:
        entity, mbid, said, words, weight, order = mention
        remembered = self._said.get(entity)
        if said is None and words is None and remembered is not None:
            remembered.setdefault(mbid, [0, 0])[1] += weight
            return
        body = self._encode(said) if said is not None else None
        if remembered is not None:
            before = remembered.get(mbid)
            token = hash(body)
            if before is not None and before[0] == token:
                before[1] += weight
                if words is None:
                    return
                body, weight = None, 0
            elif before is not None:
                before[0] = token
            else:
                if len(remembered) >= _REMEMBERED:
                    self._forget(entity)
                remembered[mbid] = [token, 0]
        try:
            key = mbid_bytes(mbid)
        except ValueError:
            return
        row: tuple[Any, ...] = (key, priority, weight, body, self._encode(words) if words else None)
        if entity == "release":
            group, unofficial, date = order or ("", 1, "9999")
            row += (mbid_bytes(group) if group else None, unofficial, date)
        rows = self._rows[entity]
        rows.append(row)
        if len(rows) >= _AT_ONCE:
            self._write(entity)

    def _forget(self, entity: Entity) -> None:
        remembered = self._said[entity]
        self._rows[entity] += [
            (mbid_bytes(mbid), NAMED, weight, None, None) for mbid, (_, weight) in remembered.items() if weight
        ]
        remembered.clear()
        self._write(entity)

    def _write(self, entity: Entity) -> None:
        rows = self._rows[entity]
        if entity not in self._compress:
            dictionary = trained([text for row in rows for text in row[3:5] if text is not None])
            self._compress[entity] = compressor(dictionary).compress
            self.read[entity] = decompressor(dictionary).decompress
        compress = self._compress[entity]
        self.database.executemany(
            self._insert[entity],
            ((*row[:3], *(text and compress(text) for text in row[3:5]), *row[5:]) for row in rows),
        )
        rows.clear()


def trained(samples: list[bytes]) -> bytes:
    """A dictionary for compression; empty where there is too little to learn from."""
    if len(samples) < _FEWEST_SAMPLES:
        return b""
    return zstandard.train_dictionary(_DICTIONARY_BYTES, [*samples[:_MOST_SAMPLES]]).as_bytes()
