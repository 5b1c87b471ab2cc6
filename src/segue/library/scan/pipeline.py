"""A scan, from beginning to end: look, read, write, and only then mark what is gone.

    walk (a thread) ──▶ units ──▶ readers (process pool) ──▶ one writer, short transactions ──▶ what is gone

Only what changed is read. Every transaction leaves the library whole, and says which folders are done, so a scan that was
killed goes on where it was: what is done has its fingerprint. Nothing is marked missing before everything new has been
read, since what looks gone may have moved.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from segue.core.clock import utc_now
from segue.core.db import Database
from segue.core.inline import InlineWriter
from segue.core.pool import Outcome, ProcessPool
from segue.core.storage import Storage
from segue.library.lyrics.sidecars import plan_words
from segue.library.overrides import grouping
from segue.library.scan import beside, guard, reading, repository
from segue.library.scan.control import Control
from segue.library.scan.cue.divide import divide
from segue.library.scan.guard import ScanStopped
from segue.library.scan.identity import Identity
from segue.library.scan.look import Look, Walker
from segue.library.scan.plan import FilePlan, StoredFile, Unit
from segue.library.scan.repository import Wanted
from segue.library.scan.tags.rules import Rules, shipped
from segue.library.scan.units import Planner
from segue.library.scan.walk import displayed
from segue.library.scan.write.covers import PictureBook
from segue.library.scan.write.writer import Part, Writer

log = structlog.get_logger("segue.scan")

TRANSACTION_S = 0.020
"""How long a transaction should hold the write lock, so that a person's click never waits noticeably. Measured as the time
of our own thread: on a machine that is busy with other things, smaller transactions would only make it busier."""
FEWEST, MOST = 48, 256
"""Files of one transaction; their number follows the time they take."""


@dataclass(slots=True)
class ScanResult:
    """What a scan came to. `state` is `done`, or `stopped` with the code and facts of why."""

    state: str = "done"
    code: str | None = None
    message: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    folders: int = 0
    files: int = 0
    files_read: int = 0
    problems: int = 0
    """Files that were read and have a problem."""
    missing: int = 0
    """Files newly marked missing."""
    unreadable: list[str] = field(default_factory=list)
    """The first hundred folders that could not be looked into."""
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a scan puts up with: how long one file may take, and what share of a library may go at once."""

    read_s: float = reading.READ_DEADLINE_S
    missing_share: float = guard.MOST_GONE_SHARE


@dataclass(frozen=True, slots=True)
class Ground:
    """What every scan stands on."""

    db: Database
    pool: ProcessPool
    storage: Storage
    spool: Path
    """A folder for picture bytes on their way, of this scan alone."""
    limits: Limits = Limits()
    rules: Rules | None = None
    """What is made of tags; None: the rules that come with Segue."""


class Scan:
    """One scan of one library. `started_at` is when its job began first, also for one that goes on after a kill."""

    def __init__(self, ground: Ground, library: Any, wanted: Wanted, control: Control, started_at: datetime) -> None:
        self._db = ground.db
        self._inline = InlineWriter(ground.db)
        self._pool = ground.pool
        self._limits = ground.limits
        self._rules = ground.rules or shipped()
        self._library = library
        self._wanted = wanted
        self._control = control
        self._since = started_at if wanted.full else None
        self._pictures = PictureBook(ground.pool, ground.storage, ground.spool)
        self._writer = Writer(library.id, library.name, self._pictures)
        self._identity = Identity(set(), False)
        self._grouping = grouping.Grouping()
        self._queue: deque[Unit] = deque()
        self._draining = asyncio.Lock()
        self._batch = FEWEST
        self._done_files = 0
        self.result = ScanResult()
        self.device: int | None = None

    async def run(self) -> ScanResult:
        """Do it. A scan that stops itself says so in the result; whatever else goes wrong is raised."""
        began = time.monotonic()
        try:
            await self._run()
        except ScanStopped as stopped:
            self.result.state = "stopped"
            self.result.code, self.result.message, self.result.params = stopped.code, stopped.message, stopped.params
            log.warning("scan_stopped", library=self._library.name, code=stopped.code, **stopped.params)
        finally:
            await self._let_go()
            await self._pictures.close()
            self._inline.close()
        self.result.seconds = round(time.monotonic() - began, 3)
        return self.result

    async def _run(self) -> None:
        library, wanted = self._library, self._wanted
        async with self._db.read() as conn:
            any_missing = await repository.has_missing(conn)
            self._grouping = await grouping.load(conn, library.id, root=library.root)
        expected = 0 if wanted.accept_missing else library.file_count
        self.device = await guard.check_root(
            library.root, library.display_root, library.device, expected, self._some_paths
        )
        walker = Walker(self._db, library.id, library.root, self._control, self._since)
        found = await walker.look(wanted.folders if wanted.folders is not None else (b"",))
        self._take(found)
        self._identity = Identity(set(found.gone), any_missing)
        for folder in found.known.values():
            self._writer.know_folder(folder.id, folder.path)
        await self._read(found)
        await self._settle_gone(found)

    async def _let_go(self) -> None:
        """End what goes on beside, where the scan ended early."""
        tasks = [unit.pictures for unit in self._queue if unit.pictures is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _some_paths(self) -> list[bytes]:
        async with self._db.read() as conn:
            return await repository.some_present_paths(conn, self._library.id, guard.SAMPLE)

    def _take(self, found: Look) -> None:
        self.result.folders, self.result.files = found.folders, found.files
        for item in found.unreadable[:100]:
            self.result.unreadable.append(displayed(item.path))
            log.warning("folder_unreadable", folder=displayed(item.path), reason=_reason(item.error))

    # --- read and write -----------------------------------------------------------------------------------------------

    async def _read(self, found: Look) -> None:
        """Read what changed and write it, unit by unit in the order of the walk."""
        if not found.todo:
            return
        planner = Planner(
            self._db,
            self._library.id,
            self._library.root,
            self._writer.folder_ids,
            set(found.gone.values()),
            self._since,
        )
        self._control.progress(0, found.todo_files, phase="read", unit="files")
        underway: dict[int, tuple[Unit, FilePlan]] = {}
        read = reading.reader(self._library.root, self._pictures.spool, self._rules)

        async def wanted() -> AsyncIterator[reading.Wanted]:
            number = 0
            async for unit in planner.units(found.todo):
                unit.pictures = asyncio.create_task(self._picture(unit))
                self._queue.append(unit)
                for file in unit.files:
                    if file.wanted:
                        number += 1
                        underway[number] = (unit, file)
                        yield reading.Wanted(number, file.path)
                if not unit.unread and len(self._queue) > 4 * self._batch:
                    await self._drain()

        outcomes = self._pool.map_chunks(read, wanted(), chunk=32, deadline_s=self._limits.read_s)
        async with aclosing(outcomes):
            async for outcome in outcomes:
                unit, file = underway.pop(outcome.item.number)
                self._take_reading(unit, file, outcome)
                if self._ready_files() >= self._batch:
                    await self._drain()
        await self._drain(everything=True)
        for item in planner.unreadable:
            self.result.unreadable.append(displayed(item.path))
        found.unreadable += planner.unreadable

    def _take_reading(self, unit: Unit, file: FilePlan, outcome: Outcome[reading.Wanted, reading.Reading]) -> None:
        """Note what reading one file gave."""
        answer = outcome.value
        if answer is None:
            assert outcome.error is not None
            answer = reading.unread(file.path, file.entry, outcome.error, self._limits.read_s)
        file.take(answer.facts, answer.document, answer.tag_hash)
        unit.unread -= 1
        self.result.files_read += 1
        if answer.facts.problem is not None:
            self.result.problems += 1
        if (picture := file.best_picture) is not None:
            self._pictures.expect(picture, "embedded")

    async def _picture(self, unit: Unit) -> None:
        for folder in unit.folders:
            if folder.listing.images:
                folder.picture = await self._pictures.folder_picture(self._library.root, folder.listing)
            if folder.listing.sidecars:
                await beside.read_sheets(self._pool, self._library.root, folder)

    def _ready_files(self) -> int:
        """Files of the units that could be written now."""
        count = 0
        for unit in self._queue:
            if unit.unread or count >= self._batch:
                break
            count += max(1, len(unit.files))
        return count

    async def _drain(self, *, everything: bool = False) -> None:
        """Write units that are read, from the front of the queue, in batches."""
        async with self._draining:
            await self._write_ready(everything)

    async def _write_ready(self, everything: bool) -> None:
        parts: list[Part] = []
        files = 0
        while self._queue and not self._queue[0].unread:
            if not everything and not parts and self._ready_files() < self._batch:
                break
            unit = self._queue.popleft()
            await self._prepare(unit)
            pieces = list(unit.parts(self._batch))
            for place, piece in enumerate(pieces):
                parts.append(Part(unit, piece, place == len(pieces) - 1))
                files += max(1, len(piece))
                if files >= self._batch:
                    await self._write(parts)
                    parts, files = [], 0
        if parts:
            await self._write(parts)

    async def _prepare(self, unit: Unit) -> None:
        """Give the files of a unit the rows they had, and their album keys."""
        if unit.pictures is not None:
            await unit.pictures
        if self._identity.gone or self._identity.any_missing or any(file.stored for file in unit.files):
            async with self._db.read() as conn:
                await self._identity.reattach(conn, unit.files)
        async with self._db.read() as conn:
            await divide(conn, unit)
            await plan_words(conn, self._pool, self._library.root, unit)
        await self._grouping.group(self._db.read, unit)
        here = {file.path for file in unit.files}
        unit.parked = [
            file.stored.id
            for file in unit.files
            if file.stored and file.stored.path != file.path and file.stored.path in here
        ]
        unit.parked += [file.replaces for file in unit.files if file.replaces is not None]

    async def _write(self, parts: Sequence[Part]) -> None:
        self._control.check()
        pictures = {sha for part in parts for folder in part.unit.folders if (sha := folder.picture)}
        pictures |= {sha for part in parts for file in part.files if (sha := file.best_picture)}
        await self._pictures.settle(pictures)
        count = sum(len(part.files) for part in parts)
        async with self._inline.write() as tx:
            began = time.thread_time()
            await self._control.guard(tx)
            await repository.lock_library(tx, self._library.id)
            await self._grouping.keep(tx)
            await self._writer.write(tx, parts, utc_now())
        took = time.thread_time() - began
        for part in parts:
            part.unit.begun = True
        self._pictures.forget_written()
        self._done_files += count
        self._control.progress(self._done_files, phase="read", unit="files")
        if count >= self._batch // 2:
            wished = int(self._batch * max(0.5, min(1.5, TRANSACTION_S / max(took, 0.001))))
            self._batch = max(FEWEST, min(MOST, wished))

    # --- what is gone -------------------------------------------------------------------------------------------------

    async def _settle_gone(self, found: Look) -> None:
        """Mark what is gone and was not found elsewhere, unless that is more than may be."""
        gone = sorted(self._identity.gone)
        if gone and not self._wanted.accept_missing:
            guard.check_gone(len(gone), self._library.file_count, self._limits.missing_share)
        self._control.progress(0, len(gone), phase="mark", unit="files")
        start = 0
        while start < len(gone):
            self._control.check()
            part = gone[start : start + self._batch]
            async with self._inline.write() as tx:
                began = time.thread_time()
                await self._control.guard(tx)
                await repository.lock_library(tx, self._library.id)
                files: list[StoredFile] = await repository.files_by_id(tx.conn, part)
                await self._writer.mark_missing(tx, files, utc_now())
            took = time.thread_time() - began
            start += len(part)
            self.result.missing += len(part)
            self._batch = max(
                FEWEST, min(MOST, int(self._batch * max(0.5, min(1.5, TRANSACTION_S / max(took, 0.001)))))
            )
            self._control.progress(start, phase="mark", unit="files")
        unreadable = [(item.path, _reason(item.error)) for item in found.unreadable]
        if found.vanished or unreadable:
            async with self._db.write() as tx:
                await self._control.guard(tx)
                await repository.lock_library(tx, self._library.id)
                await self._writer.ensure_folders(tx, [path for path, _ in unreadable])
                await repository.mark_folders(
                    tx, self._library.id, [folder.id for folder in found.vanished if not folder.missing], unreadable,
                    utc_now(),
                )  # fmt: skip


def _reason(error: OSError) -> str:
    """Why a folder could not be looked into, in the operating system's words."""
    return error.strerror or type(error).__name__
