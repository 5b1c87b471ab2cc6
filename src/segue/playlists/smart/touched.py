"""Which smart lists a change touches: a cheap rule over the change feed, that costs what has changed.

Music that came, went or is called otherwise (changes for everybody) touches every smart list. What a person did (a play, a
star, a rating: changes for that person alone) touches the lists of that person's that ask about such things. A change of a
playlist touches those that ask for what is in lists. The feed tells their readers, so that a page that shows one reads it
again; nothing is asked by the clock.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.changes import Change, ChangeFeed, ChangeItem
from segue.core.ids import format_id
from segue.playlists import repository

MUSIC = ("track", "album", "artist", "genre", "label", "file", "folder", "library")
DONE = ("track", "album", "artist", "play")
LISTS = ("playlist",)


class Newest:
    """The newest changes of music, of lists and of what each person did, as cursors of the feed."""

    def __init__(self, feed: ChangeFeed) -> None:
        self._feed = feed
        self._seen = -1
        self._people: dict[int, int] = {}
        self.of_music = 0
        self.of_lists = 0

    async def look(self, conn: AsyncConnection) -> None:
        """Read what came since the last look."""
        until = await self._feed.newest()
        if self._seen < 0 or until < self._seen:  # the first look, or a database that was restored
            self._seen = self.of_music = self.of_lists = until
            self._people.clear()
            return
        for kind, person, cursor in await _kinds(conn, self._seen, until):
            if kind in LISTS:
                self.of_lists = max(self.of_lists, cursor)
            elif person <= 0 and kind in MUSIC:
                self.of_music = max(self.of_music, cursor)
            elif person > 0 and kind in DONE:
                self._people[person] = max(self._people.get(person, 0), cursor)
        self._seen = until

    def of_person(self, person: int) -> int:
        return self._people.get(person, 0)


async def touched(conn: AsyncConnection, actor: Actor, since: int, until: int) -> list[ChangeItem]:
    """The smart lists that `actor` may see and that changes after `since`, up to `until`, touched, with the newest cursor
    that did."""
    lists = await repository.smart_seen_by(conn, actor.person)
    if not lists:
        return []
    changes = await _kinds(conn, since, until)
    music = max((cursor for kind, person, cursor in changes if person <= 0 and kind in MUSIC), default=0)
    done: dict[int, int] = {}
    for kind, person, cursor in changes:
        if person > 0 and kind in DONE:
            done[person] = max(done.get(person, 0), cursor)
    found = []
    for row in lists:
        cursor = max(music, done.get(row.owner_id, 0) if row.personal else 0)
        if cursor:
            found.append(ChangeItem("playlist", format_id("pl", row.id), "upsert", cursor))
    return found


async def _kinds(conn: AsyncConnection, since: int, until: int) -> Sequence[tuple[str, int, int]]:
    """What kinds of things changed for whom (0: everybody, below 0: who sees a library), with the newest cursor of each."""
    statement = (
        select(Change.kind, Change.user_id, func.max(Change.cursor))
        .where(Change.cursor > since, Change.cursor <= until)
        .group_by(Change.kind, Change.user_id)
    )
    return [(row[0], row[1], row[2]) for row in await conn.execute(statement)]
