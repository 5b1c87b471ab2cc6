"""What a person searched for, box by box, so that they find it again: theirs alone, and kept only as long as they like."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Transaction, upsert_into
from segue.core.ids import format_id
from segue.core.text import clean_text, fold
from segue.listening.errors import ThingNotFound
from segue.listening.models import ListeningChoice, SearchEntry
from segue.listening.things import Things

MOST_KEPT = 1_000
"""Searches of one person that are kept; the oldest go first."""
MAX_QUERY = 1_000
"""Characters of a search that are kept; a longer one is not."""
ENTRY: Any = SearchEntry.__table__
CHOICE: Any = ListeningChoice.__table__


@dataclass(frozen=True, slots=True)
class SearchView:
    """Something that was searched for in a box; `results` is how many there were the last time, None where nobody said."""

    id: int
    box: str
    query: str
    results: int | None
    times: int
    searched_at: datetime


class Searches(Things):
    """One person's search history."""

    async def note_search(self, actor: Actor, box: str, query: str, results: int | None = None) -> bool:
        """Keep that the person searched; the same words in the same box are kept once. False where nothing is kept: the
        person does not want it, or there are no words."""
        words = " ".join(clean_text(query).split())
        if not words or len(words) > MAX_QUERY:
            return False
        async with self._db.write() as tx:
            if not await _keeps(tx.conn, actor.person):
                return False
            statement = upsert_into(tx.dialect, SearchEntry).values(
                user_id=actor.person,
                box=box,
                query=words,
                query_key=fold(words),
                results=results,
                times=1,
                searched_at=utc_now(),
            )
            changed = {name: statement.excluded[name] for name in ("query", "results", "searched_at")}
            await tx.execute(
                statement.on_conflict_do_update(
                    index_elements=["user_id", "box", "query_key"],
                    set_={**changed, "times": SearchEntry.times + 1},
                )
            )
            await _drop_oldest(tx, actor.person)
            tx.changed("search_entry", "mine", user_id=actor.person)
        return True

    async def searches(
        self, actor: Actor, *, box: str | None = None, starts: str = "", before: int | None = None, limit: int = 50
    ) -> list[SearchView]:
        """What the person searched for, the latest first; of one box, and beginning so, where that is given."""
        asked = [ENTRY.c.user_id == actor.person]
        if box is not None:
            asked.append(ENTRY.c.box == box)
        if starts:
            asked.append(ENTRY.c.query_key.startswith(fold(starts).lstrip(), autoescape=True))
        order = (ENTRY.c.searched_at.desc(), ENTRY.c.id.desc())
        async with self._db.read() as conn:
            rows = (await conn.execute(select(ENTRY).where(*asked).order_by(*order).limit(MOST_KEPT))).all()
        if before is not None:
            place = next((at for at, row in enumerate(rows, 1) if row.id == before), len(rows))
            rows = rows[place:]
        return [SearchView(row.id, row.box, row.query, row.results, row.times, row.searched_at) for row in rows[:limit]]

    async def forget_search(self, actor: Actor, entry: int) -> None:
        """Forget one. Raises ThingNotFound."""
        async with self._db.write() as tx:
            mine = delete(ENTRY).where(ENTRY.c.user_id == actor.person, ENTRY.c.id == entry)
            if not (await tx.execute(mine)).rowcount:
                raise ThingNotFound(format_id("sh", entry))
            tx.changed("search_entry", "mine", user_id=actor.person)

    async def forget_searches(self, actor: Actor, *, box: str | None = None) -> int:
        """Forget all of them, or those of one box; how many."""
        async with self._db.write() as tx:
            mine = delete(ENTRY).where(ENTRY.c.user_id == actor.person)
            if box is not None:
                mine = mine.where(ENTRY.c.box == box)
            tx.changed("search_entry", "mine", user_id=actor.person)
            return (await tx.execute(mine)).rowcount

    async def keeps_searches(self, actor: Actor) -> bool:
        """Whether the person's searches are kept; they are unless they said otherwise."""
        async with self._db.read() as conn:
            return await _keeps(conn, actor.person)

    async def keep_searches(self, actor: Actor, keep: bool) -> None:
        """Keep what the person searches for from now on, or not. Not keeping it forgets what is there."""
        async with self._db.write() as tx:
            statement = upsert_into(tx.dialect, ListeningChoice).values(user_id=actor.person, keep_searches=keep)
            await tx.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_={"keep_searches": keep}))
            if not keep:
                await tx.execute(delete(ENTRY).where(ENTRY.c.user_id == actor.person))
            tx.changed("search_entry", "mine", user_id=actor.person)


async def _keeps(conn: AsyncConnection, user_id: int) -> bool:
    said = await conn.scalar(select(CHOICE.c.keep_searches).where(CHOICE.c.user_id == user_id))
    return said is None or bool(said)


async def _drop_oldest(tx: Transaction, user_id: int) -> None:
    mine = ENTRY.c.user_id == user_id
    if int(await tx.scalar(select(func.count()).select_from(ENTRY).where(mine)) or 0) <= MOST_KEPT:
        return
    newest = select(ENTRY.c.id).where(mine).order_by(ENTRY.c.searched_at.desc(), ENTRY.c.id.desc()).limit(MOST_KEPT)
    await tx.execute(delete(ENTRY).where(mine, ENTRY.c.id.not_in(newest)))
