"""Whether what was downloaded is still what it was: a look at size, time and inode, and a reading where those changed or
where every byte is wanted. A file that is damaged or gone is fetched again, alone.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from typing import Any

import structlog

from segue.jobs import JobContext
from segue.live.downloads import checks, receipt_rows, repository, states
from segue.live.downloads.carrying import whole_path
from segue.live.downloads.ground import Ground
from segue.live.downloads.part import BAD
from segue.live.downloads.porter import ring

log = structlog.get_logger("segue.live.downloads")
AT_ONCE = 100
GOOD = ("good", "unverified")


class Verifier:
    """One start of the job that looks."""

    def __init__(self, ground: Ground, job: JobContext) -> None:
        self._ground = ground
        self._db = ground.db
        self._job = job

    async def run(self, download: int | None, *, deep: bool, repair: bool) -> dict[str, Any]:
        """Look at the receipts of one download or at all; returns how many were looked at, read, good, damaged, missing."""
        counts = self._job.checkpoint.get("counts") or dict.fromkeys(
            ("looked", "read", "good", "damaged", "missing"), 0
        )
        after = int(self._job.checkpoint.get("after", 0))
        paths: list[bytes] | None = None
        if download is not None:
            async with self._db.read() as conn:
                row = await repository.get(conn, download)
                files = await repository.files(conn, download) if row is not None and row.root is not None else ()
            paths = [whole_path(row, file) for file in files]
        while True:
            self._job.check()
            async with self._db.read() as conn:
                receipts = await receipt_rows.receipts(conn, after=after, paths=paths, limit=AT_ONCE)
            if not receipts:
                return {"counts": counts}
            as_it_was = await asyncio.to_thread(_same, () if deep else receipts)
            for receipt in receipts:
                counts["looked"] += 1
                if receipt.id in as_it_was:
                    counts["good"] += 1
                else:
                    await self._read(receipt, counts, repair=repair)
                self._job.progress(counts["looked"], unit="files", phase="verifying")
            after = receipts[-1].id
            async with self._db.write() as tx:
                await receipt_rows.receipts_looked_at(tx, as_it_was, self._ground.now())
                await self._job.save({"after": after, "counts": counts}, tx=tx)

    async def _read(self, receipt: Any, counts: dict[str, int], *, repair: bool) -> None:
        """Read a file and write down what it is now."""
        path, now = bytes(receipt.path), self._ground.now()
        values: dict[str, Any] = {"checked_at": now}
        try:
            read = await asyncio.to_thread(checks.measure, path, self._job.check)
            found = await asyncio.to_thread(os.stat, path)
        except OSError:
            state = "missing"
        else:
            counts["read"] += 1
            good = (read.size, read.md5) == (receipt.size, receipt.md5)
            state = ("unverified" if receipt.verified == "unverified" else "good") if good else "damaged"
            if good:
                values |= {"mtime_ns": found.st_mtime_ns, "inode": checks.signed(found.st_ino), "verified_at": now}
        counts["good" if state in GOOD else state] += 1
        async with self._db.write() as tx:
            await self._job.guard(tx)
            await receipt_rows.set_receipt(tx, receipt.id, state=state, **values)
        if state not in GOOD:
            log.warning("download_damaged", path=os.fsdecode(path), state=state)
            alone = await asyncio.to_thread(os.path.isdir, path.rpartition(b"/")[0])
            if repair and alone:  # where its whole folder is gone, the disk may not be mounted
                await self._repair(receipt, path, damaged=state == "damaged")

    async def _repair(self, receipt: Any, path: bytes, *, damaged: bool) -> None:
        """Have the one file fetched again, for the downloads that have it. What is damaged is kept as `.bad`."""
        async with self._db.read() as conn:
            found = await repository.files_at(conn, receipt.identifier, receipt.name)
        mine = [(download, file) for download, file in found if whole_path(download, file) == path]
        if not mine:
            return
        if damaged:
            await asyncio.to_thread(os.replace, path, path + BAD)
        download, file = mine[0]
        async with self._db.write() as tx:
            await self._job.guard(tx)
            fresh = {"tries": 0, "starts": 0, "asked_again": False, "error": None, "ended_at": None, "done_bytes": 0}
            await repository.move_file(tx, file.id, states.FILE_THERE, states.QUEUED, **fresh)
            await repository.move(
                tx, download, (states.DONE, states.FAILED), states.QUEUED, ended_at=None, entered_at=None, verified=""
            )
            await ring(self._ground, tx)


def _same(receipts: Sequence[Any]) -> set[int]:
    """Which files that were good are as they were, by what costs a look."""
    return {
        one.id
        for one in receipts
        if one.state in GOOD and checks.is_same_file(bytes(one.path), one.size, one.mtime_ns, one.inode)
    }
