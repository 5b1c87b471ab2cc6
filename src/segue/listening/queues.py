"""What a person's players play next: one queue that they share, and one a device where a player keeps its own.

A queue that another one took the place of is kept once, so that one replaced by mistake can be taken back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Transaction
from segue.core.ids import TypedId
from segue.listening.errors import BadQueue, ThingNotFound
from segue.listening.models import PlayQueue, PlayQueueRow
from segue.listening.things import Things

QUEUE_LIMIT = 10_000
SHARED = ""
"""The name of the queue that all players of a person share."""
MOST_DEVICES = 50
"""Queues of devices that are kept; the one that was not changed for longest goes first."""
QUEUE: Any = PlayQueue.__table__
ROWS: Any = PlayQueueRow.__table__


@dataclass(frozen=True, slots=True)
class Queue:
    """A person's queue: track ids in order, the index of the current one (None: none), the place in it in ms."""

    track_ids: list[int]
    current: int | None
    position_ms: int
    changed_at: datetime
    changed_by: str
    device: str = SHARED


@dataclass(frozen=True, slots=True)
class QueueSummary:
    """A queue as it stands in a list: whose device, how long, and what is current. `before` is the one it replaced."""

    device: str
    before: bool
    tracks: int
    current_track: int | None
    position_ms: int
    changed_at: datetime
    changed_by: str


class Queues(Things):
    """One person's queues."""

    async def queue(self, actor: Actor, device: str = SHARED, *, before: bool = False) -> Queue | None:
        """The queue of a device (the shared one), without tracks that are gone; None where none was ever saved.

        With `before`, the one whose place it took.
        """
        async with self._db.read() as conn:
            row, ids = await _queue_of(conn, actor.person, device, before)
            if row is None:
                return None
            there = await self._music.remembered(conn, actor, "track", ids)
        current = row.current_position
        if current is not None:
            lost_before = sum(1 for track_id in ids[:current] if track_id not in there)
            current = current - lost_before if ids[current] in there else None
        kept = [track_id for track_id in ids if track_id in there]
        position = row.position_ms if current is not None else 0
        return Queue(kept, current, position, row.changed_at, row.changed_by, device)

    async def queues(self, actor: Actor) -> list[QueueSummary]:
        """All queues of the person, the last changed first."""
        async with self._db.read() as conn:
            rows = await _summaries(conn, actor.person)
        return [
            QueueSummary(
                row.device,
                row.before,
                row.tracks,
                row.current_track,
                row.position_ms,
                row.changed_at,
                row.changed_by,
            )
            for row in rows
        ]

    async def save_queue(
        self,
        actor: Actor,
        track_ids: Sequence[int],
        *,
        current: int | None = None,
        position_ms: int = 0,
        client: str = "",
        device: str = SHARED,
    ) -> None:
        """Replace a device's queue (the shared one); no tracks clears it. Raises BadQueue, ThingNotFound."""
        if len(track_ids) > QUEUE_LIMIT:
            raise BadQueue(f"A queue holds at most {QUEUE_LIMIT} tracks.")
        if not track_ids:
            current, position_ms = None, 0
        elif current is not None and not 0 <= current < len(track_ids):
            raise BadQueue(f"There is no place {current} in a queue of {len(track_ids)} tracks.")
        if position_ms < 0:
            raise BadQueue("A position cannot be before the beginning.")
        async with self._db.write() as tx:
            known = await self._music.remembered(tx.conn, actor, "track", list(dict.fromkeys(track_ids)))
            for track_id in track_ids:
                if track_id not in known:
                    raise ThingNotFound(TypedId("tr", track_id))
            values = {
                "user_id": actor.person,
                "device": device,
                "before": False,
                "current_position": current,
                "position_ms": position_ms,
                "changed_at": utc_now(),
                "changed_by": client,
            }
            await _replace(tx, values, [(track_id, known[track_id].text) for track_id in track_ids])
            tx.changed("queue", device or "mine", user_id=actor.person)

    async def restore_queue(self, actor: Actor, device: str = SHARED, *, client: str = "") -> Queue:
        """Let a device's queue and the one it replaced change places. Raises ThingNotFound where none was replaced."""
        return await self._take(actor, device, True, device, client)

    async def take_over_queue(self, actor: Actor, of: str, *, device: str = SHARED, client: str = "") -> Queue:
        """Let `device` go on where the device `of` is. Raises ThingNotFound where that has no queue."""
        return await self._take(actor, of, False, device, client)

    async def forget_queue(self, actor: Actor, device: str) -> None:
        """Drop a device's queue, with the one it replaced. Raises ThingNotFound where there is none."""
        async with self._db.write() as tx:
            mine = delete(QUEUE).where(QUEUE.c.user_id == actor.person, QUEUE.c.device == device)
            await tx.execute(delete(ROWS).where(ROWS.c.user_id == actor.person, ROWS.c.device == device))
            if not (await tx.execute(mine)).rowcount:
                raise ThingNotFound(f"queue of {device or 'all devices'}")
            tx.changed("queue", device or "mine", "delete", user_id=actor.person)

    async def _take(self, actor: Actor, of: str, before: bool, device: str, client: str) -> Queue:
        queue = await self.queue(actor, of, before=before)
        if queue is None:
            raise ThingNotFound(f"queue {'before that ' if before else ''}of {of or 'all devices'}")
        await self.save_queue(
            actor,
            queue.track_ids,
            current=queue.current,
            position_ms=queue.position_ms,
            client=client or queue.changed_by,
            device=device,
        )
        return await self.queue(actor, device) or queue


async def _queue_of(conn: AsyncConnection, user_id: int, device: str, before: bool) -> tuple[Any | None, list[int]]:
    """A queue's row, and its tracks in order."""
    queue = (await conn.execute(select(QUEUE).where(_is(QUEUE, user_id, device, before)))).first()
    tracks = await conn.scalars(
        select(ROWS.c.track_id).where(_is(ROWS, user_id, device, before)).order_by(ROWS.c.position)
    )
    return queue, list(tracks.all())


async def _summaries(conn: AsyncConnection, user_id: int) -> Sequence[Any]:
    same = and_(ROWS.c.user_id == QUEUE.c.user_id, ROWS.c.device == QUEUE.c.device, ROWS.c.before == QUEUE.c.before)
    count = select(func.count()).select_from(ROWS).where(same).scalar_subquery()
    current = select(ROWS.c.track_id).where(same, ROWS.c.position == QUEUE.c.current_position).scalar_subquery()
    mine = select(QUEUE, count.label("tracks"), current.label("current_track")).where(QUEUE.c.user_id == user_id)
    return (await conn.execute(mine.order_by(QUEUE.c.changed_at.desc(), QUEUE.c.before))).all()


async def _replace(tx: Transaction, values: dict[str, Any], tracks: Sequence[tuple[int, str]]) -> None:
    """Put `tracks` (id, text) in the place of whatever queue there was, which is kept where it was another one."""
    user_id, device = values["user_id"], values["device"]
    here = _is(QUEUE, user_id, device, False)
    there, old = await _queue_of(tx.conn, user_id, device, False)
    new = [track_id for track_id, _ in tracks]
    if there is not None and old == new:
        await tx.execute(update(QUEUE).where(here).values(values))
        return
    if there is not None and old and _is_another(old, new):
        await _drop(tx, user_id, device, True)
        kept = {name: getattr(there, name) for name in values} | {"before": True}
        await tx.execute(insert(QUEUE).values(kept))
        await tx.execute(update(ROWS).where(_is(ROWS, user_id, device, False)).values(before=True))
    await _drop(tx, user_id, device, False)
    await tx.execute(insert(QUEUE).values(values))
    if tracks:
        await tx.execute(
            insert(ROWS),
            [
                {
                    "user_id": user_id,
                    "device": device,
                    "before": False,
                    "position": place,
                    "track_id": track_id,
                    "text": said,
                }
                for place, (track_id, said) in enumerate(tracks)
            ],
        )
    if there is None:
        await _drop_oldest(tx, user_id)


def _is_another(old: Sequence[int], new: Sequence[int]) -> bool:
    """Whether a queue is not the old one with changes: fewer than half of the old one's tracks are still in it."""
    kept = (Counter(old) & Counter(new)).total()
    return kept * 2 < len(old)


async def _drop(tx: Transaction, user_id: int, device: str, before: bool) -> None:
    await tx.execute(delete(ROWS).where(_is(ROWS, user_id, device, before)))
    await tx.execute(delete(QUEUE).where(_is(QUEUE, user_id, device, before)))


async def _drop_oldest(tx: Transaction, user_id: int) -> None:
    newest_first = (
        select(QUEUE.c.device)
        .where(QUEUE.c.user_id == user_id, QUEUE.c.device != SHARED, QUEUE.c.before.is_(False))
        .order_by(QUEUE.c.changed_at.desc())
    )
    for device in (await tx.conn.scalars(newest_first.offset(MOST_DEVICES))).all():
        await _drop(tx, user_id, device, True)
        await _drop(tx, user_id, device, False)


def _is(table: Any, user_id: int, device: str, before: bool) -> Any:
    return and_(table.c.user_id == user_id, table.c.device == device, table.c.before.is_(before))
