"""What a running job holds in its hand: its checkpoint, its progress, its fence, and whether it should stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, NoReturn, TypeVar

from segue.core.db import Database, Transaction
from segue.jobs import errors, leases
from segue.jobs.errors import Cancelled, Interruption, LeaseLost, RetryLater, Stopping
from segue.jobs.leases import Lease
from segue.jobs.progress import Progress

T = TypeVar("T")
Resolver = Callable[[type[Any]], Any]


class JobContext:
    """Passed to the function of a job. Its methods may be called from the worker's event loop; `check`, `progress` and
    `advance` also from a thread.

    A step that must happen exactly once writes its data and saves its checkpoint in one transaction:

        async with job.db.write() as tx:
            await job.guard(tx)
            ...
            await job.save({"after": last_id}, tx=tx)

    Either both are there or neither; and where this start has lost its lease, the transaction fails.
    """

    def __init__(self, db: Database, lease: Lease, resolve: Resolver) -> None:
        self.db = db
        self.id = lease.id
        self.kind = lease.kind
        self.attempts = lease.attempts
        """Earlier starts of this job that failed or died."""
        self.created_by = lease.created_by
        self.checkpoint: dict[str, Any] = dict(lease.checkpoint or {})
        """What the last start saved; empty at the first."""
        self._lease = lease
        self._resolve = resolve
        self._lock = threading.Lock()
        self._progress = Progress()
        self._version = 0
        self._interruption: type[Interruption] | None = None
        self._completed: dict[str, Any] | None = None
        self.has_completed = False

    def service(self, wanted: type[T]) -> T:
        """The service of type `wanted` that the program was put together with. Raises LookupError if there is none."""
        found: T = self._resolve(wanted)
        return found

    async def guard(self, tx: Transaction) -> None:
        """Make `tx` fail with LeaseLost unless this start still owns the job, now and until `tx` is committed."""
        await leases.guard(tx, self._lease)

    async def save(self, checkpoint: dict[str, Any], *, tx: Transaction | None = None) -> None:
        """Keep `checkpoint` (JSON) for the next start, with the present progress; in `tx` with the step's data.

        Guards as `guard` does. Raises LeaseLost; without `tx` also Cancelled or Stopping, once it is saved.
        """
        if tx is not None:
            await leases.save(tx, self._lease, checkpoint, self._progress_json())
        else:
            async with self.db.write() as own:
                await leases.save(own, self._lease, checkpoint, self._progress_json())
        self.checkpoint = checkpoint
        if tx is None:
            self.check()

    async def complete(self, tx: Transaction, result: dict[str, Any] | None = None) -> None:
        """End the job as done in `tx`: for work that is one step, so that it and its end are one commit."""
        await leases.finish(tx, self._lease, "done", result=result, progress=self._progress_json())

        def committed() -> None:
            self.has_completed = True

        tx.after_commit(committed)

    def progress(
        self,
        done: int | None = None,
        total: int | None = None,
        *,
        unit: str | None = None,
        phase: str | None = None,
        message: str | None = None,
        **params: Any,
    ) -> None:
        """Say how far the work is. Cheap: kept in memory and written to the table about once a second.

        `done` and `total` count `unit`s (`files`); `phase` names the stage; `message` is a code with its `params`.
        What is left out stays as it was, but a new phase or unit forgets the counts.
        """
        given = {"done": done, "total": total, "unit": unit, "phase": phase}
        changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        if message is not None:
            changes["message"] = {"code": message, "params": params}
        with self._lock:
            self._progress.update(time.monotonic(), changes)
            self._version += 1

    def advance(self, count: int = 1) -> None:
        """Say that `count` more units are done."""
        with self._lock:
            self._progress.update(time.monotonic(), {"done": (self._progress.done or 0) + count})
            self._version += 1

    @property
    def interrupted(self) -> bool:
        """True when `check` would raise: somebody cancelled, the worker is going down, or the lease is lost."""
        return self._interruption is not None

    def check(self) -> None:
        """Between two steps: raise Cancelled, Stopping or LeaseLost if this start should end here."""
        match self._interruption:
            case None:
                return
            case errors.LeaseLost:
                raise LeaseLost(self.id, self._lease.token)
            case errors.Cancelled:
                raise Cancelled
            case _:
                raise Stopping

    async def cancelled(self) -> bool:
        """Whether somebody has asked to cancel this job, asked of the table itself."""
        async with self.db.read() as conn:
            return await leases.is_cancel_requested(conn, self.id)

    def retry_later(self, at: datetime, reason: str, **params: Any) -> NoReturn:
        """End this start and go on from the last checkpoint at `at` (aware). No slot is held meanwhile, and it does not
        count as an attempt. `reason` is a code such as `throttled`, `params` its facts."""
        if at.tzinfo is None:
            raise ValueError("a moment without a time zone")
        raise RetryLater(at, reason, params)

    def interrupt(self, how: type[Interruption]) -> None:
        """Called by the worker: from now on `check` raises `how`. A lost lease outweighs a cancel, a cancel a stop."""
        ranks: dict[type[Interruption] | None, int] = {None: 0, Stopping: 1, Cancelled: 2, LeaseLost: 3}
        if ranks[how] > ranks[self._interruption]:
            self._interruption = how

    @property
    def interruption(self) -> type[Interruption] | None:
        return self._interruption

    def progress_since(self, version: int) -> tuple[int, dict[str, Any]] | None:
        """Called by the worker: the present progress and its version, or None where it is still `version`."""
        with self._lock:
            return None if self._version == version else (self._version, self._progress.as_json())

    def _progress_json(self) -> dict[str, Any] | None:
        with self._lock:
            return self._progress.as_json() if self._version else None
