"""The last scan can be undone: every row is as it was, what people did meanwhile is kept, and the undo stays."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import func, select, update

from segue.core.access import Actor
from segue.core.db import Database
from segue.core.ids import TypedId
from segue.jobs import JobService, Registry
from segue.library.edits.service import EditService
from segue.library.fields import ENTITIES
from segue.library.journal import tasks
from segue.library.journal.models import ScanJournal, ScanJournalPage
from segue.library.journal.service import JournalService, NothingToUndo, NotUndoable
from segue.library.journal.undo import UNDONE
from segue.library.models import File, Library, RawTags, Redirect
from segue.library.overrides.service import OverrideService
from segue.library.scan.service import ScanService
from segue.library.service import LibraryService
from segue.listening.models import Annotation, Bookmark, OwnTagged, Play, PlayRollup
from segue.listening.service import ListeningService
from segue.playlists.models import Playlist, PlaylistRow
from segue.query import Entities
from tests.jobs.ground import ended, until, working
from tests.library.scan.ground import House, Place, house
from tests.library.scan.recount import differences, portrait
from tests.library.scan.test_preview import Gardener
from tests.playlists.ground import playlists_of
from tests.rows import LibraryMemory

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(900)]
ANN = Actor(1, "Ann", frozenset({"admin"}), libraries=None)
MOMENT = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)


class Undoing(NamedTuple):
    """A journal service and a worker for it."""

    home: House
    journals: JournalService
    jobs: JobService

    async def last(self) -> None:
        """Undo the last scan."""
        journal = await self.journals.latest(self.home.library_id)
        job = await self.journals.undo(ANN, journal.id)
        async with working(self.home.db, self.jobs.registry, resolve=lambda _: self.journals, service=self.jobs):
            done = await ended(self.jobs, job)
        assert done.state == "done", done.error


@pytest.fixture
async def home(db: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with house(db, tmp_path) as found:
        yield found
        assert await differences(db) == []


@pytest.fixture
async def undo(home: House) -> Undoing:
    jobs = JobService(home.db, Registry().add(tasks))
    await jobs.declare()
    return Undoing(home, JournalService(home.db, jobs), jobs)


async def exactly(home: House) -> dict[str, Any]:
    """All rows of what a scan writes, with their numbers; without times of writing, and without what is made later."""
    found = await portrait(home.db)
    async with home.db.read() as conn:
        said = (await conn.execute(select(RawTags.file_id, RawTags.document))).all()
    found["numbers"] = (
        {row.id: (row.path, row.missing_since is not None, row.size_bytes, row.tag_hash) for row in await home.files()},
        {row.id: (row.file_id, row.album_id, row.title, row.missing_since is not None) for row in await home.tracks()},
        {row.id: (row.group_key, row.title, row.rule, row.rule_params) for row in await home.albums()},
        {row.file_id: row.document for row in said},
    )
    return found


def without(now: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """What there is now, without what the undone scan made: that is missing, and was not there before."""
    files, tracks, albums, said = now["numbers"]
    was_files, was_tracks, was_albums, was_said = before["numbers"]
    made = {tracks[number][1] for number in tracks.keys() - was_tracks.keys()}
    assert all(files[number][1] for number in files.keys() - was_files.keys())
    assert all(tracks[number][3] for number in tracks.keys() - was_tracks.keys())
    assert albums.keys() - was_albums.keys() <= made
    return {
        "files": {number: files.get(number) for number in was_files},
        "tracks": {number: tracks.get(number) for number in was_tracks},
        "albums": {number: albums.get(number) for number in was_albums},
        "said": {number: said.get(number) for number in was_said},
        "shown": {path: row for path, row in now["tracks"].items() if not row["missing"]},
        "artists": now["artists"],
        "library": now["library"][:3],
    }


async def test_everything_is_as_it_was_before_an_undone_scan(home: House, undo: Undoing) -> None:
    for n in (1, 2, 3):
        home.song(f"A/{n}.flac", title=f"a{n}", artist="Ann", album="One", albumartist="Ann", genre="Rock", seed=n,
                  tracknumber=str(n), isrc=f"GBAYE690000{n}", label="Small")  # fmt: skip
    home.song("B/1.flac", title="b1", artist="Bob", album="Two", seed=9)
    await home.scan()
    before = await exactly(home)
    home.song("A/1.flac", title="Changed", artist="Carl", album="Other", genre="Folk", seed=1)
    (home.music / "A/2.flac").rename(home.music / "B/moved.flac")
    (home.music / "B/1.flac").unlink()
    home.song("C/new.flac", title="new", artist="Dora", album="Three", seed=11)
    await home.scan(accept_missing=True)
    assert (await exactly(home))["tracks"] != before["tracks"]
    await undo.last()
    now = await exactly(home)
    assert without(now, before) == without(before, before)
    async with home.db.read() as conn:
        reasons = (
            await conn.execute(select(File.path, File.missing_reason).where(File.missing_since.is_not(None)))
        ).all()
    assert [(row.path, row.missing_reason) for row in reasons] == [(b"C/new.flac", UNDONE)]


@pytest.mark.parametrize("seed", range(4))
async def test_any_scan_is_undone_exactly_and_the_next_one_does_it_again(home: House, undo: Undoing, seed: int) -> None:
    gardener = Gardener(home, random.Random(f"undo {seed}"))
    for _ in range(8):
        gardener.add()
    await home.scan()
    for _ in range(5):
        gardener.work()
        before = await exactly(home)
        latest = await journal(home)
        await home.scan(accept_missing=True)
        after = await exactly(home)
        if await journal(home) == latest:
            continue
        await undo.last()
        assert without(await exactly(home), before) == without(before, before)
        assert await differences(home.db) == []
        await home.scan(accept_missing=True)
        again = await exactly(home)
        assert {path for path, row in again["tracks"].items() if not row["missing"]} == {
            path for path, row in after["tracks"].items() if not row["missing"]
        }
        assert await differences(home.db) == []


async def journal(home: House) -> int:
    async with home.db.read() as conn:
        return int(await conn.scalar(select(func.max(ScanJournal.id))) or 0)


async def test_albums_that_were_merged_by_a_scan_are_two_again(home: House, undo: Undoing) -> None:
    for n in (1, 2):
        home.song(f"A/{n}.flac", title=f"a{n}", artist="Ann", album=f"Album {n}", seed=n, tracknumber=str(n))
    await home.scan()
    one, two = await home.albums()
    home.song("A/2.flac", title="a2", artist="Ann", album="Album 1", seed=2, tracknumber="2")
    await home.scan()
    assert [row.id for row in await home.albums()] == [one.id]
    await undo.last()
    assert [(row.id, row.title, row.track_count) for row in await home.albums()] == [
        (one.id, "Album 1", 1), (two.id, "Album 2", 1),
    ]  # fmt: skip
    async with home.db.read() as conn:
        assert (await conn.execute(select(Redirect.__table__))).all() == []


async def test_what_a_person_edited_or_decided_after_the_scan_is_not_lost(home: House, undo: Undoing) -> None:
    for n in (1, 2):
        home.song(f"A/{n}.flac", title=f"a{n}", artist="Ann", album=f"Album {n}", seed=n, tracknumber=str(n))
    await home.scan()
    home.song("A/1.flac", title="retagged", artist="Ann", album="Album 1", seed=1, tracknumber="1")
    await home.scan()
    track = next(row for row in await home.tracks() if row.title == "retagged")
    await edit_title(home, undo, track.id, "By hand")
    one, two = await home.albums()
    await OverrideService(home.db, undo.jobs).merge(ANN, one.id, [two.id])
    await undo.last()
    assert {row.title for row in await home.tracks()} == {"By hand", "a2"}
    assert {row.album_id for row in await home.tracks()} == {one.id}


async def edit_title(home: House, undo: Undoing, track: int, title: str) -> None:
    library = LibraryService(home.db, Entities(ENTITIES))
    await EditService(home.db, library, undo.jobs).edit(ANN, "track", track, set={"title": title})


async def test_what_people_did_with_a_track_the_scan_made_stays_with_it(home: House, undo: Undoing) -> None:
    home.song("A/1.flac", title="a1", artist="Ann", album="One", seed=1)
    await home.scan()
    home.song("A/2.flac", title="a2", artist="Ann", album="One", seed=2)
    await home.scan()
    made = next(row.id for row in await home.tracks() if row.title == "a2")
    await undo.last()
    gone = next(row for row in await home.tracks() if row.id == made)
    assert gone.missing_since is not None
    await home.scan()
    back = next(row for row in await home.tracks() if row.id == made)
    assert (back.missing_since, back.title) == (None, "a2")
    assert len(await home.tracks()) == 2


KEPT_OF_PEOPLE = (Play, PlayRollup, Annotation, OwnTagged, Bookmark, Playlist, PlaylistRow)


async def of_people(home: House) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of what people did and put together."""
    found = {}
    async with home.db.read() as conn:
        for model in KEPT_OF_PEOPLE:
            rows = await conn.execute(select(model.__table__))
            found[model.__tablename__] = sorted((tuple(row) for row in rows), key=repr)
    return found


async def test_plays_stars_ratings_and_rows_of_playlists_outlive_a_scan_and_its_undo(
    home: House, undo: Undoing
) -> None:
    for n in range(4):
        home.song(f"A/{n}.flac", title=f"a{n}", artist="Ann", album="One", seed=n)
    await home.scan()
    tracks = [row.id for row in sorted(await home.tracks(), key=lambda row: row.title)]
    (album,) = {row.album_id for row in await home.tracks()}
    listening, playlists = ListeningService(home.db, LibraryMemory()), playlists_of(home.db, ANN)
    for number, track in enumerate(tracks):
        await listening.play(ANN, track, played_at=MOMENT + timedelta(hours=number))
    await listening.star(ANN, [TypedId("tr", tracks[0]), TypedId("al", album)])
    await listening.rate(ANN, TypedId("tr", tracks[1]), 4)
    await listening.hate(ANN, [TypedId("tr", tracks[2])])
    await listening.tag(ANN, ["rain"], [TypedId("tr", tracks[3])])
    await listening.set_bookmark(ANN, tracks[1], 5_000)
    listed = await playlists.create(ANN, "Kept")
    await playlists.add_tracks(ANN, listed, tracks)
    before = await of_people(home)
    assert all(before.values())
    home.song("A/0.flac", title="another name", artist="Bo", album="Two", seed=0)
    (home.music / "A/1.flac").rename(home.music / "moved.flac")
    (home.music / "A/2.flac").unlink()
    await home.scan(accept_missing=True)
    await undo.last()
    assert await of_people(home) == before
    _, rows = await playlists.playlist(ANN, listed)
    assert [row.track_id for row in rows] == tracks
    assert {row.id for row in await home.tracks() if row.missing_since is None} >= {tracks[0], tracks[3]}


async def test_a_scan_that_changes_nothing_writes_no_journal(home: House) -> None:
    home.song("A/1.flac", title="a1", artist="Ann", album="One")
    await home.scan()
    await home.scan()
    await home.scan(full=True)
    rows = await home.rows(ScanJournal)
    assert [(row.first, row.state, row.counts["added"]) for row in rows] == [(True, "done", 1)]
    assert await home.rows(ScanJournalPage) == []


async def test_only_the_last_scan_is_undone_and_never_the_first(home: House, undo: Undoing) -> None:
    with pytest.raises(NothingToUndo):
        await undo.journals.latest(home.library_id)
    home.song("A/1.flac", title="a1", artist="Ann", album="One", seed=1)
    await home.scan()
    first = await undo.journals.latest(home.library_id)
    with pytest.raises(NotUndoable, match="first scan"):
        await undo.journals.undo(ANN, first.id)
    for title in ("x", "y"):
        home.song("A/1.flac", title=title, artist="Ann", album="One", seed=1)
        await home.scan()
    newest, older, _ = (await undo.journals.page(ANN, library=home.library_id))[0]
    assert await undo.journals.page(ANN, library=home.library_id + 1) == ([], 0)
    with pytest.raises(NotUndoable, match="later scan"):
        await undo.journals.undo(ANN, older.id)
    assert (newest.counts["changed"], newest.why_not) == (1, None)
    await undo.last()
    with pytest.raises(NotUndoable, match="undone already"):
        await undo.journals.undo(ANN, newest.id)


async def test_an_undone_library_is_not_scanned_by_itself_until_a_person_asks(place: Place) -> None:
    place.jobs.registry.add(tasks)
    journals = JournalService(place.db, place.jobs)
    place.song("a.flac", title="a", album="One", artist="Ann")
    library = await place.scans.add_library(str(place.music))
    services: dict[type, Any] = {ScanService: place.scans, JournalService: journals}
    async with working(place.db, place.jobs.registry, resolve=services.__getitem__, service=place.jobs):
        await until(place.idle)
        place.song("bb.flac", title="b", album="One", artist="Ann")
        await place.scans.request(library, created_by=1)
        await until(place.idle)
        last = await journals.latest(library)
        assert (last.requested_by, last.counts["added"], last.duration_ms is not None) == (1, 1, True)
        await ended(place.jobs, await journals.undo(ANN, last.id))
        await place.scans.request_folders(library, {b""})
        assert await place.scans.request(automatic=True) == []
        assert await place.idle()
        status = await place.scans.status(ANN)
        assert [(row["code"], row["by"]) for row in status.held] == [("undone", "Ann")]
        assert status.count == 1
        await place.scans.request(library)
        await until(place.idle)
        status = await place.scans.status(ANN)
        assert (status.held, status.count) == ([], 2)
        async with place.db.write() as tx:
            await tx.execute(update(Library).values(held={"code": "undone"}))
        await journals.go_on(library)
        assert await place.scans.request(automatic=True) != []
        await until(place.idle)


async def test_pages_of_earlier_scans_are_forgotten(place: Place) -> None:
    place.song("a.flac", title="a", album="One", artist="Ann")
    library = await place.scans.add_library(str(place.music))
    async with place.worker():
        await until(place.idle)
        for name in ("bb", "ccc", "dddd"):
            place.song(f"{name}.flac", title=name, album="One", artist="Ann")
            await place.scans.request(library)
            await until(place.idle)
    async with place.db.read() as conn:
        kept = set(await conn.scalars(select(ScanJournalPage.journal_id)))
        last = await conn.scalar(select(func.max(ScanJournal.id)))
        listed = await conn.scalar(select(func.count()).select_from(ScanJournal))
    assert (kept, listed) == ({last}, 4)
