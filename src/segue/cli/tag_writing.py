"""`segue tags write` and `segue tags undo`: edits into files, and what stood there back again."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from segue.cli.given import DataDir, Json, emit, opened, read_settings, run, say
from segue.cli.working import followed

if TYPE_CHECKING:
    from segue.app import Segue


class What(StrEnum):
    """What can be written of what was measured."""

    TEMPO = "tempo"
    KEY = "key"
    GAINS = "gains"


Targets = Annotated[
    list[str], typer.Argument(metavar="ID…", help="Tracks, albums, artists, files or libraries: tr-1, al-2, li-1 …")
]


def write(
    targets: Targets,
    field: Annotated[
        list[str] | None, typer.Option("--field", help="Only this field, by Picard's name; may be repeated.")
    ] = None,
    artwork: Annotated[bool, typer.Option("--artwork", help="Put the album's picture in as cover, too.")] = False,
    measured: Annotated[
        list[What] | None,
        typer.Option("--measured", help="Write this as it was measured, too: tempo, key or gains; may be repeated."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be written.")] = False,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Write what was edited, and what was measured where asked, into files of libraries whose option write_tags is on. The
    audio is never touched."""
    settings = read_settings(data_dir=data_dir)

    async def work() -> int:
        from segue.core.access import SYSTEM
        from segue.library.writing.service import WritingService

        async with opened(settings) as segue:
            writing = segue.services.get(WritingService)
            files = await writing.files_named(SYSTEM, targets, measured=measured or ())
            if dry_run:
                preview = await writing.preview(files, fields=field, artwork=artwork, measured=measured or ())
                for plan in preview.plans:
                    _plan(plan, json)
                return 0
            batch, job = await writing.request(files, fields=field, artwork=artwork, measured=measured or ())
            return await _to_the_end(segue, batch, job, json)

    raise typer.Exit(run(work))


def undo(
    act: Annotated[str, typer.Argument(metavar="ACT", help="What `segue tags write` said: tw-7.")],
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Put back what stood in the files before an act of writing."""
    settings = read_settings(data_dir=data_dir)

    async def work() -> int:
        from segue.core.ids import parse_id
        from segue.library.writing.service import WritingService

        async with opened(settings) as segue:
            batch, job = await segue.services.get(WritingService).request_undo(parse_id(act, "tw"))
            return await _to_the_end(segue, batch, job, json)

    raise typer.Exit(run(work))


async def _to_the_end(segue: Segue, batch: int, job: int, json: bool) -> int:
    """Wait for an act, and tell what became of its files; 1 where one was not written."""
    from segue.core.access import SYSTEM
    from segue.library.writing.service import WritingService

    writing = segue.services.get(WritingService)
    ended = await followed(segue, job, ("writing",))
    after = 0
    while rows := await writing.writes(SYSTEM, batch, after=after, limit=500):
        for row in rows:
            _row(batch, row, json)
        after = rows[-1].id
    counts = (await writing.batch(batch)).counts
    said = ", ".join(f"{count:,} {state}" for state, count in sorted(counts.items())) or "nothing"
    say(f"tw-{batch}: {said}.")
    return 0 if ended.state == "done" and not counts.get("failed") else 1


def _row(batch: int, row: Any, json: bool) -> None:
    from segue.library.writing.reasons import sentence

    reason = sentence(row.code, row.params)
    if json:
        emit({"act": f"tw-{batch}", "file": f"fi-{row.file_id}", "path": row.display_path, "state": row.state,
              "code": row.code, "reason": reason, "changes": row.changes})  # fmt: skip
    elif row.state != "unchanged":
        print(f"{row.state:<8} {row.display_path}" + (f"  {reason}" if reason else ""))


def _plan(plan: Any, json: bool) -> None:
    from segue.library.writing.reasons import sentence

    reason = sentence(plan.reason.code, plan.reason.params) if plan.reason else None
    if json:
        emit({"file": f"fi-{plan.file_id}", "path": plan.path, "changes": plan.changes, "before": plan.before,
              "code": plan.reason.code if plan.reason else None, "reason": reason})  # fmt: skip
        return
    print(plan.path + (f"  {reason}" if reason else ""))
    for name, values in plan.changes.items():
        print(f"  {name}: {'; '.join(plan.before.get(name, [])) or '–'} → {'; '.join(values) or '–'}")


def register(app: typer.Typer) -> None:
    """Add both to `segue tags`."""
    app.command()(write)
    app.command()(undo)
