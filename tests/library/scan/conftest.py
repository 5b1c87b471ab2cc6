"""A scan service over an empty folder, for the tests of scans as jobs and over REST."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from segue.core.db import Database
from segue.core.storage import open_storage
from segue.jobs import JobService, Registry
from segue.library import tasks
from segue.library.scan.service import ScanService
from segue.library.scan.steering import ScanSteering
from segue.settings import Settings
from tests.library.scan.ground import Place
from tests.library.scan.recount import differences


@pytest.fixture
async def place(db: Database, tmp_path: Path) -> AsyncIterator[Place]:
    music = tmp_path / "music"
    music.mkdir()
    settings = Settings(data_dir=tmp_path / "data", scan={"workers": 1})
    registry = Registry().add(tasks)
    jobs = JobService(db, registry)
    await jobs.declare()
    scans = ScanService(db, jobs, open_storage(None, tmp_path), settings)
    steering = ScanSteering(db, jobs, scans)
    scans.on_library_removed.append(steering.forget_schedules)
    yield Place(db, jobs, scans, steering, music)
    await scans.close()
    assert await differences(db) == []
