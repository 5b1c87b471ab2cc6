"""What pages tell of albums, artists and labels beyond what lists do: dates, countries, codes, who they are."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.library.models import Album, Artist, Label

OF_ALBUM = (
    "sort_title", "release_date", "release_status", "media", "country", "barcode", "musicbrainz_release_id",
    "musicbrainz_release_group_id",
)  # fmt: skip
OF_ARTIST = ("type", "country", "begin_date", "end_date", "biography", "musicbrainz_id")
OF_LABEL = ("sort_name", "disambiguation", "type", "country", "begin_date", "end_date")


async def of_album(conn: AsyncConnection, album_id: int) -> dict[str, Any]:
    """The columns of OF_ALBUM of an album."""
    return await _details(conn, Album, OF_ALBUM, album_id)


async def of_artist(conn: AsyncConnection, artist_id: int) -> dict[str, Any]:
    """The columns of OF_ARTIST of an artist."""
    return await _details(conn, Artist, OF_ARTIST, artist_id)


async def of_label(conn: AsyncConnection, label_id: int) -> dict[str, Any]:
    """The columns of OF_LABEL of a label."""
    return await _details(conn, Label, OF_LABEL, label_id)


async def _details(conn: AsyncConnection, model: Any, names: tuple[str, ...], number: int) -> dict[str, Any]:
    columns = [model.__table__.c[name] for name in names]
    row = (await conn.execute(select(*columns).where(model.id == number))).first()
    return dict.fromkeys(names) if row is None else dict(row._mapping)
