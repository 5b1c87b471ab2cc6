"""The tracks and files of a recording as rows: their numbers stay, since what is kept here hangs on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, delete, select, update

from segue.core.db import Transaction
from segue.live import bulk
from segue.live.archive.items import duration_of
from segue.live.bulk import among
from segue.live.mirror.taking_in import Intake, TakenIn
from segue.live.models import LiveFile, LiveRecording, LiveTrack
from segue.live.records import Heard, Item, ItemFile
from segue.live.titles import song_key

TRACKS = cast(Table, LiveTrack.__table__)
FILES = cast(Table, LiveFile.__table__)
_TRACK = ("recording_id", "number", "title", "title_source", "other_titles", "duration_ms", "duration_source")
_FILE = (
    "recording_id", "name", "number", "format", "source", "original", "size", "md5", "sha1", "crc32", "length_ms", "private",
)  # fmt: skip


async def take_in_details(tx: Transaction, item: Item, at: datetime) -> tuple[int, TakenIn]:
    """Keep an item with its tracks and files; the recording's number, and whether anything was new."""
    r = LiveRecording
    known = select(r.id).where(r.provider == item.provider, r.identifier == item.identifier)
    if item.dark and (there := await tx.scalar(known)) is not None:  # it says nothing any more: what was known stays
        await tx.execute(update(r).where(r.id == there).values(status="dark", details_at=at))
        tx.changed("recording", there)
        return cast(int, there), TakenIn(changed=1)
    done = await Intake().take_in(tx, [item], "details", at=at)
    number = cast(int, await tx.scalar(known))
    lengths = [track.duration_ms for track in item.tracks]
    values = {
        "details_at": at,
        "track_count": len(item.tracks),
        "duration_ms": sum(length or 0 for length in lengths) or None,
        "status": "dark" if item.dark else "there",
    }
    await tx.execute(update(r).where(r.id == number).values(**values))
    if done.new or done.changed:
        await write_tracks(tx, number, item)
    return number, done


async def write_tracks(tx: Transaction, recording_id: int, item: Item) -> None:
    """Bring the rows of tracks and files to what the item has now."""
    tracks: list[tuple[Any, ...]] = []
    files: dict[str, tuple[Any, ...]] = {}
    for track in item.tracks:
        length, whose = duration_of(track.files)
        first = next((file for file in track.files if file.title == track.title and file.title), None)
        source = "" if first is None else "derivative" if first.source == "derivative" else "original"
        tracks.append(
            (
                recording_id, track.number, track.title, source, list(track.other_titles) or None,
                track.duration_ms if track.duration_ms is not None else length, whose,
            )
        )  # fmt: skip
        files |= {file.name: _file(recording_id, file, track.number) for file in track.files}
    for file in item.sidecars:
        files.setdefault(file.name, _file(recording_id, file, None))
    kept = [track.number for track in item.tracks]
    gone = delete(TRACKS).where(TRACKS.c.recording_id == recording_id, TRACKS.c.number.not_in(kept or [-1]))
    await tx.execute(gone.where(TRACKS.c.track_id.is_(None)))
    await bulk.put(tx, TRACKS, _TRACK, tracks, key=("recording_id", "number"))
    there = select(FILES.c.id, FILES.c.name).where(FILES.c.recording_id == recording_id)
    await bulk.drop(tx, FILES, [row.id for row in await tx.execute(there) if row.name not in files])
    await bulk.put(tx, FILES, _FILE, list(files.values()), key=("recording_id", "name"))


def _file(recording_id: int, file: ItemFile, number: int | None) -> tuple[Any, ...]:
    return (
        recording_id, file.name, number, file.format, file.source, file.original, file.size, file.md5, file.sha1, file.crc32,
        file.length_ms, file.private,
    )  # fmt: skip


async def write_heard(tx: Transaction, artist_of: dict[int, int], heard: dict[int, Sequence[Heard]]) -> None:
    """Keep what the tracks of recordings mean, with the songs of their artist; the title that was understood best is shown."""
    if not heard:
        return
    songs = await _songs(tx, set(artist_of.values()))
    asked = select(
        TRACKS.c.id,
        TRACKS.c.recording_id,
        TRACKS.c.number,
        TRACKS.c.title,
        TRACKS.c.heard,
        TRACKS.c.set_name,
        TRACKS.c.title_source,
    )
    changed: list[tuple[Any, ...]] = []
    for row in await tx.execute(asked.where(among(TRACKS.c.recording_id, heard, tx.dialect))):
        mine = [one for one in heard[row.recording_id] if one.track == row.number]
        artist = artist_of.get(row.recording_id)
        said = [_said(one, songs, artist) for one in mine] or None
        name = next((one.set_name for one in mine if one.set_name), "")
        title = next((one.raw for one in mine if one.raw), row.title)
        source = row.title_source if title == row.title else "derivative"
        if (said, name, title) != (row.heard, row.set_name, row.title):
            changed.append((row.id, said, name, title, source))
    await bulk.change(tx, TRACKS, ("heard", "set_name", "title", "title_source"), changed)


def _said(one: Heard, songs: dict[tuple[int, str], int], artist: int | None) -> list[Any]:
    number = songs.get((artist, song_key(one.song))) if artist is not None and one.song else None
    return [number, one.song or one.raw, one.kind, one.segue, one.encore, one.cut]


async def _songs(tx: Transaction, artists: set[int]) -> dict[tuple[int, str], int]:
    from segue.live.models import LiveSong, LiveSongAlias

    s = cast(Table, LiveSong.__table__).c
    asked = select(s.id, s.artist_id, s.key).where(among(s.artist_id, artists, tx.dialect))
    found = {(row.artist_id, row.key): row.id for row in await tx.execute(asked)}
    a = cast(Table, LiveSongAlias.__table__).c
    said = select(a.artist_id, a.key, a.song_id).where(among(a.artist_id, artists, tx.dialect), a.song_id.is_not(None))
    return found | {(row.artist_id, row.key): row.song_id for row in await tx.execute(said)}
