"""How a start of a job ends, and what is written of it: done, failed, tried again, cancelled, given back, waiting."""

from __future__ import annotations

import asyncio
import json
import random
import traceback
from datetime import timedelta
from typing import Any

import structlog

from segue.core.clock import rfc3339
from segue.core.db import Database
from segue.core.errors import SegueError
from segue.jobs import leases
from segue.jobs.backoff import RetryPolicy
from segue.jobs.context import JobContext
from segue.jobs.errors import Cancelled, Failed, Interruption, LeaseLost, RetryLater, Stopping
from segue.jobs.leases import Clock, Expired
from segue.jobs.plain import plain, plain_text
from segue.jobs.pulse import OUTAGES, Run
from segue.jobs.registry import JobKind, Registry

log = structlog.get_logger("segue.jobs")


class TimedOut(SegueError):
    def __init__(self, kind: str, limit_s: float) -> None:
        super().__init__(
            "job_timed_out", f"It took longer than the {limit_s:g} s that {kind} may take.", limit_s=limit_s
        )


class Endings:
    """Writes how starts end. `rng` is the jitter of retries."""

    def __init__(self, db: Database, registry: Registry, clock: Clock, rng: random.Random) -> None:
        self.db = db
        self.registry = registry
        self._clock = clock
        self._rng = rng

    async def settle(self, kind: JobKind, run: Run, work: asyncio.Task[object]) -> str:
        """Write how the work ended. Keeps trying while the database is away, as long as the job is ours."""
        pause = 0.2
        while True:
            try:
                return await self._settle_once(kind, run, work)
            except OUTAGES as error:
                log.warning("job_end_not_written", job=run.lease.id, reason=str(error), pause_s=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)

    async def _settle_once(self, kind: JobKind, run: Run, work: asyncio.Task[object]) -> str:
        lease, context = run.lease, run.context
        if context.has_completed:
            return "done"
        error = _error_of(work, context)
        progress = context.progress_since(0)
        shown = plain(progress[1]) if progress else None
        now = self._clock.now()
        match error:
            case None:
                result = plain(work.result())
                async with self.db.write() as tx:
                    await leases.finish(tx, lease, "done", result=result, progress=shown)
                return "done"
            case LeaseLost():
                raise error
            case Cancelled():
                async with self.db.write() as tx:
                    await leases.finish(tx, lease, "cancelled", progress=shown)
                return "cancelled"
            case Stopping():
                async with self.db.write() as tx:
                    await leases.put_back(tx, lease, now, progress=shown)
                return "stopped"
            case RetryLater():
                waiting = {"code": error.reason, "params": plain(error.params)}
                async with self.db.write() as tx:
                    await leases.put_back(tx, lease, error.at, waiting=waiting, progress=shown)
                return "waiting"
        told = _told(error)
        trace = plain_text("".join(traceback.format_exception(error)))
        attempt = lease.attempts + 1
        final = isinstance(error, (Failed, *kind.final_errors)) or attempt >= lease.max_attempts
        log.warning("job_failed", job=lease.id, kind=kind.name, attempt=attempt, final=final, reason=told["message"])
        if final:
            async with self.db.write() as tx:
                await leases.finish(tx, lease, "failed", error=told, traceback=trace, progress=shown, counts=True)
            return "failed"
        again = now + timedelta(seconds=kind.retry.delay_s(attempt, self._rng))
        waiting = {"code": "retry", "params": {"attempt": attempt, "of": lease.max_attempts, "at": rfc3339(again)}}
        async with self.db.write() as tx:
            await leases.put_back(
                tx, lease, again, waiting=waiting, error=told, traceback=trace, progress=shown, counts=True
            )
        return "retried"

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
