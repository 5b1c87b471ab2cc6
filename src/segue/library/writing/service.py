"""The verbs of writing tags into files: ask for it, see what it would be, see what became of it, undo it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.ids import TypedId
from segue.core.pool import ProcessPool
from segue.core.storage import Storage
from segue.jobs import Cancelled, JobContext, JobService
from segue.library.edits import repository as edits
from segue.library.edits.targets import Targets, following_ids
from segue.library.measures import repository as measures
from segue.library.options import options_of
from segue.library.scan import documents
from segue.library.scan import repository as scans
from segue.library.scan.tags.rules import Rules
from segue.library.service import LibraryService
from segue.library.writing import repository
from segue.library.writing.errors import (
    BatchNotFound,
    NothingNamed,
    NotUndoable,
    NotWhatTagsAreOf,
    TooManyFiles,
    UnknownFields,
)
from segue.library.writing.fields import WRITABLE
from segue.library.writing.measured import measured_fields
from segue.library.writing.planning import Plan, look_at, plan_of, row_of, with_measured
from segue.library.writing.writer import BatchWriter, settle_leftovers

WRITE = "library.write_tags"
MOST_FILES = 200_000
"""Files of one act."""
PLANNED_AT_ONCE = 200
PREVIEWED = 200
"""Files that a dry run looks at."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The first plans of an act, and how many files it would be about."""

    plans: list[Plan]
    total: int


@dataclass(frozen=True, slots=True)
class BatchView:
    """An act of writing with what became of its files; `counts` is by state."""

    id: int
    action: str
    cause: str
    undoes: int | None
    undone_by: int | None
    made_by: int | None
    made_at: Any
    finished_at: Any
    job_id: int | None
    total: int
    counts: dict[str, int]
    fields: list[str] | None
    artwork: bool
    measured: list[str]


class WritingService:
    """`tag_rules` gives the rules by which files are read."""

    def __init__(
        self,
        db: Database,
        library: LibraryService,
        jobs: JobService,
        storage: Storage,
        tag_rules: Callable[[], Awaitable[Rules | None]],
    ) -> None:
        self._db = db
        self._library = library
        self._jobs = jobs
        self._storage = storage
        self._rules = tag_rules
        self._pool: ProcessPool | None = None

    async def close(self) -> None:
        """End the child process."""
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    # --- asking -------------------------------------------------------------------------------------------------------

    async def files_named(
        self, actor: Actor, targets: Iterable[str], tracks: Targets | None = None, *, measured: Collection[str] = ()
    ) -> list[int]:
        """The files of tracks, albums, artists, files and libraries (of a library the edited ones, and the measured ones where
        anything `measured` is to be written), as far as `actor` sees, and those of the tracks that a filter leaves.

        Raises BadId, NotWhatTagsAreOf, NothingNamed, TooManyFiles.
        """
        by_kind: dict[str, list[int]] = {"track": []}
        for target in targets:
            typed = TypedId.parse(target)
            if typed.kind not in ("track", "album", "artist", "file", "library"):
                raise NotWhatTagsAreOf(target)
            by_kind.setdefault(typed.kind, []).append(typed.number)
        async with self._db.read() as conn:
            if tracks is not None:
                by_kind["track"] += await following_ids(conn, self._library, actor, tracks, 0, MOST_FILES + 1)
            found = set(by_kind.get("file", ()))
            found.update(await repository.files_of_tracks(conn, by_kind["track"]))
            found.update(await repository.files_of_albums(conn, by_kind.get("album", ())))
            found.update(await repository.files_of_artists(conn, by_kind.get("artist", ())))
            if "library" in by_kind:
                found.update(await repository.edited_files_of_libraries(conn, by_kind["library"]))
                if measured:
                    found.update(await repository.measured_files_of_libraries(conn, by_kind["library"]))
            files = await repository.visible(conn, found, actor.libraries)
        if not files:
            raise NothingNamed
        if len(files) > MOST_FILES:
            raise TooManyFiles(len(files), MOST_FILES)
        return files

    async def preview(
        self,
        files: Sequence[int],
        *,
        fields: Collection[str] | None = None,
        artwork: bool = False,
        measured: Collection[str] = (),
    ) -> Preview:
        """What writing would do to the first 200 of these files. Nothing is touched. Raises UnknownFields."""
        self._check_fields(fields)
        plans = await self._plans(files[:PREVIEWED], fields, artwork, measured, look=True)
        return Preview(plans, len(files))

    async def request(
        self,
        files: Sequence[int],
        *,
        fields: Collection[str] | None = None,
        artwork: bool = False,
        measured: Collection[str] = (),
        created_by: int | None = None,
    ) -> tuple[int, int]:
        """Ask for these files to be written; returns the act and its job. `measured` names what is written of what was
        measured: tempo, key, gains. Raises UnknownFields."""
        self._check_fields(fields)
        async with self._db.write() as tx:
            return await self._request(tx, files, "asked", fields, artwork, created_by, measured)

    async def after_edit(
        self, tx: Transaction, tracks: Collection[int], albums: Collection[int], made_by: int | None = None
    ) -> None:
        """In the transaction of an edit: where their libraries write tags, ask for the files of these to be written."""
        if not await repository.any_library_writes(tx.conn):
            return
        files = set(await repository.files_of_tracks(tx.conn, tracks))
        files.update(await repository.files_of_albums(tx.conn, albums))
        known = await repository.files(tx.conn, files)
        wanted = sorted(number for number, file in known.items() if options_of(file.options).write_tags)
        if wanted:
            await self._request(tx, wanted, "edit", None, False, made_by)

    async def _request(
        self,
        tx: Transaction,
        files: Sequence[int],
        cause: str,
        fields: Collection[str] | None,
        artwork: bool,
        made_by: int | None,
        measured: Collection[str] = (),
    ) -> tuple[int, int]:
        params: dict[str, Any] = {"fields": None if fields is None else sorted(fields), "artwork": artwork}
        params |= {"measured": sorted(measured)} if measured else {}
        batch = await repository.add_batch(
            tx,
            action="write",
            cause=cause,
            params=params,
            file_ids=list(files),
            made_by=made_by,
            made_at=utc_now(),
            total=len(files),
        )
        return batch, await self._enqueue(tx, batch, made_by)

    async def request_undo(self, batch_id: int, created_by: int | None = None) -> tuple[int, int]:
        """Ask for what an act wrote to be put back; returns the new act and its job. Raises BatchNotFound, NotUndoable."""
        async with self._db.write() as tx:
            batch = await repository.batch(tx.conn, batch_id)
            if batch is None:
                raise BatchNotFound(batch_id)
            if batch.finished_at is None:
                raise NotUndoable("still_writing", "It is still being written; cancel its job or wait.")
            written = (await repository.counts(tx.conn, [batch_id]))[batch_id].get("written", 0)
            if not written:
                raise NotUndoable("nothing_to_undo", "Nothing of it stands in any file.")
            undo = await repository.add_batch(
                tx, action="undo", cause="asked", params={}, undoes=batch_id, made_by=created_by, made_at=utc_now(),
                total=written,
            )  # fmt: skip
            return undo, await self._enqueue(tx, undo, created_by)

    async def _enqueue(self, tx: Transaction, batch: int, made_by: int | None) -> int:
        ticket = await self._jobs.enqueue(tx, WRITE, {"batch": batch}, dedup_key=f"{WRITE}:{batch}", created_by=made_by)
        await repository.set_batch(tx, batch, job_id=ticket.id)
        return ticket.id

    @staticmethod
    def _check_fields(fields: Collection[str] | None) -> None:
        unknown = sorted(set(fields or ()) - WRITABLE)
        if unknown:
            raise UnknownFields(unknown)

    # --- looking ------------------------------------------------------------------------------------------------------

    async def page(self, before: int | None = None, limit: int = 50) -> tuple[list[BatchView], int | None]:
        """Acts of writing, newest first, and the `before` of the next page."""
        async with self._db.read() as conn:
            rows = await repository.batches(conn, before, limit + 1)
            views = [await self._view(conn, row) for row in rows[:limit]]
        return views, rows[limit - 1].id if len(rows) > limit else None

    async def batch(self, batch_id: int) -> BatchView:
        """One act. Raises BatchNotFound."""
        async with self._db.read() as conn:
            row = await repository.batch(conn, batch_id)
            if row is None:
                raise BatchNotFound(batch_id)
            return await self._view(conn, row)

    async def writes(
        self, actor: Actor, batch_id: int, *, states: Collection[str] | None = None, after: int = 0, limit: int = 50
    ) -> list[Any]:
        """The files of an act in order, from after that number. Raises BatchNotFound."""
        async with self._db.read() as conn:
            if await repository.batch(conn, batch_id) is None:
                raise BatchNotFound(batch_id)
            found = await repository.writes(
                conn, batch_id, states=states, after=after, limit=limit, libraries=actor.libraries
            )
        return list(found)

    async def _view(self, conn: Any, row: Any) -> BatchView:
        counts = (await repository.counts(conn, [row.id]))[row.id]
        return BatchView(
            row.id, row.action, row.cause, row.undoes, await repository.undone_by(conn, row.id), row.made_by,
            row.made_at, row.finished_at, row.job_id, row.total, counts, row.params.get("fields"),
            bool(row.params.get("artwork")), row.params.get("measured") or [],
        )  # fmt: skip

    # --- working ------------------------------------------------------------------------------------------------------

    async def run(self, job: JobContext, batch_id: int) -> dict[str, Any] | None:
        """The work of an act's job: plan, then write."""
        async with self._db.read() as conn:
            batch = await repository.batch(conn, batch_id)
        if batch is None:
            return None
        job.progress(0, batch.total, unit="files", phase="write")
        try:
            await self._plan(job, batch)
            rules = await self._rules()
            writer = BatchWriter(self._db, self._writing_pool(), self._storage, job, rules, batch)
            await writer.run()
        except Cancelled:
            await self._end(batch_id, "cancelled")
            raise
        finally:
            await self.close()
        async with self._db.write() as tx:
            await job.guard(tx)
            await repository.set_batch(tx, batch_id, finished_at=utc_now())
            counts = (await repository.counts(tx.conn, [batch_id]))[batch_id]
            await job.complete(tx, counts)
        return counts

    async def recover(self) -> int:
        """At start-up: finish or take back what no job goes on with. Returns how many files lay half done."""
        async with self._db.read() as conn:
            open_batches = await repository.unfinished(conn)
        count = 0
        for batch in open_batches:
            if await self._jobs.active_with_key(f"{WRITE}:{batch.id}") is None:
                count += await self._end(batch.id, "interrupted")
        return count

    async def _end(self, batch_id: int, code: str) -> int:
        """End an act that is not gone on with: nothing half done is left."""
        count = await settle_leftovers(self._db, {batch_id}, await self._rules(), fail=True)
        async with self._db.write() as tx:
            await repository.give_up(tx, batch_id, code, utc_now())
        return count

    async def _plan(self, job: JobContext, batch: Any) -> None:
        """Note in the journal what is to be written, a part at a time."""
        if job.checkpoint.get("planned"):
            return
        after = int(job.checkpoint.get("after", 0))
        while True:
            job.check()
            rows, after_next = await (self._plan_undo if batch.action == "undo" else self._plan_write)(batch, after)
            async with self._db.write() as tx:
                await job.guard(tx)
                await repository.add_writes(tx, rows)
                done = after_next is None
                await job.save({"planned": True} if done else {"after": after_next}, tx=tx)
            if after_next is None:
                return
            after = after_next

    async def _plan_write(self, batch: Any, after: int) -> tuple[list[dict[str, Any]], int | None]:
        async with self._db.read() as conn:
            everything = await repository.files_of_batch(conn, batch.id)
        files = everything[after : after + PLANNED_AT_ONCE]
        params = batch.params
        plans = await self._plans(
            files, params.get("fields"), bool(params.get("artwork")), params.get("measured") or ()
        )
        following = after + PLANNED_AT_ONCE
        return [row_of(batch.id, plan) for plan in plans], following if following < len(everything) else None

    async def _plan_undo(self, batch: Any, after: int) -> tuple[list[dict[str, Any]], int | None]:
        async with self._db.read() as conn:
            former = await repository.writes(
                conn, batch.undoes, states=("written",), after=after, limit=PLANNED_AT_ONCE
            )
        now = utc_now()
        rows = [
            {
                "batch_id": batch.id, "file_id": row.file_id, "library_id": row.library_id,
                "display_path": row.display_path, "state": "planned", "code": None, "params": None,
                "changes": row.before, "before": row.changes, "artwork_id": row.artwork_id, "undoes": row.id,
                "changed_at": now,
            }
            for row in former
        ]  # fmt: skip
        return rows, former[-1].id if len(former) == PLANNED_AT_ONCE else None

    async def _plans(
        self,
        file_ids: Sequence[int],
        fields: Collection[str] | None,
        artwork: bool,
        measured: Collection[str] = (),
        *,
        look: bool = False,
    ) -> list[Plan]:
        """What would be written into these files; `look` also asks the disk whether it could be."""
        async with self._db.read() as conn:
            files = await repository.files(conn, file_ids)
            said = await scans.documents(conn, file_ids)
            tracks = [file.track_id for file in files.values() if file.track_id is not None]
            albums = {file.album_id for file in files.values() if file.album_id is not None}
            of_tracks = await edits.values_of(conn, "track", tracks)
            of_albums = await edits.values_of(conn, "album", albums)
            pictures = await repository.chosen_pictures(conn, albums) if artwork else {}
            written = await repository.journal(conn, file_ids)
            shown = {row.id: row._mapping for row in await measures.rows(conn, tracks)} if measured else {}
        plans = []
        for number in file_ids:
            file = files.get(number)
            if file is None:
                continue
            plan = plan_of(file, said.get(number), of_tracks, of_albums, fields, pictures, written.get(number, ()))
            if (row := shown.get(file.track_id or 0)) and number in said:
                plan = with_measured(plan, measured_fields(row, measured, file.codec, documents.tags_of(said[number])))
            if look and plan.reason is None and (reason := await asyncio.to_thread(look_at, file)) is not None:
                plan = replace(plan, reason=reason, artwork_id=None)
            plans.append(plan)
        return plans

    def _writing_pool(self) -> ProcessPool:
        if self._pool is None:
            self._pool = ProcessPool(1, memory_mb=1024)
        return self._pool
