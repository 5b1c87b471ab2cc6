"""The heartbeat of a worker: a thread that keeps leases alive, shows progress, and hears of cancelled and lost jobs.

It has a connection and an event loop of its own, so a job that keeps the worker's loop busy for a minute does not lose its
lease. It does not keep a stuck job alive for ever either: where a start has outlived its time limit, or the loop has not
answered for `stall_limit_s`, it stops beating, and the job goes on elsewhere.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import SQLAlchemyError

from segue.core.db import Database
from segue.core.errors import Unavailable
from segue.jobs import leases, repository
from segue.jobs.context import JobContext
from segue.jobs.errors import Cancelled, LeaseLost
from segue.jobs.leases import Lease, Terms

log = structlog.get_logger("segue.jobs")

OUTAGES = (SQLAlchemyError, Unavailable, OSError)
"""What a database that is away, busy or restarting raises."""


@dataclass(slots=True)
class Run:
    """One start of a job on this worker."""

    lease: Lease
    context: JobContext
    give_up_at: float | None
    """Monotonic seconds after which its lease is no longer lengthened."""
    work: asyncio.Task[object] | None = None
    settling: bool = False
    """The work has ended, and how it ended is being written: keep the lease, interrupt nothing."""
    shown: int = 0
    abandoned: bool = False


@dataclass(slots=True)
class Rhythm:
    """How often the thread looks and how long it waits, in seconds."""

    watch_s: float
    beat_s: float
    stall_limit_s: float


@dataclass(slots=True)
class _Totals:
    lock: threading.Lock = field(default_factory=threading.Lock)
    waiting: dict[tuple[str, str], tuple[int, float]] = field(default_factory=dict)

    def add(self, kind: str, outcome: str, count: int, seconds: float) -> None:
        with self.lock:
            before = self.waiting.get((kind, outcome), (0, 0.0))
            self.waiting[(kind, outcome)] = (before[0] + count, before[1] + seconds)

    def take(self) -> dict[tuple[str, str], tuple[int, float]]:
        with self.lock:
            taken, self.waiting = self.waiting, {}
            return taken


class Pulse:
    """`start` it on the worker's loop, `hold` and `drop` runs, `stop` it at the end."""

    def __init__(
        self, db: Database, worker_id: str, terms: Terms, rhythm: Rhythm, interrupted: Callable[[Run], None]
    ) -> None:
        self._source = db
        self._worker_id = worker_id
        self._terms = terms
        self._rhythm = rhythm
        self._interrupted = interrupted
        self._runs: dict[tuple[int, int], Run] = {}
        self._totals = _Totals()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._own_loop: asyncio.AbstractEventLoop | None = None
        self._ending: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._main, name="segue-jobs-pulse", daemon=True)
        self._ready = threading.Event()
        self._beat_at = 0.0
        self._adjusted_at = 0.0
        self._answered_at = 0.0
        self._asked = False
        self._in_outage = False

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._answered_at = time.monotonic()
        self._beat_at = time.monotonic()
        self._adjusted_at = time.monotonic()
        self._thread.start()
        self._ready.wait()

    async def stop(self) -> None:
        """Write what is left to write and end the thread; at most two seconds."""
        if self._own_loop is not None and self._ending is not None:
            self._own_loop.call_soon_threadsafe(self._ending.set)
        await asyncio.to_thread(self._thread.join, 2.0)

    def hold(self, run: Run) -> None:
        self._runs[(run.lease.id, run.lease.token)] = run

    def drop(self, run: Run) -> None:
        self._runs.pop((run.lease.id, run.lease.token), None)

    def count(self, kind: str, outcome: str, seconds: float) -> None:
        """Add one to the totals of /metrics; written with the next beat."""
        self._totals.add(kind, outcome, 1, seconds)

    def _main(self) -> None:
        asyncio.run(self._live())

    async def _live(self) -> None:
        self._own_loop = asyncio.get_running_loop()
        self._ending = asyncio.Event()
        self._ready.set()
        db = self._source.twin()
        try:
            while not self._ending.is_set():
                await self._tick(db)
                try:
                    async with asyncio.timeout(self._rhythm.watch_s):
                        await self._ending.wait()
                except TimeoutError:
                    continue
            await self._write(db, [], beat=False, totals=True)
        except OUTAGES as error:
            log.warning("worker_totals_not_written", reason=str(error))
        finally:
            await db.close()

    async def _tick(self, db: Database) -> None:
        self._ask_loop()
        runs = list(self._runs.values())
        beat = time.monotonic() - self._beat_at >= self._rhythm.beat_s
        try:
            if runs:
                await self._watch(db, runs)
            await self._write(db, runs, beat=beat, totals=beat)
            if time.monotonic() - self._adjusted_at > 60:
                self._adjusted_at = time.monotonic()
                async with db.read() as conn:
                    await self._terms.clock.adjust(conn)
            if self._in_outage:
                self._in_outage = False
                log.info("worker_pulse_back")
        except OUTAGES as error:
            if not self._in_outage:
                self._in_outage = True
                log.warning("worker_pulse_failed", reason=str(error), hint="Leases run out while the database is away.")
        except Exception:  # without this thread every lease of the worker would run out
            log.exception("worker_pulse_mistake")

    async def _watch(self, db: Database, runs: list[Run]) -> None:
        held = {run.lease.id: run.lease.token for run in runs}
        async with db.read() as conn:
            flags = await leases.flags(conn, held)
        for run in runs:
            if run.settling or (run.lease.id, run.lease.token) not in self._runs:
                continue
            found = flags[run.lease.id]
            how = LeaseLost if not found.owned else Cancelled if found.cancel else None
            if how is not None and run.context.interruption is not how:
                run.context.interrupt(how)
                assert self._loop
                self._loop.call_soon_threadsafe(self._interrupted, run)

    async def _write(self, db: Database, runs: list[Run], *, beat: bool, totals: bool) -> None:
        news = []
        for run in runs:
            progress = None if run.settling else run.context.progress_since(run.shown)
            if progress is not None:
                news.append((run, *progress))
        added = self._totals.take() if totals else {}
        if not (news or beat or added):
            return
        beating = self._beating(runs) if beat else []
        try:
            async with db.write() as tx:
                written = [
                    (run, version)
                    for run, version, shown in news
                    if await leases.write_progress(tx, run.lease.id, run.lease.token, shown)
                ]
                if beating:
                    await leases.beat(tx, beating, self._terms)
                if beat:
                    await repository.worker_beats(tx, self._worker_id, self._terms.clock.now())
                if added:
                    await repository.add_totals(tx, added)
        except BaseException:
            for (kind, outcome), (count, seconds) in added.items():
                self._totals.add(kind, outcome, count, seconds)
            raise
        for run, version in written:
            run.shown = version
        if beat:
            self._beat_at = time.monotonic()

    def _beating(self, runs: list[Run]) -> list[tuple[int, int]]:
        """The leases that deserve to be lengthened."""
        now = time.monotonic()
        silent_s = now - self._answered_at
        kept = []
        for run in runs:
            late = run.give_up_at is not None and now > run.give_up_at
            if late or silent_s > self._rhythm.stall_limit_s:
                if not run.abandoned:
                    run.abandoned = True
                    log.error("job_abandoned", job=run.lease.id, kind=run.lease.kind, loop_silent_s=round(silent_s))
                continue
            kept.append((run.lease.id, run.lease.token))
        return kept

    def _ask_loop(self) -> None:
        """Ask the worker's loop for a sign of life."""
        if self._asked:
            return
        self._asked = True
        assert self._loop

        def answer() -> None:
            self._answered_at = time.monotonic()
            self._asked = False

        self._loop.call_soon_threadsafe(answer)
