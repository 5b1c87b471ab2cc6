"""A library of a few named tracks, written straight to the tables and to what search looks titles up in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.text import sort_key
from segue.library import search
from segue.library.models import Album, Artist, ArtistAlias, ExternalIdRow, File, Folder, Library, Track, TrackCredit
from segue.library.scan.grouping import name_key


@dataclass(frozen=True)
class Song:
    """A track to be: `artist` may be several, parted by `; `."""

    title: str
    artist: str
    album: str = "Songs"
    seconds: float = 200.0
    path: str = ""
    position: int = 1
    recording: str | None = None
    release_track: str | None = None
    isrc: str | None = None
    ids: tuple[tuple[str, str], ...] = ()
    missing: bool = False
    aliases: tuple[str, ...] = ()


async def library_of(db: Database, songs: Sequence[Song], root: str = "/music") -> tuple[int, list[int]]:
    """A library at `root` with these tracks; its id and theirs."""
    async with db.write() as tx:
        library = await _add(tx, Library, name=root, root=root.encode(), display_root=root, created_at=utc_now())
        folder = await _add(tx, Folder, library_id=library, path=b"", name=root, sort_key=root)
        tracks = [await _track(tx, library, folder, song, number) for number, song in enumerate(songs, 1)]
        await search.index(tx, "track", tracks)
        return library, tracks


async def _add(tx: Transaction, table: Any, **values: Any) -> int:
    return int(await tx.scalar(insert(table).values(**values).returning(table.id)))


async def _track(tx: Transaction, library: int, folder: int, song: Song, number: int) -> int:
    now = utc_now()
    people = [await _artist(tx, name, song.aliases) for name in song.artist.split("; ")]
    shown = " & ".join(song.artist.split("; "))
    key = f"{song.album}|{people[0]}"
    album = await tx.scalar(select(Album.id).where(Album.library_id == library, Album.group_key == key))
    if album is None:
        album = await _add(
            tx, Album, library_id=library, group_key=key, rule="folder", rule_params={}, title=song.album,
            sort_key=sort_key(song.album), artist_display=shown, artist_sort_key=sort_key(shown), release_types=[],
            track_count=1, duration_ms=1, added_at=now, updated_at=now,
        )  # fmt: skip
    path = song.path or f"{song.artist}/{song.album}/{number:02} {song.title.replace('/', '_')}.flac"
    file = await _add(
        tx, File, library_id=library, folder_id=folder, path=path.encode(), display_path=path, size_bytes=1, mtime_ns=1,
        added_at=now, missing_since=now if song.missing else None,
    )  # fmt: skip
    track = await _add(
        tx, Track, library_id=library, file_id=file, album_id=album, title=song.title, sort_key=sort_key(song.title),
        artist_display=shown, artist_sort_key=sort_key(shown), position=song.position,
        duration_ms=int(song.seconds * 1000), musicbrainz_recording_id=song.recording,
        musicbrainz_track_id=song.release_track, added_at=now, updated_at=now,
        missing_since=now if song.missing else None,
    )  # fmt: skip
    for place, artist in enumerate(people):
        await tx.execute(insert(TrackCredit).values(track_id=track, position=place, artist_id=artist, role="artist"))
    for namespace, value in (*song.ids, *((("isrc", song.isrc),) if song.isrc else ())):
        await tx.execute(insert(ExternalIdRow).values(kind="track", entity_id=track, namespace=namespace, value=value))
    return track


async def _artist(tx: Transaction, name: str, aliases: Sequence[str]) -> int:
    known = await tx.scalar(select(Artist.id).where(Artist.name == name))
    if known is not None:
        return int(known)
    artist = await _add(tx, Artist, name=name, name_key=name_key(name), sort_key=sort_key(name), added_at=utc_now())
    for alias in aliases:
        await _add(
            tx, ArtistAlias, artist_id=artist, name=alias, name_key=name_key(alias), sort_key=alias, source="person"
        )
    await search.index(tx, "artist", [artist])
    return artist
