"""A worker: takes what is most urgent, does it, writes how it ended, and gives everything back when it has to go.

It finds work by looking, often after it found some and less often while there is none, and at once when its own process
enqueues. Any number of workers share the tables; what one leaves behind the others pick up when its leases run out.
"""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import socket
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import structlog

from segue.core.db import Database
from segue.jobs import leases, repository
from segue.jobs.context import JobContext, Resolver
from segue.jobs.endings import Endings, do_work
from segue.jobs.errors import LeaseLost, Stopping
from segue.jobs.leases import Clock, Lease, Terms
from segue.jobs.pulse import OUTAGES, Pulse, Rhythm, Run
from segue.jobs.registry import JobKind, Registry
from segue.jobs.service import JobService

log = structlog.get_logger("segue.jobs")

DROWSY_AFTER_S = 30.0


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """How a worker behaves; everything in seconds but `slots`."""

    slots: int = 8
    """Jobs at once in this process."""
    lease_s: float = 30.0
    """How long a job stays with a worker that has gone silent. It beats three times in that."""
    watch_s: float = 0.5
    """How often cancellation is looked for and progress shown."""
    poll_s: float = 0.25
    """How often an idle worker looks for work: five times as often just after it had some, a quarter as often when it
    has had none for half a minute."""
    cancel_grace_s: float = 5.0
    """How long a cancelled job may take to reach its next step before its task is cancelled under it."""
    stop_grace_s: float = 6.0
    """The same when the worker is going down."""
    stall_limit_s: float = 600.0
    """How long the event loop may be kept from running before its jobs are given up."""


async def run_worker(
    db: Database,
    registry: Registry,
    *,
    stop: asyncio.Event,
    queues: Collection[str] | None = None,
    resolve: Resolver | None = None,
    service: JobService | None = None,
    settings: WorkerSettings | None = None,
    worker_id: str | None = None,
    seed: int | None = None,
) -> None:
    """Work until `stop` is set; then let jobs reach their next step, give them back, and return within ten seconds.

    `queues` are the ones to serve (None: all of the registry). `resolve` gives jobs their services (`JobContext.service`).
    `service` carries the server's time zone and retention. `worker_id` is known to a supervisor that reports deaths.
    `seed` fixes the jitter of retries.
    """
    worker = Worker(
        db,
        registry,
        queues=queues,
        resolve=resolve,
        service=service or JobService(db, registry),
        settings=settings or WorkerSettings(),
        worker_id=worker_id or secrets.token_hex(8),
        rng=random.Random(seed),
    )
    await worker.run(stop)


class Worker:
    """One worker; see `run_worker`."""

    def __init__(
        self,
        db: Database,
        registry: Registry,
        *,
        queues: Collection[str] | None,
        resolve: Resolver | None,
        service: JobService,
        settings: WorkerSettings,
        worker_id: str,
        rng: random.Random,
    ) -> None:
        self.db = db
        self.registry = registry
        self.id = worker_id
        self.queues = sorted(queues if queues is not None else registry.queues)
        for name in self.queues:
            registry.queue(name)
        self.kinds = sorted(registry.kinds)
        self.settings = settings
        self.service = service
        self._resolve_more = resolve
        self._terms = Terms(settings.lease_s, Clock())
        self._endings = Endings(db, registry, self._terms.clock, rng)
        self._runs: dict[asyncio.Task[None], Run] = {}
        self._nudge = asyncio.Event()
        beat_s = settings.lease_s / 3
        rhythm = Rhythm(min(settings.watch_s, beat_s), beat_s, settings.stall_limit_s)
        self._pulse = Pulse(db, worker_id, self._terms, rhythm, self._on_interrupt)

    async def run(self, stop: asyncio.Event) -> None:
        await self._patiently(self._begin, stop)
        if stop.is_set():
            await self._sign_off()
            return
        self._pulse.start()
        self.registry.wakeups.add(self._nudge.set)
        stopping = asyncio.create_task(self._nudge_when(stop))
        upkeep = asyncio.create_task(self._upkeep(stop))
        log.info("worker_started", worker=self.id, queues=self.queues, slots=self.settings.slots)
        try:
            await self._take_until(stop)
        finally:
            self.registry.wakeups.remove(self._nudge.set)
            upkeep.cancel()
            stopping.cancel()
            await asyncio.wait({upkeep, stopping})
            await self._give_everything_back()
            await self._endings.close()
            await self._pulse.stop()
            await self._sign_off()
            log.info("worker_stopped", worker=self.id)

    async def _begin(self) -> None:
        async with self.db.read() as conn:
            await self._terms.clock.adjust(conn)
        await self.service.declare()
        now = self._terms.clock.now()
        values = {
            "id": self.id,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "queues": self.queues,
            "slots": self.settings.slots,
            "started_at": now,
            "heartbeat_at": now,
        }
        async with self.db.write() as tx:
            await repository.register_worker(tx, values)

    async def _sign_off(self) -> None:
        try:
            async with asyncio.timeout(1.0), self.db.write() as tx:
                await repository.forget_worker(tx, self.id)
        except (TimeoutError, *OUTAGES) as error:
            log.warning("worker_row_left_behind", worker=self.id, reason=str(error))

    async def _nudge_when(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._nudge.set()

    async def _patiently(self, act: Callable[[], Any], stop: asyncio.Event) -> Any:
        """Do `act`; while the database is away, try again with growing pauses, until `stop`."""
        pause = 0.2
        while True:
            try:
                return await act()
            except OUTAGES as error:
                log.warning("worker_waits_for_database", reason=str(error), pause_s=round(pause, 1))
            try:
                async with asyncio.timeout(pause):
                    await stop.wait()
                return None
            except TimeoutError:
                pause = min(pause * 2, 5.0)

    async def _take_until(self, stop: asyncio.Event) -> None:
        shortest = self.settings.poll_s / 5
        pause = shortest
        busy_at = time.monotonic()
        while not stop.is_set():
            self._nudge.clear()
            free = self.settings.slots - len(self._runs)
            taken = await self._patiently(partial(self._take, free), stop) if free else []
            for lease in taken or []:
                self._start(lease)
            if self._runs:
                busy_at = time.monotonic()
            if taken and len(taken) < free:
                pause = shortest
                await asyncio.sleep(0)
                continue
            longest = self.settings.poll_s * (1 if time.monotonic() - busy_at < DROWSY_AFTER_S else 4)
            pause = shortest if taken else min(pause * 1.5, longest)
            try:
                async with asyncio.timeout(pause if len(self._runs) < self.settings.slots else None):
                    await self._nudge.wait()
            except TimeoutError:
                continue

    async def _take(self, free: int) -> list[Lease]:
        """Lease the most urgent jobs that fit: up to `free`, within the limits of their queues."""
        now = self._terms.clock.now()
        async with self.db.read() as conn:
            if not await leases.any_ready(conn, now):
                return []
            rooms = await leases.rooms(conn, self.queues, free, now)
            wanted = await leases.choose(conn, rooms, self.kinds, free, now)
        if not wanted:
            return []
        taken: list[Lease] = []
        async with self.db.write() as tx:
            await leases.lock_queues(tx, [room.queue for room in rooms if room.limited and room.queue in wanted])
            for room in await leases.rooms(tx.conn, wanted, free, self._terms.clock.now()):
                count = min(room.free, wanted[room.queue])
                if count > 0:
                    taken += await leases.take(tx, room, count, self.kinds, self.id, self._terms)
        return taken

    def _start(self, lease: Lease) -> None:
        kind = self.registry.kind(lease.kind)
        give_up_at = None
        if kind.timeout_s is not None:
            give_up_at = time.monotonic() + kind.timeout_s + self.settings.cancel_grace_s
        run = Run(lease, JobContext(self.db, lease, self._resolve), give_up_at)
        task = asyncio.create_task(self._perform(kind, run), name=f"job {lease.id} {lease.kind}")
        self._runs[task] = run
        self._pulse.hold(run)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        run = self._runs.pop(task)
        self._pulse.drop(run)
        self._nudge.set()
        if not task.cancelled() and task.exception() is not None:
            log.error("job_not_settled", job=run.lease.id, kind=run.lease.kind, exc_info=task.exception())

    def _resolve(self, wanted: type[Any]) -> Any:
        if wanted is JobService:
            return self.service
        if self._resolve_more is None:
            raise LookupError(f"this worker has no {wanted.__name__}")
        return self._resolve_more(wanted)

    def _on_interrupt(self, run: Run) -> None:
        """On the loop: a run was cancelled or has lost its lease. Its task is cancelled too, if it does not end by itself."""
        if run.work is None or run.work.done():
            return
        if run.context.interruption is LeaseLost:
            run.work.cancel()
        else:
            asyncio.get_running_loop().call_later(self.settings.cancel_grace_s, run.work.cancel)

    async def _perform(self, kind: JobKind, run: Run) -> None:
        started = time.monotonic()
        log.info("job_started", job=run.lease.id, kind=kind.name, attempt=run.lease.attempts + 1)
        run.work = asyncio.create_task(do_work(kind, run), name=f"work {run.lease.id}")
        await asyncio.wait({run.work})
        run.settling = True
        try:
            outcome = await self._endings.settle(kind, run, run.work)
        except LeaseLost:
            outcome = "lost"
        seconds = time.monotonic() - started
        log.info("job_ended", job=run.lease.id, kind=kind.name, outcome=outcome, seconds=round(seconds, 3))
        if outcome not in ("lost", "stopped", "waiting"):
            self._pulse.count(kind.name, outcome, seconds)

    async def _upkeep(self, stop: asyncio.Event) -> None:
        """Every third of a lease, five seconds at most: take back what dead workers held, and run what is scheduled."""
        pause = min(self.settings.lease_s / 3, 5.0)
        while not stop.is_set():
            try:
                await self._patiently(self._bury_the_dead, stop)
                await self._patiently(lambda: self.service.run_due_schedules(self._terms.clock.now()), stop)
            except Exception:  # one wrong row must not end the upkeep of all
                log.exception("worker_upkeep_mistake")
            await asyncio.sleep(pause)

    async def _bury_the_dead(self) -> None:
        now = self._terms.clock.now()
        async with self.db.read() as conn:
            if not await leases.any_expired(conn, now):
                return
        async with self.db.write() as tx:
            for dead in await leases.expired(tx, now):
                await leases.bury(tx, dead, self._endings.after_death(dead))
                self._pulse.count(dead.kind, "died", 0.0)
                log.warning("job_worker_died", job=dead.id, kind=dead.kind, deaths=dead.deaths + 1)
            silent = now - timedelta(seconds=max(10 * self.settings.lease_s, 600))
            await repository.forget_silent_workers(tx, silent)
        self._nudge.set()

    async def _give_everything_back(self) -> None:
        """Ask every job to stop at its next step, then cancel, then take the lease from what still will not end."""
        for run in self._runs.values():
            run.context.interrupt(Stopping)
        if self._runs:
            await asyncio.wait(list(self._runs), timeout=self.settings.stop_grace_s)
        for run in self._runs.values():
            if run.work is not None:
                run.work.cancel()
        if self._runs:
            await asyncio.wait(list(self._runs), timeout=1.0)
        for task, run in list(self._runs.items()):
            task.cancel()  # what it was about to write is fenced like everything else
            try:
                async with asyncio.timeout(1.0), self.db.write() as tx:
                    await leases.put_back(tx, run.lease, self._terms.clock.now())
            except (TimeoutError, LeaseLost, *OUTAGES) as error:
                log.warning("job_not_given_back", job=run.lease.id, reason=str(error))
