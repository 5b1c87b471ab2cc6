"""What every act of editing comes to: find what is meant, make the changes hold, and let follow what follows from them.

A change of an artist's name or aliases reaches every credit: at once where they are few, else in a job.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.ids import format_id
from segue.jobs import JobService
from segue.library import repository as library_rows
from segue.library.edits import artists, music, named, overlay, repository
from segue.library.edits.applying import Act, Change, Thing, apply, settle_artist
from segue.library.edits.errors import AliasTaken
from segue.library.edits.views import Made
from segue.library.service import LibraryService, NotInLibrary

EDIT, SETTLE, MERGE, SPLIT, UNDO = (
    "library.edit", "library.settle_artist", "library.merge_artists", "library.split_artist", "library.undo_edit",
)  # fmt: skip
AT_ONCE = 100
"""Tracks that are written again within the request; more become a job. They take about 2 ms each."""

Edited = Callable[[Transaction, Collection[int], Collection[int], int | None], Awaitable[None]]
"""Called in the transaction of an edit with the tracks and the albums, and the user."""


class Performer:
    """Makes changes hold. `on_artist_merged` are called as (tx, merged, kept) when one artist ends in another, `on_edited`
    as (tx, tracks, albums, user) in the transaction of every edit of some of them."""

    def __init__(self, db: Database, library: LibraryService, jobs: JobService) -> None:
        self.db = db
        self.library = library
        self.jobs = jobs
        self.on_artist_merged: list[artists.Merged] = []
        self.on_edited: list[Edited] = []

    async def put_through(self, tx: Transaction, act: Act, changes: Mapping[Thing, Change]) -> list[Thing]:
        """Make changes hold, and tell those who follow; returns what is different now."""
        changed = await apply(tx, act, changes)
        tracks = [thing.id for thing in changed if thing.kind == "track"]
        albums = [thing.id for thing in changed if thing.kind == "album"]
        if tracks or albums:
            for hook in self.on_edited:
                await hook(tx, tracks, albums, act.user_id)
        return changed

    async def perform(self, tx: Transaction, actor: Actor, batch: int, changes: Mapping[Thing, Change]) -> Made:
        """`put_through` as the batch `batch`, with what follows from new names of artists."""
        act = Act(batch, actor.user_id, utc_now())
        before = {
            thing.id: await named.values(tx.conn, "artist", thing.id) for thing in changes if thing.kind == "artist"
        }
        changed = await self.put_through(tx, act, changes)
        job: int | None = None
        for thing in changed:
            if thing.kind == "artist":
                job = await self._follow(tx, actor, thing.id, before[thing.id]) or job
        if job is not None:
            await repository.set_batch(tx, batch, job_id=job)
        return Made(batch, len(changed), job, await repository.newest_revision(tx.conn))

    async def merge(self, tx: Transaction, actor: Actor, kept: int, merged: Sequence[int]) -> Made:
        """Make several artists one, as a batch of its own."""
        now = utc_now()
        told = {"kept": format_id("ar", kept), "merged": [format_id("ar", number) for number in merged]}
        batch = await repository.add_batch(tx, "merge", told, actor.user_id, now)
        log = []
        for number in merged:
            await artists.begin_merge(tx, number, kept, now)
            log.append(
                {
                    "batch_id": batch, "kind": "artist", "entity_id": number, "field": "merged_into", "before": None,
                    "after": {"is": told["kept"]},
                }
            )  # fmt: skip
        await repository.log(tx, log)
        credits = [await music.tracks_crediting(tx.conn, number, limit=AT_ONCE + 1) for number in merged]
        job: int | None = None
        if sum(map(len, credits)) > AT_ONCE:
            ticket = await self.jobs.enqueue(tx, MERGE, {"kept": kept, "merged": [*merged]}, created_by=actor.user_id)
            job = ticket.id
            await repository.set_batch(tx, batch, job_id=job)
        else:
            for number in merged:
                while await artists.move_credits(tx, number, kept):
                    pass
                await artists.end_merge(tx, number, kept, self.on_artist_merged)
        return Made(batch, len(merged), job, await repository.newest_revision(tx.conn))

    async def find(self, conn: AsyncConnection, actor: Actor, kind: str, number: int) -> int:
        """The thing, or the one it was merged into. Raises NotInLibrary where there is none in a library `actor` sees."""
        for _ in range(2):
            if await music.is_there(conn, kind, number):
                inside = (await music.libraries_of(conn, kind, [number])).get(number, set())
                if actor.libraries is None or inside & actor.libraries:
                    return number
            merged = await library_rows.redirected(conn, kind, number)
            if merged is None:
                break
            number = merged
        raise NotInLibrary(f"{kind}s", number)

    @staticmethod
    async def is_small(conn: AsyncConnection, changes: Mapping[Thing, Change]) -> bool:
        """Whether so few tracks would be written again that nobody needs to wait for a job."""
        tracks = {thing.id for thing in changes if thing.kind == "track"}
        shown = [
            thing.id
            for thing, change in changes.items()
            if thing.kind == "album" and not change.keys().isdisjoint(overlay.ON_TRACKS)
        ]
        inside = await music.tracks_of_albums(conn, shown)
        tracks.update(track for some in inside.values() for track in some)
        return max(len(changes), len(tracks)) <= AT_ONCE

    async def _follow(self, tx: Transaction, actor: Actor, artist: int, before: Mapping[str, Any]) -> int | None:
        """Bring credits in step with an artist's new name and aliases; the job that does it where there are many."""
        job: int | None = None
        now = await named.values(tx.conn, "artist", artist)
        if before["name"] != now["name"] or {*before["aliases"]} - {*now["aliases"]}:
            if len(await music.tracks_crediting(tx.conn, artist, limit=AT_ONCE + 1)) > AT_ONCE:
                ticket = await self.jobs.enqueue(tx, SETTLE, {"artist": artist}, created_by=actor.user_id)
                job = ticket.id
            else:
                await settle_artist(tx, artist, utc_now())
        added = [alias for alias in now["aliases"] if alias not in before["aliases"]]
        same = await named.artists_called(tx.conn, added, artist) if added else []
        for other in same:
            if other.musicbrainz_id and now["musicbrainz_id"]:
                raise AliasTaken(other.name, other.id)
        if same:
            job = (await self.merge(tx, actor, artist, [other.id for other in same])).job or job
        return job
