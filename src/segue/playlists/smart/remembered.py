"""How much smart lists hold, remembered for lists of lists until something changes that may change it.

A list that asks about music alone is counted anew when music changed; one that asks about plays, stars or ratings also when
its owner did something; one with dates that move, on the next day. Opening a list always counts anew.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.changes import ChangeFeed
from segue.core.clock import utc_now
from segue.playlists.smart.measure import Figures
from segue.playlists.smart.touched import Newest

MOST = 5_000


class FiguresKept:
    """Figures of lists, each good for one state of what they ask about. One a process."""

    def __init__(self, feed: ChangeFeed) -> None:
        self._newest = Newest(feed)
        self._kept: OrderedDict[tuple[Any, ...], Figures] = OrderedDict()
        self._last: OrderedDict[tuple[Any, ...], Figures] = OrderedDict()

    async def look(self, conn: AsyncConnection) -> None:
        """See what has changed since the last look; what `get` and `keep` say holds for that moment."""
        await self._newest.look(conn)

    def older(self, actor: Actor, row: Any) -> Figures:
        """What a list held when it was last counted for `actor`, else when it was saved."""
        return self._last.get((row.id, self._seen(actor))) or Figures(row.track_count, row.duration_ms)

    def get(self, actor: Actor, row: Any) -> Figures | None:
        """What a list holds for `actor`, where that is known and nothing changed."""
        return self._kept.get(self._key(actor, row))

    def keep(self, actor: Actor, row: Any, figures: Figures) -> None:
        self._kept[self._key(actor, row)] = figures
        self._last[(row.id, self._seen(actor))] = figures
        for kept in (self._kept, self._last):
            while len(kept) > MOST:
                kept.popitem(last=False)

    def _key(self, actor: Actor, row: Any) -> tuple[Any, ...]:
        day = utc_now().astimezone(ZoneInfo(actor.time_zone)).date().isoformat()
        own = self._newest.of_person(row.owner_id) if row.personal else 0
        return row.id, row.revision, self._seen(actor), day, self._newest.of_music, self._newest.of_lists, own

    @staticmethod
    def _seen(actor: Actor) -> Any:
        return "all" if actor.libraries is None else tuple(sorted(actor.libraries))
