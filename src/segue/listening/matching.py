"""Plays of music that was not here, once it arrives, also where it had been here before and was forgotten; and plays from
before there were rollups, counted at last.

What arrived and what went is read from the change feed. Only names that share a key with an arrived track are looked at
again, so that the cost follows what arrived, not how much was ever heard.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import select, update

from segue.core.access import SYSTEM, Actor
from segue.core.changes import ChangeFeed, CursorTooOld, fact, set_fact
from segue.core.db import Database, Transaction
from segue.core.remembered import Memory
from segue.jobs import JobContext
from segue.library.finding.service import FindingService
from segue.library.finding.wanted import wanted_of
from segue.listening import counting_again, forgotten
from segue.listening.history import History
from segue.listening.models import HeardName, HeardNameKey, Play, PlayChange
from segue.listening.names import slices
from segue.listening.plays import local_hour
from segue.listening.recording import one_at_a_time
from segue.listening.rollups import counted_for, names_from

PLAY: Any = Play.__table__
NAME: Any = HeardName.__table__
SEEN_UP_TO = "listening_matched_up_to"
COUNTED_AS = "plays_counted_as"
COUNTED_VERSION = "1"
ARRIVED_AT_ONCE = 500
MOVED_AT_ONCE = 100
COUNTED_AT_ONCE = 100


class People(Protocol):
    """Who knows what people may see: accounts' service."""

    async def actors(self, user_ids: Collection[int]) -> dict[int, Actor]:
        """Those of these people who may sign in, as who they are when they act."""
        ...


class Matcher:
    """Gives plays the tracks they are of."""

    def __init__(self, db: Database, listening: History, finding: FindingService, people: People) -> None:
        self._db = db
        self._listening = listening
        self._finding = finding
        self._people = people
        self._feed = ChangeFeed(db)

    async def anything_arrived(self) -> bool:
        """Whether tracks changed since they were looked at, and there are plays they may matter to; the first time, no."""
        async with self._db.read() as conn:
            seen = await fact(conn, SEEN_UP_TO)
            waiting = await conn.scalar(select(PLAY.c.id).limit(1))
        newest = await self._feed.newest()
        if seen is None or waiting is None:
            async with self._db.write() as tx:
                await set_fact(tx, SEEN_UP_TO, str(newest))
            return False
        return int(seen) < newest

    async def run(self, job: JobContext) -> dict[str, Any]:
        """Look at what arrived; goes on where it was stopped."""
        async with self._db.read() as conn:
            seen = int(await fact(conn, SEEN_UP_TO) or 0)
        arrived, moved = 0, int(job.checkpoint.get("moved", 0))
        job.progress(arrived, phase="match", unit="tracks")
        while True:
            job.check()
            try:
                page = await self._feed.since(seen, SYSTEM, kinds=("track",), limit=ARRIVED_AT_ONCE)
                tracks = [int(item.id.partition("-")[2]) for item in page.items if item.op == "upsert"]
                ended = [int(item.id.partition("-")[2]) for item in page.items if item.op == "delete"]
                seen, more = page.cursor, page.more
            except CursorTooOld:
                tracks, ended, more, seen = [], [], False, await self._feed.newest()
            moved += await self._forget(job, ended)
            moved += await self._match(job, tracks)
            arrived += len(tracks)
            async with self._db.write() as tx:
                await job.guard(tx)
                await set_fact(tx, SEEN_UP_TO, str(seen))
                await job.save({"moved": moved}, tx=tx)
            job.progress(arrived)
            if not more:
                return {"tracks": arrived, "plays": moved}

    async def _forget(self, job: JobContext, ended: Sequence[int]) -> int:
        """Let plays of tracks that are gone be of what their words say; how many found another track at once."""
        async with self._db.read() as conn:
            gone = await self._finding.forgotten(conn, ended)
            played = await forgotten.played(conn, sorted(gone)) if gone else []
        names: dict[int, set[int]] = defaultdict(set)
        for user, track in played:
            count = MOVED_AT_ONCE
            while count == MOVED_AT_ONCE:
                job.check()
                async with self._db.write() as tx:
                    await job.guard(tx)
                    person = Actor(user, "", libraries=None)
                    count, named = await forgotten.let_go(tx, self._listening, person, track, MOVED_AT_ONCE)
                names[user] |= named
        rows: dict[int, list[Any]] = {}
        async with self._db.read() as conn:
            for user, numbers in names.items():
                rows[user] = []
                for some in slices(sorted(numbers)):
                    rows[user] += (await conn.execute(select(NAME).where(NAME.c.id.in_(some)))).all()
        return await self._find(job, rows)

    async def _match(self, job: JobContext, tracks: Sequence[int]) -> int:
        async with self._db.read() as conn:
            if await conn.scalar(select(HeardNameKey.name_id).limit(1)) is None:
                return 0
            keys = frozenset[str]().union(*(await self._finding.keys_arrived(conn, tracks)).values()) if tracks else ()
            names: dict[int, list[Any]] = defaultdict(list)
            for some in slices(sorted(keys)):
                with_key = select(HeardNameKey.name_id).where(HeardNameKey.key.in_(some))
                for row in await conn.execute(select(NAME).where(NAME.c.id.in_(with_key), NAME.c.kind == "track")):
                    names[row.user_id].append(row)
        return await self._find(job, names)

    async def _find(self, job: JobContext, names: Mapping[int, Sequence[Any]]) -> int:
        """Look for the tracks of names, by person; how many plays found theirs."""
        moved = 0
        people = await self._people.actors(list(names)) if names else {}
        for user, actor in sorted(people.items()):
            rows = list({row.id: row for row in names[user]}.values())
            wanted = [wanted_of(row.title, row.artist, row.album, row.duration_ms, row.external_ids) for row in rows]
            for row, found in zip(rows, await self._finding.find_for(actor, wanted), strict=True):
                if found is not None and found.sure:
                    moved += await self._give(job, actor, row.id, found.track_id)
        return moved

    async def _give(self, job: JobContext, actor: Actor, name: int, track_id: int) -> int:
        """Let all plays of a name be of a track, some at a time; how many."""
        moved = 0
        while True:
            job.check()
            async with self._db.write() as tx:
                await job.guard(tx)
                count = await give_track(tx, self._listening, actor, name, track_id, MOVED_AT_ONCE)
            moved += count
            if count < MOVED_AT_ONCE:
                return moved


async def give_track(tx: Transaction, listening: History, actor: Actor, name: int, track_id: int, limit: int) -> int:
    """Let at most `limit` plays of a name be of a track, with everything they count for; how many there were."""
    await one_at_a_time(tx, actor.person)
    plays = await counting_again.plays_from(tx.conn, actor.person, -name, limit)
    if plays:
        await listening.move_plays(tx, actor, plays, track_id, new_words=False)
    if len(plays) < limit:
        noted = update(PlayChange).where(PlayChange.user_id == actor.person, PlayChange.subject == -name)
        await tx.execute(noted.values(subject=track_id))
    named = [number for play in plays for number in (play.subject, *_named(play.counted)) if number < 0]
    await counting_again.drop_silent_names(tx, actor.person, set(named))
    return len(plays)


def _named(counted: Sequence[Any] | None) -> list[int]:
    return [] if counted is None else [counted[0], *counted[1]]


async def count_old_plays(db: Database, music: Memory, job: JobContext) -> dict[str, Any]:
    """Count plays from before there were rollups, oldest rows first; goes on where it was stopped."""
    after, done = int(job.checkpoint.get("after", 0)), int(job.checkpoint.get("done", 0))
    job.progress(done, phase="count", unit="plays")
    while True:
        job.check()
        async with db.write() as tx:
            await job.guard(tx)
            older = select(PLAY.c.id, PLAY.c.user_id).where(PLAY.c.id > after)
            rows = (await tx.execute(older.order_by(PLAY.c.id).limit(COUNTED_AT_ONCE))).all()
            for user in sorted({row.user_id for row in rows}):
                await one_at_a_time(tx, user)
                done += await _count_some(tx, music, user, [row.id for row in rows if row.user_id == user])
            if not rows:
                await set_fact(tx, COUNTED_AS, COUNTED_VERSION)
                return {"plays": done}
            after = rows[-1].id
            await job.save({"after": after, "done": done}, tx=tx)
        job.progress(done)


async def _count_some(tx: Transaction, music: Memory, user: int, numbers: Sequence[int]) -> int:
    plays: list[Any] = []
    for some in slices(numbers):
        plays += (await tx.execute(select(PLAY).where(PLAY.c.id.in_(some), PLAY.c.counted.is_(None)))).all()
    if not plays:
        return 0
    for play in plays:
        hour = local_hour(play.played_at, play.zone_offset_minutes)
        await tx.execute(update(PLAY).where(PLAY.c.id == play.id).values(local_hour=hour))
    plays = []
    for some in slices(numbers):
        plays += (await tx.execute(select(PLAY).where(PLAY.c.id.in_(some), PLAY.c.counted.is_(None)))).all()
    actor = Actor(user, "", libraries=None)
    wanted = sorted({play.track_id for play in plays if play.track_id is not None})
    tracks = await music.remembered(tx.conn, actor, "track", wanted)
    context = {
        play.id: (play.track_id, counted_for(tracks[play.track_id]))
        if play.track_id in tracks
        else (play.track_id or play.subject, [0, [], [], None])
        for play in plays
    }
    names = names_from(tx, music, actor, tracks)
    await counting_again.put_in(tx, user, plays, context, names, again=True)
    return len(plays)
