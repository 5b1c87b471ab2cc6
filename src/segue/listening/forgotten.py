"""Plays of tracks that were forgotten: they go on under their own words, so that the music is known again when it returns.

A play keeps what it was called, so nothing is lost. What it counts for moves from the track, its album and its artists to the
names of what is not here; what was taken away from the track's plays stays taken away under the name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.db import Transaction
from segue.listening import counting_again
from segue.listening.history import History
from segue.listening.models import Play, PlayChange
from segue.listening.names import names_of, numbers_of, slices
from segue.listening.plays import Listen
from segue.listening.recording import one_at_a_time

PLAY: Any = Play.__table__
CHANGE: Any = PlayChange.__table__


async def played(conn: AsyncConnection, tracks: Sequence[int]) -> list[tuple[int, int]]:
    """(person, track) for each of these tracks that somebody's plays, or plays they took away, are of."""
    found: set[tuple[int, int]] = set()
    for table in (PLAY, CHANGE):
        for some in slices(sorted(tracks)):
            of = select(table.c.user_id, table.c.subject).where(table.c.subject.in_(some)).distinct()
            found |= {(row.user_id, row.subject) for row in await conn.execute(of)}
    return sorted(found)


async def let_go(tx: Transaction, listening: History, actor: Actor, track: int, limit: int) -> tuple[int, set[int]]:
    """Let at most `limit` plays of a track that is gone be of what their words say; how many there were, and the names'
    numbers."""
    await one_at_a_time(tx, actor.person)
    plays = await counting_again.plays_from(tx.conn, actor.person, track, limit)
    if plays:
        await listening.move_plays(tx, actor, plays, None, new_words=False)
    named: set[int] = set()
    for some in slices([play.id for play in plays]):
        named |= set((await tx.conn.scalars(select(PLAY.c.subject).where(PLAY.c.id.in_(some)))).all())
    if len(plays) < limit:
        await _rename_changes(tx, actor, track)
    return len(plays), {-number for number in named if number < 0}


async def _rename_changes(tx: Transaction, actor: Actor, track: int) -> None:
    """What was taken away from a track's plays is known by its name from now on: an import does not bring it back."""
    mine = select(CHANGE.c.id, CHANGE.c.played_at, CHANGE.c.before)
    rows = (await tx.execute(mine.where(CHANGE.c.user_id == actor.person, CHANGE.c.subject == track))).all()
    names = {
        row.id: names_of(Listen(row.played_at, row.before.get("title") or "", row.before.get("artist") or ""))[0]
        for row in rows
    }
    numbers = await numbers_of(tx, actor.person, names.values()) if names else {}
    for change, name in names.items():
        renamed = update(CHANGE).where(CHANGE.c.id == change)
        await tx.execute(renamed.values(subject=numbers[name.kind, name.key]))
