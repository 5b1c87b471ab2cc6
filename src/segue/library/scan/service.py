"""The verbs of scanning: libraries, scans, and what they serve. Used alike by REST, Subsonic, the command line and jobs."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from prometheus_client.core import Metric

from segue.core.access import SYSTEM, Actor
from segue.core.clock import rfc3339, utc_now
from segue.core.db import Database, Transaction
from segue.core.ids import format_id
from segue.core.pool import PoolError, ProcessPool
from segue.core.storage import Storage
from segue.jobs import Cancelled, JobContext, JobService
from segue.jobs.repository import JobInfo
from segue.library.artwork import Format
from segue.library.found_lists import FoundLists
from segue.library.journal import repository as journals
from segue.library.journal.keeping import prune
from segue.library.metrics import count_scan
from segue.library.options import PlaylistFileOptions, options_of
from segue.library.pictures.cache import Round, bring_within
from segue.library.scan import hold, hold_rows, libraries, outage, repository, serving, watching
from segue.library.scan.errors import LibraryNotFound, NotConfirmed
from segue.library.scan.hold import Held, Paused
from segue.library.scan.paths import displayed, is_inside, name_of
from segue.library.scan.pipeline import Ground, Scan, ScanResult
from segue.library.scan.read import audio_key_at
from segue.library.scan.repository import Wanted
from segue.library.scan.serving import Picture, TrackSource
from segue.library.scan.tags.rules import Rules
from segue.library.scan.watch import Watcher
from segue.settings import Settings

SCAN = "library.scan"
REMOVE = "library.remove"
ARTWORK_ROUND = "library.artwork_round"
MOST_FOLDERS = 500
"""Folders that are asked for one by one; where more have changed, the whole library is looked at."""


@dataclass(frozen=True, slots=True)
class ScanStatus:
    """What is being scanned, and what there is. `count` is the tracks present; `scanning` is true from the acceptance of a
    request until its results can be seen."""

    scanning: bool
    count: int
    phase: str | None = None
    done: int | None = None
    total: int | None = None
    files_per_second: float | None = None
    eta_s: float | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    job: int | None = None
    stopped: dict[str, Any] | None = None
    """Why the last scan of a library stopped itself: {library, code, message, params}."""
    held: list[dict[str, Any]] = field(default_factory=list)
    """Libraries that are not scanned by themselves, and why: {library, code, journal, by, at}."""
    paused: bool = False
    """A scan is wanted and held back; `done` and `total` say how far it had come."""


@dataclass(frozen=True, slots=True)
class ScanTotals:
    """Folders, and files with problems."""

    folders: int
    problems: int


class ScanService:
    """Libraries and their scans. The process pools are made when first needed and end by themselves when idle."""

    def __init__(self, db: Database, jobs: JobService, storage: Storage, settings: Settings) -> None:
        self._db = db
        self._jobs = jobs
        self._storage = storage
        self._settings = settings
        self.on_library_removed: list[libraries.Removed] = []
        self.tag_rules: Callable[[], Awaitable[Rules | None]] = _usual_rules
        """What says by which rules tags are read."""
        self.on_scanned: list[Callable[[], Awaitable[object]]] = []
        """Asked when a scan has ended: whether there is something to do after it."""
        self.on_lists_found: list[Callable[[FoundLists], Awaitable[object]]] = []
        """Told which playlist files a scan that was done came by; before `on_scanned`."""
        self._readers: ProcessPool | None = None
        self._shrinkers: ProcessPool | None = None
        self._pictures = serving.Pictures(
            db, storage, self._shrinking_pool, settings.artwork.cache_mb * 2**20, self.request_artwork_round
        )

    async def close(self) -> None:
        """End the child processes."""
        for pool in (self._readers, self._shrinkers):
            if pool is not None:
                await pool.close()

    # --- libraries ----------------------------------------------------------------------------------------------------

    async def add_library(self, path: str | bytes, name: str | None = None, *, created_by: int | None = None) -> int:
        """Make the folder at `path` a library and ask for its scan; returns its number.

        Raises NoSuchFolder, LibraryOverlaps.
        """
        root = await libraries.checked_folder(path)
        async with self._db.write() as tx:
            library_id = await libraries.add(tx, name or displayed(name_of(root)) or displayed(root), root)
            await self._request(tx, library_id, created_by=created_by)
        return library_id

    async def playlist_files(self) -> dict[int, tuple[bytes, PlaylistFileOptions]]:
        """Every library's root, and what is chosen for the playlist files among its music."""
        async with self._db.read() as conn:
            found = await repository.libraries(conn)
        return {row.id: (bytes(row.root), options_of(row.options).playlists) for row in found}

    async def places_of(self, roots: Sequence[bytes]) -> list[tuple[bytes, tuple[int, bytes | None] | None]]:
        """Where each of these folders is: its library, and its path inside (None: it is the library's own folder); None for
        one that is in no library. All libraries for no folder."""
        async with self._db.read() as conn:
            known = await repository.libraries(conn)
        if not roots:
            return [(row.root, (row.id, None)) for row in known]
        found: list[tuple[bytes, tuple[int, bytes | None] | None]] = []
        for root in roots:
            row = next((row for row in known if is_inside(root, row.root)), None)
            found.append((root, None if row is None else (row.id, root[len(row.root) + 1 :] or None)))
        return found

    async def ensure_library(self, path: str | bytes) -> int:
        """The library over the folder at `path`, made where there is none, and a scan of it. Raises as `add_library`."""
        root = await libraries.checked_folder(Path(os.fsdecode(path)).absolute().as_posix())
        async with self._db.read() as conn:
            known = next((row.id for row in await repository.libraries(conn) if row.root == root), None)
        if known is None:
            return await self.add_library(root)
        await self.request(known, automatic=True)
        return int(known)

    async def change_library(
        self, library_id: int, *, name: str | None = None, path: str | bytes | None = None
    ) -> None:
        """Rename a library, or say that its folder is elsewhere now; then it is scanned.

        Raises LibraryNotFound, NoSuchFolder, LibraryOverlaps.
        """
        root = None if path is None else await libraries.checked_folder(path)
        async with self._db.write() as tx:
            await libraries.change(tx, library_id, name, root)
            if root is not None:
                await self._request(tx, library_id)

    async def remove_library(self, library_id: int, confirm: str | None, *, created_by: int | None = None) -> int:
        """Ask for a library to be forgotten; `confirm` must be its name. Returns the job.

        Raises LibraryNotFound, NotConfirmed.
        """
        async with self._db.write() as tx:
            row = await repository.library(tx.conn, library_id)
            if row is None:
                raise LibraryNotFound(library_id)
            if confirm != row.name:
                raise NotConfirmed(row.name, row.track_count)
            ticket = await self._jobs.enqueue(
                tx, REMOVE, {"library": library_id}, dedup_key=f"{REMOVE}:{library_id}", created_by=created_by
            )
        return ticket.id

    async def remove(self, job: JobContext, library_id: int) -> dict[str, Any]:
        """The work of `remove_library`."""
        return {"tracks": await libraries.remove(self._db, library_id, job, self.on_library_removed)}

    # --- scans --------------------------------------------------------------------------------------------------------

    async def request(
        self,
        library_id: int | None = None,
        *,
        full: bool = False,
        folder: bytes | None = None,
        accept_missing: bool = False,
        created_by: int | None = None,
        automatic: bool = False,
    ) -> list[int]:
        """Ask for a scan of one library or of all; returns the jobs. A request that meets a scan under way is answered
        after it.

        `full` reads every file again; `folder` (relative to the root) is all that is looked at; `accept_missing` says
        that what is gone is meant to be gone. A library whose last scan was undone waits for a person: an `automatic`
        request leaves it out, any other lets it go on. Raises LibraryNotFound.
        """
        async with self._db.write() as tx:
            if library_id is not None:
                if await repository.library(tx.conn, library_id) is None:
                    raise LibraryNotFound(library_id)
                wanted = [library_id]
            else:
                wanted = [row.id for row in await repository.libraries(tx.conn)]
            if automatic:
                held = await journals.held(tx.conn, wanted)
                wanted = [number for number in wanted if number not in held]
            else:
                for number in wanted:
                    await journals.hold(tx, number, None)
            return [
                await self._request(
                    tx, number, full=full, folder=folder, accept_missing=accept_missing, created_by=created_by
                )
                for number in wanted
            ]

    async def request_folders(self, library_id: int, folders: set[bytes]) -> None:
        """Ask for a look at some folders of a library: the watcher does. Many folders are asked for as the whole."""
        wanted: list[bytes | None] = [folder or None for folder in sorted(folders)]
        if len(wanted) > MOST_FOLDERS:
            wanted = [None]
        async with self._db.write() as tx:
            known = await repository.library(tx.conn, library_id)
            if known is not None and not known.held:
                for folder in wanted:
                    await self._request(tx, library_id, folder=folder)

    async def _request(
        self,
        tx: Transaction,
        library_id: int,
        *,
        full: bool = False,
        folder: bytes | None = None,
        accept_missing: bool = False,
        created_by: int | None = None,
    ) -> int:
        await repository.lock_library(tx, library_id)
        await repository.add_request(
            tx, library_id, folder=folder, full=full, accept_missing=accept_missing, now=utc_now()
        )
        ticket = await self._jobs.enqueue(
            tx, SCAN, {"library": library_id}, dedup_key=f"{SCAN}:{library_id}", created_by=created_by
        )
        return ticket.id

    async def run(self, job: JobContext, library_id: int) -> dict[str, Any] | None:
        """The work of a scan's job: answer the requests that wait, and those that come meanwhile."""
        while True:
            async with self._db.write() as tx:
                await repository.lock_library(tx, library_id)
                await job.guard(tx)
                library = await repository.library(tx.conn, library_id)
                if library is None:
                    return None
                wanted = await repository.take_requests(tx, library_id, job.id) or Wanted((), False, False, None)
                began = job.checkpoint.get("began")
                started = datetime.fromisoformat(began) if began else utc_now()
                await job.save({"began": started.isoformat()}, tx=tx)
            if library.paused_at is not None:
                hold.wait(job)
            try:
                result = await self._patiently(library, wanted, job, started)
            except Paused:
                continue
            except Cancelled:
                async with self._db.write() as tx:
                    await repository.drop_requests(tx, wanted.requests)
                raise
            for ask in self.on_scanned:
                await ask()
            await prune(self._db, job, library_id)
            async with self._db.write() as tx:
                await repository.lock_library(tx, library_id)
                await job.guard(tx)
                device = result[1] if result[0].state == "done" else None
                answer = result[0].as_json()
                shown = answer
                if wanted.folders is not None and result[0].state == "done" and _was_stopped(library):
                    shown = library.scan_result  # a look at one folder settles nothing for the library
                await repository.finish_library(tx, library_id, device, started, utc_now(), shown)
                await count_scan(tx, library_id, answer)
                await repository.drop_requests(tx, wanted.requests)
                if not await repository.has_requests(tx, library_id):
                    await job.complete(tx, answer)
                    return answer
                await job.save({}, tx=tx)

    async def _patiently(
        self, library: Any, wanted: Wanted, job: JobContext, started: datetime
    ) -> tuple[ScanResult, int | None]:
        """Scan; where the database is away for a moment, wait and go on from what is done."""
        async with Held(self._db, job, library.id).watching() as control:
            return await outage.patiently(lambda: self._scan(library, wanted, control, job, started), control.check)

    async def _scan(
        self, library: Any, wanted: Wanted, control: Held, job: JobContext, started: datetime
    ) -> tuple[ScanResult, int | None]:
        spool = self._settings.data_dir / "spool" / f"scan-{job.id}"
        await asyncio.to_thread(spool.mkdir, mode=0o700, parents=True, exist_ok=True)
        try:
            scan = Scan(await self.ground(spool), library, wanted, control, started)
            result = await scan.run()
            if result.state == "done" and scan.lists is not None:
                for tell in self.on_lists_found:
                    await tell(scan.lists)
            return result, scan.device
        finally:
            await asyncio.to_thread(shutil.rmtree, spool, ignore_errors=True)

    async def ground(self, spool: Path) -> Ground:
        """What a scan stands on; `spool` is a folder of its own."""
        return Ground(self._db, self._reading_pool(), self._storage, spool, rules=await self.tag_rules())

    # --- what is going on ---------------------------------------------------------------------------------------------

    async def status(self, actor: Actor) -> ScanStatus:
        """Whether a scan is wanted or under way, how far it is, and how many tracks are present for `actor`."""
        page = await self._jobs.page(SYSTEM, states=("running", "queued"), kinds=(SCAN,), limit=20)
        waiting = [job for job in page.items if hold.is_held(job)]
        at_work = [job for job in page.items if job not in waiting]
        job = min(at_work or waiting, key=lambda job: (job.state != "running", job.id), default=None)
        async with self._db.read() as conn:
            count, started, finished = await repository.scan_summary(conn, actor.libraries)
            results = await repository.last_results(conn, actor.libraries)
            held = await journals.held(conn, actor.libraries)
        stopped = next((row for row in results if row.scan_result.get("state") == "stopped"), None)
        progress = (job.progress if job else None) or {}
        return ScanStatus(
            scanning=bool(at_work),
            paused=bool(waiting) and not at_work,
            count=int(count),
            phase=progress.get("phase"),
            done=progress.get("done"),
            total=progress.get("total"),
            files_per_second=progress.get("rate"),
            eta_s=progress.get("eta_s"),
            started_at=_started(job) or started,
            finished_at=finished,
            job=job.id if job else None,
            held=[{"library": format_id("li", number), **why} for number, why in sorted(held.items())],
            stopped=None
            if stopped is None
            else {
                "library": format_id("li", stopped.id),
                "code": stopped.scan_result.get("code"),
                "message": stopped.scan_result.get("message"),
                "params": stopped.scan_result.get("params"),
            },
        )

    async def totals(self, actor: Actor) -> ScanTotals:
        """How many folders there are, and how many files have a problem, of what `actor` may see."""
        async with self._db.read() as conn:
            return ScanTotals(*await repository.totals(conn, actor.libraries))

    async def progress(self, actor: Actor) -> dict[str, Any]:
        """`status` as the event stream sends it."""
        now = await self.status(actor)
        return {
            "scanning": now.scanning,
            "paused": now.paused,
            "count": now.count,
            "phase": now.phase,
            "done": now.done,
            "total": now.total,
            "files_per_second": now.files_per_second,
            "eta_s": now.eta_s,
            "started_at": rfc3339(now.started_at),
            "finished_at": rfc3339(now.finished_at),
            "job": format_id("jo", now.job) if now.job else None,
        }

    async def watch(self, stop: asyncio.Event) -> None:
        """Watch the libraries' folders until `stop` is set, where the settings say so: the worker process does."""
        given = self._settings.scan
        if given.watch:
            await Watcher(self.roots, self.request_folders, given.batch_window_s, self._say_watching).run(stop)
            return
        for number in await self.roots():
            await self._say_watching(number, watching.OFF, {})

    async def roots(self) -> dict[int, bytes]:
        """The root of every library that is to be watched."""
        async with self._db.read() as conn:
            rows = await repository.libraries(conn)
        wanted = {row.id: row.root for row in rows if options_of(row.options).watch}
        for row in rows:
            if row.id not in wanted and (row.watching or {}).get("code") != watching.OFF_FOR_LIBRARY:
                await self._say_watching(row.id, watching.OFF_FOR_LIBRARY, {})
        return wanted

    async def _say_watching(self, library_id: int, code: str, params: dict[str, Any]) -> None:
        """Note how a library is watched, where that is news."""
        state = {"code": code, "params": params}
        async with self._db.read() as conn:
            row = await repository.library(conn, library_id)
        if row is not None and row.watching != state:
            async with self._db.write() as tx:
                await hold_rows.set_watching(tx, library_id, state)

    # --- serving ------------------------------------------------------------------------------------------------------

    async def source_of(self, actor: Actor, track_id: int) -> TrackSource | None:
        """The file behind a track, or None where there is none that `actor` may hear."""
        return await serving.source_of(self._db, actor, track_id)

    async def playable(self, actor: Actor, number: int) -> TrackSource | None:
        """`source_of`, under the name by which streaming asks its sources."""
        return await self.source_of(actor, number)

    async def audio_key_of(self, path: Path) -> tuple[str, bytes] | None:
        """By what a scan would know the audio of a file, wherever it lies: kind and bytes; None where it cannot be told."""
        try:
            return await self._reading_pool().run(audio_key_at, os.fsencode(path))
        except PoolError:
            return None

    def shrinking_pool(self) -> ProcessPool:
        """The processes that look at pictures and make them small, for whoever has some."""
        return self._shrinking_pool()

    async def request_artwork_round(self) -> None:
        """Ask for a round over the small pictures that are kept, so that they stay within their limit."""
        async with self._db.write() as tx:
            await self._jobs.enqueue(tx, ARTWORK_ROUND, {}, dedup_key=ARTWORK_ROUND)

    async def artwork_round(self) -> Round:
        """Remove the oldest small pictures where they are more than may be kept."""
        return await bring_within(self._storage, self._settings.artwork.cache_mb * 2**20)

    async def picture_metrics(self) -> list[Metric]:
        """What this process has served of small pictures, for /metrics."""
        return self._pictures.figures.metrics()

    async def open_artwork(
        self, actor: Actor, artwork_id: int, size: int | None = None, format: Format = "webp"
    ) -> Picture:
        """A picture with its longer side at most `size`, or as it was found. Raises ArtworkNotFound."""
        return await self._pictures.open(actor, artwork_id, size, format)

    # --- pools --------------------------------------------------------------------------------------------------------

    def _reading_pool(self) -> ProcessPool:
        if self._readers is None:
            given = self._settings.scan
            workers = given.workers or min(os.cpu_count() or 2, 8)
            self._readers = ProcessPool(workers, memory_mb=given.memory_mb)
        return self._readers

    def _shrinking_pool(self) -> ProcessPool:
        if self._shrinkers is None:
            self._shrinkers = ProcessPool(self._settings.images.workers, nice=0)
        return self._shrinkers


async def _usual_rules() -> None:
    """The rules that come with Segue."""


def _was_stopped(library: Any) -> bool:
    return bool(library.scan_result) and library.scan_result.get("state") == "stopped"


def _started(job: JobInfo | None) -> datetime | None:
    return None if job is None else job.started_at or job.created_at
