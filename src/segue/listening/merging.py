"""What people did with two things that a person made one: everything goes to the one that is kept, and nothing is lost.

Called inside the transaction that merges. Plays add up; a star is as old as the older one; the higher rating holds; of two
bookmarks the later one stays.
"""

from __future__ import annotations

from sqlalchemy import and_, delete, select, tuple_, update

from segue.core.db import Transaction
from segue.listening.models import Annotation, Bookmark, NowPlaying, Play, PlayQueueRow


async def merge_annotations(tx: Transaction, kind: str, merged: int, kept: int) -> None:
    """Stars, ratings and play counts of `merged` become part of those of `kept`, for every person."""
    of = and_(Annotation.kind == kind, Annotation.entity_id.in_((merged, kept)))
    rows = {(row.user_id, row.entity_id): row for row in await tx.execute(select(Annotation.__table__).where(of))}
    for (user, entity), row in rows.items():
        if entity != merged:
            continue
        other = rows.get((user, kept))
        mine = and_(Annotation.user_id == user, Annotation.kind == kind)
        if other is None:
            await tx.execute(update(Annotation).where(mine, Annotation.entity_id == merged).values(entity_id=kept))
        else:
            rated = max((row, other), key=lambda one: one.rating or 0)
            stars = [one.starred_at for one in (row, other) if one.starred_at is not None]
            played = [one.last_played_at for one in (row, other) if one.last_played_at is not None]
            values = {
                "starred_at": min(stars, default=None),
                "rating": rated.rating,
                "rated_at": rated.rated_at,
                "play_count": row.play_count + other.play_count,
                "last_played_at": max(played, default=None),
            }
            await tx.execute(update(Annotation).where(mine, Annotation.entity_id == kept).values(values))
            await tx.execute(delete(Annotation).where(mine, Annotation.entity_id == merged))
        tx.changed(kind, kept, user_id=user)


async def merge_track(tx: Transaction, merged: int, kept: int) -> None:
    """Plays, annotations, bookmarks and places in queues of one track go to another."""
    await _merge_plays(tx, merged, kept)
    await merge_annotations(tx, "track", merged, kept)
    await _merge_bookmarks(tx, merged, kept)
    queued = select(PlayQueueRow.user_id).where(PlayQueueRow.track_id == merged).distinct()
    for user in (await tx.conn.scalars(queued)).all():
        tx.changed("queue", "mine", user_id=user)
    for table in (PlayQueueRow, NowPlaying):
        await tx.execute(update(table).where(table.track_id == merged).values(track_id=kept))


async def _merge_plays(tx: Transaction, merged: int, kept: int) -> None:
    """A play that both have, of the same person, moment and player, counts once."""
    key = tuple_(Play.user_id, Play.played_at, Play.client)
    there = select(Play.user_id, Play.played_at, Play.client).where(Play.track_id == kept)
    await tx.execute(delete(Play).where(Play.track_id == merged, key.in_(there)))
    await tx.execute(update(Play).where(Play.track_id == merged).values(track_id=kept))


async def _merge_bookmarks(tx: Transaction, merged: int, kept: int) -> None:
    rows = await tx.execute(select(Bookmark.__table__).where(Bookmark.track_id.in_((merged, kept))))
    places = {(row.user_id, row.track_id): row for row in rows}
    for (user, track), row in places.items():
        if track != merged:
            continue
        other = places.get((user, kept))
        if other is not None:
            older = min((row, other), key=lambda one: (one.changed_at, one.id))
            await tx.execute(delete(Bookmark).where(Bookmark.id == older.id))
        await tx.execute(
            update(Bookmark).where(Bookmark.user_id == user, Bookmark.track_id == merged).values(track_id=kept)
        )
        tx.changed("bookmark", f"tr-{merged}", "delete", user_id=user)
        tx.changed("bookmark", f"tr-{kept}", user_id=user)
