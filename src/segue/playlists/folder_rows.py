"""Every query over the folders in which people keep playlists."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction, upsert_into
from segue.playlists.models import Playlist, PlaylistFolder, PlaylistPlacement
from segue.playlists.repository import slices, visible_to


async def folders_of(conn: AsyncConnection, user_id: int) -> Sequence[Any]:
    """One person's folders by name."""
    mine = select(PlaylistFolder.__table__).where(PlaylistFolder.owner_id == user_id)
    return (await conn.execute(mine.order_by(PlaylistFolder.sort_key, PlaylistFolder.id))).all()


async def counts(conn: AsyncConnection, user_id: int) -> dict[int, int]:
    """How many lists that this person may see lie in each of their folders."""
    lying = (
        select(PlaylistPlacement.folder_id, func.count())
        .join(Playlist, Playlist.id == PlaylistPlacement.playlist_id)
        .where(PlaylistPlacement.user_id == user_id, visible_to(user_id))
        .group_by(PlaylistPlacement.folder_id)
    )
    return {row[0]: row[1] for row in await conn.execute(lying)}


async def placements(conn: AsyncConnection, user_id: int, playlist_ids: Collection[int]) -> dict[int, int]:
    """The folder of each of these lists that lies in one."""
    found: dict[int, int] = {}
    for some in slices(playlist_ids):
        mine = select(PlaylistPlacement.playlist_id, PlaylistPlacement.folder_id).where(
            PlaylistPlacement.user_id == user_id, PlaylistPlacement.playlist_id.in_(some)
        )
        found.update((row[0], row[1]) for row in await conn.execute(mine))
    return found


async def add(tx: Transaction, values: dict[str, Any]) -> int:
    return int(await tx.scalar(insert(PlaylistFolder).values(values).returning(PlaylistFolder.id)))


async def change(tx: Transaction, folder_id: int, values: dict[str, Any]) -> None:
    await tx.execute(update(PlaylistFolder).where(PlaylistFolder.id == folder_id).values(values))


async def remove(tx: Transaction, folder_id: int, parent_id: int | None) -> None:
    """Remove a folder; what lies in it goes up to `parent_id`."""
    inside = update(PlaylistFolder).where(PlaylistFolder.parent_id == folder_id)
    await tx.execute(inside.values(parent_id=parent_id))
    lying = PlaylistPlacement.folder_id == folder_id
    if parent_id is None:
        await tx.execute(delete(PlaylistPlacement).where(lying))
    else:
        await tx.execute(update(PlaylistPlacement).where(lying).values(folder_id=parent_id))
    await tx.execute(delete(PlaylistFolder).where(PlaylistFolder.id == folder_id))


async def place(tx: Transaction, user_id: int, playlist_id: int, folder_id: int | None) -> None:
    """Put a list into a folder, or (None) out of all."""
    if folder_id is None:
        mine = (PlaylistPlacement.user_id == user_id, PlaylistPlacement.playlist_id == playlist_id)
        await tx.execute(delete(PlaylistPlacement).where(*mine))
        return
    row = {"user_id": user_id, "playlist_id": playlist_id, "folder_id": folder_id}
    put = upsert_into(tx.dialect, PlaylistPlacement).values(row)
    await tx.execute(
        put.on_conflict_do_update(index_elements=["playlist_id", "user_id"], set_={"folder_id": folder_id})
    )
