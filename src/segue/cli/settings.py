"""`segue settings`: every setting, its value, and where that came from."""

from __future__ import annotations

from typing import Annotated

import typer

from segue.cli.given import DataDir, Json, emit, read_settings


def settings(
    only: Annotated[str | None, typer.Argument(metavar="[PART]", help="Only keys that contain this.")] = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Every setting, its value, and which layer won (the settings table is read by the running server alone)."""
    from dataclasses import asdict

    found = [one for one in read_settings(data_dir=data_dir).describe() if not only or only in one.key]
    if json:
        for one in found:
            emit(asdict(one))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("Setting", "Value", "From", "Meaning"):
        table.add_column(heading, overflow="fold")
    for one in found:
        table.add_row(one.key, "" if one.value is None else str(one.value), one.layer, one.description)
    Console().print(table)


def register(app: typer.Typer) -> None:
    app.command()(settings)
