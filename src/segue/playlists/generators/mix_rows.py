"""Every query over the mixes that were made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction
from segue.playlists.models import PlaylistMix


async def mixes_of(conn: AsyncConnection, user_id: int, day: str) -> Sequence[Any]:
    """One person's mixes of a day: rows (kind, content, made_at)."""
    columns = (PlaylistMix.kind, PlaylistMix.content, PlaylistMix.made_at)
    mine = select(*columns).where(PlaylistMix.user_id == user_id, PlaylistMix.day == day)
    return (await conn.execute(mine)).all()


async def keep(tx: Transaction, user_id: int, day: str, made_at: datetime, content: dict[str, dict[str, Any]]) -> None:
    """Keep the mixes of a day by their kinds, in place of those of the day before."""
    await tx.execute(delete(PlaylistMix).where(PlaylistMix.user_id == user_id))
    rows = [
        {"user_id": user_id, "kind": kind, "day": day, "made_at": made_at, "content": each}
        for kind, each in content.items()
    ]
    await tx.execute(insert(PlaylistMix), rows)
