"""`segue catalog add`: records between two builds, served at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segue.cli.given import Json, emit, say


def add(
    snapshot: Annotated[Path, typer.Argument(help="The snapshot: a folder with manifest.json.", show_default=False)],
    file: Annotated[Path, typer.Argument(help="Records as JSON, one a line; - reads standard input.")],
    as_json: Json = False,
) -> None:
    """Add artists, albums and tracks to a snapshot, all of them or, where one is wrong, none. The next build has them too."""
    import msgspec

    from segue.catalog.overlay.given import read_lines
    from segue.catalog.overlay.taking import take

    if str(file) == "-":
        given = read_lines(typer.get_binary_stream("stdin"))
    else:
        try:
            with file.open("rb") as lines:
                given = read_lines(lines)
        except OSError as error:
            raise typer.BadParameter(f"{file}: {(error.strerror or str(error)).lower()}.") from None
    taken = take(snapshot, given)
    if as_json:
        emit(msgspec.to_builtins(taken))
        return
    told, beside = taken.given, taken.beside
    say(
        f"{told.tracks:,} tracks, {told.albums:,} albums, {told.artists:,} artists were added to {snapshot}; beside it lie "
        f"{beside.tracks:,} tracks, {beside.albums:,} albums, {beside.artists:,} artists until the next build."
    )


def register(app: typer.Typer) -> None:
    app.command()(add)
