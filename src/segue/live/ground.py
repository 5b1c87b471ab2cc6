"""What every part of the service of live music stands on: the database, what can be asked, the archive, the jobs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from segue.core.access import Actor
from segue.core.db import Database
from segue.core.ids import format_id
from segue.jobs import JobService
from segue.live import repository
from segue.live.archive.client import ArchiveClient
from segue.live.errors import MayNotDecide, NoSuchConcert
from segue.live.ranking import USUAL, Weights
from segue.live.views import ConcertView, RecordingView
from segue.query import Entities, Scope

EDITOR = "editor"


class LiveGround:
    """The state of the service. `entities` are what can be asked, with the fields that other domains added."""

    def __init__(self, db: Database, entities: Entities, archive: ArchiveClient, jobs: JobService) -> None:
        self.db = db
        self.entities = entities
        self.archive = archive
        self.jobs = jobs
        self.on_mirrored: list[Callable[[], Awaitable[None]]] = []
        """Told after a round in which lists of the archive brought something new."""
        self.weights: Callable[[], Weights] = lambda: USUAL
        """What counts how much when recordings are put in order."""

    def _scope(self, actor: Actor) -> Scope:
        return Scope.of(actor, self.db.dialect)

    async def _load(self, conn: AsyncConnection, kind: str, ids: Iterable[int]) -> dict[int, Any]:
        if kind == "concerts":
            return dict(await repository.concerts(conn, ids))
        return dict(await repository.recordings(conn, ids))

    async def _concert(self, conn: AsyncConnection, number: int) -> ConcertView:
        """The concert of this number, or the one it became a part of. Raises NoSuchConcert."""
        found = await repository.concerts(conn, [number])
        if not found:
            became = await repository.redirected(conn, number)
            found = {} if became is None else await repository.concerts(conn, [became])
        for view in found.values():
            return view
        raise NoSuchConcert(format_id("co", number))

    async def _recording(self, conn: AsyncConnection, number: int) -> RecordingView:
        """Raises NoSuchRecording."""
        from segue.live.errors import NoSuchRecording

        found = await repository.recordings(conn, [number])
        if number not in found:
            raise NoSuchRecording(format_id("rec", number))
        return found[number]


def check_right(actor: Actor) -> None:
    """Raises MayNotDecide for whoever is no editor."""
    if not actor.is_admin and EDITOR not in actor.roles:
        raise MayNotDecide
