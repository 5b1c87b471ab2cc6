"""`segue live tapes`: what the tapes in a folder may be. Nothing is renamed or changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from segue.cli.given import DataDir, Json, emit, opened, read_settings, run, say

if TYPE_CHECKING:
    from segue.app import Segue
    from segue.live.tapes.service import Looked


def tapes(
    folder: Annotated[
        Path, typer.Argument(help="A folder with tapes in it, at any depth.", exists=True, file_okay=False)
    ],
    keep: Annotated[
        bool,
        typer.Option(
            "--keep", help="Ask the archive too, and keep what was found, so that it can be accepted in the web app."
        ),
    ] = False,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Say what unnamed tapes may be: by fingerprints and checksums, by date and band, and by what was played.

    Files are read in place. Without --keep nothing is written at all, and the archive is not asked.
    """
    settings = read_settings(data_dir=data_dir)

    async def work() -> int:
        async with opened(settings) as segue:
            return await _look(segue, folder, keep, json)

    raise typer.Exit(run(work))


async def _look(segue: Segue, folder: Path, keep: bool, json: bool) -> int:
    from segue.live.tapes.service import TapeService, checked_folder

    service = segue.services.get(TapeService)
    count = unreadable = 0
    async for found in service.look(checked_folder(str(folder.absolute())), ask=keep):
        count += 1
        number = None
        if keep:
            async with segue.db.write() as tx:
                number = await service.keep(tx, found, None)
        if found.identified is None:
            unreadable += 1
        line = _line(found, number)
        if json:
            emit(line)
        else:
            _print(line)
    say(f"{count} tapes." if count != 1 else "1 tape.")
    return 1 if count and unreadable == count else 0


def _line(found: Looked, number: int | None) -> dict[str, Any]:
    from segue.core.ids import format_id_or_none
    from segue.live.tapes.folders import printable
    from segue.live.tapes.routes import proposal

    read, identified = found.read, found.identified
    return {
        "id": format_id_or_none("ta", number),
        "folder": printable(found.folder.path),
        "files": len(found.folder.audio),
        "problem": found.problem or None,
        "artist": next((name for name in identified.facts.artist_names if name), "") if identified else "",
        "date": identified.facts.date if identified else "",
        "source_type": identified.facts.source_type if identified else "",
        "titles": [track.title for track in identified.item.tracks] if identified else [],
        "differing": read.differing if read else [],
        "proposals": [proposal(one.as_json()) for one in identified.proposals] if identified else [],
    }


def _print(line: dict[str, Any]) -> None:
    print(f"{line['folder']}  ({line['files']} files)")
    if line["problem"]:
        print(f"    cannot be read: {line['problem']}")
    for name in line["differing"]:
        print(f"    {name}: its audio is not what the .ffp says")
    if not line["proposals"] and not line["problem"]:
        print("    nothing known here fits")
    for one in line["proposals"]:
        what = (
            f"the same as {one['identifier']}" if one["kind"] == "recording" else one["concert"] or "not known here yet"
        )
        reasons = "; ".join(f"{said['code']} {_params(said['params'])}".strip() for said in one["reasons"])
        print(f"    {one['score']:.2f}  {one['artist']} {one['date']} ({what}): {reasons}")


def _params(params: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in params.items())


def register(app: typer.Typer) -> None:
    """Add `tapes` to `segue live`."""
    app.command("tapes")(tapes)
