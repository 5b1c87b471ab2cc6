"""`segue analysis`: how far listening to the library is, what could not be heard, and everything that was measured."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from segue.cli.given import DataDir, Json, emit, opened, read_settings, run, say
from segue.cli.working import followed

if TYPE_CHECKING:
    from segue.analysis.service import AnalysisService
    from segue.app import Segue

app = typer.Typer(no_args_is_help=True, help="What listening to the library found.")
Code = Annotated[str | None, typer.Option("--code", help="Only what failed for this reason, such as encrypted.")]
PAGE = 200


@app.command()
def status(data_dir: DataDir = None, json: Json = False) -> None:
    """Say how far listening is: how much waits, is done or failed, how fast it goes."""
    settings = read_settings(data_dir=data_dir)

    async def work() -> int:
        async with opened(settings) as segue:
            from segue.analysis import answers

            told = answers.status(await _service(segue).status())
            if json:
                emit(told)
                return 0
            _print_status(told)
            return 0

    raise typer.Exit(run(work))


@app.command()
def failed(code: Code = None, data_dir: DataDir = None, json: Json = False) -> None:
    """List the tracks that could not be heard, with the reason."""
    settings = read_settings(data_dir=data_dir)

    async def work() -> int:
        async with opened(settings) as segue:
            return await _failed(_service(segue), code, json)

    raise typer.Exit(run(work))


@app.command()
def again(
    which: Annotated[
        str, typer.Argument(help="failed, outdated (another engine or version heard it), or all.", show_default=False)
    ],
    code: Code = None,
    wait: Annotated[bool, typer.Option("--wait", help="Stay until the tracks are back in line.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Listen again, in the background; what was heard is shown until then."""
    if which not in ("failed", "outdated", "all"):
        raise typer.BadParameter(f"{which!r} is not one of failed, outdated, all.", param_hint="WHICH")
    settings = read_settings(data_dir=data_dir)

    async def work() -> int:
        from segue.core.access import SYSTEM
        from segue.core.ids import format_id

        async with opened(settings) as segue:
            job = await _service(segue).again_many(
                SYSTEM, outdated=which == "outdated", failed=which == "failed", code=code
            )
            if not wait:
                say(f"{format_id('jo', job)} puts them back in line; a worker listens to them.")
                return 0
            done = await followed(segue, job)
            say(f"{(done.result or {}).get('sounds', 0)} pieces of audio wait to be heard again.")
            return 0 if done.state == "done" else 1

    raise typer.Exit(run(work))


@app.command()
def export(
    query: Annotated[str, typer.Argument(metavar="[QUERY]", help="Only tracks that meet this query.")] = "",
    format: Annotated[str, typer.Option("--format", help="jsonl or csv.")] = "jsonl",
    data_dir: DataDir = None,
) -> None:
    """Write everything that was measured to stdout, one line a track."""
    if format not in ("jsonl", "csv"):
        raise typer.BadParameter(f"{format!r} is not one of jsonl, csv.", param_hint="--format")
    chosen: Literal["jsonl", "csv"] = "csv" if format == "csv" else "jsonl"
    settings = read_settings(data_dir=data_dir)

    async def work() -> int:
        from segue.core.access import SYSTEM

        async with opened(settings) as segue:
            async for lines in await _service(segue).export(SYSTEM, chosen, q=query or None):
                sys.stdout.buffer.write(lines)
            sys.stdout.buffer.flush()
        return 0

    raise typer.Exit(run(work))


def _service(segue: Segue) -> AnalysisService:
    from segue.analysis.service import AnalysisService

    return segue.services.get(AnalysisService)


async def _failed(service: AnalysisService, code: str | None, json: bool) -> int:
    from segue.analysis import answers
    from segue.core.access import SYSTEM

    after = count = 0
    while found := await service.failures(SYSTEM, code=code, after=after, limit=PAGE):
        after, count = found[-1].track_id, count + len(found)
        for one in map(answers.failure, found):
            if json:
                emit({**one, "asked_at": one["asked_at"].isoformat()})
            else:
                print(f"{one['track']}  {one['artist']} - {one['title']}  {one['path']}\n  {one['reason']['message']}")
    say(f"{count} tracks could not be heard." if count != 1 else "1 track could not be heard.")
    return 0


def _print_status(told: dict[str, Any]) -> None:
    states = told["states"]
    on = "on" if told["enabled"] else "off"
    print(f"Listening is {on}; the engine is {told['engine']}, version {told['version']}.")
    if told["missing"]:
        print(f"It cannot listen: {told['missing']}")
    print(
        f"{states['done']} done, {states['running']} being heard, {states['pending']} waiting "
        f"({told['waiting_for_files']} of them for their files), {states['failed']} failed."
    )
    for code, count in sorted(told["failed"].items()):
        print(f"  {count} {code}")
    if told["outdated"]:
        print(
            f"{told['outdated']} were heard by another engine or version; `segue analysis again outdated` hears them anew."
        )
    if told["real_time_factor"]:
        print(f"So far {told['real_time_factor']:g} times faster than they play, on one core.")
    if told["rate"]:
        print(f"{told['rate']:g} a minute now; done in about {told['eta_s']} s.")
    if told["quiet_until"]:
        print(f"Quiet hours until {told['quiet_until'].isoformat(timespec='minutes')}.")
