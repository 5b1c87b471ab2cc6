"""A library of real files with everything that writing tags and the inbox need, over a database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from segue.core.access import SYSTEM
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.core.storage import open_storage
from segue.jobs import JobService, Registry
from segue.library import tasks as library_tasks
from segue.library.edits import repository as edit_rows
from segue.library.edits import tasks as edit_tasks
from segue.library.edits.applying import Act, Thing, apply
from segue.library.edits.service import EditService
from segue.library.fields import ENTITIES
from segue.library.inbox import tasks as inbox_tasks
from segue.library.inbox.service import InboxService
from segue.library.models import File, Library, Track
from segue.library.scan.formats.audio_bytes import exact_audio_hash
from segue.library.scan.read import read_file
from segue.library.scan.service import ScanService
from segue.library.service import LibraryService
from segue.library.writing import tasks as writing_tasks
from segue.library.writing.service import WritingService
from segue.query import Entities
from segue.settings import Settings
from tests.jobs.ground import ended, working
from tests.library.media import make_audio


@dataclass
class Place:
    """A library over `music` that writes tags."""

    db: Database
    jobs: JobService
    scans: ScanService
    writing: WritingService
    music: Path
    library: int
    edits: EditService
    inboxes: InboxService

    def song(self, name: str, **tags: Any) -> Path:
        path = self.music / name
        seed = tags.pop("seed", len(name) * 7 + sum(name.encode()))
        make_audio(path, tags.pop("fmt", None), tags=tags, seed=seed)
        return path

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        known = {ScanService: self.scans, WritingService: self.writing, InboxService: self.inboxes}
        async with working(self.db, self.jobs.registry, resolve=lambda wanted: known[wanted], service=self.jobs):
            yield

    async def scanned(self, **options: Any) -> dict[str, Any]:
        """Scan, and what came of it."""
        (job,) = await self.scans.request(self.library, **options)
        async with self.worker():
            return (await ended(self.jobs, job)).result or {}

    async def options(self, **options: Any) -> None:
        async with self.db.write() as tx:
            await tx.execute(update(Library).where(Library.id == self.library).values(options=options))

    async def tracks(self) -> dict[str, Any]:
        """Track rows by title."""
        async with self.db.read() as conn:
            return {row.title: row for row in await conn.execute(select(Track.__table__))}

    async def files(self) -> dict[str, Any]:
        """File rows by path."""
        async with self.db.read() as conn:
            return {row.display_path: row for row in await conn.execute(select(File.__table__))}

    async def edit(self, kind: str, number: int, *, taken_back: bool = False, **values: Any) -> None:
        """A person's edit, put into effect, or taken back."""
        async with self.db.write() as tx:
            batch = await edit_rows.add_batch(tx, "edit", None, None, utc_now())
            changes = {field: None if taken_back else {"is": value} for field, value in values.items()}
            await apply(tx, Act(batch, None, utc_now()), {Thing(kind, number): changes})

    async def write(self, *targets: str, **options: Any) -> tuple[int, dict[str, Any]]:
        """Write what was edited; the act, and how many files came to which state."""
        files = await self.writing.files_named(SYSTEM, targets)
        batch, job = await self.writing.request(files, **options)
        async with self.worker():
            found = await ended(self.jobs, job)
        assert found.state == "done", found.error
        return batch, found.result or {}

    async def undo(self, batch: int) -> tuple[int, dict[str, Any]]:
        undo, job = await self.writing.request_undo(batch)
        async with self.worker():
            found = await ended(self.jobs, job)
        assert found.state == "done", found.error
        return undo, found.result or {}

    async def rows(self, batch: int) -> list[Any]:
        return await self.writing.writes(SYSTEM, batch)


def said(path: Path) -> Any:
    """What the tags of a file say."""
    return read_file(bytes(path.parent), path.name.encode()).tags


def audio_of(root: Path) -> list[bytes]:
    """The exact hashes of all music below a folder, sorted."""
    return sorted(
        exact_audio_hash(bytes(path))
        for path in root.rglob("*")
        if path.is_file()
        and not path.name.startswith(".segue-")
        and path.suffix in (".flac", ".mp3", ".opus", ".m4a", ".ogg")
        and not path.is_symlink()
    )


def leftovers(root: Path) -> list[Path]:
    """New files of ours that lie about."""
    return sorted(root.rglob(".segue-*"))


def registry() -> Registry:
    return Registry().add(library_tasks, edit_tasks, writing_tasks, inbox_tasks)


@asynccontextmanager
async def place_at(db: Database, folder: Path, options: Mapping[str, Any] | None = None) -> AsyncIterator[Place]:
    """A place over `folder/music`, whose library writes tags unless `options` say otherwise."""
    music = folder / "music"
    await asyncio.to_thread(music.mkdir, exist_ok=True)
    jobs = JobService(db, registry())
    await jobs.declare()
    storage = open_storage(None, folder)
    scans = ScanService(db, jobs, storage, Settings(data_dir=folder / "data", scan={"workers": 1}))
    library_service = LibraryService(db, Entities(ENTITIES))
    writing = WritingService(db, library_service, jobs, storage, scans.tag_rules)
    edits = EditService(db, library_service, jobs)
    edits.on_edited.append(writing.after_edit)
    inboxes = InboxService(db, jobs, scans, edits, scans.tag_rules)
    scans.on_scanned.append(inboxes.after_scan)
    library = await scans.add_library(str(music), "Music")
    place = Place(db, jobs, scans, writing, music, library, edits, inboxes)
    await place.options(**(options or {"write_tags": True}))
    yield place
    await writing.close()
    await scans.close()
