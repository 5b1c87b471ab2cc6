"""Looking into an inbox: what is new or has changed is read and checked, what is gone is forgotten."""

from __future__ import annotations

import asyncio
import os
import time
from typing import Any

from segue.core.access import SYSTEM
from segue.core.clock import utc_now
from segue.core.pool import ProcessPool
from segue.jobs import JobContext
from segue.library.inbox import repository
from segue.library.inbox.checks import is_sound
from segue.library.inbox.errors import NoInbox
from segue.library.inbox.gathering import Gathered, gather
from segue.library.inbox.ground import LOOK, READ_DEADLINE_S, Inbox, InboxGround
from segue.library.inbox.looking import Album, albums_in, read_one
from segue.library.scan.paths import displayed


class Rounds(InboxGround):
    """The verbs of looking."""

    async def request_look(self, library_id: int | None = None, created_by: int | None = None) -> list[int]:
        """Ask for a look into one inbox or all; returns the jobs. Raises NoInbox."""
        wanted = [each.library_id for each in await self.inboxes(SYSTEM)]
        if library_id is not None:
            if library_id not in wanted:
                raise NoInbox(library_id)
            wanted = [library_id]
        async with self._db.write() as tx:
            return [
                (
                    await self._jobs.enqueue(
                        tx, LOOK, {"library": number}, dedup_key=f"{LOOK}:{number}", created_by=created_by
                    )
                ).id
                for number in wanted
            ]

    async def look(self, job: JobContext, library_id: int) -> dict[str, Any]:
        """The work of a look: what is new or has changed is read and checked; what is gone is forgotten."""
        inbox = next((each for each in await self.inboxes(SYSTEM) if each.library_id == library_id), None)
        if inbox is None or inbox.problem is not None:
            return {"albums": 0, "problem": inbox.problem.code if inbox and inbox.problem else None}
        root = os.fsencode(inbox.options.path)
        albums = await asyncio.to_thread(albums_in, root)
        async with self._db.read() as conn:
            known = await repository.waiting(conn, library_id)
        job.progress(0, len(albums), unit="albums", phase="read")
        read = approved = 0
        async with ProcessPool(1) as pool:
            for album in albums:
                job.check()
                row = known.pop(album.folder, None)
                if row is None or row.state not in repository.UNDER_WAY:
                    number = await self._look_at(job, pool, inbox, root, album, row)
                    read += number is not None
                    if number is not None and inbox.options.auto:
                        approved += await self._approve_if_sound(number)
                job.advance()
        for row in known.values():
            if row.state not in repository.UNDER_WAY:
                async with self._db.write() as tx:
                    await job.guard(tx)
                    await repository.drop_item(tx, row.id, library_id)
        return {"albums": len(albums), "read": read, "approved": approved}

    async def _look_at(
        self, job: JobContext, pool: ProcessPool, inbox: Inbox, root: bytes, album: Album, row: Any
    ) -> int | None:
        """Bring one album's item up to date; its number where it was read."""
        same = row is not None and (bytes(row.root), bytes(row.fingerprint)) == (root, album.fingerprint)
        if same and row.state != "new":
            return None
        values: dict[str, Any] = {
            "root": root, "fingerprint": album.fingerprint, "changed_at": utc_now(), "code": None, "params": None,
            "state": "new",
        }  # fmt: skip
        settled = time.time_ns() - album.newest_ns >= inbox.options.settle_s * 1_000_000_000
        if not settled:
            if not same:
                await self._keep(job, inbox.library_id, album, row, values, None)
            return None
        rules = await self._rules()
        readings = {}
        for file in album.files:
            if file.audio:
                readings[file.path] = await pool.run(read_one, root, file.path, rules, deadline_s=READ_DEADLINE_S)
                job.check()
        gathered = gather(album, readings)
        return await self._keep(job, inbox.library_id, album, row, values | {"state": "checked"}, gathered)

    async def _keep(
        self,
        job: JobContext,
        library_id: int,
        album: Album,
        row: Any,
        values: dict[str, Any],
        gathered: Gathered | None,
    ) -> int:
        values |= {
            "summary": gathered.summary if gathered else {},
            "checks": [list(c) for c in gathered.checks] if gathered else [],
        }
        async with self._db.write() as tx:
            await job.guard(tx)
            if row is None:
                number = await repository.add_item(
                    tx, library_id=library_id, folder=album.folder,
                    display_folder=displayed(album.folder), edits={}, found_at=utc_now(), **values,
                )  # fmt: skip
            else:
                number = row.id
                await repository.set_item(tx, number, library_id, **values)
            if gathered is not None:
                await repository.put_files(tx, number, gathered.rows)
        if gathered is not None:
            await self._check_again(number)
        return number

    async def _approve_if_sound(self, number: int) -> bool:
        page = await self.item(SYSTEM, number)
        if page.item.state != "checked" or not is_sound(page.checks) or any(t.taken for t in page.targets.values()):
            return False
        await self._start(number, page.item.library_id, "approved", None)
        return True
