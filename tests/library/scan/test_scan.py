"""What a scan promises, on real files and both databases."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from segue.core.db import Database
from segue.library.models import (
    AlbumLabel,
    ArtistCount,
    Artwork,
    ExternalIdRow,
    Folder,
    Genre,
    Label,
    RawTags,
    Redirect,
    TrackCredit,
)
from segue.library.scan import documents, reading
from segue.library.scan.pipeline import Limits
from segue.library.scan.problems import Problem, sentence
from segue.library.scan.walk import Unreadable, walk
from tests.library.media import jpeg, png
from tests.library.scan import hostile
from tests.library.scan.ground import House, house
from tests.library.scan.recount import differences

pytestmark = pytest.mark.anyio
RELEASE = "6f3ac2fd-8c8c-4ee6-8a2e-1a0d5b1cde01"


@pytest.fixture
async def home(db: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with house(db, tmp_path) as found:
        yield found
        assert await differences(db) == []


async def test_a_folder_of_files_becomes_albums_tracks_and_people(home: House) -> None:
    for number in (1, 2, 3):
        home.song(
            f"Band/First/{number:02}.flac", title=f"Song {number}", artist="The Band", album="First",
            albumartist="The Band", tracknumber=str(number), genre=["Rock", "Folk"], date="1977-05-08",
            label="Small Label", catalognumber="SL 1", composer="A. Writer", isrc=f"GBAYE690000{number}",
        )  # fmt: skip
    home.song("Band/Second/1.mp3", title="Other", artist="The Band", album="Second", tracknumber="1", genre="Rock")
    result = await home.scan()
    assert (result.state, result.files, result.files_read, result.problems) == ("done", 4, 4, 0)
    first, second = await home.albums()
    assert (first.title, first.artist_display, first.track_count, first.year, first.date) == (
        "First", "The Band", 3, 1977, "1977-05-08",
    )  # fmt: skip
    assert (first.rule, second.rule) == ("folder_album_artist", "folder_album")
    assert first.sort_key == "first"
    assert first.artist_sort_key == "band"
    tracks = await home.tracks()
    assert [track.title for track in tracks] == ["Song 1", "Song 2", "Song 3", "Other"]
    assert {track.date_key for track in tracks[:3]} == {19770508}
    people = await home.artists()
    assert set(people) == {"The Band", "A. Writer"}
    counts = {
        (row.artist_id, row.role): (row.track_count, row.album_count)
        for row in await rows_of(home, ArtistCount.__table__)
    }
    assert counts[(people["The Band"], "any")] == (4, 2)
    assert counts[(people["The Band"], "album_artist")] == (4, 2)
    assert counts[(people["A. Writer"], "composer")] == (3, 1)
    assert {row.name for row in await home.rows(Genre)} == {"Rock", "Folk"}
    assert [row.name for row in await home.rows(Label)] == ["Small Label"]
    assert [row.catalog_number for row in await rows_of(home, AlbumLabel.__table__)] == ["SL 1"]
    assert len([row for row in await home.rows(ExternalIdRow) if row.namespace == "isrc"]) == 3
    library = await home.library()
    assert (library.track_count, library.album_count, library.file_count) == (4, 2, 4)


async def rows_of(home: House, table: object) -> list:
    async with home.db.read() as conn:
        return list((await conn.execute(select(table))).all())


async def test_a_second_scan_changes_nothing_and_announces_nothing(home: House) -> None:
    for number in range(5):
        home.song(f"A/{number}.flac", title=f"T{number}", artist="A", album="X", cover=jpeg())
    await home.scan()
    before, head = await home.tracks(), await home.head()
    for full in (False, True):
        result = await home.scan(full=full)
        assert result.files_read == (5 if full else 0)
        assert await home.tracks() == before
    changed = await changes_since(home, head)
    assert {kind for kind, _ in changed} <= {"library"}  # that it was scanned


async def changes_since(home: House, cursor: int) -> list[tuple[str, str]]:
    from segue.core.changes import Change

    async with home.db.read() as conn:
        rows = await conn.execute(select(Change.kind, Change.entity).where(Change.cursor > cursor))
        return [(row[0], row[1]) for row in rows]


async def test_one_changed_file_is_read_and_the_others_are_not(home: House) -> None:
    for number in range(6):
        home.song(f"A/{number}.flac", title=f"T{number}", artist="A", album="X", tracknumber=str(number + 1))
    await home.scan()
    ids = [track.id for track in await home.tracks()]
    home.song("A/3.flac", title="Retitled", artist="A", album="X", tracknumber="4", seed=77)
    result = await home.scan()
    assert result.files_read == 1
    tracks = await home.tracks()
    assert [track.id for track in tracks] == ids
    assert tracks[3].title == "Retitled"
    assert len(await home.albums()) == 1


async def test_discs_in_folders_of_their_own_are_one_album(home: House) -> None:
    for disc in (1, 2):
        for number in (1, 2):
            home.song(
                f"Box/CD{disc}/{number}.flac", title=f"{disc}-{number}", artist="A", album="Box", albumartist="A",
                tracknumber=str(number),
            )  # fmt: skip
    await home.scan()
    (album,) = await home.albums()
    assert (album.track_count, album.disc_count) == (4, 2)
    assert sorted((track.disc, track.position) for track in await home.tracks()) == [(1, 1), (1, 2), (2, 1), (2, 2)]


async def test_a_disc_named_in_the_album_title_is_taken_out_of_it(home: House) -> None:
    for disc in (1, 2):
        home.song(f"Wall/{disc}.flac", title=f"{disc}", artist="A", album=f"The Wall (Disc {disc})", albumartist="A")
    await home.scan()
    (album,) = await home.albums()
    assert (album.title, album.disc_count) == ("The Wall", 2)


async def test_different_artists_without_an_album_artist_are_various_artists(home: House) -> None:
    for number, artist in enumerate(("Anna", "Berta", "Cilla")):
        home.song(f"Mix/{number}.mp3", title=f"T{number}", artist=artist, album="Mix")
    await home.scan()
    (album,) = await home.albums()
    assert (album.artist_display, album.compilation) == ("Various Artists", True)


async def test_one_artist_with_guests_is_not_various_artists(home: House) -> None:
    home.song("X/1.flac", title="Alone", artist="Anna", album="X")
    home.song("X/2.flac", title="Together", artist="Anna feat. Berta", artists=["Anna", "Berta"], album="X")
    await home.scan()
    (album,) = await home.albums()
    assert (album.artist_display, album.compilation) == ("Anna", False)


async def test_without_tags_the_folder_is_the_album_and_the_name_is_the_title(home: House) -> None:
    home.song("Old Tapes/side a.wav")
    home.song("Old Tapes/side b.wav")
    await home.scan()
    (album,) = await home.albums()
    assert (album.title, album.rule, album.artist_display) == ("Old Tapes", "folder", "[Unknown Artist]")
    assert [track.title for track in await home.tracks()] == ["side a", "side b"]


async def test_one_release_id_joins_what_lies_in_two_folders(home: House) -> None:
    for place in ("here", "there"):
        home.song(f"{place}/1.flac", title=place, artist="A", album="Apart", musicbrainz_albumid=RELEASE)
    await home.scan()
    (album,) = await home.albums()
    assert (album.rule, album.rule_params, album.track_count) == ("musicbrainz_release", {"release": RELEASE}, 2)


async def test_two_equal_files_present_together_are_two_tracks(home: House) -> None:
    home.song("A/1.flac", title="Same", artist="A", album="X", seed=5)
    home.song("B/1.flac", title="Same", artist="A", album="X", seed=5)
    await home.scan()
    assert len(await home.tracks()) == 2
    files = await home.files()
    assert files[0].audio_key == files[1].audio_key


async def test_a_moved_and_retagged_file_keeps_its_track(home: House) -> None:
    for number in range(4):
        home.song(f"Old/{number}.flac", title=f"T{number}", artist="A", album="Before", seed=number)
    await home.scan()
    before = {track.title: track.id for track in await home.tracks()}
    album = (await home.albums())[0].id
    for number in range(4):
        (home.music / f"Old/{number}.flac").unlink()
        home.song(f"New/Place/n{number}.flac", title=f"New {number}", artist="B", album="After", seed=number)
    result = await home.scan()
    assert result.state == "done"
    after = {track.title: track.id for track in await home.tracks()}
    assert after == {f"New {number}": before[f"T{number}"] for number in range(4)}
    assert [(row.id, row.title) for row in await home.albums()] == [(album, "After")]
    assert [row.display_path for row in await home.files()] == [f"New/Place/n{n}.flac" for n in range(4)]


async def test_a_file_in_another_format_with_the_same_recording_id_keeps_its_track(home: House) -> None:
    recording = "b1a9c0de-0000-4000-8000-00000000abcd"
    home.song("A/1.mp3", title="T", artist="A", album="X", musicbrainz_trackid=recording, seconds=0.5)
    home.song("A/2.mp3", title="Other", artist="A", album="X")
    await home.scan()
    track = next(track for track in await home.tracks() if track.title == "T")
    (home.music / "A/1.mp3").unlink()
    home.song("A/1.flac", title="T", artist="A", album="X", musicbrainz_trackid=recording, seconds=0.5)
    await home.scan()
    again = next(row for row in await home.tracks() if row.title == "T")
    assert (again.id, again.missing_since) == (track.id, None)
    assert len(await home.tracks()) == 2


async def test_a_renumbered_album_keeps_its_tracks(home: House) -> None:
    for number in (1, 2, 3):
        home.song(
            f"A/{number:02}.flac", title=f"T{number}", artist="A", album="X", seed=number, tracknumber=str(number)
        )
    await home.scan()
    before = {track.title: track.id for track in await home.tracks()}
    for number in (3, 2, 1):
        (home.music / f"A/{number:02}.flac").rename(home.music / f"A/{number + 1:02}.flac")
    home.song("A/01.flac", title="T0", artist="A", album="X", seed=50, tracknumber="1")
    await home.scan()
    after = {track.title: track.id for track in await home.tracks()}
    assert {title: after[title] for title in before} == before
    assert len(after) == 4


async def test_what_is_gone_is_marked_and_comes_back_whole(home: House) -> None:
    for number in range(3):
        home.song(f"A/{number}.flac", title=f"T{number}", artist="A", album="X", seed=number)
    await home.scan()
    ids = [track.id for track in await home.tracks()]
    kept = (home.music / "A/1.flac").read_bytes()
    stat = (home.music / "A/1.flac").stat()
    (home.music / "A/1.flac").unlink()
    assert (await home.scan()).missing == 1
    tracks = await home.tracks()
    assert [track.missing_since is not None for track in tracks] == [False, True, False]
    (album,) = await home.albums()
    assert (album.track_count, album.missing_count) == (2, 1)
    (home.music / "A/1.flac").write_bytes(kept)
    os.utime(home.music / "A/1.flac", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    await home.scan()
    tracks = await home.tracks()
    assert [track.id for track in tracks] == ids
    assert all(track.missing_since is None for track in tracks)
    assert await differences(home.db) == []


async def test_other_music_at_a_missing_files_path_is_another_track(home: House) -> None:
    home.song("Inbox/01.mp3", title="Loved", artist="A", album="X", seed=1)
    home.song("Inbox/02.mp3", title="Stays", artist="A", album="X", seed=2)
    await home.scan()
    loved = next(track.id for track in await home.tracks() if track.title == "Loved")
    (home.music / "Inbox/01.mp3").unlink()
    await home.scan()
    home.song("Inbox/01.mp3", title="Stranger", artist="B", album="Y", seed=3)
    await home.scan()
    tracks = {track.title: track for track in await home.tracks()}
    assert tracks["Loved"].id == loved
    assert tracks["Loved"].missing_since is not None
    assert tracks["Stranger"].missing_since is None
    home.song("Found again/loved.mp3", title="Loved", artist="A", album="X", seed=1)
    await home.scan()
    again = {track.title: track for track in await home.tracks()}
    assert (again["Loved"].id, again["Loved"].missing_since) == (loved, None)


async def test_an_album_all_of_whose_files_are_gone_is_missing_and_not_deleted(home: House) -> None:
    home.song("A/1.flac", title="T", artist="A", album="X")
    home.song("B/1.flac", title="U", artist="B", album="Y")
    await home.scan()
    (home.music / "A/1.flac").unlink()
    (home.music / "A").rmdir()
    await home.scan()
    albums = {album.title: album for album in await home.albums()}
    assert albums["X"].missing_since is not None
    assert albums["X"].track_count == 0
    assert albums["Y"].missing_since is None
    assert (await home.library()).missing_count == 1


async def test_a_scan_that_finds_too_much_gone_stops_and_marks_nothing(home: House) -> None:
    for number in range(20):
        home.song(f"A{number // 5}/{number}.mp3", title=f"T{number}", artist="A", album=f"X{number // 5}", seed=number)
    await home.scan()
    for number in range(10):
        (home.music / f"A{number // 5}/{number}.mp3").unlink()
    for _ in range(2):
        result = await home.scan()
        assert (result.state, result.code) == ("stopped", "too_many_missing")
        assert result.params == {"gone": 10, "files": 20}
        assert all(track.missing_since is None for track in await home.tracks())
    result = await home.scan(accept_missing=True)
    assert (result.state, result.missing) == ("done", 10)


async def test_moved_files_do_not_count_as_gone(home: House) -> None:
    for number in range(12):
        home.song(f"A/{number}.mp3", title=f"T{number}", artist="A", album="X", seed=number)
    await home.scan()
    (home.music / "A").rename(home.music / "B")
    result = await home.scan()
    assert (result.state, result.missing) == ("done", 0)
    assert len(await home.tracks()) == 12
    (album,) = await home.albums()
    assert album.track_count == 12


async def test_an_empty_or_missing_root_costs_nothing(home: House) -> None:
    home.song("A/1.flac", title="T", artist="A", album="X")
    await home.scan()
    away = home.music.with_name("away")
    home.music.rename(away)
    assert (await home.scan()).code == "root_missing"
    home.music.mkdir()
    assert (await home.scan()).code == "root_empty"
    assert [track.missing_since for track in await home.tracks()] == [None]
    home.music.rmdir()
    away.rename(home.music)
    assert (await home.scan()).state == "done"


async def test_another_disk_at_the_root_costs_nothing(home: House) -> None:
    from sqlalchemy import update

    from segue.library.models import Library

    for number in range(3):
        home.song(f"A/{number}.flac", title=f"T{number}", artist="A", album="X")
    await home.scan()
    async with home.db.write() as tx:
        await tx.execute(update(Library).values(device=1))
    assert (await home.scan()).state == "done"  # the files are there: the device has only got another number
    async with home.db.write() as tx:
        await tx.execute(update(Library).values(device=1))
    (home.music / "A").rename(home.music.with_name("kept"))
    (home.music / "lost+found").mkdir()
    assert (await home.scan()).code == "root_is_another_device"
    assert all(track.missing_since is None for track in await home.tracks())


async def test_a_broken_file_is_kept_and_marked_and_the_scan_goes_on(home: House) -> None:
    home.song("A/good.flac", title="T", artist="A", album="X")
    (home.music / "A/empty.mp3").write_bytes(b"")
    (home.music / "A/noise.flac").write_bytes(b"this is no music" * 100)
    whole = home.song("A/cut.flac", title="Cut", artist="A", album="X", seconds=1.0).read_bytes()
    (home.music / "A/cut.flac").write_bytes(whole[: len(whole) * 2 // 3])
    result = await home.scan()
    assert (result.state, result.files, result.problems) == ("done", 4, 3)
    files = {row.display_path: row for row in await home.files()}
    assert files["A/empty.mp3"].problem_code == "empty"
    assert files["A/noise.flac"].problem_code == "not_audio"
    assert files["A/cut.flac"].problem_code is not None
    assert {track.title for track in await home.tracks()} == {"T", "Cut"}
    head = await home.head()
    assert (await home.scan(full=True)).state == "done"
    assert {kind for kind, _ in await changes_since(home, head)} <= {"library"}


async def test_a_track_whose_file_breaks_keeps_its_row(home: House) -> None:
    song = home.song("A/1.flac", title="T", artist="A", album="X")
    whole = song.read_bytes()
    await home.scan()
    (track,) = await home.tracks()
    song.write_bytes(b"broken" * 1000)
    await home.scan()
    (broken,) = await home.tracks()
    assert broken.id == track.id
    assert broken.missing_since is not None
    song.write_bytes(whole)
    await home.scan()
    (mended,) = await home.tracks()
    assert (mended.id, mended.missing_since) == (track.id, None)


async def test_names_in_broken_utf_8_are_kept_byte_for_byte(home: House) -> None:
    good = home.song("A/1.flac", title="T", artist="A", album="X").read_bytes()
    name = bytes(home.music) + b"/A/caf\xe9 \xff.flac"
    with open(name, "wb") as file:
        file.write(good)
    await home.scan()
    files = await home.files()
    assert {file.path for file in files} == {b"A/1.flac", b"A/caf\xe9 \xff.flac"}
    assert "A/caf\ufffd \ufffd.flac" in {file.display_path for file in files}


async def test_a_symlink_loop_ends_and_outside_folders_are_followed(home: House, tmp_path: Path) -> None:
    home.song("A/1.flac", title="T", artist="A", album="X")
    (home.music / "A/loop").symlink_to(home.music)
    (home.music / "self").symlink_to(home.music / "self")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "2.flac").write_bytes((home.music / "A/1.flac").read_bytes())
    (outside / "back").symlink_to(outside)
    (home.music / "elsewhere").symlink_to(outside)
    assert (await home.scan()).state == "done"
    assert {file.display_path for file in await home.files()} == {"A/1.flac", "elsewhere/2.flac"}


async def test_what_could_not_be_looked_at_is_not_taken_for_gone(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    home.song("A/1.flac", title="T", artist="A", album="X")
    home.song("B/1.flac", title="U", artist="B", album="Y")
    await home.scan()

    def partly_blind(root: bytes, start: tuple[bytes, ...] = (b"",), ignored=None):
        for item in walk(root, start, ignored):
            yield Unreadable(item.path, PermissionError(13, "Permission denied")) if item.path == b"A" else item

    monkeypatch.setattr("segue.library.scan.look.walk", partly_blind)
    result = await home.scan()
    assert (result.state, result.unreadable, result.missing) == ("done", ["A"], 0)
    assert all(track.missing_since is None for track in await home.tracks())
    folders = {row.path: row.problem_code for row in await home.rows(Folder)}
    assert folders[b"A"] == "folder_unreadable"
    monkeypatch.undo()
    await home.scan()
    assert {row.problem_code for row in await home.rows(Folder)} == {None}


async def test_a_folder_that_could_never_be_looked_into_is_shown_with_its_reason(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.song("B/1.flac", title="U", artist="B", album="Y")

    def partly_blind(root: bytes, start: tuple[bytes, ...] = (b"",), ignored=None):
        yield from walk(root, start, ignored)
        yield Unreadable(b"A/inner", PermissionError(13, "Permission denied"))

    monkeypatch.setattr("segue.library.scan.look.walk", partly_blind)
    await home.scan()
    await home.scan()
    folders = {row.path: row for row in await home.rows(Folder)}
    assert set(folders) == {b"", b"B", b"A", b"A/inner"}
    assert folders[b"A/inner"].parent_id == folders[b"A"].id
    problem = Problem(folders[b"A/inner"].problem_code, folders[b"A/inner"].problem_params)
    assert sentence(problem) == "Segue cannot look into this folder: Permission denied."


async def test_covers_are_stored_once_and_hostile_ones_are_refused(home: House) -> None:
    for number in range(3):
        home.song(f"A/{number}.flac", title=f"T{number}", artist="A", album="X", cover=jpeg(300, 200))
    home.song("B/1.flac", title="U", artist="B", album="Y")
    (home.music / "B/cover.png").write_bytes(png(64, 64))
    home.song("C/1.flac", title="V", artist="C", album="Z")
    bomb = bytearray(png(8, 8))
    bomb[16:24] = (60_000).to_bytes(4, "big") * 2
    (home.music / "C/cover.png").write_bytes(bytes(bomb))
    (home.music / "C/front.jpg").write_bytes(b"\xff\xd8\xff not really")
    assert (await home.scan()).state == "done"
    pictures = await home.rows(Artwork)
    assert sorted((row.width, row.height, row.source) for row in pictures) == [
        (64, 64, "folder"), (300, 200, "embedded"),
    ]  # fmt: skip
    for row in pictures:
        assert len(await home.ground.storage.get(row.storage_key)) == row.size_bytes
        assert row.blurhash
        assert row.color.startswith("#")
    albums = {album.title: album.artwork_id for album in await home.albums()}
    assert albums["X"]
    assert albums["Y"]
    assert albums["Z"] is None
    assert list(home.ground.spool.iterdir()) == []


async def test_a_new_cover_in_the_folder_is_noticed(home: House) -> None:
    home.song("A/1.flac", title="T", artist="A", album="X")
    await home.scan()
    assert (await home.albums())[0].artwork_id is None
    (home.music / "A/folder.jpg").write_bytes(jpeg(100, 100))
    result = await home.scan()
    assert result.files_read == 0
    assert (await home.albums())[0].artwork_id is not None


async def test_a_reader_that_hangs_or_dies_costs_one_file(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("1-fine", "2-hang", "3-die", "4-fine"):
        home.song(f"A/{name}.flac", title=name, artist="A", album="X")
    monkeypatch.setattr(reading, "read", hostile.read)
    home.ground = replace(home.ground, limits=Limits(read_s=3.0))
    assert (await home.scan()).state == "done"
    problems = {row.display_path: row.problem_code for row in await home.files()}
    assert problems == {
        "A/1-fine.flac": None, "A/2-hang.flac": "timed_out", "A/3-die.flac": "worker_died", "A/4-fine.flac": None,
    }  # fmt: skip
    assert {track.title for track in await home.tracks()} == {"1-fine", "4-fine"}


async def test_raw_tags_are_kept_as_the_file_spells_them(home: House) -> None:
    home.song("A/1.flac", title="T", artist="A", album="X", mood="Quiet")
    await home.scan()
    (document,) = await rows_of(home, select(RawTags.document).subquery())
    body = documents.decode(document[0])
    assert "T" in str(body["raw"])
    assert documents.tags_of(document[0]).title == "T"


async def test_two_albums_made_one_leave_word_where_the_other_went(home: House) -> None:
    for number in range(4):
        home.song(
            f"A/{number}.flac", title=f"T{number}", artist="A", album="One" if number < 3 else "Two", albumartist="A",
            seed=number,
        )  # fmt: skip
    await home.scan()
    one, two = await home.albums()
    home.song("A/3.flac", title="T3", artist="A", album="One", albumartist="A", seed=3)
    await home.scan()
    (left,) = await home.albums()
    assert left.id == one.id
    redirects = await rows_of(home, Redirect.__table__)
    assert [(row.kind, row.old_id, row.new_id) for row in redirects] == [("album", two.id, one.id)]


async def test_a_retagged_album_keeps_its_id(home: House) -> None:
    for number in range(3):
        home.song(f"A/{number}.flac", title=f"T{number}", artist="A", album="Wrong", seed=number)
    await home.scan()
    (before,) = await home.albums()
    for number in range(3):
        home.song(
            f"A/{number}.flac", title=f"T{number}", artist="A", album="Right", seed=number, musicbrainz_albumid=RELEASE
        )
    await home.scan()
    (after,) = await home.albums()
    assert (after.id, after.title, after.rule) == (before.id, "Right", "musicbrainz_release")


async def test_one_folder_can_be_scanned_alone(home: House) -> None:
    home.song("A/1.flac", title="T", artist="A", album="X")
    await home.scan()
    home.song("A/2.flac", title="In", artist="A", album="X")
    home.song("B/1.flac", title="Out", artist="B", album="Y")
    await home.scan(folders=(b"A",))
    assert {track.title for track in await home.tracks()} == {"T", "In"}
    (home.music / "A/1.flac").unlink()
    await home.scan(folders=(b"A",))
    gone = {track.title: track.missing_since is not None for track in await home.tracks()}
    assert gone == {"T": True, "In": False}


async def test_credits_keep_roles_order_and_spelling(home: House) -> None:
    home.song(
        "A/1.flac", title="Sonata", artist="Anna & Berta", artists=["Anna", "Berta"], album="X", composer="C. Poser",
        conductor="Dirigent",
    )  # fmt: skip
    await home.scan()
    people = {number: name for name, number in (await home.artists()).items()}
    credits = [
        (people[row.artist_id], row.role, row.join_phrase)
        for row in sorted(await rows_of(home, TrackCredit.__table__), key=lambda row: row.position)
    ]
    assert credits[:2] == [("Anna", "artist", " & "), ("Berta", "artist", "")]
    assert {(name, role) for name, role, _ in credits[2:]} == {("C. Poser", "composer"), ("Dirigent", "conductor")}
