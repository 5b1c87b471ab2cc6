"""What the archive said, read back from what was kept of it, so that a better parser needs no second request."""

from __future__ import annotations

from typing import Any, cast

import msgspec
import zstandard
from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.live.archive.items import item_of_listed, item_of_metadata
from segue.live.models import LiveRaw
from segue.live.records import Item

RAW = cast(Table, LiveRaw.__table__)
_unpack = zstandard.ZstdDecompressor()


async def kept_raw(conn: AsyncConnection, recording_id: int, part: str) -> dict[str, Any] | None:
    """What was said of a recording, as JSON; None where nothing was kept."""
    body = await conn.scalar(select(RAW.c.body).where(RAW.c.recording_id == recording_id, RAW.c.part == part))
    return None if body is None else unpacked(body)


async def kept_item(conn: AsyncConnection, recording_id: int, part: str) -> Item | None:
    """The item that was taken in; None where nothing was kept, or what was kept is no item any more."""
    said = await kept_raw(conn, recording_id, part)
    return None if said is None else item_in(said, part)


def unpacked(body: bytes) -> dict[str, Any]:
    return cast(dict[str, Any], msgspec.json.decode(_unpack.decompress(body)))


def item_in(said: dict[str, Any], part: str) -> Item | None:
    """The item behind kept words: as a list or as details of the archive said it, or an item that came without them."""
    if "item" in said and "identifier" in said["item"]:
        return msgspec.convert(said["item"], Item)
    return item_of_listed(said) if part == "listed" else item_of_metadata(said)
