"""The picture of a list: its first tracks' covers as a mosaic, an album's cover, or a picture that somebody sent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.errors import NotFound
from segue.playlists import playlist_rows
from segue.playlists.errors import BadPlaylist, NotYourPlaylist
from segue.playlists.ground import Ground
from segue.playlists.history import Steps
from segue.playlists.views import PlaylistView

CoverKind = Literal["contents", "album", "upload"]
LOOKED_AT = 40
"""Tracks from the top of a list whose pictures are looked at for its mosaic."""
TILES = 4


class NoCover(NotFound):
    def __init__(self, name: str) -> None:
        super().__init__("no_cover", f"{name!r} has no picture: none of its first tracks has one.", name=name)


class Pictures(Protocol):
    """What the library's pictures do for covers (`library.pictures.covers`); handed in by app.py."""

    async def of_tracks(self, conn: AsyncConnection, actor: Actor, ids: Collection[int]) -> dict[int, Any]: ...

    async def of_albums(self, conn: AsyncConnection, actor: Actor, ids: Collection[int]) -> dict[int, Any]: ...

    async def known(self, conn: AsyncConnection, ids: Collection[int]) -> dict[int, Any]: ...

    async def keep(self, data: bytes) -> int: ...

    async def draw(self, ids: Sequence[int], size: int | None, format: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class CoverView:
    """What to draw for a list: one picture, or (for `contents` of several albums) the four tiles of a mosaic.

    Tiles are pictures (id, color, blurhash, width, height); none where no track has one.
    """

    kind: CoverKind
    tiles: tuple[Any, ...] = ()


class Covers(Ground):
    """The verbs for covers. Without `pictures` (in tests) lists have none."""

    pictures: Pictures | None = None

    async def covers(self, actor: Actor, views: Sequence[PlaylistView]) -> dict[int, CoverView]:
        """What to draw for each of these lists."""
        if self.pictures is None:
            return {view.id: CoverView("contents") for view in views}
        async with self._db.read() as conn:
            tracks = {view.id: await self._first_tracks(conn, actor, view) for view in views}
            by_track = await self.pictures.of_tracks(conn, actor, {one for some in tracks.values() for one in some})
            album_ids = {view.cover_album_id for view in views if view.cover_album_id is not None}
            by_album = await self.pictures.of_albums(conn, actor, album_ids)
            sent = await self.pictures.known(conn, {view.artwork_id for view in views if view.artwork_id is not None})
        found = {}
        for view in views:
            chosen = sent.get(view.artwork_id or 0) or by_album.get(view.cover_album_id or 0)
            if view.cover != "contents" and chosen is not None:
                found[view.id] = CoverView("upload" if view.cover == "upload" else "album", (chosen,))
                continue
            different = {by_track[track].id: by_track[track] for track in tracks[view.id] if track in by_track}
            tiles = tuple(different.values())
            found[view.id] = CoverView("contents", tiles[:TILES] if len(tiles) >= TILES else tiles[:1])
        return found

    async def drawn(self, actor: Actor, playlist_id: int, size: int | None, format: str) -> Any:
        """The picture of a list, at most `size` pixels each way: data, media_type, etag. Raises PlaylistNotFound, NoCover."""
        async with self._db.read() as conn:
            row = await self.visible(conn, actor, playlist_id)
            (view,) = await self.views(conn, actor, [row])
        cover = (await self.covers(actor, [view]))[playlist_id]
        if not cover.tiles or self.pictures is None:
            raise NoCover(view.name)
        return await self.pictures.draw([tile.id for tile in cover.tiles], size, format)

    async def choose_cover(
        self,
        actor: Actor,
        playlist_id: int,
        kind: CoverKind,
        *,
        album_id: int | None = None,
        data: bytes | None = None,
    ) -> None:
        """Choose what stands for a list. Raises NotYourPlaylist, BadPlaylist, PictureRefused."""
        values: dict[str, Any] = {"cover": kind, "cover_album_id": None, "artwork_id": None}
        async with self._db.read() as conn:
            row = await self.visible(conn, actor, playlist_id)
            if await self._role(conn, actor, row) not in ("owner", "editor"):
                raise NotYourPlaylist(row.name)
            if kind == "album":
                if album_id is None:
                    raise BadPlaylist("album_needed", "Say which album.", field="album_id")
                if self.pictures is None or album_id not in await self.pictures.of_albums(conn, actor, [album_id]):
                    raise BadPlaylist("album_without_cover", "There is no such album with a picture.", field="album_id")
                values["cover_album_id"] = album_id
        if kind == "upload":
            if not data or self.pictures is None:
                raise BadPlaylist("picture_needed", "Send a picture.", field="picture")
            values["artwork_id"] = await self.pictures.keep(data)
        async with self._db.write() as tx:
            row = await self.visible(tx.conn, actor, playlist_id, lock=True)
            if await self._role(tx.conn, actor, row) not in ("owner", "editor"):
                raise NotYourPlaylist(row.name)
            await self._change(tx, actor, row, Steps(values=values), "covered", {"what": [kind]})

    async def _first_tracks(self, conn: AsyncConnection, actor: Actor, view: PlaylistView) -> list[int]:
        if view.cover != "contents" and (view.artwork_id is not None or view.cover_album_id is not None):
            return []
        if view.kind != "smart":
            return await playlist_rows.first_tracks(conn, view.id, LOOKED_AT)
        return list(view.first_tracks)
