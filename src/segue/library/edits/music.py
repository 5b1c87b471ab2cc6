"""Queries over the music that edits are about: which files and albums they touch, what the files say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.library.edits.repository import in_parts
from segue.library.models import (
    Album,
    AlbumCredit,
    Artist,
    ArtistAlias,
    ArtistCount,
    File,
    Folder,
    Genre,
    GenreCount,
    Label,
    LabelCount,
    Library,
    Track,
    TrackCredit,
)
from segue.library.scan import documents
from segue.library.scan import repository as scan
from segue.library.scan.facts import TrackTags
from segue.library.scan.grouping import name_key
from segue.library.scan.write.albums import MOST_ASKED


class Said(NamedTuple):
    """What the file of a track says, and where the file lies."""

    tags: TrackTags
    path: bytes


class MemberOfAlbum(NamedTuple):
    """A track of an album with what its file says, in playing order."""

    track_id: int
    tags: TrackTags
    present: bool


async def files_of_tracks(conn: AsyncConnection, tracks: Collection[int]) -> list[int]:
    """The files of tracks."""
    found: dict[int, None] = {}
    for part in in_parts(sorted(tracks)):
        found.update(dict.fromkeys(await conn.scalars(select(Track.file_id).where(Track.id.in_(part)))))
    return list(found)


async def files_of_albums(conn: AsyncConnection, albums: Collection[int]) -> list[int]:
    """The files of the tracks of albums."""
    found: dict[int, None] = {}
    for part in in_parts(sorted(albums)):
        found.update(dict.fromkeys(await conn.scalars(select(Track.file_id).where(Track.album_id.in_(part)))))
    return list(found)


async def tracks_of_albums(conn: AsyncConnection, albums: Collection[int]) -> dict[int, list[int]]:
    """The tracks of albums, by album."""
    found: dict[int, list[int]] = defaultdict(list)
    for part in in_parts(sorted(albums)):
        statement = select(Track.album_id, Track.id).where(Track.album_id.in_(part)).order_by(Track.id)
        for row in await conn.execute(statement):
            found[row[0]].append(row[1])
    return dict(found)


async def albums_of_tracks(conn: AsyncConnection, tracks: Collection[int]) -> dict[int, int]:
    """The album of each track."""
    found: dict[int, int] = {}
    for part in in_parts(sorted(tracks)):
        rows = await conn.execute(select(Track.id, Track.album_id).where(Track.id.in_(part)))
        found.update((row[0], row[1]) for row in rows)
    return found


async def names_of_artists(conn: AsyncConnection, ids: Collection[int]) -> dict[int, str]:
    """What artists are called."""
    found: dict[int, str] = {}
    for part in in_parts(sorted(ids)):
        rows = await conn.execute(select(Artist.id, Artist.name).where(Artist.id.in_(part)))
        found.update((row[0], row[1]) for row in rows)
    return found


async def tracks_crediting(conn: AsyncConnection, artist: int, after: int = 0, limit: int = 1_000) -> list[int]:
    """Tracks that credit an artist in any role, by number, from the one after `after`."""
    statement = select(TrackCredit.track_id).where(TrackCredit.artist_id == artist, TrackCredit.track_id > after)
    return list(await conn.scalars(statement.distinct().order_by(TrackCredit.track_id).limit(limit)))


async def albums_crediting(conn: AsyncConnection, artist: int, limit: int = 1_000_000) -> list[int]:
    """Albums that are by an artist."""
    statement = select(AlbumCredit.album_id).where(AlbumCredit.artist_id == artist)
    return list(await conn.scalars(statement.distinct().order_by(AlbumCredit.album_id).limit(limit)))


async def tags_of_tracks(conn: AsyncConnection, tracks: Collection[int]) -> dict[int, Said]:
    """What the files of tracks say, without any edit; tracks whose file was never read are left out."""
    rows: list[Any] = []
    for part in in_parts(sorted(tracks)):
        statement = select(Track.id, Track.file_id, Track.start_ms, File.path).join(File, File.id == Track.file_id)
        rows += (await conn.execute(statement.where(Track.id.in_(part)))).all()
    said = await scan.documents(conn, {row.file_id for row in rows})
    return {
        row.id: Said(documents.tags_of(said[row.file_id], row.start_ms), row.path)
        for row in rows
        if row.file_id in said
    }


async def members_of_album(conn: AsyncConnection, album: int) -> list[MemberOfAlbum]:
    """The tracks of an album in playing order, as far as it asks them what it is called."""
    statement = select(Track.id, Track.disc, Track.position, Track.missing_since).where(Track.album_id == album)
    rows = sorted(
        (await conn.execute(statement)).all(), key=lambda row: (row.disc or 0, row.position or 1 << 30, row.id)
    )[:MOST_ASKED]
    said = await tags_of_tracks(conn, {row.id for row in rows})
    return [
        MemberOfAlbum(row.id, said[row.id].tags if row.id in said else TrackTags(), row.missing_since is None)
        for row in rows
    ]


async def folder_name_of_album(conn: AsyncConnection, album: int) -> str:
    """What an album without a title in its tags is called: its folder's name, or its library's."""
    statement = (
        select(Folder.name, Library.name)
        .select_from(Album)
        .join(Library, Library.id == Album.library_id)
        .outerjoin(Folder, Folder.id == Album.folder_id)
        .where(Album.id == album)
    )
    row = (await conn.execute(statement)).first()
    return "" if row is None else row[0] or row[1]


_COUNTS = {"artist": ArtistCount, "genre": GenreCount, "label": LabelCount}


async def libraries_of(conn: AsyncConnection, kind: str, ids: Collection[int]) -> dict[int, set[int]]:
    """The libraries that each of these things is in; an artist without music is in none."""
    found: dict[int, set[int]] = defaultdict(set)
    for part in in_parts(sorted(ids)):
        if kind in _COUNTS:
            model: Any = _COUNTS[kind]
            owner = getattr(model, f"{kind}_id")
            rows = await conn.execute(select(owner, model.library_id).where(owner.in_(part)).distinct())
        else:
            model = {"track": Track, "album": Album}[kind]
            rows = await conn.execute(select(model.id, model.library_id).where(model.id.in_(part)))
        for row in rows:
            found[row[0]].add(row[1])
    return dict(found)


_MODELS: dict[str, Any] = {"track": Track, "album": Album, "artist": Artist, "label": Label, "genre": Genre}


async def is_there(conn: AsyncConnection, kind: str, number: int) -> bool:
    """Whether there is such a row."""
    model = _MODELS[kind]
    return await conn.scalar(select(model.id).where(model.id == number)) is not None


async def existing_artists(conn: AsyncConnection, ids: Collection[int]) -> set[int]:
    """Which of these artists there are."""
    return set(await conn.scalars(select(Artist.id).where(Artist.id.in_(sorted(ids)))))


async def keys_crediting(
    conn: AsyncConnection, artist: int, tracks: Collection[int], albums: Collection[int]
) -> dict[tuple[str, int], set[str]]:
    """By (kind, id): the names, as they are looked up, under which these tracks and albums credit an artist."""
    found: dict[tuple[str, int], set[str]] = defaultdict(set)
    for kind, model, owner, ids in (
        ("track", TrackCredit, TrackCredit.track_id, tracks),
        ("album", AlbumCredit, AlbumCredit.album_id, albums),
    ):
        for part in in_parts(sorted(ids)):
            statement = select(owner, model.credited_as).where(model.artist_id == artist, owner.in_(part))
            for row in await conn.execute(statement):
                found[(kind, row[0])].update([name_key(row[1])] if row[1] else [])
    names = await names_of_artists(conn, [artist])
    spelled = select(ArtistAlias.name_key).where(ArtistAlias.artist_id == artist)
    every = {name_key(name) for name in names.values()} | set(await conn.scalars(spelled))
    return {thing: keys | every for thing, keys in found.items()}
