"""The web process's side: one worker child, started again when it dies, told when there is work, stopped in order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog

from segue.jobs.child import STOP_LIMIT_S, SUPERVISED, WORKER_ID

log = structlog.get_logger("segue.jobs")

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
HEALTHY_AFTER_S = 60.0
"""A child that lived so long did not die of its start: the next one is started at once."""


class Supervisor:
    """Runs `command` as a child until told to stop.

    `died` is called with the child's worker id whenever it has ended, in order or not: `JobService.worker_died`, so that
    what it held goes on at once. `env` is added to this process's environment.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        died: Callable[[str], Awaitable[None]],
        env: Mapping[str, str] | None = None,
        stop_limit_s: float = STOP_LIMIT_S,
    ) -> None:
        self._command = list(command)
        self._died = died
        self._env = dict(env or {})
        self._stop_limit_s = stop_limit_s
        self._process: asyncio.subprocess.Process | None = None
        self.restarts = 0

    @property
    def pid(self) -> int | None:
        """The child's process id, while there is one."""
        return self._process.pid if self._process and self._process.returncode is None else None

    def nudge(self) -> None:
        """Tell the child that there is work. Cheap; lost where the child is just starting, which looks for itself."""
        pipe = self._process.stdin if self._process else None
        if pipe is not None and not pipe.is_closing() and pipe.transport.get_write_buffer_size() < 1024:
            pipe.write(b"\n")

    async def run(self, stop: asyncio.Event) -> None:
        """Keep a child running until `stop` is set; then end it within the stop limit."""
        pause = 0.0
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                if pause:
                    await asyncio.wait({stopping}, timeout=pause)
                    if stop.is_set():
                        break
                lived_s = await self._one_life(stopping)
                pause = 0.0 if lived_s > HEALTHY_AFTER_S else min(max(pause * 2, FIRST_PAUSE_S), LONGEST_PAUSE_S)
        finally:
            stopping.cancel()

    async def _one_life(self, stopping: asyncio.Task[bool]) -> float:
        """Start a child and wait for its end, or for ours. Returns how long it lived, in seconds."""
        worker_id = secrets.token_hex(8)
        env = os.environ | self._env | {SUPERVISED: str(os.getpid()), WORKER_ID: worker_id}
        began = time.monotonic()
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdin=asyncio.subprocess.PIPE, env=env, start_new_session=True
            )
        except OSError as error:
            log.error("worker_not_started", command=self._command[0], reason=str(error))
            return 0.0
        process = self._process
        exited = asyncio.create_task(process.wait())
        try:
            await asyncio.wait({exited, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not exited.done():
                await self._end(process, exited)
        lived_s = time.monotonic() - began
        if not stopping.done():
            self.restarts += 1
            log.error("worker_died", code=process.returncode, lived_s=round(lived_s, 1))
        await self._report(worker_id)
        return lived_s

    async def _end(self, process: asyncio.subprocess.Process, exited: asyncio.Task[int]) -> None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        done, _ = await asyncio.wait({exited}, timeout=self._stop_limit_s)
        if not done:
            log.error("worker_killed", limit_s=self._stop_limit_s)
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await asyncio.wait({exited})

    async def _report(self, worker_id: str) -> None:
        try:
            await self._died(worker_id)
        except Exception as error:  # the child must be started again whatever the database does; leases run out anyway
            log.warning("worker_death_not_reported", reason=str(error))
