"""A few rows of music written straight to the tables, for tests that need tracks but no files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert

from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.remembered import Remembered
from segue.core.text import sort_key
from segue.library.models import Album, Artist, ArtistCount, File, Folder, Library, Track, TrackCredit
from segue.library.remembered import artists_called, remembered


class LibraryMemory:
    """The library's knowledge of names, without the rest of its service."""

    async def remembered(self, conn: Any, actor: Any, kind: str, ids: Any) -> dict[int, Remembered]:
        return await remembered(conn, actor, kind, ids)

    async def artists_called(self, conn: Any, names: Any) -> dict[str, int]:
        return await artists_called(conn, names)


@dataclass
class Rows:
    """Ids of what `some_music` wrote: two libraries, each with one album of four tracks by one artist."""

    libraries: list[int]
    albums: list[int]
    artists: list[int]
    tracks: list[list[int]]


async def some_music(db: Database) -> Rows:
    rows = Rows([], [], [], [])
    async with db.write() as tx:
        for name in ("Harbour", "Orchard"):
            await _one_library(tx, rows, name)
    return rows


async def _one_library(tx: Transaction, rows: Rows, name: str) -> None:
    now = utc_now()

    async def add(table: Any, **values: Any) -> int:
        return int(await tx.scalar(insert(table).values(**values).returning(table.id)))

    library = await add(Library, name=name, root=name.encode(), display_root=name, created_at=now)
    folder = await add(Folder, library_id=library, path=b"", name=name, sort_key=sort_key(name))
    artist = await add(
        Artist, name=f"{name} Band", name_key=f"{name} band".lower(), sort_key=sort_key(f"{name} Band"), added_at=now
    )
    album = await add(
        Album,
        library_id=library,
        group_key=name,
        rule="folder",
        rule_params={},
        title=f"{name} Songs",
        sort_key=sort_key(f"{name} Songs"),
        artist_display=f"{name} Band",
        artist_sort_key=sort_key(f"{name} Band"),
        release_types=[],
        track_count=4,
        duration_ms=10_000,
        added_at=now,
        updated_at=now,
    )
    await tx.execute(
        insert(ArtistCount).values(artist_id=artist, library_id=library, role="any", track_count=4, album_count=1)
    )
    tracks = []
    for number in range(1, 5):
        path = f"{number}.flac"
        file = await add(
            File,
            library_id=library,
            folder_id=folder,
            path=path.encode(),
            display_path=path,
            size_bytes=1000,
            mtime_ns=1,
            added_at=now,
        )
        track = await add(
            Track,
            library_id=library,
            file_id=file,
            album_id=album,
            title=f"Song {number}",
            sort_key=sort_key(f"Song {number}"),
            artist_display=f"{name} Band",
            artist_sort_key=sort_key(f"{name} Band"),
            position=number,
            duration_ms=number * 1000,
            musicbrainz_recording_id=f"{name}-{number}",
            added_at=now,
            updated_at=now,
        )
        await tx.execute(insert(TrackCredit).values(track_id=track, position=0, artist_id=artist, role="artist"))
        tracks.append(track)
    rows.libraries.append(library)
    rows.albums.append(album)
    rows.artists.append(artist)
    rows.tracks.append(tracks)
