"""`segue duplicates`: what is there more than once, and which copy is the better one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from segue.cli.given import DataDir, Json, emit, opened, read_settings, run, say
from segue.cli.working import followed

if TYPE_CHECKING:
    from segue.app import Segue


def duplicates(
    kind: Annotated[
        list[str] | None,
        typer.Option("--kind", help="copy (same release), appearance (several releases) or perhaps; may be repeated."),
    ] = None,
    look: Annotated[bool, typer.Option("--look", help="Look for duplicates first, among what changed.")] = False,
    anew: Annotated[bool, typer.Option("--anew", help="Look first, at every track.")] = False,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List what is there more than once. Nothing is merged, moved or removed."""
    from segue.library.duplicates.service import KINDS

    if wrong := sorted(set(kind or ()) - set(KINDS)):
        raise typer.BadParameter(f"{wrong[0]!r} is not one of {', '.join(KINDS)}.", param_hint="--kind")
    settings = read_settings(data_dir=data_dir)

    async def work() -> int:
        async with opened(settings) as segue:
            if look or anew:
                job = await followed(segue, await _look(segue, anew))
                if job.state != "done":
                    say(f"The search did not finish: {(job.error or {}).get('message') or job.state}")
                    return 1
            return await _list(segue, kind or [], json)

    raise typer.Exit(run(work))


async def _look(segue: Segue, anew: bool) -> int:
    from segue.core.access import SYSTEM
    from segue.library.duplicates.service import DuplicateService

    return await segue.services.get(DuplicateService).look_now(SYSTEM, anew=anew)


async def _list(segue: Segue, kinds: list[str], json: bool) -> int:
    from segue.core.access import SYSTEM
    from segue.core.ids import format_id
    from segue.library.duplicates.service import DuplicateService

    service = segue.services.get(DuplicateService)
    after: int | None = None
    count = 0
    while True:
        page = await service.page(SYSTEM, kinds=kinds, after=after, limit=200)
        for group in page.items:
            count += 1
            lines = [_line(member, group.better.track_id) for member in group.members]
            if json:
                emit({"id": format_id("dg", group.id), "kind": group.kind, "tracks": lines})
                continue
            print(f"{group.kind}: {group.members[0].track.artist_display} - {group.members[0].track.title}")
            for line in lines:
                print(f"  {'*' if line['better'] else ' '} {line['id']}  {line['format']}  {line['path']}")
        if page.next is None:
            break
        after = int(page.next)
    say(f"{count} groups." if count != 1 else "1 group.")
    return 0


def _line(member: Any, better: int) -> dict[str, Any]:
    from segue.core.ids import format_id

    track = member.track
    return {
        "id": format_id("tr", track.id),
        "better": track.id == better,
        "format": track.file.format,
        "path": track.file.path,
        "score": member.score,
        "method": member.method,
    }


def register(app: typer.Typer) -> None:
    app.command()(duplicates)
