"""`segue scan pause|resume|cancel|status` and `segue purge`: hold scans back, let them go on, give them up, forget what is
missing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from segue.cli.given import DataDir, Json, emit, opened, read_settings, run, say
from segue.cli.waiting import finished, somebody_works

if TYPE_CHECKING:
    from segue.app import Segue

VERBS = ("pause", "resume", "cancel", "status")
"""First words after `segue scan` that are no folders; a folder of such a name is written `./pause`."""


def is_verb(folders: list[Path] | None) -> bool:
    """Whether the words after `segue scan` steer scans instead of asking for one."""
    return bool(folders) and str((folders or [])[0]) in VERBS


async def steer(segue: Segue, words: list[Path], json: bool) -> int:
    """Do what the first word says, for the libraries named by the others (by name, id or folder), or for all."""
    from segue.library.scan.steering import ScanSteering

    verb, names = str(words[0]), [str(word) for word in words[1:]]
    steering = segue.services.get(ScanSteering)
    libraries = await _libraries(segue, names)
    wanted: list[int | None] = list(libraries) if names else [None]
    if verb == "status":
        return await _status(segue, libraries, json)
    act = {"pause": steering.pause, "resume": steering.resume, "cancel": steering.cancel}[verb]
    changed = [number for one in wanted for number in await act(one)]
    if json:
        emit({verb: changed})
    else:
        say(_answer(verb, len(changed)))
    return 0


def _answer(verb: str, count: int) -> str:
    if verb == "cancel":
        return f"Scans given up: {count}." if count else "No scan was wanted or under way."
    done = "held back" if verb == "pause" else "free to go on"
    return f"Libraries whose scans are {done} now: {count}."


async def _libraries(segue: Segue, names: list[str]) -> dict[int, Any]:
    """Libraries by their names, ids or folders; all without a name. Ends the command where one is not there."""
    from segue.core.access import SYSTEM
    from segue.library.service import LibraryService

    views = await segue.services.get(LibraryService).libraries(SYSTEM)
    if not names:
        return {view.id: view for view in views}
    found: dict[int, Any] = {}
    for name in names:
        paths = {name, str(Path(name).expanduser().absolute())}
        fitting = [view for view in views if name in (view.name, f"li-{view.id}") or view.path in paths]
        if len(fitting) != 1:
            known = ", ".join(view.name for view in views) or "none yet"
            print(f"segue: There is no one library {name}. There are: {known}", file=sys.stderr)
            raise typer.Exit(2)
        found[fitting[0].id] = fitting[0]
    return found


async def _status(segue: Segue, libraries: dict[int, Any], json: bool) -> int:
    from segue.core.access import SYSTEM
    from segue.core.clock import rfc3339
    from segue.library.scan import watching
    from segue.library.scan.service import ScanService
    from segue.library.scan.steering import ScanSteering

    now = await segue.services.get(ScanService).status(SYSTEM)
    if not json:
        state = "Held back" if now.paused else "Scanning" if now.scanning else "No scan is under way"
        parts = [state, how_far(now.phase, now.done, now.total, now.files_per_second, now.eta_s)]
        print(" · ".join(part for part in parts if part))
    for number in libraries:
        told = await segue.services.get(ScanSteering).state(number)
        row = told.row
        state = "paused" if row.paused_at else "waiting" if told.waiting else "idle"
        last = row.scan_result or {}
        watch = row.watching or {}
        if json:
            emit(
                {
                    "library": f"li-{number}", "name": row.name, "state": state, "files": row.file_count,
                    "missing": row.missing_count, "problems": told.problems, "last_scan": last or None,
                    "finished_at": rfc3339(row.scan_finished_at), "next_scan_at": rfc3339(told.next_scan_at),
                    "watching": watch or None, "scanning": now.scanning, "done": now.done, "total": now.total,
                    "files_per_second": now.files_per_second, "eta_s": now.eta_s,
                }
            )  # fmt: skip
            continue
        print(
            f"{row.name}: {state}, {row.file_count:,} files, {row.missing_count:,} missing, {told.problems:,} with problems"
        )
        if last.get("state") == "stopped":
            print(f"  The last scan stopped: {last.get('message')}")
        if told.next_scan_at:
            print(f"  Next scan by the clock: {rfc3339(told.next_scan_at)}")
        if watch:
            print(f"  {watching.sentence(str(watch.get('code')), watch.get('params') or {})}")
    return 0


def how_far(phase: str | None, done: int | None, total: int | None, rate: float | None, eta_s: float | None) -> str:
    """How far a scan is, in words: `read 1,200 of 5,000, 410 files/s, 9 s left`."""
    parts = []
    if phase:
        count = f" {done:,}" if done is not None else ""
        parts.append(f"{phase}{count}" + (f" of {total:,}" if total else ""))
    if rate:
        parts.append(f"{rate:,.0f} files/s")
    if eta_s is not None:
        parts.append(f"{span(eta_s)} left")
    return ", ".join(parts)


def span(seconds: float) -> str:
    """A time to wait in words: `50 s`, `4 min`, `2 h 5 min`."""
    if seconds < 90:
        return f"{round(seconds)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def purge(
    library: Annotated[str, typer.Argument(help="The library, by its name, id or folder.")],
    older_than: Annotated[int, typer.Option("--older-than", min=0, help="Only what is missing for so many days.")] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, and forget nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Forget files that are missing. Plays and playlists keep their words; files on disk are not touched."""
    settings = read_settings(data_dir=data_dir)

    async def work() -> int:
        async with opened(settings) as segue:
            from segue.library.scan.steering import ScanSteering

            steering = segue.services.get(ScanSteering)
            ((number, view),) = (await _libraries(segue, [library])).items()
            found = await steering.purge(number, older_than_days=older_than, dry_run=True)
            if not json:
                say(f"{view.name}: {found.files:,} missing files with {found.tracks:,} tracks.")
            if dry_run or not found.files:
                if json:
                    emit({"files": found.files, "tracks": found.tracks, "bytes": found.bytes, "job": None})
                return 0
            if not yes and not typer.confirm("Forget them?", err=True):
                return 1
            asked = await steering.purge(number, older_than_days=older_than, confirm=view.name)
            assert asked.job is not None
            async with somebody_works(segue):
                job = await finished(segue, asked.job)
            if json:
                emit({"job": f"jo-{job.id}", "state": job.state, "result": job.result, "error": job.error})
            else:
                say("Forgotten." if job.state == "done" else f"It did not finish: {(job.error or {}).get('message')}")
            return 0 if job.state == "done" else 1

    raise typer.Exit(run(work))


def register(app: typer.Typer) -> None:
    app.command()(purge)
