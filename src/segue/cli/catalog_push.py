"""`segue catalog push`: a snapshot to where others pull it from."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segue.cli.catalog_progress import progress
from segue.cli.given import Json, read_settings, say

if TYPE_CHECKING:
    from segue.core.storage import Storage


def push(
    snapshot: Annotated[Path, typer.Argument(help="The snapshot: a folder with manifest.json.", show_default=False)],
    url: Annotated[str, typer.Argument(help="A folder or s3://bucket/prefix.", show_default=False)],
    as_json: Json = False,
) -> None:
    """Send a snapshot to object storage; what is there already is not sent again. Keys are those of the settings storage.*."""
    import msgspec

    from segue.catalog.scale.copies import is_web, push

    if is_web(url):
        raise typer.BadParameter("A web address can be pulled from, not pushed to.")
    with progress("Pushing") as told:
        copied = asyncio.run(push(snapshot, storage_at(url), told))
    if as_json:
        print(msgspec.json.encode(copied).decode())
        return
    say(f"{url} has {copied.id}: {copied.sent:,} bytes were sent, {copied.there:,} were there already.")


def storage_at(url: str) -> Storage:
    """Object storage, with the keys and the endpoint of the settings."""
    from segue.core.storage import open_storage

    settings = read_settings()
    storage = settings.storage
    return open_storage(
        url,
        settings.data_dir,
        endpoint=storage.endpoint,
        region=storage.region,
        access_key=storage.access_key,
        secret_key=storage.secret_key.get_secret_value() if storage.secret_key else None,
    )


def register(app: typer.Typer) -> None:
    app.command()(push)
