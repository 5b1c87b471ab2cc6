"""What the tests of downloads share: the whole way from wanting to a verified file, over the emulator's archive, with waits
that cost next to no time."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from segue.core.access import Actor
from segue.core.cache import open_cache
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.core.outside import Outside
from segue.jobs import JobService, Registry, RetryPolicy
from segue.jobs.worker import WorkerSettings, run_worker
from segue.live.archive import ArchiveClient
from segue.live.downloads import states, tasks
from segue.live.downloads.ground import Ground
from segue.live.downloads.pace import Pace
from segue.live.downloads.service import DownloadService
from segue.live.downloads.shelf import Folder
from segue.live.downloads.source import ArchiveSource
from segue.settings import LiveDownloadSettings, LiveSettings, Settings
from tests.core.outside.ground import Moved
from tests.waiting import PATIENCE_S, until

BOTH = pytest.mark.parametrize("db_kind", ["sqlite", "postgresql"])
CONTACT = "keeper@segue.example"
ANNA = Actor(1, "anna", libraries=None)
BEN = Actor(2, "ben", libraries=None)
ADMIN = Actor(3, "root", frozenset({"admin"}), libraries=None)
QUICK = Pace(retry=RetryPolicy(base_s=0.01, cap_s=0.05), look_s=0.02, write_s=0.05, space_s=0.05)
RHYTHM = WorkerSettings(slots=2, lease_s=1.0, watch_s=0.05, poll_s=0.02, stop_grace_s=3.0)


def flac(seed: int | str, size: int = 40_000) -> bytes:
    """Bytes that begin as a FLAC does and are like no other: a stream info with the MD5 of the rest."""
    rest = random.Random(seed).randbytes(size - 42)
    header = b"fLaC\x80\x00\x00\x22" + bytes(10) + bytes(8) + hashlib.md5(rest).digest()
    return header + rest


def show(count: int = 3, size: int = 40_000, of: str = "show") -> dict[str, bytes]:
    """The files of an item: tracks, the text, its checksums and fingerprints."""
    files = {f"{of}t{number:02}.flac": flac(f"{of}{number}", size) for number in range(1, count + 1)}
    sums = "".join(f"{hashlib.md5(data).hexdigest()} *{name}\r\n" for name, data in files.items())
    prints = "".join(f"{name}:{data[26:42].hex()}\r\n" for name, data in files.items())
    return files | {
        f"{of}.txt": b"Grateful Dead\r\n1977-05-08\r\n",
        f"{of}.md5": sums.encode(),
        f"{of}.ffp": prints.encode(),
    }


class House:
    """One house with its downloads. `chosen` are the settings of downloads, which may change."""

    def __init__(self, db: Database, url: str, root: Path, pace: Pace = QUICK, **chosen: Any) -> None:
        self.db = db
        self.root = root
        self.clock = Moved()
        self.chosen = {"free_gb": 0.0, "template": "{identifier}/", **chosen}
        self.url = url
        self.time_zone = "UTC"
        self.parallel = 2
        self.outside = Outside(db, open_cache(None), contact=CONTACT, clock=self.clock, sleep=self.clock.sleep)
        self.jobs = JobService(db, Registry().add(tasks))
        self.archive = ArchiveClient(self.outside, self.settings)
        self.now: Callable[[], Any] = utc_now
        root.mkdir(parents=True, exist_ok=True)
        self.ground = Ground(
            db, self.jobs, ArchiveSource(self.archive), Folder(os.fsencode(root)), self.settings,
            pace=pace, seed=7, now=lambda: self.now(),
        )  # fmt: skip
        self.downloads = DownloadService(self.ground)

    def settings(self) -> Settings:
        live = LiveSettings(
            base_url=f"{self.url}/archive", parallel_downloads=self.parallel,
            downloads=LiveDownloadSettings(**self.chosen),
        )  # fmt: skip
        return Settings(live=live, time_zone=self.time_zone)

    def resolve(self, wanted: type[Any]) -> Any:
        if wanted is DownloadService:
            return self.downloads
        raise LookupError(wanted)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """A worker is at work for as long as the block runs."""
        stop = asyncio.Event()
        worker = asyncio.create_task(
            run_worker(self.db, self.jobs.registry, stop=stop, resolve=self.resolve, service=self.jobs, settings=RHYTHM)
        )
        try:
            yield
        finally:
            stop.set()
            await worker

    async def work(self, *numbers: int, patience_s: float = PATIENCE_S) -> None:
        """Work until these downloads have ended, or all."""

        async def ended() -> bool:
            rows, _ = await self.downloads.page(ADMIN, everybody=True, limit=1000)
            return all(row.state not in states.WORKING for row in rows if not numbers or row.id in numbers)

        async with self.working():
            await until(ended, patience_s)

    async def want(self, identifier: str, actor: Actor = ANNA, **how: Any) -> int:
        """Enqueue; returns the download's number."""
        return int((await self.downloads.enqueue(actor, identifier, **how)).row.id)

    async def fetch(self, identifier: str, **how: Any) -> Any:
        """Enqueue, work, and return the row."""
        number = await self.want(identifier, **how)
        await self.work(number)
        return await self.row(number)

    async def row(self, number: int) -> Any:
        return await self.downloads.get(ADMIN, number)

    async def files(self, number: int) -> dict[str, Any]:
        _, files = await self.downloads.files(ADMIN, number)
        return {file.name: file for file in files}

    def path(self, *parts: str) -> Path:
        return self.root.joinpath(*parts)

    def on_disk(self, identifier: str) -> dict[str, bytes]:
        """What is in an item's folder."""
        folder = self.root / identifier
        return {path.name: path.read_bytes() for path in sorted(folder.iterdir())} if folder.is_dir() else {}

    async def close(self) -> None:
        await self.outside.close()
