"""Asking for another catalogue: what a build needs is checked here, and done by a job, in a thread of the worker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from segue.catalog.errors import BadBuild, NothingToUpdate
from segue.catalog.records import Source
from segue.catalog.service import CatalogService
from segue.core.access import Actor
from segue.core.errors import SegueError, Unavailable
from segue.jobs import Failed, JobContext, JobService
from segue.jobs.repository import JobInfo
from segue.jobs.service import Ticket
from segue.settings import Settings

if TYPE_CHECKING:
    from segue.catalog.build.building import Built
    from segue.catalog.tasks import Build

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
    "two-file": ("main", "files", "features", "rest"),
    "musicbrainz": ("folder", "derived"),
    "discogs": ("folder",),
    "library": (),
}
_PATHS = ("main", "files", "features", "folder")


class CatalogBuilding:
    """The door to builds. `settings` gives the present ones; `own_library` opens what is here as a source, in a thread."""

    def __init__(self, jobs: JobService, catalog: CatalogService, settings: Callable[[], Settings]) -> None:
        self._jobs = jobs
        self._catalog = catalog
        self._settings = settings
        self.own_library: Callable[[], Source] | None = None

    async def request(self, actor: Actor, asked: Mapping[str, Any]) -> Ticket:
        """Have a catalogue built from `asked` (see `schemas.CatalogBuildAsk`); one that is under way already is told
        instead. Raises BadBuild."""
        source = asked["source"]
        for name in (*_PATHS, "derived", "rest"):
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
        return next(iter(active.items), None), next(iter(ended.items), None)

    async def run(self, job: JobContext, asked: Build) -> dict[str, Any]:
        """Build what was asked for, and put it where the settings say; what came of it."""
        out = self._catalog.folder
        loop = asyncio.get_running_loop()
        stop = False

        def told(done: int, total: int, what: str) -> None:
            # called in the thread that builds
            job.progress(done, total or None, phase=what, unit="rows")

        def work() -> Built:
            return self._build(asked, out, told, lambda: stop or job.interrupted)

        building = loop.run_in_executor(None, work)
        try:
            built = await asyncio.shield(building)
        except asyncio.CancelledError:
            stop = True
            await asyncio.wait([building])
            raise
        except BaseException as error:
            job.check()
            raise _final(error) from error
        await self._catalog.refresh()
        return {"snapshot": built.id, **msgspec.to_builtins(built.counts), "seconds": round(built.seconds, 1)}

    def _build(
        self, asked: Build, out: Path, told: Callable[[int, int, str], None], cancelled: Callable[[], bool]
    ) -> Built:
        from segue.catalog.build.building import Options, build
        from segue.catalog.sources import Prepared

        source = self._source(asked, out)
        keep = self._settings().catalog.keep if asked.keep is None else asked.keep
        built = build(source, out, Options(trigram=asked.trigram, keep=keep), told, cancelled)
        if isinstance(source, Prepared):
            source.close()  # only now: a build that goes on needs what was gathered
        return built

    def _source(self, asked: Build, out: Path) -> Source:
        from segue.catalog.sources import open_source

        if asked.source == "library":
            assert self.own_library is not None, "app.py gives the library"
            return self.own_library()
        return open_source(
            main=asked.main,
            files=asked.files,
            features=asked.features,
            musicbrainz=asked.folder if asked.source == "musicbrainz" else None,
            discogs=asked.folder if asked.source == "discogs" else None,
            derived=asked.derived,
            rest=asked.rest,
            scratch=out.parent / f"{out.name}.gathered",
        )


def _final(error: BaseException) -> BaseException:
    """What trying again would not change ends the job at once."""
    if isinstance(error, SegueError) and not isinstance(error, Unavailable):
        return Failed(error.code, error.message, **error.params)
    return error
