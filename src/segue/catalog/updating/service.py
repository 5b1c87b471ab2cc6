"""Updating as background work: a round by the settings, which a cancel, a stop or a kill leaves where the next goes on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from segue.catalog.service import CatalogService
from segue.catalog.updating.errors import NoRoomForDump
from segue.catalog.updating.rounds import Round
from segue.core.errors import SegueError, Unavailable
from segue.core.outside.faults import ProviderBug, Throttled
from segue.jobs import Failed, JobContext
from segue.settings import Settings


class CatalogUpdating:
    """The door to updates. `settings` gives those that count now, also where another process has changed them."""

    def __init__(self, catalog: CatalogService, settings: Callable[[], Awaitable[Settings]]) -> None:
        self._catalog = catalog
        self._settings = settings

    async def run(self, job: JobContext) -> dict[str, Any]:
        """Fetch the newest dumps and build from them, where the settings name any; what came of it."""
        settings = await self._settings()
        if settings.catalog.update.source == "none":
            return {"source": "none"}

        def told(done: int, total: int, what: str) -> None:
            fetching = what.startswith(("fetching", "reading releases", "reading masters"))
            job.progress(done, total or None, phase=what, unit="bytes" if fetching else "rows")

        try:
            updated = await Round(settings, self._catalog.folder, told, job.check).run()
        except Throttled as fault:
            job.retry_later(fault.retry_at, fault.reason)
        except (NoRoomForDump, ProviderBug) as error:
            raise Failed(error.code, error.message, **error.params) from error
        except SegueError as error:
            if isinstance(error, Unavailable):
                raise
            raise Failed(error.code, error.message, **error.params) from error
        told_of = {"source": updated.source, "version": updated.version}
        if updated.built is None:
            return told_of | {"snapshot": None}
        await self._catalog.refresh()
        counts = msgspec.to_builtins(updated.built.counts)
        return told_of | {"snapshot": updated.built.id, **counts, "seconds": round(updated.built.seconds, 1)}
