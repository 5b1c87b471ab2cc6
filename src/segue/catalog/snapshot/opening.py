"""Opens a snapshot, or the one before it where it is damaged; and watches for a new one, which takes its place while it runs."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

import structlog

from segue.catalog.current import Current
from segue.catalog.local import THREADS, LocalBackend
from segue.catalog.overlay.reading import compiled, over
from segue.catalog.snapshot.layout import KINDS, MANIFEST, SEARCH, TRIGRAM, WS2
from segue.catalog.snapshot.manifest import (
    BUILDING,
    Manifest,
    NoSnapshot,
    OtherFormat,
    Share,
    SnapshotDamaged,
    previous,
    read_manifest,
)
from segue.catalog.snapshot.store import SnapshotStore
from segue.catalog.store import Backend, Searcher
from segue.catalog.ws2.pool import Ws2Pool

log = structlog.get_logger("segue.catalog")

LOOKS_EVERY_S = 1.0
CHECKED_AT_ONCE = 64 << 20
"""Up to so many bytes the checksums are compared before anybody is answered (a quarter of a second); beyond, behind it."""
CHECK_BYTES_PER_S = 200 << 20
"""How fast the checksums of a large snapshot are taken while it is served."""
SWAP_WAIT_S = 1.0
"""How long a folder may be away before it counts as a swap that was interrupted."""
_CHUNK = 4 << 20


class Stamp(NamedTuple):
    """Of a manifest file: another one has another stamp, even one with the same words."""

    device: int
    inode: int
    modified_ns: int
    size: int


class SnapshotBackend(LocalBackend):
    """A snapshot that is open: `folder` is where it lay then, which is a previous one's where the newest is damaged."""

    def __init__(self, folder: Path, manifest: Manifest, stamp: Stamp, threads: int) -> None:
        super().__init__(
            *over(
                folder,
                partial(SnapshotStore, folder, manifest),
                partial(_searcher, folder, manifest.share) if SEARCH in manifest.parts else None,
            ),
            substring=TRIGRAM in manifest.parts,
            threads=threads,
        )
        self.folder = folder
        self.manifest = manifest
        self.stamp = stamp
        self.ws2: Ws2Pool | None = None
        if WS2 in manifest.parts:
            try:
                self.ws2 = Ws2Pool(folder / WS2)
            except SnapshotDamaged:
                super().close_now()
                raise

    def close_now(self) -> None:
        super().close_now()
        if self.ws2 is not None:
            self.ws2.close()


def open_snapshot(
    folder: Path, *, threads: int = THREADS, without: Collection[Stamp] = (), check: bool = True
) -> SnapshotBackend:
    """The snapshot in `folder`; where it is damaged, the newest of the previous ones that is not (the log says so, loudly).

    Sizes and the first and last documents are looked at always, checksums of small snapshots with `check`. Those whose
    stamp is in `without` are passed over. Raises NoSnapshot, SnapshotDamaged, OtherFormat: what is wrong with `folder`
    itself, when there is no good one before it.
    """
    finish_swap(folder)
    first: NoSnapshot | SnapshotDamaged | OtherFormat | None = None
    for candidate in _candidates(folder):
        try:
            if stamp(candidate) in without:
                raise SnapshotDamaged(candidate, "it was found damaged while it was served")
            backend = _opened(candidate, threads, check)
        except (NoSnapshot, SnapshotDamaged, OtherFormat) as error:
            first = first or error
            continue
        if first is not None:
            log.error(
                "previous_snapshot_served",
                why=first.message,
                served=str(candidate),
                id=backend.id,
                hint="`segue catalog verify` says what is damaged; build it again or copy it again.",
            )
        return backend
    assert first is not None
    raise first


def finish_swap(folder: Path) -> bool:
    """Do the second rename of a swap that a crash interrupted after the first; whether there was one to do.

    A build renames the old snapshot away and the new one into place. Between the two there is no folder of that name, for
    microseconds if the build lives.
    """
    beside = folder.with_name(folder.name + BUILDING)
    until = time.monotonic() + SWAP_WAIT_S
    while not folder.exists():
        if not (beside / MANIFEST).exists():
            return False
        if time.monotonic() > until:
            with suppress(OSError):
                beside.rename(folder)
                log.warning("swap_finished", folder=str(folder), why="A build was interrupted between its two renames.")
                return True
            return False
        time.sleep(0.05)
    return False


def stamp(folder: Path) -> Stamp | None:
    """Of the manifest in `folder`; None where there is none."""
    try:
        found = (folder / MANIFEST).stat()
    except OSError:
        return None
    return Stamp(found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)


def _stamps(folder: Path) -> tuple[Stamp | None, Stamp | None]:
    """Of the snapshot in `folder` and of what was added to it."""
    return stamp(folder), stamp(compiled(folder))


def check_sizes(folder: Path, manifest: Manifest) -> None:
    """Raises SnapshotDamaged naming the first file that is away or has another size than the manifest says."""
    for name, part in manifest.parts.items():
        path = folder / name
        try:
            size = path.stat().st_size
        except OSError as error:
            raise SnapshotDamaged(path, (error.strerror or str(error)).lower()) from None
        if size != part.bytes:
            raise SnapshotDamaged(path, f"it has {size:,} bytes, the manifest says {part.bytes:,}")


def check_sums(folder: Path, manifest: Manifest, *, bytes_per_s: float | None = None) -> None:
    """Read all of it. Raises SnapshotDamaged naming the first file whose SHA-256 is another than the manifest says."""
    for name, part in manifest.parts.items():
        path = folder / name
        found = hashlib.sha256()
        try:
            with path.open("rb", buffering=0) as file:
                while chunk := file.read(_CHUNK):
                    found.update(chunk)
                    if bytes_per_s:
                        time.sleep(len(chunk) / bytes_per_s)
        except OSError as error:
            raise SnapshotDamaged(path, (error.strerror or str(error)).lower()) from None
        if found.hexdigest() != part.sha256:
            raise SnapshotDamaged(path, "its SHA-256 is not the one that the manifest says")


class Watcher:
    """Puts a new snapshot into `current` as soon as it lies in `folder`, and a previous one when the served one is damaged."""

    def __init__(self, folder: Path, current: Current, *, threads: int = THREADS, check: bool = True) -> None:
        self._folder = folder
        self._current = current
        self._threads = threads
        self._check = check
        self._seen = _stamps(folder)
        self._damaged: set[Stamp] = set()
        self._changing = asyncio.Lock()
        self._looking = asyncio.Lock()
        self._checking: asyncio.Task[None] | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`: look once a second, and check large snapshots behind what is served."""
        self._check_later()
        while not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOKS_EVERY_S)
                break
            await self.look()
        if self._checking is not None:
            self._checking.cancel()

    async def look(self) -> None:
        """What lies there is what is served when this returns, unless it cannot be opened."""
        async with self._looking:
            found = await asyncio.to_thread(_stamps, self._folder)
            if found[0] is None or found == self._seen:
                return
            self._seen = found
            if await self._open_again():
                self._check_later()

    def _check_later(self) -> None:
        if self._checking is not None:
            self._checking.cancel()
        self._checking = asyncio.create_task(self._check_behind()) if self._check else None

    async def distrust(self, backend: Backend, why: SnapshotDamaged) -> bool:
        """`backend` was found damaged: serve the one before. Whether another one answers now."""
        async with self._changing:
            if self._current.now is not backend:
                return True
            if not isinstance(backend, SnapshotBackend) or backend.stamp in self._damaged:
                return False
            self._damaged.add(backend.stamp)
        log.error("snapshot_damaged", file=str(why.file), why=why.why)
        return await self._open_again()

    async def _open_again(self) -> bool:
        async with self._changing:
            opening = partial(
                open_snapshot, self._folder, threads=self._threads, without=self._damaged, check=self._check
            )
            try:
                backend = await asyncio.to_thread(opening)
            except (NoSnapshot, SnapshotDamaged, OtherFormat) as error:
                log.error("snapshot_not_opened", why=error.message, hint=error.hint, served=self._current.now.id)
                return False
            now = self._current.now
            if isinstance(now, SnapshotBackend) and (now.stamp, now.id) == (backend.stamp, backend.id):
                backend.close_now()  # the new one is damaged, and what is served is the one before it
                return False
            log.info("snapshot_opened", id=backend.id, tracks=backend.store.counts().tracks)
            self._current.change(backend)
            return True

    async def _check_behind(self) -> None:
        """The checksums of what is served now, at a pace that leaves the disk to readers."""
        backend = self._current.now
        if not isinstance(backend, SnapshotBackend) or _is_small(backend.manifest):
            return
        checking = partial(check_sums, backend.folder, backend.manifest, bytes_per_s=CHECK_BYTES_PER_S)
        try:
            await asyncio.to_thread(checking)
        except SnapshotDamaged as error:
            # a folder that was renamed meanwhile is another snapshot by now
            if stamp(backend.folder) == backend.stamp:
                await self.distrust(backend, error)


def _candidates(folder: Path) -> Iterator[Path]:
    yield folder
    number = 1
    while (candidate := previous(folder, number)).exists():
        yield candidate
        number += 1


def _opened(folder: Path, threads: int, check: bool) -> SnapshotBackend:
    while True:
        before = _stamps(folder)
        manifest = read_manifest(folder)
        check_sizes(folder, manifest)
        if check and _is_small(manifest):
            check_sums(folder, manifest)
        if before[0] is None:
            continue  # it came while we looked
        backend = SnapshotBackend(folder, manifest, before[0], threads)
        try:
            _look_at(backend)
        except SnapshotDamaged:
            backend.close_now()
            raise
        if _stamps(folder) == before:
            return backend
        backend.close_now()  # another was put in its place meanwhile


def _look_at(backend: SnapshotBackend) -> None:
    """Read the first and the last document of each kind."""
    store = backend.store
    counts = backend.manifest.counts
    for kind, most in zip(KINDS, (counts.tracks, counts.albums, counts.artists), strict=True):
        ends = sorted({1, most}) if most else []
        if kind == "track" and backend.manifest.share is not None:
            ends = [backend.manifest.share.first, backend.manifest.share.last]
        read = {"track": store.tracks, "album": store.albums, "artist": store.artists}[kind]
        read(ends)
        store.more(kind, ends)


def _is_small(manifest: Manifest) -> bool:
    return sum(part.bytes for part in manifest.parts.values()) <= CHECKED_AT_ONCE


def _searcher(folder: Path, share: Share | None) -> Searcher:
    if share is not None:
        from segue.catalog.scale.searching import ShardSearcher

        return ShardSearcher(folder, share)
    from segue.catalog.search.searcher import SnapshotSearcher

    return SnapshotSearcher(folder)
