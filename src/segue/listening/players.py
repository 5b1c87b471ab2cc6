"""What people's players are playing right now; a player that says nothing any more is forgotten when its track is over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Database, Transaction, upsert_into
from segue.core.ids import TypedId
from segue.core.remembered import Memory, Remembered
from segue.listening.models import NowPlaying
from segue.listening.things import Things

GRACE = timedelta(minutes=5)
"""How long after its end a track is still said to be on: players pause, and clocks differ."""
UNKNOWN_LENGTH_MS = 600_000
NowPlayingHook = Callable[[Transaction, int, Remembered, str], Awaitable[None]]
"""Called as (tx, user, track, client) in the transaction in which a player begins with a track, or goes on after a pause."""
TABLE: Any = NowPlaying.__table__


@dataclass(frozen=True, slots=True)
class Playing:
    """One player that is playing: whose, which, what, where in it (`position_ms` at `reported_at`), and since when."""

    user_id: int
    client: str
    device: str
    track_id: int
    position_ms: int
    paused: bool
    started_at: datetime
    reported_at: datetime
    title: str = ""
    artist: str = ""
    album: str = ""

    def position_at(self, moment: datetime) -> int:
        """Where in the track the player should be at `moment`, in milliseconds."""
        passed = 0 if self.paused else max(0, round((moment - self.reported_at).total_seconds() * 1000))
        return self.position_ms + passed


class Players(Things):
    """Who is playing what."""

    def __init__(self, db: Database, music: Memory) -> None:
        super().__init__(db, music)
        self.on_now_playing: list[NowPlayingHook] = []

    async def now_playing(
        self,
        actor: Actor,
        track_id: int,
        *,
        client: str = "",
        device: str = "",
        position_ms: int = 0,
        paused: bool = False,
    ) -> None:
        """Say that `actor` is playing this track; it is forgotten when it must be over. Raises ThingNotFound."""
        now, name = utc_now(), device or client
        async with self._db.write() as tx:
            track = (await self._find(tx, actor, [TypedId("tr", track_id)]))["track"][0]
            mine = select(TABLE).where(TABLE.c.user_id == actor.person, TABLE.c.device == name)
            before = (await tx.execute(mine)).first()
            goes_on = before is not None and before.track_id == track.id and before.expires_at > now
            left = max(0, (track.duration_ms or UNKNOWN_LENGTH_MS) - position_ms)
            values = {
                "user_id": actor.person,
                "device": name,
                "client": client,
                "track_id": track.id,
                "position_ms": position_ms,
                "paused": paused,
                "started_at": before.started_at if before is not None and goes_on else now,
                "reported_at": now,
                "expires_at": now + timedelta(milliseconds=left) + GRACE,
            }
            statement = upsert_into(tx.dialect, NowPlaying).values(values)
            changed = {name: statement.excluded[name] for name in values if name not in ("user_id", "device")}
            await tx.execute(statement.on_conflict_do_update(index_elements=["user_id", "device"], set_=changed))
            if not paused and (not goes_on or (before is not None and before.paused)):
                for hook in self.on_now_playing:
                    await hook(tx, actor.person, track, client)

    async def stopped(self, actor: Actor, *, client: str = "", device: str = "") -> None:
        """Say that a player plays nothing any more; one that was not known to play is no error."""
        async with self._db.write() as tx:
            await tx.execute(delete(TABLE).where(TABLE.c.user_id == actor.person, TABLE.c.device == (device or client)))

    async def playing(self, actor: Actor) -> list[Playing]:
        """Who is playing what right now, as far as `actor` may see the tracks, newest first."""
        async with self._db.read() as conn:
            rows = await _playing_at(conn, utc_now())
            seen = await self._music.remembered(conn, actor, "track", [row.track_id for row in rows])
        return [
            Playing(
                row.user_id,
                row.client,
                row.device,
                row.track_id,
                row.position_ms,
                row.paused,
                row.started_at,
                row.reported_at,
                seen[row.track_id].title,
                seen[row.track_id].artist,
                seen[row.track_id].album,
            )
            for row in rows
            if row.track_id in seen
        ]


async def _playing_at(conn: AsyncConnection, now: datetime) -> Any:
    newest_first = select(TABLE).where(TABLE.c.expires_at > now).order_by(TABLE.c.started_at.desc())
    return (await conn.execute(newest_first)).all()


async def forget_finished(tx: Transaction, now: datetime) -> int:
    """Drop players whose track must be over; how many."""
    return (await tx.execute(delete(TABLE).where(TABLE.c.expires_at <= now))).rowcount
