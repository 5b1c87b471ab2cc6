"""Every query over playlists themselves and whom they are shared with. Their rows are in `playlist_rows`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import and_, delete, exists, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction
from segue.playlists.models import (
    Playlist,
    PlaylistFolder,
    PlaylistMix,
    PlaylistPlacement,
    PlaylistRevision,
    PlaylistRow,
    PlaylistShare,
)

SLICE = 1_000
"""Ids a statement."""


def slices(ids: Collection[int]) -> Iterator[list[int]]:
    """`ids` in portions that fit a statement."""
    ordered = list(ids)
    for start in range(0, len(ordered), SLICE):
        yield ordered[start : start + SLICE]


def visible_to(user_id: int) -> Any:
    """The condition that this person may see a playlist."""
    shared = exists().where(PlaylistShare.playlist_id == Playlist.id, PlaylistShare.user_id == user_id)
    return or_(
        Playlist.owner_id == user_id, Playlist.visibility == "public", and_(Playlist.visibility == "shared", shared)
    )


async def playlists_of(
    conn: AsyncConnection, user_id: int, *, after: tuple[str, int] | None = None, limit: int | None = None
) -> Sequence[Any]:
    """The playlists this person may see, by name; from after (`sort_key`, `id`)."""
    statement = select(Playlist.__table__).where(visible_to(user_id))
    if after is not None:
        key, number = after
        statement = statement.where(or_(Playlist.sort_key > key, and_(Playlist.sort_key == key, Playlist.id > number)))
    return (await conn.execute(statement.order_by(Playlist.sort_key, Playlist.id).limit(limit))).all()


async def playlists_by_id(conn: AsyncConnection, ids: Collection[int]) -> dict[int, Any]:
    """These playlists, whoever owns them."""
    found: dict[int, Any] = {}
    for some in slices(ids):
        rows = await conn.execute(select(Playlist.__table__).where(Playlist.id.in_(some)))
        found.update((row.id, row) for row in rows)
    return found


async def playlist(conn: AsyncConnection, playlist_id: int, user_id: int, *, lock: bool = False) -> Any | None:
    """One playlist, if this person may see it. `lock` keeps others from changing it until the transaction ends."""
    found = select(Playlist.__table__).where(Playlist.id == playlist_id, visible_to(user_id))
    return (await conn.execute(found.with_for_update(of=Playlist) if lock else found)).first()


async def any_playlist(conn: AsyncConnection, playlist_id: int) -> Any | None:
    """One playlist, whoever owns it."""
    return (await conn.execute(select(Playlist.__table__).where(Playlist.id == playlist_id))).first()


async def smart_seen_by(conn: AsyncConnection, user_id: int) -> Sequence[Any]:
    """Rows (id, owner_id, personal) of the smart lists this person may see."""
    columns = (Playlist.id, Playlist.owner_id, Playlist.personal)
    return (await conn.execute(select(*columns).where(Playlist.kind == "smart", visible_to(user_id)))).all()


async def add_playlist(tx: Transaction, values: dict[str, Any]) -> int:
    return int(await tx.scalar(insert(Playlist).values(values).returning(Playlist.id)))


async def change_playlist(tx: Transaction, playlist_id: int, values: dict[str, Any]) -> None:
    """Write these columns and raise the revision."""
    raised = {**values, "revision": Playlist.revision + 1}
    await tx.execute(update(Playlist).where(Playlist.id == playlist_id).values(raised))


async def delete_playlist(tx: Transaction, playlist_id: int) -> None:
    for model in (PlaylistRow, PlaylistShare, PlaylistPlacement, PlaylistRevision):
        await tx.execute(delete(model).where(model.playlist_id == playlist_id))
    await tx.execute(delete(Playlist).where(Playlist.id == playlist_id))


# --- sharing ----------------------------------------------------------------------------------------------------------


async def shares_of(conn: AsyncConnection, playlist_id: int) -> Sequence[Any]:
    """Rows (user_id, may_edit)."""
    columns = (PlaylistShare.user_id, PlaylistShare.may_edit)
    mine = select(*columns).where(PlaylistShare.playlist_id == playlist_id).order_by(PlaylistShare.user_id)
    return (await conn.execute(mine)).all()


async def shares_with(conn: AsyncConnection, user_id: int, playlist_ids: Collection[int]) -> dict[int, bool]:
    """Which of these lists are shared with this person, and whether for editing."""
    found: dict[int, bool] = {}
    for some in slices(playlist_ids):
        mine = select(PlaylistShare.playlist_id, PlaylistShare.may_edit).where(
            PlaylistShare.user_id == user_id, PlaylistShare.playlist_id.in_(some)
        )
        found.update((row[0], row[1]) for row in await conn.execute(mine))
    return found


async def replace_shares(tx: Transaction, playlist_id: int, shares: dict[int, bool]) -> None:
    await tx.execute(delete(PlaylistShare).where(PlaylistShare.playlist_id == playlist_id))
    rows = [{"playlist_id": playlist_id, "user_id": user, "may_edit": edit} for user, edit in shares.items()]
    if rows:
        await tx.execute(insert(PlaylistShare), rows)


async def erase_person(tx: Transaction, user_id: int) -> list[int]:
    """Delete a person's playlists, folders and mixes and their share in others'; the ids of the deleted playlists."""
    mine = list((await tx.conn.scalars(select(Playlist.id).where(Playlist.owner_id == user_id))).all())
    for number in mine:
        await delete_playlist(tx, number)
    for model in (PlaylistShare, PlaylistPlacement, PlaylistMix):
        await tx.execute(delete(model).where(model.user_id == user_id))
    folders = PlaylistFolder.owner_id == user_id
    await tx.execute(update(PlaylistFolder).where(folders).values(parent_id=None))
    await tx.execute(delete(PlaylistFolder).where(folders))
    await tx.execute(update(PlaylistRevision).where(PlaylistRevision.user_id == user_id).values(user_id=None))
    await tx.execute(update(PlaylistRow).where(PlaylistRow.added_by == user_id).values(added_by=0))
    return mine
