"""The worker process's side of being supervised: it stops when told, and never outlives the process that started it.

The parent holds the other end of our standard input. A byte on it says that there is work; its end says that the parent is
gone, however it went. On Linux the kernel says so too. A stop that takes too long ends the process without further ado:
its leases run out, and its jobs go on elsewhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable

import structlog

from segue.jobs.registry import Wakeups

log = structlog.get_logger("segue.jobs")

SUPERVISED = "SEGUE_WORKER_SUPERVISED_BY"
"""Set by the supervisor to its own process id."""
WORKER_ID = "SEGUE_WORKER_ID"
"""Set by the supervisor: the name under which the worker leases, so that its death can be reported."""
STOP_LIMIT_S = 10.0
STUCK_EXIT = 70
"""Exit code of a worker that could not stop in time (EX_SOFTWARE of sysexits.h)."""

_PR_SET_PDEATHSIG = 1


def supervised_worker_id() -> str | None:
    """The worker id that the supervisor gave this process; None where nobody supervises it."""
    return os.environ.get(WORKER_ID)


def stop_when_told(stop: asyncio.Event, wakeups: Wakeups | None = None, *, limit_s: float = STOP_LIMIT_S) -> None:
    """Set `stop` on SIGTERM, on SIGINT and when the supervisor is gone; `limit_s` after that, end the process if it is
    still there. `wakeups` ring when the supervisor knows of new work. Call it once, on the running loop of the main thread."""
    loop = asyncio.get_running_loop()
    begun = threading.Lock()

    def begin() -> None:
        """From a signal, a thread or the loop; the loop may be busy, so the watchdog does not wait for it."""
        if not begun.acquire(blocking=False):
            return
        watchdog = threading.Timer(limit_s, _end_stuck, (limit_s,))
        watchdog.daemon = True
        watchdog.start()
        with contextlib.suppress(RuntimeError):  # the loop has ended already
            loop.call_soon_threadsafe(stop.set)

    for number in (signal.SIGTERM, signal.SIGINT):
        # not loop.add_signal_handler, which a job that keeps the loop busy would keep waiting
        signal.signal(number, lambda *_: begin())
    parent = os.environ.get(SUPERVISED)
    if parent is not None:
        _die_with(int(parent), begin)
        ring = wakeups.ring if wakeups else _nothing
        threading.Thread(target=_listen, args=(loop, ring, begin), name="segue-parent", daemon=True).start()


def _listen(loop: asyncio.AbstractEventLoop, ring: Callable[[], None], begin: Callable[[], None]) -> None:
    """Read the pipe from the parent until it ends. Runs in a thread, so that it works on every system."""
    with contextlib.suppress(OSError, RuntimeError):  # the pipe breaks, or the loop has ended
        while os.read(sys.stdin.fileno(), 4096):
            loop.call_soon_threadsafe(ring)
    begin()


def _die_with(parent: int, begin: Callable[[], None]) -> None:
    """On Linux, have the kernel send SIGTERM when the parent ends; and notice a parent that ended before we asked."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.name == "posix" and os.getppid() != parent:
        begin()


def _end_stuck(limit_s: float) -> None:
    log.error("worker_could_not_stop", limit_s=limit_s)
    os._exit(STUCK_EXIT)


def _nothing() -> None:
    return
