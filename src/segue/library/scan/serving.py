"""Bytes of the library for those who may have them: the file behind a track, and pictures in any size.

Paths come from our own tables and never from a request. Small pictures are made once, in the process pool, and kept in
object storage.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from sqlalchemy import or_, select

from segue.core.access import Actor
from segue.core.db import Database
from segue.core.pool import PoolError, ProcessPool
from segue.core.storage import ObjectNotFound, Storage, StorageUnavailable
from segue.library.artwork import BadImage, Format, thumbnail
from segue.library.models import Album, Artist, Artwork, File, Folder, Library, Track
from segue.library.pictures.cache import GROWN_SHARE, CacheFigures, thumbnail_key
from segue.library.pictures.models import ArtworkChoice, FolderPicture
from segue.library.scan.errors import ArtworkNotFound
from segue.library.scan.paths import displayed, name_of

log = structlog.get_logger("segue.artwork")
SIZES = (64, 96, 128, 192, 256, 320, 384, 512, 640, 768, 1024, 1280, 1600, 2000)
"""Sides that pictures are made in; what is asked for is rounded up, so that a few serve every screen."""
THUMBNAIL_DEADLINE_S = 30.0
MEDIA_TYPES: dict[Format, str] = {
    "webp": "image/webp",
    "jpeg": "image/jpeg",
    "avif": "image/avif",
    "png": "image/png",
}


@dataclass(frozen=True, slots=True)
class TrackSource:
    """The bytes behind a track. `start_ms` and `end_ms` are set where the track is a slice of its file."""

    path: bytes
    content_type: str
    file_name: str
    size_bytes: int
    start_ms: int | None = None
    end_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is sent. `etag` changes with the content and is unquoted."""

    data: bytes
    media_type: str
    etag: str


async def source_of(db: Database, actor: Actor, track_id: int) -> TrackSource | None:
    """The file behind a track, or None where there is no such track, it is missing, or `actor` may not hear it."""
    statement = (
        select(
            Library.root, File.path, File.content_type, File.size_bytes, Track.library_id, Track.start_ms, Track.end_ms
        )
        .join(File, File.id == Track.file_id)
        .join(Library, Library.id == File.library_id)
        .where(Track.id == track_id)
    )
    async with db.read() as conn:
        row = (await conn.execute(statement)).first()
    if row is None or not actor.may_see_library(row.library_id):
        return None
    return TrackSource(
        path=os.path.join(row.root, row.path),  # noqa: PTH118 - bytes
        content_type=row.content_type or "application/octet-stream",
        file_name=displayed(name_of(row.path)),
        size_bytes=row.size_bytes,
        start_ms=row.start_ms,
        end_ms=row.end_ms,
    )


class Pictures:
    """Covers in any size, from object storage. `pool` is asked for when something must be made small."""

    def __init__(
        self,
        db: Database,
        storage: Storage,
        pool: Callable[[], ProcessPool],
        limit_bytes: int = 1 << 40,
        grown: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        """`grown` is called when this process has added much to what may be kept altogether, `limit_bytes`."""
        self._db = db
        self._storage = storage
        self._pool = pool
        self._limit = limit_bytes
        self._grown = grown
        self.figures = CacheFigures()
        self._making: dict[str, asyncio.Task[bytes]] = {}

    async def open(self, actor: Actor, artwork_id: int, size: int | None, format: Format) -> Picture:
        """The picture with its longer side at most `size` pixels (rounded up to SIZES), or as it was found for None.

        Raises ArtworkNotFound, also for one of libraries that `actor` may not see.
        """
        row = await self._row(actor, artwork_id)
        if row is None:
            raise ArtworkNotFound(artwork_id)
        sha256, mime, width, height, key = row
        if size is None or (size >= max(width, height) and mime == MEDIA_TYPES[format]):
            try:
                return Picture(await self._storage.get(key), mime, sha256[:32])
            except ObjectNotFound:
                raise ArtworkNotFound(artwork_id) from None
        side = next((step for step in SIZES if step >= size), SIZES[-1])
        made = thumbnail_key(sha256, side, format)
        try:
            data = await self._storage.get(made)
            self.figures.found += 1
        except ObjectNotFound:
            try:
                data = await self._make(key, made, side, format)
            except (ObjectNotFound, BadImage, PoolError):
                self.figures.failed += 1
                raise ArtworkNotFound(artwork_id) from None
        return Picture(data, MEDIA_TYPES[format], f"{sha256[:32]}-{side}-{format}")

    async def _make(self, key: str, made: str, side: int, format: Format) -> bytes:
        """Make a small picture once, however many ask for it at the same time."""
        task = self._making.get(made)
        if task is None:
            task = self._making[made] = asyncio.create_task(self._shrink(key, made, side, format))
            task.add_done_callback(lambda _: self._making.pop(made, None))
        return await asyncio.shield(task)

    async def _shrink(self, key: str, made: str, side: int, format: Format) -> bytes:
        began = time.monotonic()
        original = await self._storage.get(key)
        data = await self._pool().run(thumbnail, original, side, format, deadline_s=THUMBNAIL_DEADLINE_S)
        try:
            await self._storage.put(made, data)
        except StorageUnavailable as error:  # it can be shown all the same, and made again
            log.warning("thumbnail_not_kept", key=made, reason=error.message)
        self.figures.add(format, len(data), time.monotonic() - began)
        if self._grown is not None and self.figures.since_round > self._limit * GROWN_SHARE:
            self.figures.since_round = 0
            await self._grown()
        return data

    async def _row(self, actor: Actor, artwork_id: int) -> tuple[str, str, int, int, str] | None:
        columns = (Artwork.sha256, Artwork.mime, Artwork.width, Artwork.height, Artwork.storage_key)
        statement = select(*columns).where(Artwork.id == artwork_id)
        if actor.libraries is not None:
            visible = sorted(actor.libraries)
            statement = statement.where(
                or_(
                    *(
                        select(model.id).where(model.artwork_id == artwork_id, model.library_id.in_(visible)).exists()
                        for model in (Album, Track, Folder)
                    ),
                    select(Artist.id).where(Artist.artwork_id == artwork_id).exists(),
                    select(FolderPicture.id)
                    .where(FolderPicture.artwork_id == artwork_id, FolderPicture.library_id.in_(visible))
                    .exists(),
                    select(ArtworkChoice.entity_id)
                    .join(Album, Album.id == ArtworkChoice.entity_id)
                    .where(
                        ArtworkChoice.artwork_id == artwork_id,
                        ArtworkChoice.kind == "album",
                        Album.library_id.in_(visible),
                    )
                    .exists(),
                )
            )
        async with self._db.read() as conn:
            row = (await conn.execute(statement)).first()
        return None if row is None else (row[0], row[1], row[2], row[3], row[4])
