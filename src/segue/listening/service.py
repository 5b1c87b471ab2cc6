"""What people do with music: play it, star it, rate it, queue it, mark a place in it.

Each verb changes only the acting person's own rows, and keeps beside the id what the thing was called.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.clock import utc_now, zone
from segue.core.db import Database, Transaction
from segue.core.errors import Invalid, NotFound
from segue.core.ids import TypedId
from segue.core.remembered import Memory, Remembered
from segue.listening import merging, repository

ANNOTATED_KINDS = ("track", "album", "artist")
QUEUE_LIMIT = 10_000
NOW_PLAYING_GRACE = timedelta(minutes=5)


class ThingNotFound(NotFound):
    def __init__(self, typed: TypedId | str) -> None:
        super().__init__("not_found", f"There is no {typed}.", id=str(typed))


class CannotAnnotate(Invalid):
    def __init__(self, typed: TypedId) -> None:
        super().__init__("cannot_annotate", f"{typed} is not a track, an album or an artist.", id=str(typed))


class BadRating(Invalid):
    def __init__(self, rating: int) -> None:
        super().__init__("bad_rating", f"A rating is 0 (none) to 5, not {rating}.", rating=rating)


class BadQueue(Invalid):
    def __init__(self, message: str) -> None:
        super().__init__("bad_queue", message)


@dataclass(frozen=True, slots=True)
class Queue:
    """A person's queue: track ids in order, the index of the current one (None: none), the place in it in ms."""

    track_ids: list[int]
    current: int | None
    position_ms: int
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, slots=True)
class Playing:
    """One player that is playing: whose, which client's, what, and since when."""

    user_id: int
    client: str
    track_id: int
    position_ms: int
    started_at: datetime


@dataclass(frozen=True, slots=True)
class BookmarkView:
    """A place in a track, in milliseconds."""

    track_id: int
    position_ms: int
    comment: str
    created_at: datetime
    changed_at: datetime


class ListeningService:
    """The only door to plays, stars, ratings, queues and bookmarks."""

    def __init__(self, db: Database, music: Memory) -> None:
        self._db = db
        self._music = music
        self.on_played: list[Callable[[Transaction, str, Sequence[int]], Awaitable[None]]] = []
        """Called in the transaction that counts a play, with a kind and the ids of what was played."""

    async def star(self, actor: Actor, things: Iterable[TypedId]) -> None:
        """Star `things`; what is starred already keeps its date. Raises ThingNotFound before anything is changed."""
        now = utc_now()
        async with self._db.write() as tx:
            for kind, found in (await self._find(tx, actor, things)).items():
                done = await repository.starred_among(tx.conn, actor.person, kind, [thing.id for thing in found])
                fresh = [thing for thing in found if thing.id not in done]
                await repository.annotate(tx, actor.person, kind, fresh, {"starred_at": now})
                self._announce(tx, actor, kind, [thing.id for thing in fresh])

    async def unstar(self, actor: Actor, things: Iterable[TypedId]) -> None:
        """Take the stars off `things`; no star is no error, and neither is a thing that is gone."""
        by_kind: dict[str, list[int]] = defaultdict(list)
        for typed in things:
            if typed.kind not in ANNOTATED_KINDS:
                raise CannotAnnotate(typed)
            by_kind[typed.kind].append(typed.number)
        async with self._db.write() as tx:
            for kind, ids in by_kind.items():
                self._announce(tx, actor, kind, await repository.clear_star(tx, actor.person, kind, ids))

    async def rate(self, actor: Actor, thing: TypedId, rating: int) -> None:
        """Rate `thing` 1 to 5, or 0 for no rating. Raises BadRating, ThingNotFound."""
        if not 0 <= rating <= 5:
            raise BadRating(rating)
        async with self._db.write() as tx:
            for kind, found in (await self._find(tx, actor, [thing])).items():
                values = {"rating": rating or None, "rated_at": utc_now()}
                await repository.annotate(tx, actor.person, kind, found, values)
                self._announce(tx, actor, kind, [one.id for one in found])

    async def play(
        self,
        actor: Actor,
        track_id: int,
        *,
        played_at: datetime | None = None,
        client: str = "",
        duration_played_ms: int | None = None,
    ) -> bool:
        """Count a play of a track, of its album and of its artists, begun at `played_at` (now).

        False where the same play (track, moment, client) is known already: a client may send it twice.
        Raises ThingNotFound.
        """
        moment = played_at or utc_now()
        async with self._db.write() as tx:
            track = (await self._find(tx, actor, [TypedId("tr", track_id)]))["track"][0]
            fresh = await repository.add_play(
                tx,
                {
                    "user_id": actor.person,
                    "track_id": track.id,
                    "played_at": moment,
                    "zone_offset_minutes": _offset_minutes(actor, moment),
                    "duration_played_ms": duration_played_ms,
                    "client": client,
                    "title": track.title,
                    "artist": track.artist,
                    "album": track.album,
                    "duration_ms": track.duration_ms,
                    "external_ids": track.external_ids or None,
                },
            )
            if not fresh:
                return False
            albums = [track.album_id] if track.album_id is not None else []
            counted = {
                "track": [track],
                "album": list((await self._music.remembered(tx.conn, actor, "album", albums)).values()),
                "artist": list((await self._music.remembered(tx.conn, actor, "artist", track.artist_ids)).values()),
            }
            for kind, things in counted.items():
                await repository.count_play(tx, actor.person, kind, things, moment)
                self._announce(tx, actor, kind, [thing.id for thing in things])
                for hook in self.on_played:
                    await hook(tx, kind, [thing.id for thing in things])
            tx.changed("play", f"{track.id}@{moment.isoformat()}", user_id=actor.person)
        return True

    async def now_playing(self, actor: Actor, track_id: int, *, client: str = "", position_ms: int = 0) -> None:
        """Say that `actor` is playing this track; it is forgotten when it must be over. Raises ThingNotFound."""
        now = utc_now()
        async with self._db.write() as tx:
            track = (await self._find(tx, actor, [TypedId("tr", track_id)]))["track"][0]
            await repository.set_now_playing(
                tx,
                {
                    "user_id": actor.person,
                    "client": client,
                    "track_id": track.id,
                    "position_ms": position_ms,
                    "started_at": now,
                    "expires_at": now + timedelta(milliseconds=track.duration_ms or 600_000) + NOW_PLAYING_GRACE,
                },
            )

    async def playing(self, actor: Actor) -> list[Playing]:
        """Who is playing what right now, as far as `actor` may see the tracks, newest first."""
        async with self._db.read() as conn:
            rows = await repository.playing_now(conn, utc_now())
            seen = await self._music.remembered(conn, actor, "track", [row.track_id for row in rows])
        return [
            Playing(row.user_id, row.client, row.track_id, row.position_ms, row.started_at)
            for row in rows
            if row.track_id in seen
        ]

    async def history(
        self, actor: Actor, *, before: tuple[datetime, int] | None = None, limit: int = 50
    ) -> Sequence[Any]:
        """The person's own plays, newest first: rows of the table `plays`."""
        async with self._db.read() as conn:
            return await repository.plays_before(conn, actor.person, before, limit)

    async def queue(self, actor: Actor) -> Queue | None:
        """The person's queue without tracks that are gone, or None where none was ever saved."""
        async with self._db.read() as conn:
            row, ids = await repository.queue_of(conn, actor.person)
            if row is None:
                return None
            there = await self._music.remembered(conn, actor, "track", ids)
        current = row.current_position
        if current is not None:
            lost_before = sum(1 for track_id in ids[:current] if track_id not in there)
            current = current - lost_before if ids[current] in there else None
        kept = [track_id for track_id in ids if track_id in there]
        return Queue(kept, current, row.position_ms if current is not None else 0, row.changed_at, row.changed_by)

    async def save_queue(
        self,
        actor: Actor,
        track_ids: Sequence[int],
        *,
        current: int | None = None,
        position_ms: int = 0,
        client: str = "",
    ) -> None:
        """Replace the person's queue; no tracks clears it. Raises BadQueue, ThingNotFound."""
        if len(track_ids) > QUEUE_LIMIT:
            raise BadQueue(f"A queue holds at most {QUEUE_LIMIT} tracks.")
        if not track_ids:
            current, position_ms = None, 0
        elif current is not None and not 0 <= current < len(track_ids):
            raise BadQueue(f"There is no place {current} in a queue of {len(track_ids)} tracks.")
        if position_ms < 0:
            raise BadQueue("A position cannot be before the beginning.")
        async with self._db.write() as tx:
            known = await self._music.remembered(tx.conn, actor, "track", list(dict.fromkeys(track_ids)))
            for track_id in track_ids:
                if track_id not in known:
                    raise ThingNotFound(TypedId("tr", track_id))
            values = {
                "user_id": actor.person,
                "current_position": current,
                "position_ms": position_ms,
                "changed_at": utc_now(),
                "changed_by": client,
            }
            await repository.replace_queue(tx, values, [(track_id, known[track_id].text) for track_id in track_ids])
            tx.changed("queue", "mine", user_id=actor.person)

    async def bookmarks(self, actor: Actor) -> list[BookmarkView]:
        """The person's bookmarks of tracks that are there, the last changed first."""
        async with self._db.read() as conn:
            rows = await repository.bookmarks_of(conn, actor.person)
            seen = await self._music.remembered(conn, actor, "track", [row.track_id for row in rows])
        return [
            BookmarkView(row.track_id, row.position_ms, row.comment, row.created_at, row.changed_at)
            for row in rows
            if row.track_id in seen
        ]

    async def set_bookmark(self, actor: Actor, track_id: int, position_ms: int, comment: str = "") -> None:
        """Mark a place in a track, one a track. Raises ThingNotFound, Invalid for a place before the beginning."""
        if position_ms < 0:
            raise Invalid("bad_position", "A position cannot be before the beginning.")
        now = utc_now()
        async with self._db.write() as tx:
            track = (await self._find(tx, actor, [TypedId("tr", track_id)]))["track"][0]
            await repository.set_bookmark(
                tx,
                {
                    "user_id": actor.person,
                    "track_id": track.id,
                    "position_ms": position_ms,
                    "comment": comment,
                    "text": track.text,
                    "created_at": now,
                    "changed_at": now,
                },
            )
            tx.changed("bookmark", f"tr-{track.id}", user_id=actor.person)

    async def delete_bookmark(self, actor: Actor, track_id: int) -> None:
        """Forget the place in a track. Raises ThingNotFound where there is none."""
        async with self._db.write() as tx:
            if not await repository.delete_bookmark(tx, actor.person, track_id):
                raise ThingNotFound(f"bookmark in tr-{track_id}")
            tx.changed("bookmark", f"tr-{track_id}", "delete", user_id=actor.person)

    async def plays_of(self, conn: AsyncConnection, kind: str, ids: Sequence[int]) -> dict[int, int]:
        """How often these tracks, albums or artists were played by anybody; those never played are left out."""
        return await repository.plays_of(conn, kind, ids)

    async def on_user_erased(self, tx: Transaction, user_id: int) -> None:
        """Called inside the transaction that erases a person."""
        await repository.erase_person(tx, user_id)

    async def on_track_merged(self, tx: Transaction, merged: int, kept: int) -> None:
        """Called inside the transaction that makes one track of two."""
        await merging.merge_track(tx, merged, kept)

    async def on_artist_merged(self, tx: Transaction, merged: int, kept: int) -> None:
        """Called inside the transaction that makes one artist of two."""
        await merging.merge_annotations(tx, "artist", merged, kept)

    async def on_album_ended(self, tx: Transaction, ended: int, kept: int) -> None:
        """Called inside the transaction in which an album ends, to the one that most of its tracks went to."""
        await merging.merge_annotations(tx, "album", ended, kept)

    async def housekeeping(self) -> None:
        """Forget players that have long stopped."""
        async with self._db.write() as tx:
            await repository.forget_finished_players(tx, utc_now())

    async def _find(self, tx: Transaction, actor: Actor, things: Iterable[TypedId]) -> dict[str, list[Remembered]]:
        by_kind: dict[str, list[int]] = defaultdict(list)
        for typed in things:
            if typed.kind not in ANNOTATED_KINDS:
                raise CannotAnnotate(typed)
            by_kind[typed.kind].append(typed.number)
        found: dict[str, list[Remembered]] = {}
        for kind, ids in by_kind.items():
            known = await self._music.remembered(tx.conn, actor, kind, ids)
            for number in ids:
                if number not in known:
                    raise ThingNotFound(TypedId({"track": "tr", "album": "al", "artist": "ar"}[kind], number))
            found[kind] = [known[number] for number in dict.fromkeys(ids)]
        return found

    @staticmethod
    def _announce(tx: Transaction, actor: Actor, kind: str, ids: Iterable[int]) -> None:
        for number in ids:
            tx.changed(kind, number, user_id=actor.person)


def _offset_minutes(actor: Actor, moment: datetime) -> int:
    offset = moment.astimezone(zone(actor.time_zone)).utcoffset()
    return int(offset.total_seconds() // 60) if offset else 0
