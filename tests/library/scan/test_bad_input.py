"""What file systems and clocks do to a scan: names, times, links and sizes that nobody would choose."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from segue.core.access import SYSTEM
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.library.models import File, Folder
from segue.library.scan import disks
from segue.library.scan.serving import source_of
from tests.library.scan.folding import fold_case, folding
from tests.library.scan.ground import House, house
from tests.library.scan.recount import differences

pytestmark = pytest.mark.anyio
NFC, NFD = "Caf\u00e9".encode(), "Cafe\u0301".encode()


@pytest.fixture
async def home(db: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with house(db, tmp_path) as made:
        yield made
        assert await differences(db) == []


async def test_names_that_are_canonically_equal_are_two_files_and_both_play(home: House) -> None:
    for number, name in enumerate((NFC, NFD)):
        song = home.song(f"A/{number}.flac", title=f"T{number}", artist="A", album="X", seed=number)
        os.rename(song, bytes(home.music) + b"/A/" + name + b".flac")
    await home.scan()
    files = {file.path: file for file in await home.files()}
    assert set(files) == {b"A/" + NFC + b".flac", b"A/" + NFD + b".flac"}
    for track in await home.tracks():
        source = await source_of(home.db, SYSTEM, track.id)
        assert source is not None
        assert os.path.exists(source.path)
    ids = [track.id for track in await home.tracks()]
    await home.scan(full=True)
    assert [track.id for track in await home.tracks()] == ids


async def test_a_rename_that_only_changes_the_case_keeps_the_track(home: House) -> None:
    song = home.song("A/song.flac", title="T", artist="A", album="X")
    home.song("A/other.flac", title="U", artist="A", album="X", seed=2)
    await home.scan()
    before = {track.title: track.id for track in await home.tracks()}
    song.rename(song.with_name("SONG.flac"))
    (home.music / "A").rename(home.music / "a")
    await home.scan()
    assert {track.title: track.id for track in await home.tracks()} == before
    assert {file.display_path for file in await home.files()} == {"a/SONG.flac", "a/other.flac"}
    assert all(track.missing_since is None for track in await home.tracks())


@pytest.fixture(params=["a disk that folds case", "a folder made to fold case"])
def any_case(request: pytest.FixtureRequest, home: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The library's folder takes `a` for `A`."""
    if request.param == "a folder made to fold case":
        fold_case(monkeypatch, home.music)
        yield
        return
    with folding(home.music.parent) as music:
        if music != home.music:
            home.music.rmdir()
            music.mkdir()
            home.music.symlink_to(music, target_is_directory=True)
        yield


@pytest.mark.usefixtures("any_case")
@pytest.mark.parametrize("folders", [None, (b"a",)])
async def test_a_rename_that_only_changes_the_case_keeps_the_track_where_both_names_are_one(
    home: House, folders: tuple[bytes, ...] | None
) -> None:
    song = home.song("A/song.flac", title="T", artist="A", album="X")
    home.song("A/other.flac", title="U", artist="A", album="X", seed=2)
    await home.scan()
    before = {track.title: track.id for track in await home.tracks()}
    song.rename(song.with_name("SONG.flac"))
    (home.music / "A").rename(home.music / "a")
    await home.scan(folders=folders)
    assert {track.title: track.id for track in await home.tracks()} == before
    assert {file.display_path for file in await home.files()} == {"a/SONG.flac", "a/other.flac"}
    await home.scan()
    await home.scan(full=True)
    assert {track.title: track.id for track in await home.tracks()} == before
    assert all(track.missing_since is None for track in await home.tracks())


async def test_a_name_of_255_bytes_with_newlines_and_broken_utf_8_is_scanned_moved_and_found_again(home: House) -> None:
    name = (b"\xff\n\x1b[31m" + b"x" * 255)[:251] + b".mp3"
    assert len(name) == 255
    os.rename(home.song("A/1.mp3", title="T", artist="A", album="X"), bytes(home.music) + b"/A/" + name)
    await home.scan()
    (track,) = await home.tracks()
    assert (await home.files())[0].path == b"A/" + name
    folder = bytes(home.music) + b"/" + b"\xfe\n" * 60
    os.mkdir(folder)
    os.rename(bytes(home.music) + b"/A/" + name, folder + b"/" + name)
    await home.scan()
    (again,) = await home.tracks()
    assert (again.id, again.missing_since) == (track.id, None)


async def test_files_of_the_future_and_of_1970_are_read_once(home: House) -> None:
    for number, moment in enumerate((4_102_444_800, 0, -1, 253_402_300_800)):
        song = home.song(f"A/{number}.mp3", title=f"T{number}", artist="A", album="X", seed=number)
        try:
            os.utime(song, (moment, moment))
        except OSError:  # a file system that cannot say so
            continue
    assert (await home.scan()).files_read == 4
    assert (await home.scan()).files_read == 0


async def test_a_clock_that_was_wrong_does_not_keep_a_full_scan_from_reading(home: House) -> None:
    home.song("A/1.mp3", title="T", artist="A", album="X")
    await home.scan()
    future = utc_now() + timedelta(days=400)
    async with home.db.write() as tx:  # the last scan ran while the clock was a year ahead
        await tx.execute(update(Folder).values(scanned_at=future))
        await tx.execute(update(File).values(read_at=future))
    assert (await home.scan(full=True)).files_read == 1


async def test_a_file_rewritten_within_one_tick_and_of_the_same_size_is_read_again(home: House) -> None:
    if not disks.keeps_ctime(os.stat(home.music).st_dev):
        pytest.skip("this file system's change times cannot be relied on")
    song = home.song("A/1.flac", title="AAAA", artist="A", album="X")
    await home.scan()
    before = song.stat()
    data = song.read_bytes()
    assert data.count(b"AAAA") == 1
    song.write_bytes(data.replace(b"AAAA", b"BBBB"))
    os.utime(song, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (song.stat().st_size, song.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert (await home.scan()).files_read == 1
    assert [track.title for track in await home.tracks()] == ["BBBB"]
    assert (await home.scan()).files_read == 0


async def test_a_permission_that_goes_and_comes_back_costs_nothing(home: House) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    song = home.song("A/1.mp3", title="T", artist="A", album="X")
    home.song("B/1.mp3", title="U", artist="A", album="Y", seed=2)
    await home.scan()
    song.chmod(0)
    (home.music / "B").chmod(0)
    try:
        await home.scan(full=True)
        assert all(track.missing_since is None for track in await home.tracks())
    finally:
        song.chmod(0o644)
        (home.music / "B").chmod(0o755)
    await home.scan()
    assert {file.problem_code for file in await home.files()} == {None}


async def test_a_tag_that_claims_a_million_artists_is_bounded_and_says_so(home: House) -> None:
    crowd = [f"Artist {number}" for number in range(20_000)]
    home.song("A/1.flac", title="T", artist="All", artists=crowd, album="X")
    home.song("A/2.mp3", title="U", artist="; ".join(crowd), album="X")
    assert (await home.scan()).state == "done"
    files = {file.display_path: file for file in await home.files()}
    assert any(doubt[0] in ("values_cut", "tags_too_large") for doubt in files["A/1.flac"].doubts or []) or (
        files["A/1.flac"].problem_code is not None
    )
    assert len(await home.artists()) <= 2_000


async def test_a_file_that_changes_while_it_is_read_is_read_again(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from segue.library.scan import pipeline

    song = home.song("A/1.flac", title="First", artist="A", album="X")
    take = pipeline.Scan._take_reading
    changed = False

    def change_meanwhile(self: pipeline.Scan, answer: Any) -> None:
        nonlocal changed
        take(self, answer)
        if not changed:
            changed = True
            home.song("A/1.flac", title="Second", artist="A", album="X", seed=9, seconds=0.5)

    monkeypatch.setattr(pipeline.Scan, "_take_reading", change_meanwhile)
    await home.scan()
    await home.scan()
    assert [track.title for track in await home.tracks()] == ["Second"]
    assert song.exists()


async def test_links_in_a_circle_and_to_nowhere_end(home: House) -> None:
    home.song("A/1.mp3", title="T", artist="A", album="X")
    for name, target in (
        ("A/up", ".."),
        ("A/self", "self"),
        ("A/nowhere", "gone"),
        ("B", "A"),
        ("A/1.lnk.mp3", "1.mp3"),
    ):
        (home.music / name).symlink_to(target)
    assert (await home.scan()).state == "done"
    assert {file.display_path for file in await home.files()} == {"A/1.mp3", "A/1.lnk.mp3"}


async def test_a_folder_of_more_files_than_are_written_at_once_is_grouped_as_a_whole(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One file at the end says the album artist that decides for all of them."""
    from segue.library.scan import pipeline

    monkeypatch.setattr(pipeline, "FEWEST", 8)
    monkeypatch.setattr(pipeline, "MOST", 8)
    for number in range(40):
        extra = {"albumartist": "The Choir"} if number == 39 else {}
        home.song(
            f"Big/{number:02}.mp3", title=f"T{number}", artist=f"Singer {number}", album="Big", seed=number, **extra
        )
    await home.scan()
    assert [(album.title, album.artist_display, album.track_count) for album in await home.albums()] == [
        ("Big", "The Choir", 40)
    ]
