"""Every query over the history of playlists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction
from segue.playlists.history import MOST_BYTES, MOST_REVISIONS
from segue.playlists.models import PlaylistRevision as Revision


async def keep(tx: Transaction, playlist_id: int, row: dict[str, Any]) -> None:
    """Write one change down, and forget what is more than may be remembered."""
    await tx.execute(insert(Revision).values(playlist_id=playlist_id, **row))
    sizes = select(Revision.revision, func.coalesce(func.length(Revision.back), 0)).where(
        Revision.playlist_id == playlist_id
    )
    total = count = 0
    for revision, size in await tx.execute(sizes.order_by(Revision.revision.desc())):
        total, count = total + size, count + 1
        if count > 1 and (count > MOST_REVISIONS or total > MOST_BYTES):
            old = delete(Revision).where(Revision.playlist_id == playlist_id, Revision.revision <= revision)
            await tx.execute(old)
            return


async def latest(
    conn: AsyncConnection, playlist_id: int, *, before: int | None = None, limit: int | None = None
) -> Sequence[Any]:
    """Changes without what leads back, newest first: rows (revision, user_id, at, action, params, undone_by, has_back)."""
    columns = (
        Revision.revision,
        Revision.user_id,
        Revision.at,
        Revision.action,
        Revision.params,
        Revision.undone_by,
        Revision.back.is_not(None).label("has_back"),
    )
    mine = select(*columns).where(Revision.playlist_id == playlist_id)
    if before is not None:
        mine = mine.where(Revision.revision < before)
    return (await conn.execute(mine.order_by(Revision.revision.desc()).limit(limit))).all()


async def to_undo(conn: AsyncConnection, playlist_id: int) -> Any | None:
    """The newest change that is not taken back and did not itself take one back: (revision, action, back)."""
    mine = select(Revision.revision, Revision.action, Revision.back).where(
        Revision.playlist_id == playlist_id,
        Revision.undone_by.is_(None),
        Revision.back.is_not(None),
        Revision.action != "undone",
    )
    return (await conn.execute(mine.order_by(Revision.revision.desc()).limit(1))).first()


async def after(conn: AsyncConnection, playlist_id: int, revision: int) -> Sequence[Any]:
    """Changes newer than this one with what leads back, newest first: rows (revision, back)."""
    mine = select(Revision.revision, Revision.back).where(
        Revision.playlist_id == playlist_id, Revision.revision > revision
    )
    return (await conn.execute(mine.order_by(Revision.revision.desc()))).all()


async def is_remembered(conn: AsyncConnection, playlist_id: int, revision: int) -> bool:
    mine = select(Revision.revision).where(Revision.playlist_id == playlist_id, Revision.revision == revision)
    return await conn.scalar(mine) is not None


async def mark_undone(tx: Transaction, playlist_id: int, revision: int, by: int) -> None:
    mine = (Revision.playlist_id == playlist_id, Revision.revision == revision)
    await tx.execute(update(Revision).where(*mine).values(undone_by=by))
