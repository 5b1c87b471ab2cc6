"""The one job that fetches everything for the whole house: whose turn it is, a few files at once, and when to stop.

There is one porter at a time (the job's key says so), so its settings for bandwidth and files at once hold for all. Turns go
round among people, and by each one's order within what they want. When it is killed, the next one puts back what it had in
hand, and every file goes on from its part.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import structlog

from segue.core.clock import quiet_until, rfc3339, zone
from segue.core.db import Transaction
from segue.core.errors import Unavailable
from segue.core.setting_types import clock_hours
from segue.jobs import JobContext, LeaseLost
from segue.live.downloads import repository, states
from segue.live.downloads.carrying import Carrier
from segue.live.downloads.errors import kept
from segue.live.downloads.finishing import Finisher
from segue.live.downloads.ground import PORTER, Ground
from segue.live.downloads.resolving import Resolver

log = structlog.get_logger("segue.live.downloads")
KEY = PORTER
WAITS = "downloads_wait"
QUIET = "quiet_hours"
"""What the job waits for: every download for something, or the end of the quiet hours. Whoever wants more wakes it, and it
looks again, for the settings may be others by now."""
LONGEST_LOOK_S = 2.0
"""A wait up to this long is waited out; a longer one is a job for later."""
END_S = 5.0
"""How long transfers may take to come to their next piece when the porter ends."""
_MINE = (states.RESOLVING, states.DOWNLOADING, states.VERIFYING)


async def ring(ground: Ground, tx: Transaction) -> None:
    """Have the porter look for work: in `tx`, with what it is to find."""
    await repository.lock_queue(tx)
    await ground.jobs.enqueue(tx, PORTER, {}, dedup_key=KEY)
    for reason in (WAITS, QUIET):
        await ground.jobs.wake(tx, KEY, reason)


class Porter:
    """One start of the job."""

    def __init__(self, ground: Ground, job: JobContext) -> None:
        self._ground = ground
        self._db = ground.db
        self._job = job
        self._tasks: dict[asyncio.Task[None], tuple[int, int, int]] = {}
        """What each is for: download, file or 0, person."""
        self._served: dict[int, float] = {}
        self._carried = 0

    async def run(self) -> dict[str, Any] | None:
        """Work until nothing is left to do. Raises what ends a job early."""
        async with self._db.write() as tx:
            await self._job.guard(tx)
            await repository.release(tx)
        try:
            return await self._work()
        finally:
            lost = self._job.interruption is LeaseLost
            await self._put_down("lost" if lost else "stopping")

    async def _work(self) -> dict[str, Any] | None:
        while True:
            self._job.check()
            quiet = self._quiet()
            if quiet is not None:
                await self._put_down("quiet")
                self._job.retry_later(quiet, QUIET, until=rfc3339(quiet))
            while len(self._tasks) < self._ground.settings().live.parallel_downloads:
                if not await self._take_one():
                    break
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=self._ground.pace.look_s, return_when=asyncio.FIRST_COMPLETED)
                self._reap()
                await self._look()
                continue
            wait = await self._idle()
            if self._job.has_completed:
                return None
            if wait is not None and wait - self._ground.now() > timedelta(seconds=LONGEST_LOOK_S):
                self._job.retry_later(wait, WAITS, until=rfc3339(wait))
            await asyncio.sleep(self._ground.pace.look_s if wait is None else self._seconds_to(wait))

    def _seconds_to(self, moment: datetime) -> float:
        return min(LONGEST_LOOK_S, max(0.01, (moment - self._ground.now()).total_seconds()))

    def _soon(self) -> datetime:
        return self._ground.now() + timedelta(seconds=self._ground.pace.look_s)

    def _quiet(self) -> datetime | None:
        here = zone(self._ground.settings().time_zone)
        return quiet_until(self._ground.now(), here, clock_hours(self._ground.chosen.quiet_hours))

    # --- whose turn it is ---------------------------------------------------------------------------------------------

    async def _take_one(self) -> bool:
        """Begin one more thing, if there is any to do."""
        now = self._ground.now()
        in_hand = Counter(person for _, _, person in self._tasks.values())
        busy = {download for download, file, _ in self._tasks.values() if not file}
        async with self._db.read() as conn:
            people = await repository.people_waiting(conn, now)
            people.sort(key=lambda person: (in_hand[person], self._served.get(person, 0.0)))
            for person in people:
                for row in await repository.ready(conn, person, now):
                    if row.id in busy or self._ground.under_way.is_stopping(row.id):
                        continue
                    if row.state == states.DOWNLOADING:
                        file = await repository.next_file(conn, row.id, now)
                        if file is not None:
                            return await self._take_file(row, file)
                        if (await repository.sums(conn, row.id)).open:
                            continue
                    return await self._take_whole(row)
        return False

    async def _take_file(self, download: Any, file: Any) -> bool:
        async with self._db.write() as tx:
            await self._job.guard(tx)
            values = {"started_at": file.started_at or self._ground.now(), "not_before": None, "error": None}
            if not await repository.is_state(tx, download.id, states.DOWNLOADING):
                return True
            if await repository.is_under_way(tx.conn, bytes(download.root), bytes(file.path), file.id):
                await repository.move_file(tx, file.id, (states.QUEUED,), not_before=self._soon())
                return True
            if not await repository.move_file(tx, file.id, (states.QUEUED,), states.DOWNLOADING, **values):
                return True
        token = self._ground.under_way.begin(download.id, file.id)
        carrier = Carrier(self._ground, self._job)
        self._begin(lambda: carrier.carry(download, file, token), download, file.id)
        return True

    async def _take_whole(self, download: Any) -> bool:
        """Plan a download, or end one of which every file has ended."""
        to = states.RESOLVING if download.state == states.QUEUED else states.VERIFYING
        async with self._db.write() as tx:
            await self._job.guard(tx)
            if not await repository.move(tx, download, (download.state,), to, not_before=None):
                return True
        self._ground.under_way.begin(download.id)
        work = (
            Resolver(self._ground, self._job).resolve
            if to == states.RESOLVING
            else Finisher(self._ground, self._job).finish
        )
        self._begin(lambda: work(download), download, 0)
        return True

    def _begin(self, work: Callable[[], Awaitable[None]], download: Any, file: int) -> None:
        async def safely() -> None:
            try:
                await work()
            except Unavailable:
                raise  # the database is away: the job is tried again
            except Exception as error:  # one wrong file must not end the downloads of all
                log.exception("download_mistake", download=download.id, file=file)
                await self._mistaken(download, file, error)

        task = asyncio.create_task(safely(), name=f"download {download.id} {file}")
        self._tasks[task] = (download.id, file, download.user_id)
        self._served[download.user_id] = time.monotonic()

    async def _mistaken(self, download: Any, file: int, error: Exception) -> None:
        told = kept("internal", retryable=True, reason=repr(error)[:200])
        now = self._ground.now()
        async with self._db.write() as tx:
            await self._job.guard(tx)
            if file:
                await repository.move_file(
                    tx, file, (states.DOWNLOADING, states.VERIFYING), states.FAILED, error=told, ended_at=now
                )
            else:
                await repository.move(tx, download, _MINE, states.FAILED, error=told, ended_at=now)

    def _reap(self) -> None:
        """Let go of what has ended. Raises what a task ended with."""
        for task in [task for task in self._tasks if task.done()]:
            download, file, _ = self._tasks.pop(task)
            self._ground.under_way.end(download, file)
            self._carried += bool(file)
            task.result()

    # --- meanwhile ----------------------------------------------------------------------------------------------------

    async def _look(self) -> None:
        """Hear of cancels and pauses, and tell how far it is: all here, and to the tables now and then."""
        held = {download for download, _, _ in self._tasks.values()}
        if held:
            async with self._db.read() as conn:
                found = await repository.states_of(conn, held)
            for download in held:
                state = found.get(download, states.CANCELLED)
                if state == states.PAUSED:
                    self._ground.under_way.stop(download, "paused")
                elif state not in _MINE:
                    self._ground.under_way.stop(download, "cancelled")
        await self._tell()

    async def _tell(self) -> None:
        flows = list(self._ground.under_way.flows.values())
        now, pace = time.monotonic(), self._ground.pace
        told = [[flow.download, flow.file, flow.came, flow.size] for flow in flows]
        self._job.progress(
            sum(flow.came for flow in flows), sum(flow.size or flow.came for flow in flows) or None,
            unit="bytes", phase="downloading", message="downloads", files=told, carried=self._carried,
        )  # fmt: skip
        due = [
            flow
            for flow in flows
            if flow.came != flow.written
            and (
                now - flow.written_at >= pace.write_s
                or abs(flow.came - flow.written) >= pace.write_share * (flow.size or 10**12)
            )
        ]
        if not due:
            return
        async with self._db.write() as tx:
            await self._job.guard(tx)
            for flow in due:
                await repository.move_file(tx, flow.file, (states.DOWNLOADING,), done_bytes=flow.came)
                flow.written, flow.written_at = flow.came, now
            for download, user in {(flow.download, flow.user) for flow in due}:
                await repository.settle(tx, repository.Ref(download, user))

    async def _idle(self) -> datetime | None:
        """Nothing can be done just now: until when, or the end of the job where nothing is left."""
        async with self._db.write() as tx:
            await repository.lock_queue(tx)
            await self._job.guard(tx)
            open_, until = await repository.waits(tx.conn, self._ground.now())
            if not open_:
                await self._job.complete(tx, {"files": self._carried})
                return None
            return until

    async def _put_down(self, why: Any) -> None:
        """Have everything in hand end at its next piece; what does not is cancelled."""
        self._ground.under_way.stop_all(why)
        if not self._tasks:
            return
        await asyncio.wait(self._tasks, timeout=END_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks, timeout=END_S)
        for task, (download, file, _) in self._tasks.items():
            self._ground.under_way.end(download, file)
            if task.done() and not task.cancelled() and task.exception() is not None:
                log.warning("download_put_down", download=download, reason=repr(task.exception()))
        self._tasks.clear()
