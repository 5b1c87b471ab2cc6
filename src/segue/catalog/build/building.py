"""From a source to a snapshot, stage by stage; what a stage has made stays, so that a build that was killed goes on there.

    dictionaries   of the first records of each kind: what compression begins from
    artists        staged: read, compressed, hashed, in sorted runs; then ranked: from key to rank, names by rank
    albums         the same, with their artists' ranks
    tracks         staged, with the ranks of their albums and artists
    writing        catalog.db, kind by kind in order of rank, and the maps from ids
    search         search.db and trigram.db
    beside         what the source makes of its own documents (ws2.db)
    check          against the source; then the manifest, and into place

Memory does not grow with the source but for arrays of four bytes an artist and eight an album, which are mapped files
(docs/catalog.md has the arithmetic). Everything lies in `SNAPSHOT.building` until it is put into place.
"""

from __future__ import annotations

import errno
import gc
import hashlib
import resource
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from segue.catalog.build import fragments, ranking, writing
from segue.catalog.build import state as states
from segue.catalog.build.checking import differences
from segue.catalog.build.errors import BuildCancelled, NoRoom, NotWhatItSays
from segue.catalog.build.holding import held
from segue.catalog.build.keys import RankOf
from segue.catalog.build.problems import Problems
from segue.catalog.build.ranking import Ranked
from segue.catalog.build.runs import Runs
from segue.catalog.build.search_rows import write_search
from segue.catalog.build.staging import AlbumStager, ArtistStager, Stager, TrackStager, trained
from segue.catalog.build.state import WORK, Staged
from segue.catalog.build.swapping import building, check_place, put_in_place
from segue.catalog.overlay.reading import overlay_of
from segue.catalog.records import Counts, Kind, Source
from segue.catalog.snapshot.bodies import FILES
from segue.catalog.snapshot.layout import CATALOG, FORMAT, SEARCH, TRIGRAM
from segue.catalog.snapshot.manifest import Manifest, Part, Problem, write_manifest
from segue.catalog.snapshot.opening import finish_swap
from segue.catalog.sources import Beside, Prepared
from segue.core.clock import utc_now

if TYPE_CHECKING:
    from segue.catalog.overlay.additions import FoldedIn

Progress = Callable[[int, int, str], None]
"""`progress(done, total, what)`; `total` is 0 where it is not known."""

BLOCK = 4096
DICTIONARY_BYTES = 65_536
SAMPLES: dict[Kind, int] = {"artist": 2_000, "album": 4_000, "track": 8_000}
PLACES = 32
"""Places in the source that are remembered for each kind, to be read again in the check."""
OBJECTS_BEFORE_A_LOOK = 300_000
"""New objects of this process before the garbage collector looks through them; more than a block makes."""
KINDS: tuple[Kind, ...] = ("artist", "album", "track")


class Options(Struct, frozen=True):
    """`trigram`: with an index for substrings. `keep`: previous snapshots that stay. `workers`: threads that compress."""

    trigram: bool = False
    keep: int = 1
    workers: int = 1


class Built(Struct, frozen=True):
    """What came of a build. `resumed`: it went on from one that did not end; `begun_anew`: there was one of something else."""

    snapshot: str
    id: str
    counts: Counts
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    bytes: dict[str, int]
    problems: dict[str, Problem]
    stages: dict[str, float]
    resumed: bool
    begun_anew: bool


def build(
    source: Source,
    out: Path,
    options: Options = Options(),
    progress: Progress = lambda done, total, what: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Built:
    """Build the snapshot `out` and put it into place.

    Raises AlreadyBuilding, BuildCancelled, NoRoom, NotASnapshotFolder, NotWhatItSays, and what the source raises. In each
    case what is served at `out` is as it was, and the next build of the same source goes on where this one was.
    """
    out = out.absolute()
    check_place(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with held(out), _room(out), _calm_collector():
        finish_swap(out)
        additions = _additions(source, out)
        built = _Build(source, additions, out, options, progress, cancelled).run()
        if additions is not None:
            additions.folded()
        return built


def _additions(source: Source, out: Path) -> FoldedIn | None:
    """What was added to the snapshot that is built anew, where it is of the same namespace."""
    if not overlay_of(out).exists():
        return None
    from segue.catalog.overlay.additions import FoldedIn

    found = FoldedIn(source, out)
    return found if found.any else None


class _Build:
    def __init__(
        self,
        source: Source,
        additions: FoldedIn | None,
        out: Path,
        options: Options,
        progress: Progress,
        cancelled: Callable[[], bool],
    ) -> None:
        self._given = source
        self._source: Source = additions or source
        self._out = out
        self._options = options
        self._progress = progress
        self._cancelled = cancelled
        self._folder = building(out)
        self._work = self._folder / WORK
        self._identity = source.identity()
        key = f"{FORMAT} {options.trigram} {source.name} {self._source.identity()}"
        key = hashlib.sha256(key.encode()).hexdigest()
        self._state, _ = states.read(out, key)
        self._begun_anew = False
        self._in_place = self._state.manifest is not None
        if not self._in_place:
            (out / states.STATE).unlink(missing_ok=True)
            self._state, self._begun_anew = states.read(self._folder, key)
        self._resumed = bool(self._state.done or self._state.staged)
        if not self._resumed:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._problems = Problems(self._state.problems)
        self._began = time.monotonic() - self._state.seconds
        self._cpu_began = time.process_time() - self._state.cpu_seconds

    def run(self) -> Built:
        manifest = self._state.manifest or self._build()
        if not self._in_place:
            shutil.rmtree(self._work, ignore_errors=True)
            write_manifest(self._folder, manifest)
            put_in_place(self._out, self._options.keep)
        (self._out / states.STATE).unlink(missing_ok=True)
        return self._built(manifest)

    def _build(self) -> Manifest:
        self._work.mkdir(parents=True, exist_ok=True)
        if isinstance(self._given, Prepared):
            self._given.prepare(self._prepared)
        self._expected = self._source.counts()
        self._stage("dictionaries", self._train)
        self._dictionaries = {name: (self._work / f"{name}.dictionary").read_bytes() for name in (*KINDS, "more")}
        self._stage("artist.staged", lambda: self._read("artist"))
        self._stage("artist.ranked", lambda: self._rank("artist"))
        self._stage("album.staged", lambda: self._read("album"))
        self._stage("album.ranked", lambda: self._rank("album"))
        self._stage("track.staged", lambda: self._read("track"))
        self._stage("track.ranked", lambda: self._rank("track"))
        self._stage("meta", lambda: self._write(lambda db: writing.write_meta(db, self._dictionaries)))
        ranked = {kind: self._ranked(kind) for kind in KINDS}
        self._stage("tracks", lambda: self._write(lambda db: self._write_tracks(db, ranked)))
        self._stage("albums", lambda: self._write(lambda db: self._write_albums(db, ranked)))
        self._stage("artists", lambda: self._write(lambda db: self._write_artists(db, ranked)))
        self._stage("external", lambda: self._write(lambda db: self._write_external(db, ranked)))
        self._stage("search", lambda: self._search(ranked))
        if isinstance(source := self._given, Beside):
            self._stage("beside", lambda: source.write_beside(self._folder, self._prepared))
        return self._checked()

    def _prepared(self, done: int, total: int, what: str) -> None:
        self._look()
        self._progress(done, total, what)

    def _stage(self, name: str, work: Callable[[], None]) -> None:
        if name in self._state.done:
            return
        self._look()
        began = time.process_time()
        work()
        self._state.done.append(name)
        self._state.stages[name] = round(time.process_time() - began, 2)
        self._save()

    def _save(self) -> None:
        self._state.problems = self._problems.all()
        self._state.seconds = time.monotonic() - self._began
        self._state.cpu_seconds = time.process_time() - self._cpu_began
        states.write(self._folder, self._state)

    def _look(self) -> None:
        if self._cancelled():
            raise BuildCancelled(self._out)

    def _stream(self, kind: Kind, after: str) -> Iterator[Any]:
        if kind == "artist":
            return self._source.artists(after)
        return self._source.albums(after) if kind == "album" else self._source.tracks(after)

    def _of(self, kind: Kind) -> int:
        return {"artist": self._expected.artists, "album": self._expected.albums, "track": self._expected.tracks}[kind]

    def _told(self, what: str, total: int) -> Callable[[int], None]:
        done = 0
        self._progress(0, total, what)

        def told(more: int) -> None:
            nonlocal done
            done += more
            self._look()
            self._progress(done, total, what)

        return told

    def _train(self) -> None:
        mores: list[bytes] = []
        for kind, many in SAMPLES.items():
            self._progress(0, 0, f"learning what {kind}s have in common")
            stream = self._stream(kind, "")
            records = list(islice(stream, many))
            _close(stream)
            samples = [text for record in records if (text := _written(fragments.DOCUMENT[kind], record))]
            mores += [
                _written(fragments.more_document, more) for record in records if (more := fragments.MORE[kind](record))
            ]
            (self._work / f"{kind}.dictionary").write_bytes(trained(samples, DICTIONARY_BYTES))
            self._look()
        (self._work / "more.dictionary").write_bytes(trained([text for text in mores if text], DICTIONARY_BYTES))

    def _stager(self, kind: Kind) -> Stager:
        threads = self._options.workers if self._options.workers > 1 else 0
        base = self._dictionaries, self._source.namespace, self._problems, threads
        if kind == "artist":
            return ArtistStager(*base)
        artists, followers = RankOf(self._work, "artist"), ranking.followers(self._work)
        if kind == "album":
            return AlbumStager(*base, artists, followers)
        return TrackStager(*base, artists, followers, RankOf(self._work, "album"), ranking.album_places(self._work))

    def _read(self, kind: Kind) -> None:
        staged = self._state.staged.setdefault(kind, Staged())
        runs = Runs(self._work, kind, staged.runs)
        stager = self._stager(kind)
        told = self._told(f"reading {kind}s", self._of(kind))
        told(len(runs))
        stream = self._stream(kind, staged.position)
        extras, highest = staged.extras, staged.highest_key
        while records := list(islice(stream, BLOCK)):
            heads, bodies, with_ids = stager.block(records)
            extras += with_ids
            highest = max(highest, int(heads["key"].max(initial=0)))
            full = runs.add(heads, bodies)
            told(len(records))
            if full:
                self._keep(kind, runs, extras, highest)
        self._keep(kind, runs, extras, highest)

    def _keep(self, kind: Kind, runs: Runs, extras: int, highest: int) -> None:
        runs.flush()
        staged = self._state.staged[kind]
        staged.runs, staged.position = list(runs.runs), self._source.position
        staged.extras, staged.highest_key = extras, highest
        staged.places = [*staged.places[-PLACES + 1 :], staged.position]
        self._save()

    def _runs(self, kind: Kind) -> Runs:
        return Runs(self._work, kind, self._state.staged[kind].runs)

    def _ranked(self, kind: Kind) -> Ranked:
        return Ranked(self._work, kind, self._runs(kind), self._dictionaries[kind])

    def _rank(self, kind: Kind) -> None:
        runs = self._runs(kind)
        told = self._told(f"ranking {kind}s", len(runs))
        ranking.find_suspects(self._work, kind, runs)
        ranked = self._ranked(kind)
        highest = self._state.staged[kind].highest_key
        if kind == "artist":
            count = ranking.rank_artists(self._work, ranked, len(runs), highest, told)
        elif kind == "album":
            count = ranking.rank_albums(self._work, ranked, len(runs), highest, told)
        else:
            count = ranking.count_tracks(ranked, len(runs))
        self._state.counts[kind] = count
        ranking.tell_dropped(self._problems, kind, ranked)

    def _write(self, work: Callable[[sqlite3.Connection], None]) -> None:
        with writing.opened(self._folder / CATALOG) as connection:
            work(connection)

    def _write_tracks(self, db: sqlite3.Connection, ranked: dict[Kind, Ranked]) -> None:
        told = self._told("writing tracks", self._state.counts["track"])
        writing.write_tracks(
            db, self._folder, self._work, ranked["track"], self._state.staged["track"].extras > 0, told
        )

    def _write_albums(self, db: sqlite3.Connection, ranked: dict[Kind, Ranked]) -> None:
        told = self._told("writing albums", self._state.counts["album"])
        writing.write_albums(db, self._folder, self._work, ranked["album"], ranked["track"], told)

    def _write_artists(self, db: sqlite3.Connection, ranked: dict[Kind, Ranked]) -> None:
        told = self._told("writing artists", self._state.counts["artist"])
        writing.write_artists(db, self._folder, self._work, ranked["artist"], ranked["album"], told)

    def _write_external(self, db: sqlite3.Connection, ranked: dict[Kind, Ranked]) -> None:
        bearing = {kind: ranked[kind] for kind in KINDS if self._state.staged[kind].extras}
        told = self._told("writing ids of others", sum(self._state.counts[kind] for kind in bearing))
        writing.write_external_ids(db, self._work, bearing, told)

    def _search(self, ranked: dict[Kind, Ranked]) -> None:
        told = self._told("writing the search index", sum(self._state.counts.values()))
        write_search(
            self._folder, self._work, ranked["artist"], ranked["album"], ranked["track"],
            trigram=self._options.trigram, told=told,
        )  # fmt: skip

    def _checked(self) -> Manifest:
        """What is built agrees with its source; from here on nothing but moving is left."""
        manifest = self._manifest()
        self._progress(0, 0, "checking")
        places: dict[Kind, Any] = {kind: staged.places for kind, staged in self._state.staged.items()}
        found = differences(self._folder, self._work, manifest, self._source, places)
        if manifest.identity != self._given.identity():
            found.append("its files are others than when the build began")
        if found:
            (self._folder / states.STATE).unlink()  # nothing of this is worth going on from
            raise NotWhatItSays(self._folder, found)
        self._look()
        self._state.manifest = manifest
        self._save()
        return manifest

    def _built(self, manifest: Manifest) -> Built:
        cost = manifest.build
        return Built(
            snapshot=str(self._out),
            id=manifest.id,
            counts=manifest.counts,
            seconds=cost["seconds"],
            cpu_seconds=cost["cpu_seconds"],
            peak_bytes=int(cost["peak_bytes"]),
            bytes={name: part.bytes for name, part in manifest.parts.items()},
            problems=manifest.problems,
            stages=self._state.stages,
            resumed=self._resumed,
            begun_anew=self._begun_anew,
        )

    def _manifest(self) -> Manifest:
        self._progress(0, 0, "taking checksums")
        names = [CATALOG, *FILES, SEARCH, *([TRIGRAM] if self._options.trigram else [])]
        names += self._given.beside if isinstance(self._given, Beside) else ()
        parts = {name: _part(self._folder / name) for name in names}
        id = hashlib.sha256("".join(part.sha256 for part in parts.values()).encode()).hexdigest()[:16]
        for damage in self._given.damage:
            self._problems.add("damaged_source", [f"{damage.file} at {damage.place}: {damage.why}"])
        return Manifest(
            format=FORMAT,
            id=id,
            made=f"{utc_now():%Y-%m-%dT%H:%M:%SZ}",
            source=self._source.name,
            namespace=self._source.namespace,
            licence=self._source.licence,
            identity=self._identity,
            counts=Counts(*(self._state.counts[kind] for kind in ("track", "album", "artist"))),
            parts=parts,
            problems=self._problems.all(),
            build={
                "seconds": round(time.monotonic() - self._began, 2),
                "cpu_seconds": round(time.process_time() - self._cpu_began, 2),
                "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            },
        )


@contextmanager
def _calm_collector() -> Iterator[None]:
    """Records are trees, freed as they go; looking through every few hundred for circles costs a tenth of the build."""
    usual = gc.get_threshold()
    gc.set_threshold(OBJECTS_BEFORE_A_LOOK, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


@contextmanager
def _room(out: Path) -> Iterator[None]:
    """A full disk, said as such."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        raise NoRoom(building(out), shutil.disk_usage(out.parent).free, error.strerror or str(error)) from error
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode not in (
            sqlite3.SQLITE_FULL,
            sqlite3.SQLITE_IOERR_WRITE,
            sqlite3.SQLITE_IOERR_TRUNCATE,
        ):
            raise
        raise NoRoom(building(out), shutil.disk_usage(out.parent).free, str(error)) from error


def _part(path: Path) -> Part:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Part(path.stat().st_size, digest)


def _written(document: Callable[[Any], bytes], record: Any) -> bytes:
    """Empty where it cannot be written; the stage that reads it tells."""
    try:
        return document(record)
    except (ValueError, TypeError, OverflowError):
        return b""


def _close(stream: Iterator[Any]) -> None:
    close = getattr(stream, "close", None)
    if close is not None:
        close()
