"""`segue catalog build`: from a source to a snapshot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segue.cli.catalog_progress import progress
from segue.cli.given import Json, say

if TYPE_CHECKING:
    from segue.catalog.build.building import Built


def build(
    out: Annotated[Path, typer.Option(help="The snapshot: a folder; made where it is not there.", show_default=False)],
    main: Annotated[
        Path | None, typer.Option(help="main_database.sqlite3 of the two-file layout.", show_default=False)
    ] = None,
    files: Annotated[Path | None, typer.Option(help="Its track_files.sqlite3.", show_default=False)] = None,
    features: Annotated[Path | None, typer.Option(help="Its track_audio_features.sqlite3.", show_default=False)] = None,
    musicbrainz: Annotated[
        Path | None, typer.Option(help="Folder with dumps of MusicBrainz, JSON or TSV.", show_default=False)
    ] = None,
    derived: Annotated[
        bool, typer.Option("--derived", help="Of MusicBrainz also genres and ratings, which are CC BY-NC-SA.")
    ] = False,
    discogs: Annotated[
        Path | None, typer.Option(help="Folder with the XML dumps of Discogs.", show_default=False)
    ] = None,
    rest: Annotated[
        bool, typer.Option("--rest", help="Of files of the two-file layout that are cut off, take what there is.")
    ] = False,
    trigram: Annotated[
        bool, typer.Option("--trigram", help="With an index for substrings; about 35 bytes a track more.")
    ] = False,
    keep: Annotated[int, typer.Option(help="How many snapshots before this one stay.", min=0)] = 1,
    workers: Annotated[int, typer.Option(help="Threads that compress; more take less time, not less work.", min=1)] = 1,
    as_json: Json = False,
) -> None:
    """Build a snapshot from one source. The one that is served stays untouched until the new one is whole and checked."""
    from segue.catalog.build.building import Options, build
    from segue.catalog.sources import Prepared, open_source

    _check(main, files, features, musicbrainz, discogs, derived, rest)
    source = open_source(
        main=main,
        files=files,
        features=features,
        musicbrainz=musicbrainz,
        discogs=discogs,
        derived=derived,
        scratch=out.absolute().with_name(f"{out.name}.gathered"),
        rest=rest,
    )
    with progress("Building") as told:
        built = build(source, out, Options(trigram=trigram, keep=keep, workers=workers), told)
    if isinstance(source, Prepared):
        source.close()
    if as_json:
        import msgspec

        print(msgspec.json.encode(built).decode())
        return
    _tell(built)


def _check(
    main: Path | None,
    files: Path | None,
    features: Path | None,
    musicbrainz: Path | None,
    discogs: Path | None,
    derived: bool,
    rest: bool,
) -> None:
    if sum(one is not None for one in (main, musicbrainz, discogs)) != 1:
        raise typer.BadParameter("Name one source: --main, --musicbrainz or --discogs.")
    if main is None and (files is not None or features is not None):
        raise typer.BadParameter("--files and --features belong to --main.")
    if musicbrainz is None and derived:
        raise typer.BadParameter("--derived belongs to --musicbrainz.")


def _tell(built: Built) -> None:
    if built.begun_anew:
        say("There was a build of another source or with other options; it was given up, and this one began anew.")
    if built.resumed:
        say("It went on from a build that had not ended.")
    for name, problem in built.problems.items():
        say(f"{name}: {problem.count:,}, such as {'; '.join(problem.examples[:3])}")
    size = sum(built.bytes.values())
    counts = built.counts
    say(
        f"{counts.tracks:,} tracks, {counts.albums:,} albums, {counts.artists:,} artists: {size:,} bytes in {built.snapshot}, "
        f"in {built.seconds:,.0f} s ({built.cpu_seconds:,.0f} s of processor time), at most {built.peak_bytes >> 20:,} MiB."
    )


def register(app: typer.Typer) -> None:
    app.command()(build)
