"""Duplicates are found and shown, and merging is a person's act that loses nothing."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from segue.core.access import Actor
from segue.core.changes import ChangeFeed
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.core.ids import TypedId
from segue.jobs import JobService, Registry
from segue.library.duplicates import tasks
from segue.library.duplicates.looking import Looking
from segue.library.duplicates.service import (
    DuplicateService,
    GroupNotFound,
    GroupView,
    MayNotMerge,
    NothingToMerge,
    NotMerged,
    TrackNotThere,
)
from segue.library.fields import ENTITIES
from segue.library.models import Track
from segue.library.service import LibraryService, NotInLibrary
from segue.listening.fields import FIELDS
from segue.listening.service import ListeningService
from segue.playlists.service import PlaylistService
from segue.query import Entities
from tests.library.scan.ground import House, house
from tests.library.scan.recount import differences

pytestmark = pytest.mark.anyio
ANN = Actor(1, "ann", frozenset({"admin"}), libraries=None)
BO = Actor(2, "bo", libraries=None)


class Job:
    """A job's context, without the job."""

    checkpoint: dict[str, Any] = {}  # noqa: RUF012

    def check(self) -> None: ...
    def progress(self, *args: Any, **options: Any) -> None: ...
    async def guard(self, tx: Any) -> None: ...
    async def save(self, checkpoint: dict[str, Any], *, tx: Any = None) -> None: ...


@dataclass
class Shelf:
    home: House
    library: LibraryService
    duplicates: DuplicateService
    listening: ListeningService
    playlists: PlaylistService
    looking: Looking

    async def look(self) -> list[GroupView]:
        """Scan, look for duplicates, and what was found, oldest first."""
        await self.home.scan()
        await self.looking.run(Job())  # type: ignore[arg-type]
        return (await self.duplicates.page(ANN)).items[::-1]

    async def id_of(self, name: str) -> int:
        files = {row.path: row.id for row in await self.home.files()}
        return next(row.id for row in await self.home.tracks() if row.file_id == files[name.encode()])


@pytest.fixture
async def shelf(db: Database, tmp_path: Path) -> AsyncIterator[Shelf]:
    async with house(db, tmp_path) as home:
        library = LibraryService(db, Entities(ENTITIES).extended(FIELDS))
        jobs = JobService(db, Registry().add(tasks))
        await jobs.declare()
        listening, playlists = ListeningService(db, library), PlaylistService(db, library)
        duplicates = DuplicateService(db, library, jobs)
        duplicates.on_track_merged += [listening.on_track_merged, playlists.on_track_merged]
        yield Shelf(home, library, duplicates, listening, playlists, Looking(db, ChangeFeed(db)))


def hurt(home: House, name: str, **tags: Any) -> Path:
    given = {"title": "Hurt", "artist": "The Walkers", "album": "Late Trains", "tracknumber": "3"}
    return home.song(name, **(given | tags))


def ids(group: GroupView) -> set[int]:
    return {member.track.id for member in group.members}


async def test_two_files_of_the_same_audio_are_shown_as_duplicates(shelf: Shelf) -> None:
    first = hurt(shelf.home, "a/hurt.flac", seed=1)
    (shelf.home.music / "b").mkdir()
    shutil.copy(first, shelf.home.music / "b/other.flac")
    (group,) = await shelf.look()
    assert group.kind == "copy"
    assert {member.method for member in group.members} == {"exact_audio"}
    assert len(await shelf.home.tracks()) == 2
    assert [row.missing_since for row in await shelf.home.tracks()] == [None, None]


async def test_a_lossless_and_a_lossy_copy_are_found_by_what_they_say_and_the_better_is_named(shelf: Shelf) -> None:
    hurt(shelf.home, "a/hurt.mp3", seed=1, seconds=2)
    hurt(shelf.home, "b/hurt.flac", seed=2, seconds=2)
    (group,) = await shelf.look()
    assert group.kind == "copy"
    assert group.better.track_id == await shelf.id_of("b/hurt.flac")
    assert [code for code, _ in group.better.reasons] == ["lossless"]
    assert {"same_title", "same_artist", "same_length"} <= {code for code, _, _ in group.members[0].reasons}


async def test_one_recording_on_two_albums_is_an_appearance_and_another_version_is_nothing(shelf: Shelf) -> None:
    hurt(shelf.home, "a/hurt.flac", seed=1, seconds=2)
    hurt(shelf.home, "best/hurt.flac", seed=2, seconds=2, album="Best Of", tracknumber="9")
    hurt(shelf.home, "live/hurt.flac", seed=3, seconds=2, title="Hurt (Live)", album="On Stage")
    (group,) = await shelf.look()
    assert group.kind == "appearance"
    assert ids(group) == {await shelf.id_of("a/hurt.flac"), await shelf.id_of("best/hurt.flac")}
    assert await shelf.duplicates.counts(ANN) == {"copy": 0, "appearance": 1, "perhaps": 0}


async def test_silence_at_two_places_of_an_album_is_no_duplicate(shelf: Shelf) -> None:
    hurt(shelf.home, "a/4.flac", seed=1, title="[silence]", tracknumber="4")
    hurt(shelf.home, "a/5.flac", seed=1, title="[silence]", tracknumber="5")
    assert await shelf.look() == []


async def test_what_changes_is_looked_at_again_and_the_rest_is_left_alone(shelf: Shelf) -> None:
    hurt(shelf.home, "a/hurt.flac", seed=1, seconds=2)
    hurt(shelf.home, "b/hurt.mp3", seed=2, seconds=2)
    (before,) = await shelf.look()
    assert (await shelf.looking.run(Job()))["tracks"] == 0  # type: ignore[arg-type]
    hurt(shelf.home, "c/hurt.ogg", seed=3, seconds=2)
    (group,) = await shelf.look()
    assert ids(group) > ids(before)
    (shelf.home.music / "c/hurt.ogg").unlink()
    (shelf.home.music / "b/hurt.mp3").unlink()
    assert await shelf.look() == []


async def test_merging_keeps_the_sum_of_plays_and_everything_else_people_did(shelf: Shelf) -> None:
    hurt(shelf.home, "a/hurt.mp3", seed=1, seconds=2)
    hurt(shelf.home, "b/hurt.flac", seed=2, seconds=2)
    await shelf.look()
    lossy, lossless = await shelf.id_of("a/hurt.mp3"), await shelf.id_of("b/hurt.flac")
    moment = utc_now() - timedelta(days=2)
    for who, track, times in ((ANN, lossy, 2), (ANN, lossless, 1), (BO, lossy, 4)):
        for number in range(times):
            at = moment + timedelta(hours=number, minutes=track)
            await shelf.listening.play(who, track, played_at=at, client="test")
    await shelf.listening.star(BO, [TypedId("tr", lossy)])
    await shelf.listening.rate(ANN, TypedId("tr", lossy), 5)
    await shelf.listening.rate(ANN, TypedId("tr", lossless), 2)
    await shelf.listening.save_queue(BO, [lossy, lossless], current=0, position_ms=5)
    playlist = await shelf.playlists.create(BO, "Late", [lossy, lossless, lossy])

    await shelf.duplicates.merge(ANN, lossless, [lossy])

    kept = await shelf.library.track(lossless, ANN)
    assert (kept.personal["play_count"], kept.personal["rating"]) == (3, 5)
    of_bo = await shelf.library.track(lossless, BO)
    assert of_bo.personal["play_count"] == 4
    assert of_bo.personal["starred_at"] is not None
    assert (await shelf.listening.queue(BO)).track_ids == [lossless, lossless]
    _, rows = await shelf.playlists.playlist(BO, playlist)
    assert [row.track_id for row in rows] == [lossless] * 3
    assert [track.id for track in (await shelf.library.list_tracks(ANN)).items] == [lossless]
    assert [track.id for track in await shelf.duplicates.behind(lossless, ANN)] == [lossy]
    assert (await shelf.duplicates.page(ANN)).items == []
    assert await differences(shelf.home.db) == []


async def test_a_merged_track_stays_hidden_whatever_scans_find_and_can_be_parted_again(shelf: Shelf) -> None:
    hurt(shelf.home, "a/hurt.mp3", seed=1, seconds=2)
    hurt(shelf.home, "b/hurt.flac", seed=2, seconds=2)
    await shelf.look()
    lossy, lossless = await shelf.id_of("a/hurt.mp3"), await shelf.id_of("b/hurt.flac")
    await shelf.duplicates.merge(ANN, lossless, [lossy])
    hurt(shelf.home, "a/hurt.mp3", seed=1, seconds=2, title="Hurt, again", album="Else")
    await shelf.home.scan(full=True)
    assert await differences(shelf.home.db) == []
    assert [track.id for track in (await shelf.library.list_tracks(ANN)).items] == [lossless]
    assert await shelf.duplicates.part(ANN, lossy) == lossless
    assert {track.title for track in (await shelf.library.list_tracks(ANN)).items} == {"Hurt", "Hurt, again"}
    assert await differences(shelf.home.db) == []
    with pytest.raises(NotMerged):
        await shelf.duplicates.part(ANN, lossy)


async def test_a_kept_track_whose_file_goes_takes_the_one_behind_it(shelf: Shelf) -> None:
    hurt(shelf.home, "a/hurt.mp3", seed=1, seconds=2)
    hurt(shelf.home, "b/hurt.flac", seed=2, seconds=2)
    await shelf.look()
    lossy, lossless = await shelf.id_of("a/hurt.mp3"), await shelf.id_of("b/hurt.flac")
    await shelf.duplicates.merge(ANN, lossless, [lossy])
    (shelf.home.music / "b/hurt.flac").unlink()
    await shelf.look()
    kept = await shelf.library.track(lossless, ANN)
    assert kept.missing_since is None
    assert kept.file.format == "mp3"
    assert await differences(shelf.home.db) == []


async def test_what_a_person_says_is_no_duplicate_is_never_asked_again(shelf: Shelf) -> None:
    hurt(shelf.home, "a/hurt.flac", seed=1, seconds=2)
    hurt(shelf.home, "b/hurt.mp3", seed=2, seconds=2)
    (group,) = await shelf.look()
    await shelf.duplicates.dismiss(ANN, group.id)
    assert await shelf.look() == []
    await shelf.looking.run(Job(), anew=True)  # type: ignore[arg-type]
    assert (await shelf.duplicates.page(ANN)).items == []
    (pair,) = await shelf.duplicates.refusals(ANN)
    await shelf.duplicates.take_back(ANN, pair.track_b, pair.track_a)
    assert len(await shelf.look()) == 1


async def test_nobody_sees_duplicates_of_a_library_they_may_not_see(shelf: Shelf) -> None:
    hurt(shelf.home, "a/hurt.flac", seed=1, seconds=2)
    hurt(shelf.home, "b/hurt.mp3", seed=2, seconds=2)
    (group,) = await shelf.look()
    outsider = Actor(3, "cy", libraries=frozenset())
    assert (await shelf.duplicates.page(outsider)).items == []
    with pytest.raises(GroupNotFound):
        await shelf.duplicates.group(group.id, outsider)
    with pytest.raises(NotInLibrary):
        await shelf.duplicates.behind(min(ids(group)), outsider)


async def test_only_an_administrator_merges_and_only_what_is_there(shelf: Shelf) -> None:
    hurt(shelf.home, "a/hurt.flac", seed=1, seconds=2)
    hurt(shelf.home, "b/hurt.mp3", seed=2, seconds=2)
    (group,) = await shelf.look()
    a, b = sorted(ids(group))
    with pytest.raises(MayNotMerge):
        await shelf.duplicates.merge(BO, a, [b])
    with pytest.raises(TrackNotThere):
        await shelf.duplicates.merge(ANN, a, [99_999])
    with pytest.raises(NothingToMerge):
        await shelf.duplicates.merge(ANN, a, [a])
    await shelf.duplicates.merge(ANN, a, [b])
    with pytest.raises(NothingToMerge):
        await shelf.duplicates.merge(ANN, a, [b])
    rows = {row.id: row for row in await shelf.home.rows(Track)}
    assert rows[b].merged_into_id == a
