"""Nothing vanishes: what a scan does when a disk, a mount or a folder is not what it was, and what is left alone by choice."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from segue.core.db import Database
from segue.library.models import File, Folder, Library
from segue.library.scan import disks, guard
from segue.library.scan.pipeline import Limits
from tests.library.scan.ground import House, house
from tests.library.scan.recount import differences
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.anyio


@pytest.fixture
async def home(db: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with house(db, tmp_path) as made:
        yield made
        assert await differences(db) == []


def fill(home: House, folder: str, count: int, seed: int = 0) -> None:
    for number in range(count):
        home.song(f"{folder}/{number}.mp3", title=f"{folder} {number}", artist="A", album=folder, seed=seed + number)


async def missing(home: House) -> set[str]:
    return {file.display_path for file in await home.files() if file.missing_since is not None}


async def on_device(home: House, folder: str, device: int) -> None:
    """As if the files of a folder had been on a disk of their own when they were scanned."""
    async with home.db.write() as tx:
        await tx.execute(update(File).where(File.display_path.like(f"{folder}/%")).values(device=device))


@pytest.mark.parametrize("alone", [False, True], ids=["whole library", "only that folder"])
async def test_a_drive_mounted_inside_the_library_that_dropped_off_costs_nothing(home: House, alone: bool) -> None:
    fill(home, "Main", 60)
    fill(home, "Drive", 3, seed=100)
    await home.scan()
    await on_device(home, "Drive", 77)
    shutil.rmtree(home.music / "Drive")
    (home.music / "Drive").mkdir()  # the empty mount point
    result = await home.scan(folders=(b"Drive",) if alone else None)
    assert (result.state, result.code) == ("stopped", "mount_missing")
    assert result.params == {"folder": "Drive", "gone": 3}
    assert await missing(home) == set()
    assert (await home.scan(accept_missing=True)).missing == 3


async def test_a_disk_that_only_got_another_number_is_no_reason_to_stop(home: House) -> None:
    fill(home, "Main", 60)
    await home.scan()
    await on_device(home, "Main", 77)  # as after a restart, with every file still there
    (home.music / "Main/7.mp3").unlink()
    result = await home.scan()
    assert (result.state, result.missing) == ("done", 1)


@pytest.mark.parametrize("alone", [False, True], ids=["whole library", "only that folder"])
async def test_a_folder_whose_albums_are_all_gone_and_that_is_empty_now_costs_nothing(home: House, alone: bool) -> None:
    fill(home, "Main", 90)
    for album in ("One", "Two"):
        fill(home, f"Artist/{album}", 4, seed=200)
    await home.scan()
    shutil.rmtree(home.music / "Artist")
    (home.music / "Artist").mkdir()
    result = await home.scan(folders=(b"Artist",) if alone else None)
    assert (result.state, result.code, result.params["folder"]) == ("stopped", "folder_empty", "Artist")
    assert await missing(home) == set()
    (home.music / "Artist").rmdir()  # a person took the folder away as well
    assert (await home.scan()).missing == 8


async def test_an_album_that_somebody_deletes_is_marked_and_nothing_else(home: House) -> None:
    fill(home, "Main", 90)
    fill(home, "Artist/One", 4, seed=200)
    await home.scan()
    for path in (home.music / "Artist/One").iterdir():
        path.unlink()
    assert (await home.scan(folders=(b"Artist/One",))).missing == 4
    assert await missing(home) == {f"Artist/One/{number}.mp3" for number in range(4)}


async def test_a_library_is_not_nibbled_away_folder_by_folder(home: House) -> None:
    for folder in range(10):
        fill(home, f"F{folder}", 4, seed=10 * folder)
    await home.scan()
    ends = []
    for folder in range(4):
        shutil.rmtree(home.music / f"F{folder}")
        ends.append((await home.scan(folders=(b"F%d" % folder,))).code)
    assert ends[0] is None
    assert ends[-1] == "too_many_missing"
    assert len(await missing(home)) <= 8


async def test_each_library_may_choose_how_much_may_go(home: House) -> None:
    fill(home, "Main", 20)
    await home.scan()
    async with home.db.write() as tx:
        await tx.execute(update(Library).values(options={"guard_share": 0.6}))
    for number in range(10):
        (home.music / f"Main/{number}.mp3").unlink()
    assert (await home.scan()).missing == 10


async def test_another_collection_where_the_library_was_costs_nothing_and_is_not_read(home: House) -> None:
    fill(home, "Main", 20)
    await home.scan()
    shutil.rmtree(home.music / "Main")
    fill(home, "Other", 3, seed=300)
    result = await home.scan()
    assert (result.state, result.code, result.files_read) == ("stopped", "sample_missing", 0)
    assert await missing(home) == set()


async def test_a_disk_that_does_not_answer_ends_the_scan_and_not_the_server(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(home, "Main", 3)
    await home.scan()
    forever = threading.Event()

    def hang(root: bytes, shown: str) -> tuple[int, bool]:
        forever.wait(PATIENCE_S)
        return 0, False

    monkeypatch.setattr(guard, "_look", hang)
    monkeypatch.setattr(disks, "DEADLINE_S", 0.2)
    result = await home.scan()
    assert (result.state, result.code) == ("stopped", "disk_does_not_answer")
    monkeypatch.undo()
    forever.set()
    assert (await home.scan()).state == "done"
    assert await missing(home) == set()


async def test_a_disk_that_stops_answering_in_the_middle_of_the_walk_ends_the_scan(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from segue.library.scan import look

    fill(home, "Main", 3)
    await home.scan()
    forever = threading.Event()

    def hang(root: bytes, start: object, ignored: object) -> object:
        forever.wait(PATIENCE_S)
        yield from ()

    monkeypatch.setattr(look, "walk", hang)
    monkeypatch.setattr(disks, "DEADLINE_S", 0.2)
    assert (await home.scan()).code == "disk_does_not_answer"
    forever.set()
    assert await missing(home) == set()


@pytest.mark.parametrize("trouble", ["not_permitted", "read_failed", "timed_out"])
async def test_known_files_that_cannot_be_read_just_now_keep_their_tracks(
    home: House, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A drive that lists its folders and fails to read their files must not take the library away."""
    from segue.library.scan import reading
    from tests.library.scan import hostile

    fill(home, "Main", 2)
    await home.scan()
    before = [(track.id, track.album_id, track.missing_since) for track in await home.tracks()]
    monkeypatch.setattr(reading, "read", {
        "not_permitted": hostile.forbidden, "read_failed": hostile.failing, "timed_out": hostile.hanging,
    }[trouble])  # fmt: skip
    if trouble == "timed_out":
        home.ground = replace(home.ground, limits=Limits(read_s=0.3))
    result = await home.scan(full=True)
    assert result.state == "done"
    assert [(track.id, track.album_id, track.missing_since) for track in await home.tracks()] == before
    assert {file.problem_code for file in await home.files()} == {trouble}
    monkeypatch.undo()
    home.ground = replace(home.ground, limits=Limits())
    await home.scan()
    assert {file.problem_code for file in await home.files()} == {None}


async def test_what_a_segueignore_says_to_leave_alone_is_marked_so_and_comes_back_whole(home: House) -> None:
    fill(home, "Keep", 3)
    fill(home, "Demos", 30, seed=50)
    await home.scan()
    ids = {track.title: track.id for track in await home.tracks()}
    (home.music / ".segueignore").write_text("# not for everybody\nDemos/\n")
    result = await home.scan()
    assert (result.state, result.missing) == ("done", 30)  # far more than may be gone, but meant
    assert await missing(home) == {f"Demos/{number}.mp3" for number in range(30)}
    assert {file.missing_reason for file in await home.files()} == {None, "ignored"}
    (home.music / ".segueignore").unlink()
    result = await home.scan()
    assert (result.files_read, await missing(home)) == (0, set())
    assert {track.title: track.id for track in await home.tracks()} == ids
    assert {file.missing_reason for file in await home.files()} == {None}
    (home.music / "Demos/.segueignore").write_bytes(b"")  # an empty one means its whole folder
    await home.scan(folders=(b"Demos",))
    assert len(await missing(home)) == 30


async def test_what_is_ignored_and_what_is_gone_are_told_apart(home: House) -> None:
    fill(home, "Keep", 20)
    fill(home, "Demos", 20, seed=50)
    await home.scan()
    (home.music / ".segueignore").write_text("Demos/\n")
    for number in range(15):
        (home.music / f"Keep/{number}.mp3").unlink()
    assert (await home.scan()).code == "too_many_missing"
    assert await missing(home) == set()


async def test_segue_writes_nothing_into_the_library(home: House) -> None:
    fill(home, "Main", 3)
    before = sorted(path for path in home.music.rglob("*"))
    await home.scan()
    assert sorted(path for path in home.music.rglob("*")) == before


async def test_a_folder_that_becomes_a_file_and_back_loses_nothing(home: House) -> None:
    fill(home, "Main", 30)
    fill(home, "Box", 2, seed=80)
    await home.scan()
    away = home.music.with_name("away")
    (home.music / "Box").rename(away)
    (home.music / "Box").write_bytes(b"not a folder")
    assert (await home.scan()).missing == 2
    (home.music / "Box").unlink()
    away.rename(home.music / "Box")
    await home.scan()
    assert await missing(home) == set()
    async with home.db.read() as conn:
        assert await conn.scalar(select(Folder.missing_since).where(Folder.path == b"Box")) is None


async def test_a_song_that_becomes_a_folder_is_missing_and_its_songs_are_new(home: House) -> None:
    fill(home, "Main", 30)
    song = home.music / "Main/5.mp3"
    await home.scan()
    kept = song.read_bytes()
    song.unlink()
    song.mkdir()
    home.song("Main/5.mp3/inner.mp3", title="Inner", artist="A", album="Main", seed=500)
    assert (await home.scan()).state == "done"
    assert await missing(home) == {"Main/5.mp3"}
    shutil.rmtree(song)
    song.write_bytes(kept)
    os.utime(song)
    await home.scan()
    assert await missing(home) == {"Main/5.mp3/inner.mp3"}
