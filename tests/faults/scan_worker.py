"""A worker process that scans, and kills itself with SIGKILL at a given point; forked from a server that has imported all.

A point is the moment before or after a statement of the scan, or a stage of it.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

from segue.core.access import SYSTEM
from segue.core.db import Transaction
from segue.core.storage import open_storage
from segue.jobs import JobService, Registry, RetryPolicy
from segue.jobs.worker import WorkerSettings, run_worker
from segue.library import tasks
from segue.library.scan import look, pipeline, repository
from segue.library.scan.service import ScanService
from segue.library.scan.write.writer import Writer
from segue.settings import Settings
from tests.conftest import open_database


def registry() -> Registry:
    """The library's jobs, tried again at once and as often as it takes."""
    patient = replace(tasks.scan, retry=RetryPolicy(base_s=0.01, cap_s=0.02), max_attempts=10_000)
    return Registry().add(tasks.QUEUE, patient, tasks.remove)


STAGES = (
    "taken",
    "walked",
    "read",
    "prepared",
    "begun",
    "written",
    "committed",
    "marking",
    "marked",
    "finishing",
    "finished",
)
"""Where a scan can be killed: between any two things it does, and inside of its transactions."""
OFTEN = ("read", "prepared", "begun", "written", "committed")
"""Those that a scan comes to for every few files."""


def work(url: str, place: str, die_at: int, seed: int, stage: str = "") -> None:
    """Work until no scan is wanted, or until point `die_at` (0: never), counted from the start: of statements, or of the
    times that a `stage` is reached."""
    pipeline.FEWEST, pipeline.MOST = 4, 6
    _keep_a_log(Path(place) / "log")
    if stage:
        _die_in(stage, die_at)
    elif die_at:
        kill_at(die_at, random.Random(seed))
    asyncio.run(_work(url, Path(place)))


async def _work(url: str, place: Path) -> None:
    db = open_database(url, readers=4, writers=6)
    jobs = JobService(db, registry())
    settings = Settings(data_dir=place / "data", scan={"workers": 1})
    scans = ScanService(db, jobs, open_storage(None, place), settings)
    stop = asyncio.Event()

    async def end_when_done() -> None:
        while (await scans.status(SYSTEM)).scanning:
            await asyncio.sleep(0.05)
        stop.set()

    def resolve(_wanted: type) -> Any:
        return scans

    rhythm = WorkerSettings(slots=1, lease_s=0.8, watch_s=0.1, poll_s=0.05, stop_grace_s=2.0)
    watching = asyncio.create_task(end_when_done())
    await run_worker(db, jobs.registry, stop=stop, resolve=resolve, service=jobs, settings=rhythm)
    await watching
    await scans.close()
    await db.close()


def kill_at(point: int, chance: random.Random) -> None:
    passed = 0
    execute = Transaction.execute

    async def counted(self: Transaction, statement: Any, params: Any = None) -> Any:
        nonlocal passed
        passed += 1
        if passed == point and chance.random() < 0.5:
            os.kill(os.getpid(), signal.SIGKILL)
        result = await execute(self, statement, params)
        if passed >= point:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    Transaction.execute = counted  # type: ignore[method-assign]


def _keep_a_log(path: Path) -> None:
    """Note every file that is read (`R`) and every one that is written and committed (`W`)."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    take, write = pipeline.Scan._take_reading, pipeline.Scan._write

    def taken(self: Any, answer: Any) -> None:
        os.write(handle, b"".join(b"R" + file.path + b"\n" for file in answer.piece.files))
        take(self, answer)

    async def written(self: Any, parts: Any) -> None:
        await write(self, parts)
        for part in parts:
            os.write(handle, b"".join(b"W" + file.path + b"\n" for file in part.files))

    pipeline.Scan._take_reading = taken  # type: ignore[method-assign]
    pipeline.Scan._write = written  # type: ignore[method-assign]


def _die_in(stage: str, count: int) -> None:
    """Be killed when `stage` is reached for the `count`th time."""
    reached = 0

    def at(name: str) -> None:
        nonlocal reached
        reached += name == stage
        if name == stage and reached == count:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(owner: Any, name: str, before: str, after: str) -> None:
        act = getattr(owner, name)

        async def wrapped(*args: Any, **options: Any) -> Any:
            at(before)
            result = await act(*args, **options)
            at(after)
            return result

        setattr(owner, name, wrapped)

    around(look.Walker, "look", "taken", "walked")
    around(pipeline.Scan, "_prepare", "read", "prepared")
    around(Writer, "write", "begun", "written")
    around(pipeline.Scan, "_write", "", "committed")
    around(Writer, "mark_missing", "marking", "marked")
    around(repository, "finish_library", "finishing", "finished")
