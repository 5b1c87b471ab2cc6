"""Finished recordings in the library: their files have become tracks, and the tracks say what was played.

The files stay as they were verified. What the concert knows better than their tags (titles, sets, venue, date) is said by edits
of Segue's own, which a person's edits outweigh.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from segue.core.db import Transaction
from segue.library.deliveries import DeliveryService
from segue.live.downloads import arriving_rows as rows
from segue.live.downloads import repository, states
from segue.live.downloads.carrying import whole_path
from segue.live.downloads.ground import Ground

log = structlog.get_logger("segue.live.downloads")
_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")


@dataclass(frozen=True, slots=True)
class Piece:
    """What a track of a recording is called. `disc` counts the sets, `set_name` names it."""

    number: int
    title: str
    disc: int | None = None
    set_name: str = ""


class Arriving:
    """Links files that were downloaded with the tracks that the library made of them."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.deliveries: DeliveryService | None = None
        """Set by who puts the program together; without it nothing enters a library."""

    async def arrive(self) -> int:
        """Name the tracks of downloads that the library has seen by now; how many downloads that were."""
        if self.deliveries is None:
            return 0
        async with self._ground.db.read() as conn:
            waiting = await repository.to_enter(conn)
        return sum([await self._enter(self.deliveries, download) for download in waiting])

    async def _enter(self, deliveries: DeliveryService, download: Any) -> bool:
        place = await deliveries.place_of(bytes(download.root))
        if place is None:
            return False
        async with self._ground.db.read() as conn:
            files = [
                file
                for file in await repository.files(conn, download.id)
                if file.kind == "audio" and file.state in states.FILE_THERE
            ]
            pieces = await rows.pieces(conn, download.recording_id) if download.recording_id else {}
        root = await self._root_of(deliveries, place.library)
        paths = {file.id: whole_path(download, file)[len(root) + 1 :] for file in files}
        there = await deliveries.tracks_at(place.library, list(paths.values()))
        tracks = {number: there[path] for number, path in paths.items() if path in there}
        if not tracks:
            return False
        said = _pieces(files, pieces)
        for file in files:
            if file.id in tracks:
                await deliveries.say("track", tracks[file.id].track, _of_track(download, said[file.id]))
        albums = {track.album for track in tracks.values()}
        if len(albums) == 1:  # in a library with rules of its own the files may have become several
            await deliveries.say("album", albums.pop(), _of_album(download))
        async with self._ground.db.write() as tx:
            for file in files:
                if file.id in tracks:
                    await repository.move_file(tx, file.id, states.FILE_STATES, track_id=tracks[file.id].track)
            await repository.change(tx, download, entered_at=self._ground.now(), library_id=place.library)
            if download.recording_id:
                numbers = {file.track: tracks[file.id].track for file in files if file.id in tracks and file.track}
                await rows.link(tx, download.recording_id, numbers)
                await rows.count_kept(tx, download.recording_id)
        log.info("download_in_library", download=download.id, tracks=len(tracks), of=len(files))
        return True

    async def _root_of(self, deliveries: DeliveryService, library: int) -> bytes:
        return (await deliveries.roots())[library]

    async def on_track_merged(self, tx: Transaction, merged: int, kept: int) -> None:
        """Called in the transaction in which a person makes two library tracks one."""
        await rows.follow(tx, merged, kept)

    async def library_removed(self, tx: Transaction, library_id: int) -> None:
        """Called in the transaction in which a library goes: its recordings lie there still, and are no tracks any more."""
        for download in await repository.entered_in(tx.conn, library_id):
            await self.forget_tracks(tx, download)
            await repository.change(tx, download, entered_at=None, library_id=None)

    async def forget_tracks(self, tx: Transaction, download: Any) -> None:
        """The tracks of a download that is taken away are no longer those of its recording."""
        if download.recording_id:
            files = await repository.files(tx.conn, download.id)
            await rows.unlink(tx, download.recording_id, [file.track_id for file in files if file.track_id])
            await rows.count_kept(tx, download.recording_id)


def _pieces(files: Sequence[Any], known: Mapping[int, Any]) -> dict[int, Piece]:
    """By file, what the track is: by the recording's own tracks, else by what the archive said of the file."""
    sets: dict[str, int] = {}
    for number in sorted(known):
        if known[number].set_name:
            sets.setdefault(known[number].set_name, len(sets) + 1)
    found: dict[int, Piece] = {}
    for place, file in enumerate(sorted(files, key=lambda file: (file.track or 0, file.number)), 1):
        track = known.get(file.track) if file.track else None
        if track is None:
            found[file.id] = Piece(file.track or place, file.title)
            continue
        name = track.set_name
        found[file.id] = Piece(
            file.track, _played(track) or file.title, sets.get(name) if len(sets) > 1 else None, name
        )
    return found


def _played(track: Any) -> str:
    """The songs by their names where all of them are known, else the title as it was written."""
    heard = [one for one in track.heard or () if isinstance(one, list) and len(one) > 2]
    if heard and all(one[2] == "song" and one[1] for one in heard):
        return " > ".join(str(one[1]) for one in heard)
    return str(track.title)


def _of_track(download: Any, piece: Piece) -> dict[str, Any]:
    values: dict[str, Any] = {"position": piece.number}
    if piece.title.strip():
        values["title"] = piece.title.strip()[:2000]
    if download.artist:
        values["artists"] = [download.artist]
    if _DATE.fullmatch(download.date):
        values["date"] = values["recording_date"] = download.date
    if piece.disc is not None:
        values |= {"disc": piece.disc, "disc_subtitle": piece.set_name}
    return values


def _of_album(download: Any) -> dict[str, Any]:
    title = " ".join(part for part in (download.date, download.venue) if part) or download.title
    values: dict[str, Any] = {"title": title or download.identifier, "release_types": ["album", "live"]}
    if download.artist:
        values["artists"] = [download.artist]
    if _DATE.fullmatch(download.date):
        values["date"] = values["original_date"] = download.date
    return values
