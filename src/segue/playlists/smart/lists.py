"""Smart lists as the rest of playlists asks for them: what they hold, how much, and whether they go in a circle."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.playlists.errors import BadPlaylist, PlaylistCycle, TooDeep
from segue.playlists.smart import measure
from segue.playlists.smart.inside import DEEPEST, Way, named_lists
from segue.playlists.smart.measure import Figures
from segue.playlists.smart.reading import Asked, ask, is_personal, lists_named
from segue.playlists.views import People
from segue.query import Entities

__all__ = ["Figures", "Saved", "SmartLists"]


class Ground(Protocol):
    """Who knows people."""

    people: People


@dataclass(frozen=True, slots=True)
class Saved:
    """What is kept beside a query that was found good."""

    query: str
    normalized: str
    personal: bool
    figures: Figures

    def values(self) -> dict[str, Any]:
        """The columns of a list with this query."""
        return {"query": self.query, "normalized": self.normalized, "personal": self.personal, "kind": "smart"}


class SmartLists:
    """Reads smart lists. `entities` are what can be asked; without them (in tests of manual lists) there are none."""

    def __init__(self, db: Database, entities: Entities | None, ground: Ground) -> None:
        self._db = db
        self._entities = entities
        self._ground = ground

    # --- reading ------------------------------------------------------------------------------------------------------

    async def asked(self, actor: Actor, row: Any, now: datetime | None = None) -> Asked:
        """The question of a list, for `actor` to see the answer of. Raises BadQuery where it cannot be asked any more."""
        owner = await self._owner(actor, row.owner_id)
        asked = self._ask(owner, actor, row.query or "", f"pl-{row.id}.{row.revision}", now)
        return asked.on(Way([(row.id, row.name)]))

    async def page(
        self, conn: AsyncConnection, asked: Asked, limit: int, cursor: str | None
    ) -> tuple[list[int], str | None]:
        """The ids of one page of a list in order, and the cursor of the next."""
        return await measure.page(conn, asked, limit, cursor)

    async def opened(
        self, conn: AsyncConnection, asked: Asked, limit: int, cursor: str | None
    ) -> tuple[list[int], str | None, Figures]:
        """One page of a list, with how much the list holds."""
        return await measure.opened(conn, asked, limit, cursor)

    async def ids(self, conn: AsyncConnection, asked: Asked, most: int) -> list[int]:
        """All ids of a list in order, `most` at most."""
        return await measure.first_ids(conn, asked, most)

    async def figures(self, conn: AsyncConnection, asked: Asked) -> Figures:
        """How many tracks a list holds and how long they play, exact to 10,000."""
        return await measure.figures(conn, asked)

    def written(self, actor: Actor, text: str) -> Asked:
        """The question that `actor` is writing. Raises BadQuery."""
        return self._ask(actor, actor, text, "preview", None)

    # --- saving -------------------------------------------------------------------------------------------------------

    async def check(
        self,
        conn: AsyncConnection,
        owner: Actor,
        text: str,
        *,
        playlist_id: int | None = None,
        name: str = "",
        first: int = 0,
    ) -> Saved:
        """What to keep of a query that is to fill a list; its figures with the `first` tracks of it.

        Raises BadQuery, PlaylistCycle, TooDeep.
        """
        asked = self._ask(owner, owner, text, "check", None)
        await self._check_circle(conn, owner, asked, playlist_id, name)
        if first:
            ids, _, found = await measure.opened(conn, asked, first, None)
            found = replace(found, first=tuple(ids))
        else:
            found = await measure.figures(conn, asked)
        return Saved(text.strip(), asked.parsed.normalized, is_personal(asked), found)

    async def _check_circle(
        self, conn: AsyncConnection, owner: Actor, asked: Asked, playlist_id: int | None, name: str
    ) -> None:
        """Follow every list that the question asks about, down to manual ones. `name` is what the new list is called."""
        path: list[tuple[int, str]] = [(playlist_id or 0, name)]
        followed: set[int] = set()

        async def follow(question: Asked, person: Actor) -> None:
            if len(path) > DEEPEST:
                raise TooDeep(DEEPEST)
            numbers, names = lists_named(question.question.where)
            for row in await named_lists(conn, person.person, numbers, names):
                above = [number for number, _ in path]
                if row.id in above:
                    circle = [said for _, said in path[above.index(row.id) :]]
                    raise PlaylistCycle([*circle, circle[0]])
                if row.kind != "smart" or row.id in followed:
                    continue
                followed.add(row.id)
                keeper = await self._owner(person, row.owner_id)
                path.append((row.id, row.name))
                await follow(self._ask(keeper, keeper, row.query or "", "check", None), keeper)
                path.pop()

        await follow(asked, owner)

    # --- inside -------------------------------------------------------------------------------------------------------

    def _ask(self, owner: Actor, reader: Actor, text: str, seed: str, now: datetime | None) -> Asked:
        if self._entities is None:
            raise BadPlaylist("no_queries", "There is nothing to ask here.")
        entity = self._entities["tracks"]
        return ask(entity, text, owner, reader.libraries, self._db.dialect, now or utc_now(), seed)

    async def _owner(self, actor: Actor, owner_id: int) -> Actor:
        """Who a list belongs to, as who they are when they ask; a person who may not sign in any more sees as before."""
        if owner_id == actor.person:
            return actor
        known = await self._ground.people.actors([owner_id])
        return known.get(owner_id) or Actor(owner_id, "", libraries=actor.libraries, time_zone=actor.time_zone)
