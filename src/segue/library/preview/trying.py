"""A scan that writes nothing, and a grouping anew that writes nothing: both end in a report of what would be."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, ClassVar

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Database, Transaction
from segue.library.overrides.grouping import Grouping
from segue.library.preview import repository
from segue.library.preview.recorder import Recorder
from segue.library.preview.report import Report
from segue.library.scan import again, beside, documents
from segue.library.scan import repository as scans
from segue.library.scan.control import Control
from segue.library.scan.grouping import album_folder
from segue.library.scan.guard import ScanStopped
from segue.library.scan.look import Look
from segue.library.scan.packing import Met
from segue.library.scan.paths import is_inside, parent_of
from segue.library.scan.pipeline import Ground, Scan
from segue.library.scan.plan import StoredFile, Unit
from segue.library.scan.repository import Wanted
from segue.library.scan.tags.again import tags_again
from segue.library.scan.tags.rules import Rules
from segue.library.scan.write.covers import PictureBook
from segue.library.scan.write.writer import Part

FOLDERS_AT_ONCE = 50


class NoPictures(PictureBook):
    """Pictures are left alone: none is looked at, none is stored."""

    def meet(self, met: Met, source: str) -> None:
        return

    def expect(self, sha256: str, source: str) -> None:
        return


class TriedScan(Scan):
    """A scan up to the point where it would write."""

    by_readers: ClassVar[bool] = False

    def __init__(
        self, ground: Ground, library: Any, wanted: Wanted, control: Control, started_at: datetime, report: Report
    ) -> None:
        super().__init__(ground, library, wanted, control, started_at)
        self._pictures = NoPictures(ground.pool, ground.storage, ground.spool)
        self._report = report
        self._recorder = Recorder(library.id, library.name, ground.db.dialect, report)
        self._told = 0
        """Folders that the recorder knows of."""

    def _tell_folders(self) -> None:
        for path, number in islice(self._writer.folder_ids.items(), self._told, None):
            self._recorder.know_folder(number, path)
        self._told = len(self._writer.folder_ids)

    async def _look_at_pictures_again(self) -> None:
        return

    async def _picture(self, unit: Unit) -> None:
        for folder in unit.folders:
            if folder.listing.sidecars:
                await beside.read_sheets(self._pool, self._library.root, folder)

    async def _write(self, parts: Sequence[Part]) -> None:
        self._control.check()
        self._tell_folders()
        async with self._db.read() as conn:
            await self._recorder.write(conn, parts)
        for part in parts:
            part.unit.begun = True
        self._done_files += sum(len(part.files) for part in parts)
        self._control.progress(self._done_files, phase="read", unit="files")

    async def _settle_gone(self, found: Look) -> None:
        self._tell_folders()
        gone, left_alone = await self._sort_gone()
        ids = sorted(gone | left_alone)
        for start in range(0, len(ids), self._batch):
            self._control.check()
            async with self._db.read() as conn:
                files = await scans.files_by_id(conn, ids[start : start + self._batch])
                for file in files:
                    self._recorder.know_folder(file.folder_id, parent_of(file.path))
                await self._recorder.mark_missing(conn, files)

    def _stop(self, stopped: ScanStopped) -> None:
        super()._stop(stopped)
        self._report.stopped = {"code": stopped.code, "message": stopped.message, "params": stopped.params}


@dataclass(frozen=True, slots=True)
class Trial:
    """Other rules to be tried on what is stored: how to group, and what to make of tags (None: as it is)."""

    grouping: Grouping
    tag_rules: Rules | None = None
    folder: bytes = b""


async def regroup(db: Database, library: Any, trial: Trial, control: Control, report: Report) -> int:
    """Follow what grouping a library anew would do, from what is stored; returns how many files took part."""
    recorder = Recorder(library.id, library.name, db.dialect, report)
    async with db.read() as conn:
        folders = await repository.known_folders(conn, library.id)
        total = await repository.count_files(conn, library.id)
    for number, path in folders:
        recorder.know_folder(number, path)
    bases: dict[bytes, list[int]] = {}
    for number, path in folders:
        if is_inside(path, trial.folder):
            bases.setdefault(album_folder(path), []).append(number)
    ordered = sorted(bases)
    count = 0
    for start in range(0, len(ordered), FOLDERS_AT_ONCE):
        control.check()
        ids = [number for base in ordered[start : start + FOLDERS_AT_ONCE] for number in bases[base]]
        async with db.read() as conn:
            stored = [file for file in await scans.files_of_folders(conn, ids) if file.track_id is not None]
            count += await _try(conn, db, stored, trial, recorder, report)
        control.progress(count, total, phase="group", unit="files")
    return count


async def _try(
    conn: AsyncConnection, db: Database, stored: Sequence[StoredFile], trial: Trial, recorder: Recorder, report: Report
) -> int:
    present = [file for file in stored if file.missing_since is None]
    remade = await _remade(conn, present, trial.tag_rules) if trial.tag_rules else {}
    units = await again.regrouped(Transaction(conn, db.dialect), present, (), remade, trial.grouping)
    await recorder.write(conn, [Part(unit, unit.files, last=False) for unit in units])
    return len(stored)


async def _remade(conn: AsyncConnection, stored: Iterable[StoredFile], rules: Rules) -> dict[int, bytes]:
    """The documents that other tag rules make, of files whose tags come out differently by them."""
    ids: Collection[int] = {file.id for file in stored}
    formats = await repository.formats(conn, ids)
    found: dict[int, bytes] = {}
    for number, document in (await scans.documents(conn, ids)).items():
        body = documents.decode(document)
        format = formats.get(number)
        if "tags" not in body or format is None:
            continue
        tags, _ = tags_again(format, body.get("raw") or {}, rules)
        if tags != documents.tags_from_json(body["tags"]):
            body["tags"] = documents.tags_to_json(tags)
            found[number] = documents.pack(body)
    return found
