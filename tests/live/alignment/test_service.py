"""A player asks where another source is: a job listens once, and what it found is kept while the files are the same."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from bench.live.performance import Tape, perform, write
from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.core.rest import Services
from segue.jobs import JobService, Registry
from segue.jobs.worker import run_worker
from segue.live.alignment import repository as alignments
from segue.live.alignment import tasks
from segue.live.alignment.errors import LiveTrackNotFound, NotAligned, NotHere, SameTrack
from segue.live.alignment.service import AlignmentService
from segue.live.models import LiveArtist, LiveConcert, LiveConcertRecording, LiveRecording, LiveTrack
from tests.live.rendered import Here, Shelf

pytestmark = pytest.mark.anyio

ANN = Actor(5, "ann", libraries=None)
TAPE = Tape(speed=1.02, start_s=10, noise_db=-15, seed=1)


@dataclass
class House:
    db: Database
    jobs: JobService
    shelf: Shelf
    alignments: AlignmentService
    services: Services
    tracks: list[int]

    async def work(self, job: int) -> Any:
        stop = asyncio.Event()
        working = asyncio.create_task(
            run_worker(self.db, self.jobs.registry, stop=stop, resolve=self.services.get, service=self.jobs)
        )
        try:
            async with asyncio.timeout(170):
                while (found := await self.jobs.get(ANN, job)).state not in ("done", "failed"):
                    await asyncio.sleep(0.02)
            return found
        finally:
            stop.set()
            await working


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("music")
    music = perform(4, 60)
    broken = folder / "broken.flac"
    broken.write_bytes(b"no music at all")
    return [
        write(music, folder / "a.flac"),
        write(TAPE.record(music), folder / "b.flac"),
        write(perform(5, 60), folder / "c.flac"),
        broken,
    ]


@pytest.fixture
async def house(db: Database, recordings: list[Path], request: pytest.FixtureRequest) -> House:
    async def nobody(_request: Any) -> Actor | None:
        return None

    services = Services(nobody)
    jobs = services.add(JobService(db, Registry().add(tasks)))
    await jobs.declare()
    shelf = Shelf(dict(enumerate(recordings, 1)))
    alignments = services.add(AlignmentService(db, jobs, shelf))
    if "listened_to_once" not in request.node.name:
        alignments.pool = Here  # type: ignore[assignment]
    tracks = []
    async with db.write() as tx:
        for number in range(1, 5):
            recording = await tx.scalar(
                insert(LiveRecording)
                .values(
                    identifier=f"a{number}",
                    precision="day",
                    kind="concert",
                    source_type="AUD",
                    seen_at=utc_now(),
                    date_sort="",
                )
                .returning(LiveRecording.id)
            )
            values = {
                "recording_id": recording,
                "number": 1,
                "title": "Anchor",
                "duration_ms": 60_000,
                "track_id": number,
            }
            tracks.append(int(await tx.scalar(insert(LiveTrack).values(**values).returning(LiveTrack.id))))
    return House(db, jobs, shelf, alignments, services, tracks)


async def test_a_pair_is_listened_to_once_and_then_known_both_ways(house: House) -> None:
    one, two, *_ = house.tracks
    asked = await house.alignments.request(ANN, one, two)
    assert asked.state == "working"
    assert asked.job is not None
    again = await house.alignments.request(ANN, two, one)
    assert (again.state, again.job) == ("working", asked.job)
    assert (await house.work(asked.job)).result["state"] == "aligned"
    found = await house.alignments.request(ANN, one, two)
    assert found.alignment is not None
    assert found.score is not None
    assert found.score > 0.6
    truth = (TAPE.place(30) or 0) * 1000
    _, there = await house.alignments.place(ANN, one, two, 30_000)
    assert there is not None
    assert abs(there - truth) <= 20
    _, back = await house.alignments.place(ANN, two, one, there)
    assert back is not None
    assert abs(back - 30_000) <= 20
    assert (await house.alignments.place(ANN, one, two, 3_000))[1] is None


async def test_another_song_is_said_to_be_apart_and_not_guessed(house: House) -> None:
    one, _, other, _ = house.tracks
    found = await house.alignments.find(one, other)
    assert found.state == "apart"
    assert found.alignment is None
    assert found.score is not None
    with pytest.raises(NotAligned) as refused:
        await house.alignments.place(ANN, one, other, 0)
    assert refused.value.params["state"] == "apart"


async def test_a_file_without_music_fails_with_its_reason(house: House) -> None:
    one, broken = house.tracks[0], house.tracks[3]
    found = await house.alignments.find(one, broken)
    assert (found.state, found.reason) == ("failed", "no_sound")


async def test_what_was_found_ends_with_its_file(house: House) -> None:
    one, _, other, _ = house.tracks
    await house.alignments.find(one, other)
    async with house.db.write() as tx:
        await tx.execute(update(LiveTrack).where(LiveTrack.id == other).values(track_id=1))
    assert (await house.alignments.found(ANN, one, other)).state == "none"


async def test_only_what_is_here_and_may_be_heard_is_lined_up(house: House) -> None:
    one, two, *_ = house.tracks
    with pytest.raises(SameTrack):
        await house.alignments.request(ANN, one, one)
    with pytest.raises(LiveTrackNotFound):
        await house.alignments.request(ANN, one, 99_999)
    house.shelf.hidden.add(2)
    with pytest.raises(NotHere):
        await house.alignments.request(ANN, one, two)
    async with house.db.write() as tx:
        await tx.execute(update(LiveTrack).where(LiveTrack.id == two).values(track_id=None))
    with pytest.raises(NotHere):
        await house.alignments.request(ANN, one, two)


async def test_the_same_song_is_found_in_the_other_recordings_of_the_night_and_the_second_time_is_the_second(
    house: House,
) -> None:
    one, two, three, _ = house.tracks
    async with house.db.write() as tx:
        artist = await tx.scalar(insert(LiveArtist).values(key="x", name="X", sort_name="x").returning(LiveArtist.id))
        concert = await tx.scalar(
            insert(LiveConcert)
            .values(uid="u", artist_id=artist, date="1977", date_sort="1977", precision="year", changed_at=utc_now())
            .returning(LiveConcert.id)
        )
        song = [[7, "Anchor", "song", False, False, False]]
        found = await alignments.tracks(tx.conn, [one, two, three])
        for rank, track in enumerate((one, two, three), 1):
            recording = found[track].recording_id
            await tx.execute(
                insert(LiveConcertRecording).values(concert_id=concert, recording_id=recording, rank=rank, score=1.0)
            )
            await tx.execute(update(LiveTrack).where(LiveTrack.id == track).values(heard=song))
        again = {"recording_id": found[two].recording_id, "number": 9, "title": "Anchor", "heard": song}
        second = int(await tx.scalar(insert(LiveTrack).values(**again).returning(LiveTrack.id)))
    await house.alignments.find(one, three)
    others = await house.alignments.others(ANN, one)
    assert [(other.track.track.id, other.here, other.state) for other in others] == [
        (two, True, "none"),
        (three, True, "apart"),
    ]
    assert await house.alignments.others(ANN, second) == []
