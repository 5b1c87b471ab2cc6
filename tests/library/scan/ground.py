"""What the tests of the scan share: a folder of real files, a library over it, and scans of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, text

from segue.core.access import SYSTEM
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.core.pool import ProcessPool
from segue.core.storage import open_storage
from segue.jobs import JobService
from segue.library.models import Album, Artist, File, Library, Track
from segue.library.scan import repository
from segue.library.scan.control import Alone
from segue.library.scan.pipeline import Ground, Scan, ScanResult
from segue.library.scan.repository import Wanted
from segue.library.scan.service import ScanService
from segue.library.scan.steering import ScanSteering
from tests.jobs.ground import working
from tests.library.media import jpeg, make_audio


@dataclass
class House:
    """One library over `music`, in the database `db`."""

    db: Database
    pool: ProcessPool
    ground: Ground
    music: Path
    library_id: int

    def song(self, name: str, fmt: str | None = None, cover: bytes | None = None, **tags: Any) -> Path:
        """Put a real audio file at `name`; `seed` among the tags makes different audio."""
        path = self.music / name
        path.parent.mkdir(parents=True, exist_ok=True)
        seed = tags.pop("seed", abs(hash(name)) % 100_000)
        seconds = tags.pop("seconds", 0.3)
        make_audio(path, fmt or None, tags=tags, cover=cover, seed=seed, seconds=seconds)
        return path

    async def scan(
        self, *, full: bool = False, accept_missing: bool = False, folders: tuple[bytes, ...] | None = None,
        control: Any = None,
    ) -> ScanResult:  # fmt: skip
        """Scan, as a job would, without one."""
        started = utc_now()
        async with self.db.read() as conn:
            library = await repository.library(conn, self.library_id)
        scan = Scan(
            self.ground, library, Wanted((), full, accept_missing, folders), control or Alone(), started_at=started
        )
        result = await scan.run()
        if scan.device is not None and result.state == "done":
            async with self.db.write() as tx:
                await repository.finish_library(tx, self.library_id, scan.device, started, utc_now(), result.as_json())
        return result

    async def rows(self, model: Any, *columns: Any) -> list[Any]:
        async with self.db.read() as conn:
            statement = select(*(columns or (model.__table__,))).select_from(model).order_by(model.id)
            return list((await conn.execute(statement)).all())

    async def tracks(self) -> list[Any]:
        return await self.rows(Track)

    async def albums(self) -> list[Any]:
        return await self.rows(Album)

    async def files(self) -> list[Any]:
        return await self.rows(File)

    async def artists(self) -> dict[str, int]:
        return {row.name: row.id for row in await self.rows(Artist)}

    async def library(self) -> Any:
        async with self.db.read() as conn:
            return await repository.library(conn, self.library_id)

    async def head(self) -> int:
        """The newest cursor of the change feed."""
        async with self.db.read() as conn:
            return int(await conn.scalar(text("SELECT coalesce(max(cursor), 0) FROM changes")) or 0)


@asynccontextmanager
async def house(db: Database, tmp_path: Path, readers: ProcessPool | None = None) -> AsyncIterator[House]:
    """A library over an empty folder; with `readers`, files are read by those."""
    music = tmp_path / "music"
    music.mkdir()
    spool = tmp_path / "spool"
    spool.mkdir()
    storage = open_storage(None, tmp_path)
    async with nullcontext(readers) if readers else ProcessPool(1) as pool:
        async with db.write() as tx:
            result = await tx.execute(
                insert(Library).values(
                    name="Music", root=bytes(music), display_root=str(music), created_at=utc_now()
                ).returning(Library.id)
            )  # fmt: skip
            library_id = result.scalar_one()
        yield House(db, pool, Ground(db, pool, storage, spool), music, library_id)


@dataclass
class Place:
    """A scan service with its jobs, over an empty database."""

    db: Database
    jobs: JobService
    scans: ScanService
    steering: ScanSteering
    music: Path

    def song(self, name: str, **tags: str) -> Path:
        path = self.music / name
        cover = jpeg(600, 400) if tags.pop("cover", "") else None
        make_audio(path, tags=tags, seed=len(name), cover=cover)
        return path

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        def resolve(wanted: type) -> object:
            return {ScanService: self.scans, ScanSteering: self.steering}[wanted]

        async with working(self.db, self.jobs.registry, resolve=resolve, service=self.jobs):
            yield

    async def idle(self) -> bool:
        """Whether no scan is wanted or under way."""
        return not (await self.scans.status(SYSTEM)).scanning
