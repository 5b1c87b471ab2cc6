"""Reads a compiled catalogue: from an id to bytes that are ready to send, without parsing or writing any JSON.

A document is read by its rank, decompressed, and spliced together with its album's and its artists'. Those are asked for
again and again, so the newest few thousand are kept as they are spliced.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import quote

import msgspec
import zstandard

from segue.catalog.documents import own
from segue.catalog.records import Counts, Kind
from segue.catalog.snapshot.bodies import BODIES, Bodies, Row
from segue.catalog.snapshot.layout import CATALOG, FORMAT, KINDS, decompressor, gtin, hash_of, isrc_code, unpacked
from segue.catalog.snapshot.manifest import Manifest, SnapshotDamaged
from segue.catalog.snapshot.maps import MARK_BYTES, Map, kind_and_rank, spread

PAGE_CACHE_KIB = 16_384
MAPPED_BYTES = 1 << 40
"""More than there is: SQLite maps what its own limit allows (2 GiB as most systems build it)."""
KEPT_ALBUMS = 2_048
KEPT_ARTISTS = 16_384
"""Fragments of each generation that stay in memory; about 2 KiB an album, a quarter of that an artist."""
_KEPT_ROWS = 2_048

_MORE = {kind: f"SELECT more FROM {kind} WHERE rank = ?" for kind in KINDS}

F = TypeVar("F", bound=Callable[..., Any])

_IMPOSSIBLE = (sqlite3.DatabaseError, zstandard.ZstdError, msgspec.DecodeError, IndexError)
"""What is raised over bytes that cannot be so."""


def _naming_damage(read: F) -> F:
    """What SQLite and zstd say about bytes that cannot be so, told as damage of the file."""

    @wraps(read)
    def told(self: SnapshotStore, *args: Any, **kwargs: Any) -> Any:
        try:
            return read(self, *args, **kwargs)
        except _IMPOSSIBLE as error:
            raise self._damage(error) from error

    return cast("F", told)


class SnapshotStore:
    """A Store over the documents and `catalog.db` in `folder`. Raises SnapshotDamaged where one cannot be read."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder = folder
        self.path = folder / CATALOG
        self.id = manifest.id
        self.namespace = manifest.namespace
        self.licence = manifest.licence
        self._counts = manifest.counts
        self._albums = _Fragments(KEPT_ALBUMS, self._read_album)
        self._artists = _Fragments(KEPT_ARTISTS, self._read_artist)
        self._rows: dict[int, Row] = {}
        try:
            self._connection = _opened(self.path)
            self._ask = self._connection.cursor().execute
            meta = dict(self._ask("SELECT name, value FROM meta"))
            if int(meta["format"]) != FORMAT:
                raise SnapshotDamaged(self.path, f"it has the format {meta['format']}, the manifest says {FORMAT}")
            self._plain_more = decompressor(meta["zstd.more"]).decompress
            found = {name: Map(self._connection, name, int(meta[f"bits.{name}"])) for name in MARK_BYTES}
        except (sqlite3.DatabaseError, zstandard.ZstdError, KeyError, ValueError, TypeError) as error:
            raise SnapshotDamaged(self.path, str(error)) from error
        self._bodies = {kind: self._opened_bodies(kind, meta[f"zstd.{kind}"]) for kind in KINDS}
        self._row_of = {kind: bodies.row for kind, bodies in self._bodies.items()}
        self._track_row = self._row_of["track"]
        self._ids = {kind: found[f"{kind}_id"].ranks for kind in KINDS}
        self._isrcs = found["isrc"].ranks
        self._upcs = found["upc"].ranks
        self._external_ids = found["external_id"].ranks

    def counts(self) -> Counts:
        return self._counts

    def ranks(self, kind: Kind, ids: Sequence[str]) -> list[int | None]:
        try:
            return [self._rank(kind, id) for id in ids]
        except _IMPOSSIBLE as error:
            raise self._damage(error, kind) from error

    @_naming_damage
    def isrcs(self, codes: Sequence[str]) -> list[list[int]]:
        return [[] if (code := isrc_code(text)) is None else self._isrcs(spread(code)) for text in codes]

    @_naming_damage
    def upcs(self, codes: Sequence[str]) -> list[list[int]]:
        return [[] if (code := gtin(text)) is None else self._upcs(spread(code)) for text in codes]

    @_naming_damage
    def external(self, ids: Sequence[str]) -> list[tuple[Kind, int] | None]:
        return [self._external(id) for id in ids]

    def tracks(self, ranks: Sequence[int], *, album: bool = True) -> list[bytes]:
        found = []
        rows = self._rows
        albums = self._albums
        try:
            for rank in ranks:
                row = rows.pop(rank, None) or self._track_row(rank)
                if row is None:
                    raise self._missing("track", rank)
                body, album_rank, packed = row
                artists = self._credits(packed) if packed else b""
                if album and album_rank:
                    found.append(b'%s,"album":%s%s}' % (body[:-1], albums[album_rank], artists))
                else:
                    found.append(b"%s%s}" % (body[:-1], artists) if artists else body)
        except _IMPOSSIBLE as error:
            raise self._damage(error, "track") from error
        return found

    @_naming_damage
    def albums(self, ranks: Sequence[int]) -> list[bytes]:
        return [self._albums[rank] for rank in ranks]

    @_naming_damage
    def artists(self, ranks: Sequence[int]) -> list[bytes]:
        return [self._artists[rank] for rank in ranks]

    @_naming_damage
    def album_tracks(self, rank: int) -> list[int]:
        row = self._ask("SELECT tracks FROM album WHERE rank = ?", (rank,)).fetchone()
        return list(unpacked(row[0])) if row else []

    @_naming_damage
    def artist_albums(self, rank: int) -> list[int]:
        row = self._ask("SELECT albums FROM artist WHERE rank = ?", (rank,)).fetchone()
        return list(unpacked(row[0])) if row else []

    @_naming_damage
    def more(self, kind: Kind, ranks: Sequence[int]) -> list[dict[str, Any]]:
        return [self._more(kind, rank) for rank in ranks]

    def close(self) -> None:
        self._connection.close()
        for bodies in self._bodies.values():
            bodies.close()

    def _rank(self, kind: Kind, id: str) -> int | None:
        start = b'{"id":"%s"' % id.encode() if id.isalnum() else b'{"id":' + msgspec.json.encode(id)
        row_of = self._row_of[kind]
        for rank in self._ids[kind](hash_of(id)):
            row = row_of(rank)
            if row is None:
                raise self._missing(kind, rank)
            if row.document.startswith(start):
                # the caller asks for its document next
                if kind == "track":
                    if len(self._rows) >= _KEPT_ROWS:
                        self._rows.clear()
                    self._rows[rank] = row
                elif kind == "album":
                    self._albums.keep(rank, self._with_artists(row))
                else:
                    self._artists.keep(rank, row.document)
                return rank
        return None

    def _external(self, id: str) -> tuple[Kind, int] | None:
        ours = own(self.namespace, id)
        if ours is not None:
            kind, native = ours
            rank = self._rank(kind, native)
            if rank is not None:
                return kind, rank
        for value in self._external_ids(hash_of(id)):
            kind, rank = kind_and_rank(value)
            if id in self._more(kind, rank).get("ids", ()):
                return kind, rank
        return None

    def _more(self, kind: Kind, rank: int) -> dict[str, Any]:
        row = self._ask(_MORE[kind], (rank,)).fetchone()
        if row is None or not row[0]:
            return {}
        more: dict[str, Any] = msgspec.json.decode(self._plain_more(row[0]))
        return more

    def _read_album(self, rank: int) -> bytes:
        """Whole, with its artists."""
        row = self._row_of["album"](rank)
        if row is None:
            raise self._missing("album", rank)
        return self._with_artists(row)

    def _with_artists(self, row: Row) -> bytes:
        return b"%s%s}" % (row.document[:-1], self._credits(row.artists)) if row.artists else row.document

    def _credits(self, packed: bytes) -> bytes:
        artists = self._artists
        if len(packed) == 4:
            return b',"artists":[%s]' % artists[int.from_bytes(packed, "little")]
        return b',"artists":[%s]' % b",".join([artists[rank] for rank in unpacked(packed)])

    def _read_artist(self, rank: int) -> bytes:
        row = self._row_of["artist"](rank)
        if row is None:
            raise self._missing("artist", rank)
        return row.document

    def _opened_bodies(self, kind: Kind, dictionary: bytes) -> Bodies:
        path = self.folder / BODIES[kind]
        try:
            return Bodies(self.folder, kind, dictionary)
        except OSError as error:
            raise SnapshotDamaged(path, (error.strerror or str(error)).lower()) from error
        except (zstandard.ZstdError, ValueError) as error:
            raise SnapshotDamaged(path, str(error)) from error

    def _missing(self, kind: Kind, rank: int) -> SnapshotDamaged:
        return SnapshotDamaged(self.folder / BODIES[kind], f"there is no {kind} {rank} in it")

    def _damage(self, error: Exception, kind: Kind | None = None) -> SnapshotDamaged:
        in_documents = kind is not None and isinstance(error, (zstandard.ZstdError, IndexError))
        return SnapshotDamaged(self.folder / BODIES[kind] if in_documents and kind else self.path, str(error))


class _Fragments(dict[int, bytes]):
    """What was asked for lately by its rank, at most twice `most`; `read` gives what is not here.

    Two generations, of which the older is dropped as a whole. What is here costs no more than a dictionary does.
    """

    def __init__(self, most: int, read: Callable[[int], bytes]) -> None:
        super().__init__()
        self._most = most
        self._read = read
        self._old: dict[int, bytes] = {}

    def __missing__(self, rank: int) -> bytes:
        fragment = self._old.get(rank)
        if fragment is None:
            fragment = self._read(rank)
        self.keep(rank, fragment)
        return fragment

    def keep(self, rank: int, fragment: bytes) -> None:
        if len(self) >= self._most:
            self._old = dict(self)
            self.clear()
        self[rank] = fragment


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=64,
    )
    connection.execute(f"PRAGMA cache_size = -{PAGE_CACHE_KIB}")
    connection.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}")
    return connection
