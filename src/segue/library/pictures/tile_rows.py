"""Which picture stands for each of some tracks, as lightly as it can be read: for mosaics of whole lists."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.library.models import Album, Artwork, Track
from segue.library.repository import pictures
from segue.library.views import Picture

_SLICE = 1_000


async def of_tracks(conn: AsyncConnection, actor: Actor, track_ids: Collection[int]) -> dict[int, Picture]:
    """The picture of each of these tracks that has one, or whose album has, as far as `actor` may see them."""
    ordered = sorted(set(track_ids))
    shown: dict[int, int] = {}
    artwork = func.coalesce(Track.artwork_id, Album.artwork_id)
    for start in range(0, len(ordered), _SLICE):
        statement = (
            select(Track.id, artwork)
            .join(Album, Album.id == Track.album_id)
            .where(Track.id.in_(ordered[start : start + _SLICE]), artwork.is_not(None))
        )
        if actor.libraries is not None:
            statement = statement.where(Track.library_id.in_(actor.libraries))
        shown.update((row[0], row[1]) for row in await conn.execute(statement))
    known = await pictures(conn, set(shown.values()))
    return {track: known[number] for track, number in shown.items() if number in known}


async def of_albums(conn: AsyncConnection, actor: Actor, album_ids: Collection[int]) -> dict[int, Picture]:
    """The picture of each of these albums that has one, as far as `actor` may see them."""
    ordered = sorted(set(album_ids))
    shown: dict[int, int] = {}
    artwork = func.coalesce(Album.artwork_id, 0)
    for start in range(0, len(ordered), _SLICE):
        statement = select(Album.id, artwork).where(
            Album.id.in_(ordered[start : start + _SLICE]), Album.artwork_id.is_not(None)
        )
        if actor.libraries is not None:
            statement = statement.where(Album.library_id.in_(actor.libraries))
        shown.update((row[0], row[1]) for row in await conn.execute(statement))
    known = await pictures(conn, set(shown.values()))
    return {album: known[number] for album, number in shown.items() if number in known}


async def content_of(conn: AsyncConnection, artwork_ids: Collection[int]) -> dict[int, tuple[str, str, str]]:
    """(hash, place in storage, MIME type) of pictures, whoever may see them."""
    columns = (Artwork.id, Artwork.sha256, Artwork.storage_key, Artwork.mime)
    statement = select(*columns).where(Artwork.id.in_(sorted(artwork_ids)))
    return {row[0]: (row[1], row[2], row[3]) for row in await conn.execute(statement)}
