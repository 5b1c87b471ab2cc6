"""The job that listens: takes sounds by urgency, hands them to children, keeps what each heard, until nothing waits.

Every sound is a step of its own: what was heard is committed with the job's fence, so that a killed worker or child loses
at most what was under way, and nothing that was heard is heard again. What a killed start had taken is given back by the
next one.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from typing import Any

import structlog

from segue.analysis import concluding, hearing, keeping, knowing, repository
from segue.analysis.errors import EngineAbsent
from segue.analysis.ground import LOWEST, PERSON, QUIET, TRIED, WAITING, Ground
from segue.analysis.keeping import Kept
from segue.analysis.records import Knowledge
from segue.analysis.sounds import Packed, reason
from segue.core.clock import rfc3339
from segue.core.db import Transaction
from segue.core.errors import SegueError
from segue.core.pool import PoolBroken, PoolClosed, ProcessPool
from segue.jobs import JobContext
from segue.jobs.errors import Failed, LeaseLost

log = structlog.get_logger("segue.analysis")

AWAY = frozenset({"no_such_file"})
"""Reasons for which a sound waits: its file may come back."""
TRIES = {"child_crashed": 2, "deadline_exceeded": 2, "cannot_open": 3, "task_failed": 2, "engine_failed": 3}
"""How often a sound is tried before such a reason is final; others are final at once."""
LOOK_S = 0.5
"""How often it is looked whether the job should end, while children listen."""
COUNT_AFTER = 200
"""Sounds after which it is counted again how many wait."""


class Listening:
    """One start of the job."""

    def __init__(self, ground: Ground, job: JobContext) -> None:
        self._ground = ground
        self._job = job
        self._ready: list[tuple[int, bytes, hearing.Ask, float, bytes]] = []
        self._running: dict[asyncio.Task[Packed], tuple[int, bytes, bytes]] = {}
        self._counts = {name: int(job.checkpoint.get(name, 0)) for name in ("heard", "failed", "waiting", "again")}

    async def run(self) -> dict[str, Any]:
        """Listen until nothing waits. Returns how many sounds were heard, failed, and wait for their files."""
        await self._take_back()
        pool = self._ground.pool()
        self._engine = self._ground.engine(pool)
        if (lacks := self._engine.missing()) is not None:
            raise Failed("engine_absent", f"{self._engine.name} cannot listen: {lacks}", engine=self._engine.name)
        try:
            await self._go_on(pool)
        finally:
            # first, since whoever cancels does not wait long
            await give_back(self._ground, self._job)
            for task in self._running:
                task.cancel()
            await pool.close(grace_s=0.1)
            await asyncio.gather(*self._running, return_exceptions=True)
        return self._counts

    # --- the round ----------------------------------------------------------------------------------------------------

    async def _go_on(self, pool: ProcessPool) -> None:
        left = await self._left()
        while True:
            self._job.check()
            quiet = self._ground.quiet()
            if self._ground.chosen.enabled:
                await self._hand_out(pool, PERSON if quiet else LOWEST)
            if not self._running:
                if quiet is not None and self._ground.chosen.enabled and await self._anything():
                    self._job.retry_later(quiet, QUIET, until=rfc3339(quiet))
                if await self._end():
                    return
                continue
            done, _ = await asyncio.wait(self._running, timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED)
            if done:
                await self._settle(list(done))
                if sum(self._counts.values()) % COUNT_AFTER < len(done):
                    left = await self._left()
                so_far = self._counts["heard"] + self._counts["failed"]
                left = max(left - len(done), len(self._running) + len(self._ready))
                self._job.progress(so_far, so_far + left, unit="sounds", phase="listen")

    async def _hand_out(self, pool: ProcessPool, least: int) -> None:
        """Give every child something to do."""
        while len(self._running) < self._ground.workers:
            if not self._ready and not await self._claim(least):
                return
            sound, key, ask, deadline_s, mark = self._ready.pop(0)
            task = asyncio.create_task(pool.run(hearing.hear, ask, deadline_s=deadline_s))
            self._running[task] = (sound, key, mark)

    async def _claim(self, least: int) -> bool:
        """Take what is most urgent; whether there was anything."""
        ground, job = self._ground, self._job
        async with ground.db.read() as conn:
            if not await repository.waiting(conn, least):
                return False
        async with ground.db.write() as tx:
            await job.guard(tx)
            ids = await repository.claim(tx, job.id, ground.workers + 1, least)
        async with ground.db.read() as conn:
            rows = await repository.rows_of(conn, ids)
            places = await repository.place_of(conn, ids)
            tracks = await repository.tracks_of(conn, ids)
            of = {place.track_id: sound for sound, place in places.items()}
            some = [row for inside in tracks.values() for row in inside if row.id in of]
            known = await knowing.of_tracks(conn, ground.measures, some, ground.chosen)
        gone = [sound for sound in ids if sound not in places]
        if gone:
            async with ground.db.write() as tx:
                await job.guard(tx)
                await self._put_aside(tx, gone, reason("no_such_file"))
        for sound in ids:
            if sound in places:
                place = places[sound]
                knowledge = known.get(place.track_id, Knowledge())
                path = os.path.join(bytes(place.root), bytes(place.path))  # noqa: PTH118 - bytes
                ask = hearing.Ask(
                    path, place.start_ms, place.end_ms, knowledge, self._engine.function, dict(self._engine.options)
                )
                limit = hearing.deadline_s(place.duration_ms or None, place.size_bytes, ground.chosen.least_speed)
                self._ready.append((sound, bytes(rows[sound].key), ask, limit, knowing.mark(knowledge)))
        return bool(ids)

    # --- what came of it ----------------------------------------------------------------------------------------------

    async def _settle(self, done: Sequence[asyncio.Task[Packed]]) -> None:
        kept, failed = [], []
        for task in done:
            sound, key, mark = self._running.pop(task)
            error = task.exception()
            if error is None:
                kept.append(Kept(sound, key, task.result(), mark))
            elif isinstance(error, (PoolBroken, PoolClosed)):
                raise error
            elif isinstance(error, EngineAbsent):
                raise Failed(error.code, error.message, **error.params) from error
            else:
                failed.append((sound, error))
        for one in kept:
            await keeping.draw(self._ground, one)
        async with self._ground.db.write() as tx:
            await self._job.guard(tx)
            # what somebody took from this job meanwhile (an answer to another request, a replaced file) is theirs
            mine = await repository.held_by(
                tx.conn, [one.sound for one in kept] + [sound for sound, _ in failed], self._job.id
            )
            tracks = await keeping.keep(self._ground, tx, [one for one in kept if one.sound in mine])
            for sound, error in failed:
                if sound in mine:
                    await self._failed(tx, sound, error)
            self._counts["heard"] += len(kept)
            await self._job.save(dict(self._counts), tx=tx)
        await self._follow(tracks)

    async def _failed(self, tx: Transaction, sound: int, error: BaseException) -> None:
        told = told_of(error)
        tries = await repository.attempts_of(tx.conn, sound) + 1
        if told["code"] in AWAY:
            await self._put_aside(tx, [sound], told)
            return
        final = tries >= TRIES.get(told["code"], 1)
        log.info("sound_not_heard", sound=sound, code=told["code"], tries=tries, final=final)
        values: dict[str, Any] = {"error": told, "attempts": tries, "job_id": None}
        if final:
            await repository.set_state(tx, [sound], state="failed", **values)
            keeping.announce(tx, (await repository.tracks_of(tx.conn, [sound]))[sound])
            self._counts["failed"] += 1
        else:
            await repository.set_state(tx, [sound], state="pending", priority=TRIED, **values)
            self._counts["again"] += 1

    async def _put_aside(self, tx: Transaction, sounds: Sequence[int], why: dict[str, Any]) -> None:
        """Let sounds wait for their files."""
        await repository.set_state(
            tx, sounds, state="pending", priority=WAITING, error=why, job_id=None, asked_at=self._ground.now()
        )
        self._counts["waiting"] += len(sounds)

    async def _follow(self, tracks: Sequence[int]) -> None:
        """What follows once albums are whole: their loudness, and tempos seen in the light of one another."""
        if not tracks:
            return
        await keeping.level_albums(self._ground, tracks)
        async with self._ground.db.read() as conn:
            albums = {row.album_id for row in await repository.files_of(conn, tracks)}
            whole = await repository.heard_whole(conn, albums)
            beside = await repository.tempos_beside(conn, whole)
        sounds = {one.sound_id for rows in beside.values() if len(rows) > 1 for one in rows}
        await concluding.conclude_again(self._ground, sounds, self._job.guard)

    # --- begin and end ------------------------------------------------------------------------------------------------

    async def _take_back(self) -> None:
        """What an earlier start of this job had, and what jobs had that ended without a word, waits again."""
        async with self._ground.db.read() as conn:
            others = await repository.jobs_at_work(conn) - {self._job.id}
        ended = [number for number in others if not await self._ground.is_active(number)]
        async with self._ground.db.write() as tx:
            await self._job.guard(tx)
            for number in (self._job.id, *ended):
                await repository.give_back(tx, number)

    async def _end(self) -> bool:
        """End the job where nothing waits, in one step with looking."""
        async with self._ground.db.write() as tx:
            await repository.turn(tx)
            await self._job.guard(tx)
            if self._ground.chosen.enabled and await repository.waiting(tx.conn):
                return False
            await repository.give_back(tx, self._job.id)
            if self._counts["heard"]:
                for follow in self._ground.on_ended:
                    await follow(tx)
            await self._job.complete(tx, dict(self._counts))
            return True

    async def _anything(self) -> bool:
        async with self._ground.db.read() as conn:
            return await repository.waiting(conn)

    async def _left(self) -> int:
        async with self._ground.db.read() as conn:
            return await repository.count_waiting(conn)


async def give_back(ground: Ground, job: JobContext) -> None:
    """However a start of a job ends: what it has and did not hear waits again, unless another start has it by now."""
    if job.has_completed:
        return
    try:
        async with ground.db.write() as tx:
            await job.guard(tx)
            await repository.give_back(tx, job.id)
    except (LeaseLost, SegueError) as error:
        log.info("sounds_not_given_back", job=job.id, reason=str(error))


def told_of(error: BaseException) -> dict[str, Any]:
    """Why something was not heard, to be stored: {code, params}."""
    if isinstance(error, SegueError):
        return reason(error.code, error.params)
    return reason("engine_failed", {"engine": "ours", "reason": f"{type(error).__name__}: {error}"[:300]})
