"""`segue catalog load`: a snapshot into PostgreSQL."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from segue.cli.catalog_progress import progress
from segue.cli.given import Json, say


def load(
    snapshot: Annotated[Path, typer.Argument(help="The snapshot: a folder with manifest.json.", show_default=False)],
    postgres: Annotated[
        str, typer.Option(metavar="URL", help="postgresql://user:password@host/database", show_default=False)
    ],
    keep: Annotated[int, typer.Option(help="How many catalogues from before this one stay.", min=0)] = 1,
    as_json: Json = False,
) -> None:
    """Load a snapshot into PostgreSQL; servers that answer from there take it once it is whole."""
    import msgspec

    from segue.catalog.scale.postgres_loading import load

    with progress("Loading") as told:
        loaded = asyncio.run(load(snapshot, postgres, told, keep=keep))
    if as_json:
        print(msgspec.json.encode(loaded).decode())
        return
    say(f"{loaded.counts.tracks:,} tracks are in the schema {loaded.schema}.")


def register(app: typer.Typer) -> None:
    app.command()(load)
