"""The end of a download: what its own lists of checksums say of the files, and whether all of it is here.

A file is good by what the archive says of it; a .md5 or .ffp in the item was written by its uploader, perhaps for other files.
So a difference to one is noted as a doubt and shown, and changes nothing.
"""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from segue.jobs import JobContext
from segue.live.downloads import checks, receipt_rows, repository, states
from segue.live.downloads.carrying import whole_path
from segue.live.downloads.errors import kept
from segue.live.downloads.formats import extension_of
from segue.live.downloads.ground import Ground
from segue.live.downloads.known_prints import keep_fingerprints

log = structlog.get_logger("segue.live.downloads")
FROM = (states.VERIFYING,)
_SURE = ("md5", "sha1", "audio")


class Finisher:
    """Ends downloads for one start of the job `job`."""

    def __init__(self, ground: Ground, job: JobContext) -> None:
        self._ground = ground
        self._db = ground.db
        self._job = job

    async def finish(self, download: Any) -> None:
        """Compare, write how it ended, and let the library look at it. Raises LeaseLost."""
        async with self._db.read() as conn:
            files = await repository.files(conn, download.id)
            receipts = {
                bytes(row.path): row
                for row in await receipt_rows.receipts(
                    conn, paths=[whole_path(download, file) for file in files], limit=len(files) + 1
                )
            }
        doubts, prints = await asyncio.to_thread(_compared, download, files, receipts)
        failed = [file for file in files if file.state == states.FAILED]
        there = [file for file in files if file.state in states.FILE_THERE]
        now = self._ground.now()
        values: dict[str, Any] = {"ended_at": now, "waiting": None, "not_before": None}
        if failed or not there:
            first = failed[0].error if failed else None
            values["error"] = kept(
                "files_failed", retryable=True, failed=len(failed), of=len(files),
                first=None if first is None else {"name": failed[0].name, **first},
            )  # fmt: skip
        else:
            values["verified"] = "whole" if all(file.verified in _SURE for file in there) else "partly"
            values["error"] = None
        async with self._db.write() as tx:
            await self._job.guard(tx)
            for number, said in doubts.items():
                await repository.move_file(tx, number, states.FILE_STATES, doubts=said)
            if download.recording_id is not None and prints:
                await keep_fingerprints(tx, download.recording_id, prints)
            await repository.settle(tx, download)
            ended = await repository.move(tx, download, FROM, states.FAILED if failed else states.DONE, **values)
            after = await repository.get(tx.conn, download.id)
        if not ended or not there:
            return
        log.info("download_ended", download=download.id, identifier=download.identifier, failed=len(failed))
        if not failed:
            await self._ground.shelf.enter(after)
            for told in self._ground.on_finished:
                await told(after)


def _compared(download: Any, files: Any, receipts: dict[bytes, Any]) -> tuple[dict[int, list[Any]], dict[str, str]]:
    """What the item's own lists say otherwise, by file; and its fingerprints by name."""
    sums: dict[str, tuple[str, str]] = {}
    prints: dict[str, tuple[str, str]] = {}
    for file in files:
        listing = file.state in states.FILE_THERE and file.kind in ("checksums", "fingerprints")
        if not listing or extension_of(file.name) == "st5":  # of decoded audio, which nobody decodes here
            continue
        try:
            with open(whole_path(download, file), "rb") as opened:
                said = checks.listed_sums(opened.read(checks.LARGEST_LIST))
        except OSError:
            continue
        for name, value in said.items():
            (prints if file.kind == "fingerprints" else sums).setdefault(name, (value, file.name))
    doubts: dict[int, list[Any]] = {}
    found_prints: dict[str, str] = {}
    for file in files:
        receipt = receipts.get(whole_path(download, file))
        if receipt is None or file.state not in states.FILE_THERE:
            continue
        key = file.name.rpartition("/")[2].casefold()
        listed, list_name = sums.get(key, ("", ""))
        if listed and file.verified != "audio" and listed not in (receipt.md5, receipt.audio_md5):
            doubts.setdefault(file.id, []).append(["checksum_differs", {"list": list_name}])
        printed, list_name = prints.get(key, ("", ""))
        if printed and receipt.audio_md5 and printed != receipt.audio_md5:
            doubts.setdefault(file.id, []).append(["fingerprint_differs", {"list": list_name}])
        if receipt.audio_md5:
            found_prints[file.name] = receipt.audio_md5
    return doubts, found_prints
