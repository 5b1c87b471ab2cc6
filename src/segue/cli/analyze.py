"""`segue analyze`: listen to files and say what was heard. It needs no database and writes nothing."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segue.cli.given import Json, emit, read_settings, run, say

if TYPE_CHECKING:
    from segue.analysis.engines import Places

NICE = 5
"""Less than in the background: somebody waits for it."""


def analyze(
    files: Annotated[list[str], typer.Argument(metavar="FILE…", help="Files, folders, or - to read names from stdin.")],
    json: Json = False,
    compare: Annotated[
        bool, typer.Option("--compare", help="Let every engine that is here listen, and show them side by side.")
    ] = False,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, max=256, help="Files heard at once; as many as there are cores.")
    ] = None,
    engine: Annotated[str, typer.Option("--engine", help="Who listens: ours, essentia or service.")] = "ours",
    essentia_python: Annotated[
        Path | None, typer.Option("--essentia-python", help="A Python that has Essentia.", show_default=False)
    ] = None,
) -> None:
    """Say tempo, key, loudness and energy of audio files, and draw them. No database is needed.

    Every file gets its answer, also the one that cannot be heard; the exit code is 0 then.
    """
    from segue.analysis.engines import ENGINES

    if engine not in ENGINES:
        raise typer.BadParameter(f"{engine!r} is not one of {', '.join(ENGINES)}.", param_hint="--engine")
    others = compare or engine != "ours"
    names = list(ENGINES) if compare else [engine]

    async def work() -> int:
        await _analyze(files, names, _places(essentia_python) if others else None, json, jobs or _cores())
        return 0

    raise typer.Exit(run(work))


async def _analyze(files: list[str], names: list[str], places: Places | None, json: bool, jobs: int) -> None:
    from segue.analysis.engines import engine_named
    from segue.analysis.ours.child import POOL, warm
    from segue.cli.analyze_files import answers, audio_files
    from segue.cli.analyze_page import Pages
    from segue.cli.analyze_progress import Progress
    from segue.core.pool import ProcessPool

    terms = POOL.copy()
    terms["nice"] = NICE
    async with ProcessPool(jobs, warm, **terms) as pool:
        engines = [engine_named(name, pool, places) for name in names]
        if len(engines) > 1:
            engines = [one for one in engines if not await asyncio.to_thread(_is_missing, one)]
        pages = Pages()
        with Progress() as progress:
            async for answer in answers(audio_files(files), engines, ahead=jobs * 8, begun=progress.begun):
                with progress.aside(answer):
                    if json:
                        emit(answer.line(side_by_side=len(names) > 1))
                    else:
                        pages.show(answer, side_by_side=len(names) > 1)


def _is_missing(engine: object) -> bool:
    from segue.analysis.engines import InChildren

    assert isinstance(engine, InChildren)
    reason = engine.missing()
    if reason is not None:
        say(f"{engine.name} is left out: {reason}")
    return reason is not None


def _places(essentia_python: Path | None) -> Places:
    """Where other engines are, as the settings say; the flag wins."""
    from segue.analysis.engines import Places

    analysis = read_settings().analysis
    return Places(essentia_python or analysis.essentia_python, analysis.service_url)


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def register(app: typer.Typer) -> None:
    app.command()(analyze)
