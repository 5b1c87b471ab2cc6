"""What a person made stays with the music, however its files move, are renamed, retagged, converted, or all of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from segue.core.access import Actor
from segue.core.changes import ChangeFeed
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.core.ids import TypedId
from segue.library.feed import SHARED_KINDS
from segue.library.fields import ENTITIES
from segue.library.models import Artist, File, Library
from segue.library.scan.identity_reasons import certainty, sentence
from segue.library.service import LibraryService
from segue.listening.fields import FIELDS
from segue.listening.service import ListeningService
from segue.playlists.service import PlaylistService
from segue.query import Entities
from tests.library.scan.ground import House, house
from tests.library.scan.recount import differences

pytestmark = pytest.mark.anyio
ANNA = Actor(1, "anna", libraries=None)
SONGS = 3


@pytest.fixture
async def home(db: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with house(db, tmp_path) as made:
        yield made
        assert await differences(db) == []


async def second(home: House, name: str = "second") -> House:
    """Another library beside the first."""
    music = home.music.with_name(name)
    music.mkdir()
    async with home.db.write() as tx:
        row = {"name": name, "root": bytes(music), "display_root": str(music), "created_at": utc_now()}
        library_id = await tx.scalar(insert(Library).values(row).returning(Library.id))
    return replace(home, music=music, library_id=library_id)


@dataclass
class Kept:
    """What Anna made of the album called `Before`, looked at through the services."""

    home: House
    tracks: list[int]
    album: int
    playlist: int

    @property
    def _music(self) -> LibraryService:
        return LibraryService(self.home.db, Entities(ENTITIES).extended(FIELDS))

    @classmethod
    async def of(cls, home: House) -> Kept:
        tracks = {track.title: track for track in await home.tracks() if track.title.startswith("Song")}
        ids = [tracks[title].id for title in sorted(tracks)]
        album = next(iter(tracks.values())).album_id
        music = LibraryService(home.db)
        listening, lists = ListeningService(home.db, music), PlaylistService(home.db, music)
        await listening.star(ANNA, [TypedId("tr", ids[0]), TypedId("al", album)])
        for stars, number in enumerate(ids, 3):
            await listening.rate(ANNA, TypedId("tr", number), stars)
        await listening.rate(ANNA, TypedId("al", album), 5)
        await listening.play(ANNA, ids[1])
        return cls(home, ids, album, await lists.create(ANNA, "Mine", [*reversed(ids), ids[0]]))

    async def all_there(self, library: House) -> None:
        """Everything is where it was left, and is of `library` now."""
        for place, number in enumerate(self.tracks):
            track = await self._music.track(number, ANNA)
            assert (track.library_id, track.missing_since, track.album.id) == (library.library_id, None, self.album)
            assert track.personal["rating"] == 3 + place
            assert (track.personal["starred_at"] is not None) == (place == 0)
            assert track.personal["play_count"] == (1 if place == 1 else 0)
        page = await self._music.album(self.album, ANNA)
        assert (page.album.id, page.album.library_id, page.album.track_count) == (
            self.album, library.library_id, len(self.tracks),
        )  # fmt: skip
        assert (page.album.personal["rating"], page.album.personal["play_count"]) == (5, 1)
        assert page.album.personal["starred_at"] is not None
        _, rows = await PlaylistService(self.home.db, self._music).playlist(ANNA, self.playlist)
        assert [row.track_id for row in rows] == [*reversed(self.tracks), self.tracks[0]]


def write_songs(home: House, folder: str, stem: str, fmt: str, album: str, title: str = "Song {}") -> None:
    for number in range(SONGS):
        home.song(
            f"{folder}/{stem} {number}.{fmt}", title=title.format(number), artist="Anna", album=album,
            albumartist="Anna", tracknumber=str(number + 1), seed=number, seconds=0.4,
        )  # fmt: skip


def remove_songs(home: House, folder: str) -> None:
    for path in (home.music / folder).iterdir():
        path.unlink()
    (home.music / folder).rmdir()


CHANGES = ("move", "rename", "retag", "format", "library")
COMBINATIONS = [
    frozenset(name for name, is_on in zip(CHANGES, flags, strict=True) if is_on)
    for flags in product((False, True), repeat=len(CHANGES))
]


@pytest.mark.parametrize("changes", COMBINATIONS[1:], ids=lambda changes: "+".join(sorted(changes)))
async def test_whatever_happens_to_its_files_an_album_keeps_what_was_made_of_it(
    home: House, changes: frozenset[str]
) -> None:
    """Every combination of a move, a rename, a retag, another format and another library."""
    home.song("Stays/1.mp3", title="Other", artist="Berta", album="Stays", seed=70)
    write_songs(home, "Here", "take", "mp3", "Before")
    await home.scan()
    kept = await Kept.of(home)
    there = await second(home) if "library" in changes else home
    remove_songs(home, "Here")
    only_retagged = "retag" in changes and "format" not in changes
    write_songs(
        there,
        "Else/where" if "move" in changes else "Here",
        "renamed" if "rename" in changes else "take",
        "flac" if "format" in changes else "mp3",
        "After" if "retag" in changes else "Before",
        "Another name {}" if only_retagged else "Song {}",
    )
    assert (await there.scan()).state == "done"
    if there is not home:
        assert (await home.scan()).state == "done"
    await kept.all_there(there)
    assert len(await home.tracks()) == SONGS + 1
    files = {file.display_path: file for file in await home.files()}
    assert len(files) == SONGS + 1
    reasons = {file.identity_reason for path, file in files.items() if not path.startswith("Stays")}
    if changes == {"retag"}:
        assert reasons == {None}
    elif "format" not in changes:
        assert reasons == {"same_audio"}
    elif "retag" in changes:
        assert reasons <= {"same_name", "same_title"}
    else:
        assert reasons == {"same_tags"}


async def test_a_library_that_lost_an_album_to_another_stops_until_that_one_is_scanned(home: House) -> None:
    write_songs(home, "Here", "take", "mp3", "Before")
    for number in range(6):
        home.song(f"Also/{number}.mp3", title=f"T{number}", artist="B", album="Also", seed=20 + number)
    await home.scan()
    kept = await Kept.of(home)
    there = await second(home)
    (home.music / "Here").rename(there.music / "Here")
    (home.music / "Also").rename(there.music / "Also")
    home.song("New/1.mp3", title="N", artist="N", album="N", seed=90)
    assert (await home.scan()).code in ("too_many_missing", "sample_missing")
    assert (await there.scan()).state == "done"
    assert (await home.scan()).state == "done"
    await kept.all_there(there)


async def test_a_library_scanned_before_the_one_its_music_went_to_loses_nothing(home: House) -> None:
    home.song("Stays/1.mp3", title="Other", artist="Berta", album="Stays", seed=70)
    write_songs(home, "Here", "take", "mp3", "Before")
    await home.scan()
    kept = await Kept.of(home)
    there = await second(home)
    (home.music / "Here").rename(there.music / "Here")
    assert (await home.scan()).missing == SONGS
    assert (await there.scan()).state == "done"
    await kept.all_there(there)


async def test_an_album_goes_along_with_most_of_its_tracks_and_the_rest_stays_an_album(home: House) -> None:
    write_songs(home, "Here", "take", "mp3", "Before")
    await home.scan()
    (album,) = await home.albums()
    there = await second(home)
    (there.music / "Here").mkdir()
    for number in range(SONGS - 1):
        (home.music / f"Here/take {number}.mp3").rename(there.music / f"Here/take {number}.mp3")
    await there.scan()
    await home.scan()
    albums = {row.id: row for row in await home.albums()}
    assert (albums[album.id].library_id, albums[album.id].track_count) == (there.library_id, SONGS - 1)
    (left,) = (row for row in albums.values() if row.id != album.id)
    assert (left.library_id, left.track_count, left.title, left.group_key) == (
        home.library_id, 1, "Before", album.group_key,
    )  # fmt: skip


async def test_those_who_see_only_the_library_that_music_left_hear_that_it_is_gone(home: House) -> None:
    write_songs(home, "Here", "take", "mp3", "Before")
    home.song("Stays/1.mp3", title="Other", artist="Berta", album="Stays", seed=70)
    await home.scan()
    there = await second(home)
    there.song("Stays too/1.mp3", title="One more", artist="Berta", album="Stays too", seed=71)
    feed = ChangeFeed(home.db)
    for kind, seen in SHARED_KINDS.items():
        feed.limit(kind, seen)
    old = Actor(user_id=5, name="old", libraries=frozenset({home.library_id}))
    new = Actor(user_id=6, name="new", libraries=frozenset({there.library_id}))
    moved = {track.id for track in await home.tracks() if track.title.startswith("Song")}
    (album,) = {track.album_id for track in await home.tracks() if track.id in moved}
    artists = {row.id for row in await home.rows(Artist) if row.name != "Berta"}
    cursor = (await feed.head(old)).cursor
    (home.music / "Here").rename(there.music / "Here")
    await there.scan()
    await home.scan()
    gone = {item.id for item in (await feed.since(cursor, old)).items if item.op == "delete"}
    assert gone == {*(f"tr-{one}" for one in moved), f"al-{album}", *(f"ar-{one}" for one in artists)}
    said = {item.id: item.op for item in (await feed.since(cursor, new)).items}
    assert {said[one] for one in gone} == {"upsert"}
    cursor = (await feed.head(old)).cursor
    (there.music / "Here").rename(home.music / "Here")
    await home.scan()
    await there.scan()
    back = {item.id: item.op for item in (await feed.since(cursor, old)).items}
    assert {back[one] for one in gone} == {"upsert"}


async def test_music_copied_into_another_library_is_two_tracks(home: House) -> None:
    write_songs(home, "Here", "take", "mp3", "Before")
    await home.scan()
    kept = await Kept.of(home)
    there = await second(home)
    write_songs(there, "Here", "take", "mp3", "Before")
    await there.scan()
    assert len(await home.tracks()) == 2 * SONGS
    await kept.all_there(home)


async def test_a_library_whose_disk_is_away_gives_nothing_to_a_copy_of_it(home: House) -> None:
    write_songs(home, "Here", "take", "mp3", "Before")
    await home.scan()
    kept = await Kept.of(home)
    there = await second(home)
    write_songs(there, "Here", "take", "mp3", "Before")
    away = home.music.with_name("away")
    home.music.rename(away)
    home.music.mkdir()  # an empty mount point
    await there.scan()
    home.music.rmdir()
    away.rename(home.music)
    assert (await home.scan()).state == "done"
    await kept.all_there(home)


async def test_a_part_of_a_library_on_a_disk_that_is_away_gives_nothing_to_a_copy_of_it(home: House) -> None:
    home.song("Stays/1.mp3", title="Other", artist="Berta", album="Stays", seed=70)
    write_songs(home, "Here", "take", "mp3", "Before")
    await home.scan()
    async with home.db.write() as tx:  # as if Here were a disk of its own
        await tx.execute(update(File).where(File.display_path.like("Here/%")).values(device=7))
    kept = await Kept.of(home)
    there = await second(home)
    write_songs(there, "Here", "take", "mp3", "Before")
    away = home.music.with_name("away")
    (home.music / "Here").rename(away)
    await there.scan()
    away.rename(home.music / "Here")
    assert (await home.scan()).state == "done"
    await kept.all_there(home)


async def test_a_file_moved_into_a_folder_that_alone_is_scanned_is_recognised(home: House) -> None:
    home.song("Stays/1.mp3", title="Other", artist="Berta", album="Stays", seed=70)
    write_songs(home, "Here", "take", "mp3", "Before")
    await home.scan()
    kept = await Kept.of(home)
    (home.music / "Here").rename(home.music / "There")
    await home.scan(folders=(b"There",))
    await home.scan(folders=(b"Here",))
    await kept.all_there(home)


async def test_a_file_moved_over_another_keeps_its_own_plays_and_the_other_is_missing(home: House) -> None:
    home.song("A/1.mp3", title="Song A", artist="A", album="X", seed=1)
    home.song("B/1.mp3", title="Song B", artist="B", album="Y", seed=2)
    await home.scan()
    before = {track.title: track.id for track in await home.tracks()}
    (home.music / "A/1.mp3").rename(home.music / "B/1.mp3")
    await home.scan()
    after = {track.id: track for track in await home.tracks()}
    assert after[before["Song A"]].missing_since is None
    assert after[before["Song B"]].missing_since is not None
    home.song("C/1.mp3", title="Song B", artist="B", album="Y", seed=2)
    await home.scan()
    assert {track.id: track.missing_since for track in await home.tracks()} == dict.fromkeys(before.values())


async def test_words_that_fit_two_missing_files_are_taken_for_neither(home: House) -> None:
    for place in ("One", "Two"):
        home.song(f"{place}/x.mp3", title="Intro", artist="Anna", album=place, seed=len(place), seconds=0.4)
    home.song("Stays/1.mp3", title="Other", artist="Berta", album="Stays", seed=70)
    await home.scan()
    for place in ("One", "Two"):
        remove_songs(home, place)
    home.song("New/y.flac", title="Intro", artist="Anna", album="Three", seed=40, seconds=0.4)
    await home.scan()
    missing = [track for track in await home.tracks() if track.missing_since is not None]
    assert len(missing) == 2
    assert len(await home.tracks()) == 4


async def test_two_new_files_that_fit_one_missing_file_alike_leave_it_missing(home: House) -> None:
    home.song("One/x.mp3", title="Intro", artist="Anna", album="One", seconds=0.4)
    home.song("Stays/1.mp3", title="Other", artist="Berta", album="Stays", seed=70)
    await home.scan()
    remove_songs(home, "One")
    for number in (1, 2):
        home.song(f"New/y{number}.flac", title="Intro", artist="Anna", album="Two", seed=40 + number, seconds=0.4)
    await home.scan()
    assert sum(track.missing_since is not None for track in await home.tracks()) == 1


async def test_another_length_is_another_recording(home: House) -> None:
    home.song("One/x.mp3", title="Intro", artist="Anna", album="One", seconds=0.4)
    home.song("Stays/1.mp3", title="Other", artist="Berta", album="Stays", seed=70)
    await home.scan()
    remove_songs(home, "One")
    home.song("One/x.flac", title="Intro", artist="Anna", album="One", seed=40, seconds=3.0)
    await home.scan()
    assert sum(track.missing_since is not None for track in await home.tracks()) == 1


async def test_hard_links_are_two_tracks_and_a_move_of_one_takes_only_its_own_row(home: House) -> None:
    first = home.song("A/1.mp3", title="T", artist="A", album="X", seed=1)
    (home.music / "A/2.mp3").hardlink_to(first)
    await home.scan()
    one, two = (file.id for file in await home.files())
    (home.music / "B").mkdir()
    (home.music / "A/2.mp3").rename(home.music / "B/3.mp3")
    (home.music / "B/4.mp3").hardlink_to(first)
    await home.scan()
    files = {file.display_path: file.id for file in await home.files()}
    assert files["A/1.mp3"] == one
    assert two in (files["B/3.mp3"], files["B/4.mp3"])
    assert len(files) == 3


async def test_how_a_file_was_recognised_can_be_asked_and_how_sure_that_is(home: House) -> None:
    write_songs(home, "Here", "take", "mp3", "Before")
    await home.scan()
    remove_songs(home, "Here")
    write_songs(home, "There", "take", "flac", "After")
    await home.scan()
    for file in await home.files():
        assert file.identity_reason == "same_title"
        assert certainty(file.identity_reason) == "possible"
        was = file.display_path.replace("There", "Here").replace("flac", "mp3")
        assert file.identity_params == {"was": was}
        assert was in sentence(file.identity_reason, file.identity_params)
