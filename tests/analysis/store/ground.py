"""What the tests of keeping analyses share: a library of real files, and the service that has them listened to."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select

from segue.analysis import tasks
from segue.analysis.engines.interface import InChildren
from segue.analysis.fields import FIELDS
from segue.analysis.ground import Ground
from segue.analysis.models import Sound
from segue.analysis.service import AnalysisService
from segue.core.access import SYSTEM
from segue.core.changes import ChangeFeed
from segue.core.db import Database
from segue.core.pool import Outcome
from segue.core.storage import Storage, open_storage
from segue.jobs import JobService, Registry
from segue.jobs.repository import JobInfo
from segue.library.edits import tasks as edit_tasks
from segue.library.edits.service import EditService
from segue.library.fields import ENTITIES
from segue.library.measures.service import MeasureService
from segue.library.service import LibraryService
from segue.query import Entities
from segue.settings import Settings
from tests.analysis.store.engines import QUICK, VERSION
from tests.jobs.ground import ended, working
from tests.library.scan.ground import House, house
from tests.live.rendered import Here


class Near(Here):
    """Listens in this process, which costs no start; what dies or waits needs `Studio.with_children`."""

    async def close(self, grace_s: float = 0.0) -> None:
        pass

    async def map_chunks(self, function: Any, items: Any, **_: Any) -> AsyncIterator[Outcome[Any, Any]]:
        async for item in items:
            yield Outcome(item, function(item), None)


@dataclass
class Studio:
    """A library, and those who listen to it. `settings` may be changed by a test."""

    home: House
    db: Database
    jobs: JobService
    storage: Storage
    library: LibraryService
    edits: EditService
    ground: Ground
    analysis: AnalysisService
    folder: Path
    settings: Settings = field(default_factory=Settings)

    def plan(self, **what: str) -> None:
        """Say what goes wrong with files, by their names."""
        (self.folder / "plan.json").write_text(json.dumps(what))

    @property
    def log(self) -> list[str]:
        """The names of the files that were listened to, each time."""
        path = self.folder / "heard.log"
        return [line.split()[0] for line in path.read_text().splitlines()] if path.exists() else []

    def change(self, **values: Any) -> None:
        """Change settings of analysis."""
        self.settings = self.settings.model_copy(update={"analysis": self.settings.analysis.model_copy(update=values)})

    def use(self, function: str = QUICK, version: int = VERSION, **options: str) -> None:
        """Have this engine listen."""
        given = (
            {"log": str(self.folder / "heard.log"), "plan": str(self.folder / "plan.json")} if function == QUICK else {}
        )
        self.ground.listener = lambda pool: InChildren("quick", version, function, pool, {**given, **options})

    def with_children(self) -> None:
        """Have real children listen."""
        self.ground.children = None

    async def scan(self, **options: Any) -> None:
        """Scan, and tell analysis as a scan does."""
        await self.home.scan(**options)
        await self.analysis.after_scan()

    async def sounds(self) -> list[Any]:
        async with self.db.read() as conn:
            return list((await conn.execute(select(Sound.__table__).order_by(Sound.id))).all())

    async def states(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for row in await self.sounds():
            found[row.state] = found.get(row.state, 0) + 1
        return found

    async def track(self, title: str) -> int:
        return next(row.id for row in await self.home.tracks() if row.title == title)

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        services = {
            AnalysisService: self.analysis, EditService: self.edits,
        }  # fmt: skip
        async with working(self.db, self.jobs.registry, resolve=services.__getitem__, service=self.jobs):
            yield

    async def listen(self) -> None:
        """Work until nobody has anything to do."""
        async with self.worker():
            while (job := await self._next()) is not None:
                await ended(self.jobs, job.id)

    async def busy(self) -> bool:
        """Whether any job waits or runs."""
        return await self._next() is not None

    async def _next(self) -> JobInfo | None:
        page = await self.jobs.page(SYSTEM, states=["queued", "running"])
        return page.items[0] if page.items else None


@asynccontextmanager
async def studio(db: Database, tmp_path: Path) -> AsyncIterator[Studio]:
    async with house(db, tmp_path, Near()) as home:  # type: ignore[arg-type]
        made = over(db, tmp_path, home)
        await made.jobs.declare()
        yield made


def over(db: Database, folder: Path, home: House) -> Studio:
    """The services over a library that is there."""
    library = LibraryService(db, Entities(ENTITIES).extended(FIELDS))
    jobs = JobService(db, Registry().add(tasks, edit_tasks))
    edits = EditService(db, library, jobs)
    storage = open_storage(str(folder / "store"), folder)
    measures = MeasureService(db, jobs, SimpleNamespace(current=Settings()))  # type: ignore[arg-type]
    ground = Ground(db, ChangeFeed(db), jobs, storage, library, measures, lambda: made.settings)
    analysis = AnalysisService(ground, edits)
    edits.on_edited.append(analysis.after_edit)
    made = Studio(home, db, jobs, storage, library, edits, ground, analysis, folder)
    made.change(workers=2)
    ground.children = Near  # type: ignore[assignment]
    made.use()
    return made
