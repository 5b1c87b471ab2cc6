"""Every query over playlists and their rows. Counts are kept right by `recount`, in the transaction of the change."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, cast

from sqlalchemy import Table, and_, bindparam, delete, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction
from segue.playlists.models import Playlist, PlaylistRow, PlaylistShare


def _visible_to(user_id: int, everything: bool) -> Any:
    if everything:
        return Playlist.id.is_not(None)
    shared = exists().where(PlaylistShare.playlist_id == Playlist.id, PlaylistShare.user_id == user_id)
    return or_(
        Playlist.owner_id == user_id, Playlist.visibility == "public", and_(Playlist.visibility == "shared", shared)
    )


async def playlists_of(
    conn: AsyncConnection, user_id: int, *, after: tuple[str, int] | None = None, limit: int | None = None
) -> Sequence[Any]:
    """The playlists this person may see, by name; from after (`sort_key`, `id`)."""
    statement = select(Playlist.__table__).where(_visible_to(user_id, False))
    if after is not None:
        key, number = after
        statement = statement.where(or_(Playlist.sort_key > key, and_(Playlist.sort_key == key, Playlist.id > number)))
    return (await conn.execute(statement.order_by(Playlist.sort_key, Playlist.id).limit(limit))).all()


async def playlist(conn: AsyncConnection, playlist_id: int, user_id: int, *, everything: bool = False) -> Any | None:
    """One playlist, if this person may see it (`everything`: whoever owns it)."""
    found = select(Playlist.__table__).where(Playlist.id == playlist_id, _visible_to(user_id, everything))
    return (await conn.execute(found)).first()


async def may_edit_rows(conn: AsyncConnection, playlist_id: int, user_id: int) -> bool:
    """Whether the playlist is shared with this person for editing."""
    share = select(PlaylistShare.may_edit).where(
        PlaylistShare.playlist_id == playlist_id, PlaylistShare.user_id == user_id
    )
    return bool(await conn.scalar(share))


async def rows_of(conn: AsyncConnection, playlist_id: int) -> Sequence[Any]:
    """The rows of one playlist in order."""
    mine = select(PlaylistRow.__table__).where(PlaylistRow.playlist_id == playlist_id)
    return (await conn.execute(mine.order_by(PlaylistRow.position, PlaylistRow.id))).all()


async def row_ids(conn: AsyncConnection, playlist_id: int) -> list[int]:
    mine = select(PlaylistRow.id).where(PlaylistRow.playlist_id == playlist_id)
    return list((await conn.scalars(mine.order_by(PlaylistRow.position, PlaylistRow.id))).all())


async def add_playlist(tx: Transaction, values: dict[str, Any]) -> int:
    return int(await tx.scalar(insert(Playlist).values(values).returning(Playlist.id)))


async def change_playlist(tx: Transaction, playlist_id: int, values: dict[str, Any]) -> None:
    await tx.execute(
        update(Playlist).where(Playlist.id == playlist_id).values(**values, revision=Playlist.revision + 1)
    )


async def delete_playlist(tx: Transaction, playlist_id: int) -> None:
    await tx.execute(delete(PlaylistRow).where(PlaylistRow.playlist_id == playlist_id))
    await tx.execute(delete(PlaylistShare).where(PlaylistShare.playlist_id == playlist_id))
    await tx.execute(delete(Playlist).where(Playlist.id == playlist_id))


async def append_rows(tx: Transaction, playlist_id: int, rows: Sequence[dict[str, Any]]) -> None:
    """Put `rows` behind the last one."""
    last = select(func.coalesce(func.max(PlaylistRow.position), -1)).where(PlaylistRow.playlist_id == playlist_id)
    start = int(await tx.scalar(last)) + 1
    if rows:
        placed = [{**row, "playlist_id": playlist_id, "position": start + i} for i, row in enumerate(rows)]
        await tx.execute(insert(PlaylistRow), placed)


async def remove_rows(tx: Transaction, playlist_id: int, ids: Collection[int]) -> int:
    mine = delete(PlaylistRow).where(PlaylistRow.playlist_id == playlist_id, PlaylistRow.id.in_(ids))
    return (await tx.execute(mine)).rowcount


async def clear_rows(tx: Transaction, playlist_id: int) -> None:
    await tx.execute(delete(PlaylistRow).where(PlaylistRow.playlist_id == playlist_id))


async def place_rows(tx: Transaction, ids: Sequence[int]) -> None:
    """Give the rows `ids` the places 0, 1, 2 … in that order."""
    # the Table and not the class: SQLAlchemy reads an executemany of the class as a bulk update by primary key
    table = cast(Table, PlaylistRow.__table__)
    statement = update(table).where(table.c.id == bindparam("row_id")).values(position=bindparam("place"))
    if ids:
        await tx.execute(statement, [{"row_id": number, "place": place} for place, number in enumerate(ids)])


async def recount(tx: Transaction, playlist_id: int, changed_at: Any) -> None:
    """Write the number of rows and their length, and raise the revision."""
    mine = PlaylistRow.playlist_id == playlist_id
    sums = select(func.count(), func.coalesce(func.sum(PlaylistRow.duration_ms), 0)).where(mine)
    count, length = tuple((await tx.execute(sums)).one())
    await change_playlist(tx, playlist_id, {"track_count": count, "duration_ms": int(length), "changed_at": changed_at})


async def replace_track(tx: Transaction, old: int, new: int) -> list[int]:
    """Put `new` wherever a playlist has `old`; the playlists that had it."""
    having = select(PlaylistRow.playlist_id).where(PlaylistRow.track_id == old).distinct()
    playlists = list((await tx.conn.scalars(having)).all())
    await tx.execute(update(PlaylistRow).where(PlaylistRow.track_id == old).values(track_id=new))
    return playlists


async def shares_of(conn: AsyncConnection, playlist_id: int) -> Sequence[Any]:
    """Rows (user_id, may_edit)."""
    columns = (PlaylistShare.user_id, PlaylistShare.may_edit)
    mine = select(*columns).where(PlaylistShare.playlist_id == playlist_id).order_by(PlaylistShare.user_id)
    return (await conn.execute(mine)).all()


async def replace_shares(tx: Transaction, playlist_id: int, shares: dict[int, bool]) -> None:
    await tx.execute(delete(PlaylistShare).where(PlaylistShare.playlist_id == playlist_id))
    rows = [{"playlist_id": playlist_id, "user_id": user, "may_edit": edit} for user, edit in shares.items()]
    if rows:
        await tx.execute(insert(PlaylistShare), rows)


async def erase_person(tx: Transaction, user_id: int) -> list[int]:
    """Delete a person's playlists and their share in others'; the ids of the deleted playlists."""
    mine = list((await tx.conn.scalars(select(Playlist.id).where(Playlist.owner_id == user_id))).all())
    for number in mine:
        await delete_playlist(tx, number)
    await tx.execute(delete(PlaylistShare).where(PlaylistShare.user_id == user_id))
    return mine
