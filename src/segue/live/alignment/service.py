"""The verbs of alignment: line up two tracks that are here, and say where in one the other is.

Nothing is computed ahead: whoever switches sources asks for the pair, a job listens to both, and what it found is kept until
another file is there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from segue.core.access import SYSTEM, Actor
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.core.ids import format_id
from segue.core.pool import PoolError, ProcessPool
from segue.jobs import JobService
from segue.jobs.service import Ticket
from segue.live.alignment import repository
from segue.live.alignment.errors import LiveTrackNotFound, NotAligned, NotHere, SameTrack
from segue.live.alignment.pairs import align_pair
from segue.live.alignment.records import VERSION, Alignment, Fit, NoSound, Sound, as_rows, of_rows
from segue.live.alignment.repository import Elsewhere, TrackRow

ALIGN = "live.align"
State = Literal["none", "working", "aligned", "apart", "failed"]
DEADLINE_S = 900.0
"""Listening to two hours of FLAC takes about a minute; this is for the slowest machine."""
MEMORY_MB = 1024


class Playing(Protocol):
    """Whoever knows which bytes a track of the library is."""

    async def playable(self, actor: Actor, number: int) -> Any | None: ...


@dataclass(frozen=True, slots=True)
class Found:
    """What is known about a pair, said from `first` to `second`."""

    first: TrackRow
    second: TrackRow
    state: State
    alignment: Alignment | None = None
    score: float | None = None
    reason: str | None = None
    job: int | None = None


@dataclass(frozen=True, slots=True)
class Other:
    """A track that plays the same song in another recording; `here` where this person can hear it from this server."""

    track: Elsewhere
    here: bool
    state: State
    score: float | None


class AlignmentService:
    """The door to alignments. `music` says which bytes a track of the library is."""

    def __init__(self, db: Database, jobs: JobService, music: Playing) -> None:
        self._db = db
        self._jobs = jobs
        self._music = music
        self.pool: Callable[[], ProcessPool] = lambda: ProcessPool(1, memory_mb=MEMORY_MB)
        """Where files are listened to: a child process with a deadline and a limit of memory."""

    async def request(self, actor: Actor, first: int, second: int) -> Found:
        """What is known about two tracks; where that is nothing, a job that finds out is under way.

        Raises SameTrack, LiveTrackNotFound, NotHere.
        """
        found = await self.found(actor, first, second)
        for track in (found.first, found.second):
            await self._sound(actor, track)
        if found.state != "none":
            return found
        ticket = await self._enqueue(actor, first, second)
        return Found(found.first, found.second, "working", job=ticket.id)

    async def found(self, actor: Actor, first: int, second: int) -> Found:
        """What is known about two tracks, without finding out. Raises SameTrack, LiveTrackNotFound."""
        if first == second:
            raise SameTrack
        low, high = sorted((first, second))
        async with self._db.read() as conn:
            tracks = await repository.tracks(conn, [first, second])
            row = await repository.alignment(conn, low, high)
        for number in (first, second):
            if number not in tracks:
                raise LiveTrackNotFound(format_id("lt", number))
        here, there = tracks[first], tracks[second]
        if row is None or not _still_holds(row, tracks[low], tracks[high]):
            job = await self._jobs.active_with_key(_key(low, high))
            return Found(here, there, "none") if job is None else Found(here, there, "working", job=job.id)
        if row.state != "aligned":
            return Found(here, there, row.state, score=row.score, reason=row.reason)
        said = Alignment(row.offset_ms, row.ratio, of_rows(row.stretches))
        if first != low:
            said = said.inverse(here.duration_ms or 0)
        return Found(here, there, "aligned", said, row.score)

    async def others(self, actor: Actor, number: int) -> list[Other]:
        """Where else the song of a track can be heard: tracks of other recordings of the night, the best first, with what is
        known about switching to each. Raises LiveTrackNotFound."""
        async with self._db.read() as conn:
            tracks = await repository.tracks(conn, [number])
            if number not in tracks:
                raise LiveTrackNotFound(format_id("lt", number))
            mine = tracks[number]
            found = await repository.same_song(conn, mine)
            pairs = await repository.pairs(conn, number)
        told = []
        for one in found:
            row = pairs.get(one.track.id)
            if row is not None:
                first, second = sorted((mine, one.track), key=lambda track: track.id)
                row = row if _still_holds(row, first, second) else None
            here = one.track.track_id is not None and await self._music.playable(actor, one.track.track_id) is not None
            told.append(Other(one, here, "none" if row is None else row.state, None if row is None else row.score))
        return told

    async def place(self, actor: Actor, first: int, second: int, position_ms: int) -> tuple[Alignment, int | None]:
        """Where in `second` a position of `first` is, in milliseconds (None where `second` lacks it), and by which alignment.

        Raises NotAligned beside what `found` raises.
        """
        found = await self.found(actor, first, second)
        if found.alignment is None:
            raise NotAligned(found.state)
        place = found.alignment.place(position_ms)
        end = found.second.duration_ms
        return found.alignment, None if place is None or (end is not None and place >= end) else round(place)

    async def find(self, first: int, second: int) -> Found:
        """Listen to two tracks, the smaller id first, line them up and keep what came of it."""
        async with self._db.read() as conn:
            tracks = await repository.tracks(conn, [first, second])
        if len(tracks) < 2:
            raise LiveTrackNotFound(format_id("lt", second if first in tracks else first))
        sounds = [await self._sound(SYSTEM, tracks[number]) for number in (first, second)]
        fit, reason = await self._listened(sounds[0], sounds[1])
        values: dict[str, Any] = {
            "first_id": first, "second_id": second, "first_track": tracks[first].track_id,
            "second_track": tracks[second].track_id, "state": "failed", "offset_ms": None, "ratio": None, "score": None,
            "stretches": None, "reason": reason, "version": VERSION, "found_at": utc_now(),
        }  # fmt: skip
        if fit is not None:
            values |= {"state": "apart", "score": round(fit.score, 3)}
            if fit.alignment is not None:
                said = fit.alignment
                values |= {
                    "state": "aligned", "offset_ms": said.offset_ms, "ratio": said.ratio, "stretches": as_rows(said.stretches),
                }  # fmt: skip
        async with self._db.write() as tx:
            await repository.put(tx, values)
            tx.changed("live_alignment", f"{first}:{second}")
        return await self.found(SYSTEM, first, second)

    async def _sound(self, actor: Actor, track: TrackRow) -> Sound:
        """The bytes of a track. Raises NotHere where they are not on this server, or not for this person."""
        offered = None if track.track_id is None else await self._music.playable(actor, track.track_id)
        if offered is None:
            raise NotHere(format_id("lt", track.id))
        return Sound(offered.path, offered.start_ms or 0, offered.end_ms)

    async def _listened(self, first: Sound, second: Sound) -> tuple[Fit | None, str | None]:
        """What came of listening, or the code of what kept it from ending."""
        async with self.pool() as pool:
            try:
                return await pool.run(align_pair, (first, second), deadline_s=DEADLINE_S), None
            except NoSound:
                return None, "no_sound"
            except PoolError as error:
                return None, error.code

    async def _enqueue(self, actor: Actor, first: int, second: int) -> Ticket:
        low, high = sorted((first, second))
        return await self._jobs.enqueue_now(
            ALIGN, {"first": low, "second": high}, dedup_key=_key(low, high), priority=10, created_by=actor.user_id
        )


def _still_holds(row: Any, first: TrackRow, second: TrackRow) -> bool:
    same = row.first_track == first.track_id and row.second_track == second.track_id
    return bool(same and row.version == VERSION)


def _key(low: int, high: int) -> str:
    return f"{ALIGN}.{low}.{high}"
