"""A house with a few concerts written straight into its tables, for tests of nights and rules."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from sqlalchemy import insert, select, update

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.core.rest import Services
from segue.jobs import JobService, Registry
from segue.jobs.worker import run_worker
from segue.library.fields import ENTITIES
from segue.live.downloads.models import LiveDownload
from segue.live.fields import ENTITIES as LIVE
from segue.live.keeping import tasks
from segue.live.keeping.applying import Applying
from segue.live.keeping.service import KeepingService
from segue.live.models import (
    LiveArtist,
    LiveConcert,
    LiveConcertRecording,
    LiveFile,
    LivePerformance,
    LiveRecording,
    LiveSong,
    LiveTrack,
)
from segue.query import Entities

ANN = Actor(5, "ann", libraries=None)
BOB = Actor(6, "bob", libraries=None)
GB = 10**9


class FakeDownloads:
    """What is wanted becomes a row, as the service of downloads does it; nothing is fetched."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.on_finished: list[Any] = []
        self.refused: dict[str, Exception] = {}

    async def enqueue(self, actor: Actor, identifier: str, **given: Any) -> Any:
        if identifier in self.refused:
            raise self.refused[identifier]
        async with self._db.write() as tx:
            table = LiveDownload.__table__
            there = (
                await tx.execute(
                    select(table).where(
                        LiveDownload.identifier == identifier,
                        LiveDownload.user_id == actor.person,
                        LiveDownload.removed_at.is_(None),
                    )
                )
            ).first()
            if there is not None:
                return SimpleNamespace(row=there, created=False)
            recording = (
                await tx.execute(
                    select(LiveRecording.id, LiveRecording.size_bytes).where(LiveRecording.identifier == identifier)
                )
            ).one()
            number = await tx.scalar(
                insert(LiveDownload)
                .values(
                    user_id=actor.person, rule_id=given.get("rule_id"), identifier=identifier, recording_id=recording.id,
                    formats=given.get("formats"), state="queued", place=1.0, created_at=utc_now(), changed_at=utc_now(),
                    size_bytes=recording.size_bytes,
                )
                .returning(LiveDownload.id)
            )  # fmt: skip
            row = (await tx.execute(select(table).where(LiveDownload.id == number))).one()
        return SimpleNamespace(row=row, created=True)

    async def get(self, _actor: Actor, number: int) -> Any:
        async with self._db.read() as conn:
            return (await conn.execute(select(LiveDownload.__table__).where(LiveDownload.id == number))).one()

    async def remove(self, _actor: Actor, number: int) -> None:
        async with self._db.write() as tx:
            await tx.execute(update(LiveDownload).where(LiveDownload.id == number).values(removed_at=utc_now()))

    async def finish(self, identifier: str) -> None:
        """The download of `identifier` is whole; whoever wants to know is told."""
        async with self._db.write() as tx:
            mine = LiveDownload.identifier == identifier
            await tx.execute(update(LiveDownload).where(mine).values(state="done", verified="whole"))
            row = (await tx.execute(select(LiveDownload.__table__).where(mine))).one()
        for tell in self.on_finished:
            await tell(row)


class People:
    async def actor_for(self, user: int) -> Actor:
        return {5: ANN, 6: BOB}[user]


@dataclass
class House:
    """Everything about keeping, around one database."""

    db: Database
    jobs: JobService
    downloads: FakeDownloads
    keeping: KeepingService
    services: Services
    artist: int = 0
    songs: dict[str, int] = field(default_factory=dict)

    async def concert(self, date: str, setlist: Sequence[str] = (), *, sequence: int = 1) -> int:
        """A concert with its setlist, `Song >` where a song runs into the next; its number."""
        async with self.db.write() as tx:
            number = int(
                await tx.scalar(
                    insert(LiveConcert)
                    .values(
                        uid=f"{date}-{sequence}", artist_id=self.artist, date=date, date_sort=date,
                        date_number=int(date.replace("-", "")), precision="day",
                        sequence=sequence, changed_at=utc_now(), song_count=len(setlist),
                        day_of_year=int(date[5:7]) * 100 + int(date[8:]),
                    )
                    .returning(LiveConcert.id)
                )
            )  # fmt: skip
            for position, said in enumerate(setlist, 1):
                name = said.rstrip(" >")
                song = await self._song(tx, name)
                await tx.execute(
                    insert(LivePerformance).values(
                        concert_id=number, position=position, set_number=1, set_name="Set 1", song_id=song,
                        segue=said.endswith(">"),
                    )
                )  # fmt: skip
        return number

    async def _song(self, tx: Any, name: str) -> int:
        if name not in self.songs:
            values = {"artist_id": self.artist, "key": name.lower(), "name": name}
            self.songs[name] = int(await tx.scalar(insert(LiveSong).values(**values).returning(LiveSong.id)))
        return self.songs[name]

    async def recording(
        self,
        concert: int,
        identifier: str,
        tracks: Sequence[str] = (),
        *,
        rank: int = 1,
        score: float = 0.9,
        completeness: float | None = 1.0,
        source: str = "AUD",
        size: int = GB,
        flac: int | None = None,
        here: bool = False,
        **values: Any,
    ) -> int:
        """A recording of a concert; `Song//` is a track that is cut. `flac`: bytes of its FLAC files, where they are known."""
        now = utc_now()
        async with self.db.write() as tx:
            usual = {
                "identifier": identifier, "artist_id": self.artist, "precision": "day", "kind": "concert", "source_type": source,
                "date_sort": "", "seen_at": now, "formats": ["Flac", "VBR MP3"], "size_bytes": size,
                "details_at": now if tracks or flac else None,
            }  # fmt: skip
            number = int(await tx.scalar(insert(LiveRecording).values(**usual | values).returning(LiveRecording.id)))
            await tx.execute(
                insert(LiveConcertRecording).values(
                    concert_id=concert, recording_id=number, rank=rank, score=score, completeness=completeness
                )
            )
            for place, title in enumerate(tracks, 1):
                name = title.rstrip("/ ")
                song = await self._song(tx, name) if name in self.songs else None
                kind = "song" if song else "nonsong"
                await tx.execute(
                    insert(LiveTrack).values(
                        recording_id=number, number=place, title=title, duration_ms=60_000,
                        heard=[[song, name, kind, False, False, title.endswith("//")]],
                        track_id=number * 100 + place if here else None,
                    )
                )  # fmt: skip
            if flac is not None:
                await tx.execute(
                    insert(LiveFile).values(recording_id=number, number=1, name="1.flac", format="Flac", size=flac)
                )
        return number

    async def work(self, job: int) -> Any:
        """Run jobs until this one is done."""
        stop = asyncio.Event()
        working = asyncio.create_task(
            run_worker(self.db, self.jobs.registry, stop=stop, resolve=self.services.get, service=self.jobs)
        )
        try:
            async with asyncio.timeout(120):
                while (found := await self.jobs.get(ANN, job)).state not in ("done", "failed"):
                    await asyncio.sleep(0.02)
        finally:
            stop.set()
            await working
        assert found.state == "done", (found.error, found.traceback)
        return found

    async def apply(self, rule: int) -> Any:
        ticket = await self.keeping.apply(ANN, rule)
        return (await self.work(ticket.id)).result

    async def wanted(self) -> dict[str, Any]:
        """Downloads by identifier: (rule, removed)."""
        async with self.db.read() as conn:
            rows = await conn.execute(
                select(LiveDownload.identifier, LiveDownload.rule_id, LiveDownload.removed_at).order_by(LiveDownload.id)
            )
            return {row.identifier: (row.rule_id, row.removed_at is not None) for row in rows}


async def house(db: Database) -> House:
    async def nobody(_request: Any) -> Actor | None:
        return None

    services = Services(nobody)
    jobs = services.add(JobService(db, Registry().add(tasks)))
    await jobs.declare()
    downloads = FakeDownloads(db)
    entities = Entities((*ENTITIES, *LIVE))
    keeping = services.add(KeepingService(db, lambda: entities, jobs, downloads))  # type: ignore[arg-type]
    services.add(Applying(keeping, People()))
    made = House(db, jobs, downloads, keeping, services)
    async with db.write() as tx:
        values = {"key": "harbour tide", "name": "Harbour Tide", "sort_name": "harbour tide"}
        made.artist = int(await tx.scalar(insert(LiveArtist).values(**values).returning(LiveArtist.id)))
    return made
