"""`segue catalog pull`: a snapshot that was pushed, onto this machine."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from segue.cli.catalog_progress import progress
from segue.cli.catalog_push import storage_at
from segue.cli.given import Json, say


def pull(
    url: Annotated[str, typer.Argument(help="A folder, s3://bucket/prefix or http(s)://…", show_default=False)],
    snapshot: Annotated[Path, typer.Argument(help="The snapshot: a folder, made or replaced.", show_default=False)],
    keep: Annotated[int, typer.Option(help="How many snapshots before this one stay.", min=0)] = 1,
    as_json: Json = False,
) -> None:
    """Fetch what changed, check all of it, and put it in place of the snapshot before; a server that runs there takes it."""
    import msgspec

    from segue.catalog.scale.copies import WebCopies, is_web, pull

    copies = WebCopies(url) if is_web(url) else storage_at(url)
    with progress("Pulling") as told:
        copied = asyncio.run(pull(copies, snapshot.absolute(), told, keep=keep))
    if as_json:
        print(msgspec.json.encode(copied).decode())
        return
    say(f"{snapshot} is {copied.id}: {copied.sent:,} bytes were fetched, {copied.there:,} were here already.")


def register(app: typer.Typer) -> None:
    app.command()(pull)
