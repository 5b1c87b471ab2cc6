"""Opening a snapshot: whole or named as damaged, the one before it instead, and another one while it is read."""

from __future__ import annotations

import asyncio
import hashlib
import os
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest
import structlog

from segue.catalog.current import Current
from segue.catalog.local import CatalogSlow, LocalBackend, NothingToSearch
from segue.catalog.snapshot import opening
from segue.catalog.snapshot.manifest import (
    NoSnapshot,
    OtherFormat,
    Part,
    SnapshotDamaged,
    previous,
    read_manifest,
    write_manifest,
)
from segue.catalog.snapshot.opening import Watcher, finish_swap, open_snapshot
from segue.catalog.store import Store
from tests.catalog.tiny import TRACKS, write_snapshot
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.anyio


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_snapshot(tmp_path / "snapshot", id="now")


@pytest.fixture
def before(folder: Path) -> Path:
    return write_snapshot(previous(folder), id="before")


def opened_id(folder: Path, **given: Any) -> str:
    backend = open_snapshot(folder, threads=1, **given)
    backend.close_now()
    return backend.id


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 0x10
    path.write_bytes(data)


async def until(what: Any) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not what():
            await asyncio.sleep(0.01)


def test_no_folder_and_an_empty_one_are_no_snapshot(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nothing", tmp_path / "file"):
        (tmp_path / "file").touch()
        with pytest.raises(NoSnapshot):
            open_snapshot(place)


@pytest.mark.parametrize("name", ["catalog.db", "track.bodies", "album.index", "search.db", "trigram.db"])
def test_a_file_that_is_cut_longer_away_or_changed_is_named(folder: Path, name: str) -> None:
    path = folder / name
    whole = path.read_bytes()
    for damaged in (whole[:-1], b"", whole + b"x"):
        path.write_bytes(damaged)
        with pytest.raises(SnapshotDamaged) as told:
            open_snapshot(folder)
        assert told.value.file == path
    path.write_bytes(whole)
    flip(path, len(whole) // 2)
    with pytest.raises(SnapshotDamaged, match="SHA-256"):
        open_snapshot(folder)
    path.unlink()
    with pytest.raises(SnapshotDamaged, match="no such file"):
        open_snapshot(folder)


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b'{"format": "one"}', b'{"format": 2}', b"\xff\xfe", b"0" * 2_000_000]
)
def test_a_manifest_that_does_not_read_is_named(folder: Path, text: bytes) -> None:
    (folder / "manifest.json").write_bytes(text)
    with pytest.raises(SnapshotDamaged) as told:
        open_snapshot(folder)
    assert told.value.file.name == "manifest.json"


def test_a_format_of_the_future_is_told(folder: Path) -> None:
    text = (folder / "manifest.json").read_bytes()
    (folder / "manifest.json").write_bytes(text.replace(b'"format": 2', b'"format": 99, "new": {}'))
    with pytest.raises(OtherFormat) as told:
        open_snapshot(folder)
    assert told.value.code == "newer_snapshot"


def test_a_format_of_the_past_is_told(folder: Path) -> None:
    text = (folder / "manifest.json").read_bytes()
    (folder / "manifest.json").write_bytes(text.replace(b'"format": 2', b'"format": 1'))
    with pytest.raises(OtherFormat) as told:
        open_snapshot(folder)
    assert told.value.code == "older_snapshot"


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path, folder: Path) -> None:
    manifest = read_manifest(folder)
    write_manifest(tmp_path, manifest)
    assert read_manifest(tmp_path) == manifest
    assert not [*tmp_path.glob(".*")]


def test_damage_that_checksums_alone_show_counts_only_where_they_are_asked_for(folder: Path) -> None:
    flip(folder / "trigram.db", -1)
    assert opened_id(folder, check=False) == "now"


def test_the_one_before_is_served_where_the_newest_is_damaged_and_the_log_says_so(folder: Path, before: Path) -> None:
    os.truncate(folder / "catalog.db", 5_000)
    with structlog.testing.capture_logs() as lines:
        assert opened_id(folder) == "before"
    (line,) = lines
    assert (line["event"], line["log_level"]) == ("previous_snapshot_served", "error")
    assert str(folder / "catalog.db") in line["why"]
    older = write_snapshot(previous(folder, 2), id="older")
    (before / "search.db").unlink()
    assert opened_id(folder) == "older"
    os.truncate(older / "manifest.json", 10)
    with pytest.raises(SnapshotDamaged) as told:
        open_snapshot(folder)
    assert told.value.file == folder / "catalog.db"


def test_a_swap_that_a_crash_interrupted_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "SWAP_WAIT_S", 0.0)
    folder = tmp_path / "snapshot"
    write_snapshot(previous(folder), id="before")
    assert not finish_swap(folder)
    assert opened_id(folder) == "before"
    write_snapshot(tmp_path / "snapshot.building", id="new")
    assert opened_id(folder) == "new"
    assert {one.name for one in tmp_path.iterdir()} == {"snapshot", "snapshot.previous"}
    # a build that has not come to its manifest is left alone
    write_snapshot(tmp_path / "snapshot.building", id="unfinished")
    (tmp_path / "snapshot.building" / "manifest.json").unlink()
    assert opened_id(folder) == "new"


def test_a_swap_that_is_under_way_is_waited_for(tmp_path: Path) -> None:
    folder = tmp_path / "snapshot"
    beside = write_snapshot(tmp_path / "snapshot.building", id="new")
    mover = threading.Timer(0.1, beside.rename, (folder,))
    mover.start()
    assert opened_id(folder) == "new"
    mover.join()


async def test_a_watcher_changes_to_a_new_one_while_readers_end_in_the_old_one(folder: Path) -> None:
    first = open_snapshot(folder, threads=1)
    current = Current(first)
    watcher = Watcher(folder, current, threads=1)
    stop = asyncio.Event()
    watching = asyncio.create_task(watcher.run(stop))
    with current.lease() as reader:
        folder.rename(previous(folder))
        write_snapshot(folder, id="new")
        await until(lambda: current.now.id == "new")
        # ranks that were found before still mean what they meant
        assert TRACKS[0].id.encode() in (await reader.tracks((1,)))[0]
        assert (await reader.search("track", "joga")).ranks == (1, 4)
    await until(lambda: not first._stores)
    with current.lease() as reader:
        assert reader.id == "new"
    stop.set()
    await watching
    await current.close()


async def test_a_watcher_passes_over_what_it_was_told_is_damaged(folder: Path, before: Path) -> None:
    current = Current(open_snapshot(folder, threads=1))
    watcher = Watcher(folder, current, threads=1)
    damaged = current.now
    why = SnapshotDamaged(folder / "catalog.db", "malformed")
    assert all(await asyncio.gather(*(watcher.distrust(damaged, why) for _ in range(3))))
    assert current.now.id == "before"
    assert not await watcher.distrust(current.now, why), "there is nothing before it"
    assert current.now.id == "before"
    await current.close()


async def test_the_checksums_of_a_large_one_are_taken_while_it_is_served(
    folder: Path, before: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "CHECKED_AT_ONCE", 0)
    flip(folder / "trigram.db", -1)
    current = Current(open_snapshot(folder, threads=1))
    assert current.now.id == "now"
    stop = asyncio.Event()
    watching = asyncio.create_task(Watcher(folder, current, threads=1).run(stop))
    await until(lambda: current.now.id == "before")
    stop.set()
    await watching
    await current.close()


async def test_a_swap_in_the_middle_of_opening_does_not_mix_two(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = write_snapshot(tmp_path / "beside", id="new", tracks=TRACKS[:1])
    look_at = opening._look_at

    def swap_then_look(backend: LocalBackend) -> None:
        monkeypatch.setattr(opening, "_look_at", look_at)
        folder.rename(previous(folder))
        beside.rename(folder)
        look_at(backend)

    monkeypatch.setattr(opening, "_look_at", swap_then_look)
    backend = open_snapshot(folder, threads=1)
    assert (backend.id, backend.store.counts().tracks) == ("new", 1)
    await backend.close()


async def test_many_rows_and_searches_go_to_threads_and_keep_their_time(folder: Path) -> None:
    backend = open_snapshot(folder, threads=2)
    here = threading.get_ident()
    ids = [one.id for one in TRACKS] * 20

    def where(store: Store) -> int:
        assert store is not backend.store
        return threading.get_ident()

    assert await backend.in_thread(where) != here
    assert await backend.ranks("track", ids) == [1, 2, 4, 3, 5] * 20
    assert len(await backend.tracks([1] * 100)) == 100
    found = await asyncio.gather(*(backend.search("track", "joga") for _ in range(50)))
    assert {one.ranks for one in found} == {(1, 4)}

    async def both(asked: Any) -> list[bytes]:
        return await asked.tracks([rank for rank in await asked.ranks("track", ids) if rank])  # type: ignore[no-any-return]

    assert await backend.together(5, both) == await backend.together(100, both)
    backend._read_deadline_s = 0.01
    answered = threading.Event()
    with pytest.raises(CatalogSlow):
        await backend.in_thread(lambda _: answered.wait(PATIENCE_S))
    answered.set()
    await backend.close()


async def test_a_snapshot_without_words_says_that_it_cannot_search(folder: Path) -> None:
    manifest = read_manifest(folder)
    parts = {"catalog.db": Part(manifest.parts["catalog.db"].bytes, _sum(folder / "catalog.db"))}
    write_manifest(folder, msgspec.structs.replace(manifest, parts=parts))
    backend = open_snapshot(folder, threads=1)
    with pytest.raises(NothingToSearch):
        await backend.search("track", "joga")
    await backend.close()


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
