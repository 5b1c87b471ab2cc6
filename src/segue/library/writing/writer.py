"""Do the writing of one batch: a few files at a time, each step in the journal before the disk changes.

    planned ──▶ writing ──▶ (a new file beside the old one) ──▶ ready ──▶ (one rename) ──▶ written

Killed anywhere, the next start finds by the journal what lies where, finishes what was renamed, takes away what was not, and
goes on.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Collection, Sequence
from typing import Any, Protocol

import structlog

from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.pool import ChildCrashed, DeadlineExceeded, MemoryExceeded, ProcessPool, TaskFailed
from segue.core.storage import ObjectNotFound, Storage
from segue.library.options import options_of
from segue.library.scan.again import write_again
from segue.library.scan.documents import encode, hash_of
from segue.library.scan.facts import FileFacts
from segue.library.scan.read import read_file
from segue.library.scan.tags.rules import Rules
from segue.library.writing import durable, repository, rewriting
from segue.library.writing.formats.tagged import Picture
from segue.library.writing.reasons import Refused
from segue.library.writing.repository import WritableFile
from segue.library.writing.rewriting import TEMPORARY, Place, Prepared

log = structlog.get_logger("segue.writing")

AT_ONCE = 8
"""Files of one step: as many new files lie beside old ones at a time."""
DEADLINE_S = 60.0
SLOWEST_BYTES_S = 5_000_000
"""A disk that reads and writes more slowly is given up on."""


class Control(Protocol):
    """What the writer needs of its job."""

    def check(self) -> None: ...
    def advance(self, count: int = 1) -> None: ...
    async def guard(self, tx: Transaction) -> None: ...


class BatchWriter:
    """Writes the planned files of one batch."""

    def __init__(
        self, db: Database, pool: ProcessPool, storage: Storage, control: Control, rules: Rules | None, batch: Any
    ) -> None:
        self._db = db
        self._pool = pool
        self._storage = storage
        self._control = control
        self._rules = rules
        self._batch = batch
        self._pictures: dict[int, Picture | None] = {}

    async def run(self) -> None:
        """Write what is planned, until nothing is."""
        await settle_leftovers(self._db, {self._batch.id}, self._rules)
        while True:
            self._control.check()
            async with self._db.read() as conn:
                rows = await repository.writes(conn, self._batch.id, states=("planned",), limit=AT_ONCE)
                files = await repository.files(conn, [row.file_id for row in rows])
            if not rows:
                return
            await self._some(rows, files)
            self._control.advance(len(rows))

    async def _some(self, rows: Sequence[Any], files: dict[int, WritableFile]) -> None:
        places = await asyncio.to_thread(lambda: {row.id: self._place(row, files.get(row.file_id)) for row in rows})
        async with self._db.write() as tx:
            await self._control.guard(tx)
            for row in rows:
                place = places[row.id]
                if isinstance(place, Refused):
                    await self._fail(tx, row, place)
                else:
                    await repository.set_write(
                        tx, row.id, state="writing", target=place.path, temporary=place.new, changed_at=utc_now()
                    )
        made: dict[int, Prepared | Refused] = {}
        for row in rows:
            place = places[row.id]
            if isinstance(place, Place):
                made[row.id] = await self._prepare(row, place)
        ready = {number: each for number, each in made.items() if isinstance(each, Prepared)}
        # What is raw lies in a file of its own on SQLite, and commits of two files are no one moment: each goes first.
        async with self._db.write() as tx:
            await self._control.guard(tx)
            for number, each in ready.items():
                await repository.keep_block(tx, number, each.block)
        async with self._db.write() as tx:
            await self._control.guard(tx)
            for row in rows:
                await self._keep(tx, row, made.get(row.id))
        late = await asyncio.to_thread(lambda: {number: _put(each) for number, each in ready.items()})
        async with self._db.write() as tx:
            await self._control.guard(tx)
            for row in rows:
                if row.id in ready and not isinstance(late[row.id], Refused):
                    await repository.set_document(tx, row.file_id, ready[row.id].document, utc_now())
        async with self._db.write() as tx:
            await self._control.guard(tx)
            await self._settle(tx, rows, ready, late, files)

    def _place(self, row: Any, file: WritableFile | None) -> Place | Refused:
        """Where the file is and its new one will be, or why there is nothing to write."""
        if file is None:
            return Refused("forgotten")
        if (reason := standing_in_the_way(file)) is not None:
            return reason
        real = rewriting.real_place(file.root, file.path)
        if isinstance(real, Refused):
            return real
        options = options_of(file.options)
        folder, name = os.path.split(real)
        ending = os.path.splitext(name)[1][:16]  # noqa: PTH122 - bytes
        new = os.path.join(folder, TEMPORARY + b"%d-%s" % (row.id, secrets.token_hex(6).encode()) + ending)  # noqa: PTH118
        return Place(
            file.root, real, new, (file.size, file.mtime_ns),
            break_links=options.write_hard_links == "break", keep_time=options.write_mtime == "keep", rules=self._rules,
        )  # fmt: skip

    async def _prepare(self, row: Any, place: Place) -> Prepared | Refused:
        work: Any = rewriting.prepare
        given: tuple[Any, ...]
        if row.undoes is None:
            cover = await self._picture(row.artwork_id)
            given = (place, row.changes or {}, cover)
        else:
            async with self._db.read() as conn:
                block = await repository.block(conn, row.undoes)
                former = (await repository.writes_by_id(conn, [row.undoes])).get(row.undoes)
                later = await repository.newer_write(conn, row.file_id, row.undoes)
            if later:
                return Refused("later_write")
            if block is None or former is None:
                return Refused("no_block")
            if former.state != "written":
                return Refused("not_written")
            work, given = rewriting.prepare_undo, (place, block, former.digest_after, former.digest_before)
        deadline = DEADLINE_S + place.known[0] / SLOWEST_BYTES_S
        try:
            made: Prepared | Refused = await self._pool.run(work, *given, deadline_s=deadline)
        except DeadlineExceeded:
            made = Refused("took_too_long", {"seconds": round(deadline)})
        except (ChildCrashed, MemoryExceeded, TaskFailed) as error:
            made = Refused("not_readable", {"error": error.code})
        if isinstance(made, Refused):
            await asyncio.to_thread(durable.remove, place.new)
        return made

    async def _picture(self, artwork_id: int | None) -> Picture | None:
        if artwork_id is None:
            return None
        if artwork_id not in self._pictures:
            async with self._db.read() as conn:
                found = await repository.picture_key(conn, artwork_id)
            self._pictures.clear()
            self._pictures[artwork_id] = None
            if found is not None and found.mime in ("image/jpeg", "image/png"):
                try:
                    data = await self._storage.get(found.storage_key)
                except ObjectNotFound:
                    return None
                self._pictures[artwork_id] = Picture(found.mime, data, found.width, found.height)
        return self._pictures[artwork_id]

    async def _keep(self, tx: Transaction, row: Any, made: Prepared | Refused | None) -> None:
        """Before anything takes a place: what the old file had, and what the new one is."""
        if made is None:
            return
        if isinstance(made, Refused):
            await self._fail(tx, row, made)
            return
        await repository.set_write(
            tx, row.id, state="ready", new_stat=list(made.after), audio_hash=made.audio_hash, said=[list(s) for s in made.said],
            digest_before=made.digest_before, digest_after=made.digest_after, changed_at=utc_now(),
        )  # fmt: skip

    async def _settle(
        self,
        tx: Transaction,
        rows: Sequence[Any],
        ready: dict[int, Prepared],
        late: dict[int, Refused | int],
        files: dict[int, WritableFile],
    ) -> None:
        done: list[int] = []
        for row in rows:
            made = ready.get(row.id)
            if made is None:
                continue
            changed_ns = late[row.id]
            if isinstance(changed_ns, Refused):
                await self._fail(tx, row, changed_ns)
                continue
            # A new cover is for the next scan to take out of the file; everything else is known already.
            known_hash = made.tag_hash if row.artwork_id is None else None
            stat = (*made.after, changed_ns)
            await _written(tx, row, files[row.file_id], stat, known_hash)
            done.append(row.file_id)
        if done:
            await write_again(tx, done)
        tx.changed("tag_write", self._batch.id)

    async def _fail(self, tx: Transaction, row: Any, reason: Refused) -> None:
        await repository.set_write(
            tx,
            row.id,
            state="failed",
            code=reason.code,
            params=dict(reason.params),
            temporary=None,
            changed_at=utc_now(),
        )


def _put(made: Prepared) -> Refused | int:
    """Put a new file in its place; when the operating system says that was, or why it could not be."""
    return rewriting.put_in_place(made) or rewriting.changed_ns(made.target)


def standing_in_the_way(file: WritableFile) -> Refused | None:
    """What the tables alone say against writing a file."""
    if file.missing:
        return Refused("missing")
    if not options_of(file.options).write_tags:
        return Refused("switched_off")
    if file.is_slice:
        return Refused("slice")
    if file.track_id is None:
        return Refused("not_readable", {"error": "it is no track"})
    return None


async def _written(tx: Transaction, row: Any, file: WritableFile, stat: Sequence[int], tag_hash: bytes | None) -> None:
    """Note a file that is written, in the journal and as a scan would have found it; what it says is kept already."""
    now = utc_now()
    await repository.set_stat(tx, file, stat, tag_hash, now)
    await repository.set_write(tx, row.id, state="written", temporary=None, changed_at=now)
    if row.undoes is not None:
        await repository.set_write(tx, row.undoes, state="undone", changed_at=now)


async def settle_leftovers(db: Database, batches: Collection[int], rules: Rules | None, *, fail: bool = False) -> int:
    """Finish or take back what an interruption left of these batches.

    What has taken its place is noted as written; new files that did not are taken away, and their files are planned again,
    or with `fail` given up. Returns how many there were.
    """
    async with db.read() as conn:
        rows = [row for row in await repository.under_way(conn) if row.batch_id in batches]
    for row in rows:
        finished = row.state == "ready" and await asyncio.to_thread(_in_place, row)
        if not finished and row.temporary:
            await asyncio.to_thread(durable.remove, bytes(row.temporary))
        facts = None
        if finished:
            async with db.read() as conn:
                file = (await repository.files(conn, [row.file_id])).get(row.file_id)
            facts = await asyncio.to_thread(_read, file, rules) if file is not None else None
            if facts is not None:
                async with db.write() as tx:
                    await repository.set_document(tx, row.file_id, encode(facts), utc_now())
        async with db.write() as tx:
            file = (await repository.files(tx.conn, [row.file_id])).get(row.file_id)
            if facts is not None and file is not None:
                stat = (*row.new_stat, await asyncio.to_thread(rewriting.changed_ns, bytes(row.target)))
                known = facts.tags is not None and row.artwork_id is None
                await _written(tx, row, file, stat, hash_of(facts) if known else None)
                await write_again(tx, [file.id])
            elif fail or finished:
                code = "forgotten" if finished else "interrupted"
                await repository.set_write(tx, row.id, state="failed", code=code, temporary=None, changed_at=utc_now())
            else:
                await repository.set_write(tx, row.id, state="planned", temporary=None, changed_at=utc_now())
    if rows:
        log.info("tag_writes_settled", files=len(rows))
    return len(rows)


def _in_place(row: Any) -> bool:
    """Whether the new file of a journal's row has taken its place."""
    found = rewriting.stat_of(bytes(row.target))
    return found is not None and row.new_stat is not None and list(found) == list(row.new_stat)


def _read(file: WritableFile, rules: Rules | None) -> FileFacts:
    return read_file(file.root, file.path, rules=rules)
