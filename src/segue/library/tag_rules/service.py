"""The verbs of the rules for tags: what holds, changing it, what it would change, and making everything by it.

A change reads no files: every track is made again from what its file said when it was read, by a job that goes on where it
was when it is interrupted. Only a file of which not everything could be kept is read once more, by a scan.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import structlog

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.core.inline import InlineWriter
from segue.jobs import JobContext, JobService
from segue.library.models import Artist, Genre
from segue.library.scan import again
from segue.library.scan.tags.rules import Rules
from segue.library.scan.tags.rules_file import rules_of
from segue.library.tag_rules import repository
from segue.library.tag_rules.current import FILE_NAME, InForce, in_force
from segue.library.tag_rules.errors import RulesInFile
from segue.library.tag_rules.preview import Preview, look
from segue.library.tag_rules.remake import Remade, remade

log = structlog.get_logger("segue.tags")

REINTERPRET = "library.reinterpret"
SAMPLE = 2_000
MOST_SAMPLED = 20_000
"""Tracks that a preview looks at, unless asked otherwise, and at most."""
PREVIEW_S = 15.0
_AT_ONCE = 200
FEWEST, MOST = 32, 512
"""Files of one batch of the job; their number follows the time they take."""

Rescan = Callable[[int], Awaitable[object]]


class TagRulesService:
    """The rules for tags of this installation. `rescan` asks for a scan of a library."""

    def __init__(self, db: Database, jobs: JobService, data_dir: Path, file: Path | None, rescan: Rescan) -> None:
        self._db = db
        self._jobs = jobs
        self._path = file or data_dir / FILE_NAME
        self._rescan = rescan

    # --- what holds ---------------------------------------------------------------------------------------------------

    async def in_force(self) -> InForce:
        """The rules that hold now; whatever is wrong with a person's own is in it."""
        async with self._db.read() as conn:
            row = await repository.kept(conn)
        return await asyncio.to_thread(in_force, self._path, row.text if row else None)

    async def rules(self) -> Rules:
        """The rules to read files by. What is wrong with a person's own is logged, and the shipped ones hold."""
        found = await self.in_force()
        if found.problem is not None:
            log.warning("tag_rules_refused", problem=found.problem.message, file=str(found.path))
        return found.rules

    async def behind(self) -> int:
        """How many files were made by other rules than those that hold."""
        found = await self.in_force()
        async with self._db.read() as conn:
            row = await repository.kept(conn)
            if row is not None and row.applied_hash == found.rules.hash:
                return 0
            return await repository.count_behind(conn, found.rules.hash)

    # --- changing it --------------------------------------------------------------------------------------------------

    async def put(self, actor: Actor, text: str) -> int | None:
        """Keep a person's rules and put them into force; returns the job that makes everything by them, if there is
        anything to do. Raises RulesRefused, RulesInFile."""
        await asyncio.to_thread(rules_of, text)
        return await self._keep(actor, text)

    async def forget(self, actor: Actor) -> int | None:
        """Back to the rules that come with Segue; returns the job. Raises RulesInFile."""
        return await self._keep(actor, None)

    async def _keep(self, actor: Actor, text: str | None) -> int | None:
        if await asyncio.to_thread(self._path.exists):
            raise RulesInFile(str(self._path))
        async with self._db.write() as tx:
            await repository.keep_text(tx, text, actor.user_id, utc_now())
        return await self.apply(created_by=actor.user_id)

    async def apply(self, *, created_by: int | None = None) -> int | None:
        """Ask for everything to be made by the rules that hold; the job, or None where it is already."""
        found = await self.in_force()
        async with self._db.read() as conn:
            row = await repository.kept(conn)
            there = await repository.behind(conn, found.rules.hash, (0, 0), 1)
        if not there:
            if row is None or row.applied_hash != found.rules.hash:
                async with self._db.write() as tx:
                    await repository.keep(tx, applied_hash=found.rules.hash, applied_at=utc_now())
            return None
        async with self._db.write() as tx:
            ticket = await self._jobs.enqueue(tx, REINTERPRET, {}, dedup_key=REINTERPRET, created_by=created_by)
        return ticket.id

    async def apply_if_changed(self) -> int | None:
        """`apply`, where other rules hold than those that everything was last made by: at a start, and after a scan.

        Nothing is asked where a person's rules cannot be used: a slip of the pen must not remake a library."""
        found = await self.in_force()
        if found.problem is not None:
            log.warning("tag_rules_refused", problem=found.problem.message, file=str(found.path))
            return None
        async with self._db.read() as conn:
            row = await repository.kept(conn)
        return None if row is not None and row.applied_hash == found.rules.hash else await self.apply()

    # --- what it would change -----------------------------------------------------------------------------------------

    async def preview(self, actor: Actor, text: str | None, size: int = SAMPLE) -> Preview:
        """What these rules would change in `size` tracks from all over the library; None: the rules that hold.

        `looked_at` is less than `size` where that took too long. Raises RulesRefused.
        """
        rules = await self.rules() if text is None else await asyncio.to_thread(rules_of, text)
        async with self._db.read() as conn:
            rows, total = await repository.sample(conn, min(size, MOST_SAMPLED), actor.libraries)
        preview = Preview(total=total)
        began = time.monotonic()
        for start in range(0, len(rows), _AT_ONCE):
            await asyncio.to_thread(look, preview, rows[start : start + _AT_ONCE], rules)
            if time.monotonic() - began > PREVIEW_S:
                break
        async with self._db.read() as conn:
            preview.artists.known = await repository.known_names(conn, Artist, preview.artists.added)
            preview.genres.known = await repository.known_names(conn, Genre, preview.genres.added)
        return preview

    # --- making everything by it --------------------------------------------------------------------------------------

    async def reinterpret(self, job: JobContext) -> dict[str, Any]:
        """The work of `apply`: in batches of whole folders, each in one transaction with its checkpoint."""
        inline = InlineWriter(self._db)
        try:
            return await self._reinterpret(job, inline)
        finally:
            await inline.close()

    async def _reinterpret(self, job: JobContext, inline: InlineWriter) -> dict[str, Any]:
        rules = await self.rules()
        state = dict(job.checkpoint)
        if state.get("rules") != rules.hash.hex():
            begin = {"folder": 0, "file": 0, "done": 0, "changed": 0, "unread": []}
            state = {"rules": rules.hash.hex(), **begin, "open": state.get("open", [])}
        async with self._db.read() as conn:
            left = await repository.count_behind(conn, rules.hash)
        job.progress(state["done"], state["done"] + left, phase="reinterpret", unit="files")
        limit = FEWEST
        while True:
            job.check()
            async with self._db.read() as conn:
                wanted = await repository.behind(conn, rules.hash, (state["folder"], state["file"]), limit)
                wanted = _whole_folders(wanted, limit)
                rows = await repository.said(conn, [file for _, file in wanted])
                coming = await repository.behind(conn, rules.hash, wanted[-1], 1) if wanted else ()
            if not wanted:
                break
            made = await asyncio.to_thread(remade, rows, rules)
            began = time.thread_time()
            going_on = [file for folder, file in coming if folder == wanted[-1][0]]
            state = await self._write(job, inline, state, rules, rows, made, wanted[-1], going_on)
            limit = _following(limit, time.thread_time() - began)
            job.progress(state["done"], unit="files")
        async with self._db.write() as tx:
            await job.guard(tx)
            await again.write_again(tx, state.get("open", []), regroup=True)
            await repository.keep(tx, applied_hash=rules.hash, applied_at=utc_now())
        for library in state["unread"]:
            await self._rescan(library)
        return {"files": state["done"], "changed": state["changed"], "libraries_to_read": len(state["unread"])}

    async def _write(
        self,
        job: JobContext,
        inline: InlineWriter,
        state: dict[str, Any],
        rules: Rules,
        rows: list[Any],
        made: list[Remade],
        last: tuple[int, int],
        going_on: list[int],
    ) -> dict[str, Any]:
        """`going_on` is the next file where the folder of the `last` one is not done: which albums the files of a folder make
        is decided once, with the last of them that changed, however many batches it takes."""
        library_of = {row.id: row.library_id for row in rows}
        async with inline.write() as tx:
            await job.guard(tx)
            here = await repository.unchanged(tx, {row.id: row.tag_hash for row in rows})
            changed = [one for one in made if one.document is not None and one.file_id in here]
            unread = [one.file_id for one in made if one.unread and one.file_id in here]
            same = here - {one.file_id for one in changed}
            await repository.mark_made(tx, rules.hash, same)
            await repository.read_again(tx, unread)
            await repository.put_made(
                tx,
                [
                    {
                        "file": one.file_id,
                        "v_rules_hash": rules.hash,
                        "v_tag_hash": one.tag_hash,
                        "v_doubts": one.doubts or None,
                    }
                    for one in changed
                ],
            )
            documents = {one.file_id: one.document for one in changed if one.document is not None}
            files = {*documents, *([] if going_on else state.get("open", []))}
            await again.write_again(tx, files, regroup=not going_on, remade=documents, coming=going_on)
            state = state | {
                "folder": last[0],
                "file": last[1],
                "done": state["done"] + len(rows),
                "changed": state["changed"] + len(changed),
                "open": (list(documents)[:1] or state.get("open", [])) if going_on else [],
                "unread": sorted({*state["unread"], *(library_of[file] for file in unread)}),
            }
            await job.save(state, tx=tx)
        return state


def _following(limit: int, took_s: float) -> int:
    """How many files the next batch should hold, when writing one of `limit` took so long: more than elsewhere, since most
    of them are the same by either rules."""
    return max(FEWEST, min(MOST, int(limit * max(0.5, min(2.0, again.TRANSACTION_S / max(took_s, 0.001))))))


def _whole_folders(wanted: Any, limit: int) -> Any:
    """Without the files of the last folder, where it may go on beyond them and is not the only one."""
    if len(wanted) < limit or wanted[0][0] == wanted[-1][0]:
        return wanted
    return [pair for pair in wanted if pair[0] != wanted[-1][0]]


__all__ = ["MOST_SAMPLED", "REINTERPRET", "SAMPLE", "TagRulesService"]
