"""Asking for another catalogue: what a build or an update needs is checked here, and done by a job."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from segue.catalog.errors import BadBuild, NothingToUpdate
from segue.core.access import Actor
from segue.jobs import JobService
from segue.jobs.repository import JobInfo
from segue.jobs.service import Ticket
from segue.settings import Settings

BUILD, UPDATE = "catalog.build", "catalog.update"
KINDS = (BUILD, UPDATE)
ONE_AT_A_TIME = "catalog.build"
"""The dedup key of both: two builds would only wait for one another's disk."""
_NEEDS: Mapping[str, tuple[str, ...]] = {
    "two-file": ("main",),
    "musicbrainz": ("folder",),
    "discogs": ("folder",),
    "library": (),
}
_TAKES: Mapping[str, tuple[str, ...]] = {
    "two-file": ("main", "files", "features"),
    "musicbrainz": ("folder", "derived"),
    "discogs": ("folder",),
    "library": (),
}
_PATHS = ("main", "files", "features", "folder")


class CatalogBuilding:
    """The door to builds. `settings` gives the present ones."""

    def __init__(self, jobs: JobService, settings: Callable[[], Settings]) -> None:
        self._jobs = jobs
        self._settings = settings

    async def request(self, actor: Actor, asked: Mapping[str, Any]) -> Ticket:
        """Have a catalogue built from `asked` (see `schemas.CatalogBuildAsk`); one that is under way already is told
        instead. Raises BadBuild."""
        source = asked["source"]
        for name in (*_PATHS, "derived"):
            if asked.get(name) and name not in _TAKES[source]:
                raise BadBuild(name, f"A catalogue from {source} takes no {name}.")
        for name in _NEEDS[source]:
            if not asked.get(name):
                raise BadBuild(name, f"A catalogue from {source} needs {name}.")
        for name in _PATHS:
            if asked.get(name) and not await asyncio.to_thread(Path(asked[name]).exists):
                raise BadBuild(name, f"There is nothing at {asked[name]}.")
        return await self._jobs.enqueue_now(BUILD, dict(asked), dedup_key=ONE_AT_A_TIME, created_by=actor.user_id)

    async def update(self, actor: Actor) -> Ticket:
        """Have the newest dumps fetched and built from. Raises NothingToUpdate where the settings name none."""
        if self._settings().catalog.update.source == "none":
            raise NothingToUpdate
        return await self._jobs.enqueue_now(UPDATE, {}, dedup_key=ONE_AT_A_TIME, created_by=actor.user_id)

    async def jobs_of(self, actor: Actor) -> tuple[JobInfo | None, JobInfo | None]:
        """The build or update that waits or runs, and the last one that ended."""
        active = await self._jobs.page(actor, states=("queued", "running"), kinds=KINDS, limit=1)
        ended = await self._jobs.page(actor, states=("done", "failed", "cancelled"), kinds=KINDS, limit=1)
        return (active.items or [None])[0], (ended.items or [None])[0]
