"""`segue inspect`: what became of a file's tags and why, why an album is one, why an artist is."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from segue.cli.given import DataDir, Json, emit, opened, read_settings, run, say

if TYPE_CHECKING:
    from pydantic import BaseModel

    from segue.settings import Settings

ID = re.compile(r"(fi|tr|al|ar)-\d+")


def inspect(
    what: Annotated[
        str,
        typer.Argument(metavar="PATH|fi-1|tr-1|al-1|ar-1", help="A file, or the id of a file, track, album or artist."),
    ],
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Say why: what became of each tag and by which rule, why tracks are one album, why names are one artist.

    A file that is in no library is read on the spot; there need not be a database.
    """
    settings = read_settings(data_dir=data_dir)

    async def work() -> int:
        found = await (_by_id(settings, what) if ID.fullmatch(what) else _by_path(settings, Path(what)))
        if found is None:
            say(f"This is no music: {what}")
            return 1
        if json:
            emit(found.model_dump(mode="json"))
        else:
            for line in _lines(found):
                print(line)
        return 0

    raise typer.Exit(run(work))


async def _by_id(settings: Settings, text: str) -> BaseModel:
    from segue.core.access import SYSTEM
    from segue.library.inspection.service import InspectionService

    prefix, _, number = text.partition("-")
    async with opened(settings) as segue:
        service = segue.services.get(InspectionService)
        verb = {"fi": service.file, "tr": service.track, "al": service.album, "ar": service.artist}[prefix]
        found: BaseModel = await verb(SYSTEM, int(number))
        return found


async def _by_path(settings: Settings, path: Path) -> BaseModel | None:
    from segue.core.access import SYSTEM
    from segue.library.inspection.service import InspectionService, read_on_the_spot
    from segue.library.tag_rules.current import FILE_NAME, in_force

    if not await asyncio.to_thread(path.exists):
        raise typer.BadParameter(f"There is no file {path}.")
    if settings.database.url or (settings.data_dir / "segue.db").exists():
        async with opened(settings) as segue:
            found = await segue.services.get(InspectionService).file_at(SYSTEM, os.fsencode(path.resolve()))
            if found is not None:
                return found
    own = await asyncio.to_thread(in_force, settings.tags.file or settings.data_dir / FILE_NAME, None)
    if own.problem is not None:
        say(f"The rules that come with Segue hold: {own.problem.message}")
    return await asyncio.to_thread(read_on_the_spot, path, own.rules, own.source)


def _lines(found: Any) -> list[str]:
    kind = type(found).__name__
    lines = {"FileInspection": _file, "AlbumInspection": _album, "ArtistInspection": _artist}[kind](found)
    for edit in found.edits:
        lines.append(f"Edited: {edit.field} of {edit.of} is {_value(edit.value)}")
    return lines


def _file(found: Any) -> list[str]:
    lines = [found.path, f"  {found.format or 'no music'}{f', {found.codec}' if found.codec else ''}"]
    if found.problem:
        lines.append(f"  {found.problem.sentence}")
    lines.append("Tags")
    for tag in found.tags:
        lines.append(f"  {tag.name} ({tag.kind}): {_value(tag.values)}")
        lines.append(f"      {tag.reason.sentence}")
    lines.append("Fields")
    for field in found.fields:
        lines.append(f"  {field.field}: {_value(field.value)}")
        source = ", ".join(dict.fromkeys(tag.name for tag in field.tags))
        why = " ".join(reason.sentence for reason in field.reasons)
        lines.append(f"      {f'From {source}. ' if source else ''}{why}")
    lines += [f"Doubt: {doubt.sentence}" for doubt in found.doubts]
    if found.cue:
        lines.append(f"CUE sheet: {found.cue}")
    for one in found.tracks:
        lines.append(f"{one.track.id} {one.track.title}, on {one.album.id} {one.album.title}: {one.grouping.sentence}")
        lines += [f"  {line}" for line in _heard(one)]
    identity = found.identity
    lines.append(f"Audio key: {identity.audio_key or 'none'} ({identity.audio_key_kind or '-'})")
    if identity.exact_hash:
        lines.append(f"Exact hash: {identity.exact_hash}")
    lines.append(
        f"Rules: {found.rules.hash or 'none'}{'' if found.rules.current else ', which are not those of today'}"
    )
    return lines


def _heard(track: Any) -> list[str]:
    """What was measured of a track, and which of it is shown."""
    if track.measured is None:
        return []
    said = {"bpm": track.measured.bpm, "key": track.measured.key}
    known = ", ".join(f"{name} {value}" for name, value in said.items() if value is not None)
    shown = ", ".join(track.shown_as_measured)
    return [
        f"Measured: {known or 'neither tempo nor key'}; shown of it: {shown or 'nothing'}",
        *(f"Doubt: {doubt.sentence}" for doubt in track.measured.doubts),
    ]


def _album(found: Any) -> list[str]:
    lines = [f"{found.album.id} {found.album.title} ({found.artist_display})", f"  {found.grouping.sentence}"]
    for field, values in found.disagreements.items():
        lines.append(f"  The files do not agree in {field}: {'; '.join(_value(value) for value in values)}")
    for file in found.files:
        lines.append(f"  {file.track.id} {file.path}")
        said = {
            "album": file.album, "album artist": file.album_artists, "artist": file.artists,
            "release": file.musicbrainz_release_id, "disc": file.disc, "position": file.position,
        }  # fmt: skip
        lines.append("      " + ", ".join(f"{name} {_value(value)}" for name, value in said.items() if value))
    if found.merged:
        lines.append(f"Became this one: {', '.join(found.merged)}")
    return lines


def _artist(found: Any) -> list[str]:
    lines = [f"{found.artist.id} {found.artist.name}", f"  {found.reason.sentence}"]
    lines += [f"  Alias: {alias.name} (from {alias.source})" for alias in found.aliases]
    lines += [f"  Written {one.name} as {one.role}: {one.count}" for one in found.spellings]
    for one in found.namesakes:
        told = one.disambiguation or one.musicbrainz_id or "no MusicBrainz id"
        lines.append(f"  Another of this name: {one.id} ({told})")
    lines += [f"  Merged into it: {one.id} on {one.merged_at:%Y-%m-%d}" for one in found.merged]
    return lines


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(map(_value, value))
    if isinstance(value, dict):
        name = value.get("name") or value.get("text")
        if name is None:
            return ", ".join(f"{key} {_value(one)}" for key, one in value.items())
        rest = [str(value[key]) for key in ("role", "instrument") if value.get(key)]
        return f"{_value(name)} ({', '.join(rest)})" if rest else _value(name)
    text = " ".join(str(value).split())
    return text if len(text) <= 200 else text[:199] + "…"


def register(app: typer.Typer) -> None:
    app.command()(inspect)
