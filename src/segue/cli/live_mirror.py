"""`segue live mirror`, `live status`, `live setlists`: lists of the archive kept here, how they stand, setlists from a file."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from segue.cli.given import DataDir, Json, emit, opened, read_settings, run, say
from segue.cli.waiting import LOOK_EVERY_S, somebody_works

if TYPE_CHECKING:
    from segue.app import Segue
    from segue.jobs.repository import JobInfo
    from segue.live.service import Status

QUEUE = "live"


def mirror(
    collection: Annotated[
        str | None,
        typer.Option("--collection", help="Keep the list of this collection from now on.", show_default=False),
    ] = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="Read lists from the beginning, not only what is new.")
    ] = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Believe a list that lacks much of what is here: mark that as gone.")
    ] = False,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Read lists of the archive now, and put what came into concerts. Without a collection: all that are kept."""

    async def work() -> int:
        from segue.core.access import SYSTEM
        from segue.live.errors import AlreadyMirrored
        from segue.live.service import LiveService

        async with opened(read_settings(data_dir=data_dir)) as segue:
            live = segue.services.get(LiveService)
            number = None
            if collection is not None:
                try:
                    view, ticket = await live.add_mirror(SYSTEM, collection)
                    number = view.id
                except AlreadyMirrored:
                    number = next(one.id for one in await live.mirrors() if one.collection == collection)
                    ticket = await live.start_mirror(SYSTEM, number, whole=whole, anyway=anyway)
            elif not [one for one in await live.mirrors() if one.wanted]:
                raise typer.BadParameter(
                    "No list is kept yet. Name one with --collection, such as GratefulDead or etree."
                )
            else:
                ticket = await live.start_mirror(SYSTEM, whole=whole, anyway=anyway)
            async with somebody_works(segue, QUEUE):
                job = await _followed(segue, ticket.id, quiet=as_json)
            _tell(job, await live.status(), as_json)
            blocked = [one for one in await live.mirrors() if one.wanted and one.state in ("failed", "blocked")]
            return 1 if job.state != "done" or [one for one in blocked if number in (None, one.id)] else 0

    raise typer.Exit(run(work))


async def _followed(segue: Segue, number: int, *, quiet: bool) -> JobInfo:
    """The job once it has ended; how far it is is told on stderr every few seconds."""
    from segue.core.access import SYSTEM
    from segue.jobs import JobService

    jobs = segue.services.get(JobService)
    looked = 0
    while (job := await jobs.get(SYSTEM, number)).active:
        await asyncio.sleep(LOOK_EVERY_S)
        looked += 1
        if not quiet and looked % 25 == 0 and job.progress:
            progress = job.progress
            done, total = progress.get("done") or 0, progress.get("total")
            say(f"{progress.get('phase') or ''}: {done:,}" + (f" of {total:,}" if total else ""))
    return job


def _tell(job: JobInfo, status: Status, as_json: bool) -> None:
    result: dict[str, Any] = job.result or {}
    if as_json:
        emit({"state": job.state, "error": job.error, **result})
        return
    if job.state != "done":
        say(f"It ended as {job.state}: {job.error or 'see `segue live status`'}.")
    else:
        say(
            f"{result.get('new', 0):,} new recordings, {result.get('changed', 0):,} changed, {result.get('gone', 0):,} gone; "
            f"{result.get('concerts_new', 0):,} new concerts."
        )
    for one in status.mirrors:
        if one.error:
            say(f"{one.collection}: {one.state}. {_why(one.error)}")


def _why(error: dict[str, Any]) -> str:
    if error.get("code") == "list_suddenly_short":
        return (
            f"The archive's list lacks {error['missing']:,} of the {error['known']:,} recordings here, which is more than go "
            "in a month; nothing was marked. `segue live mirror --anyway` believes it."
        )
    return str(error.get("message") or error.get("code"))


def status(data_dir: DataDir = None, as_json: Json = False) -> None:
    """What there is of live music, how old it is, and how things stand with the archive."""

    async def work() -> int:
        from segue.live import spelling
        from segue.live.service import LiveService

        async with opened(read_settings(data_dir=data_dir)) as segue:
            found = await segue.services.get(LiveService).status()
        if as_json:
            mirrored = spelling.mirrored(found.listed_at)
            emit(
                {
                    **found.totals,
                    "doubts": found.doubts,
                    "waiting": found.waiting,
                    "mirrors": [spelling.mirror(one) for one in found.mirrors],
                    "mirrored": mirrored,
                    "breaker": found.archive.breaker,
                    "contact": found.archive.contact,
                }
            )
            return 0
        totals = found.totals
        say(
            f"{totals['concerts']:,} concerts of {totals['artists']:,} bands in {totals['recordings']:,} recordings; "
            f"{totals['kept']:,} concerts are on this server."
        )
        if found.waiting:
            say(f"{found.waiting:,} dates are yet to be put into concerts.")
        if found.doubts.get("open"):
            say(f"{found.doubts['open']:,} doubts wait for a person.")
        for one in found.mirrors:
            when = one.listed_at.strftime("%Y-%m-%d %H:%M") if one.listed_at else "never"
            say(f"{one.collection}: {one.state}, {one.item_count:,} items, read to its end {when}.")
            if one.error:
                say(f"  {_why(one.error)}")
        if not found.archive.contact:
            say("The archive is not asked before outside.contact is set.")
        elif found.archive.breaker != "closed":
            say("The archive does not answer; it is asked again by itself.")
        return 0

    raise typer.Exit(run(work))


def setlists(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Shows with their setlists, one JSON object a line, plain or gzipped.", exists=True, dir_okay=False
        ),
    ],
    source: Annotated[
        str, typer.Option("--source", help="Who says so, where a row does not; reference by default.")
    ] = "reference",
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Bring setlists in: concerts get their songs, and recordings are held against them."""

    async def work() -> int:
        from segue.core.access import SYSTEM
        from segue.live.mirror import regroup_marked
        from segue.live.reading import read_setlists
        from segue.live.service import LiveService

        async with opened(read_settings(data_dir=data_dir)) as segue:
            live = segue.services.get(LiveService)
            for file in files:
                done = await live.bring_setlists(SYSTEM, read_setlists(file), source=source)
                if as_json:
                    emit({"file": str(file), "new": done.new, "changed": done.changed, "same": done.same})
                else:
                    say(f"{file}: {done.new:,} new setlists, {done.changed:,} changed, {done.same:,} here already.")
            grouped = await regroup_marked(segue.db)
            if not as_json:
                say(f"{grouped.new:,} new concerts, {grouped.changed:,} different ones.")
        return 0

    raise typer.Exit(run(work))


def register(app: typer.Typer) -> None:
    app.command()(mirror)
    app.command()(status)
    app.command()(setlists)
