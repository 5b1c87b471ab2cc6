"""What search asks of the documents themselves: names, and who belongs to whom."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from segue.catalog.records import Kind
from segue.catalog.search.tables import KINDS
from segue.catalog.snapshot.bodies import Bodies
from segue.catalog.snapshot.layout import CATALOG, decompressor, unpacked
from segue.catalog.snapshot.maps import Map, spread

_REMEMBERED = 16_384


class _Document(Struct):
    name: str
    label: str = ""
    genres: list[str] = []


_read = msgspec.json.Decoder(_Document).decode
_NOTHING = _Document("")


class _More(Struct):
    genres: list[str] = []


_read_more = msgspec.json.Decoder(_More).decode


class Links:
    """For one thread at a time."""

    def __init__(self, folder: Path) -> None:
        self.db = opened(folder / CATALOG)
        self._ask = self.db.cursor().execute
        meta = dict(self._ask("SELECT name, value FROM meta"))
        self._bodies = {kind: Bodies(folder, kind, meta[f"zstd.{kind}"]) for kind in KINDS}
        self._belongs = self._bodies["track"].belongs
        self._plain_more = decompressor(meta["zstd.more"]).decompress
        self._isrcs = Map(self.db, "isrc", int(meta["bits.isrc"])).ranks
        self._upcs = Map(self.db, "upc", int(meta["bits.upc"])).ranks
        self._artist_names: dict[int, str] = {}

    def close(self) -> None:
        self.db.close()
        for bodies in self._bodies.values():
            bodies.close()

    def name(self, kind: Kind, rank: int) -> str:
        """Empty where there is no such row."""
        return self._document(kind, rank).name

    def names(self, kind: Kind, rank: int) -> tuple[str, list[str]]:
        """The name of a track or an album, and those of who is credited on it."""
        row = self._bodies[kind].row(rank)
        if row is None:
            return "", []
        return _read(row.document).name, [self._artist_name(artist) for artist in unpacked(row.artists)]

    def label(self, album: int) -> str:
        return self._document("album", album).label

    def genres(self, kind: Kind, rank: int) -> list[str]:
        """Of an artist, or an album's own."""
        if kind == "artist":
            return self._document(kind, rank).genres
        row = self._ask(f"SELECT more FROM {kind} WHERE rank = ?", (rank,)).fetchone()
        return _read_more(self._plain_more(row[0])).genres if row and row[0] else []

    def artist_names(self, kind: Kind, rank: int) -> list[str]:
        """Of who is credited on a track or an album."""
        return [self._artist_name(artist) for artist in self.artists(kind, rank)]

    def artists(self, kind: Kind, rank: int) -> Sequence[int]:
        """Of a track or an album, in order of credit; of an artist itself."""
        if kind == "artist":
            return (rank,)
        return unpacked(self._bodies[kind].belongs(rank)[1])

    def album(self, track: int) -> int:
        """0 where it has none."""
        return self._belongs(track)[0]

    def album_and_artists(self, track: int) -> tuple[int, Sequence[int]]:
        album, artists = self._belongs(track)
        return album, unpacked(artists)

    def tracks(self, album: int) -> Sequence[int]:
        row = self._ask("SELECT tracks FROM album WHERE rank = ?", (album,)).fetchone()
        return unpacked(row[0]) if row else ()

    def albums(self, artist: int) -> Sequence[int]:
        """Those it only appears on among them."""
        row = self._ask("SELECT albums FROM artist WHERE rank = ?", (artist,)).fetchone()
        return unpacked(row[0]) if row else ()

    def isrc(self, code: int) -> list[int]:
        """Tracks."""
        return self._isrcs(spread(code))

    def upc(self, code: int) -> list[int]:
        """Albums."""
        return self._upcs(spread(code))

    def _document(self, kind: Kind, rank: int) -> _Document:
        row = self._bodies[kind].row(rank)
        return _read(row.document) if row else _NOTHING

    def _artist_name(self, rank: int) -> str:
        name = self._artist_names.get(rank)
        if name is None:
            if len(self._artist_names) >= _REMEMBERED:
                self._artist_names.clear()
            name = self._artist_names[rank] = self.name("artist", rank)
        return name


def opened(path: Path) -> sqlite3.Connection:
    """A file that never changes, to read; mapped into memory as far as SQLite allows."""
    db = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False, isolation_level=None
    )
    db.execute("PRAGMA mmap_size = 1099511627776")
    db.execute("PRAGMA cache_size = -4096")
    db.execute("PRAGMA query_only = 1")
    return db
