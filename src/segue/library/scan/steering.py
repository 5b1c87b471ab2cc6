"""The verbs around scans: hold them back and let them go on, give them up, say when they run, purge what is gone.

`ScanService` does the scanning; this is what a person steers it with. REST, the command line and jobs use it alike.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from segue.core.access import SYSTEM, Actor
from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.errors import FieldProblem, Invalid
from segue.core.ids import format_id
from segue.jobs import JobContext, JobService
from segue.jobs.errors import BadCron, NotCancellable
from segue.jobs.schedules import ScheduleInfo
from segue.library.options import LibraryOptions, options_of
from segue.library.scan import hold, hold_rows, purge, repository
from segue.library.scan.errors import FolderNotFound, LibraryNotFound, NotConfirmed
from segue.library.scan.service import SCAN, ScanService

PURGE = "library.purge"
SCHEDULED = "library.scan_scheduled"
NIGHTLY = "library.scan"
"""The schedule of all libraries that have none of their own."""
NEVER = "never"
"""What stands in an option where others have a cron line, for no scan by the clock."""


class BadLibraryOptions(Invalid):
    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__(
            "bad_library_options", "; ".join(problem.message for problem in problems), fields=list(problems)
        )


@dataclass(frozen=True, slots=True)
class LibraryState:
    """What an administrator is told of one library. Times are aware, in UTC."""

    row: Any
    """Its row of `libraries`."""
    options: LibraryOptions
    problems: int
    """Files that are there and have a problem."""
    next_scan_at: datetime | None
    next_full_scan_at: datetime | None
    waiting: bool
    """A scan of it is wanted or under way."""


@dataclass(frozen=True, slots=True)
class Purging:
    """What a purge would forget, and its job where it was confirmed."""

    files: int
    tracks: int
    bytes: int
    job: int | None = None


class ScanSteering:
    """Pauses, schedules, options and purges of libraries."""

    def __init__(self, db: Database, jobs: JobService, scans: ScanService) -> None:
        self._db = db
        self._jobs = jobs
        self._scans = scans
        self.on_options_changed: list[Callable[[Transaction, int, LibraryOptions], Awaitable[None]]] = []

    # --- pause, go on, give up ----------------------------------------------------------------------------------------

    async def pause(self, library_id: int | None = None) -> list[int]:
        """Hold back the scans of one library or of all, also the one under way; returns the libraries it changed.

        A scan ends at its next step and goes on from there later. It stays so over restarts. Raises LibraryNotFound.
        """
        async with self._db.write() as tx:
            found = await self._wanted(tx, library_id)
            return [number for number in found if await hold_rows.set_paused(tx, number, utc_now())]

    async def resume(self, library_id: int | None = None) -> list[int]:
        """Let the scans of one library or of all go on; returns the libraries it changed. Raises LibraryNotFound."""
        async with self._db.write() as tx:
            found = await self._wanted(tx, library_id)
            changed = [number for number in found if await hold_rows.set_paused(tx, number, None)]
            for number in found:
                await self._jobs.wake(tx, f"{SCAN}:{number}", hold.REASON)
            return changed

    async def cancel(self, library_id: int | None = None) -> list[int]:
        """Give up the scans of one library or of all that are wanted or under way; returns their jobs.

        What they have written stays. A pause ends with them. Raises LibraryNotFound.
        """
        async with self._db.read() as conn:
            rows = await repository.libraries(conn)
        if library_id is not None and all(row.id != library_id for row in rows):
            raise LibraryNotFound(library_id)
        cancelled: list[int] = []
        for number in [row.id for row in rows] if library_id is None else [library_id]:
            job = await self._jobs.active_with_key(f"{SCAN}:{number}")
            async with self._db.write() as tx:
                await hold_rows.set_paused(tx, number, None)
                if job is None or job.state == "queued":
                    await hold_rows.forget_requests(tx, number)
            if job is not None:
                try:
                    cancelled.append((await self._jobs.cancel(SYSTEM, job.id)).id)
                except NotCancellable:
                    continue
        return cancelled

    async def _wanted(self, tx: Transaction, library_id: int | None) -> list[int]:
        rows = [row.id for row in await repository.libraries(tx.conn)]
        if library_id is None:
            return rows
        if library_id not in rows:
            raise LibraryNotFound(library_id)
        return [library_id]

    # --- one folder ---------------------------------------------------------------------------------------------------

    async def place_of(self, folder_id: int) -> tuple[int, bytes]:
        """(library, path relative to its root) of a folder. Raises FolderNotFound."""
        async with self._db.read() as conn:
            found = await hold_rows.folder_paths(conn, [folder_id])
        if folder_id not in found:
            raise FolderNotFound(format_id("fo", folder_id))
        return found[folder_id]

    async def place_at(self, path: bytes, library_id: int | None = None) -> tuple[int, bytes]:
        """(library, path relative to its root) of a path on the server, or of one inside of a library. Raises
        FolderNotFound, LibraryNotFound."""
        async with self._db.read() as conn:
            rows = await repository.libraries(conn)
        if library_id is not None and all(row.id != library_id for row in rows):
            raise LibraryNotFound(library_id)
        return purge.place(path, library_id, {row.id: row.root for row in rows})

    async def holder_of(self, path: bytes) -> tuple[int, bytes] | None:
        """(library, path relative to its root) of a full path; None where it lies in no library."""
        try:
            return await self.place_at(path)
        except FolderNotFound:
            return None

    # --- options ------------------------------------------------------------------------------------------------------

    async def state(self, library_id: int) -> LibraryState:
        """How a library stands. Raises LibraryNotFound."""
        async with self._db.read() as conn:
            row = await repository.library(conn, library_id)
            if row is None:
                raise LibraryNotFound(library_id)
            problems = await hold_rows.problem_count(conn, library_id)
        options = options_of(row.options)
        schedules = {schedule.name: schedule for schedule in await self._jobs.schedules()}
        quick = schedules.get(_name("quick", library_id))
        if quick is None and options.schedule is None:
            quick = schedules.get(NIGHTLY)
        waiting = await self._jobs.active_with_key(f"{SCAN}:{library_id}")
        return LibraryState(
            row=row,
            options=options,
            problems=problems,
            next_scan_at=_next(quick),
            next_full_scan_at=_next(schedules.get(_name("full", library_id))),
            waiting=waiting is not None,
        )

    async def change_options(self, library_id: int, given: Mapping[str, Any]) -> LibraryOptions:
        """Change some options of a library; null puts one back to its default. Raises LibraryNotFound, BadLibraryOptions."""
        unknown = [name for name in given if name not in LibraryOptions.model_fields]
        if unknown:
            known = ", ".join(sorted(LibraryOptions.model_fields))
            raise BadLibraryOptions(
                [
                    FieldProblem(f"options.{name}", "unknown_option", f"There is no option {name}; there are {known}.")
                    for name in unknown
                ]
            )
        async with self._db.write() as tx:
            row = await repository.library(tx.conn, library_id)
            if row is None:
                raise LibraryNotFound(library_id)
            merged = {name: value for name, value in ((row.options or {}) | dict(given)).items() if value is not None}
            try:
                options = LibraryOptions.model_validate(merged)
            except ValidationError as error:
                raise BadLibraryOptions(
                    [
                        FieldProblem(
                            ".".join(["options", *map(str, item["loc"])]), item["type"],
                            f"{'.'.join(map(str, item['loc']))}: {item['msg'].removeprefix('Value error, ')}",
                        )
                        for item in error.errors()
                    ]
                ) from None  # fmt: skip
            await hold_rows.set_options(tx, library_id, options.model_dump(mode="json", exclude_defaults=True))
            await self._schedule(tx, library_id, options)
            for hook in self.on_options_changed:
                await hook(tx, library_id, options)
        return options

    async def _schedule(self, tx: Transaction, library_id: int, options: LibraryOptions) -> None:
        for kind, line in (("quick", options.schedule), ("full", options.full_schedule)):
            name = _name(kind, library_id)
            if line is None or line == NEVER:
                await self._jobs.drop_schedule(tx, name)
                continue
            try:
                await self._jobs.put_schedule(
                    tx, name, SCHEDULED, line, {"library": library_id, "full": kind == "full"}
                )
            except BadCron as error:
                field = "schedule" if kind == "quick" else "full_schedule"
                raise BadLibraryOptions([FieldProblem(f"options.{field}", error.code, error.message)]) from None

    async def forget_schedules(self, tx: Transaction, library_id: int) -> None:
        """Called in the transaction in which a library goes."""
        for kind in ("quick", "full"):
            await self._jobs.drop_schedule(tx, _name(kind, library_id))

    async def run_schedule(self, library_id: int, *, full: bool) -> list[int]:
        """The work of a library's own schedule; returns the jobs. Of a library that is gone nothing is asked."""
        try:
            return await self._scans.request(library_id, full=full, automatic=True)
        except LibraryNotFound:
            return []

    async def run_nightly(self, *, full: bool = False) -> list[int]:
        """Ask for a scan of every library that has no schedule of its own; returns the jobs."""
        async with self._db.read() as conn:
            rows = await repository.libraries(conn)
        wanted = [row.id for row in rows if options_of(row.options).schedule is None]
        return [job for number in wanted for job in await self.run_schedule(number, full=full)]

    # --- purge --------------------------------------------------------------------------------------------------------

    async def purge(
        self,
        library_id: int,
        *,
        older_than_days: int = 0,
        dry_run: bool = False,
        confirm: str | None = None,
        actor: Actor = SYSTEM,
    ) -> Purging:
        """Count the files of a library that are missing since at least so many days, and ask for them to be forgotten.

        `confirm` must be the library's name; a dry run needs none. Plays and playlists keep their words.
        Raises LibraryNotFound, NotConfirmed.
        """
        before = utc_now() - timedelta(days=older_than_days)
        async with self._db.write() as tx:
            row = await repository.library(tx.conn, library_id)
            if row is None:
                raise LibraryNotFound(library_id)
            files, tracks, size = await purge.count(tx.conn, library_id, before)
            if dry_run:
                return Purging(files, tracks, size)
            if confirm != row.name:
                raise NotConfirmed(row.name, tracks, purge=True)
            ticket = await self._jobs.enqueue(
                tx, PURGE, {"library": library_id, "before": before.isoformat()},
                dedup_key=f"{PURGE}:{library_id}", created_by=actor.user_id,
            )  # fmt: skip
        return Purging(files, tracks, size, ticket.id)

    async def run_purge(self, job: JobContext, library_id: int, before: datetime) -> dict[str, Any]:
        """The work of `purge`."""
        return await purge.run(self._db, library_id, before, job)


def _name(kind: str, library_id: int) -> str:
    return f"library.scan.{kind}:{format_id('li', library_id)}"


def _next(schedule: ScheduleInfo | None) -> datetime | None:
    return schedule.next_run_at if schedule is not None and schedule.enabled else None
