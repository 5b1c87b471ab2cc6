"""Scans one can live with: held back, gone on with, given up, by the clock, through outages, two at once."""

from __future__ import annotations

import asyncio
import multiprocessing
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from segue.core.access import SYSTEM, Actor
from segue.core.changes import Change
from segue.core.clock import utc_now
from segue.core.db import DatabaseAway
from segue.jobs.models import JobSchedule
from segue.library.models import Album, File, Folder, Library, Track
from segue.library.scan import hold, outage, pipeline
from segue.library.service import LibraryService
from segue.listening.service import ListeningService
from segue.playlists.service import PlaylistService
from tests.conftest import postgres_admin
from tests.jobs.ground import ended, until
from tests.library.media import make_audio
from tests.library.scan.ground import Place
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.anyio
ANNA = Actor(1, "anna", libraries=None)


def fill(place: Place, folders: int, songs: int = 2) -> None:
    for folder in range(folders):
        for song in range(songs):
            make_audio(
                place.music / f"A{folder:02}/{song}.flac",
                tags={"title": f"T{folder}-{song}", "artist": "A", "album": f"X{folder}"},
                seed=folder * 10 + song,
            )


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The path of every file that was read, in small batches."""
    seen: list[bytes] = []
    take = pipeline.Scan._take_reading

    def counted(self: Any, answer: Any) -> None:
        seen.extend(file.path for file in answer.piece.files)
        take(self, answer)

    monkeypatch.setattr(pipeline.Scan, "_take_reading", counted)
    monkeypatch.setattr(pipeline, "FEWEST", 4)
    monkeypatch.setattr(pipeline, "MOST", 4)
    monkeypatch.setattr(hold, "LOOK_EVERY_S", 0.02)
    return seen


@pytest.fixture
def after_a_batch(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Awaitable[Any]]], None]:
    """Have something done when a scan has written its second batch, once."""

    def arrange(act: Callable[[], Awaitable[Any]]) -> None:
        write, written = pipeline.Scan._write, 0

        async def then(self: Any, parts: Any) -> None:
            nonlocal written
            await write(self, parts)
            written += 1
            if written == 2:
                await act()
                for _ in range(int(PATIENCE_S * 100)):  # until it is seen
                    self._control.check()
                    await asyncio.sleep(0.01)

        monkeypatch.setattr(pipeline.Scan, "_write", then)

    return arrange


async def test_a_paused_scan_goes_on_where_it_was_also_in_another_worker(
    place: Place, reads: list[bytes], after_a_batch: Any
) -> None:
    fill(place, 12)
    library = await place.scans.add_library(str(place.music))
    after_a_batch(lambda: place.steering.pause(library))

    async def held() -> bool:
        return (await place.scans.status(SYSTEM)).paused

    async with place.worker():
        await until(held)
        now = await place.scans.status(SYSTEM)
        assert not now.scanning
        assert 0 < now.count < 24
    async with place.worker():  # after a restart it is still held back
        await place.scans.request(library)
        assert (await place.scans.status(SYSTEM)).paused
        assert await place.steering.resume(library) == [library]
        await until(lambda: place.idle())
    assert (await place.scans.status(SYSTEM)).count == 24
    written_twice = len(reads) - len(set(reads))
    assert len(set(reads)) == 24
    assert written_twice <= 64  # only what had been read ahead and not been written
    async with place.db.read() as conn:
        job = (await place.jobs.latest("library.scan")) or None
        assert job is not None
        assert job.attempts == 0
        assert await conn.scalar(select(Library.paused_at)) is None


async def test_a_full_scan_that_was_paused_does_not_begin_again(
    place: Place, reads: list[bytes], after_a_batch: Any
) -> None:
    fill(place, 12)
    library = await place.scans.add_library(str(place.music))
    async with place.worker():
        await until(lambda: place.idle())
        done: set[bytes] = set()

        async def remember_and_pause() -> None:
            async with place.db.read() as conn:
                began = (await place.jobs.page(SYSTEM, states=["running"])).items[0].started_at
                rows = await conn.execute(select(File.path).where(File.read_at >= began))
                done.update(row[0] for row in rows)
            await place.steering.pause(library)

        after_a_batch(remember_and_pause)
        reads.clear()
        await place.scans.request(library, full=True)

        async def held() -> bool:
            return (await place.scans.status(SYSTEM)).paused

        await until(held)
        assert len(done) >= 8
        before = len(reads)
        await place.steering.resume()
        await until(lambda: place.idle())
    assert not done & set(reads[before:])
    assert len(set(reads)) == 24


async def test_a_scan_that_is_given_up_leaves_what_it_wrote_and_nothing_waiting(
    place: Place, reads: list[bytes], after_a_batch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(place, 12)
    library = await place.scans.add_library(str(place.music))
    given_up: list[int] = []

    async def give_up() -> None:
        given_up.extend(await place.steering.cancel(library))

    after_a_batch(give_up)
    async with place.worker():
        await until(lambda: place.idle())
        assert (await ended(place.jobs, given_up[0])).state == "cancelled"
        assert 0 < (await place.scans.status(SYSTEM)).count < 24
        monkeypatch.undo()
        await place.scans.request(library)
        await until(lambda: place.idle())
    assert (await place.scans.status(SYSTEM)).count == 24


async def test_a_paused_scan_can_be_given_up_and_the_pause_ends_with_it(place: Place) -> None:
    fill(place, 1)
    library = await place.scans.add_library(str(place.music))
    await place.steering.pause()
    async with place.worker():

        async def held() -> bool:
            return (await place.scans.status(SYSTEM)).paused

        await until(held)
        assert len(await place.steering.cancel()) == 1
        now = await place.scans.status(SYSTEM)
        assert (now.scanning, now.paused) == (False, False)
        await place.scans.request(library)
        await until(lambda: place.idle())
    assert (await place.scans.status(SYSTEM)).count == 2


async def test_a_library_has_a_schedule_of_its_own_and_is_left_out_of_the_nightly_one(
    place: Place, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    mine = await place.scans.add_library(str(place.music))
    theirs = await place.scans.add_library(str(other))
    async with place.worker():
        await until(lambda: place.idle())
        assert len(await place.steering.run_nightly()) == 2
        await until(lambda: place.idle())
        await place.steering.change_options(mine, {"schedule": "* * * * *", "full_schedule": "0 0 1 1 *"})
        assert len(await place.steering.run_nightly()) == 1
        await until(lambda: place.idle())
        async with place.db.write() as tx:
            await tx.execute(
                JobSchedule.__table__.update()
                .where(JobSchedule.name == f"library.scan.full:li-{mine}")
                .values(next_run_at=utc_now())
            )
        fill(place, 1)

        async def full_scan_ran() -> bool:
            jobs = await place.jobs.page(SYSTEM, kinds=["library.scan_scheduled"], states=["done"])
            return bool(jobs.items) and await place.idle()

        await until(full_scan_ran, 90)
    state = await place.steering.state(mine)
    assert state.next_full_scan_at is not None
    assert state.next_full_scan_at > utc_now()
    assert (await place.scans.status(SYSTEM)).count == 2
    async with place.worker():
        await place.scans.remove_library(mine, state.row.name)
        await until(lambda: _gone(place, mine))
    names = [schedule.name for schedule in await place.jobs.schedules()]
    assert not any(":" in name for name in names)
    assert (await place.steering.state(theirs)).options.schedule is None


async def _gone(place: Place, library: int) -> bool:
    async with place.db.read() as conn:
        return await conn.scalar(select(Library.id).where(Library.id == library)) is None


async def test_purging_forgets_only_what_is_missing_and_people_keep_their_words(place: Place) -> None:
    fill(place, 2)
    make_audio(place.music / "B/1.flac", tags={"title": "Gone", "artist": "B", "album": "Lost"}, seed=77)
    library = await place.scans.add_library(str(place.music), "Mine")
    music = LibraryService(place.db)
    lists, listening = PlaylistService(place.db, music), ListeningService(place.db, music)
    async with place.worker():
        await until(lambda: place.idle())
        async with place.db.read() as conn:
            gone = (await conn.execute(select(Track.id, Track.album_id).where(Track.title == "Gone"))).one()
            partly = await conn.scalar(select(Track.id).where(Track.title == "T0-0"))
        await listening.play(ANNA, gone.id)
        playlist = await lists.create(ANNA, "Mine", [gone.id, partly])
        (place.music / "B/1.flac").unlink()
        (place.music / "B").rmdir()
        (place.music / "A00/0.flac").unlink()
        await place.scans.request(library)
        await until(lambda: place.idle())
        counted = await place.steering.purge(library, dry_run=True)
        assert (counted.files, counted.tracks, counted.job) == (2, 2, None)
        purged = await place.steering.purge(library, confirm="Mine")
        assert (await ended(place.jobs, purged.job or 0)).result == {"files": 2, "tracks": 2}
        assert (await place.steering.purge(library, dry_run=True)).files == 0
    _, rows = await lists.playlist(ANNA, playlist)
    assert [(row.track_id, row.title) for row in rows] == [(None, "Gone"), (None, "T0-0")]
    history = await listening.history(ANNA, limit=10)
    assert [play.title for play in history.plays] == ["Gone"]
    async with place.db.read() as conn:
        albums = set((await conn.execute(select(Album.title))).scalars())
        folders = set((await conn.execute(select(Folder.path))).scalars())
        tombstones = {
            tuple(row) for row in await conn.execute(select(Change.kind, Change.entity).where(Change.op == "delete"))
        }
    assert albums == {"X0", "X1"}
    assert folders == {b"", b"A00", b"A01"}
    assert {("track", str(gone.id)), ("album", str(gone.album_id)), ("track", str(partly))} <= tombstones


async def test_two_libraries_and_the_same_one_twice_asked_at_once_are_each_scanned_once(
    place: Place, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    make_audio(other / "B/1.mp3", tags={"title": "U", "artist": "B", "album": "Y"})
    fill(place, 3)
    first = await place.scans.add_library(str(place.music))
    second = await place.scans.add_library(str(other))
    async with place.worker(), place.worker():
        asked = await asyncio.gather(*(place.scans.request(number) for number in (first, second, first, second, first)))
        await until(lambda: place.idle())
    assert len({tuple(jobs) for jobs in asked}) <= 4
    assert (await place.scans.status(SYSTEM)).count == 7


def _hold_lock(path: str, held: Any, let_go: Any) -> None:
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute("BEGIN IMMEDIATE")
    held.set()
    let_go.wait(PATIENCE_S)
    conn.execute("ROLLBACK")


@pytest.mark.parametrize("db_kind", ["sqlite"])
async def test_a_scan_waits_for_a_program_outside_that_holds_the_database(
    place: Place, reads: list[bytes], after_a_batch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(place, 6)
    monkeypatch.setattr(place.db, "lock_limit_s", 0.3)
    context = multiprocessing.get_context("spawn")
    held, let_go = context.Event(), context.Event()
    process = context.Process(target=_hold_lock, args=(str(place.db.path), held, let_go), daemon=True)
    write, began = pipeline.Scan._write, False

    async def locked_meanwhile(self: Any, parts: Any) -> None:
        nonlocal began
        if not began:
            began = True
            process.start()
            await asyncio.to_thread(held.wait, PATIENCE_S)
            asyncio.get_running_loop().call_later(1.5, let_go.set)  # several times as long as a lock is waited for
        await write(self, parts)

    monkeypatch.setattr(pipeline.Scan, "_write", locked_meanwhile)
    await place.scans.add_library(str(place.music))
    async with place.worker():
        await until(lambda: place.idle())
    process.join(PATIENCE_S)
    job = await place.jobs.latest("library.scan")
    assert job is not None
    assert (job.state, job.attempts) == ("done", 0)
    assert len(reads) == len(set(reads)) == 12


@pytest.mark.parametrize("db_kind", ["postgresql"])
async def test_a_scan_whose_connections_are_cut_goes_on(
    place: Place, reads: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(place, 10)
    name = place.db.url.database
    write, batches = pipeline.Scan._write, 0

    async def cut(self: Any, parts: Any) -> None:
        nonlocal batches
        batches += 1
        if batches in (2, 4):
            async with postgres_admin() as conn:
                end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
                await conn.execute(text(end), {"name": name})
        await write(self, parts)

    monkeypatch.setattr(pipeline.Scan, "_write", cut)
    monkeypatch.setattr(outage, "FIRST_PAUSE_S", 0.05)

    async def idle() -> bool:
        try:
            return await place.idle()
        except (DatabaseAway, DBAPIError):  # the question's own connection was cut
            return False

    await place.scans.add_library(str(place.music))
    async with place.worker():
        await until(idle)
    job = await place.jobs.latest("library.scan")
    assert job is not None
    assert (job.state, job.attempts) == ("done", 0)
    assert (await place.scans.status(SYSTEM)).count == 20


async def test_a_deadlock_in_the_middle_of_a_batch_leaves_nothing_half_done(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from segue.core.db import DatabaseBusy
    from segue.library.scan.write.writer import Writer

    fill(place, 6)
    write, calls = Writer.write, 0

    async def chosen_to_end(self: Any, tx: Any, parts: Any, now: Any) -> None:
        nonlocal calls
        calls += 1
        await write(self, tx, parts, now)
        if calls in (1, 3):
            raise DatabaseBusy(1)

    monkeypatch.setattr(Writer, "write", chosen_to_end)
    monkeypatch.setattr(outage, "FIRST_PAUSE_S", 0.01)
    await place.scans.add_library(str(place.music))
    async with place.worker():
        await until(lambda: place.idle())
    assert (await place.scans.status(SYSTEM)).count == 12
    job = await place.jobs.latest("library.scan")
    assert job is not None
    assert job.attempts == 0
