"""`segue inbox …`: what lies in inboxes, and what becomes of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from segue.cli.given import DataDir, Json, emit, opened, read_settings, run, say
from segue.cli.working import followed

if TYPE_CHECKING:
    from segue.app import Segue
    from segue.library.inbox.service import InboxService

app = typer.Typer(no_args_is_help=True, help="Albums that wait to be let into a library.")
Item = Annotated[str, typer.Argument(metavar="ALBUM", help="As `segue inbox list` calls it: in-3.")]


@app.command("list")
def list_items(
    state: Annotated[list[str] | None, typer.Option("--state", help="Only in this state; may be repeated.")] = None,
    look: Annotated[bool, typer.Option("--look", help="Look into the inboxes first.")] = False,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List the albums in inboxes, the newest first."""

    async def work(segue: Segue, inboxes: InboxService) -> int:
        from segue.core.access import SYSTEM

        for number in await inboxes.request_look() if look else ():
            await followed(segue, number)
        before: int | None = None
        while True:
            rows, _ = await inboxes.page(SYSTEM, states=state or None, before=before, limit=200)
            for row in rows:
                _tell(row, json)
            if len(rows) < 200:
                return 0
            before = rows[-1].id

    _with(data_dir, work)


@app.command()
def show(item: Item, data_dir: DataDir = None, json: Json = False) -> None:
    """Show an album: what is to be said of it, and where its files would go."""

    async def work(segue: Segue, inboxes: InboxService) -> int:
        from segue.core.access import SYSTEM
        from segue.core.ids import parse_id
        from segue.library.inbox.checks import sentence

        page = await inboxes.item(SYSTEM, parse_id(item, "in"))
        if json:
            for row in page.files:
                target = page.targets.get(row.id)
                emit({"item": item, "file": row.display_path, "kind": row.kind, "state": row.state,
                      "target": target.path if target else None, "taken": target.taken if target else None})  # fmt: skip
            for check in page.checks:
                emit({"item": item, "check": check.code, "severity": check.severity, "params": check.params})
            return 0
        _tell(page.item, False)
        for check in page.checks:
            print(f"  {check.severity}: {sentence(check.code, check.params)}")
        for row in page.files:
            target = page.targets.get(row.id)
            print(f"  {row.display_path}" + (f"\n    → {target.path}" if target else ""))
        return 0

    _with(data_dir, work)


@app.command()
def approve(item: Item, data_dir: DataDir = None, json: Json = False) -> None:
    """Let an album into its library: its files are moved, nothing is replaced."""

    async def work(segue: Segue, inboxes: InboxService) -> int:
        from segue.core.access import SYSTEM
        from segue.core.ids import parse_id

        return await _to_the_end(segue, inboxes, item, await inboxes.approve(SYSTEM, parse_id(item, "in")), json)

    _with(data_dir, work)


@app.command()
def undo(item: Item, data_dir: DataDir = None, json: Json = False) -> None:
    """Put an album's files back into the inbox."""

    async def work(segue: Segue, inboxes: InboxService) -> int:
        from segue.core.access import SYSTEM
        from segue.core.ids import parse_id

        return await _to_the_end(segue, inboxes, item, await inboxes.undo(SYSTEM, parse_id(item, "in")), json)

    _with(data_dir, work)


@app.command()
def reject(item: Item, data_dir: DataDir = None, json: Json = False) -> None:
    """Leave an album where it is, and ask no more until it changes."""

    async def work(segue: Segue, inboxes: InboxService) -> int:
        from segue.core.access import SYSTEM
        from segue.core.ids import parse_id

        await inboxes.reject(SYSTEM, parse_id(item, "in"))
        _tell((await inboxes.item(SYSTEM, parse_id(item, "in"))).item, json)
        return 0

    _with(data_dir, work)


def _with(data_dir: Any, work: Callable[[Segue, InboxService], Awaitable[int]]) -> None:
    settings = read_settings(data_dir=data_dir)

    async def whole() -> int:
        from segue.library.inbox.service import InboxService

        async with opened(settings) as segue:
            return await work(segue, segue.services.get(InboxService))

    raise typer.Exit(run(whole))


async def _to_the_end(segue: Segue, inboxes: InboxService, item: str, job: int, json: bool) -> int:
    """Wait for a move, and tell how it ended; 1 where it did not end well."""
    from segue.core.access import SYSTEM
    from segue.core.ids import parse_id

    await followed(segue, job, ("writing",))
    row = (await inboxes.item(SYSTEM, parse_id(item, "in"))).item
    _tell(row, json)
    return 0 if row.state in ("moved", "undone") else 1


def _tell(row: Any, json: bool) -> None:
    from segue.library.inbox.checks import sentence

    summary = row.summary or {}
    reason = sentence(row.code, row.params)
    if json:
        emit({"item": f"in-{row.id}", "library": f"li-{row.library_id}", "folder": row.display_folder, "state": row.state,
              "title": summary.get("title"), "artist": summary.get("artist"), "tracks": summary.get("tracks"),
              "checks": [each[0] for each in row.checks], "code": row.code, "reason": reason})  # fmt: skip
        return
    title = f"{summary.get('artist') or '?'} – {summary.get('title') or '?'}"
    doubts = sum(each[1] != "note" for each in row.checks)
    print(f"in-{row.id:<6} {row.state:<9} {title}  ({row.display_folder or '.'}, {doubts} to look at)")
    if reason:
        say(f"  {reason}")
