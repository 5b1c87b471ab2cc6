"""An album's way from the inbox into the library and, where it is undone or cannot be finished, back."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection, Sequence
from typing import Any

from segue.core.access import SYSTEM
from segue.core.clock import utc_now
from segue.core.ids import format_id
from segue.jobs import Cancelled, JobContext
from segue.library.inbox import repository
from segue.library.inbox.checks import Check
from segue.library.inbox.gathering import incoming_files
from segue.library.inbox.ground import InboxGround
from segue.library.inbox.mover import Mover
from segue.library.inbox.places import has_changed, missing_folders, targets_in
from segue.library.options import InboxOptions, options_of
from segue.library.scan import repository as scan_rows
from segue.library.scan.again import mark_gone
from segue.library.scan.paths import parent_of
from segue.library.writing.reasons import Refused


class Shelving(InboxGround):
    """The work of moving, and what follows it."""

    async def move(self, job: JobContext, number: int) -> dict[str, Any] | None:
        """The work of moving an item, or of putting it back."""
        async with self._db.read() as conn:
            item = await repository.item(conn, number)
            library = None if item is None else await repository.library(conn, item.library_id)
            files = await repository.files(conn, number)
        if item is None or library is None or item.state not in ("approved", *repository.UNDER_WAY):
            return None
        places = [bytes(row.target) for row in files if row.target]
        options = options_of(library.options).inbox
        keep = options is not None and options.mode == "copy"
        suffix = options is None or options.taken == "suffix"
        job.progress(0, len(files), unit="files", phase="move")
        if item.state == "approved":
            reason = await self._plan(job, item, files, library, options)
            if reason is not None:
                return await self._end(job, item, library, "problem", reason, places)
            async with self._db.read() as conn:
                item = await repository.item(conn, number)
        assert item is not None
        mover = Mover(self._db, job, item, library.root, keep=keep, suffix=suffix)
        after, reason = item.after or "moved", Refused(item.code, item.params or {}) if item.code else None
        if item.state == "moving":
            try:
                reason = await mover.forth()
            except Cancelled:
                reason = Refused("cancelled")
            if reason is None:
                return await self._end(job, item, library, "moved", None, places)
            async with self._db.write() as tx:
                await repository.set_item(
                    tx, number, item.library_id, state="returning", after="problem", code=reason.code,
                    params=dict(reason.params), changed_at=utc_now(),
                )  # fmt: skip
            after = "problem"
        left = await mover.back()
        if left:
            after, reason = "problem", Refused("not_back", {"count": left})
        return await self._end(job, item, library, after, reason, places)

    async def _plan(
        self, job: JobContext, item: Any, files: Sequence[Any], library: Any, options: InboxOptions | None
    ) -> Refused | None:
        """Decide every file's place, and note it before anything is moved."""
        if options is None:
            return Refused("switched_off")
        template = item.template or options.template
        made = await asyncio.to_thread(targets_in, incoming_files(item, files), template, options, library.root)
        if isinstance(made, Check):
            return Refused(made.code, made.params)
        if options.taken == "refuse" and (other := next((each for each in made if each.taken), None)):
            return Refused("taken", {"path": other.taken})
        if await asyncio.to_thread(has_changed, item, files):
            return Refused("changed")
        places = {each.id: library.root.rstrip(b"/") + b"/" + os.fsencode(each.path) for each in made}
        folders = sorted({place.rpartition(b"/")[0] for place in places.values()})
        missing = await asyncio.to_thread(missing_folders, folders, library.root)
        async with self._db.write() as tx:
            await job.guard(tx)
            for number, place in places.items():
                await repository.set_file(tx, number, target=place, state="found", code=None, params=None)
            await repository.set_item(
                tx, item.id, item.library_id, state="moving", after=None, made_folders=[each.hex() for each in missing],
                edits_applied_at=None, changed_at=utc_now(),
            )  # fmt: skip
        return None

    async def _end(
        self, job: JobContext, item: Any, library: Any, state: str, reason: Refused | None, places: Sequence[bytes]
    ) -> dict[str, Any]:
        async with self._db.read() as conn:
            files = await repository.files(conn, item.id)
        await self._tell_library(library, item, {*places, *(bytes(row.target) for row in files if row.target)})
        result = {"item": format_id("in", item.id), "state": state, "code": reason.code if reason else None}
        edited = bool(item.edits.get("album") or item.edits.get("tracks"))
        async with self._db.write() as tx:
            await repository.set_item(
                tx, item.id, item.library_id, state=state, after=None, changed_at=utc_now(),
                code=reason.code if reason else None, params=dict(reason.params) if reason else None,
                edits_applied_at=None if edited and state == "moved" else utc_now(),
            )  # fmt: skip
            for row in files:
                if row.state == "found":
                    await repository.set_file(tx, row.id, target=None)
            await job.complete(tx, result)
        return result

    async def _tell_library(self, library: Any, item: Any, places: Collection[bytes]) -> None:
        """Let the library look at the folders where files came or went. What we took away ourselves is marked missing here,
        so that no guard has to wonder where it went."""
        made = [bytes.fromhex(each) for each in item.made_folders or ()]
        root = bytes(library.root).rstrip(b"/") + b"/"
        folders = {parent_of(place[len(root) :]) for place in places if place.startswith(root)}
        away = await asyncio.to_thread(
            lambda: [place[len(root) :] for place in places if place.startswith(root) and not os.path.lexists(place)]
        )
        async with self._db.read() as conn:
            left = await scan_rows.files_at(conn, library.id, away)
        if left:
            async with self._db.write() as tx:
                await mark_gone(tx, {file.id for file in left})
        gone = {folder[len(root) :] for folder in made if folder.startswith(root)}
        await self._scans.request_folders(library.id, folders | gone or {b""})

    async def after_scan(self) -> None:
        """What was edited in an inbox becomes edits of the tracks, once a scan has found them."""
        async with self._db.read() as conn:
            items = await repository.with_edits_to_apply(conn)
        for item in items:
            await self._apply_edits(item)

    async def _apply_edits(self, item: Any) -> None:
        async with self._db.read() as conn:
            library = await repository.library(conn, item.library_id)
            files = [row for row in await repository.files(conn, item.id) if row.kind == "audio" and row.target]
            assert library is not None
            relative = {row.id: bytes(row.target)[len(library.root.rstrip(b"/")) + 1 :] for row in files}
            tracks = await repository.tracks_at(conn, item.library_id, relative.values())
        if not files or any(path not in tracks for path in relative.values()):
            return
        for number, values in item.edits.get("tracks", {}).items():
            path = relative.get(int(number))
            if path is not None:
                await self._edits.edit(SYSTEM, "track", tracks[path][0], set=values)
        if of_album := item.edits.get("album"):
            for album in sorted({album for _, album in tracks.values()}):
                await self._edits.edit(SYSTEM, "album", album, set=of_album)
        async with self._db.write() as tx:
            await repository.set_item(tx, item.id, item.library_id, edits_applied_at=utc_now())
