"""How a start of a job ends, and what is written of it: done, failed, tried again, cancelled, given back, waiting."""

from __future__ import annotations

import asyncio
import json
import random
import traceback
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError, StatementError

from segue.core.clock import rfc3339
from segue.core.db import Database, Transaction
from segue.core.errors import SegueError
from segue.jobs import leases
from segue.jobs.backoff import RetryPolicy
from segue.jobs.context import JobContext
from segue.jobs.errors import Cancelled, Failed, Interruption, LeaseLost, RetryLater, Stopping
from segue.jobs.leases import Clock, Expired, Lease
from segue.jobs.plain import plain, plain_text
from segue.jobs.pulse import OUTAGES, Run
from segue.jobs.registry import JobKind, Registry

log = structlog.get_logger("segue.jobs")


class TimedOut(SegueError):
    def __init__(self, kind: str, limit_s: float) -> None:
        super().__init__(
            "job_timed_out", f"It took longer than the {limit_s:g} s that {kind} may take.", limit_s=limit_s
        )


@dataclass(frozen=True, slots=True)
class Ending:
    """What is written of a start. With a `run_at` the job is queued again."""

    lease: Lease
    outcome: str
    """done | failed | cancelled | retried | stopped | waiting"""
    progress: dict[str, Any] | None = None
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    traceback: str | None = None
    run_at: datetime | None = None
    waiting: dict[str, Any] | None = None

    async def write(self, tx: Transaction) -> None:
        """Raises LeaseLost."""
        if self.run_at is not None:
            await leases.put_back(
                tx,
                self.lease,
                self.run_at,
                waiting=self.waiting,
                error=self.error,
                traceback=self.traceback,
                progress=self.progress,
                counts=self.error is not None,
            )
        else:
            await leases.finish(
                tx,
                self.lease,
                self.outcome,
                result=self.result,
                error=self.error,
                traceback=self.traceback,
                progress=self.progress,
                counts=self.error is not None,
            )


def _is_lasting(error: BaseException) -> bool:
    """Whether trying again is of no use: the statement or a value in it is wrong."""
    if isinstance(error, (DataError, IntegrityError, ProgrammingError)):
        return True
    return isinstance(error, StatementError) and not isinstance(error, DBAPIError)


class Endings:
    """Writes how starts end. `rng` is the jitter of retries."""

    def __init__(self, db: Database, registry: Registry, clock: Clock, rng: random.Random) -> None:
        self.db = db
        self.registry = registry
        self._clock = clock
        self._rng = rng
        self._waiting: list[tuple[Ending, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def settle(self, kind: JobKind, run: Run, work: asyncio.Task[object]) -> str:
        """Write how the work ended; returns the outcome. Raises LeaseLost where it is no longer ours to say.

        Endings that come while one is being written share the next transaction. While the database is away, it is tried
        again and again, as long as the job is ours.
        """
        if run.context.has_completed:
            return "done"
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        ending = self._decide(kind, run, work)
        self._waiting.append((ending, written))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all(), name="jobs endings")
        await written
        return ending.outcome

    async def close(self) -> None:
        """Give up what could not be written yet; the leases of those jobs run out."""
        if self._writing is not None and not self._writing.done():
            self._writing.cancel()
            await asyncio.wait({self._writing})

    def _decide(self, kind: JobKind, run: Run, work: asyncio.Task[object]) -> Ending:
        """What becomes of the job. Raises LeaseLost where that is why the work ended."""
        lease = run.lease
        error = _error_of(work, run.context)
        progress = run.context.progress_since(0)
        shown = plain(progress[1]) if progress else None
        now = self._clock.now()
        match error:
            case None:
                return Ending(lease, "done", progress=shown, result=plain(work.result()))
            case LeaseLost():
                raise error
            case Cancelled():
                return Ending(lease, "cancelled", progress=shown)
            case Stopping():
                return Ending(lease, "stopped", progress=shown, run_at=now)
            case RetryLater():
                waiting = {"code": error.reason, "params": plain(error.params)}
                return Ending(lease, "waiting", progress=shown, run_at=error.at, waiting=waiting)
        told = _told(error)
        trace = plain_text("".join(traceback.format_exception(error)))
        attempt = lease.attempts + 1
        final = isinstance(error, (Failed, *kind.final_errors)) or attempt >= lease.max_attempts
        log.warning("job_failed", job=lease.id, kind=kind.name, attempt=attempt, final=final, reason=told["message"])
        if final:
            return Ending(lease, "failed", progress=shown, error=told, traceback=trace)
        again = now + timedelta(seconds=kind.retry.delay_s(attempt, self._rng))
        waiting = {"code": "retry", "params": {"attempt": attempt, "of": lease.max_attempts, "at": rfc3339(again)}}
        return Ending(lease, "retried", progress=shown, error=told, traceback=trace, run_at=again, waiting=waiting)

    async def _write_all(self) -> None:
        pause = 0.2
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                await self._write(batch)
                pause = 0.2
            except OUTAGES as outage:
                if _is_lasting(outage):
                    for one in batch:
                        await self._write_or_fail(*one)
                    continue
                self._waiting = batch + self._waiting
                log.warning("job_ends_not_written", jobs=len(batch), reason=str(outage), pause_s=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)
            except BaseException as mistake:
                for _ending, written in batch:
                    _refuse(written, mistake)
                raise

    async def _write(self, batch: list[tuple[Ending, asyncio.Future[None]]]) -> None:
        lost: list[tuple[asyncio.Future[None], LeaseLost]] = []
        async with self.db.write() as tx:
            for ending, written in sorted(batch, key=lambda one: one[0].lease.id):
                try:
                    await ending.write(tx)
                except LeaseLost as theirs:
                    lost.append((written, theirs))
        for written, reason in lost:
            _refuse(written, reason)
        for _ending, written in batch:
            if not written.done():
                written.set_result(None)

    async def _write_or_fail(self, ending: Ending, written: asyncio.Future[None]) -> None:
        """Write an ending by itself; one that the database will never take fails the job with that reason instead."""
        try:
            await self._write([(ending, written)])
        except OUTAGES as refusal:
            told = {
                "code": "job_end_refused",
                "message": plain_text(f"Its end could not be stored: {refusal}"),
                "params": {},
            }
            log.error("job_end_refused", job=ending.lease.id, outcome=ending.outcome, reason=told["message"])
            if ending.error is not None and ending.error["code"] == told["code"]:
                _refuse(written, refusal)
            else:
                self._waiting.append((Ending(ending.lease, "failed", error=told), written))

    def after_death(self, dead: Expired) -> dict[str, Any]:
        """What becomes of a job whose worker vanished: on at once, later when it happens again, failed in the end."""
        now = self._clock.now()
        if dead.cancel:
            return {"state": "cancelled", "finished_at": now}
        attempts, deaths = dead.attempts + 1, dead.deaths + 1
        params = {"deaths": deaths, "attempts": attempts, "last_heartbeat": rfc3339(dead.last_beat)}
        times = "once" if deaths == 1 else f"{deaths} times"
        message = f"The worker doing this job ended without a word {times}; it was last heard of at {rfc3339(dead.last_beat)}."
        values: dict[str, Any] = {
            "attempts": attempts,
            "deaths": deaths,
            "error": {"code": "job_worker_died", "message": message, "params": params},
        }
        if attempts >= dead.max_attempts:
            return values | {"state": "failed", "finished_at": now}
        kind = self.registry.kinds.get(dead.kind)
        policy = kind.retry if kind else RetryPolicy()
        delay_s = 0.0 if deaths == 1 else policy.delay_s(deaths - 1, self._rng)
        return values | {"state": "queued", "run_at": now + timedelta(seconds=delay_s)}


def _refuse(written: asyncio.Future[None], error: BaseException) -> None:
    if not written.done():
        written.set_exception(error)


async def do_work(kind: JobKind, run: Run) -> object:
    """Run the function of a job within its time limit. Raises what it raises, and TimedOut."""
    try:
        async with asyncio.timeout(kind.timeout_s) as limit:
            result = await kind.work(run.context, kind.read_params(run.lease.params))
            json.dumps(result)
            return result
    except TimeoutError as error:
        if limit.expired():
            raise TimedOut(kind.name, kind.timeout_s or 0.0) from error
        raise
    except (SystemExit, KeyboardInterrupt) as error:
        raise RuntimeError(f"the job tried to end the process: {error!r}") from error


def _error_of(work: asyncio.Task[object], context: JobContext) -> BaseException | None:
    """Why the work ended, or None where it is done. A cancelled task says why it was cancelled."""
    if work.cancelled():
        return _interruption(context)
    error = work.exception()
    if isinstance(error, BaseExceptionGroup):
        inner = error.subgroup(lambda one: isinstance(one, Interruption))
        while isinstance(inner, BaseExceptionGroup):
            inner = inner.exceptions[0]
        if inner is not None:
            return inner
    if error is not None and context.interruption is Cancelled and not isinstance(error, Interruption):
        return Cancelled()
    return error


def _interruption(context: JobContext) -> BaseException:
    try:
        context.check()
    except Interruption as why:
        return why
    return RuntimeError("the job's task was cancelled from within")


def _told(error: BaseException) -> dict[str, Any]:
    """{code, message, params} of an exception, storable."""
    if isinstance(error, SegueError):
        return {"code": error.code, "message": plain_text(error.message), "params": plain(error.params)}
    name = type(error).__name__
    message = plain_text(f"{name}: {error}" if str(error) else name)
    return {"code": "job_crashed", "message": message, "params": {"type": name}}
