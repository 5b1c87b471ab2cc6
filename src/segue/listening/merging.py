"""What people did with two things that a person made one: everything goes to the one that is kept, and nothing is lost.

Called inside the transaction that merges. Plays add up; a star is as old as the older one; the higher rating holds; of two
bookmarks the later one stays.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, delete, func, select, tuple_, update

from segue.core.db import Transaction, upsert_into
from segue.listening.models import (
    Annotation,
    Bookmark,
    EntityMove,
    NowPlaying,
    OwnTagged,
    Play,
    PlayChange,
    PlayQueueRow,
    PlayRollup,
)
from segue.listening.plays import heard_ms
from segue.listening.recording import one_at_a_time
from segue.listening.rollups import KIND_NUMBERS, Tally

PLAY: Any = Play.__table__
ROLLUP: Any = PlayRollup.__table__


async def merge_things(tx: Transaction, kind: str, merged: int, kept: int) -> None:
    """Stars, ratings, tags and play counts of `merged` become part of those of `kept`, for every person."""
    people = (
        await tx.conn.scalars(select(Annotation.user_id).where(Annotation.kind == kind, Annotation.entity_id == merged))
    ).all()
    for user in sorted(people):
        await one_at_a_time(tx, user)
        await _merge_rollups(tx, user, kind, merged, kept)
    await _merge_annotations(tx, kind, merged, kept)
    await _merge_tags(tx, kind, merged, kept)
    if kind != "track":
        newest = await tx.scalar(select(func.coalesce(func.max(Play.id), 0)))
        move = upsert_into(tx.dialect, EntityMove).values(
            kind=KIND_NUMBERS[kind], from_id=merged, up_to_play=newest, to_id=kept
        )
        await tx.execute(
            move.on_conflict_do_update(
                index_elements=["kind", "from_id", "up_to_play"], set_={"to_id": move.excluded.to_id}
            )
        )


async def _merge_rollups(tx: Transaction, user: int, kind: str, merged: int, kept: int) -> None:
    mine = and_(ROLLUP.c.user_id == user, ROLLUP.c.kind == KIND_NUMBERS[kind], ROLLUP.c.entity_id == merged)
    rows = (await tx.execute(select(ROLLUP).where(mine))).all()
    more = Tally()
    for row in rows:
        more.rollups[row.kind, kept, row.period] = [row.plays, row.heard_ms]
    await tx.execute(delete(ROLLUP).where(mine))
    await more.write(tx, user)


async def _merge_annotations(tx: Transaction, kind: str, merged: int, kept: int) -> None:
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
            values = {
                "starred_at": _known(min, row.starred_at, other.starred_at),
                "rating": rated.rating,
                "rated_at": rated.rated_at,
                "hated_at": _known(min, row.hated_at, other.hated_at),
                "play_count": row.play_count + other.play_count,
                "plays_elsewhere": row.plays_elsewhere + other.plays_elsewhere,
                "heard_ms": row.heard_ms + other.heard_ms,
                "first_played_at": _known(min, row.first_played_at, other.first_played_at),
                "last_played_at": _known(max, row.last_played_at, other.last_played_at),
            }
            await tx.execute(update(Annotation).where(mine, Annotation.entity_id == kept).values(values))
            await tx.execute(delete(Annotation).where(mine, Annotation.entity_id == merged))
        tx.changed(kind, kept, user_id=user)


async def _merge_tags(tx: Transaction, kind: str, merged: int, kept: int) -> None:
    table: Any = OwnTagged.__table__
    of = and_(table.c.kind == kind, table.c.entity_id == merged)
    both = select(table.c.tag_id).where(table.c.kind == kind, table.c.entity_id == kept)
    await tx.execute(delete(table).where(of, table.c.tag_id.in_(both)))
    await tx.execute(update(table).where(of).values(entity_id=kept))


async def merge_track(tx: Transaction, merged: int, kept: int) -> list[Tally]:
    """Plays, annotations, bookmarks and places in queues of one track go to another.

    What comes back are plays that were there twice and count once now, below zero.
    """
    twice = await _drop_doubles(tx, merged, kept)
    await merge_things(tx, "track", merged, kept)
    await tx.execute(update(PLAY).where(PLAY.c.subject == merged).values(track_id=kept, subject=kept))
    await tx.execute(update(PlayChange).where(PlayChange.subject == merged).values(subject=kept))
    await _merge_bookmarks(tx, merged, kept)
    queued = select(PlayQueueRow.user_id).where(PlayQueueRow.track_id == merged).distinct()
    for user in (await tx.conn.scalars(queued)).all():
        tx.changed("queue", "mine", user_id=user)
    for table in (PlayQueueRow, NowPlaying):
        await tx.execute(update(table).where(table.track_id == merged).values(track_id=kept))
    return twice


async def _drop_doubles(tx: Transaction, merged: int, kept: int) -> list[Tally]:
    """A play that both have, of the same person, moment and player, counts once."""
    key = tuple_(PLAY.c.user_id, PLAY.c.played_at, PLAY.c.device)
    there = select(PLAY.c.user_id, PLAY.c.played_at, PLAY.c.device).where(PLAY.c.subject == kept)
    rows = (await tx.execute(select(PLAY).where(PLAY.c.subject == merged, key.in_(there)))).all()
    dropped = []
    for user in sorted({row.user_id for row in rows}):
        await one_at_a_time(tx, user)
        less = Tally()
        for row in rows:
            if row.user_id == user and row.counted is not None:
                heard = heard_ms(row.duration_played_ms, row.duration_ms)
                less.add(row.local_hour, -heard, row.played_at, row.subject, row.counted, plays=-1)
        await less.write(tx, user)
        dropped.append(less)
    await tx.execute(delete(PLAY).where(PLAY.c.id.in_([row.id for row in rows])))
    return dropped


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


def _known(choose: Any, *values: Any) -> Any:
    """The least or the greatest of those that are known; None where none is."""
    return choose((value for value in values if value is not None), default=None)
