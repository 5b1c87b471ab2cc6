"""A scan service with the rules for tags, over an empty folder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from segue.core.access import SYSTEM
from segue.core.db import Database
from segue.core.storage import open_storage
from segue.jobs import JobService, Registry
from segue.library import tasks
from segue.library.models import Artist, Track
from segue.library.scan.service import ScanService
from segue.library.tag_rules import tasks as tag_rules_tasks
from segue.library.tag_rules.service import TagRulesService
from segue.settings import Settings
from tests.jobs.ground import until, working
from tests.library.media import make_audio
from tests.library.scan.recount import differences


@dataclass
class Ruled:
    """A library over `music`, and the rules for its tags."""

    db: Database
    jobs: JobService
    scans: ScanService
    rules: TagRulesService
    music: Path
    data: Path

    def song(self, name: str, fmt: str | None = None, **tags: Any) -> Path:
        path = self.music / name
        make_audio(path, fmt, tags=tags, seed=abs(hash(name)) % 1000)
        return path

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        known = {ScanService: self.scans, TagRulesService: self.rules}
        async with working(self.db, self.jobs.registry, resolve=known.__getitem__, service=self.jobs):
            yield

    async def settled(self) -> None:
        """Until no job is left."""

        async def idle() -> bool:
            page = await self.jobs.page(SYSTEM, states=("running", "queued"), limit=5)
            return not page.items

        await until(idle)

    async def tracks(self) -> dict[str, Any]:
        """By path of the file."""
        from segue.library.models import File

        async with self.db.read() as conn:
            statement = select(Track.__table__, File.display_path).join(File, File.id == Track.file_id)
            return {row.display_path: row for row in await conn.execute(statement)}

    async def artists(self) -> set[str]:
        """Those who are credited somewhere."""
        from segue.library.models import TrackCredit

        async with self.db.read() as conn:
            statement = select(Artist.name).join(TrackCredit, TrackCredit.artist_id == Artist.id)
            return set(await conn.scalars(statement))


@pytest.fixture
async def ruled(db: Database, tmp_path: Path) -> AsyncIterator[Ruled]:
    music, data = tmp_path / "music", tmp_path / "data"
    music.mkdir()
    data.mkdir()
    settings = Settings(data_dir=data, scan={"workers": 1})
    jobs = JobService(db, Registry().add(tasks, tag_rules_tasks))
    await jobs.declare()
    scans = ScanService(db, jobs, open_storage(None, tmp_path), settings)
    rules = TagRulesService(db, jobs, data, None, scans.request)
    scans.tag_rules = rules.rules
    scans.on_scanned.append(rules.apply_if_changed)
    yield Ruled(db, jobs, scans, rules, music, data)
    await scans.close()
    assert await differences(db) == []
