"""Every query over annotations: stars, ratings, dislikes and counts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Transaction, upsert_into
from segue.core.remembered import Remembered
from segue.listening.models import Annotation
from segue.listening.names import slices

if TYPE_CHECKING:
    from segue.listening.marks import Mark

KEY = ["user_id", "kind", "entity_id"]
TABLE: Any = Annotation.__table__
_KEPT = ("starred_at", "rating", "rated_at", "hated_at", "play_count", "plays_elsewhere", "last_played_at")


async def annotate(
    tx: Transaction, user_id: int, kind: str, things: Iterable[Remembered], values: dict[str, Any]
) -> None:
    """Set `values` on one person's annotations of `things`, making the rows where there are none."""
    await put(tx, user_id, kind, [(thing, values) for thing in things])


async def put(tx: Transaction, user_id: int, kind: str, rows: Sequence[tuple[Remembered, dict[str, Any]]]) -> None:
    """Set values on annotations, the same columns on each, making the rows where there are none."""
    if not rows:
        return
    statement = upsert_into(tx.dialect, Annotation)
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=KEY, set_={name: statement.excluded[name] for name in rows[0][1]}
        ),
        [
            {
                "user_id": user_id,
                "kind": kind,
                "entity_id": thing.id,
                "text": thing.text,
                "external_ids": thing.external_ids or None,
                "play_count": 0,
                "plays_elsewhere": 0,
                "heard_ms": 0,
                **values,
            }
            for thing, values in rows
        ],
    )


async def having(conn: AsyncConnection, user_id: int, kind: str, column: str, ids: Collection[int]) -> set[int]:
    """Those of `ids` whose `column` this person has filled."""
    rows = await conn.scalars(
        select(TABLE.c.entity_id).where(
            TABLE.c.user_id == user_id, TABLE.c.kind == kind, TABLE.c.entity_id.in_(ids), TABLE.c[column].is_not(None)
        )
    )
    return set(rows.all())


async def clear(tx: Transaction, user_id: int, kind: str, column: str, ids: Collection[int]) -> list[int]:
    """Empty `column` of those of `ids` that have it; which they were."""
    filled = list(await having(tx.conn, user_id, kind, column, ids))
    mine = and_(TABLE.c.user_id == user_id, TABLE.c.kind == kind, TABLE.c.entity_id.in_(filled))
    await tx.execute(update(TABLE).where(mine).values({column: None}))
    return filled


async def of(conn: AsyncConnection, user_id: int, kind: str, ids: Sequence[int]) -> dict[int, Any]:
    """One person's annotations of these things, by number."""
    found: dict[int, Any] = {}
    for some in slices(ids):
        mine = and_(TABLE.c.user_id == user_id, TABLE.c.kind == kind, TABLE.c.entity_id.in_(some))
        found |= {row.entity_id: row for row in await conn.execute(select(TABLE).where(mine))}
    return found


def joined(there: Any | None, mark: Mark) -> dict[str, Any] | None:
    """What an annotation holds once what another program knew is added; None where that is nothing new."""
    now: dict[str, Any] = {name: getattr(there, name, None) for name in _KEPT}
    now["play_count"], now["plays_elsewhere"] = now["play_count"] or 0, now["plays_elsewhere"] or 0
    new = dict(now)
    new["starred_at"] = min((at for at in (now["starred_at"], mark.starred_at) if at), default=None)
    new["hated_at"] = min((at for at in (now["hated_at"], mark.hated_at) if at), default=None)
    if mark.rating and (now["rated_at"] is None or (mark.rated_at is not None and mark.rated_at > now["rated_at"])):
        new["rating"], new["rated_at"] = mark.rating, mark.rated_at or now["rated_at"]
    if mark.plays is not None and mark.plays > now["plays_elsewhere"]:
        new["play_count"] += mark.plays - now["plays_elsewhere"]
        new["plays_elsewhere"] = mark.plays
    new["last_played_at"] = max((at for at in (now["last_played_at"], mark.last_played_at) if at), default=None)
    return None if new == now else new


async def plays_of(conn: AsyncConnection, kind: str, ids: Collection[int]) -> dict[int, int]:
    """How often these were played by all people together."""
    count = func.sum(Annotation.play_count)
    among = (Annotation.kind == kind, Annotation.entity_id.in_(ids))
    statement = select(Annotation.entity_id, count).where(*among).group_by(Annotation.entity_id).having(count > 0)
    return {row[0]: int(row[1]) for row in await conn.execute(statement)}


async def played_after(conn: AsyncConnection, user_id: int, kind: str, after: int, limit: int) -> list[int]:
    """Numbers of things of this kind that the person played, in order, from after `after`."""
    mine = (TABLE.c.user_id == user_id, TABLE.c.kind == kind, TABLE.c.entity_id > after, TABLE.c.play_count > 0)
    rows = await conn.scalars(select(TABLE.c.entity_id).where(*mine).order_by(TABLE.c.entity_id).limit(limit))
    return list(rows.all())
