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
from typing import Any, ClassVar

import structlog

from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.inline import InlineWriter
from segue.core.pool import ProcessPool
from segue.core.storage import Storage
from segue.library.found_lists import FoundLists
from segue.library.journal.book import journal_of
from segue.library.lyrics.sidecars import plan_words
from segue.library.options import options_of
from segue.library.overrides import grouping
from segue.library.pictures.rules import order_for
from segue.library.pictures.scanned import contents_of, look_at_folders, order_changed, order_kept
from segue.library.scan import beside, disks, guard, identity_rows, packing, reading, repository, trouble
from segue.library.scan.control import Control
from segue.library.scan.cue.divide import divide, has_beside
from segue.library.scan.disks import DiskSilent
from segue.library.scan.guard import DiskDoesNotAnswer, ScanStopped
from segue.library.scan.identity import Identity
from segue.library.scan.ignore import IgnoreBook
from segue.library.scan.look import Look, Walker
from segue.library.scan.paths import displayed
from segue.library.scan.plan import FilePlan, StoredFile, Unit
from segue.library.scan.repository import Wanted
from segue.library.scan.tags.rules import Rules, shipped
from segue.library.scan.units import Planner
from segue.library.scan.whereabouts import Devices, Whereabouts
from segue.library.scan.write.covers import PictureBook
from segue.library.scan.write.writer import Part, Writer

log = structlog.get_logger("segue.scan")

TRANSACTION_S = 0.020
"""How long a transaction should hold the write lock, so that a person's click never waits noticeably. Measured as the time
of our own thread: on a machine that is busy with other things, smaller transactions would only make it busier."""
QUIET_TRANSACTION_S = 0.080
"""The same where nobody has had to wait for QUIET_S: what a transaction costs whatever is in it (a third of one of 20 ms on
PostgreSQL) is paid less often. Who comes then waits once for a longer one."""
QUIET_S = 10.0
FEWEST, MOST = 48, 1_024
"""Files of one transaction; their number follows the time they take."""

IGNORED = "ignored"
"""Why a file that is there is marked missing: a `.segueignore` says to leave it alone."""


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
    missing_share: float | None = None
    """None: what the library's options say."""


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

    by_readers: ClassVar[bool] = True
    """Whether readers may tell which albums new files make, so that nobody looks at these files one by one."""

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
        self._ignored = IgnoreBook(library.root)
        self._share = (
            options_of(library.options).guard_share
            if self._limits.missing_share is None
            else (self._limits.missing_share)
        )
        self._order = order_for(options_of(library.options).artwork_order)
        self._writer = Writer(library.id, library.name, self._pictures)
        self._writer.albums.order = self._order
        self._writer.journal = journal_of(library, wanted, control, started_at)
        self._identity = Identity(set(), False)
        self._grouping = grouping.Grouping()
        self._queue: deque[Unit] = deque()
        self._draining = asyncio.Lock()
        self._batch = FEWEST
        self._done_files = 0
        self.result = ScanResult()
        self.device: int | None = None
        self.lists: FoundLists | None = None
        """The playlist files it came by, once it has walked."""

    async def run(self) -> ScanResult:
        """Do it. A scan that stops itself says so in the result; whatever else goes wrong is raised."""
        began = time.monotonic()
        try:
            await self._run()
        except DiskSilent as silent:
            self._stop(DiskDoesNotAnswer(self._library.display_root, silent.seconds))
        except ScanStopped as stopped:
            self._stop(stopped)
        finally:
            await self._let_go()
            await self._pictures.close()
            await self._inline.close()
        self.result.seconds = round(time.monotonic() - began, 3)
        return self.result

    def _stop(self, stopped: ScanStopped) -> None:
        self.result.state = "stopped"
        self.result.code, self.result.message, self.result.params = stopped.code, stopped.message, stopped.params
        log.warning("scan_stopped", library=self._library.name, code=stopped.code, **stopped.params)

    async def _run(self) -> None:
        library, wanted = self._library, self._wanted
        async with self._db.read() as conn:
            self._grouping = await grouping.load(conn, library.id, root=library.root)
        await self._look_at_pictures_again()
        disks.look_again()
        expected = 0 if wanted.accept_missing else library.file_count
        root = await guard.check_root(library.root, library.display_root, library.device, expected, self._some_paths)
        self.device = root.device
        walker = Walker(self._db, library.id, library.root, self._control, self._since, self._ignored)
        found = await walker.look(wanted.folders if wanted.folders is not None else (b"",))
        blind = [item.path for item in found.unreadable]
        self.lists = FoundLists(library, wanted.folders if wanted.folders is not None else (b"",), blind, found.lists)
        self._take(found)
        if wanted.folders is None:
            guard.check_walked(root, library.display_root, found.files, expected, self._share)
        self._identity = await self._identify(found)
        await self._read(found)
        await self._settle_gone(found)

    async def _identify(self, found: Look) -> Identity:
        """Who recognises files that were elsewhere before."""
        async with self._db.read() as conn:
            any_missing = await repository.has_missing(conn)
            roots = {row.id: row.root for row in await repository.libraries(conn) if row.file_count}
        folders = self._wanted.folders
        elsewhere = None
        if folders is not None or roots.keys() - {self._library.id}:
            elsewhere = Whereabouts(self._db, self._library.id, folders, roots | {self._library.id: self._library.root})
        return Identity(set(found.gone), any_missing, self._library.id, elsewhere)

    async def _look_at_pictures_again(self) -> None:
        """Where somebody has changed the order of sources, folders with pictures are looked at as if they were new."""
        async with self._db.read() as conn:
            if await order_kept(conn, self._library.id) == "\n".join(self._order):
                return
        async with self._db.write() as tx:
            await self._control.guard(tx)
            await order_changed(tx, self._library.id, self._order)

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
            self._writer,
            set(found.gone.values()),
            self._since,
            self._ignored,
        )
        self._control.progress(0, found.todo_files, phase="read", unit="files")
        house = reading.House(self._library.name, tuple(rule.name for rule in self._grouping.rules))
        read = reading.reader(self._library.root, self._pictures.spool, house, self._rules)
        plainly = self.by_readers and not self._grouping.decided

        async def pieces() -> AsyncIterator[reading.Piece]:
            async for unit in planner.units(found.todo):
                if any(
                    folder.id is not None or folder.listing.images or folder.listing.sidecars for folder in unit.folders
                ):
                    unit.pictures = asyncio.create_task(self._picture(unit))
                self._queue.append(unit)
                for piece in reading.pieces_of(unit, plainly=plainly):
                    yield piece
                if not unit.unread and len(self._queue) > 4 * self._batch:
                    await self._drain()

        answers = reading.Readers(self._pool, read, self._limits.read_s).read(pieces())
        async with aclosing(answers):
            async for answer in answers:
                self._take_reading(answer)
                if self._ready_files() >= self._batch:
                    await self._drain()
        await self._drain(everything=True)
        for item in planner.unreadable:
            self.result.unreadable.append(displayed(item.path))
        found.unreadable += planner.unreadable

    def _take_reading(self, answer: reading.Answer) -> None:
        """Note what reading some files gave."""
        unit = answer.piece.unit
        for met in answer.met:
            self._pictures.meet(met, "embedded")
        for file, packed in zip(answer.piece.files, answer.files, strict=True):
            problem = packing.problem_of(packed)
            if problem is not None:
                self.result.problems += 1
            if trouble.is_passing(file, problem):
                trouble.keep_known(file, problem)
                continue
            file.take(packed)
            if packed.picture is not None:
                self._pictures.expect(packed.picture, "embedded")
        unit.albums = answer.albums
        unit.unread -= len(answer.files)
        self.result.files_read += len(answer.files)

    async def _picture(self, unit: Unit) -> None:
        if all(folder.id is None for folder in unit.folders):
            await look_at_folders(None, self._pictures, self._library.root, self._order, unit.folders)
        else:
            async with self._db.read() as conn:
                await look_at_folders(conn, self._pictures, self._library.root, self._order, unit.folders)
        for folder in unit.folders:
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
            if self._queue[0].albums is not None and self._identity.may_find:
                await self._recognise()
            unit = self._queue.popleft()
            await self._prepare(unit)
            pieces = [unit.files] if unit.albums is not None else list(unit.parts(self._batch))
            unit.divided = len(pieces) > 1
            for place, piece in enumerate(pieces):
                parts.append(Part(unit, piece, place == len(pieces) - 1))
                files += max(1, len(piece))
                if files >= self._batch:
                    await self._write(parts)
                    parts, files = [], 0
        if parts:
            await self._write(parts)

    async def _recognise(self) -> None:
        """Give the files of the albums in front that look new the rows they had, where they had one: for many albums at
        once, since what is asked of the tables for one file costs as much for a hundred."""
        units: list[Unit] = []
        files: list[FilePlan] = []
        for unit in self._queue:
            if unit.unread or unit.albums is None or unit.recognised or len(files) >= self._batch:
                break
            units.append(unit)
            files += unit.files
        for file in files:
            packing.unpack(file)
        if files:
            async with self._db.read() as conn:
                await self._identity.reattach(conn, files)
        for unit in units:
            unit.recognised = True
            if any(file.stored or file.replaces for file in unit.files):
                unit.albums = None

    async def _prepare(self, unit: Unit) -> None:
        """Give the files of a unit the rows they had, and their album keys."""
        if unit.pictures is not None:
            await unit.pictures
        if unit.albums is not None:
            return
        for file in unit.files:
            packing.unpack(file)
        if not unit.recognised and (self._identity.may_find or any(file.stored for file in unit.files)):
            async with self._db.read() as conn:
                await self._identity.reattach(conn, unit.files)
                await trouble.remember(conn, unit.files)
        if any(folder.listing.sidecars for folder in unit.folders) or any(map(has_beside, unit.files)):
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
        pictures = contents_of([folder for part in parts for folder in part.unit.folders])
        pictures |= {sha for part in parts for file in part.files if (sha := file.best_picture)}
        await self._pictures.settle(pictures)
        count = sum(len(part.files) for part in parts)
        async with self._inline.write(self._control.check) as tx:
            began = time.thread_time()
            await self._lock(tx)
            await self._control.guard(tx)
            await self._grouping.keep(tx)
            await self._writer.write(tx, parts, utc_now())
            await trouble.note(tx, [file for part in parts for file in part.files])
        took = time.thread_time() - began
        for part in parts:
            part.unit.begun = True
        self._pictures.forget_written()
        self._done_files += count
        self._control.progress(self._done_files, phase="read", unit="files")
        if count >= self._batch // 2:
            self._adapt(took * self._batch / count)

    async def _lock(self, tx: Transaction) -> None:
        if not await repository.lock_library(tx, self._library.id):
            self._db.was_waited_for()

    def _adapt(self, took: float) -> None:
        """Choose the size of the next batch, where one of the present size takes `took` seconds."""
        aim = TRANSACTION_S if self._db.quiet_s < QUIET_S else QUIET_TRANSACTION_S
        share = aim / max(took, 0.001)
        self._batch = max(FEWEST, min(MOST, int(self._batch * max(0.25, min(1.5, share)))))

    # --- what is gone -------------------------------------------------------------------------------------------------

    async def _settle_gone(self, found: Look) -> None:
        """Mark what is gone and was not found elsewhere, unless that is more than may be."""
        gone, left_alone = await self._sort_gone()
        self._control.progress(0, len(gone) + len(left_alone), phase="mark", unit="files")
        await self._mark(sorted(left_alone), IGNORED)
        await self._mark(sorted(gone), None)
        unreadable = [(item.path, _reason(item.error)) for item in found.unreadable]
        if found.vanished or unreadable:
            async with self._db.write() as tx:
                await repository.lock_library(tx, self._library.id)
                await self._control.guard(tx)
                await self._writer.ensure_folders(tx, [path for path, _ in unreadable])
                await repository.mark_folders(
                    tx, self._library.id, [folder.id for folder in found.vanished if not folder.missing], unreadable,
                    utc_now(),
                )  # fmt: skip

    async def _sort_gone(self) -> tuple[set[int], set[int]]:
        """The files that are gone, and those that are only to be left alone. Raises ScanStopped where it is too much."""
        if not self._identity.gone:
            return set(), set()
        async with self._db.read() as conn:
            places = await identity_rows.places(conn, self._identity.gone)
            recent = 0
            if self._wanted.folders is not None:
                recent = await identity_rows.marked_since(conn, self._library.id, utc_now() - guard.RECENTLY)
        left_alone: set[int] = set()
        if self._ignored.any:
            left_alone = await disks.ask(lambda: {id for id, path, _ in places if self._ignored.hides_file(path)})
        gone = [guard.Gone(path, device) for id, path, device in places if id not in left_alone and path[:1] != b"\x00"]
        if gone and not self._wanted.accept_missing:
            devices = Devices(self._db, self._library.id, self._library.root)
            await guard.check_places(self._library.root, gone, devices)
            guard.check_gone(len(gone) + recent, self._library.file_count + recent, self._share)
        return {id for id, _, _ in places if id not in left_alone}, left_alone

    async def _mark(self, gone: Sequence[int], reason: str | None) -> None:
        start = 0
        while start < len(gone):
            self._control.check()
            part = gone[start : start + self._batch]
            async with self._inline.write(self._control.check) as tx:
                began = time.thread_time()
                await self._lock(tx)
                await self._control.guard(tx)
                files: list[StoredFile] = await repository.files_by_id(tx.conn, part)
                following = await repository.files_by_id(tx.conn, gone[start + len(part) :][:1])
                unfinished = {file.album_id for file in following if file.is_present and file.album_id is not None}
                await self._writer.mark_missing(tx, files, utc_now(), reason, unfinished)
            took = time.thread_time() - began
            start += len(part)
            self.result.missing += len(part)
            self._adapt(took)
            self._control.progress(self.result.missing, phase="mark", unit="files")


def _reason(error: OSError) -> str:
    """Why a folder could not be looked into, in the operating system's words."""
    return error.strerror or type(error).__name__
