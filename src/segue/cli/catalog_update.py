"""`segue catalog update`: fetch the newest dumps, and build from them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segue.cli.catalog_progress import progress
from segue.cli.given import DataDir, Json, emit, read_settings, say

if TYPE_CHECKING:
    from segue.catalog.updating.rounds import Updated


def update(
    source: Annotated[
        str | None,
        typer.Option(help="musicbrainz, discogs or two-file; else that of the settings.", show_default=False),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The snapshot; else that of the settings.", show_default=False)
    ] = None,
    directory: Annotated[
        Path | None, typer.Option(help="Folder for the dumps; else that of the settings.", show_default=False)
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="Address of a mirror; else that of the settings.", show_default=False)
    ] = None,
    dumps: Annotated[str | None, typer.Option(help="Of MusicBrainz: json or tables.", show_default=False)] = None,
    derived: Annotated[
        bool | None, typer.Option("--derived", help="Of MusicBrainz also genres and ratings.", show_default=False)
    ] = None,
    keep_dumps: Annotated[
        bool | None, typer.Option("--keep-dumps", help="The dumps stay once they are built.", show_default=False)
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Even if the snapshot is of the newest dumps.")] = False,
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Fetch the newest dumps and build from them. What is cut off goes on with the next call."""
    settings = read_settings(
        data_dir=data_dir,
        catalog__snapshot=out,
        catalog__update__source=source,
        catalog__update__dumps=dumps,
        catalog__update__url=url,
        catalog__update__directory=directory,
        catalog__update__derived=derived,
        catalog__update__keep_dumps=keep_dumps,
    )
    if settings.catalog.update.source == "none":
        raise typer.BadParameter("Name a source: --source, or the setting catalog.update.source.")
    from segue.catalog.service import FOLDER
    from segue.catalog.updating.rounds import Round

    into = settings.catalog.snapshot or settings.data_dir / FOLDER
    with progress("Updating") as told:
        updated = asyncio.run(Round(settings, into, told).run(again=again))
    _tell(updated, into, as_json)


def _tell(updated: Updated, into: Path, as_json: bool) -> None:
    built = updated.built
    if as_json:
        import msgspec

        emit({"source": updated.source, "version": updated.version, "built": msgspec.to_builtins(built)})
    elif built is None:
        say(f"{into} is of the newest dumps of {updated.source} already ({updated.version}).")
    else:
        counts = built.counts
        say(
            f"{counts.tracks:,} tracks, {counts.albums:,} albums, {counts.artists:,} artists of {updated.source} "
            f"({updated.version}) in {built.snapshot}, built in {built.seconds:,.0f} s."
        )


def register(app: typer.Typer) -> None:
    app.command()(update)
