"""What people do with music: play it, star it, rate it, queue it, mark a place in it.

Each verb changes only the acting person's own rows, and keeps beside the id what the thing was called. The verbs about
opinions, queues, bookmarks and players stand in modules of their own; `ListeningService` is all of them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.changes import fact, set_fact
from segue.core.clock import utc_now, zone
from segue.core.db import Database, Transaction
from segue.core.ids import TypedId
from segue.core.inline import InlineWriter
from segue.core.remembered import Memory
from segue.jobs import JobContext, JobService
from segue.listening import annotation_rows, counting, counting_again, later, merging, players, repository
from segue.listening.bookmarks import Bookmarks, BookmarkView
from segue.listening.errors import BadQueue, BadRating, CannotAnnotate, ThingNotFound
from segue.listening.export import Exports, Form
from segue.listening.history import ChangeView, History, HistoryPage, Place, Played, Sought
from segue.listening.marks import Mark, Marks
from segue.listening.matching import COUNTED_AS, COUNTED_VERSION, Matcher, count_old_plays
from segue.listening.own_tags import OwnTags, OwnTagView
from segue.listening.players import Players, Playing
from segue.listening.plays import Listen, Outcome, PlayRow
from segue.listening.queues import Queue, Queues, QueueSummary
from segue.listening.recording import Recorded, record
from segue.listening.searches import Searches, SearchView

IMPORT_BATCH = 250
"""Listens that `import_plays` takes at once without holding SQLite's write lock for longer than some 20 ms."""
AHEAD = timedelta(minutes=10)
"""How far a player's clock may be ahead; a play from further in the future is one from now."""
TELL_SEARCH = "listening.tell_search"
TELL_AFTER = timedelta(seconds=30)
MATCH_PLAYS = "listening.match_plays"
COUNT_PLAYS = "listening.count_plays"

Counted = Callable[[Transaction, int, PlayRow], Awaitable[None]]
"""Called as (tx, user, play) in the transaction that counts a play."""


class ListeningService(History, Marks, OwnTags, Queues, Bookmarks, Players, Searches):
    """The only door to plays, stars, ratings, queues and bookmarks."""

    def __init__(self, db: Database, music: Memory, jobs: JobService | None = None) -> None:
        super().__init__(db, music)
        self._jobs = jobs
        self._inline = InlineWriter(db)
        self.on_counted: list[Counted] = []
        self.on_unmatched: list[Callable[[Transaction], Awaitable[None]]] = []
        """Called in the transaction in which plays came of what is not here."""
        self.tell_plays: Played | None = None
        """Told how often things were played by everybody, some time after an import; None where nobody wants to know."""
        self.matcher: Matcher | None = None
        """Gives plays of names the tracks that arrive; None where nobody finds tracks."""

    async def play(
        self,
        actor: Actor,
        track_id: int,
        *,
        played_at: datetime | None = None,
        client: str = "",
        device: str = "",
        source: str = "",
        duration_played_ms: int | None = None,
        by_rule: bool = False,
    ) -> bool:
        """Count a play of a track, of its album and of its artists, begun at `played_at` (now).

        False where it is known already: the same track on the same device (by default: in the same `client`), begun
        within 30 seconds of it. Whoever reports it says that it was a play; with `by_rule` it is one only where it was
        heard for long enough (`listening.counting`), and else False comes back. Raises ThingNotFound.
        """
        now = utc_now()
        moment = played_at if played_at is not None and played_at <= now + AHEAD else now
        listen = Listen(
            moment,
            track_id=track_id,
            duration_played_ms=duration_played_ms,
            source=source,
            client=client,
            device=device,
        )
        async with self._at_once() as tx:
            track = (await self._find(tx, actor, [TypedId("tr", track_id)]))["track"][0]
            if by_rule and not counting.counts(track.duration_ms, duration_played_ms or 0):
                return False
            done = await record(
                tx,
                self._music,
                actor,
                [listen],
                zone=zone(actor.time_zone),
                by_device=True,
                tell=True,
                tracks={track.id: track},
            )
            await self._tell_of(tx, actor, done)
        return done.outcome.added > 0

    @asynccontextmanager
    async def _at_once(self) -> AsyncIterator[Transaction]:
        """A transaction of some twenty short statements: on SQLite they run right here, since handing each of them to a thread
        and back would take several times as long as they do."""
        if self._db.dialect != "sqlite":
            async with self._db.write() as tx:
                yield tx
            return
        async with self._inline.write() as tx:
            yield tx

    async def close(self) -> None:
        """Let go of what was kept open."""
        await self._inline.close()

    async def import_plays(
        self,
        tx: Transaction,
        user_id: int,
        listens: Sequence[Listen],
        *,
        time_zone: str = "UTC",
        live: bool = False,
    ) -> Outcome:
        """Keep many listens of one person at once, as part of `tx`; at most IMPORT_BATCH, best in order of time.

        `time_zone` is the person's, for listens that do not say their offset. A listen of the same track (or, where it
        has none, the same names) begun within 30 seconds of a play that is there is that play, wherever either came from,
        so that importing twice adds nothing. `live` is for listens that happen now and are reported by another player:
        they are told to `on_counted` like any other play; of a past that is imported nobody is told.
        """
        actor = Actor(user_id, "", libraries=None, time_zone=time_zone)
        done = await record(tx, self._music, actor, listens, zone=zone(time_zone), by_device=False, tell=live)
        for unmatched in self.on_unmatched if done.outcome.unmatched else ():
            await unmatched(tx)
        if live:
            await self._tell_of(tx, actor, done)
        elif done.outcome.added:
            tx.changed("play", "mine", user_id=user_id)
            await self._tell_search_later(tx, user_id)
        return done.outcome

    def export(self, actor: Actor, form: Form) -> AsyncIterator[str]:
        """Everything that is the person's own, or their plays, as text in pieces; see `listening.export`."""
        return Exports(self._db).export(actor, form)

    async def plays_of(self, conn: AsyncConnection, kind: str, ids: Sequence[int]) -> dict[int, int]:
        """How often these tracks, albums or artists were played by anybody; those never played are left out."""
        return await annotation_rows.plays_of(conn, kind, ids)

    async def on_user_erased(self, tx: Transaction, user_id: int) -> None:
        """Called inside the transaction that erases a person."""
        await repository.erase_person(tx, user_id)

    async def on_track_merged(self, tx: Transaction, merged: int, kept: int) -> None:
        """Called inside the transaction that makes one track of two."""
        for less in await merging.merge_track(tx, merged, kept):
            for kind in ("track", "album", "artist"):
                for hook in self.on_played:
                    await hook(tx, kind, less.counts(kind))

    async def on_artist_merged(self, tx: Transaction, merged: int, kept: int) -> None:
        """Called inside the transaction that makes one artist of two."""
        await merging.merge_things(tx, "artist", merged, kept)

    async def on_album_ended(self, tx: Transaction, ended: int, kept: int) -> None:
        """Called inside the transaction in which an album ends, to the one that most of its tracks went to."""
        await merging.merge_things(tx, "album", ended, kept)

    async def housekeeping(self) -> None:
        """Forget players that have long stopped."""
        async with self._db.write() as tx:
            await players.forget_finished(tx, utc_now())

    async def tell_search(self, job: JobContext, user_id: int) -> dict[str, Any]:
        """The job after an import: tell the search how often things were played."""
        if self.tell_plays is None:
            return {"told": 0}
        return await later.tell_search(self._db, job, user_id, self.tell_plays)

    async def check(self) -> None:
        """Called at the start: ask for plays from before there were rollups to be counted."""
        async with self._db.read() as conn:
            if await fact(conn, COUNTED_AS) == COUNTED_VERSION:
                return
        async with self._db.write() as tx:
            if self._jobs is not None and await counting_again.newest_play(tx.conn):
                await self._jobs.enqueue(tx, COUNT_PLAYS, dedup_key=COUNT_PLAYS)
            else:
                await set_fact(tx, COUNTED_AS, COUNTED_VERSION)

    async def count_old_plays(self, job: JobContext) -> dict[str, Any]:
        """The job that `check` asks for."""
        return await count_old_plays(self._db, self._music, job)

    async def after_scan(self) -> None:
        """A hook of scans: see whether plays of what was not here have found their tracks."""
        if self._jobs is not None and self.matcher is not None and await self.matcher.anything_arrived():
            await self._jobs.enqueue_now(MATCH_PLAYS, dedup_key=MATCH_PLAYS, priority=-10)

    async def match_plays(self, job: JobContext) -> dict[str, Any]:
        """The job that `after_scan` asks for."""
        return await self.matcher.run(job) if self.matcher is not None else {"tracks": 0, "plays": 0}

    async def _tell_of(self, tx: Transaction, actor: Actor, done: Recorded) -> None:
        """Announce new plays, and what they are plays of, to whoever keeps it."""
        if not done.outcome.added:
            return
        await self._count_elsewhere(tx, actor.person, done.tally)
        for play in done.outcome.plays:
            for hook in self.on_counted:
                await hook(tx, actor.person, play)

    async def _tell_search_later(self, tx: Transaction, user_id: int) -> None:
        if self._jobs is not None:
            await self._jobs.enqueue(
                tx,
                TELL_SEARCH,
                {"user": user_id},
                dedup_key=f"{TELL_SEARCH}:{user_id}",
                run_at=utc_now() + TELL_AFTER,
            )


__all__ = [
    "BadQueue",
    "BadRating",
    "BookmarkView",
    "CannotAnnotate",
    "ChangeView",
    "Form",
    "HistoryPage",
    "Listen",
    "ListeningService",
    "Mark",
    "Outcome",
    "OwnTagView",
    "Place",
    "PlayRow",
    "Playing",
    "Queue",
    "QueueSummary",
    "SearchView",
    "Sought",
    "ThingNotFound",
]
