"""Every query over plays, annotations, queues and bookmarks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction, upsert_into
from segue.core.remembered import Remembered
from segue.listening.models import Annotation, Bookmark, NowPlaying, Play, PlayQueue, PlayQueueRow

ANNOTATION_KEY = ["user_id", "kind", "entity_id"]


async def annotate(
    tx: Transaction, user_id: int, kind: str, things: Iterable[Remembered], values: dict[str, Any]
) -> None:
    """Set `values` on one person's annotations of `things`, making the rows where there are none."""
    rows = [
        {
            "user_id": user_id,
            "kind": kind,
            "entity_id": thing.id,
            "text": thing.text,
            "external_ids": thing.external_ids or None,
            "play_count": 0,
            **values,
        }
        for thing in things
    ]
    if rows:
        statement = upsert_into(tx.dialect, Annotation)
        await tx.execute(
            statement.on_conflict_do_update(
                index_elements=ANNOTATION_KEY, set_={name: statement.excluded[name] for name in values}
            ),
            rows,
        )


async def clear_star(tx: Transaction, user_id: int, kind: str, ids: Collection[int]) -> list[int]:
    """Take the star off those of `ids` that have one; which they were."""
    mine = and_(
        Annotation.user_id == user_id,
        Annotation.kind == kind,
        Annotation.entity_id.in_(ids),
        Annotation.starred_at.is_not(None),
    )
    starred = list((await tx.conn.scalars(select(Annotation.entity_id).where(mine))).all())
    await tx.execute(update(Annotation).where(mine).values(starred_at=None))
    return starred


async def starred_among(conn: AsyncConnection, user_id: int, kind: str, ids: Collection[int]) -> set[int]:
    """Those of `ids` that this person has starred."""
    rows = await conn.scalars(
        select(Annotation.entity_id).where(
            Annotation.user_id == user_id,
            Annotation.kind == kind,
            Annotation.entity_id.in_(ids),
            Annotation.starred_at.is_not(None),
        )
    )
    return set(rows.all())


async def count_play(
    tx: Transaction, user_id: int, kind: str, things: Iterable[Remembered], played_at: datetime
) -> None:
    """One play more for each of `things`; the last play becomes `played_at` where that is later."""
    rows = [
        {
            "user_id": user_id,
            "kind": kind,
            "entity_id": thing.id,
            "text": thing.text,
            "external_ids": thing.external_ids or None,
            "play_count": 1,
            "last_played_at": played_at,
        }
        for thing in things
    ]
    if not rows:
        return
    statement = upsert_into(tx.dialect, Annotation)
    later = func.max if tx.dialect == "sqlite" else func.greatest
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=ANNOTATION_KEY,
            set_={
                "play_count": Annotation.play_count + 1,
                "last_played_at": later(
                    func.coalesce(Annotation.last_played_at, statement.excluded.last_played_at),
                    statement.excluded.last_played_at,
                ),
            },
        ),
        rows,
    )


async def plays_of(conn: AsyncConnection, kind: str, ids: Collection[int]) -> dict[int, int]:
    """How often these were played by all people together."""
    count = func.sum(Annotation.play_count)
    among = (Annotation.kind == kind, Annotation.entity_id.in_(ids))
    statement = select(Annotation.entity_id, count).where(*among).group_by(Annotation.entity_id).having(count > 0)
    return {row[0]: int(row[1]) for row in await conn.execute(statement)}


async def add_play(tx: Transaction, values: dict[str, Any]) -> bool:
    """Write one play; False where this very play is known already."""
    statement = upsert_into(tx.dialect, Play).values(values)
    key = ["user_id", "track_id", "played_at", "client"]
    return (await tx.execute(statement.on_conflict_do_nothing(index_elements=key))).rowcount > 0


async def set_now_playing(tx: Transaction, values: dict[str, Any]) -> None:
    statement = upsert_into(tx.dialect, NowPlaying).values(values)
    changed = {name: statement.excluded[name] for name in ("track_id", "position_ms", "started_at", "expires_at")}
    await tx.execute(statement.on_conflict_do_update(index_elements=["user_id", "client"], set_=changed))


async def playing_now(conn: AsyncConnection, now: datetime) -> Sequence[Any]:
    """Rows (user_id, client, track_id, position_ms, started_at) of players that are playing."""
    columns = (
        NowPlaying.user_id,
        NowPlaying.client,
        NowPlaying.track_id,
        NowPlaying.position_ms,
        NowPlaying.started_at,
    )
    newest_first = select(*columns).where(NowPlaying.expires_at > now).order_by(NowPlaying.started_at.desc())
    return (await conn.execute(newest_first)).all()


async def forget_finished_players(tx: Transaction, now: datetime) -> int:
    return (await tx.execute(delete(NowPlaying).where(NowPlaying.expires_at <= now))).rowcount


async def plays_before(
    conn: AsyncConnection, user_id: int, before: tuple[datetime, int] | None, limit: int
) -> Sequence[Any]:
    """One person's plays, newest first, from before the play (`played_at`, `id`)."""
    statement = select(Play.__table__).where(Play.user_id == user_id)
    if before is not None:
        at, number = before
        statement = statement.where((Play.played_at < at) | ((Play.played_at == at) & (Play.id < number)))
    return (await conn.execute(statement.order_by(Play.played_at.desc(), Play.id.desc()).limit(limit))).all()


async def queue_of(conn: AsyncConnection, user_id: int) -> tuple[Any | None, list[int]]:
    """A person's queue row, and its tracks in order."""
    queue = (await conn.execute(select(PlayQueue.__table__).where(PlayQueue.user_id == user_id))).first()
    tracks = await conn.scalars(
        select(PlayQueueRow.track_id).where(PlayQueueRow.user_id == user_id).order_by(PlayQueueRow.position)
    )
    return queue, list(tracks.all())


async def replace_queue(tx: Transaction, values: dict[str, Any], tracks: Sequence[tuple[int, str]]) -> None:
    """Put `tracks` (id, text) in the place of whatever queue there was."""
    user_id = values["user_id"]
    await tx.execute(delete(PlayQueueRow).where(PlayQueueRow.user_id == user_id))
    await tx.execute(delete(PlayQueue).where(PlayQueue.user_id == user_id))
    await tx.execute(insert(PlayQueue).values(values))
    rows = [
        {"user_id": user_id, "position": place, "track_id": track_id, "text": text}
        for place, (track_id, text) in enumerate(tracks)
    ]
    if rows:
        await tx.execute(insert(PlayQueueRow), rows)


async def bookmarks_of(conn: AsyncConnection, user_id: int) -> Sequence[Any]:
    mine = select(Bookmark.__table__).where(Bookmark.user_id == user_id)
    return (await conn.execute(mine.order_by(Bookmark.changed_at.desc(), Bookmark.id))).all()


async def set_bookmark(tx: Transaction, values: dict[str, Any]) -> None:
    statement = upsert_into(tx.dialect, Bookmark).values(values)
    changed = {name: statement.excluded[name] for name in ("position_ms", "comment", "changed_at")}
    await tx.execute(statement.on_conflict_do_update(index_elements=["user_id", "track_id"], set_=changed))


async def delete_bookmark(tx: Transaction, user_id: int, track_id: int) -> bool:
    mine = delete(Bookmark).where(Bookmark.user_id == user_id, Bookmark.track_id == track_id)
    return (await tx.execute(mine)).rowcount > 0


async def erase_person(tx: Transaction, user_id: int) -> None:
    """Everything this person did, gone."""
    for table in (Play, NowPlaying, Annotation, PlayQueueRow, PlayQueue, Bookmark):
        await tx.execute(delete(table).where(table.user_id == user_id))  # type: ignore[attr-defined]
