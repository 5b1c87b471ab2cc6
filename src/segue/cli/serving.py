"""`segue serve` and `segue worker`: the two processes."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from segue.cli.given import DataDir, read_settings
from segue.core import heap


class Role(StrEnum):
    all = "all"
    web = "web"


def serve(
    folders: Annotated[
        list[Path] | None, typer.Argument(metavar="[FOLDER]…", help="Folders of music; each becomes a library once.")
    ] = None,
    data_dir: DataDir = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on [127.0.0.1].", show_default=False)] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on [4747].", show_default=False)] = None,
    base_path: Annotated[
        str | None, typer.Option(help="Path under which a proxy shows Segue, such as /music.", show_default=False)
    ] = None,
    role: Annotated[Role, typer.Option(help="all: web and its worker; web: without the worker.")] = Role.all,
) -> None:
    """Start Segue, with your music."""
    heap.loading()
    from segue.process import serve as run

    settings = read_settings(data_dir=data_dir, server__host=host, server__port=port, server__base_path=base_path)
    raise typer.Exit(run(settings, folders or [], with_worker=role is Role.all))


def worker(data_dir: DataDir = None) -> None:
    """Do background work: scans, artwork, everything slow. `segue serve` starts one by itself."""
    heap.loading()
    from segue.process import work

    raise typer.Exit(work(read_settings(data_dir=data_dir)))


def register(app: typer.Typer) -> None:
    app.command()(serve)
    app.command()(worker)
