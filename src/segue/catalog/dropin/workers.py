"""Several processes behind one socket: one that holds them, and forks another where one dies."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from types import FrameType

import structlog

from segue.catalog.dropin.limits import SharedLimiter
from segue.catalog.dropin.running import Options, Process, open_catalog
from segue.core.errors import SegueError
from segue.core.serving import address_of, listen, run

log = structlog.get_logger("segue.catalog")

_ENDING = (signal.SIGTERM, signal.SIGINT)
TOO_SOON_S = 5.0
"""A worker that ends sooner than this after its start is not started again at once."""
MOST_FAILURES = 5
"""So many too soon in a row, and all of it ends."""


class NoWorkers(SegueError):
    def __init__(self) -> None:
        super().__init__("no_fork", "Several workers need a system that can fork.", hint="Leave out --workers.")


def serve_with_workers(options: Options) -> int:
    """Until told to stop; the exit code. Raises SegueError where the catalogue or the port cannot be used."""
    if not hasattr(os, "fork"):
        raise NoWorkers
    many = ""
    if options.elsewhere is None:
        backend = open_catalog(options)
        many = f"{backend.store.counts().tracks:,} tracks, "
        backend.close_now()
    listener = listen(options.host, options.port)
    limiter = SharedLimiter(options.rate) if options.rate is not None else None

    def work(parent: int) -> int:
        opened = open_catalog(options) if options.elsewhere is None else None
        return run(Process(options, opened, listener, limiter).run(told_by=(signal.SIGTERM,), parent=parent))

    holder = _Holder(options.workers, work)
    holder.start()
    options.greet(f"Segue's catalogue is at {address_of(listener)}/ ({many}{options.workers} workers)")
    return holder.hold()


class _Holder:
    def __init__(self, workers: int, work: Callable[[int], int]) -> None:
        self._wanted = workers
        self._work = work
        self._running: dict[int, float] = {}
        self._told = 0
        self._failures = 0

    def start(self) -> None:
        for number in _ENDING:
            signal.signal(number, self._tell)
        for _ in range(self._wanted):
            self._fork()

    def hold(self) -> int:
        """Until the last one has ended."""
        while self._running:
            pid, status = os.wait()
            started = self._running.pop(pid, 0.0)
            if self._told:
                continue
            log.error("worker_ended", pid=pid, exit_code=os.waitstatus_to_exitcode(status))
            self._failures = self._failures + 1 if time.monotonic() - started < TOO_SOON_S else 0
            if self._failures >= MOST_FAILURES:
                log.error("workers_given_up", hint="What they said before they ended stands above.")
                self._tell(signal.SIGTERM, None)
                continue
            if self._failures:
                time.sleep(1)
            if not self._told:
                self._fork()
        return 1 if self._failures >= MOST_FAILURES else 0

    def _tell(self, number: int, frame: FrameType | None) -> None:
        """End all of them: the second time at once."""
        self._told += 1
        for pid in tuple(self._running):
            os.kill(pid, signal.SIGTERM if self._told == 1 else signal.SIGKILL)

    def _fork(self) -> None:
        parent = os.getpid()
        # a signal between the fork and the child's own handlers would be handled as if it were the parent
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
        pid = os.fork()
        if pid:
            self._running[pid] = time.monotonic()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
            return
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        code = 1
        try:
            code = self._work(parent)
        except SegueError as error:
            log.error("worker_failed", why=error.message, hint=error.hint)
        except BaseException:
            log.exception("worker_failed")
        finally:
            os._exit(code)
