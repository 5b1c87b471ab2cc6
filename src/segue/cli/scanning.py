"""`segue scan`: look for new, changed and missing files, with a bar that says how far it is."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from segue.cli import scan_ahead, steering
from segue.cli.given import DataDir, Json, emit, opened, read_settings, run, say
from segue.cli.waiting import LOOK_EVERY_S, somebody_works

if TYPE_CHECKING:
    from segue.app import Segue
    from segue.jobs.repository import JobInfo


def scan(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FOLDER]…",
            help="Libraries by their folder (made where there are none), or folders inside of one; none: all. Or one of "
            "the words pause, resume, cancel, status, and the names of libraries.",
        ),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Read every file again, also those that did not change.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would change; a folder inside a library will do.")
    ] = False,
    undo: Annotated[
        bool, typer.Option("--undo", help="Take back what the last scan of these libraries changed, instead.")
    ] = False,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Scan libraries. A running server's worker does it; without one, this command does."""
    settings = read_settings(data_dir=data_dir)

    async def work() -> int:
        from segue.app import check_folders

        if steering.is_verb(folders):
            async with opened(settings) as segue:
                return await steering.steer(segue, folders or [], json)
        roots = check_folders(folders or [])
        async with opened(settings) as segue:
            if dry_run:
                return await scan_ahead.dry_run(segue, roots, full, json)
            if undo:
                return await scan_ahead.undo(segue, roots, json)
            jobs = await _request(segue, roots, full)
            if not jobs:
                say("There is no library yet: name a folder, or start `segue serve FOLDER`.")
                return 1
            async with somebody_works(segue):
                return await _follow(segue, jobs, json)

    raise typer.Exit(run(work))


async def _request(segue: Segue, roots: list[bytes], full: bool) -> list[int]:
    from segue.library.scan.service import ScanService
    from segue.library.scan.steering import ScanSteering

    scans = segue.services.get(ScanService)
    if not roots:
        return await scans.request(full=full)
    wanted = []
    for root in roots:
        inside = await segue.services.get(ScanSteering).holder_of(root)
        if inside is None:
            wanted += await scans.request(await scans.ensure_library(root), full=full)
        else:
            wanted += await scans.request(inside[0], full=full, folder=inside[1] or None)
    return list(dict.fromkeys(wanted))


async def _follow(segue: Segue, wanted: list[int], json: bool) -> int:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from segue.core.access import SYSTEM
    from segue.jobs import JobService
    from segue.library.scan import hold

    jobs = segue.services.get(JobService)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
    )
    failed = 0
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not os.isatty(2)) as bar:
        for number in wanted:
            task = bar.add_task("Waiting", total=None, rate="")
            while (job := await jobs.get(SYSTEM, number)).active and not hold.is_held(job):
                _show(bar, task, job)
                await asyncio.sleep(LOOK_EVERY_S)
            bar.remove_task(task)
            failed += _tell(job, json)
    return 1 if failed else 0


COUNTED = (
    ("folders", "folder", "folders"),
    ("files", "file", "files"),
    ("files_read", "file read", "files read"),
    ("problems", "problem", "problems"),
    ("missing", "missing", "missing"),
)
"""Numbers of a scan's result, with the words for one and for many."""


def _show(bar: Any, task: Any, job: JobInfo) -> None:
    now = job.progress or {}
    parts = [f"{now['rate']:,.0f} files/s"] if now.get("rate") else []
    if now.get("eta_s") is not None:
        parts.append(f"{steering.span(now['eta_s'])} left")
    phase = str(now.get("phase") or job.state).capitalize()
    bar.update(task, description=phase, completed=now.get("done") or 0, total=now.get("total"), rate=", ".join(parts))


def _tell(job: JobInfo, json: bool) -> int:
    """Say how a scan ended; 1 where it did not end well."""
    from segue.library.scan import hold

    result = job.result or {}
    if hold.is_held(job) and not json:
        say("The scans of this library are held back: `segue scan resume` lets them go on.")
        return 1
    well = job.state == "done" and result.get("state", "done") == "done"
    if json:
        emit({"job": f"jo-{job.id}", "state": job.state, "result": result, "error": job.error})
    elif well:
        counts = ", ".join(
            f"{number:,} {one if number == 1 else many}" for name, one, many in COUNTED if (number := result.get(name))
        )
        print(f"Scanned: {counts or 'nothing has changed'}.")
    else:
        message = result.get("message") or (job.error or {}).get("message") or job.state
        say(f"The scan did not finish: {message}")
    return 0 if well else 1


def register(app: typer.Typer) -> None:
    app.command()(scan)
    steering.register(app)
