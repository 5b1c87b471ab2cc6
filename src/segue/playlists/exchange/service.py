"""The verbs of bringing playlists in: send a file, look at what it holds, choose, and have lists made of it."""

from __future__ import annotations

import asyncio
import codecs
import secrets
import tempfile
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, BinaryIO

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.remembered import Remembered
from segue.core.storage import ObjectNotFound, Storage
from segue.jobs import JobContext, JobService
from segue.library.finding import FindingService
from segue.playlists import folder_rows, repository
from segue.playlists.errors import BadPlaylist, PlaylistNotFound, TrackNotFound
from segue.playlists.exchange import rows
from segue.playlists.exchange.errors import (
    EmptyFile,
    FileTooLarge,
    ImportListNotFound,
    ImportNotFound,
    NoPlaylist,
    NotReady,
    UnknownEncoding,
)
from segue.playlists.exchange.formats import MAX_BYTES, Format, format_of
from segue.playlists.exchange.keeping import Keeping
from segue.playlists.exchange.reasons import sentence
from segue.playlists.exchange.smart_files import lists_called, query_of
from segue.playlists.exchange.staging import Reading
from segue.playlists.exchange.views import ImportChoices, ImportView, ListChoice, ListView
from segue.playlists.exchange.wanting import entry_of_json, new_row
from segue.playlists.service import PlaylistService
from segue.playlists.views import NewRow
from segue.query import Entity

READ, APPLY = "playlists.import_read", "playlists.import_apply"
AT_ONCE_BYTES = 256 * 1024
"""Files up to this size are read while their sender waits; larger ones by a job."""
AT_ONCE_ROWS = 1_000
KEPT = timedelta(days=7)
"""How long an import can be looked at."""
STEP = 300


class PlaylistImportService:
    """The door to imports of playlists."""

    def __init__(
        self, db: Database, playlists: PlaylistService, keeping: Keeping, finding: FindingService, jobs: JobService,
        storage: Storage, tracks: Entity,
    ) -> None:  # fmt: skip
        self._db = db
        self._playlists = playlists
        self._keeping = keeping
        self._finding = finding
        self._jobs = jobs
        self._storage = storage
        self._tracks = tracks

    # --- sending and looking -----------------------------------------------------------------------------------------

    async def send(
        self,
        actor: Actor,
        name: str,
        parts: AsyncIterator[bytes],
        *,
        format: Format | None = None,
        encoding: str | None = None,
    ) -> ImportView:
        """Take a file and read it: at once where it is small, else by a job. Raises EmptyFile, FileTooLarge, NoPlaylist,
        UnknownEncoding."""
        if encoding:
            try:
                codecs.lookup(encoding)
            except (LookupError, ValueError):
                raise UnknownEncoding(encoding) from None
        with tempfile.SpooledTemporaryFile(max_size=4 * AT_ONCE_BYTES, prefix="segue-playlist-") as file:
            size = 0
            async for part in parts:
                size += len(part)
                if size > MAX_BYTES:
                    raise FileTooLarge(size, MAX_BYTES)
                await asyncio.to_thread(file.write, part)
            if size == 0:
                raise EmptyFile
            plain: BinaryIO = file  # type: ignore[assignment]
            found = format or format_of(name, plain)
            if found is None:
                raise NoPlaylist("unknown_format", sentence("unknown_format", {"name": name[:200]}))
            at_once = size <= AT_ONCE_BYTES
            key = None if at_once else f"playlists/imports/{secrets.token_hex(12)}"
            if key is not None:
                await self._storage.put(key, _pieces(plain))
            async with self._db.write() as tx:
                number = await rows.add_import(
                    tx,
                    {
                        "owner_id": actor.person, "file_name": name[:500], "format": found, "encoding": encoding,
                        "size_bytes": size, "storage_key": key, "state": "reading", "doubts": [], "created_at": utc_now(),
                    },
                )  # fmt: skip
                if key is not None:
                    job = await self._jobs.enqueue(tx, READ, {"import": number}, created_by=actor.user_id)
                    await rows.change_import(tx, number, {"job_id": job.id})
                tx.changed("playlist_import", number, user_id=actor.person)
            if at_once:
                await (await self._reading(actor, number, plain, name, found, encoding)).run()
        return await self.view(actor, number)

    async def view(self, actor: Actor, import_id: int) -> ImportView:
        """One of `actor`'s imports. Raises ImportNotFound."""
        async with self._db.read() as conn:
            row = await rows.an_import(conn, import_id, actor.person)
            if row is None:
                raise ImportNotFound(import_id)
            return await self._view(conn, row)

    async def imports(self, actor: Actor, limit: int = 50) -> list[ImportView]:
        """`actor`'s imports of the last week, the newest first."""
        async with self._db.read() as conn:
            return [await self._view(conn, row) for row in await rows.imports_of(conn, actor.person, limit)]

    async def rows(
        self,
        actor: Actor,
        import_id: int,
        number: int,
        *,
        states: Sequence[str] = (),
        after: int = -1,
        limit: int = 100,
    ) -> list[Any]:
        """Rows of one list of an import, behind the place `after`. Raises ImportNotFound."""
        async with self._db.read() as conn:
            if await rows.an_import(conn, import_id, actor.person) is None:
                raise ImportNotFound(import_id)
            return list(await rows.import_rows(conn, import_id, number, states=states, after=after, limit=limit))

    async def tracks_of(self, actor: Actor, some: Sequence[Any]) -> dict[int, Remembered]:
        """What the tracks are called that rows of an import may mean."""
        ids = [row.track_id for row in some if row.track_id is not None]
        ids += [int(number) for row in some for number, _ in row.others or ()]
        async with self._db.read() as conn:
            return await self._keeping.remembered(conn, actor, list(dict.fromkeys(ids)))

    async def choose(self, actor: Actor, import_id: int, number: int, place: int, track_id: int | None) -> None:
        """Say which track a row means; None: none of them. Raises ImportNotFound, NotReady, TrackNotFound."""
        async with self._db.write() as tx:
            row = await rows.an_import(tx.conn, import_id, actor.person, lock=True)
            if row is None:
                raise ImportNotFound(import_id)
            if row.state != "ready":
                raise NotReady(row.state)
            if track_id is not None and not await self._keeping.may_see(tx.conn, actor, track_id):
                raise TrackNotFound(track_id)
            was = await rows.import_rows(tx.conn, import_id, number, after=place - 1, limit=1)
            if not was or was[0].place != place:
                raise ImportListNotFound(number)
            state = "chosen" if track_id is not None else "unlinked"
            values = {"state": state, "track_id": track_id, "score": None, "method": "chosen"}
            await rows.set_import_row(tx, import_id, number, place, values)
            before, now = _counted(was[0].state), _counted(state)
            if before != now:
                await rows.count_list(tx, import_id, number, {before: -1, now: 1})

    async def discard(self, actor: Actor, import_id: int) -> None:
        """Forget an import; lists that were made of it stay. Raises ImportNotFound."""
        async with self._db.write() as tx:
            row = await rows.an_import(tx.conn, import_id, actor.person, lock=True)
            if row is None:
                raise ImportNotFound(import_id)
            await rows.delete_imports(tx, [import_id])
            tx.changed("playlist_import", import_id, "delete", user_id=actor.person)
        if row.storage_key:
            await self._storage.delete(row.storage_key)

    # --- making lists ------------------------------------------------------------------------------------------------

    async def apply(self, actor: Actor, import_id: int, choices: ImportChoices) -> ImportView:
        """Make lists of an import: at once where it is small, else by a job. Raises ImportNotFound, NotReady,
        PlaylistNotFound for a list that is to be updated and is not theirs."""
        async with self._db.write() as tx:
            row = await rows.an_import(tx.conn, import_id, actor.person, lock=True)
            if row is None:
                raise ImportNotFound(import_id)
            if row.state != "ready":
                raise NotReady(row.state)
            for one in choices.lists.values():
                if one.playlist_id is not None:
                    target = await repository.any_playlist(tx.conn, one.playlist_id)
                    if target is None or target.owner_id != actor.person:
                        raise PlaylistNotFound(one.playlist_id)
                    if target.kind != "manual":
                        raise BadPlaylist("smart_playlist", f"{target.name!r} fills itself.", field="lists")
            lists = await rows.lists_of(tx.conn, import_id)
            total = sum(one.sure + one.review + one.none for one in lists)
            values: dict[str, Any] = {"state": "applying", "options": choices.as_json(), "job_id": None}
            if total > AT_ONCE_ROWS:
                job = await self._jobs.enqueue(tx, APPLY, {"import": import_id}, created_by=actor.user_id)
                values["job_id"] = job.id
            await rows.change_import(tx, import_id, values)
            tx.changed("playlist_import", import_id, user_id=actor.person)
        if total <= AT_ONCE_ROWS:
            await self._apply(actor, import_id, None)
        return await self.view(actor, import_id)

    # --- work of jobs ------------------------------------------------------------------------------------------------

    async def read_stored(self, job: JobContext, import_id: int) -> dict[str, Any] | None:
        """Read the file of an import that was too large to be read at once."""
        async with self._db.read() as conn:
            row = await rows.an_import(conn, import_id)
        if row is None or row.state != "reading" or row.storage_key is None:
            return None
        actor = await self._owner(row.owner_id)
        if actor is None:
            return None

        async def saved(tx: Transaction, taken: int) -> None:
            await job.guard(tx)
            await job.save({"taken": taken}, tx=tx)

        def told(taken: int) -> None:
            job.check()
            job.progress(taken, phase="read", unit="rows")

        with tempfile.TemporaryFile(prefix="segue-playlist-") as file:
            try:
                async for piece in self._storage.stream(row.storage_key):
                    await asyncio.to_thread(file.write, piece)
            except ObjectNotFound:
                async with self._db.write() as tx:
                    doubts = [["file_unreadable", {"reason": "it is no longer stored"}]]
                    await rows.change_import(tx, import_id, {"state": "failed", "doubts": doubts})
                return None
            reading = await self._reading(actor, import_id, file, row.file_name, row.format, row.encoding)
            await reading.run(int(job.checkpoint.get("taken", 0)), saved, told)
        async with self._db.write() as tx:
            await rows.change_import(tx, import_id, {"storage_key": None})
        await self._storage.delete(row.storage_key)
        return {"rows": int(job.checkpoint.get("taken", 0))}

    async def apply_stored(self, job: JobContext, import_id: int) -> None:
        """Make lists of an import that is large."""
        async with self._db.read() as conn:
            row = await rows.an_import(conn, import_id)
        actor = await self._owner(row.owner_id) if row is not None and row.state == "applying" else None
        if actor is not None:
            await self._apply(actor, import_id, job)

    async def housekeeping(self) -> int:
        """Forget imports that are a week old; how many there were."""
        async with self._db.read() as conn:
            old = await rows.imports_before(conn, utc_now() - KEPT)
        async with self._db.write() as tx:
            await rows.delete_imports(tx, [row.id for row in old])
            await rows.forget_orphans(tx)
        for row in old:
            if row.storage_key:
                await self._storage.delete(row.storage_key)
        return len(old)

    async def on_user_erased(self, tx: Transaction, user_id: int) -> None:
        """Called inside the transaction that erases a person."""
        await rows.delete_imports(tx, await rows.imports_by(tx.conn, user_id))
        await rows.forget_sources(tx, owner_id=user_id)

    # --- inside ------------------------------------------------------------------------------------------------------

    async def _reading(
        self, actor: Actor, number: int, file: BinaryIO, name: str, format: Any, encoding: str | None
    ) -> Reading:
        async with self._db.read() as conn:
            seen = await rows.lists_seen_by(conn, actor.person)
        smart = partial(query_of, self._tracks, lists=lists_called(seen))
        return Reading(self._db, self._finding, smart, actor, number, file, name, format, encoding)

    async def _apply(self, actor: Actor, import_id: int, job: JobContext | None) -> None:
        async with self._db.read() as conn:
            row = await rows.an_import(conn, import_id)
            lists = await rows.lists_of(conn, import_id)
            known = await rows.sources_by_key(conn, actor.person, [one.source_key for one in lists])
        if row is None:
            return
        choices = ImportChoices.of_json(row.options or {})
        made = sum(one.sure + one.review + one.none for one in lists)
        done = 0
        for one in lists:
            choice = choices.lists.get(one.number, ListChoice())
            before = known.get(one.source_key)
            action = choice.action or ("new" if before is None else choices.again)
            target = choice.playlist_id or (before.playlist_id if before is not None else None)
            if action == "update" and target is None:
                action = "new"
            name = choice.name or one.name
            rows_of_it = one.sure + one.review + one.none
            if action == "skip":
                pass
            elif one.query is not None:
                await self._smart(actor, import_id, one, name, choices)
            elif action == "update" and target is not None:
                await self._update(actor, import_id, one, target, choices, job)
            else:
                await self._new(actor, import_id, one, name, choices, job)
            done += rows_of_it
            if job is not None:
                job.check()
                job.progress(done, made, phase="write", unit="rows")
        async with self._db.write() as tx:
            await rows.change_import(tx, import_id, {"state": "done", "finished_at": utc_now()})
            tx.changed("playlist_import", import_id, user_id=actor.person)

    async def _smart(self, actor: Actor, import_id: int, one: Any, name: str, choices: ImportChoices) -> None:
        if one.playlist_id is not None:
            return
        number = await self._playlists.create(
            actor, name, comment=one.comment, visibility=choices.visibility, query=one.query
        )
        async with self._db.write() as tx:
            await rows.set_list(tx, import_id, one.number, {"playlist_id": number})
        await self._place(actor, number, one.folder if choices.folders else ())

    async def _new(
        self, actor: Actor, import_id: int, one: Any, name: str, choices: ImportChoices, job: JobContext | None
    ) -> None:
        number = one.playlist_id
        if number is None:
            async with self._db.write() as tx:
                if job is not None:
                    await job.guard(tx)
                number = await self._keeping.begin(tx, actor, name, comment=one.comment, visibility=choices.visibility)
                await rows.set_list(tx, import_id, one.number, {"playlist_id": number})
            await self._place(actor, number, one.folder if choices.folders else ())
        while True:
            async with self._db.write() as tx:
                if job is not None:
                    job.check()
                    await job.guard(tx)
                row = await repository.any_playlist(tx.conn, number)
                if row is None:  # its owner deleted it meanwhile
                    return
                step = await rows.import_rows(tx.conn, import_id, one.number, after=row.track_count - 1, limit=STEP)
                if not step:
                    await self._remember(tx, actor, one, number)
                    return
                new = [_row(staged, choices.take_unsure) for staged in step]
                await self._keeping.append(tx, actor, number, new)

    async def _update(
        self, actor: Actor, import_id: int, one: Any, target: int, choices: ImportChoices, job: JobContext | None
    ) -> None:
        new: list[NewRow] = []
        async with self._db.read() as conn:
            after = -1
            while step := await rows.import_rows(conn, import_id, one.number, after=after, limit=2_000):
                new += [_row(staged, choices.take_unsure) for staged in step]
                after = step[-1].place
        async with self._db.write() as tx:
            if job is not None:
                await job.guard(tx)
            await self._keeping.bring_up_to_date(tx, actor, target, new)
            await rows.set_list(tx, import_id, one.number, {"playlist_id": target})
            await self._remember(tx, actor, one, target)

    async def _remember(self, tx: Transaction, actor: Actor, one: Any, playlist_id: int) -> None:
        """Note where a list came from, so that the same file finds it."""
        known = (await rows.sources_by_key(tx.conn, actor.person, [one.source_key])).get(one.source_key)
        kept = await self._keeping.hash_of(tx.conn, playlist_id)
        values = {"playlist_id": playlist_id, "kept": kept, "state": "in_step", "seen_at": utc_now()}
        if known is not None:
            await rows.change_source(tx, known.id, values)
        else:
            await rows.add_source(
                tx, {**values, "owner_id": actor.person, "source_key": one.source_key, "display_path": ""}
            )

    async def _place(self, actor: Actor, playlist_id: int, folder: Sequence[str]) -> None:
        """Keep a list in folders of these names, which are made where they are not."""
        parent: int | None = None
        for name in folder:
            async with self._db.read() as conn:
                present = await folder_rows.folders_of(conn, actor.person)
            same = [one.id for one in present if one.parent_id == parent and one.name == name.strip()]
            try:
                parent = same[0] if same else await self._playlists.add_folder(actor, name, parent)
            except BadPlaylist:  # too many, or too deep: the list stays where it got to
                break
        if parent is not None:
            await self._playlists.keep_in(actor, playlist_id, parent)

    async def _owner(self, owner_id: int) -> Actor | None:
        return (await self._playlists.people.actors([owner_id])).get(owner_id)

    async def _view(self, conn: Any, row: Any) -> ImportView:
        lists = await rows.lists_of(conn, row.id)
        known = await rows.sources_by_key(conn, row.owner_id, [one.source_key for one in lists])
        views = [
            ListView(
                one.number, one.name, one.comment, one.kind, one.query, tuple(one.folder),
                {"rows": one.sure + one.review + one.none, "sure": one.sure, "review": one.review, "none": one.none,
                 "bad": one.bad},
                known[one.source_key].playlist_id if one.source_key in known else None,
                one.playlist_id,
            )
            for one in lists
        ]  # fmt: skip
        return ImportView(
            row.id, row.file_name, row.format, row.size_bytes, row.state, row.job_id, list(row.doubts), views,
            row.created_at, row.finished_at,
        )  # fmt: skip


def _row(staged: Any, take_unsure: bool) -> NewRow:
    entry = entry_of_json(staged.entry)
    return new_row(entry, staged.state, staged.track_id, staged.score, staged.method, staged.reasons, take_unsure)


def _counted(state: str) -> str:
    return {"chosen": "sure", "unlinked": "none"}.get(state, state)


async def _pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    file.seek(0)
    while piece := await asyncio.to_thread(file.read, 256 * 1024):
        yield piece
