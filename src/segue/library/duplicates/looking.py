"""Look for duplicates in the background: among what changed since last time, in small steps that survive a kill.

The change feed says which tracks changed. Where it cannot (the first time, or after it was restored), every track is looked
at once, in order. Each step forgets the groups its tracks were in and finds them anew, in one transaction.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection
from typing import Any

import structlog

from segue.core.access import SYSTEM
from segue.core.changes import ChangeFeed, CursorTooOld, set_fact
from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.ids import parse_id
from segue.jobs import JobContext
from segue.library.duplicates import repository
from segue.library.duplicates.finding import Pair, components, pairs_among
from segue.library.scan.again import write_again
from segue.library.scan.formats.audio_bytes import CannotOpen, Damaged, NoAudio, exact_audio_hash

log = structlog.get_logger("segue.duplicates")

STEP = 100
"""Changed tracks that are looked at together."""
MOST_ROUNDS = 3
"""How often a step widens to the groups of what it found; beyond that, the next change joins them."""
HASH_STEP = 20


class Looking:
    """The job's work: find groups, hash what shares a key, give stranded tracks the file of one behind them."""

    def __init__(self, db: Database, feed: ChangeFeed) -> None:
        self._db = db
        self._feed = feed

    async def run(self, job: JobContext, *, anew: bool = False) -> dict[str, Any]:
        """Bring the groups up to date; says how many tracks were looked at, and how many groups were found."""
        if anew and not job.checkpoint:
            async with self._db.write() as tx:
                await job.guard(tx)
                await set_fact(tx, repository.CURSOR, "-1")
                await job.save({"begun": True}, tx=tx)
        hashed = await self._hash(job)
        promoted = await self._promote(job)
        looked = found = 0
        async with self._db.read() as conn:
            cursor = await repository.fact(conn, repository.CURSOR)
            resume = await repository.fact(conn, repository.RESUME)
        if cursor is None or cursor < 0:
            cursor, resume = await self._feed.newest(), 0
            await self._note(job, cursor, resume)
        while resume is not None:
            async with self._db.read() as conn:
                ids = await repository.present_after(conn, resume, STEP)
            found += await self._step(job, ids, cursor, ids[-1] if ids else None)
            looked, resume = looked + len(ids), ids[-1] if ids else None
            job.progress(looked, phase="compare", unit="tracks")
        while True:
            try:
                page = await self._feed.since(cursor, SYSTEM, kinds=("track",), limit=STEP)
            except CursorTooOld:
                await self._note(job, -1, None)
                return await self.run(job)
            ids = [parse_id(item.id, "tr") for item in page.items]
            if not ids and page.cursor == cursor:
                break
            found += await self._step(job, ids, page.cursor, None)
            looked, cursor = looked + len(ids), page.cursor
            job.progress(looked, phase="compare", unit="tracks")
            if not page.more:
                break
        return {"tracks": looked, "groups": found, "hashed": hashed, "promoted": promoted}

    async def _step(self, job: JobContext, changed: Collection[int], cursor: int, resume: int | None) -> int:
        """Find the groups of these tracks anew; how many there are."""
        job.check()
        async with self._db.read() as conn:
            todo = await repository.members_beside(conn, changed)
            pairs: list[Pair] = []
            for _ in range(MOST_ROUNDS):
                pairs = await self._pairs(conn, todo)
                beside = await repository.members_beside(conn, {t for pair in pairs for t in (pair.a, pair.b)})
                if beside <= todo:
                    break
                todo |= beside
        async with self._db.write() as tx:
            await job.guard(tx)
            await repository.dissolve(tx, todo)
            groups = components(pairs)
            alive = await repository.present(tx.conn, {track for _, members in groups for track in members})
            now, count = utc_now(), 0
            for kind, members in groups:
                left = {track: pair for track, pair in members.items() if track in alive}
                if len(left) > 1:
                    await repository.add_group(tx, kind, left, now)
                    count += 1
            await self._remember(tx, cursor, resume)
        return count

    async def _pairs(self, conn: Any, todo: Collection[int]) -> list[Pair]:
        around = await repository.near(conn, todo) | set(todo)
        known = await repository.candidates(conn, around)
        refused = await repository.refused(conn, todo)
        return await asyncio.to_thread(pairs_among, todo, known, refused)

    async def _note(self, job: JobContext, cursor: int, resume: int | None) -> None:
        async with self._db.write() as tx:
            await job.guard(tx)
            await self._remember(tx, cursor, resume)

    @staticmethod
    async def _remember(tx: Transaction, cursor: int, resume: int | None) -> None:
        await set_fact(tx, repository.CURSOR, str(cursor))
        await repository.set_or_forget(tx, repository.RESUME, resume)

    # --- exact hashes ------------------------------------------------------------------------------------------------

    async def _hash(self, job: JobContext) -> int:
        """Take the exact hash of every file that shares its audio key with another; how many were taken."""
        async with self._db.read() as conn:
            folders = await repository.roots(conn)
        after = count = 0
        while True:
            async with self._db.read() as conn:
                files = await repository.unhashed(conn, after, HASH_STEP)
            if not files:
                return count
            for file in files:
                job.check()
                after = file.id
                path = os.path.join(folders[file.library_id], file.path)  # noqa: PTH118 - bytes
                try:
                    digest = await asyncio.to_thread(exact_audio_hash, path)
                except (CannotOpen, Damaged, NoAudio, OSError) as error:
                    log.info("not_hashed", file=file.id, reason=str(error) or type(error).__name__)
                    continue
                async with self._db.write() as tx:
                    await job.guard(tx)
                    count += await repository.keep_hash(tx, file.id, file.size_bytes, file.mtime_ns, digest)
                job.progress(count, phase="hash", unit="files")

    # --- stranded tracks ---------------------------------------------------------------------------------------------

    async def _promote(self, job: JobContext) -> int:
        """Give kept tracks whose file is gone the file of one behind them; how many there were."""
        count = 0
        while True:
            async with self._db.read() as conn:
                pairs = await repository.stranded(conn, STEP)
            if not pairs:
                return count
            for kept, merged in pairs:
                job.check()
                async with self._db.write() as tx:
                    await job.guard(tx)
                    rows = await repository.tracks_to_merge(tx, [kept, merged])
                    await repository.swap_files(tx, rows[kept], rows[merged], utc_now())
                    await repository.shift_folders(tx, [rows[merged].folder_id], 1)
                    await write_again(tx, [rows[merged].file_id])
                count += 1
