"""Places inside tracks that a person wants to come back to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Transaction, upsert_into
from segue.core.errors import Invalid
from segue.core.ids import TypedId
from segue.listening.errors import ThingNotFound
from segue.listening.models import Bookmark
from segue.listening.things import Things


@dataclass(frozen=True, slots=True)
class BookmarkView:
    """A place in a track, in milliseconds."""

    track_id: int
    position_ms: int
    comment: str
    created_at: datetime
    changed_at: datetime


class Bookmarks(Things):
    """One person's bookmarks, one a track."""

    async def bookmarks(self, actor: Actor) -> list[BookmarkView]:
        """The person's bookmarks of tracks that are there, the last changed first."""
        async with self._db.read() as conn:
            rows = await _bookmarks_of(conn, actor.person)
            seen = await self._music.remembered(conn, actor, "track", [row.track_id for row in rows])
        return [
            BookmarkView(row.track_id, row.position_ms, row.comment, row.created_at, row.changed_at)
            for row in rows
            if row.track_id in seen
        ]

    async def set_bookmark(self, actor: Actor, track_id: int, position_ms: int, comment: str = "") -> None:
        """Mark a place in a track, one a track. Raises ThingNotFound, Invalid for a place before the beginning."""
        if position_ms < 0:
            raise Invalid("bad_position", "A position cannot be before the beginning.")
        now = utc_now()
        async with self._db.write() as tx:
            track = (await self._find(tx, actor, [TypedId("tr", track_id)]))["track"][0]
            values = {
                "user_id": actor.person,
                "track_id": track.id,
                "position_ms": position_ms,
                "comment": comment,
                "text": track.text,
                "created_at": now,
                "changed_at": now,
            }
            await _set_bookmark(tx, values)
            tx.changed("bookmark", f"tr-{track.id}", user_id=actor.person)

    async def delete_bookmark(self, actor: Actor, track_id: int) -> None:
        """Forget the place in a track. Raises ThingNotFound where there is none."""
        async with self._db.write() as tx:
            mine = delete(Bookmark).where(Bookmark.user_id == actor.person, Bookmark.track_id == track_id)
            if not (await tx.execute(mine)).rowcount:
                raise ThingNotFound(f"bookmark in tr-{track_id}")
            tx.changed("bookmark", f"tr-{track_id}", "delete", user_id=actor.person)


async def _bookmarks_of(conn: AsyncConnection, user_id: int) -> Sequence[Any]:
    mine = select(Bookmark.__table__).where(Bookmark.user_id == user_id)
    return (await conn.execute(mine.order_by(Bookmark.changed_at.desc(), Bookmark.id))).all()


async def _set_bookmark(tx: Transaction, values: dict[str, Any]) -> None:
    statement = upsert_into(tx.dialect, Bookmark).values(values)
    changed = {name: statement.excluded[name] for name in ("position_ms", "comment", "changed_at")}
    await tx.execute(statement.on_conflict_do_update(index_elements=["user_id", "track_id"], set_=changed))
