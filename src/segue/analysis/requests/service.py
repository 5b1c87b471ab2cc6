"""The verbs of requests: ask, look, forget; and the work behind what is no track of a library.

A request for a track puts its sound first in line. What is sent or named by its address is stored or fetched, heard once
like any sound (the same audio in a library is not heard again), and forgotten; what was heard of it stays with the request.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any, Literal
from urllib.parse import urlsplit

import structlog

from segue.analysis import documents, hearing, keeping, listening, repository
from segue.analysis.finding import key_of
from segue.analysis.ground import HEAR_REQUEST, PERSON, Ground
from segue.analysis.keeping import Kept
from segue.analysis.records import Heard
from segue.analysis.refusals import (
    AnalysisOff,
    BadAddress,
    EmptyUpload,
    RequestNotFound,
    TooManyRequests,
    UploadTooLarge,
)
from segue.analysis.requests import fetching
from segue.analysis.requests import repository as rows
from segue.analysis.sounds import reason, sound_key
from segue.core.access import SYSTEM, Actor
from segue.core.clock import rfc3339
from segue.core.db import Transaction
from segue.core.ids import format_id
from segue.core.pool import PoolBroken, PoolClosed
from segue.core.storage import ObjectNotFound
from segue.jobs import JobContext
from segue.jobs.errors import JobNotFound, NotCancellable
from segue.library.service import NotInLibrary

log = structlog.get_logger("segue.analysis")

Kind = Literal["track", "url", "upload"]
MOST_OPEN = 50
"""Requests for files of one person that may wait at once."""
FOLDER = "analysis"
RUNNING_ELSEWHERE_S = 5
AudioKey = Callable[[Path], Awaitable[tuple[str, bytes] | None]]
"""The kind and the bytes of a file's audio key, by which the library knows the same audio; None where it has none."""


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request as it stands. `job` works on it, where one does; `heard` is what came of it."""

    id: int
    kind: Kind
    name: str
    state: str
    reason: dict[str, Any] | None
    track_id: int | None
    asked_at: datetime
    ended_at: datetime | None
    job: int | None = None
    heard: Heard | None = None


class RequestService:
    """The door to requests. `audio_key` says by what the library would know a file."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.audio_key: AudioKey = _no_key
        self.address_of: fetching.AddressOf = fetching.public

    # --- asking -------------------------------------------------------------------------------------------------------

    async def track(self, actor: Actor, track_id: int) -> RequestView:
        """Have a track listened to before all others. Raises NotInLibrary, AnalysisOff."""
        self._check_on()
        track = await self.ground.library.track(track_id, actor)
        now = self.ground.now()
        async with self.ground.db.write() as tx:
            await repository.turn(tx)
            sound = await self._sound_of(tx, track.id, now)
            await repository.hasten(tx, sound, PERSON)
            done = (await repository.rows_of(tx.conn, [sound]))[sound].state == "done"
            job = None if done else await self.ground.ask_to_listen(tx, wake=True)
            number = await self._add(tx, actor, "track", track.title, {"track_id": track.id, "sound_id": sound}, now)
        view = await self.get(actor, number)
        return view if job is None else replace(view, job=job)

    async def url(self, actor: Actor, url: str) -> RequestView:
        """Have what is at an address listened to. Raises BadAddress, TooManyRequests, AnalysisOff; what the address comes to
        in the end is said by the request."""
        self._check_on()
        parsed = fetching.checked(url)
        await self.address_of(parsed.host, parsed.port or 443)
        return await self._begin(actor, "url", str(parsed), {})

    async def upload(self, actor: Actor, name: str, parts: AsyncIterator[bytes]) -> RequestView:
        """Store a file and have it listened to. Raises EmptyUpload, UploadTooLarge, TooManyRequests, AnalysisOff."""
        self._check_on()
        await self._check_room(actor)
        key = f"{FOLDER}/{secrets.token_hex(12)}"
        limit_mb = self.ground.chosen.upload_mb
        size = 0

        async def counted() -> AsyncIterator[bytes]:
            nonlocal size
            async for part in parts:
                size += len(part)
                if size > limit_mb * 2**20:
                    raise UploadTooLarge(limit_mb)
                if part:
                    yield bytes(part)

        try:
            await self.ground.storage.put(key, counted())
            if not size:
                raise EmptyUpload
            return await self._begin(actor, "upload", name.strip()[:400] or "upload", {"storage_key": key})
        except BaseException:
            await self.ground.storage.delete(key)
            raise

    # --- looking ------------------------------------------------------------------------------------------------------

    async def page(self, actor: Actor, before: int | None = None, limit: int = 50) -> list[RequestView]:
        """One's own requests, newest first, without what was heard."""
        async with self.ground.db.read() as conn:
            found = await rows.page(conn, actor.person, before, limit)
        return [await self._seen(row) for row in found]

    async def get(self, actor: Actor, number: int) -> RequestView:
        """One request with what was heard. Raises RequestNotFound, also for another person's."""
        row = await self._find(actor, number)
        view = await self._seen(row)
        if view.state != "done" or row.sound_id is None:
            return view
        async with self.ground.db.read() as conn:
            held = await repository.documents_of(conn, [row.sound_id])
        return replace(view, heard=documents.unpacked(held[row.sound_id]) if row.sound_id in held else None)

    async def forget(self, actor: Actor, number: int) -> None:
        """Forget a request; what works on it is cancelled. Raises RequestNotFound."""
        row = await self._find(actor, number)
        job = await self.ground.jobs.active_with_key(_key(number))
        async with self.ground.db.write() as tx:
            await rows.drop(tx, [number])
            tx.changed("analysis_request", number, "delete", user_id=row.user_id)
        if job is not None:
            await self._cancel(job.id)
        if row.storage_key is not None:
            await self.ground.storage.delete(row.storage_key)

    # --- the work -----------------------------------------------------------------------------------------------------

    async def hear(self, job: JobContext, number: int) -> dict[str, Any]:
        """Fetch, tell and listen to what a request is for. What it is for may be known by its audio already."""
        async with self.ground.db.read() as conn:
            row = await rows.get(conn, number)
        if row is None or row.state not in rows.OPEN:
            return {"state": None if row is None else row.state}
        async with self.ground.db.write() as tx:
            await job.guard(tx)
            await self._change(tx, row, state="running", error=None)
        try:
            with tempfile.TemporaryDirectory(prefix="segue-analysis-") as folder:
                path = await self._brought(job, row, Path(folder))
                sound = await self._told(job, row, path)
                told = await self._listened(job, sound, path)
        except (BadAddress, fetching.NotFetched, ObjectNotFound) as refusal:
            told = reason(refusal.code, refusal.params)
        finally:
            await listening.give_back(self.ground, job)
        async with self.ground.db.write() as tx:
            await job.guard(tx)
            state = "done" if told is None else "failed"
            await self._change(tx, row, state=state, error=told, ended_at=self.ground.now(), storage_key=None)
        if row.storage_key is not None:
            await self.ground.storage.delete(row.storage_key)
        return {"state": state}

    async def _brought(self, job: JobContext, row: Any, folder: Path) -> Path:
        """The file itself, on this machine, with the ending of its name."""
        path = folder / f"sound{_ending(row.name)}"
        if row.kind == "url":
            job.progress(phase="fetch")
            limit = self.ground.chosen.upload_mb * 2**20
            await fetching.fetch(row.name, path, limit, address_of=self.address_of)
            return path
        local = self.ground.storage.local_path(row.storage_key)
        if local is not None:
            if not await asyncio.to_thread(local.exists):
                raise ObjectNotFound(row.storage_key)
            await asyncio.to_thread(path.symlink_to, local)
            return path
        with path.open("wb") as file:
            async for part in self.ground.storage.stream(row.storage_key):
                file.write(part)
        return path

    async def _told(self, job: JobContext, row: Any, path: Path) -> int:
        """The sound that the file is; the request is for it from now on."""
        known = await self.audio_key(path)
        if known is None:
            known = ("sha256", await asyncio.to_thread(_digest, path))
        async with self.ground.db.write() as tx:
            await job.guard(tx)
            key = sound_key(*known)
            sound = (await repository.with_keys(tx, [key], self.ground.now(), PERSON))[key].id
            await self._change(tx, row, sound_id=sound)
        return int(sound)

    async def _listened(self, job: JobContext, sound: int, path: Path) -> dict[str, Any] | None:
        """Listen to a sound that nobody has heard; None where it is heard, else why not."""
        ground = self.ground
        job.progress(phase="listen")
        async with ground.db.write() as tx:
            await job.guard(tx)
            mine = await repository.claim_one(tx, sound, job.id)
            row = (await repository.rows_of(tx.conn, [sound]))[sound]
        if not mine:
            if row.state == "done":
                return None
            job.retry_later(ground.now() + timedelta(seconds=RUNNING_ELSEWHERE_S), "heard_elsewhere")
        pool = ground.pool()
        engine = ground.engine(pool)
        ask = hearing.Ask(str(path).encode(), engine=engine.function, options=dict(engine.options))
        size = (await asyncio.to_thread(path.stat)).st_size
        limit = hearing.deadline_s(None, size, ground.chosen.least_speed)
        try:
            packed = await pool.run(hearing.hear, ask, deadline_s=limit)
        except (PoolBroken, PoolClosed):
            raise
        except Exception as error:
            told = listening.told_of(error)
            async with ground.db.write() as tx:
                await job.guard(tx)
                await repository.set_state(tx, [sound], state="failed", error=told, job_id=None)
                keeping.announce(tx, (await repository.tracks_of(tx.conn, [sound]))[sound])
            return told
        finally:
            await pool.close(grace_s=0.1)
        kept = Kept(sound, bytes(row.key), packed, None)
        await keeping.draw(ground, kept)
        async with ground.db.write() as tx:
            await job.guard(tx)
            tracks = await keeping.keep(ground, tx, [kept])
        await keeping.level_albums(ground, tracks)
        return None

    # --- upkeep -------------------------------------------------------------------------------------------------------

    async def tidy(self, job: JobContext) -> int:
        """Forget requests that ended long ago; how many."""
        before = self.ground.now() - timedelta(days=self.ground.chosen.requests_days)
        count = 0
        while True:
            job.check()
            async with self.ground.db.read() as conn:
                old = await rows.ended_before(conn, before, 100)
            if not old:
                return count
            async with self.ground.db.write() as tx:
                await job.guard(tx)
                await rows.drop(tx, [row.id for row in old])
                for row in old:
                    tx.changed("analysis_request", row.id, "delete", user_id=row.user_id)
            for row in old:
                if row.storage_key is not None:
                    await self.ground.storage.delete(row.storage_key)
            count += len(old)

    async def on_user_erased(self, tx: Transaction, user_id: int) -> None:
        """Called inside the transaction that erases a person."""
        theirs = await rows.of_person(tx.conn, user_id)
        await rows.drop(tx, [row.id for row in theirs])
        for row in theirs:
            if row.storage_key is not None:
                await self.ground.storage.delete(row.storage_key)

    async def of_person(self, user_id: int) -> list[dict[str, Any]]:
        """A person's requests as JSON, for their export."""
        async with self.ground.db.read() as conn:
            theirs = await rows.of_person(conn, user_id)
        return [
            {
                "id": format_id("an", view.id), "kind": view.kind, "name": view.name, "state": view.state,
                "reason": view.reason, "asked_at": rfc3339(view.asked_at),
            }
            for view in map(_view, theirs)
        ]  # fmt: skip

    # --- inside -------------------------------------------------------------------------------------------------------

    async def _begin(self, actor: Actor, kind: Kind, name: str, values: dict[str, Any]) -> RequestView:
        await self._check_room(actor)
        async with self.ground.db.write() as tx:
            number = await self._add(tx, actor, kind, name, values, self.ground.now())
            await self.ground.jobs.enqueue(
                tx, HEAR_REQUEST, {"request": number}, dedup_key=_key(number), created_by=actor.user_id
            )
        return await self.get(actor, number)

    async def _add(
        self, tx: Transaction, actor: Actor, kind: Kind, name: str, values: dict[str, Any], now: datetime
    ) -> int:
        row = {"user_id": actor.person, "kind": kind, "name": name, "state": "pending", "asked_at": now, **values}
        number = await rows.add(tx, row)
        tx.changed("analysis_request", number, user_id=actor.person)
        return number

    async def _sound_of(self, tx: Transaction, track: int, now: datetime) -> int:
        """The sound that a track is, though nobody looked at it yet. Raises NotInLibrary."""
        known = (await repository.sounds_of(tx.conn, [track])).get(track)
        if known is not None:
            return int(known.id)
        files = await repository.files_of(tx.conn, [track])
        if not files:
            raise NotInLibrary("tracks", track)
        key = key_of(files[0])
        sound = int((await repository.with_keys(tx, [key], now, PERSON))[key].id)
        await repository.put_members(tx, {track: sound})
        return sound

    async def _find(self, actor: Actor, number: int) -> Any:
        async with self.ground.db.read() as conn:
            row = await rows.get(conn, number)
        if row is None or (row.user_id != actor.person and not actor.is_admin):
            raise RequestNotFound(number)
        return row

    async def _seen(self, row: Any) -> RequestView:
        """A row as a view, with the job that works on it; what no job works on any more has failed."""
        view = _view(row)
        if row.kind == "track" or row.state not in rows.OPEN:
            return view
        job = await self.ground.jobs.active_with_key(_key(row.id))
        if job is None:
            return replace(view, state="failed", reason=reason("job_ended"))
        return replace(view, job=job.id)

    async def _change(self, tx: Transaction, row: Any, **values: Any) -> None:
        if await rows.change(tx, row.id, **values):
            tx.changed("analysis_request", row.id, user_id=row.user_id)

    async def _cancel(self, job: int) -> None:
        try:
            await self.ground.jobs.cancel(SYSTEM, job)
        except (JobNotFound, NotCancellable):
            log.info("request_ended_meanwhile", job=job)

    async def _check_room(self, actor: Actor) -> None:
        async with self.ground.db.read() as conn:
            if await rows.count_open(conn, actor.person) >= MOST_OPEN:
                raise TooManyRequests(MOST_OPEN)

    def _check_on(self) -> None:
        if not self.ground.chosen.enabled:
            raise AnalysisOff


def _view(row: Any) -> RequestView:
    """A request for a track is as far as the track's sound is."""
    state, told, ended = row.state, row.error, row.ended_at
    if row.kind == "track":
        state = row.sound_state or "failed"
        told = row.sound_error if row.sound_state else reason("track_gone")
        ended = row.analyzed_at if state == "done" else None
    return RequestView(row.id, row.kind, row.name, state, told, row.track_id, row.asked_at, ended)


def _key(request: int) -> str:
    return f"{HEAR_REQUEST}.{format_id('an', request)}"


def _ending(name: str) -> str:
    """The ending of a file's name, or of the path of an address, as far as one is plain: `.mp3`."""
    ending = PurePosixPath(urlsplit(name).path if "://" in name else name).suffix
    return ending.lower() if 1 < len(ending) <= 6 and ending[1:].isascii() and ending[1:].isalnum() else ""


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


async def _no_key(_path: Path) -> tuple[str, bytes] | None:
    return None
