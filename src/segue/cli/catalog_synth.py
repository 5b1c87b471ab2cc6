"""`segue catalog synth`: a made-up catalogue of any size in the two-file layout, for trying, testing and measuring."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segue.cli.catalog_progress import progress
from segue.cli.given import say


def synth(
    tracks: Annotated[int, typer.Option(help="How many tracks.", min=1, max=1_000_000_000, show_default=False)],
    out: Annotated[Path, typer.Option(help="Folder for the files; made where it is not there.", show_default=False)],
    seed: Annotated[int, typer.Option(help="Another number, another catalogue; the same number, the same one.")] = 1,
    features: Annotated[bool, typer.Option("--features", help="Make a file of audio features as well.")] = False,
) -> None:
    """Make a catalogue that does not exist: real proportions, real lengths, invented names.

    Writes main_database.sqlite3 and track_files.sqlite3 (and track_audio_features.sqlite3), each complete or not at all.
    """
    from segue.catalog.synth.making import make

    with progress("Making") as told:
        made = make(out, tracks, seed=seed, features=features, told=told)
    counts = made.counts
    say(
        f"{counts.tracks:,} tracks, {counts.albums:,} albums, {counts.artists:,} artists: {made.bytes:,} bytes in {out}."
    )


def register(app: typer.Typer) -> None:
    app.command()(synth)
