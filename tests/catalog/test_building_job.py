"""Builds as jobs: from paths on the server to what is served, and what keeps one from it said in the job."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from segue.catalog import tasks
from segue.catalog.building import CatalogBuilding
from segue.catalog.service import CatalogService
from segue.catalog.synth.making import make
from segue.core.access import SYSTEM, Actor
from segue.core.db import Database
from segue.core.rest import Services
from segue.jobs import JobService, Registry
from segue.jobs.worker import run_worker
from segue.settings import load_settings
from tests.waiting import PATIENCE_S

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)]
ASKED: dict[str, Any] = {"main": None, "files": None, "features": None, "folder": None, "derived": False, "keep": 1}


@dataclass
class Site:
    services: Services
    jobs: JobService
    building: CatalogBuilding
    catalog: CatalogService

    async def ended(self, job: int) -> Any:
        """The job, once a worker is done with it."""
        stop = asyncio.Event()
        working = asyncio.create_task(
            run_worker(self.jobs.db, self.jobs.registry, stop=stop, resolve=self.services.get, service=self.jobs)
        )
        try:
            async with asyncio.timeout(PATIENCE_S):
                while (found := await self.jobs.get(SYSTEM, job)).state in ("queued", "running"):
                    await asyncio.sleep(0.02)
                return found
        finally:
            stop.set()
            await working


@pytest.fixture
async def site(db: Database, tmp_path: Path) -> AsyncIterator[Site]:
    async def nobody(_request: Any) -> Actor | None:
        return None

    settings = load_settings({"data_dir": tmp_path / "data"}, environ={})
    services = Services(nobody)
    services.add(db)
    jobs = services.add(JobService(db, Registry().add(tasks)))
    await jobs.declare()
    catalog = services.add(CatalogService(lambda: settings))
    building = services.add(CatalogBuilding(jobs, catalog, lambda: settings))
    yield Site(services, jobs, building, catalog)
    await catalog.close()


async def test_two_files_become_what_is_served(site: Site, tmp_path: Path) -> None:
    made = make(tmp_path / "files", 300)
    ask = {
        **ASKED,
        "source": "two-file",
        "main": str(tmp_path / "files" / "main_database.sqlite3"),
        "files": str(tmp_path / "files" / "track_files.sqlite3"),
    }
    ticket = await site.building.request(SYSTEM, ask)
    running, _ = await site.building.jobs_of(SYSTEM)
    assert running is not None and running.id == ticket.id
    job = await site.ended(ticket.id)
    assert job.state == "done" and job.result["tracks"] == made.counts.tracks
    async with site.catalog.use() as backend:
        assert backend.id == job.result["snapshot"]
        assert (await backend.counts()).tracks == made.counts.tracks
    running, last = await site.building.jobs_of(SYSTEM)
    assert running is None and last is not None and last.id == ticket.id


async def test_what_cannot_be_built_from_says_why_and_is_not_tried_again(site: Site, tmp_path: Path) -> None:
    wrong = tmp_path / "main.sqlite3"
    wrong.write_bytes(b"this is no database" * 100)
    ticket = await site.building.request(SYSTEM, {**ASKED, "source": "two-file", "main": str(wrong)})
    job = await site.ended(ticket.id)
    assert job.state == "failed" and job.attempts == 1
    assert str(wrong) in job.error["message"]
    assert site.catalog.facts is None


async def test_a_cancelled_build_leaves_what_is_served_and_goes_on_later(site: Site, tmp_path: Path) -> None:
    make(tmp_path / "files", 300)
    ask = {**ASKED, "source": "two-file", "main": str(tmp_path / "files" / "main_database.sqlite3")}
    ticket = await site.building.request(SYSTEM, ask)
    await site.jobs.cancel(SYSTEM, ticket.id)
    assert (await site.ended(ticket.id)).state == "cancelled"
    assert site.catalog.facts is None
    again = await site.building.request(SYSTEM, ask)
    assert again.id != ticket.id and (await site.ended(again.id)).state == "done"
