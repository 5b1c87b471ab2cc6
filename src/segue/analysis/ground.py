"""What every part of the analysis of a library stands on, and what others hand in: the library's files, its measures, those
who want to know what was heard."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from segue.analysis.engines.interface import InChildren
from segue.analysis.engines.known import Places, engine_named
from segue.analysis.ours.child import POOL, warm
from segue.core.access import SYSTEM
from segue.core.changes import ChangeFeed
from segue.core.clock import quiet_until, utc_now, zone
from segue.core.db import Database, Transaction
from segue.core.pool import ProcessPool
from segue.core.setting_types import clock_hours
from segue.core.storage import Storage
from segue.jobs import JobService
from segue.jobs.errors import JobNotFound
from segue.library.measures.service import MeasureService
from segue.library.service import LibraryService
from segue.settings import AnalysisSettings, Settings

FIND, LISTEN, AGAIN, HEAR_REQUEST = "analysis.find", "analysis.listen", "analysis.again", "analysis.hear_request"
QUEUE = "analysis"
QUIET = "quiet_hours"
"""What a job that listens waits for."""
PERSON = 10
"""Priority of what a person asked for."""
TRIED = -20
"""Priority of what is tried again."""
WAITING = -100
"""Priority of what waits for its file: nobody takes it."""
LOWEST = -99

Heard = Callable[[Transaction, int, Sequence[int]], Awaitable[None]]
"""Called in the transaction in which something was heard, with the sound and the tracks that it is."""

Ended = Callable[[Transaction], Awaitable[None]]
"""Called in the transaction in which a job ends that heard something, when nothing waits any more."""


@dataclass(slots=True)
class Ground:
    """`library` says who may see what, `measures` takes what is shown of tracks."""

    db: Database
    feed: ChangeFeed
    jobs: JobService
    storage: Storage
    library: LibraryService
    measures: MeasureService
    settings: Callable[[], Settings]
    on_heard: list[Heard] = field(default_factory=list)
    on_ended: list[Ended] = field(default_factory=list)
    now: Callable[[], datetime] = utc_now
    listener: Callable[[ProcessPool], InChildren] | None = None
    """An engine that is none of those in the settings."""
    children: Callable[[], ProcessPool] | None = None
    """Other children than the settings say."""

    @property
    def chosen(self) -> AnalysisSettings:
        return self.settings().analysis

    @property
    def workers(self) -> int:
        """Processes that listen at once."""
        return self.chosen.workers or max(1, (os.cpu_count() or 2) - 1)

    def engine(self, pool: ProcessPool) -> InChildren:
        """Who listens, as the settings have it."""
        if self.listener is not None:
            return self.listener(pool)
        chosen = self.chosen
        return engine_named(chosen.engine, pool, Places(chosen.essentia_python, chosen.service_url))

    def pool(self) -> ProcessPool:
        """Children that listen: far behind everybody else, with a limit of memory, begun anew where they grow. It costs
        nothing until something is run in it."""
        if self.children is not None:
            return self.children()
        chosen = self.chosen
        initializer = warm if chosen.engine == "ours" and self.listener is None else None
        terms = POOL | {"memory_mb": chosen.memory_mb, "nice": chosen.niceness}
        return ProcessPool(self.workers, initializer, **terms)

    def quiet(self) -> datetime | None:
        """When the quiet hours end that it is now; None outside of them."""
        here = zone(self.settings().time_zone)
        return quiet_until(self.now(), here, clock_hours(self.chosen.quiet_hours))

    async def ask_to_listen(self, tx: Transaction, *, wake: bool = False) -> int:
        """See to it that jobs listen, in the transaction that gave them something to listen to; the first one's number.

        With `wake` one that waits for the end of the quiet hours looks at once: a person asked."""
        first = 0
        for number in range(self.chosen.jobs):
            key = listen_key(number)
            ticket = await self.jobs.enqueue(tx, LISTEN, {"number": number}, dedup_key=key)
            first = first or ticket.id
            if wake and not ticket.created:
                await self.jobs.wake(tx, key, QUIET)
        return first

    async def is_active(self, job_id: int) -> bool:
        """Whether a job waits or runs."""
        try:
            return (await self.jobs.get(SYSTEM, job_id)).state in ("queued", "running")
        except JobNotFound:
            return False


def listen_key(number: int) -> str:
    return f"{LISTEN}.{number}"
