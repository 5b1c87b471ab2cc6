"""The verbs of measures: what analysis tells the library about tracks, and how it is shown.

Analysis calls these inside its own transactions. Nothing a person or a tag says is ever changed by them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.db import Database, Transaction
from segue.core.settings_store import SettingsService
from segue.jobs import JobContext, JobService
from segue.library.measures import repository
from segue.library.measures.records import AlbumLoudness, From, Measure, Said
from segue.library.measures.showing import said_of, settle

SHOW = "library.show_measures"
SHOWN_AT_ONCE = 100
"""Tracks that are looked at in one transaction: about 15 ms of the write lock on SQLite."""
LARGEST_ALBUM = 500
"""Tracks beyond which an album is no album that anybody levels as one: a folder of loose files."""


class MeasureService:
    """Keeps what was measured of tracks, and shows it beside what tags and people say."""

    def __init__(self, db: Database, jobs: JobService, settings: SettingsService[Any]) -> None:
        self._db = db
        self._jobs = jobs
        self._settings = settings

    async def take(self, tx: Transaction, measures: Mapping[int, Measure]) -> int:
        """Keep what was measured of these tracks, and show it; returns how many of them show something else now.

        Tracks that are gone are passed over. What is known of a track's album stays until `take_albums` says otherwise.
        """
        there = await repository.existing(tx.conn, measures)
        await repository.put(tx, {track: measure for track, measure in measures.items() if track in there})
        return await settle(tx, there)

    async def forget(self, tx: Transaction, tracks: Collection[int]) -> int:
        """What was measured of these tracks holds no longer, since they are other audio now; returns how many showed it."""
        await repository.forget(tx, tracks)
        return await settle(tx, tracks)

    async def albums_of(
        self, conn: AsyncConnection, tracks: Collection[int] = (), albums: Collection[int] = ()
    ) -> dict[int, tuple[int, ...] | None]:
        """The albums of these tracks, and these albums, whose loudness is to be worked out: the present tracks to gate as
        one; None where it cannot be said, since a track is not measured yet or there are too many.

        To be asked after `take`, and about every album whose tracks have changed; the answers go to `take_albums`.
        """
        wanted = await repository.albums_of(conn, tracks) | set(albums)
        found: dict[int, tuple[int, ...] | None] = {}
        for album, members in (await repository.members(conn, wanted)).items():
            whole = all(members.values()) and len(members) <= LARGEST_ALBUM
            if whole or any(members.values()):
                found[album] = tuple(members) if whole else None
        return found

    async def take_albums(self, tx: Transaction, albums: Mapping[int, AlbumLoudness | None]) -> int:
        """Keep how loud albums are (None: it cannot be said), and show it on their tracks; returns how many of these show
        something else now."""
        members = await repository.members(tx.conn, albums)
        values = {
            track: albums[album] or AlbumLoudness(None, None)
            for album, tracks in members.items()
            for track, measured in tracks.items()
            if measured
        }
        known = await repository.of_tracks(tx.conn, values)
        values = {
            track: one
            for track, one in values.items()
            if track in known and (known[track].album_loudness_lufs, known[track].album_true_peak) != tuple(one)
        }
        await repository.put_albums(tx, values)
        return await settle(tx, values)

    async def of_tracks(self, conn: AsyncConnection, tracks: Collection[int]) -> dict[int, Measure]:
        """What was measured of these tracks, whatever is shown."""
        return await repository.of_tracks(conn, tracks)

    async def said_of(self, conn: AsyncConnection, tracks: Collection[int]) -> dict[int, Said]:
        """What the tags of these tracks and people's edits say, whatever is shown."""
        return await said_of(conn, await repository.rows(conn, tracks))

    # --- the choice between tag and measure ---------------------------------------------------------------------------

    async def check(self) -> None:
        """Ask for what is not as the settings have it. Called at the start and after a change."""
        wanted: From = self._settings.current.library.tempo_and_key_from
        async with self._db.read() as conn:
            if await repository.prefer(conn) == wanted:
                return
        async with self._db.write() as tx:
            if await repository.prefer(tx.conn) == wanted:
                return
            await repository.set_prefer(tx, wanted)
            if await repository.measured_after(tx.conn, 0, 1):
                await self._jobs.enqueue(tx, SHOW, {"from": wanted})

    async def show_all(self, job: JobContext, wanted: From) -> dict[str, Any]:
        """Make every measured track show what it should by the choice that holds; ends early where that is another than
        `wanted`, for then another job does it."""
        after, tracks, changed = (int(job.checkpoint.get(name, 0)) for name in ("after", "tracks", "changed"))
        while True:
            job.check()
            async with self._db.write() as tx:
                await job.guard(tx)
                if await repository.prefer(tx.conn) != wanted:
                    break
                ids = await repository.measured_after(tx.conn, after, SHOWN_AT_ONCE)
                if not ids:
                    break
                changed += await settle(tx, ids)
                after, tracks = ids[-1], tracks + len(ids)
                await job.save({"after": after, "tracks": tracks, "changed": changed}, tx=tx)
            job.progress(tracks, unit="tracks", phase="show")
        return {"tracks": tracks, "changed": changed}
