"""Scans as jobs: accepted, folded, run, watched over, and what they serve."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from segue.core.access import SYSTEM, Actor
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.core.inline import InlineWriter
from segue.library.models import Artist
from segue.library.scan.errors import ArtworkNotFound, LibraryNotFound, LibraryOverlaps, NoSuchFolder, NotConfirmed
from segue.library.scan.watch import Watcher, touched
from tests.jobs.ground import ended, until
from tests.library.media import jpeg, make_audio
from tests.library.scan.ground import Place
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.anyio


async def test_scanning_is_true_from_acceptance_until_the_results_are_visible(place: Place) -> None:
    place.song("A/1.flac", title="T", artist="A", album="X")
    assert not (await place.scans.status(SYSTEM)).scanning
    library = await place.scans.add_library(str(place.music), "Mine")
    now = await place.scans.status(SYSTEM)
    assert (now.scanning, now.count) == (True, 0)
    async with place.worker():
        await ended(place.jobs, now.job or 0)
    after = await place.scans.status(SYSTEM)
    assert (after.scanning, after.count, after.stopped) == (False, 1, None)
    assert after.finished_at is not None
    assert (await place.scans.totals(SYSTEM)).problems == 0
    assert library in await place.scans.roots()


async def test_requests_made_before_a_scan_begins_fold_into_one(place: Place) -> None:
    library = await place.scans.add_library(str(place.music))
    first = await place.scans.request(library)
    second = await place.scans.request(library, full=True)
    third = await place.scans.request()
    assert first == second == third
    async with place.worker():
        job = await ended(place.jobs, first[0])
    assert job.state == "done"
    assert not (await place.scans.status(SYSTEM)).scanning


async def test_a_request_made_while_a_scan_runs_is_answered_after_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from segue.library.scan import pipeline

    place.song("A/1.flac", title="T", artist="A", album="X")
    library = await place.scans.add_library(str(place.music))
    walked, go_on = asyncio.Event(), asyncio.Event()
    settle = pipeline.Scan._settle_gone

    async def held(self, found):
        walked.set()
        await go_on.wait()
        await settle(self, found)

    monkeypatch.setattr(pipeline.Scan, "_settle_gone", held)
    async with place.worker():
        await asyncio.wait_for(walked.wait(), PATIENCE_S)
        place.song("B/1.flac", title="Late", artist="B", album="Y")
        jobs = await place.scans.request(library)
        assert (await place.scans.status(SYSTEM)).scanning
        go_on.set()
        await ended(place.jobs, jobs[0])
    assert (await place.scans.status(SYSTEM)).count == 2


async def test_a_scan_that_stopped_itself_still_counts_what_is_there(place: Place) -> None:
    for number in range(8):
        place.song(f"A/{number}.flac", title=f"T{number}", artist="A", album="X")
    library = await place.scans.add_library(str(place.music))
    async with place.worker():
        await until(lambda: place.idle())
        for number in range(7):
            (place.music / f"A/{number}.flac").unlink()
        (job,) = await place.scans.request(library)
        info = await ended(place.jobs, job)
        assert info.state == "done"
        assert (info.result or {})["code"] == "too_many_missing"
        now = await place.scans.status(SYSTEM)
        assert (now.scanning, now.count) == (False, 8)
        assert (now.stopped or {})["code"] == "too_many_missing"
        (job,) = await place.scans.request(library, accept_missing=True)
        await ended(place.jobs, job)
    assert (await place.scans.status(SYSTEM)).count == 1
    assert (await place.scans.status(SYSTEM)).stopped is None


async def test_a_cancelled_scan_leaves_what_it_had_done_and_nothing_waiting(place: Place) -> None:
    library = await place.scans.add_library(str(place.music))
    (job,) = await place.scans.request(library, full=True)
    await place.jobs.cancel(SYSTEM, job)
    assert not (await place.scans.status(SYSTEM)).scanning
    place.song("A/1.flac", title="T", artist="A", album="X")
    (job,) = await place.scans.request(library)
    async with place.worker():
        await ended(place.jobs, job)
    assert (await place.scans.status(SYSTEM)).count == 1


async def test_libraries_must_exist_and_may_not_overlap(place: Place, tmp_path: Path) -> None:
    with pytest.raises(NoSuchFolder):
        await place.scans.add_library(str(tmp_path / "nowhere"))
    with pytest.raises(NoSuchFolder):
        await place.scans.add_library("relative")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NoSuchFolder):
        await place.scans.add_library(str(tmp_path / "file"))
    library = await place.scans.add_library(str(place.music))
    (place.music / "inside").mkdir()
    for path in (place.music, place.music / "inside", tmp_path):
        with pytest.raises(LibraryOverlaps):
            await place.scans.add_library(str(path))
    assert await place.scans.ensure_library(str(place.music)) == library
    with pytest.raises(LibraryNotFound):
        await place.scans.request(library + 1)


async def test_a_library_that_moved_as_a_whole_loses_nothing(place: Place) -> None:
    place.song("A/1.flac", title="T", artist="A", album="X")
    library = await place.scans.add_library(str(place.music))
    async with place.worker():
        await until(lambda: place.idle())
        elsewhere = place.music.with_name("elsewhere")
        place.music.rename(elsewhere)
        await place.scans.change_library(library, path=str(elsewhere), name="Moved")
        await until(lambda: place.idle())
    assert (await place.scans.status(SYSTEM)).count == 1
    source = await place.scans.source_of(SYSTEM, 1)
    assert source is not None
    assert source.path == bytes(elsewhere / "A/1.flac")


async def test_removing_a_library_is_explicit_and_complete(place: Place) -> None:
    from sqlalchemy import func

    from segue.library import models as m
    from segue.library.search import TABLES

    for number in range(3):
        place.song(f"A{number}/1.flac", title="T", artist="A", album=f"X{number}", genre="Rock", label="L")
    library = await place.scans.add_library(str(place.music), "Mine")
    async with place.worker():
        await until(lambda: place.idle())
        with pytest.raises(NotConfirmed):
            await place.scans.remove_library(library, None)
        job = await place.scans.remove_library(library, "Mine")
        assert (await ended(place.jobs, job)).result == {"tracks": 3}
    async with place.db.read() as conn:
        for model in (
            m.Library, m.Folder, m.File, m.Track, m.Album, m.RawTags, m.ArtistCount, m.GenreCount, m.LabelCount,
            m.TrackCredit, m.AlbumParticipant, m.ExternalIdRow,
        ):  # fmt: skip
            assert await conn.scalar(select(func.count()).select_from(model)) == 0, model
        for kind in ("track", "album"):
            assert await conn.scalar(select(func.count()).select_from(TABLES[kind])) == 0
    assert (place.music / "A0/1.flac").exists()


async def test_a_track_is_served_from_its_own_path_to_those_who_may_hear_it(place: Place) -> None:
    song = place.song("A/1.flac", title="T", artist="A", album="X", cover="yes")
    library = await place.scans.add_library(str(place.music))
    async with place.worker():
        await until(lambda: place.idle())
    source = await place.scans.playable(SYSTEM, 1)
    assert source is not None
    assert (source.path, source.content_type, source.file_name) == (bytes(song), "audio/flac", "1.flac")
    stranger = Actor(user_id=5, name="stranger", libraries=frozenset({library + 1}))
    assert await place.scans.playable(stranger, 1) is None
    assert await place.scans.playable(SYSTEM, 99) is None
    whole = await place.scans.open_artwork(SYSTEM, 1)
    assert (whole.data, whole.media_type) == (jpeg(600, 400), "image/jpeg")
    small = await place.scans.open_artwork(SYSTEM, 1, 100, "webp")
    assert small.media_type == "image/webp"
    assert small.data[8:12] == b"WEBP"
    assert await place.scans.open_artwork(SYSTEM, 1, 128, "webp") == small
    with pytest.raises(ArtworkNotFound):
        await place.scans.open_artwork(stranger, 1)
    with pytest.raises(ArtworkNotFound):
        await place.scans.open_artwork(SYSTEM, 77)


async def test_a_file_dropped_into_the_folder_is_noticed(place: Place) -> None:
    asked: list[tuple[int, set[bytes]]] = []

    async def roots() -> dict[int, bytes]:
        return {1: bytes(place.music)}

    async def request(library: int, folders: set[bytes]) -> None:
        asked.append((library, folders))

    stop = asyncio.Event()
    watching = asyncio.create_task(Watcher(roots, request, 0.4).run(stop))
    number = 0

    async def noticed() -> bool:
        nonlocal number
        number += 1
        if number % 50 == 1:
            place.song(f"New/{number}.flac", title="T")
        return bool(asked)

    await until(noticed)
    stop.set()
    await watching
    assert asked[0][0] == 1
    assert asked[0][1] <= {b"New", b""}


def test_changes_are_told_as_the_highest_folders_that_hold_music(tmp_path: Path) -> None:
    from watchfiles import Change

    (tmp_path / "A/B").mkdir(parents=True)
    root = bytes(tmp_path)
    changes = [
        (Change.added, str(tmp_path / "A/B/1.flac")),
        (Change.modified, str(tmp_path / "A/2.mp3")),
        (Change.modified, str(tmp_path / "A")),
        (Change.added, str(tmp_path / "notes.pdf")),
        (Change.added, str(tmp_path / ".hidden/3.flac")),
        (Change.deleted, str(tmp_path / "Gone")),
    ]
    assert touched(changes, {7: root}) == {7: {b"A", b"Gone"}}
    assert touched([(Change.added, "/elsewhere/1.flac")], {7: root}) == {}


async def test_two_libraries_scanned_by_two_workers_share_their_artists(place: Place, tmp_path: Path) -> None:
    other = tmp_path / "other"
    for number in range(6):
        place.song(f"A{number}/1.flac", title=f"T{number}", artist=f"Artist {number}", album="X", genre="Rock")
        make_audio(
            other / f"B{number}/1.mp3", tags={"title": "U", "artist": f"Artist {number}", "album": "Y", "genre": "Rock"}
        )
    await place.scans.add_library(str(place.music))
    await place.scans.add_library(str(other))
    async with place.worker(), place.worker():
        await until(lambda: place.idle())
    assert (await place.scans.status(SYSTEM)).count == 12
    async with place.db.read() as conn:
        names = (await conn.execute(select(Artist.name))).scalars().all()
    assert sorted(names) == [f"Artist {number}" for number in range(6)]


async def test_reads_never_wait_while_a_scan_writes(db: Database) -> None:
    writer, elsewhere = InlineWriter(db), db.twin()
    async with writer.write() as tx:
        await tx.execute(insert(Artist), {"name": "A", "name_key": "a", "sort_key": "a", "added_at": utc_now()})
        for other in (db, elsewhere):
            async with asyncio.timeout(PATIENCE_S), other.read() as conn:
                assert (await conn.execute(select(Artist.name))).all() == []
    async with elsewhere.read() as conn:
        assert (await conn.execute(select(Artist.name))).scalars().all() == ["A"]
    await writer.close()
    await elsewhere.close()


async def test_a_bulk_write_that_fails_leaves_nothing_and_announces_nothing(db: Database) -> None:
    writer = InlineWriter(db)
    heard: list[str] = []
    with pytest.raises(ZeroDivisionError):
        async with writer.write() as tx:
            await tx.execute(insert(Artist), {"name": "A", "name_key": "a", "sort_key": "a", "added_at": utc_now()})
            tx.changed("artist", 1)
            tx.after_commit(lambda: heard.append("committed"))
            raise ZeroDivisionError
    async with writer.write() as tx:
        assert (await tx.execute(select(Artist.name))).all() == []
        tx.after_commit(lambda: heard.append("second"))
    assert heard == ["second"]
    await writer.close()
