"""`segue doctor`: what is wrong with this installation, and what to do."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import asdict

import typer

from segue.cli.given import DataDir, Json, emit, read_settings, run

MARKS = {"ok": "[green]✓[/]", "note": "[yellow]•[/]", "bad": "[red]✗[/]"}


def doctor(data_dir: DataDir = None, json: Json = False) -> None:
    """Look for what is wrong with this installation, and say what to do. Exit 1 where something is."""
    settings = read_settings(data_dir=data_dir)

    async def work() -> int:
        from rich.console import Console

        from segue.core.telemetry import set_up_logging
        from segue.doctor import examine

        set_up_logging("error", "human")
        console = Console(highlight=False)
        bad = 0
        async with aclosing(examine(settings)) as findings:
            async for finding in findings:
                bad += finding.verdict == "bad"
                if json:
                    emit(asdict(finding))
                    continue
                console.print(f"{MARKS[finding.verdict]} {finding.subject:<12} ", end="")
                console.print(finding.message, markup=False, soft_wrap=True)
                if finding.advice and finding.verdict != "ok":
                    console.print(f"  {'':<12} {finding.advice}", markup=False, style="dim", soft_wrap=True)
        if not json:
            console.print("Nothing is wrong." if not bad else f"{bad} thing{'s' if bad > 1 else ''} to put right.")
        return 1 if bad else 0

    raise typer.Exit(run(work))


def register(app: typer.Typer) -> None:
    app.command()(doctor)
