"""Which errors of a database pass by themselves: it is locked by a program outside, it restarts, it cut our connection, it
chose our transaction to end a deadlock. A scan waits for those and goes on; it never ends because of one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from segue.core.db import DatabaseAway, DatabaseBusy

log = structlog.get_logger("segue.scan")
T = TypeVar("T")

PASSING_STATES = ("08", "40", "53", "55", "57")
"""SQLSTATE classes of PostgreSQL: connection, rollback (deadlock, serialization), resources, lock, intervention. Disk full,
which is 53100, is told apart before."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 10.0
PATIENCE_S = 900.0
"""So long a database may stay away before the scan ends with that as its reason; then its job tries again later."""


def passes(error: BaseException) -> bool:
    """Whether trying again is worth while."""
    if isinstance(error, DatabaseBusy | DatabaseAway):
        return True
    if not isinstance(error, DBAPIError):
        return isinstance(error, ConnectionError)
    state = getattr(error.orig, "sqlstate", None)
    if isinstance(state, str):
        return state[:2] in PASSING_STATES
    if error.connection_invalidated:
        return True
    said = str(error.orig)
    if isinstance(error, OperationalError):
        return "locked" in said or "busy" in said
    return isinstance(error, InterfaceError) and "connection" in said


async def patiently(act: Callable[[], Awaitable[T]], check: Callable[[], None]) -> T:
    """What `act` gives, tried again while the database is away; `check` is asked between, and may raise.

    `act` must be something that goes on where it was, as a scan does. Raises the last error after PATIENCE_S without a
    try that got anywhere.
    """
    pause = FIRST_PAUSE_S
    lost_since: float | None = None
    while True:
        began = time.monotonic()
        try:
            return await act()
        except Exception as error:
            if not passes(error):
                raise
            now = time.monotonic()
            if lost_since is None or now - began > 2 * LONGEST_PAUSE_S:
                lost_since, pause = now, FIRST_PAUSE_S
            if now - lost_since > PATIENCE_S:
                raise
            log.warning("scan_waits_for_database", reason=str(error).splitlines()[0][:200], pause_s=round(pause, 1))
        check()
        await asyncio.sleep(pause)
        check()
        pause = min(pause * 2, LONGEST_PAUSE_S)
