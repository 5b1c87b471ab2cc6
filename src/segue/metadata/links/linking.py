"""The job that keeps links up to date: what changed since last time, and what an earlier catalogue did not have.

The change feed says which tracks and albums changed; the first time, everything is looked at once, album by album. Each
step writes what it found and how far it is in one transaction, so that a killed job goes on behind it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from segue.catalog.service import CatalogService
from segue.catalog.store import Backend
from segue.core.access import SYSTEM
from segue.core.changes import ChangeFeed, CursorTooOld, fact, set_fact
from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.core.errors import SegueError
from segue.core.ids import parse_id
from segue.jobs import JobContext
from segue.library.finding.facts import (
    known_albums,
    known_artists,
    known_tracks,
    present_after,
    tracks_of_albums,
)
from segue.metadata.links import repository
from segue.metadata.links.batches import Held, Outcome, link_albums, link_artists
from segue.metadata.links.choosing import Choice
from segue.metadata.links.gathering import Gathering

CURSOR, RESUME, SNAPSHOT = "catalog_links_cursor", "catalog_links_from_album", "catalog_links_snapshot"
ALBUMS_AT_ONCE = 20
TRACKS_AT_ONCE = 250
"""Tracks of one batch; an album that has more is a batch of its own, in parts."""
LOOKED_AT_AGAIN = 1_000
"""Links that are looked up in another catalogue at once."""


class Linking:
    """The work of `metadata.link_catalog`."""

    def __init__(self, db: Database, catalog: CatalogService, feed: ChangeFeed) -> None:
        self._db = db
        self._catalog = catalog
        self._feed = feed
        self._looked = 0

    async def run(self, job: JobContext, *, anew: bool = False) -> dict[str, Any]:
        """Bring the links up to date; how many tracks were looked at. Without a catalogue nothing is done,
        and the result says why."""
        await self._catalog.refresh()
        try:
            async with self._catalog.use() as backend:
                snapshot = backend.id
        except SegueError as error:
            return {"tracks": 0, "catalog": None, "problem": error.code}
        async with self._db.read() as conn:
            cursor, resume = await fact(conn, CURSOR), await fact(conn, RESUME)
            last = await fact(conn, SNAPSHOT)
        if cursor is None or (anew and not job.checkpoint):
            cursor, resume = str(await self._feed.newest()), "0"
            async with self._db.write() as tx:
                await job.guard(tx)
                await self._note(tx, int(cursor), 0)
                await job.save({"begun": True}, tx=tx)
        self._looked = 0
        if resume is not None:
            await self._everything(job, int(cursor), int(resume))
        if last != snapshot:
            await self._look_again(job, snapshot)
        await self._what_changed(job, int(cursor))
        return {"tracks": self._looked, "catalog": snapshot}

    # --- what to look at ------------------------------------------------------------------------------------------------

    async def _everything(self, job: JobContext, cursor: int, resume: int) -> None:
        while True:
            async with self._db.read() as conn:
                albums = await present_after(conn, "album", resume, ALBUMS_AT_ONCE)
            if not albums:
                break
            resume = albums[-1]
            await self._albums(job, albums, None, lambda tx, at=resume: self._note(tx, cursor, at))
        async with self._db.write() as tx:
            await job.guard(tx)
            await self._note(tx, cursor, None)

    async def _what_changed(self, job: JobContext, cursor: int) -> None:
        while True:
            job.check()
            try:
                page = await self._feed.since(cursor, SYSTEM, kinds=("track", "album"), limit=TRACKS_AT_ONCE)
            except CursorTooOld:
                cursor = await self._feed.newest()
                await self._everything(job, cursor, 0)
                continue
            if not page.items and page.cursor == cursor:
                return
            cursor = page.cursor
            changed: dict[str, list[int]] = {"track": [], "album": []}
            gone: dict[str, list[int]] = {"track": [], "album": []}
            for item in page.items:
                number = parse_id(item.id, {"track": "tr", "album": "al"}[item.kind])
                (changed if item.op == "upsert" else gone)[item.kind].append(number)

            async def note(tx: Transaction, at: int = cursor, gone: Mapping[str, list[int]] = gone) -> None:
                for kind, numbers in gone.items():
                    for link, library in await repository.drop(tx, kind, numbers):
                        tx.changed("catalog_link", link, "delete", library_id=library)
                await self._note(tx, at, None)

            await self._some(job, changed["album"], changed["track"], note)
            if not page.more:
                return

    async def _look_again(self, job: JobContext, snapshot: str) -> None:
        """In another catalogue: what is there as before stays as it is, what is not, or was never found, is looked for."""
        after = int(job.checkpoint.get("again", 0)) if job.checkpoint.get("snapshot") == snapshot else 0
        while True:
            job.check()
            async with self._db.read() as conn:
                rows = await repository.looked_for_elsewhere(conn, snapshot, after, LOOKED_AT_AGAIN)
            if not rows:
                break
            after = rows[-1].id
            kept, lost = await self._still_there(rows)
            async with self._db.write() as tx:
                await job.guard(tx)
                await repository.seen_again(tx, kept, snapshot, utc_now())
            of_kind: dict[str, list[int]] = defaultdict(list)
            for row in lost:
                of_kind[row.kind].append(row.entity_id)

            async def note(tx: Transaction, at: int = after) -> None:
                await job.save({"begun": True, "again": at, "snapshot": snapshot}, tx=tx)

            await self._some(job, of_kind["album"], of_kind["track"], note, artists=of_kind["artist"])
        async with self._db.write() as tx:
            await job.guard(tx)
            await set_fact(tx, SNAPSHOT, snapshot)

    async def _still_there(self, rows: Sequence[Any]) -> tuple[list[int], list[Any]]:
        """The numbers of links whose row of the catalogue is there, and the others."""
        kept: list[int] = []
        lost: list[Any] = []
        async with self._catalog.use() as backend:
            gathering = Gathering(backend)
            for kind in ("track", "album", "artist"):
                some = [row for row in rows if row.kind == kind]
                linked = [row for row in some if row.state == "linked"]
                lost += [row for row in some if row.state != "linked"]
                for row, rank in zip(linked, await gathering.there(kind, [row.value for row in linked]), strict=True):
                    if rank is not None:
                        kept.append(row.id)
                    else:
                        lost.append(row)
        return kept, lost

    async def _some(
        self, job: JobContext, albums: Iterable[int], tracks: Iterable[int], note: Any, artists: Iterable[int] = ()
    ) -> None:
        """Look at these albums and tracks, some albums at a time; `note` is called in the last transaction."""
        async with self._db.read() as conn:
            known = await known_tracks(conn, list(tracks))
        of_album: dict[int, set[int]] = {number: set() for number in albums}
        for track in known.values():
            of_album.setdefault(track.album_id, set()).add(track.id)
        numbers = sorted(of_album)
        for start in range(0, len(numbers), ALBUMS_AT_ONCE):
            some = numbers[start : start + ALBUMS_AT_ONCE]
            await self._albums(job, some, {track for number in some for track in of_album[number]}, _nothing)
        if artists:
            await self._artists(job, list(artists))
        async with self._db.write() as tx:
            await job.guard(tx)
            await note(tx)

    # --- looking ----------------------------------------------------------------------------------------------------------

    async def _albums(self, job: JobContext, numbers: Sequence[int], only: Collection[int] | None, note: Any) -> None:
        """Link these albums and their tracks (`only` those, and those that have no link), then their artists."""
        job.check()
        async with self._db.read() as conn:
            albums = await known_albums(conn, numbers)
            inside = await tracks_of_albums(conn, albums)
        for batch in _batches(albums, inside):
            async with self._db.read() as conn:
                tracks = list((await known_tracks(conn, [one for some in batch.values() for one in some])).values())
                held = Held(
                    await repository.links_of(conn, "track", [track.id for track in tracks]),
                    await repository.links_of(conn, "album", batch),
                )
            wanted = only
            if only is not None:
                wanted = {track.id for track in tracks if track.id in only or track.id not in held.tracks}
            async with self._catalog.use() as backend:
                found = await link_albums(
                    backend, {number: albums[number] for number in batch}, tracks, held, only=wanted
                )
                await self._write(job, backend, found, {one.id: one.library_id for one in tracks}, albums)
            people = {artist for track in tracks if wanted is None or track.id in wanted for artist in track.artist_ids}
            people |= {artist for number in batch for artist in albums[number].artist_ids}
            await self._artists(job, sorted(people), fresh=True)
            self._looked += len(found.tracks)
            job.progress(self._looked, phase="link", unit="tracks")
        async with self._db.write() as tx:
            await job.guard(tx)
            await note(tx)

    async def _write(
        self, job: JobContext, backend: Backend, found: Outcome, libraries: Mapping[int, int], albums: Mapping[int, Any]
    ) -> None:
        now = utc_now()

        def rows(choices: Mapping[int, Choice], library: Any) -> list[dict[str, Any]]:
            return [
                {
                    "entity_id": number,
                    "library_id": library(number),
                    "snapshot": backend.id,
                    "looked_at": now,
                    **choice.as_row(),
                }
                for number, choice in choices.items()
            ]

        async with self._db.write() as tx:
            await job.guard(tx)
            for kind, choices, library in (
                ("track", found.tracks, libraries.__getitem__),
                ("album", found.albums, lambda number: albums[number].library_id),
            ):
                if choices:
                    await announce(tx, await repository.put(tx, kind, rows(choices, library)))

    async def _artists(self, job: JobContext, numbers: Sequence[int], *, fresh: bool = False) -> None:
        """Link these artists; with `fresh` only those that no link was found for yet."""
        async with self._db.read() as conn:
            held = await repository.links_of(conn, "artist", numbers)
            wanted = [
                number
                for number in numbers
                if number not in held
                or (held[number].decided_at is None and not (fresh and held[number].state == "linked"))
            ]
            if not wanted:
                return
            artists = await known_artists(conn, wanted)
            works = await repository.works_of(conn, list(artists))
        async with self._catalog.use() as backend:
            refused = {number: row.refused or () for number, row in held.items()}
            found = await link_artists(backend, artists, works, refused)
            now = utc_now()
            async with self._db.write() as tx:
                await job.guard(tx)
                rows = [
                    {
                        "entity_id": number,
                        "library_id": None,
                        "snapshot": backend.id,
                        "looked_at": now,
                        **choice.as_row(),
                    }
                    for number, choice in found.items()
                ]
                await announce(tx, await repository.put(tx, "artist", rows))

    @staticmethod
    async def _note(tx: Transaction, cursor: int, resume: int | None) -> None:
        await set_fact(tx, CURSOR, str(cursor))
        await repository.set_or_forget(tx, RESUME, resume)


async def announce(tx: Transaction, links: Collection[int]) -> None:
    """Tell of links that are different now: those of tracks and albums to who sees their library; an artist's as a change
    of the artist, whom only they hear of who have something of them."""
    for row in await repository.some(tx.conn, links):
        if row.library_id is None:
            tx.changed(row.kind, row.entity_id)
        else:
            tx.changed("catalog_link", row.id, library_id=row.library_id)


async def _nothing(_tx: Transaction) -> None:
    return None


def _batches(albums: Collection[int], inside: Mapping[int, list[int]]) -> Iterable[dict[int, list[int]]]:
    """Albums with their tracks, at most TRACKS_AT_ONCE of them where they are several."""
    batch: dict[int, list[int]] = {}
    count = 0
    for number in albums:
        tracks = inside.get(number, [])
        if batch and count + len(tracks) > TRACKS_AT_ONCE:
            yield batch
            batch, count = {}, 0
        batch[number] = tracks
        count += len(tracks)
    if batch:
        yield batch
