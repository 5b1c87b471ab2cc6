"""Pictures for lists of tracks: which tiles a mosaic has, what somebody sends for a list, and the drawing of both.

Whoever asks has seen to it that the list may be seen; so a picture that was sent for it is shown to all who see it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.core.pool import PoolError, ProcessPool
from segue.core.storage import ObjectNotFound, Storage
from segue.library.artwork import BadImage, Format
from segue.library.pictures import child, tile_rows
from segue.library.pictures.cache import thumbnail_key
from segue.library.pictures.mosaic import mosaic
from segue.library.pictures.service import LOOK_DEADLINE_S, kept_row, refused
from segue.library.repository import pictures
from segue.library.scan.errors import ArtworkNotFound
from segue.library.scan.serving import MEDIA_TYPES, SIZES
from segue.library.scan.serving import Picture as Sent
from segue.library.scan.write.covers import storage_key
from segue.library.views import Picture

DRAW_DEADLINE_S = 60.0
MOSAIC_SIDE = 1024
"""Pixels of a mosaic where nobody says how large it is wanted: it has no size of its own."""


class CoverPictures:
    """What playlists ask of pictures."""

    def __init__(self, db: Database, storage: Storage, pool: Callable[[], ProcessPool]) -> None:
        self._db = db
        self._storage = storage
        self._pool = pool

    async def of_tracks(self, conn: AsyncConnection, actor: Actor, ids: Collection[int]) -> dict[int, Picture]:
        """The picture of each of these tracks that has one."""
        return await tile_rows.of_tracks(conn, actor, ids)

    async def of_albums(self, conn: AsyncConnection, actor: Actor, ids: Collection[int]) -> dict[int, Picture]:
        """The picture of each of these albums that has one."""
        return await tile_rows.of_albums(conn, actor, ids)

    async def known(self, conn: AsyncConnection, ids: Collection[int]) -> dict[int, Picture]:
        """These pictures, whoever may see them elsewhere."""
        return await pictures(conn, ids)

    async def keep(self, data: bytes) -> int:
        """Keep a picture that somebody sent; its number. Raises PictureRefused for what is damaged, too large or none."""
        try:
            taken = await self._pool().run(child.take, data, deadline_s=LOOK_DEADLINE_S)
        except (BadImage, PoolError) as error:
            raise refused(error) from None
        await self._storage.put(storage_key(taken.sha256), taken.data)
        async with self._db.write() as tx:
            return await kept_row(tx, taken, "upload", utc_now())

    async def draw(self, ids: Sequence[int], size: int | None, format: Format) -> Sent:
        """One picture of these: a mosaic of four, or the first alone, at most `size` pixels each way (rounded up to SIZES).

        Without a size one picture is given as it was found, and a mosaic in `MOSAIC_SIDE`. Small ones are kept with all
        others. Raises ArtworkNotFound.
        """
        async with self._db.read() as conn:
            known = await tile_rows.content_of(conn, ids)
        tiles = [known[number] for number in ids if number in known]
        tiles = tiles[:4] if len(tiles) >= 4 else tiles[:1]
        if not tiles:
            raise ArtworkNotFound(ids[0] if ids else 0)
        if size is None and len(tiles) == 1:
            return await self._found(ids[0], *tiles[0])
        side = next((step for step in SIZES if step >= (size or MOSAIC_SIDE)), SIZES[-1])
        name = hashlib.sha256(" ".join(["mosaic", *(tile[0] for tile in tiles)]).encode()).hexdigest()
        key = thumbnail_key(name if len(tiles) > 1 else tiles[0][0], side, format)
        try:
            data = await self._storage.get(key)
        except ObjectNotFound:
            data = await self._make([tile[1] for tile in tiles], ids[0], side, format)
            await self._storage.put(key, data)
        return Sent(data, MEDIA_TYPES[format], f"{name[:32]}-{side}-{format}")

    async def _found(self, number: int, sha256: str, place: str, mime: str) -> Sent:
        try:
            return Sent(await self._storage.get(place), mime, sha256[:32])
        except ObjectNotFound:
            raise ArtworkNotFound(number) from None

    async def _make(self, places: Sequence[str], first: int, side: int, format: Format) -> bytes:
        try:
            originals = [await self._storage.get(place) for place in places]
            return await self._pool().run(mosaic, originals, side, format, deadline_s=DRAW_DEADLINE_S)
        except (ObjectNotFound, BadImage, PoolError):
            raise ArtworkNotFound(first) from None
