"""What the tests of editing share: a library of real files, the service that edits it, and somebody who may."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segue.core.access import SYSTEM, Actor
from segue.core.db import Database
from segue.core.pool import ProcessPool
from segue.jobs import JobService, Registry
from segue.library.edits import tasks
from segue.library.edits.service import EditService
from segue.library.fields import ENTITIES
from segue.library.service import LibraryService
from segue.listening.fields import FIELDS as LISTENING_FIELDS
from segue.listening.service import ListeningService
from segue.query import Entities
from tests.jobs.ground import working
from tests.library.scan.ground import House, house

EDITOR = Actor(user_id=7, name="ed", roles=frozenset({"editor", "user"}), libraries=None)
LISTENER = Actor(user_id=8, name="lis", roles=frozenset({"user"}), libraries=None)


@dataclass
class Desk:
    """A library and the services over it."""

    home: House
    db: Database
    library: LibraryService
    listening: ListeningService
    jobs: JobService
    edits: EditService

    async def track(self, title: str) -> int:
        return next(row.id for row in await self.home.tracks() if row.title == title)

    async def album(self, title: str) -> int:
        return next(row.id for row in await self.home.albums() if row.title == title)

    async def artist(self, name: str) -> int:
        return next(row.id for row in await self.home.rows(_artist()) if row.name == name)

    async def shown(self, kind: str, number: int) -> dict[str, Any]:
        """What every field of a thing says."""
        state = await self.edits.state(SYSTEM, kind, number)
        return {name: field.value for name, field in state.fields.items()}

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        def resolve(wanted: type) -> object:
            return {EditService: self.edits}[wanted]

        async with working(self.db, self.jobs.registry, resolve=resolve, service=self.jobs):
            yield


def _artist() -> Any:
    from segue.library.models import Artist

    return Artist


@asynccontextmanager
async def desk(db: Database, tmp_path: Path, readers: ProcessPool | None = None) -> AsyncIterator[Desk]:
    async with house(db, tmp_path, readers) as home:
        library = LibraryService(db, Entities(ENTITIES).extended(LISTENING_FIELDS))
        jobs = JobService(db, Registry().add(tasks))
        await jobs.declare()
        listening = ListeningService(db, library)
        edits = EditService(db, library, jobs)
        edits.on_artist_merged.append(listening.on_artist_merged)
        yield Desk(home, db, library, listening, jobs, edits)
