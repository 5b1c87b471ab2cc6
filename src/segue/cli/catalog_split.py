"""`segue catalog split`: a snapshot in shards."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segue.cli.catalog_progress import progress
from segue.cli.given import Json, say


def split(
    snapshot: Annotated[Path, typer.Argument(help="The snapshot: a folder with manifest.json.", show_default=False)],
    shards: Annotated[int, typer.Option(help="How many.", min=2, show_default=False)],
    out: Annotated[Path, typer.Option(help="Folder for shard-1, shard-2 and so on.", show_default=False)],
    keep: Annotated[int, typer.Option(help="How many of each shard from before this one stay.", min=0)] = 1,
    as_json: Json = False,
) -> None:
    """Split a snapshot into shards, each a snapshot of its own, for machines that are too small for all of it."""
    import msgspec

    from segue.catalog.scale.splitting import split

    with progress("Splitting") as told:
        made = split(snapshot, shards, out.absolute(), told, keep=keep)
    if as_json:
        print(msgspec.json.encode(made).decode())
        return
    for folder, size in made.shards.items():
        say(f"{folder}: {size:,} bytes")


def register(app: typer.Typer) -> None:
    app.command()(split)
