"""The job that finds what there is to listen to: which sound each track is, as the change feed says which tracks changed.

Where the feed cannot say it (the first time, or after the database was restored), every track is looked at once, in order.
Each step is one transaction with the cursor that it reached, so that a killed job goes on where it was.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete

from segue.analysis import concluding, drawings, keeping, knowing, repository
from segue.analysis.ground import WAITING, Ground
from segue.analysis.sounds import sound_key
from segue.core.access import SYSTEM
from segue.core.changes import CursorTooOld, Fact, fact, set_fact
from segue.core.db import Transaction
from segue.core.ids import parse_id
from segue.jobs import JobContext

CURSOR, RESUME = "analysis_cursor", "analysis_resume"
STEP = 200
"""Tracks that are looked at together."""
BY_STAT = "stat"
"""Of a file whose audio the scan could not tell: its place, size and time stand for it."""
WAKE_AFTER = timedelta(minutes=50)
"""A sound whose file could not be found is tried again after so long, where the library says that it is there."""
CLEAN_STEP = 100


class Finding:
    """One start of the job."""

    def __init__(self, ground: Ground, job: JobContext) -> None:
        self._ground = ground
        self._job = job
        self._found = {"tracks": 0, "new": 0, "concluded": 0}

    async def run(self, *, anew: bool = False) -> dict[str, Any]:
        """Bring sounds up to date with the library. Returns how many tracks were looked at, how many of them are sounds
        they were not before, and how many tempos were concluded again."""
        if not self._ground.chosen.enabled:
            return self._found
        async with self._ground.db.read() as conn:
            cursor = await _number(conn, CURSOR)
            resume = await _number(conn, RESUME)
        if cursor is None or (anew and not self._job.checkpoint):
            cursor, resume = await self._begin()
        while True:
            while resume is not None:
                async with self._ground.db.read() as conn:
                    ids = await repository.present_after(conn, resume, STEP)
                resume = ids[-1] if ids else None
                await self._step(ids, (), cursor, resume)
            try:
                page = await self._ground.feed.since(cursor, SYSTEM, kinds=("track", "album"), limit=STEP)
            except CursorTooOld:
                cursor, resume = await self._begin()
                continue
            if page.items or page.cursor != cursor:
                tracks = [parse_id(item.id, "tr") for item in page.items if item.kind == "track"]
                albums = [parse_id(item.id, "al") for item in page.items if item.kind == "album"]
                await self._step(tracks, albums, page.cursor, None)
                cursor = page.cursor
            if not page.more:
                break
        await self._tidy()
        return self._found

    async def _begin(self) -> tuple[int, int]:
        """Look at every track, and after that at what changes from now on: the cursor, and the track to go on after."""
        cursor = await self._ground.feed.newest()
        async with self._ground.db.write() as tx:
            await self._job.guard(tx)
            await _remember(tx, cursor, 0)
            await self._job.save({"begun": True}, tx=tx)
        return cursor, 0

    async def _step(self, tracks: Collection[int], albums: Collection[int], cursor: int, resume: int | None) -> None:
        """Look at some tracks: give each its sound, and have those listened to that nobody heard."""
        ground, job = self._ground, self._job
        job.check()
        async with ground.db.read() as conn:
            files = {row.id: row for row in await repository.files_of(conn, tracks)}
            now_is = await repository.sounds_of(conn, files)
            known = await knowing.of_tracks(
                conn, ground.measures, [files[track] for track, row in now_is.items() if row.analyzed_at], ground.chosen
            )
        keys = {track: key_of(row) for track, row in files.items() if row.missing_since is None}
        moved = {track: key for track, key in keys.items() if track not in now_is or bytes(now_is[track].key) != key}
        stale = {
            now_is[track].id
            for track, knowledge in known.items()
            if track in keys and track not in moved and _differs(now_is[track], knowing.mark(knowledge))
        }
        async with ground.db.write() as tx:
            await repository.turn(tx)
            await job.guard(tx)
            sounds = await repository.with_keys(tx, set(moved.values()), ground.now())
            await repository.put_members(tx, {track: sounds[key].id for track, key in moved.items()})
            await self._show(tx, {track: sounds[key] for track, key in moved.items()}, now_is, files)
            back = [
                row.id
                for track, row in now_is.items()
                if track in keys and track not in moved and row.state == "pending" and row.priority <= WAITING
            ]
            await repository.set_state(tx, back, priority=0, error=None)
            if back or any(row.state == "pending" for row in sounds.values()):
                await ground.ask_to_listen(tx)
            await _remember(tx, cursor, resume)
        self._found["tracks"] += len(tracks)
        self._found["new"] += len(moved)
        self._found["concluded"] += await concluding.conclude_again(ground, stale, job.guard)
        await keeping.level_albums(ground, list(files), albums)
        job.progress(self._found["tracks"], unit="tracks", phase="find")

    async def _show(
        self, tx: Transaction, moved: Mapping[int, Any], before: Mapping[int, Any], files: Mapping[int, Any]
    ) -> None:
        """What is known already of what tracks are now is shown at once; what was known of what they were holds no longer."""
        heard = {track: row.id for track, row in moved.items() if row.analyzed_at is not None}
        await keeping.show_known(self._ground, tx, heard)
        await self._ground.measures.forget(tx, [track for track in moved if track in before and track not in heard])
        keeping.announce(tx, [files[track] for track in moved])
        for track, sound in heard.items():
            for follow in self._ground.on_heard:
                await follow(tx, sound, [track])

    async def _tidy(self) -> None:
        """Wake what waits for files that are said to be there, see to it that somebody listens, forget what nobody has."""
        ground = self._ground
        async with ground.db.write() as tx:
            await repository.turn(tx)
            await self._job.guard(tx)
            await repository.wake(tx, ground.now() - WAKE_AFTER)
            if await repository.waiting(tx.conn) or await repository.jobs_at_work(tx.conn):
                await ground.ask_to_listen(tx)
        before = ground.now() - timedelta(days=ground.chosen.keep_days)
        while True:
            self._job.check()
            async with ground.db.read() as conn:
                rows = await repository.forsaken(conn, before, CLEAN_STEP)
            if not rows:
                return
            for row in rows:
                await ground.storage.delete(drawings.storage_key(bytes(row.key)))
            async with ground.db.write() as tx:
                await self._job.guard(tx)
                await repository.drop(tx, [row.id for row in rows])


def key_of(row: Any) -> bytes:
    """The key of the sound that a track is (a row of `repository.files_of`)."""
    if row.audio_key is not None and row.audio_key_kind is not None:
        return sound_key(row.audio_key_kind, bytes(row.audio_key), row.start_ms, row.end_ms)
    place = f"{row.library_id}:{row.size_bytes}:{row.mtime_ns}:".encode() + bytes(row.path)
    return sound_key(BY_STAT, place, row.start_ms, row.end_ms)


def _differs(sound: Any, mark: bytes) -> bool:
    return sound.knowledge is not None and bytes(sound.knowledge) != mark


async def _number(conn: Any, name: str) -> int | None:
    value = await fact(conn, name)
    return None if value is None else int(value)


async def _remember(tx: Transaction, cursor: int, resume: int | None) -> None:
    await set_fact(tx, CURSOR, str(cursor))
    if resume is None:
        await tx.execute(delete(Fact).where(Fact.name == RESUME))
    else:
        await set_fact(tx, RESUME, str(resume))
