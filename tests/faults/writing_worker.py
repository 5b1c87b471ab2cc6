"""A worker process that writes tags and moves albums, and kills itself with SIGKILL at a given point.

A point is a statement of a transaction, or a step on the disk: before it, or right after it. Run in a process forked from a
server that has imported everything.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from segue.core.db import Transaction
from segue.core.storage import open_storage
from segue.jobs import JobService, Registry, RetryPolicy
from segue.jobs.worker import WorkerSettings, run_worker
from segue.library import tasks as library_tasks
from segue.library.edits import tasks as edit_tasks
from segue.library.edits.service import EditService
from segue.library.fields import ENTITIES
from segue.library.inbox import moving
from segue.library.inbox import repository as inbox_rows
from segue.library.inbox import tasks as inbox_tasks
from segue.library.inbox.service import InboxService
from segue.library.scan.service import ScanService
from segue.library.service import LibraryService
from segue.library.writing import durable
from segue.library.writing import repository as writing_rows
from segue.library.writing import tasks as writing_tasks
from segue.library.writing.service import WritingService
from segue.query import Entities
from segue.settings import Settings
from tests.conftest import open_database

DISK_STEPS = ("create", "copy_bytes", "keep_look", "sync", "sync_folder", "replace", "remove")


class Here:
    """A pool that works in this very process, so that its steps on the disk can be interrupted."""

    async def run(self, function: Callable[..., Any], *args: Any, deadline_s: float) -> Any:
        return function(*args)

    async def close(self) -> None:
        return


def registry() -> Registry:
    """The jobs that change files, tried again at once and as often as it takes."""
    again = {"retry": RetryPolicy(base_s=0.01, cap_s=0.02), "max_attempts": 10_000}
    return Registry().add(
        library_tasks,
        edit_tasks,
        writing_tasks.QUEUE,
        replace(writing_tasks.write_tags, **again),
        inbox_tasks.look,
        inbox_tasks.watch,
        replace(inbox_tasks.move, **again),
    )


def services(db: Any, place: Path) -> dict[type, Any]:
    """Everything that the jobs ask for, by type."""
    jobs = JobService(db, registry())
    storage = open_storage(None, place)
    scans = ScanService(db, jobs, storage, Settings(data_dir=place / "data", scan={"workers": 1}))
    library = LibraryService(db, Entities(ENTITIES))
    edits = EditService(db, library, jobs)
    writing = WritingService(db, library, jobs, storage, scans.tag_rules)
    inboxes = InboxService(db, jobs, scans, edits, scans.tag_rules)
    return {JobService: jobs, ScanService: scans, EditService: edits, WritingService: writing, InboxService: inboxes}


def work(url: str, place: str, die_at: int, seed: int, far: bool) -> None:
    """Work until nothing is to be written or moved, or until point `die_at` (0: never). `far` puts the inbox on another
    disk."""
    WritingService._writing_pool = lambda self: Here()  # type: ignore[method-assign,assignment,return-value]
    if far:
        _far_away()
    if die_at:
        _die_at(die_at, random.Random(seed))
    asyncio.run(_work(url, Path(place)))


async def _work(url: str, place: Path) -> None:
    db = open_database(url, readers=4, writers=6)
    known = services(db, place)
    jobs = known[JobService]
    stop = asyncio.Event()

    async def end_when_done() -> None:
        while await anything_left(db):
            await asyncio.sleep(0.05)
        stop.set()

    await known[WritingService].recover()
    await known[InboxService].recover()
    rhythm = WorkerSettings(slots=1, lease_s=0.8, watch_s=0.1, poll_s=0.05, stop_grace_s=2.0)
    watching = asyncio.create_task(end_when_done())
    await run_worker(
        db, jobs.registry, stop=stop, queues=["writing"], resolve=known.__getitem__, service=jobs, settings=rhythm
    )
    await watching
    await db.close()


async def anything_left(db: Any) -> bool:
    async with db.read() as conn:
        if await writing_rows.unfinished(conn):
            return True
        return bool(await inbox_rows.items(conn, states=("approved", *inbox_rows.UNDER_WAY), limit=1))


def _far_away() -> None:
    link = os.link

    def refused(source: Any, target: Any, **options: Any) -> None:
        if (b"/inbox/" in os.fsencode(source)) != (b"/inbox/" in os.fsencode(target)):
            raise OSError(18, "Invalid cross-device link")
        link(source, target, **options)

    moving.os.link = refused  # type: ignore[attr-defined]


def _die_at(point: int, chance: random.Random) -> None:
    passed = 0

    def due() -> bool:
        nonlocal passed
        passed += 1
        return passed >= point

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    execute = Transaction.execute

    async def counted(self: Transaction, statement: Any, params: Any = None) -> Any:
        now = due()
        if now and chance.random() < 0.5:
            die()
        result = await execute(self, statement, params)
        if now:
            die()
        return result

    Transaction.execute = counted  # type: ignore[method-assign]

    def interrupted(step: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **options: Any) -> Any:
            now = due()
            if now and chance.random() < 0.5:
                die()
            result = step(*args, **options)
            if now:
                die()
            return result

        return run

    for name in DISK_STEPS:
        setattr(durable, name, interrupted(getattr(durable, name)))
    moving.os.link = interrupted(moving.os.link)  # type: ignore[attr-defined]
