"""What is wrong with this installation, and what to do about it. Each check is one question with one answer."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

from sqlalchemy import text

from segue.api.web_app import FOLDER as WEB_FOLDER
from segue.app import Segue, check_data_dir
from segue.core.access import SYSTEM
from segue.core.cache import Cache
from segue.core.clock import utc_now
from segue.core.errors import SegueError
from segue.core.storage import Storage
from segue.jobs import JobService
from segue.library.scan.service import ScanService
from segue.library.tag_rules.service import TagRulesService
from segue.settings import Settings

Verdict = Literal["ok", "note", "bad"]
LOW_SPACE_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer: what was looked at, how it is, and where something is to be done, what."""

    subject: str
    verdict: Verdict
    message: str
    advice: str | None = None


async def examine(settings: Settings) -> AsyncGenerator[Finding, None]:
    """Look at everything, the ground first; what cannot be looked at because of an earlier finding is left out."""
    yield _python()
    yield _web_app()
    yield _ffmpeg()
    try:
        check_data_dir(settings.data_dir)
    except SegueError as error:
        yield Finding("data folder", "bad", error.message, error.hint)
        return
    yield _space(settings.data_dir)
    yield _secret_key(settings.data_dir)
    try:
        segue = Segue(settings)
    except SegueError as error:
        yield Finding("secret key", "bad", error.message, error.hint)
        return
    try:
        async for finding in _database(segue, settings):
            yield finding
            if finding.verdict == "bad":
                return
        await segue.open()
        async for finding in _services(segue):
            yield finding
    except SegueError as error:
        yield Finding("database", "bad", error.message, error.hint)
    finally:
        await segue.close()


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("python", "ok", f"Python {version}, SQLite {sqlite3.sqlite_version}.")


def _web_app() -> Finding:
    if (WEB_FOLDER / "index.html").is_file():
        return Finding("web app", "ok", "The web app is built.")
    return Finding("web app", "bad", "The web app is not built.", "In a clone: python hatch_build.py")


def _ffmpeg() -> Finding:
    found = shutil.which("ffmpeg")
    if found:
        return Finding("ffmpeg", "ok", f"ffmpeg is at {found}.")
    return Finding("ffmpeg", "note", "There is no ffmpeg on PATH.", "Not needed to play files as they are.")


def _space(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    said = f"{free / 2**30:,.1f} GiB are free for {folder}."
    if free < LOW_SPACE_BYTES:
        return Finding("disk space", "bad", said, "Make room: a database that cannot grow cannot be written.")
    return Finding("disk space", "ok", said)


def _secret_key(folder: Path) -> Finding:
    from segue.core.secrets import FILE_NAME

    path = folder / FILE_NAME
    if not path.exists():
        return Finding("secret key", "note", "There is no secret key yet.", "It is made at the first start.")
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        return Finding("secret key", "bad", f"Others can read {path} (mode {mode:o}).", f"chmod 600 {path}")
    return Finding("secret key", "ok", "Only its owner can read the secret key.")


async def _database(segue: Segue, settings: Settings) -> AsyncIterator[Finding]:
    target = settings.database_target
    if target.sqlite_path is not None:
        if not target.sqlite_path.exists():
            yield Finding("database", "note", f"There is no database at {target.sqlite_path} yet.")
            return
        with closing(sqlite3.connect(f"file:{target.sqlite_path}?mode=ro", uri=True)) as conn:
            try:
                verdict = conn.execute("PRAGMA quick_check(1)").fetchone()[0]
            except sqlite3.DatabaseError as error:
                verdict = str(error)
        if verdict != "ok":
            advice = "Stop Segue and go back to the newest copy in the folder `backups`."
            yield Finding("database", "bad", f"The database is damaged: {verdict}", advice)
            return
    try:
        revision = await segue.migrations.current()
        async with segue.db.read() as conn:
            await conn.execute(text("SELECT 1"))
    except SegueError as error:
        yield Finding("database", "bad", error.message, error.hint)
        return
    newest = segue.migrations.newest
    if revision == newest:
        yield Finding("database", "ok", f"The database answers; its tables are up to date ({revision}).")
    else:
        yield Finding("database", "note", "Its tables will be brought up to date at the next start.")


async def _services(segue: Segue) -> AsyncIterator[Finding]:
    for complaint in segue.settings.current.complaints:
        yield Finding("settings", "bad", complaint.message, "Change it on the settings page.")
    yield await _tag_rules(segue)
    for name, service in (("storage", segue.services.get(Storage)), ("cache", segue.services.get(Cache))):
        try:
            await service.check()
        except SegueError as error:
            yield Finding(name, "bad", error.message, error.hint)
        else:
            yield Finding(name, "ok", f"The {name} answers.")
    workers = [
        one
        for one in await segue.services.get(JobService).workers()
        if utc_now() - one.heartbeat_at < timedelta(seconds=60)
    ]
    if workers:
        yield Finding("worker", "ok", f"{len(workers)} worker process{'es are' if len(workers) > 1 else ' is'} alive.")
    else:
        yield Finding("worker", "note", "No worker is running.", "`segue serve` starts one.")
    failed = await segue.services.get(JobService).page(SYSTEM, states=("failed",), limit=20)
    if failed.items:
        yield Finding("jobs", "note", f"{len(failed.items)} jobs have failed.", "The jobs page says why.")
    async for finding in _libraries(segue):
        yield finding


async def _tag_rules(segue: Segue) -> Finding:
    found = await segue.services.get(TagRulesService).in_force()
    if found.problem is None:
        words = {
            "file": f"Those in {found.path} hold.",
            "web": "Those kept here hold.",
            "none": "The shipped ones hold.",
        }
        return Finding("tag rules", "ok", words[found.source])
    where = f"in {found.path} " if found.source == "file" else ""
    return Finding(
        "tag rules", "bad", f"The rules for tags {where}cannot be used, so the shipped ones hold. {found.problem.message}",
        "`segue tags check FILE` tries them.",
    )  # fmt: skip


async def _libraries(segue: Segue) -> AsyncIterator[Finding]:
    scans = segue.services.get(ScanService)
    roots = await scans.roots()
    if not roots:
        yield Finding(
            "libraries", "note", "There is no library yet.", "`segue serve FOLDER`, or add one in the web app."
        )
    for root in roots.values():
        shown = os.fsdecode(root).encode("utf-8", "replace").decode()
        if not os.path.isdir(root):  # noqa: PTH112 - bytes
            yield Finding("library", "bad", f"The folder {shown} is not there.", "Is its drive mounted?")
        elif not os.access(root, os.R_OK | os.X_OK):
            yield Finding(
                "library", "bad", f"The folder {shown} cannot be read.", "Give Segue's user the right to read it."
            )
        elif not os.listdir(root):  # noqa: PTH208 - bytes
            yield Finding("library", "bad", f"The folder {shown} is empty.", "Is its drive mounted?")
        else:
            yield Finding("library", "ok", f"The folder {shown} can be read.")
    status = await scans.status(SYSTEM)
    if status.stopped:
        yield Finding(
            "scan",
            "bad",
            str(status.stopped.get("message") or "The last scan stopped itself."),
            "See the libraries page.",
        )
    problems = (await scans.totals(SYSTEM)).problems
    if problems:
        yield Finding(
            "files", "note", f"{problems} files have a problem.", "The files page lists each with its reason."
        )
