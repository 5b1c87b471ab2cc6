"""What a person thinks of music: stars, ratings from 1 to 5, and what they do not want to hear."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.ids import TypedId
from segue.core.remembered import Memory, Remembered
from segue.listening import annotation_rows
from segue.listening.errors import BadRating
from segue.listening.things import Things, by_kind

Opinion = Callable[[Transaction, int, Sequence[Remembered], bool], Awaitable[None]]
"""Called as (tx, user, tracks, whether) in the transaction in which a person's opinion of tracks changes."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What another program knew of one person's opinion of a thing; None where it said nothing.

    `plays` are those that it counted without saying when each was.
    """

    kind: str
    id: int
    starred_at: datetime | None = None
    rating: int | None = None
    rated_at: datetime | None = None
    hated_at: datetime | None = None
    plays: int | None = None
    last_played_at: datetime | None = None


class Marks(Things):
    """Stars, ratings and dislikes of one person."""

    def __init__(self, db: Database, music: Memory) -> None:
        super().__init__(db, music)
        self.on_loved: list[Opinion] = []
        self.on_hated: list[Opinion] = []

    async def star(self, actor: Actor, things: Iterable[TypedId]) -> None:
        """Star `things`; what is starred already keeps its date. Raises ThingNotFound before anything is changed."""
        async with self._db.write() as tx:
            for kind, found in (await self._find(tx, actor, things)).items():
                done = await annotation_rows.having(
                    tx.conn, actor.person, kind, "starred_at", [thing.id for thing in found]
                )
                fresh = [thing for thing in found if thing.id not in done]
                await annotation_rows.annotate(tx, actor.person, kind, fresh, {"starred_at": utc_now()})
                self._announce(tx, actor, kind, [thing.id for thing in fresh])
                await self._tell(tx, actor, kind, fresh, self.on_loved, True)

    async def unstar(self, actor: Actor, things: Iterable[TypedId]) -> None:
        """Take the stars off `things`; no star is no error, and neither is a thing that is gone."""
        async with self._db.write() as tx:
            for kind, ids in by_kind(things).items():
                cleared = await annotation_rows.clear(tx, actor.person, kind, "starred_at", ids)
                self._announce(tx, actor, kind, cleared)
                known = await self._music.remembered(tx.conn, actor, kind, cleared)
                await self._tell(tx, actor, kind, list(known.values()), self.on_loved, False)

    async def hate(self, actor: Actor, things: Iterable[TypedId]) -> None:
        """Say that `things` are not to be heard: mixes and radio leave them out. Raises ThingNotFound.

        A track that is starred keeps its star: which of the two holds, a service that knows only one of them is told last.
        """
        async with self._db.write() as tx:
            for kind, found in (await self._find(tx, actor, things)).items():
                done = await annotation_rows.having(
                    tx.conn, actor.person, kind, "hated_at", [thing.id for thing in found]
                )
                fresh = [thing for thing in found if thing.id not in done]
                await annotation_rows.annotate(tx, actor.person, kind, fresh, {"hated_at": utc_now()})
                self._announce(tx, actor, kind, [thing.id for thing in fresh])
                await self._tell(tx, actor, kind, fresh, self.on_hated, True)

    async def unhate(self, actor: Actor, things: Iterable[TypedId]) -> None:
        """Take that back; what was never said is no error."""
        async with self._db.write() as tx:
            for kind, ids in by_kind(things).items():
                cleared = await annotation_rows.clear(tx, actor.person, kind, "hated_at", ids)
                self._announce(tx, actor, kind, cleared)
                known = await self._music.remembered(tx.conn, actor, kind, cleared)
                await self._tell(tx, actor, kind, list(known.values()), self.on_hated, False)

    async def rate(self, actor: Actor, thing: TypedId, rating: int) -> None:
        """Rate `thing` 1 to 5, or 0 for no rating. Raises BadRating, ThingNotFound."""
        if not 0 <= rating <= 5:
            raise BadRating(rating)
        async with self._db.write() as tx:
            for kind, found in (await self._find(tx, actor, [thing])).items():
                values = {"rating": rating or None, "rated_at": utc_now()}
                await annotation_rows.annotate(tx, actor.person, kind, found, values)
                self._announce(tx, actor, kind, [one.id for one in found])

    async def import_marks(self, tx: Transaction, actor: Actor, marks: Sequence[Mark]) -> int:
        """Take over what another program knew; the number of things that are different now. Nobody outside is told.

        A star stays as old as the older one, a rating that is there stays where the other is older, and `plays` replace
        what the same thing had from elsewhere where they are more. What is not there, or not to be seen, is passed over.
        """
        changed = 0
        grouped: dict[str, list[Mark]] = defaultdict(list)
        for mark in marks:
            grouped[mark.kind].append(mark)
        for kind, given in grouped.items():
            known = await self._music.remembered(tx.conn, actor, kind, [mark.id for mark in given])
            there = await annotation_rows.of(tx.conn, actor.person, kind, list(known))
            rows = []
            for mark in given:
                if mark.id in known:
                    values = annotation_rows.joined(there.get(mark.id), mark)
                    if values is not None:
                        rows.append((known[mark.id], values))
            await annotation_rows.put(tx, actor.person, kind, rows)
            self._announce(tx, actor, kind, [thing.id for thing, _ in rows])
            changed += len(rows)
        return changed

    async def _tell(
        self,
        tx: Transaction,
        actor: Actor,
        kind: str,
        things: Sequence[Remembered],
        hooks: Sequence[Opinion],
        whether: bool,
    ) -> None:
        if kind == "track" and things:
            for hook in hooks:
                await hook(tx, actor.person, things, whether)
