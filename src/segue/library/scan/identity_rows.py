"""Queries of identity: which files there were that a new one might be."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.library.edits import identity as edits
from segue.library.models import Album, File, Track
from segue.library.scan.plan import StoredFile
from segue.library.scan.repository import STORED, stored_files
from segue.library.scan.write.names import slices


class Former(NamedTuple):
    """A file that there was, with what its track was called (as sort keys)."""

    stored: StoredFile
    recording: str | None
    title: str | None
    artist: str | None
    album: str | None


async def former(
    conn: AsyncConnection,
    *,
    audio_keys: Collection[bytes] = (),
    recordings: Collection[str] = (),
    titles: Collection[str] = (),
    folders: Collection[int] = (),
) -> list[Former]:
    """Files with one of these audio keys, recording ids or titles (as sort keys), or that are missing in one of `folders`."""
    extra = (Track.musicbrainz_recording_id, Track.sort_key, Track.artist_sort_key, Album.sort_key)
    statement = stored_files().outerjoin(Album, Album.id == Track.album_id).add_columns(*extra)
    conditions: tuple[tuple[Any, Collection[Any]], ...] = (
        (File.audio_key, audio_keys),
        (Track.musicbrainz_recording_id, recordings),
        (Track.sort_key, titles),
        (File.folder_id, folders),
    )
    width = len(STORED)
    found: dict[int, Former] = {}
    for column, values in conditions:
        for part in slices(sorted(values)):
            for row in await conn.execute(statement.where(column.in_(part)).order_by(File.id)):
                found.setdefault(row[0], Former(StoredFile(*row[:width]), *row[width:]))
    for part in slices(await edits.tracks_that_say(conn, titles, recordings)):
        for row in await conn.execute(statement.where(Track.id.in_(part)).order_by(File.id)):
            found.setdefault(row[0], Former(StoredFile(*row[:width]), *row[width:]))
    rows = list(found.values())
    said = await edits.said_by_files(
        conn, [(row.stored.track_id, row.stored.album_id) for row in rows if row.stored.track_id is not None]
    )
    return [Former(row.stored, *said[track]) if (track := row.stored.track_id) in said else row for row in rows]


async def paths_on_device(conn: AsyncConnection, library_id: int, device: int, limit: int) -> list[bytes]:
    """Some files of a library that are not marked missing and were on this device."""
    statement = select(File.path).where(
        File.library_id == library_id, File.device == device, File.missing_since.is_(None)
    )
    return list((await conn.execute(statement.order_by(File.id).limit(limit))).scalars())


async def places(conn: AsyncConnection, file_ids: Collection[int]) -> list[tuple[int, bytes, int | None]]:
    """(id, path, device) of files."""
    found: list[tuple[int, bytes, int | None]] = []
    for part in slices(sorted(file_ids)):
        rows = await conn.execute(select(File.id, File.path, File.device).where(File.id.in_(part)))
        found.extend((row[0], row[1], row[2]) for row in rows)
    return found


async def marked_since(conn: AsyncConnection, library_id: int, moment: datetime) -> int:
    """How many files of a library were marked missing since then, those left alone by choice not counted."""
    statement = select(func.count()).where(
        File.library_id == library_id, File.missing_since >= moment, File.missing_reason.is_(None)
    )
    return int(await conn.scalar(statement) or 0)
