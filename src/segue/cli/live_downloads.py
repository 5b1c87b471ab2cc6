"""`segue live download|downloads|verify`: recordings brought here, what became of them, and whether they are as they were."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from segue.cli.given import DataDir, Json, emit, opened, read_settings, run, say

if TYPE_CHECKING:
    from segue.app import Segue
    from segue.core.access import Actor
    from segue.live.downloads.schemas import DownloadItem

User = Annotated[
    str | None, typer.Option("--user", help="Whose downloads: a username; without it, Segue's own.", show_default=False)
]
LOOK_EVERY_S = 0.3


def download(
    identifiers: Annotated[
        list[str], typer.Argument(help="Recordings by their identifiers at the archive, or as rec-81.")
    ],
    format: Annotated[
        list[str] | None,
        typer.Option("--format", help="A format that is wanted, the best first. Several times.", show_default=False),
    ] = None,
    file: Annotated[
        list[str] | None,
        typer.Option("--file", help="Only this file of the recording. Several times.", show_default=False),
    ] = None,
    into: Annotated[
        str | None, typer.Option("--into", help="The library it goes into, as li-3.", show_default=False)
    ] = None,
    user: User = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Stay until they are here.")] = True,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Download recordings, verified file by file. Without a server that runs, this command does it itself."""

    async def work() -> int:
        async with opened(read_settings(data_dir=data_dir)) as segue:
            from segue.core.errors import SegueError
            from segue.core.ids import parse_id
            from segue.live.downloads.schemas import DownloadItem
            from segue.live.downloads.service import DownloadService

            downloads, actor = segue.services.get(DownloadService), await _actor(segue, user)
            numbers, failed = [], False
            for text in identifiers:
                named: int | str = parse_id(text, "rec") if text.startswith("rec-") else text
                try:
                    asked = await downloads.enqueue(actor, named, files=file, formats=format, target=into)
                except SegueError as error:
                    failed = True
                    if json:
                        emit({"archive_identifier": text, "error": {"code": error.code, "message": error.message}})
                    else:
                        say(f"{text}: {error.message}")
                    continue
                numbers.append(asked.row.id)
            if wait and numbers:
                await _until_ended(segue, actor, numbers, quiet=json)
            for number in numbers:
                item = DownloadItem.of(await downloads.get(actor, number))
                failed = failed or (wait and item.status != "done")
                _tell(item, json)
            return 1 if failed else 0

    raise typer.Exit(run(work))


def downloads(
    user: User = None,
    everybody: Annotated[bool, typer.Option("--all", help="Everybody's.")] = False,
    active: Annotated[bool, typer.Option("--active", help="Only those that have not ended.")] = False,
    limit: Annotated[int, typer.Option("--limit", help="How many at most.", min=1, max=1000)] = 50,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List downloads, the newest first, with how far they are and what went wrong."""

    async def work() -> int:
        async with opened(read_settings(data_dir=data_dir)) as segue:
            from segue.live.downloads import states
            from segue.live.downloads.schemas import DownloadItem
            from segue.live.downloads.service import DownloadService

            service, actor = segue.services.get(DownloadService), await _actor(segue, user)
            rows, _ = await service.page(
                actor, wanted=states.ACTIVE if active else (), everybody=everybody, limit=limit
            )
            for row in rows:
                _tell(DownloadItem.of(row), json)
            return 0

    raise typer.Exit(run(work))


def verify(
    download: Annotated[
        str | None,
        typer.Argument(help="One download, as dl-5; without it, everything that is here.", show_default=False),
    ] = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Read every byte, also where size and time are as they were.")
    ] = False,
    repair: Annotated[bool, typer.Option("--repair/--no-repair", help="Fetch what is damaged again.")] = True,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Look whether downloaded files are what they were when they were verified; a damaged one is fetched again, alone."""

    async def work() -> int:
        async with opened(read_settings(data_dir=data_dir)) as segue:
            from segue.cli.working import followed
            from segue.core.access import SYSTEM
            from segue.core.ids import parse_id
            from segue.live.downloads.service import DownloadService

            number = None if download is None else parse_id(download, "dl")
            job_id = await segue.services.get(DownloadService).request_verify(SYSTEM, number, deep=deep, repair=repair)
            job = await followed(segue, job_id, ("live-downloads",))
            counts: dict[str, int] = (job.result or {}).get("counts") or {}
            if json:
                emit({"state": job.state, "counts": counts})
            elif job.state == "done":
                print(
                    f"{counts['looked']:,} files: {counts['good']:,} good, {counts['damaged']:,} damaged, "
                    f"{counts['missing']:,} missing; {counts['read']:,} were read."
                )
            else:
                say(f"It did not finish: {(job.error or {}).get('message', job.state)}")
            well = job.state == "done" and not counts["damaged"] and not counts["missing"]
            return 0 if well else 1

    raise typer.Exit(run(work))


async def _actor(segue: Segue, user: str | None) -> Actor:
    from segue.accounts.service import AccountService
    from segue.core.access import SYSTEM

    if user is None:
        return SYSTEM
    accounts = segue.services.get(AccountService)
    found = await accounts.actor_for((await accounts.find_user(SYSTEM, user)).id)
    return found or SYSTEM


async def _until_ended(segue: Segue, actor: Actor, numbers: list[int], *, quiet: bool) -> None:
    """Wait until these have ended, or are paused; with a bar where there is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    from segue.cli.working import somebody_works
    from segue.live.downloads import states
    from segue.live.downloads.service import DownloadService

    service = segue.services.get(DownloadService)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    queues = ("live-downloads", "scan", "default")
    async with somebody_works(segue, queues):
        with Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet or not os.isatty(2)) as bar:
            task = bar.add_task("Downloading", total=None)
            while True:
                rows = [await service.get(actor, number) for number in numbers]
                if all(row.state not in states.WORKING for row in rows):
                    break
                size = sum(row.size_bytes or 0 for row in rows)
                bar.update(task, completed=sum(row.done_bytes for row in rows), total=size or None)
                await asyncio.sleep(LOOK_EVERY_S)
            while any(row.state == states.DONE and row.entered_at is None for row in rows) and await _scanning(segue):
                await asyncio.sleep(LOOK_EVERY_S)
                rows = [await service.get(actor, number) for number in numbers]


async def _scanning(segue: Segue) -> bool:
    from segue.core.access import SYSTEM
    from segue.library.scan.service import ScanService

    return (await segue.services.get(ScanService).status(SYSTEM)).scanning


def _tell(item: DownloadItem, json: bool) -> None:
    if json:
        emit(item.model_dump(mode="json"))
        return
    share = "" if item.progress is None or item.status == "done" else f"  {item.progress:.0%}"
    print(f"{item.id}  {item.status}{share}  {item.archive_identifier}")
    what = " ".join(part for part in (item.artist, item.date, item.venue) if part)
    if what or item.path:
        print(f"    {what}{'  ' if what and item.path else ''}{item.path or ''}")
    told: Any = item.error or item.waiting
    if told is not None:
        print(f"    {told.message}")


def register(app: typer.Typer) -> None:
    app.command("download")(download)
    app.command("downloads")(downloads)
    app.command("verify")(verify)
