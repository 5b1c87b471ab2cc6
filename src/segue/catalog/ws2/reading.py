"""Reads ws2.db: numbers of MBIDs, documents by number, what is linked to what."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from segue.catalog.snapshot.layout import WS2, decompressor
from segue.catalog.snapshot.manifest import SnapshotDamaged
from segue.catalog.ws2.layout import ENTITIES, FORMAT, TABLE, Entity, mbid_bytes

Json = dict[str, Any]
_REMEMBERED = 2_000
"""Artists and labels whose documents are kept: those of a page of answers are asked for again and again."""
_MMAP_BYTES = 1 << 31


class Ws2:
    """The documents of a snapshot. Not for two threads at once. What it gives is shared: not to be changed.

    `made` is when it was written, RFC 3339 with milliseconds; `counts` how many there are of each entity.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        uri = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
        try:
            self.database = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
            self.database.execute(f"PRAGMA mmap_size = {_MMAP_BYTES}")
            meta = dict(self.database.execute("SELECT name, value FROM meta"))
        except sqlite3.Error as error:
            raise SnapshotDamaged(path, str(error)) from None
        if meta.get("format") != FORMAT:
            raise SnapshotDamaged(path, f"it has the format {meta.get('format')}, this Segue reads {FORMAT}")
        self.made: str = meta["made"]
        self.derived = bool(meta["derived"])
        self.counts: dict[str, int] = msgspec.json.decode(meta["counts"])
        self._decompress: dict[Entity, Callable[[bytes], bytes]] = {
            entity: decompressor(meta[f"zstd.{entity}"]).decompress for entity in ENTITIES
        }
        self._decode = msgspec.json.Decoder().decode
        self._body = {entity: f"SELECT body FROM {TABLE[entity]} WHERE n = ?" for entity in ENTITIES}
        self._number = {entity: f"SELECT n FROM {TABLE[entity]}_id WHERE mbid = ?" for entity in ENTITIES}
        self._kept: dict[Entity, dict[int, Json]] = {"artist": {}, "label": {}}
        self.rarities: dict[tuple[Entity, str], float] = {}
        """How few have a word, as searches have found out."""

    def close(self) -> None:
        self.database.close()

    def number(self, entity: Entity, mbid: str) -> int | None:
        """Of an MBID, a former one included; None where there is none. Raises ValueError where it is no MBID."""
        row: tuple[int] | None = self.database.execute(self._number[entity], (mbid_bytes(mbid),)).fetchone()
        return row[0] if row else None

    def body(self, entity: Entity, n: int) -> Json:
        kept = self._kept.get(entity)
        if kept is not None and (found := kept.get(n)) is not None:
            return found
        row: tuple[bytes] | None = self.database.execute(self._body[entity], (n,)).fetchone()
        if row is None:
            raise SnapshotDamaged(self.path, f"it names the {entity} {n}, which it does not have")
        body: Json = self._decode(self._decompress[entity](row[0]))
        if kept is not None:
            if len(kept) >= _REMEMBERED:
                kept.clear()
            kept[n] = body
        return body

    def contents(self, release: int) -> Sequence[Json]:
        """The media of a release: `tracks`, and `data-tracks`, `pregap` and `discs` where it has such (see layout)."""
        row = self.database.execute("SELECT tracks FROM release WHERE n = ?", (release,)).fetchone()
        if row is None or row[0] is None:
            return ()
        found: Sequence[Json] = self._decode(self._decompress["release"](row[0]))
        return found

    def linked(self, link: str, to: int, limit: int, offset: int = 0) -> tuple[int, list[int]]:
        """How many are linked to that one, and a page of them."""
        (total,) = self.database.execute(f"SELECT count(*) FROM {link} WHERE a = ?", (to,)).fetchone()
        rows = self.database.execute(f"SELECT b FROM {link} WHERE a = ? LIMIT ? OFFSET ?", (to, limit, offset))
        return total, [n for (n,) in rows]

    def linked_of(
        self, link: str, to: int, limit: int, offset: int, *, table: str, statuses: Sequence[int], kinds: Sequence[int]
    ) -> tuple[int, list[int]]:
        """The same, of those alone that have one of the statuses, and a bit of every one of `kinds`."""
        where, values = ["l.a = ?"], [to]
        if statuses:
            where.append(f"t.status IN ({','.join('?' * len(statuses))})")
            values += statuses
        for bits in kinds:
            where.append("t.kinds & ?")
            values.append(bits)
        source = f"FROM {link} l JOIN {table} t ON t.n = l.b WHERE {' AND '.join(where)}"
        (total,) = self.database.execute(f"SELECT count(*) {source}", values).fetchone()
        rows = self.database.execute(f"SELECT l.b {source} ORDER BY l.b LIMIT ? OFFSET ?", [*values, limit, offset])
        return total, [n for (n,) in rows]

    def of_isrc(self, isrc: str) -> list[int]:
        """The recordings that bear it, those on most releases first."""
        rows = self.database.execute("SELECT recording FROM isrc WHERE code = ?", (isrc,))
        return [n for (n,) in rows]

    def of_disc(self, disc: str) -> list[int]:
        """The releases that have such a disc."""
        return [n for (n,) in self.database.execute("SELECT release FROM disc WHERE id = ?", (disc,))]


def open_ws2(folder: Path) -> Ws2 | None:
    """Of a snapshot; None where it was not built from MusicBrainz. Raises SnapshotDamaged."""
    path = folder / WS2
    return Ws2(path) if path.is_file() else None
