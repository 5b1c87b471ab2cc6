"""Records that were added to a snapshot between two builds, and the small snapshot that is made of them.

They lie beside the snapshot, which never changes: `SNAPSHOT.overlay/additions.db` has the records as they were given,
`SNAPSHOT.overlay/snapshot` is built of all of them each time some are added. So they are found by everything a catalogue
is found by. Some thousands are meant; beyond, build anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from segue.catalog.build.building import Options, build
from segue.catalog.overlay.reading import COMPILED, overlay_of
from segue.catalog.records import Album, Artist, Counts, Damage, Kind, Source, Track

ADDITIONS = "additions.db"
FIRST_KEY = 1 << 61
"""Keys of additions begin here when they are folded in: behind those of any source that counts its rows."""

R = TypeVar("R", Artist, Album, Track)
_KINDS: dict[Kind, type[Artist] | type[Album] | type[Track]] = {"artist": Artist, "album": Album, "track": Track}
_encode = msgspec.msgpack.Encoder().encode


class Additions:
    """What was added to `snapshot`, whose ids are of `namespace`. One writer at a time; readers open the small snapshot."""

    def __init__(self, snapshot: Path, namespace: str, licence: str) -> None:
        self.folder = overlay_of(snapshot)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._namespace = namespace
        self._licence = licence
        with closing(self._open()) as database:
            database.execute(
                "CREATE TABLE IF NOT EXISTS addition "
                "(number INTEGER PRIMARY KEY AUTOINCREMENT, namespace TEXT, kind TEXT, id TEXT, record BLOB, UNIQUE (kind, id))"
            )

    def add(self, artists: Sequence[Artist] = (), albums: Sequence[Album] = (), tracks: Sequence[Track] = ()) -> None:
        """Add records, which name one another by keys that mean something among themselves alone.

        All that a record names belongs to what is added: the album of a track and the artists of both, also those that
        the snapshot has already. What has the same id as a row of the snapshot, or as an earlier addition, takes its
        place. When this returns, all of it is on the disk and ready to be opened.
        """
        ids: dict[tuple[Kind, int], str] = {}
        for kind, records in _by_kind(artists, albums, tracks):
            ids |= {(kind, record.key): record.id for record in records}
        with closing(self._open()) as database:
            database.execute("BEGIN IMMEDIATE")
            for kind, records in _by_kind(artists, albums, tracks):
                for record in records:
                    named = _Addition(_encode(record), _named(ids, record))
                    database.execute("DELETE FROM addition WHERE kind = ? AND id = ?", (kind, record.id))
                    database.execute(
                        "INSERT INTO addition(namespace, kind, id, record) VALUES (?, ?, ?, ?)",
                        (self._namespace, kind, record.id, _encode(named)),
                    )
            database.execute("COMMIT")
        self._compile()

    def last(self) -> int:
        """The number of the newest addition; 0 where nothing was ever added."""
        with closing(self._open()) as database:
            (number,) = database.execute("SELECT coalesce(max(number), 0) FROM addition").fetchone()
        return int(number)

    def forget(self, last: int) -> None:
        """Those up to a number are in the snapshot now."""
        with closing(self._open()) as database:
            database.execute("DELETE FROM addition WHERE number <= ?", (last,))
        self._compile()

    def source(self) -> AdditionsSource:
        """All of them as a source of records."""
        found: dict[Kind, list[_Addition]] = {"artist": [], "album": [], "track": []}
        with closing(self._open()) as database:
            rows = database.execute(
                "SELECT kind, record FROM addition WHERE namespace = ? ORDER BY number", (self._namespace,)
            )
            for kind, record in rows:
                found[kind].append(msgspec.msgpack.decode(record, type=_Addition))
        return AdditionsSource(found, self._namespace, self._licence, str(self.last()))

    def _compile(self) -> None:
        build(self.source(), self.folder / COMPILED, Options(trigram=True, keep=0))

    def _open(self) -> sqlite3.Connection:
        database = sqlite3.connect(self.folder / ADDITIONS, isolation_level=None, timeout=30)
        database.execute("PRAGMA synchronous = FULL")
        return database


class _Addition(msgspec.Struct):
    """A record, and the ids of what it names, by kind."""

    record: bytes
    named: dict[str, tuple[str, ...]]


class AdditionsSource:
    """A Source over additions: keys are given anew, from the ids that they name."""

    name = "additions"

    def __init__(self, found: dict[Kind, list[_Addition]], namespace: str, licence: str, version: str) -> None:
        self.namespace = namespace
        self.licence = licence
        self.damage: list[Damage] = []
        self.position = ""
        self._version = version
        self._records: dict[Kind, list[Any]] = {
            kind: [msgspec.msgpack.decode(one.record, type=_KINDS[kind]) for one in some]
            for kind, some in found.items()
        }
        keys: dict[Kind, dict[str, int]] = {
            kind: {record.id: FIRST_KEY + number for number, record in enumerate(records)}
            for kind, records in self._records.items()
        }
        for kind, some in found.items():
            for record, one in zip(self._records[kind], some, strict=True):
                record.key = keys[kind][record.id]
                for member in ("artists", "appears"):
                    if member in one.named:
                        setattr(record, member, tuple(keys["artist"][id] for id in one.named[member]))
                if "album" in one.named:
                    record.album = next((keys["album"][id] for id in one.named["album"]), 0)

    def identity(self) -> str:
        return self._version

    def counts(self) -> Counts:
        return Counts(*(len(self._records[kind]) for kind in ("track", "album", "artist")))

    def artists(self, after: str = "") -> Iterator[Artist]:
        return self._stream("artist", after)

    def albums(self, after: str = "") -> Iterator[Album]:
        return self._stream("album", after)

    def tracks(self, after: str = "") -> Iterator[Track]:
        return self._stream("track", after)

    def _stream(self, kind: Kind, after: str) -> Iterator[Any]:
        first = int(after or 0)
        for number, record in enumerate(self._records[kind][first:], first + 1):
            self.position = str(number)
            yield record


class FoldedIn:
    """A source, and behind it what was added to the snapshot that it makes: a build takes it instead of the source.

    Where the source has come to know an id that was added, the more popular of both rows stays, and what names either
    is led to it. `folded` is called when the snapshot has them.
    """

    def __init__(self, source: Source, snapshot: Path) -> None:
        self.name = source.name
        self.namespace = source.namespace
        self.licence = source.licence
        self.damage = source.damage
        self._source = source
        self._of = Additions(snapshot, source.namespace, source.licence)
        self._additions = self._of.source()
        self._among_additions = False

    @property
    def any(self) -> bool:
        """Whether there is anything to fold in."""
        counts = self._additions.counts()
        return bool(counts.tracks or counts.albums or counts.artists)

    def folded(self) -> None:
        """Those that were added meanwhile stay before the new snapshot."""
        self._of.forget(int(self._additions.identity()))

    @property
    def position(self) -> str:
        return f"+{self._additions.position}" if self._among_additions else self._source.position

    def identity(self) -> str:
        return f"{self._source.identity()}+{self._additions.identity()}"

    def counts(self) -> Counts:
        own, added = self._source.counts(), self._additions.counts()
        return Counts(own.tracks + added.tracks, own.albums + added.albums, own.artists + added.artists)

    def artists(self, after: str = "") -> Iterator[Artist]:
        return self._joined(self._source.artists, self._additions.artists, after)

    def albums(self, after: str = "") -> Iterator[Album]:
        return self._joined(self._source.albums, self._additions.albums, after)

    def tracks(self, after: str = "") -> Iterator[Track]:
        return self._joined(self._source.tracks, self._additions.tracks, after)

    def _joined(self, own: Any, added: Any, after: str) -> Iterator[Any]:
        self._among_additions = after.startswith("+")
        if not self._among_additions:
            yield from own(after)
            self._among_additions = True
        yield from added(after[1:] if after.startswith("+") else "")


def _by_kind(
    artists: Iterable[Artist], albums: Iterable[Album], tracks: Iterable[Track]
) -> tuple[tuple[Kind, Iterable[Any]], ...]:
    return ("artist", artists), ("album", albums), ("track", tracks)


def _named(ids: dict[tuple[Kind, int], str], record: Artist | Album | Track) -> dict[str, tuple[str, ...]]:
    def of(kind: Kind, keys: Iterable[int]) -> tuple[str, ...]:
        return tuple(ids[kind, key] for key in keys if (kind, key) in ids)

    if isinstance(record, Artist):
        return {}
    if isinstance(record, Album):
        return {"artists": of("artist", record.artists), "appears": of("artist", record.appears)}
    return {"artists": of("artist", record.artists), "album": of("album", (record.album,))}
