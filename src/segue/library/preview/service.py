"""The verbs of previews: ask what a scan or other rules would do, and look through the answer."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.core.errors import NotFound
from segue.core.ids import format_id
from segue.jobs import Cancelled, JobContext, JobService
from segue.library.overrides import repository as overrides
from segue.library.overrides.decisions import Decision
from segue.library.overrides.grouping import Grouping
from segue.library.preview import repository
from segue.library.preview.report import KINDS, Report
from segue.library.preview.trying import Trial, TriedScan, regroup
from segue.library.scan import repository as scans
from segue.library.scan.errors import LibraryNotFound
from segue.library.scan.repository import Wanted
from segue.library.scan.rules import rules_of, usual
from segue.library.scan.service import ScanService
from segue.library.scan.tags.rules_file import rules_of as tag_rules_of
from segue.settings import Settings

PREVIEW = "library.preview"
KEPT = timedelta(days=1)
"""How long the answer can be looked at."""
ROWS = 200
"""Changes that are stored, or forgotten, in one transaction: a few milliseconds."""


class PreviewNotFound(NotFound):
    def __init__(self, number: int) -> None:
        text = format_id("sp", number)
        super().__init__(
            "scan_preview_not_found", f"There is no preview {text}.", hint="They are kept for a day.", id=text
        )


@dataclass(frozen=True, slots=True)
class TryFolder:
    """A decision about a folder that is to be tried."""

    folder: int
    decision: str
    subfolders: bool = True


@dataclass(frozen=True, slots=True)
class TryRules:
    """Other rules that are to be tried on what is stored: how to group, decisions about folders, how to read tags."""

    grouping_rules: Sequence[str] | None = None
    folders: Sequence[TryFolder] = ()
    tag_rules: str | None = None
    """A document as that of one's own tag rules; None: the present ones."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A preview: `state` is waiting, done, failed or cancelled; `counts` by kind, once it is done."""

    id: int
    library: int
    job: int | None
    state: str
    created_at: datetime
    expires_at: datetime
    finished_at: datetime | None = None
    counts: dict[str, int] = field(default_factory=dict)
    stopped: dict[str, Any] | None = None
    files: int = 0
    seconds: float = 0.0


class PreviewService:
    """What would happen, told before it does."""

    def __init__(self, db: Database, jobs: JobService, scans: ScanService, settings: Settings) -> None:
        self._db = db
        self._jobs = jobs
        self._scans = scans
        self._settings = settings

    async def ask(
        self,
        actor: Actor,
        library: int,
        *,
        folder: int | bytes | None = None,
        full: bool = False,
        rules: TryRules | None = None,
    ) -> Preview:
        """Ask for a preview of a scan, of one folder (its number, or its path in the library) or of all of a library; with
        `rules`, of what they would change, without a look at the files.

        Raises LibraryNotFound, UnknownRule, RulesRefused, and PreviewNotFound for a folder that is not there.
        """
        if rules is not None:
            rules_of(list(rules.grouping_rules or ()))
            tag_rules_of(rules.tag_rules)
        now = utc_now()
        async with self._db.read() as conn:
            if await scans.library(conn, library) is None:
                raise LibraryNotFound(library)
            place = folder
            if isinstance(folder, int):
                found = await repository.folder_path(conn, folder)
                if found is None or found[0] != library:
                    raise _NoFolder(folder)
                place = found[1]
            tried = [] if rules is None else [await self._folder(conn, library, one) for one in rules.folders]
        wanted: dict[str, Any] = {"full": full, "folder": None if place is None else bytes(place).hex()}  # type: ignore[arg-type]
        if rules is not None:
            wanted["rules"] = {
                "grouping_rules": None if rules.grouping_rules is None else list(rules.grouping_rules),
                "folders": tried,
                "tag_rules": rules.tag_rules,
            }
        row = {
            "library_id": library,
            "wanted": wanted,
            "state": "waiting",
            "created_by": actor.user_id,
            "created_at": now,
            "expires_at": now + KEPT,
        }
        async with self._db.write() as tx:
            number = await repository.add(tx, row)
            ticket = await self._jobs.enqueue(tx, PREVIEW, {"preview": number}, created_by=actor.user_id)
            await repository.set_values(tx, number, job_id=ticket.id)
        return await self.get(number)

    async def _folder(self, conn: Any, library: int, tried: TryFolder) -> dict[str, Any]:
        found = await repository.folder_path(conn, tried.folder)
        if found is None or found[0] != library:
            raise _NoFolder(tried.folder)
        return {"folder": found[1].hex(), "decision": tried.decision, "subfolders": tried.subfolders}

    async def get(self, number: int) -> Preview:
        """A preview and how much of each kind it found. Raises PreviewNotFound."""
        async with self._db.read() as conn:
            row = await repository.preview(conn, number, utc_now())
        if row is None:
            raise PreviewNotFound(number)
        summary = row.summary or {}
        return Preview(
            row.id, row.library_id, row.job_id, row.state, row.created_at, row.expires_at, row.finished_at,
            summary.get("counts") or {}, summary.get("stopped"), summary.get("files") or 0, summary.get("seconds") or 0.0,
        )  # fmt: skip

    async def changes(
        self, number: int, kind: str, after: int = -1, limit: int = 50
    ) -> tuple[list[dict[str, Any]], int | None, int]:
        """Changes of one kind, from the one after `after`; where to go on, or None; and how many there are in all.

        At most `report.EXAMPLES` of a kind are kept. Raises PreviewNotFound.
        """
        preview = await self.get(number)
        async with self._db.read() as conn:
            rows = await repository.changes(conn, number, kind, after, limit)
        following = rows[-1][0] if len(rows) == limit else None
        return [document for _, document in rows], following, preview.counts.get(kind, 0)

    # --- the work -----------------------------------------------------------------------------------------------------

    async def run(self, job: JobContext, number: int) -> dict[str, Any] | None:
        """The work of a preview's job. Begun twice, it begins afresh."""
        await self._tidy(job)
        async with self._db.read() as conn:
            row = await repository.preview(conn, number, utc_now())
            library = None if row is None else await scans.library(conn, row.library_id)
        if row is None or library is None:
            return None
        report, began = Report(), time.monotonic()
        try:
            files = await self._try(job, library, row.wanted, report)
        except Cancelled:
            async with self._db.write() as tx:
                await repository.set_values(tx, number, state="cancelled", finished_at=utc_now())
            raise
        await asyncio.to_thread(report.finish)
        await self._forget(job, number)
        for kind in KINDS:
            examples = report.examples[kind]
            for start in range(0, len(examples), ROWS):
                async with self._db.write() as tx:
                    await job.guard(tx)
                    await repository.add_changes(tx, number, kind, start, examples[start : start + ROWS])
        summary = {
            "counts": {kind: report.counts[kind] for kind in KINDS},
            "stopped": report.stopped,
            "files": files,
            "seconds": round(time.monotonic() - began, 3),
        }
        async with self._db.write() as tx:
            await job.guard(tx)
            await repository.set_values(tx, number, state="done", summary=summary, finished_at=utc_now())
            await job.complete(tx, {"preview": format_id("sp", number), **summary})
        return summary

    async def _try(self, job: JobContext, library: Any, wanted: dict[str, Any], report: Report) -> int:
        folder = None if wanted.get("folder") is None else bytes.fromhex(wanted["folder"])
        tried = wanted.get("rules")
        if tried is not None:
            trial = await self._trial(library.id, tried, folder or b"")
            return await regroup(self._db, library, trial, job, report)
        spool = self._settings.data_dir / "spool" / f"preview-{job.id}"
        await asyncio.to_thread(spool.mkdir, mode=0o700, parents=True, exist_ok=True)
        try:
            ground = await self._scans.ground(spool)
            asked = Wanted((), bool(wanted.get("full")), False, None if folder is None else (folder,))
            result = await TriedScan(ground, library, asked, job, utc_now(), report).run()
            return result.files
        finally:
            await asyncio.to_thread(shutil.rmtree, spool, ignore_errors=True)

    async def _trial(self, library: int, tried: dict[str, Any], folder: bytes) -> Trial:
        async with self._db.read() as conn:
            decisions = await overrides.decisions(conn, library)
            chosen = await overrides.chosen_rules(conn, library)
        names = tried["grouping_rules"]
        rules = rules_of(names if names is not None else chosen) if names or chosen else usual()
        highest = max((one.id for one in decisions), default=0)
        replaced = {bytes.fromhex(one["folder"]) for one in tried["folders"]}
        kept = [one for one in decisions if one.scope != "folder" or one.folder not in replaced]
        added = [
            Decision(
                highest + place, library, "folder", one["decision"], bytes.fromhex(one["folder"]),
                {"subfolders": one["subfolders"]}, "you", utc_now(),
            )
            for place, one in enumerate(tried["folders"], 1)
        ]  # fmt: skip
        tag_rules = None if tried["tag_rules"] is None else tag_rules_of(tried["tag_rules"])
        return Trial(Grouping(rules, [*kept, *added]), tag_rules, folder)

    async def _tidy(self, job: JobContext) -> None:
        """Forget previews that are too old to be looked at."""
        async with self._db.read() as conn:
            old = await repository.expired(conn, utc_now()) + await repository.left_behind(conn)
        for number in old:
            await self._forget(job, number)
            async with self._db.write() as tx:
                await repository.remove(tx, number)

    async def _forget(self, job: JobContext, number: int) -> None:
        dropped = ROWS
        while dropped == ROWS:
            job.check()
            async with self._db.write() as tx:
                await job.guard(tx)
                dropped = await repository.drop_changes(tx, number, ROWS)


class _NoFolder(NotFound):
    def __init__(self, number: int) -> None:
        text = format_id("fo", number)
        super().__init__("no_such_folder", f"There is no folder {text} in this library.", id=text)
