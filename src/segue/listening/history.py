"""A person's own plays: looking through them, taking one away, saying that it was another track, and taking that back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.errors import Conflict
from segue.core.ids import TypedId, format_id
from segue.core.remembered import Memory
from segue.library.finding.wanted import Wanted
from segue.listening import counting_again, history_rows
from segue.listening.errors import ThingNotFound
from segue.listening.history_rows import Place, Sought
from segue.listening.models import Play, PlayChange
from segue.listening.names import slices, texts_of, tracks_named_after
from segue.listening.plays import PlayRow
from segue.listening.recording import one_at_a_time
from segue.listening.rollups import Tally
from segue.listening.things import Things

PLAY: Any = Play.__table__
CHANGE: Any = PlayChange.__table__
AT_ONCE = 100
"""Plays that are changed in one transaction."""
MOST_SINCE = 20_000
Played = Callable[[Transaction, str, Mapping[int, int]], Awaitable[None]]
"""Called as (tx, kind, plays more by number) in the transaction that counts plays, or takes them away."""


class AlreadyUndone(Conflict):
    def __init__(self, change: int) -> None:
        super().__init__("already_undone", f"{format_id('pc', change)} was taken back already.")


class Replaced(Conflict):
    def __init__(self, change: int) -> None:
        super().__init__(
            "changed_since",
            f"The play of {format_id('pc', change)} was changed again since.",
            hint="Take the later change back first.",
        )


class Catalogued(Protocol):
    """Who knows what texts mean in the catalogue that mean nothing here: metadata's service, handed in by app.py."""

    async def of(self, texts: Sequence[Wanted]) -> Sequence[Any]:
        """For each text a track of the catalogue, or None."""
        ...


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Some plays, newest first, and where to go on. There may be more than nothing behind an empty page."""

    plays: list[PlayRow]
    next: Place | None


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A play that was taken away (`op` delete) or given another track (edit): how it was before."""

    id: int
    op: str
    before: PlayRow
    changed_at: datetime
    undone_at: datetime | None


class History(Things):
    """One person's plays as a list that can be put right."""

    def __init__(self, db: Database, music: Memory) -> None:
        super().__init__(db, music)
        self.on_played: list[Played] = []
        self.catalog: Catalogued | None = None
        """Knows what is not here; None where nobody does."""

    async def history(
        self,
        actor: Actor,
        *,
        before: Place | None = None,
        limit: int = 50,
        sought: Sought | None = None,
    ) -> HistoryPage:
        """The person's own plays, newest first, from before `before`; `sought` says which.

        A page looks through a bounded number of plays, so that it may hold fewer than `limit` and still not be the last.
        """
        async with self._db.read() as conn:
            rows, after = await history_rows.page(conn, actor.person, before, limit, sought or Sought())
        return HistoryPage([PlayRow.of(row._mapping) for row in rows], after)

    async def played_since(self, actor: Actor, since: datetime) -> list[tuple[int, datetime]]:
        """The tracks that the person played since then and when, the newest first; the newest 20,000 of them."""
        async with self._db.read() as conn:
            return await history_rows.tracks_since(conn, actor.person, since, MOST_SINCE)

    async def in_catalog(self, actor: Actor, plays: Sequence[PlayRow]) -> list[Any | None]:
        """What plays of what is not here mean in the catalogue; None for the others, and where that is not known."""
        places = [place for place, play in enumerate(plays) if play.track_id is None]
        found: list[Any | None] = [None] * len(plays)
        if self.catalog is None or not places:
            return found
        async with self._db.read() as conn:
            texts = await texts_of(conn, actor.person, [plays[place] for place in places])
        for place, one in zip(places, await self.catalog.of(texts), strict=True):
            found[place] = one
        return found

    async def names_after(self, conn: AsyncConnection, after: int, limit: int) -> list[tuple[int, Wanted]]:
        """What was heard that is not here, by the number of its name, from behind `after` on: for who looks for it
        elsewhere."""
        return await tracks_named_after(conn, after, limit)

    async def play_sources(self, actor: Actor) -> list[tuple[str, str, str]]:
        """(source, client, device) of where the person's plays came from, as far as the last ones say."""
        async with self._db.read() as conn:
            return await history_rows.sources(conn, actor.person)

    async def delete_plays(self, actor: Actor, plays: Sequence[int]) -> list[int]:
        """Take plays away; what they counted for has as many less. The numbers of the changes, to take that back.

        Raises ThingNotFound for one that is not the person's, before anything is changed.
        """
        await self._check_all(actor, plays)
        changes: list[int] = []
        for some in slices(list(dict.fromkeys(plays)), AT_ONCE):
            async with self._db.write() as tx:
                rows = await self._own(tx, actor, some)
                changes += await _note(tx, actor, "delete", rows)
                less = await counting_again.take_out(tx, actor.person, rows)
                await tx.execute(delete(PLAY).where(PLAY.c.id.in_([row.id for row in rows])))
                await counting_again.look_at_edges(tx, actor.person, less)
                await self._count_elsewhere(tx, actor.person, less)
        return changes

    async def edit_play(self, actor: Actor, play: int, track_id: int | None) -> int:
        """Say that a play was of another track, or of none here (None). The number of the change, to take that back.

        A play that had a track takes over what the new one is called; one that had none keeps its own words.
        Raises ThingNotFound.
        """
        async with self._db.write() as tx:
            if track_id is not None:
                await self._find(tx, actor, [TypedId("tr", track_id)])
            rows = await self._own(tx, actor, [play])
            (change,) = await _note(tx, actor, "edit", rows)
            await self.move_plays(tx, actor, rows, track_id, new_words=rows[0].track_id is not None)
        return change

    async def play_changes(self, actor: Actor, *, before: int | None = None, limit: int = 50) -> list[ChangeView]:
        """What the person changed in their history, the latest first."""
        mine = select(CHANGE).where(CHANGE.c.user_id == actor.person)
        if before is not None:
            mine = mine.where(CHANGE.c.id < before)
        async with self._db.read() as conn:
            rows = (await conn.execute(mine.order_by(CHANGE.c.id.desc()).limit(limit))).all()
        return [
            ChangeView(row.id, row.op, PlayRow.of(_read(row.before)), row.changed_at, row.undone_at) for row in rows
        ]

    async def undo_play_change(self, actor: Actor, change: int) -> None:
        """Let a play be as it was before. Raises ThingNotFound, AlreadyUndone, Replaced."""
        async with self._db.write() as tx:
            await one_at_a_time(tx, actor.person)
            mine = select(CHANGE).where(CHANGE.c.id == change, CHANGE.c.user_id == actor.person)
            row = (await tx.execute(mine)).first()
            if row is None:
                raise ThingNotFound(format_id("pc", change))
            if row.undone_at is not None:
                raise AlreadyUndone(change)
            there = (await tx.execute(select(PLAY).where(PLAY.c.id == row.play_id))).first()
            later = await tx.scalar(
                select(CHANGE.c.id).where(
                    CHANGE.c.play_id == row.play_id, CHANGE.c.id > change, CHANGE.c.undone_at.is_(None)
                )
            )
            if later is not None or (row.op == "edit") != (there is not None):
                raise Replaced(change)
            before = _read(row.before)
            track = row.subject if row.subject > 0 else None
            if there is not None:
                less = await counting_again.take_out(tx, actor.person, [there])
                await tx.execute(update(PLAY).where(PLAY.c.id == row.play_id).values(before | {"track_id": track}))
                await counting_again.look_at_edges(tx, actor.person, less)
                await self._count_elsewhere(tx, actor.person, less)
            else:
                await tx.execute(insert(PLAY).values(before | {"track_id": track}))
            play = (await tx.execute(select(PLAY).where(PLAY.c.id == row.play_id))).one()
            context, _, names = await counting_again.context_of(tx, self._music, _anywhere(actor), [play], track)
            more = await counting_again.put_in(tx, actor.person, [play], context, names)
            await self._count_elsewhere(tx, actor.person, more)
            await tx.execute(update(CHANGE).where(CHANGE.c.id == change).values(undone_at=utc_now()))

    async def move_plays(
        self, tx: Transaction, actor: Actor, rows: Sequence[Any], track_id: int | None, *, new_words: bool
    ) -> None:
        """Let plays of one person be of another track (None: of what their words say), in all that they count for.

        With `new_words` they are called as the track is. Inside a transaction that has the person's turn.
        """
        less = await counting_again.take_out(tx, actor.person, rows)
        context, track, names = await counting_again.context_of(tx, self._music, _anywhere(actor), rows, track_id)
        words: dict[str, Any] = {"track_id": track_id}
        if track is not None and new_words:
            words |= {
                "title": track.title,
                "artist": track.artist,
                "album": track.album,
                "album_artist": track.album_artist,
                "external_ids": track.external_ids or None,
            }
        if track is not None:
            words["duration_ms"] = track.duration_ms
        for some in slices([row.id for row in rows]):
            await tx.execute(update(PLAY).where(PLAY.c.id.in_(some)).values(words))
        plays: list[Any] = []
        for some in slices([row.id for row in rows]):
            plays += (await tx.execute(select(PLAY).where(PLAY.c.id.in_(some)))).all()
        more = await counting_again.put_in(tx, actor.person, plays, context, names)
        await counting_again.look_at_edges(tx, actor.person, less)
        await self._count_elsewhere(tx, actor.person, less)
        await self._count_elsewhere(tx, actor.person, more)

    async def _check_all(self, actor: Actor, plays: Sequence[int]) -> None:
        async with self._db.read() as conn:
            there = {row.id for row in await _plays(conn, actor.person, plays)}
        for play in plays:
            if play not in there:
                raise ThingNotFound(format_id("py", play))

    async def _own(self, tx: Transaction, actor: Actor, plays: Sequence[int]) -> Sequence[Any]:
        await one_at_a_time(tx, actor.person)
        rows = await _plays(tx.conn, actor.person, plays)
        if not rows:
            raise ThingNotFound(format_id("py", plays[0]))
        return rows

    async def _count_elsewhere(self, tx: Transaction, user_id: int, tally: Tally) -> None:
        """Tell those who keep counts of everybody's plays, and the change feed."""
        for kind in ("track", "album", "artist"):
            more = {number: plays for number, plays in tally.counts(kind).items() if plays}
            for number in more:
                tx.changed(kind, number, user_id=user_id)
            for hook in self.on_played if more else ():
                await hook(tx, kind, more)
        tx.changed("play", "mine", user_id=user_id)


def _anywhere(actor: Actor) -> Actor:
    """The person as they were when they heard it: what they may see by now does not change what they did."""
    return Actor(actor.user_id, actor.name, libraries=None, time_zone=actor.time_zone)


async def _plays(conn: AsyncConnection, user_id: int, plays: Sequence[int]) -> Sequence[Any]:
    found: list[Any] = []
    for some in slices(list(plays)):
        mine = select(PLAY).where(PLAY.c.id.in_(some), PLAY.c.user_id == user_id)
        found += (await conn.execute(mine.order_by(PLAY.c.id))).all()
    return found


async def _note(tx: Transaction, actor: Actor, op: str, plays: Iterable[Any]) -> list[int]:
    """Keep how plays were, and give the numbers under which that is kept."""
    now = utc_now()
    rows = [
        {
            "user_id": actor.person,
            "op": op,
            "play_id": play.id,
            "subject": play.subject,
            "played_at": play.played_at,
            "before": _written(play._mapping),
            "changed_at": now,
        }
        for play in plays
    ]
    statement = insert(CHANGE).returning(CHANGE.c.id, sort_by_parameter_order=True)
    return [int(row[0]) for row in (await tx.execute(statement, rows)).all()]


def _written(play: Mapping[str, Any]) -> dict[str, Any]:
    return {**play, "played_at": play["played_at"].astimezone(UTC).isoformat()}


def _read(written: Mapping[str, Any]) -> dict[str, Any]:
    return {**written, "played_at": datetime.fromisoformat(written["played_at"])}


__all__ = ["AlreadyUndone", "ChangeView", "History", "HistoryPage", "Place", "Replaced", "Sought"]
