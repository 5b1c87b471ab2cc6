"""What the tests of imports share: every part over a test's database and a small library, and a worker where one is wanted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from segue.core.access import Actor
from segue.core.db import Database
from segue.core.remembered import Remembered
from segue.core.storage import open_storage
from segue.jobs import JobService, Registry, RetryPolicy
from segue.library.finding import FindingService
from segue.library.remembered import artists_called, remembered
from segue.listening import tasks as listening_tasks
from segue.listening.imports import tasks
from segue.listening.imports.service import ImportService, ImportView
from segue.listening.imports.views import ListRow
from segue.listening.models import Annotation, Bookmark, Play
from segue.listening.service import ListeningService
from tests.jobs.ground import until, working
from tests.library.finding.ground import Song, library_of

SONGS = [
    Song("Late Trains", "Ann", "Harbour", 200, path="Ann/Harbour/01 Late Trains.flac", position=1),
    Song("Tides", "Ann", "Harbour", 180, path="Ann/Harbour/02 Tides.flac", position=2),
    Song("Rope", "Ann", "Harbour", 90, path="Ann/Harbour/03 Rope.flac", position=3),
    Song("Moss", "Bo", "Stones", 240, path="Bo/Stones/01 Moss.flac", position=1),
]
SAID = [(song.title, song.artist, song.album) for song in SONGS]
UNKNOWN = ("Far Away", "Nobody Here", "Elsewhere")


class Memory:
    """The library's knowledge of names."""

    async def remembered(self, conn: Any, actor: Any, kind: str, ids: Any) -> dict[int, Remembered]:
        return await remembered(conn, actor, kind, ids)

    async def artists_called(self, conn: Any, names: Any) -> dict[str, int]:
        return await artists_called(conn, names)


class Crash(Exception):
    """A worker dies here."""


@dataclass
class Lists:
    """Playlists, only remembered."""

    kept: dict[int, tuple[int, str, bool, list[ListRow]]]

    async def keep(self, actor: Actor, name: str, comment: str, public: bool, rows: Sequence[ListRow]) -> int:
        number = len(self.kept) + 1
        self.kept[number] = (actor.person, name, public, list(rows))
        return number

    async def forget(self, actor: Actor, playlist_id: int) -> None:
        self.kept.pop(playlist_id, None)


@dataclass
class People:
    """Anna and Ben."""

    there: dict[int, Actor]

    async def actor_for(self, user: int | str) -> Actor:
        return self.there[int(user)]

    async def actors(self, user_ids: Collection[int]) -> dict[int, Actor]:
        return {number: self.there[number] for number in user_ids if number in self.there}


@dataclass
class Ground:
    """All parts of imports; `anna` is an administrator."""

    db: Database
    jobs: JobService
    listening: ListeningService
    imports: ImportService
    lists: Lists
    people: People
    anna: Actor
    ben: Actor
    tracks: list[int]
    folder: Path

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        services = {ImportService: self.imports, ListeningService: self.listening}
        async with working(self.db, self.jobs.registry, resolve=services.__getitem__, service=self.jobs):
            yield

    async def upload(self, data: bytes, name: str = "history", actor: Actor | None = None) -> ImportView:
        """An upload, once it is read."""
        view = await self.imports.upload(actor or self.anna, name, parts(data))
        return await self.ended(view.id)

    async def ended(self, number: int) -> ImportView:
        async def check() -> ImportView | None:
            view = await self.imports.get(self.anna, number)
            return None if view.state in ("reading", "running", "undoing") else view

        found: ImportView = await until(check, 60)
        return found

    async def bring(self, data: bytes, name: str = "history", people: dict[str, int] | None = None) -> ImportView:
        """An upload, brought in."""
        view = await self.upload(data, name)
        assert view.state == "ready", (view.code, view.params)
        await self.imports.start(self.anna, view.id, people)
        view = await self.ended(view.id)
        assert view.state == "done", (view.code, view.params)
        return view

    async def undo(self, number: int) -> ImportView:
        await self.imports.undo(self.anna, number)
        return await self.ended(number)

    async def plays(self, user: int = 1) -> list[Any]:
        async with self.db.read() as conn:
            mine = select(Play.__table__).where(Play.user_id == user).order_by(Play.played_at, Play.id)
            return list((await conn.execute(mine)).all())

    async def marks(self, user: int = 1) -> dict[tuple[str, int], Any]:
        async with self.db.read() as conn:
            mine = select(Annotation.__table__).where(Annotation.user_id == user)
            return {(row.kind, row.entity_id): row for row in await conn.execute(mine)}

    async def bookmarks(self, user: int = 1) -> dict[int, int]:
        async with self.db.read() as conn:
            mine = select(Bookmark.track_id, Bookmark.position_ms).where(Bookmark.user_id == user)
            return {row[0]: row[1] for row in await conn.execute(mine)}


async def parts(data: bytes, size: int = 65_536) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def registry() -> Registry:
    """The jobs of imports; one that crashes is begun again at once."""
    again = {"retry": RetryPolicy(base_s=0.01, cap_s=0.05), "max_attempts": 100}
    found = Registry().add(listening_tasks, tasks.QUEUE, tasks.housekeeping)
    return found.add(*(replace(kind, **again) for kind in (tasks.read_import, tasks.bring_import, tasks.undo_import)))


async def ground(db: Database, folder: Path, metadata: Any = None, songs: Sequence[Song] = SONGS) -> Ground:
    """Everything over `db`, with a library of `songs`."""
    library, tracks = await library_of(db, songs) if songs else (1, [])
    jobs = JobService(db, registry(), time_zone="UTC")
    memory = Memory()
    listening = ListeningService(db, memory, jobs)
    imports = ImportService(
        db, jobs, listening, memory, FindingService(db), open_storage(None, folder), metadata, folder / "work"
    )
    anna = Actor(1, "anna", roles=frozenset({"admin"}), libraries=None, time_zone="Europe/Berlin")
    ben = Actor(2, "ben", libraries=frozenset({library}), time_zone="UTC")
    lists = Lists({})
    people = People({1: anna, 2: ben})
    imports.people, imports.playlists = people, lists
    return Ground(db, jobs, listening, imports, lists, people, anna, ben, tracks, folder)
