"""Sources that are one long file of releases: read once, and what comes of it kept on disk until the build is done.

Unpacking and parsing such a dump is most of the work, artists are spread over its releases, and how popular something is
shows only at its end. So its records are gathered in compressed frames first (a fifth of the dump's size), together with
the keys that are counted; then they are given as often as anybody wants, and going on behind a place costs nothing.

Dumps say nothing about popularity. What stands for it: of a track on how many releases its recording is (of Discogs, how
many versions its master has), of an album how many releases its release group has, of an artist how many releases
credit them; by the logarithm, from 0 for one to 100 for 128 or more (of an artist 4,096).
"""

from __future__ import annotations

import json
import os
import shutil
import struct
import tempfile
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec
import zstandard

from segue.catalog.records import Album, Artist, Counts, Damage, Track
from segue.catalog.sources.tally import KeySet, KeysOnDisk, Tally, popularity

Told = Callable[[int, int, str], None]
"""`told(done, total, what)`: how far the gathering is, in bytes of the dump's files."""

FORMAT = 1
"""Of what is gathered; another one is gathered anew."""
STATE = "gathered.json"
TABLES = "tables.db"
"""A scratch database, of sources that need one."""
FRAME = 500
"""Records of one frame."""
TOLD_EVERY = 200
"""Documents between two words about how far it is."""
CHECKPOINT = 20_000
"""Releases between two places to go on from."""
RELEASES, CREDITS = 7.0, 12.0
"""Doublings from the least to the most popular track or album, and artist."""
_LENGTH = struct.Struct("<I")

R = TypeVar("R", Artist, Album, Track)


class Spool(Generic[R]):
    """Records of one kind on disk, each with the key by which it is counted."""

    def __init__(self, folder: Path, kind: type[R]) -> None:
        name = kind.__name__.lower()
        self.path = folder / f"{name}s.records"
        self.keys_path = folder / f"{name}s.keys"
        self.counts_path = folder / f"{name}s.counts"
        self.count = 0
        self._decoder = msgspec.msgpack.Decoder(list[tuple[int, kind]])  # type: ignore[valid-type]
        self._encoder = msgspec.msgpack.Encoder()
        self._packer = zstandard.ZstdCompressor(level=1)
        self._held: list[tuple[int, R]] = []

    def open(self, state: dict[str, int]) -> None:
        """Go on writing where `flush` was called last."""
        self._file = self.path.open("r+b" if self.path.exists() else "w+b")
        self._file.truncate(state.get("records", 0))
        self._file.seek(state.get("records", 0))
        self.keys = KeysOnDisk(self.keys_path, state.get("keys", 0))
        self.count = state.get("count", 0)

    def add(self, key: int, record: R) -> None:
        self._held.append((key, record))
        self.count += 1
        if len(self._held) >= FRAME:
            self._write()

    def _write(self) -> None:
        if self._held:
            frame = self._packer.compress(self._encoder.encode(self._held))
            self._file.write(_LENGTH.pack(len(frame)) + frame)
            self._held.clear()

    def flush(self) -> dict[str, int]:
        """Have all that was added on disk; the state from which `open` goes on."""
        self._write()
        self._file.flush()
        os.fsync(self._file.fileno())
        return {"records": self._file.tell(), "keys": self.keys.flush(), "count": self.count}

    def close(self) -> None:
        self._file.close()
        self.keys.close()

    def read(self, after: str = "") -> Iterator[tuple[str, int, R]]:
        """Every record with its counting key, and the place behind it, from which a later `read` goes on."""
        offset, _, passed = after.partition(".")
        at, skip = int(offset or 0), int(passed or 0)
        unpack = zstandard.ZstdDecompressor().decompress
        with self.path.open("rb") as file:
            file.seek(at)
            while head := file.read(4):
                frame = self._decoder.decode(unpack(file.read(_LENGTH.unpack(head)[0])))
                for number, (key, record) in enumerate(frame[skip:], skip + 1):
                    yield f"{at}.{number}", key, record
                skip, at = 0, file.tell()


class Gathering:
    """What a dump's reader hands its records to."""

    def __init__(self, artists: Spool[Artist], albums: Spool[Album], tracks: Spool[Track], told: Told) -> None:
        self._artists, self._albums, self._tracks = artists, albums, tracks
        self.say = told
        self._known = KeySet(key for _, key, _ in artists.read()) if artists.count else KeySet()
        self._since = 0
        self.save: Callable[[str], None] = lambda place: None

    def knows_artist(self, key: int) -> bool:
        """Whether an artist has come; from now on it counts as one that has."""
        return not self._known.add(key)

    def artist(self, record: Artist) -> None:
        """An artist for which `knows_artist` said no."""
        self._artists.add(record.key, record)

    def album(self, group: int, record: Album) -> None:
        """A release, and the key of its release group or master."""
        self._albums.add(group, record)
        self._albums.keys.append(group)
        self._artists.keys.extend(set(record.artists))

    def track(self, recording: int, record: Track) -> None:
        """A track, and the key of its recording."""
        self._tracks.add(recording, record)
        self._tracks.keys.append(recording)

    def came_to(self, place: str, done: int, total: int, what: str) -> None:
        """One document more is done: say how far it is, and now and then keep the place to go on from."""
        self._since += 1
        if self._since % TOLD_EVERY == 0:
            self.say(done, total, what)
        if self._since >= CHECKPOINT:
            self._since = 0
            self.save(place)


class Gathered:
    """A source whose records are gathered first; see records.Source. `scratch` keeps them (and may be used again by
    another start over the same files); without it they go to a temporary folder.

    A subclass says `name`, `namespace`, `licence`, `_files` and `_gather`.
    """

    name: str
    namespace: str
    licence: str
    tracks_are_counted_by_album = False
    """Whether a track's key is that of its release group or master, of which there are no keys of their own."""

    def __init__(self, scratch: Path | None = None) -> None:
        self.damage: list[Damage] = []
        self.position = ""
        if scratch is None:
            scratch = Path(tempfile.mkdtemp(prefix="segue-catalog-"))
            weakref.finalize(self, shutil.rmtree, scratch, ignore_errors=True)
        self._scratch = scratch
        self._artists, self._albums, self._tracks = Spool(scratch, Artist), Spool(scratch, Album), Spool(scratch, Track)
        self._ready = False
        self._identity = ""
        self._tallies: dict[str, Tally] = {}

    def _files(self) -> list[Path]:
        """The files of the dump that are read."""
        raise NotImplementedError

    def _options(self) -> str:
        """What else decides about the records."""
        return ""

    def _gather(self, to: Gathering, place: str) -> None:
        """Read the dump from a place on, the beginning where it is empty."""
        raise NotImplementedError

    def _guess(self) -> Counts:
        """How many records there may be, from the sizes of the files."""
        raise NotImplementedError

    def identity(self) -> str:
        """Of the files' names, sizes and times as they were when first asked, and of the options."""
        if not self._identity:
            self._identity = self._identified()
        return self._identity

    def _identified(self) -> str:
        stats = [(path, path.stat()) for path in self._files()]
        said = [
            FORMAT,
            self.name,
            self._options(),
            *((path.name, stat.st_size, stat.st_mtime_ns) for path, stat in stats),
        ]
        return blake2b(repr(said).encode(), digest_size=16).hexdigest()

    def counts(self) -> Counts:
        """The truth once they are gathered, before that a guess."""
        if not self._ready:
            return self._guess()
        return Counts(self._tracks.count, self._albums.count, self._artists.count)

    def prepare(self, told: Told = lambda done, total, what: None) -> None:
        """Gather the records, or the rest of them. Raises OSError (a full disk); damage in the dump is none."""
        if self._ready:
            return
        self._scratch.mkdir(parents=True, exist_ok=True)
        state = self._state()
        self.damage[:] = [Damage(*one) for one in state.get("damage", [])]
        spools: dict[str, Spool[Any]] = {"artists": self._artists, "albums": self._albums, "tracks": self._tracks}
        if not state.get("complete"):
            for name, spool in spools.items():
                spool.open(state.get(name, {}))
            gathering = Gathering(self._artists, self._albums, self._tracks, told)
            gathering.save = self._save
            try:
                self._gather(gathering, state.get("place", ""))
                self._save("")
            finally:
                for spool in spools.values():
                    spool.close()
            for name, spool in spools.items():
                if not (name == "tracks" and self.tracks_are_counted_by_album):
                    told(0, 0, f"counting {name}")
                    Tally.of(spool.keys_path).write(spool.counts_path)
                spool.keys_path.unlink()
            state = self._state() | {"complete": True}
            self._write_state(state)
        for name, spool in spools.items():
            spool.count = state[name]["count"]
            if spool.counts_path.exists():
                self._tallies[name] = Tally.read(spool.counts_path)
        self._ready = True

    def artists(self, after: str = "") -> Iterator[Artist]:
        """See records.Source."""
        yield from self._given(self._artists, "artists", CREDITS, after)

    def albums(self, after: str = "") -> Iterator[Album]:
        """See records.Source."""
        yield from self._given(self._albums, "albums", RELEASES, after)

    def tracks(self, after: str = "") -> Iterator[Track]:
        """See records.Source."""
        yield from self._given(
            self._tracks, "albums" if self.tracks_are_counted_by_album else "tracks", RELEASES, after
        )

    def close(self) -> None:
        """Forget what was gathered; nothing else that may lie in the folder."""
        for spool in (self._artists, self._albums, self._tracks):
            for path in (spool.path, spool.keys_path, spool.counts_path):
                path.unlink(missing_ok=True)
        for name in (STATE, TABLES):
            (self._scratch / name).unlink(missing_ok=True)
        with suppress(OSError):
            self._scratch.rmdir()

    def _given(self, spool: Spool[R], counted: str, doublings: float, after: str) -> Iterator[R]:
        self.prepare()
        tally = self._tallies[counted]
        for place, key, record in spool.read(after):
            self.position = place
            record.popularity = popularity(tally[key], doublings)
            yield record

    def _save(self, place: str) -> None:
        """Keep a place from which another start goes on."""
        flushed = {
            "artists": self._artists.flush(),
            "albums": self._albums.flush(),
            "tracks": self._tracks.flush(),
        }
        damage = [(one.file, one.place, one.why) for one in self.damage]
        self._write_state({"identity": self.identity(), "place": place, "damage": damage, **flushed})

    def _state(self) -> dict[str, Any]:
        """What was kept of these very files; empty where there is nothing."""
        try:
            state = json.loads((self._scratch / STATE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return state if isinstance(state, dict) and state.get("identity") == self.identity() else {}

    def _write_state(self, state: dict[str, Any]) -> None:
        beside = self._scratch / f"{STATE}.new"
        beside.write_text(json.dumps(state), encoding="utf-8")
        beside.replace(self._scratch / STATE)
