"""Music that another part of Segue brings: where it may lie, which tracks it became, and what they are called.

Whoever brings files knows what they are better than their tags. What is said of them becomes edits by Segue itself, so the
files stay as they are, and what a person edited is never touched.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from segue.core.access import SYSTEM
from segue.core.db import Database
from segue.library.edits import repository as edits_rows
from segue.library.edits.errors import BadEdit, NotReadYet
from segue.library.edits.service import EditService
from segue.library.models import File, Track
from segue.library.scan import repository as scan_rows
from segue.library.scan.formats.audio_key import FLAC_MD5
from segue.library.scan.paths import is_inside
from segue.library.scan.service import ScanService
from segue.library.scan.steering import ScanSteering
from segue.library.service import NotInLibrary

MANY = 400
FOLDER_IS_ALBUM: Mapping[str, Any] = {"grouping_rules": ["folder"], "watch": False}
"""Options of a library whose every folder is one album, and into which only Segue brings anything."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a folder is: its library, and its path inside; empty for the library's own folder."""

    library: int
    inside: bytes


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a file became."""

    track: int
    album: int


class DeliveryService:
    """The door for what others bring into the library."""

    def __init__(self, db: Database, scans: ScanService, steering: ScanSteering, edits: EditService) -> None:
        self._db = db
        self._scans = scans
        self._steering = steering
        self._edits = edits

    async def roots(self) -> dict[int, bytes]:
        """The folder of every library."""
        async with self._db.read() as conn:
            return {row.id: bytes(row.root) for row in await scan_rows.libraries(conn)}

    async def place_of(self, folder: bytes) -> Place | None:
        """Which library a folder (a whole path) belongs to; None where it belongs to none."""
        for library, root in (await self.roots()).items():
            if is_inside(folder, root):
                return Place(library, folder[len(root) + 1 :])
        return None

    async def make(self, root: bytes, name: str) -> int:
        """Make a folder a library in which every folder is one album, and have it scanned; returns its number.

        Raises what `ScanService.add_library` raises."""
        number = await self._scans.add_library(root, name)
        await self._steering.change_options(number, FOLDER_IS_ALBUM)
        return number

    async def look(self, place: Place, *, taken_away: bool = False, by: int | None = None) -> None:
        """Have a folder scanned; with `taken_away`, what is gone from it is meant to be gone."""
        await self._scans.request(place.library, folder=place.inside or None, accept_missing=taken_away, created_by=by)

    async def tracks_at(self, library: int, paths: Collection[bytes]) -> dict[bytes, Delivered]:
        """The tracks that are files at these paths, relative to the library's folder; those that are not there are left
        out, and so are files that a CUE sheet divides."""
        found: dict[bytes, list[Delivered]] = {}
        wanted = list(paths)
        async with self._db.read() as conn:
            for at in range(0, len(wanted), MANY):
                statement = (
                    select(File.path, Track.id, Track.album_id)
                    .join(Track, Track.file_id == File.id)
                    .where(
                        File.library_id == library, File.path.in_(wanted[at : at + MANY]),
                        File.missing_since.is_(None), Track.missing_since.is_(None),
                    )
                )  # fmt: skip
                for path, track, album in (await conn.execute(statement)).all():
                    found.setdefault(bytes(path), []).append(Delivered(track, album))
        return {path: tracks[0] for path, tracks in found.items() if len(tracks) == 1}

    async def file_with_audio(self, audio_md5: str) -> bytes | None:
        """The whole path of a file that is here and whose FLAC header has this MD5 of its audio."""
        try:
            key = bytes.fromhex(audio_md5)
        except ValueError:
            return None
        statement = select(File.library_id, File.path).where(
            File.audio_key == key, File.audio_key_kind == FLAC_MD5, File.missing_since.is_(None)
        )
        async with self._db.read() as conn:
            row = (await conn.execute(statement.order_by(File.id).limit(1))).first()
        if row is None:
            return None
        root = (await self.roots()).get(row.library_id)
        return None if root is None else root + b"/" + bytes(row.path)

    async def say(self, kind: str, number: int, values: Mapping[str, Any]) -> bool:
        """What a track or an album is, where no person said otherwise; whether it could be said.

        `values` are fields of edits (`library.edits.fields`); what cannot be is left out."""
        async with self._db.read() as conn:
            held = await edits_rows.rows_of(conn, kind, number)
        wanted = {
            name: value
            for name, value in values.items()
            if name not in held or (held[name].edited_by is None and held[name].value["is"] != value)
        }
        while wanted:
            try:
                await self._edits.edit(SYSTEM, kind, number, set=wanted)
            except BadEdit as error:
                field = str(error.params.get("field", ""))
                if field not in wanted:
                    return False
                del wanted[field]
            except (NotReadYet, NotInLibrary):
                return False
            else:
                return True
        return True

    async def unsay(self, kind: str, numbers: Collection[int], fields: Collection[str]) -> None:
        """Take back what `say` said of these."""
        for number in numbers:
            async with self._db.read() as conn:
                held = await edits_rows.rows_of(conn, kind, number)
            ours = [name for name in fields if name in held and held[name].edited_by is None]
            if ours:
                with contextlib.suppress(NotReadYet, NotInLibrary):
                    await self._edits.edit(SYSTEM, kind, number, clear=ours)
