"""`segue tags`: the rules for tags - checking them, seeing them, trying them, putting them into force."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from segue.cli.given import DataDir, Json, emit, opened, read_settings, run, say

app = typer.Typer(no_args_is_help=True, help="Tags: the rules by which they are read, and writing them into files.")
File = Annotated[Path | None, typer.Argument(help="A file of rules; none: the one in force.", show_default=False)]


@app.command()
def check(file: File = None, data_dir: DataDir = None, json: Json = False) -> None:
    """Say whether rules can be used, and in which line the first mistake is. Needs no database."""
    from segue.library.scan.tags.rules_file import RulesRefused, rules_of
    from segue.library.tag_rules.current import FILE_NAME, read_rules_file

    settings = read_settings(data_dir=data_dir)
    path = file or settings.tags.file or settings.data_dir / FILE_NAME
    if not path.exists():
        say(f"There is no file {path}.")
        raise typer.Exit(1)
    try:
        rules = rules_of(read_rules_file(path))
    except RulesRefused as refused:
        if json:
            emit({"file": str(path), "ok": False, "line": refused.line, "message": refused.message})
        else:
            print(f"{path}: {refused.message}")
        raise typer.Exit(1) from None
    if json:
        emit({"file": str(path), "ok": True, "hash": rules.hash.hex()})
    else:
        print(f"{path} can be used.")


@app.command()
def show(
    shipped: Annotated[bool, typer.Option("--shipped", help="The rules that come with Segue instead.")] = False,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Print your own rules, and on stderr where they are and whether everything was made by them."""
    settings = read_settings(data_dir=data_dir)

    async def work() -> int:
        from segue.library.scan.tags.rules import shipped_text
        from segue.library.tag_rules.service import TagRulesService

        if shipped:
            print(shipped_text(), end="")
            return 0
        async with opened(settings) as segue:
            service = segue.services.get(TagRulesService)
            found, behind = await service.in_force(), await service.behind()
        problem = found.problem.message if found.problem else None
        if json:
            emit(
                {
                    "source": found.source, "file": str(found.path), "rules": found.text, "problem": problem,
                    "hash": found.rules.hash.hex(), "files_behind": behind,
                }
            )  # fmt: skip
            return 0
        where = {"file": f"In the file {found.path}", "web": "Kept by Segue", "none": "You have no rules of your own"}
        say(f"{where[found.source]}; {behind} files were made by others.")
        if problem:
            say(f"They cannot be used, so the rules that come with Segue hold: {problem}")
        if found.text:
            print(found.text, end="" if found.text.endswith("\n") else "\n")
        return 0

    raise typer.Exit(run(work))


@app.command()
def preview(
    file: File = None,
    sample: Annotated[int, typer.Option("--sample", min=1, max=20_000, help="How many tracks to look at.")] = 2_000,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Say what rules would change, with examples. Nothing is written."""
    settings = read_settings(data_dir=data_dir)

    async def work() -> int:
        from segue.core.access import SYSTEM
        from segue.core.ids import format_id
        from segue.library.tag_rules.current import read_rules_file
        from segue.library.tag_rules.service import TagRulesService

        text = await asyncio.to_thread(read_rules_file, file) if file else None
        async with opened(settings) as segue:
            found = await segue.services.get(TagRulesService).preview(SYSTEM, text, sample)
        for change in found.examples:
            row = {"track": format_id("tr", change.track), "title": change.title, "field": change.field}
            if json:
                emit(row | {"before": change.before, "after": change.after})
            else:
                print(f"{row['track']} {change.title}: {change.field}")
                print(f"    {change.before}\n    {change.after}")
        say(f"{found.changed} of {found.looked_at} tracks looked at would change ({found.total} there are).")
        for words, names in (("artist", found.artists), ("genre", found.genres)):
            for verb, keys in (("New", names.added), ("Gone", names.removed)):
                if keys:
                    shown = ", ".join(names.spelled[key] for key in keys[:20])
                    say(f"{verb} {words}s, {len(keys)}: {shown}{' …' if len(keys) > 20 else ''}")
        return 0

    raise typer.Exit(run(work))


@app.command()
def apply(
    file: Annotated[
        Path | None, typer.Argument(help="A file of rules that Segue is to keep; none: apply those in force.")
    ] = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Make every track by the rules, without reading files. A running server's worker does it; without one, this does."""
    settings = read_settings(data_dir=data_dir)

    async def work() -> int:
        from segue.cli.working import followed
        from segue.core.access import SYSTEM
        from segue.library.tag_rules.current import read_rules_file
        from segue.library.tag_rules.service import TagRulesService

        async with opened(settings) as segue:
            service = segue.services.get(TagRulesService)
            if file is not None:
                number = await service.put(SYSTEM, await asyncio.to_thread(read_rules_file, file))
            else:
                number = await service.apply()
            if number is None:
                say("Every track is as these rules make it.")
                return 0
            job = await followed(segue, number, ("scan",))
        if json:
            emit({"job": f"jo-{job.id}", "state": job.state, "result": job.result, "error": job.error})
        elif job.state == "done":
            counted = job.result or {}
            print(f"{counted.get('files', 0):,} files looked at, {counted.get('changed', 0):,} changed.")
        else:
            say(f"It did not finish: {(job.error or {}).get('message') or job.state}")
        return 0 if job.state == "done" else 1

    raise typer.Exit(run(work))
