"""What the tests of bringing playlists in and out share: a small library, two people, and the services."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from segue.core.access import Actor
from segue.core.changes import ChangeFeed
from segue.core.db import Database
from segue.core.storage import open_storage
from segue.jobs import JobService, Registry
from segue.library import search
from segue.library.fields import ENTITIES
from segue.library.fields.tracks import TRACK
from segue.library.finding import FindingService
from segue.library.models import Folder
from segue.playlists.exchange import tasks
from segue.playlists.exchange.keeping import Keeping
from segue.playlists.exchange.matching import MatchingService
from segue.playlists.exchange.service import PlaylistImportService
from segue.playlists.exchange.views import ImportChoices, ImportView
from segue.playlists.models import PlaylistRow
from segue.playlists.service import PlaylistService
from segue.query import Entities
from tests.jobs.ground import working
from tests.library.finding.ground import Song, _track, library_of
from tests.rows import LibraryMemory

SONGS = [
    Song("Roads", "Portishead", album="Dummy", seconds=303), Song("Angel", "Massive Attack", album="Mezzanine", seconds=379),
    Song("Angel", "Massive Attack", album="Singles", seconds=300), Song("Teardrop", "Massive Attack", seconds=330),
]  # fmt: skip
M3U = """#EXTM3U
#PLAYLIST:Late trains
#EXTINF:303,Portishead - Roads
a.mp3
#EXTINF:-1,Massive Attack - Angel
b.mp3
#EXTINF:251,Nobody Here - Unheard
c.mp3
#EXTINF:303,Portishead - Roads
a.mp3
"""


class House:
    """Who lives here: `anna` sees the library, `ben` nothing."""

    def __init__(self, *people: Actor) -> None:
        self._people = {actor.person: actor for actor in people}

    async def actors(self, user_ids: Any) -> dict[int, Actor]:
        return {number: self._people[number] for number in user_ids if number in self._people}

    async def actor_called(self, name: str) -> Actor | None:
        return next((actor for actor in self._people.values() if actor.name == name), None)


@dataclass
class Ground:
    db: Database
    library: int
    tracks: list[int]
    anna: Actor
    ben: Actor
    playlists: PlaylistService
    keeping: Keeping
    imports: PlaylistImportService
    matching: MatchingService
    jobs: JobService

    async def send(
        self, text: str | bytes, name: str = "late.m3u8", who: Actor | None = None, **options: Any
    ) -> ImportView:
        data = text.encode() if isinstance(text, str) else text

        async def parts() -> AsyncIterator[bytes]:
            for start in range(0, len(data), 50_000):
                yield data[start : start + 50_000]

        return await self.imports.send(who or self.anna, name, parts(), **options)

    def working(self) -> Any:
        """A worker, with the services that the jobs of the exchange want."""
        services = {type(one): one for one in (self.imports, self.matching)}
        return working(self.db, Registry().add(tasks), resolve=services.__getitem__, service=self.jobs)

    async def rows(self, playlist_id: int) -> list[Any]:
        async with self.db.read() as conn:
            mine = select(PlaylistRow.__table__).where(PlaylistRow.playlist_id == playlist_id)
            return list((await conn.execute(mine.order_by(PlaylistRow.rank, PlaylistRow.id))).all())

    async def imported(self, text: str | bytes, name: str = "late.m3u8", **choices: Any) -> int:
        sent = await self.send(text, name)
        applied = await self.imports.apply(self.anna, sent.id, ImportChoices(**choices))
        number = applied.lists[0].playlist_id
        assert number is not None
        return number

    async def arrives(self, song: Song) -> int:
        """A track that a scan brings."""
        async with self.db.write() as tx:
            folder = await tx.scalar(select(Folder.id).where(Folder.library_id == self.library))
            track = await _track(tx, self.library, folder, song, 90)
            await search.index(tx, "track", [track])
            tx.changed("track", track, library_id=self.library)
        await self.matching.after_scan()
        return track


async def make_ground(db: Database, tmp_path: Path) -> Ground:
    library, tracks = await library_of(db, SONGS)
    anna, ben = Actor(1, "anna", libraries=frozenset({library})), Actor(2, "ben", libraries=frozenset())
    memory, house = LibraryMemory(), House(anna, ben)
    playlists, keeping = PlaylistService(db, memory, Entities(ENTITIES)), Keeping(db, memory)
    playlists.people = keeping.people = house
    finding, jobs = FindingService(db), JobService(db, Registry().add(tasks))
    storage = open_storage("", tmp_path / "data")
    imports = PlaylistImportService(db, playlists, keeping, finding, jobs, storage, TRACK)
    matching = MatchingService(db, keeping, finding, ChangeFeed(db), jobs)
    return Ground(db, library, tracks, anna, ben, playlists, keeping, imports, matching, jobs)
