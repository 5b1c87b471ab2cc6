"""`segue import-history`: bring in what other services and servers kept of somebody's listening."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from segue.cli.given import DataDir, Json, emit, opened, read_settings, run, say
from segue.cli.waiting import LOOK_EVERY_S, somebody_works

if TYPE_CHECKING:
    from segue.app import Segue
    from segue.listening.imports.service import ImportView

_PART = 1024 * 1024
QUEUE = "imports"


def import_history(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Exports of ListenBrainz, Last.fm, Spotify or Apple, Library.xml, or the database of Navidrome, Jellyfin or "
            "Airsonic.",
            show_default=False,
        ),
    ] = None,
    user: Annotated[str, typer.Option("--user", help="Whose history it is: a username.", show_default=False)] = "",
    lastfm: Annotated[
        str | None, typer.Option("--lastfm", help="Read this account at Last.fm instead of a file.", show_default=False)
    ] = None,
    person: Annotated[
        list[str] | None,
        typer.Option(
            "--person", help="Who of a server's people is who here: `theirs=ours`. Several times.", show_default=False
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would bring.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    undo: Annotated[
        str | None, typer.Option("--undo", help="Take a whole import back: its id (im-3).", show_default=False)
    ] = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Bring a listening history in: plays, stars, ratings, playlists. The same file twice adds nothing."""
    given = [file.expanduser() for file in files or ()]
    if undo is None and not given and lastfm is None:
        raise typer.BadParameter("Name a file, or an account with --lastfm.")
    if undo is None and not user:
        raise typer.BadParameter("Say with --user whose history it is.")
    for file in given:
        if not file.is_file():
            raise typer.BadParameter(f"There is no file {file}.")
    people = dict(_pair(text) for text in person or ())

    async def work() -> int:
        async with opened(read_settings(data_dir=data_dir)) as segue:
            async with somebody_works(segue, QUEUE):
                if undo is not None:
                    return await _undo(segue, undo, json)
                done = [await _bring(segue, user, file, people, dry_run, yes, json) for file in given]
                if lastfm is not None:
                    done.append(await _bring(segue, user, lastfm, people, dry_run, yes, json))
                return max(done)

    raise typer.Exit(run(work))


async def _bring(
    segue: Segue, user: str, what: Path | str, people: dict[str, str], dry_run: bool, yes: bool, json: bool
) -> int:
    from segue.accounts.service import AccountService
    from segue.core.access import SYSTEM
    from segue.listening.imports.service import ImportService

    imports, accounts = segue.services.get(ImportService), segue.services.get(AccountService)
    owner = (await accounts.find_user(SYSTEM, user)).id
    if isinstance(what, Path):
        view = await imports.upload(SYSTEM, what.name, _parts(what), for_user=owner)
    else:
        view = await imports.fetch_lastfm(SYSTEM, what, for_user=owner)
    view = await _ended(segue, view.id, json)
    if view.state != "ready":
        return _tell(view, json)
    _preview(view, json)
    chosen = {name: (await accounts.find_user(SYSTEM, ours)).id for name, ours in people.items()} or None
    if dry_run:
        return 0
    if not yes and not json:
        typer.confirm("Bring it in?", abort=True, err=True)
    await imports.start(SYSTEM, view.id, chosen)
    return _tell(await _ended(segue, view.id, json), json)


async def _undo(segue: Segue, text: str, json: bool) -> int:
    from segue.core.access import SYSTEM
    from segue.core.ids import parse_id
    from segue.listening.imports.service import ImportService

    number = parse_id(text, "im")
    await segue.services.get(ImportService).undo(SYSTEM, number)
    return _tell(await _ended(segue, number, json), json)


async def _ended(segue: Segue, number: int, json: bool) -> ImportView:
    """The import once nothing works on it any more, with a bar meanwhile."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from segue.core.access import SYSTEM
    from segue.listening.imports.service import ImportService

    imports = segue.services.get(ImportService)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rest]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=json or not os.isatty(2)) as bar:
        task = bar.add_task("Waiting", total=None, rest="")
        while (view := await imports.get(SYSTEM, number)).state in ("reading", "running", "undoing"):
            now = view.progress or {}
            rate = f"{now['rate']:,.0f} {now.get('unit') or ''}/s" if now.get("rate") else ""
            phase = str(now.get("phase") or view.state).capitalize()
            bar.update(task, description=phase, completed=now.get("done") or 0, total=now.get("total"), rest=rate)
            await asyncio.sleep(LOOK_EVERY_S)
    return view


def _preview(view: ImportView, json: bool) -> None:
    said = view.preview or {}
    if json:
        emit({"import": f"im-{view.id}", "source": view.source, "preview": said})
        return
    listens, things = said["listens"], said["things"]
    span = f", {said['first_at'][:10]} to {said['last_at'][:10]}" if said["first_at"] else ""
    say(f"{view.name}: {view.source}, {listens['total']:,} listens{span}.")
    say(f"{listens['matched']:,} are of tracks that are here, {listens['unmatched']:,} are kept by their words, "
        f"{listens['too_short']:,} were too short.")  # fmt: skip
    say(f"{things['matched']:,} of {things['total']:,} different tracks were found, {things['unsure']:,} nearly.")
    for one in said["people"]:
        if one["name"]:
            parts = ", ".join(
                f"{count:,} {name.replace('_', ' ')}" for name, count in one.items() if name != "name" and count
            )
            say(f"  {one['name']}: {parts}")
    troubles = sum(said["counts"]["problems"].values())
    if troubles:
        say(f"{troubles:,} rows cannot be taken.")


def _tell(view: ImportView, json: bool) -> int:
    """Say how it ended; 1 where it did not end well."""
    from segue.listening.imports.problems import sentence

    well = view.state in ("done", "undone", "ready")
    if json:
        emit(
            {
                "import": f"im-{view.id}",
                "state": view.state,
                "result": view.result,
                "code": view.code,
                "params": view.params,
            }
        )
    elif view.state == "done":
        result: dict[str, Any] = view.result or {}
        print(f"im-{view.id}: {result.get('added', 0):,} new plays, {result.get('folded', 0):,} were there already.")
    elif view.state == "undone":
        print(f"im-{view.id} was taken back.")
    else:
        say(f"The import did not finish: {sentence(view.code or view.state, view.params)}")
    return 0 if well else 1


async def _parts(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as source:
        while part := source.read(_PART):
            yield part


def _pair(text: str) -> tuple[str, str]:
    theirs, sign, ours = text.rpartition("=")
    if not sign:
        raise typer.BadParameter(f"{text!r} is not `theirs=ours`.")
    return theirs, ours


def register(app: typer.Typer) -> None:
    app.command("import-history")(import_history)
