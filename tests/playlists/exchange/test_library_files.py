"""Playlist files among the music become lists and stay in step with them, whoever changes which side."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from segue.core.access import SYSTEM, Actor
from segue.core.db import Database
from segue.core.storage import open_storage
from segue.jobs import JobService, Registry
from segue.library.fields.tracks import TRACK
from segue.library.finding import FindingService
from segue.library.found_lists import FoundLists
from segue.library.options import PlaylistFileOptions
from segue.library.scan import repository as scans
from segue.library.scan.walk import list_folder, walk
from segue.playlists.exchange import tasks
from segue.playlists.exchange.errors import FileChangedSince, FileNotInConflict, NeverWritten
from segue.playlists.exchange.exporting import PlaylistExportService
from segue.playlists.exchange.keeping import Keeping
from segue.playlists.exchange.library_files import FILES, LibraryFilesService
from segue.playlists.exchange.models import PlaylistSource
from segue.playlists.models import PlaylistRow
from segue.playlists.service import PlaylistService
from tests.jobs.ground import ended, working
from tests.library.finding.ground import Song, library_of
from tests.playlists.exchange.ground import House
from tests.rows import LibraryMemory

pytestmark = pytest.mark.anyio

SONGS = [
    Song("Roads", "Portishead", path="Portishead/Dummy/01 Roads.flac"),
    Song("Numb", "Portishead", path="Portishead/Dummy/02 Numb.flac"),
    Song("Angel", "Massive Attack", path="Massive Attack/Mezzanine/01 Angel.flac"),
]  # fmt: skip
LATE = "#EXTM3U\n../Portishead/Dummy/01 Roads.flac\n../Massive Attack/Mezzanine/01 Angel.flac\n"


@dataclass
class Ground:
    db: Database
    root: Path
    library: int
    tracks: list[int]
    anna: Actor
    playlists: PlaylistService
    files: LibraryFilesService
    jobs: JobService
    options: dict[str, Any]

    def put(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        later = path.stat().st_mtime_ns + 10**9 * (1 + len(list(self.root.rglob("*"))))
        os.utime(path, ns=(later, later))
        return path

    async def scan(self, *, below: str = "") -> None:
        """What a scan does with playlist files: it sees them, and their job runs."""
        lists: dict[bytes, tuple[int, int]] = {}
        start = below.encode()
        for found in walk(os.fsencode(self.root), (start,)):
            for entry in getattr(found, "lists", ()):
                lists[(found.path + b"/" if found.path else b"") + entry.name] = (entry.size, entry.mtime_ns)
        async with self.db.read() as conn:
            library = await scans.library(conn, self.library)
        await self.files.found(FoundLists(library, (start,), (), lists))
        async with working(
            self.db, Registry().add(tasks), resolve={LibraryFilesService: self.files}.__getitem__, service=self.jobs
        ):
            for job in (await self.jobs.page(SYSTEM, kinds=[FILES])).items:
                assert (await ended(self.jobs, job.id)).state == "done"

    async def sources(self) -> dict[str, Any]:
        async with self.db.read() as conn:
            return {row.display_path: row for row in await conn.execute(select(PlaylistSource.__table__))}

    async def lists(self) -> dict[str, int]:
        return {view.name: view.id for _, view in await self.playlists.playlists(self.anna)}

    async def rows(self, number: int) -> list[Any]:
        async with self.db.read() as conn:
            mine = select(PlaylistRow.__table__).where(PlaylistRow.playlist_id == number)
            return list((await conn.execute(mine.order_by(PlaylistRow.rank, PlaylistRow.id))).all())


@pytest.fixture
async def ground(db: Database, tmp_path: Path) -> Ground:
    root = tmp_path / "music"
    root.mkdir()
    library, tracks = await library_of(db, SONGS, root=str(root))
    anna = Actor(1, "anna", roles=frozenset({"admin"}), libraries=None)
    memory = LibraryMemory()
    playlists, keeping = PlaylistService(db, memory), Keeping(db, memory)
    playlists.people = keeping.people = House(anna)
    finding, jobs = FindingService(db), JobService(db, Registry().add(tasks))
    options: dict[str, Any] = {}

    async def chosen() -> dict[int, tuple[bytes, PlaylistFileOptions]]:
        return {library: (os.fsencode(root), PlaylistFileOptions.model_validate(options))}

    async def first() -> Actor | None:
        return anna

    exports = PlaylistExportService(db, playlists, finding, TRACK)
    storage = open_storage("", tmp_path / "data")
    files = LibraryFilesService(db, playlists, keeping, finding, jobs, storage, exports, TRACK, chosen, first)
    playlists.on_changed.append(files.list_changed)
    return Ground(db, root, library, tracks, anna, playlists, files, jobs, options)


async def test_a_playlist_file_becomes_a_list_of_what_it_names(ground: Ground) -> None:
    roads, _, angel = ground.tracks
    ground.put("Playlists/Late.m3u8", LATE)
    ground.put("Playlists/notes.txt", "x")
    await ground.scan()
    number = (await ground.lists())["Late"]
    rows = await ground.rows(number)
    assert [row.track_id for row in rows] == [roads, angel]
    assert {row.match_method for row in rows} == {"path"}
    view = await ground.playlists.view(ground.anna, number)
    assert (view.visibility, view.owner_id) == ("public", 1)
    await ground.scan()
    assert await ground.lists() == {"Late": number}


async def test_a_list_follows_its_file_as_long_as_nobody_changed_it_here(ground: Ground) -> None:
    roads, numb, angel = ground.tracks
    ground.put("Late.m3u", LATE.replace("../", ""))
    await ground.scan()
    number = (await ground.lists())["Late"]
    first = await ground.rows(number)
    ground.put("Late.m3u", "#EXTM3U\nMassive Attack/Mezzanine/01 Angel.flac\nPortishead/Dummy/02 Numb.flac\n")
    await ground.scan()
    rows = await ground.rows(number)
    assert [row.track_id for row in rows] == [angel, numb]
    assert rows[0].id == first[1].id
    await ground.playlists.add_tracks(ground.anna, number, [roads])
    ground.put("Late.m3u", "#EXTM3U\nPortishead/Dummy/01 Roads.flac\n")
    await ground.scan()
    assert len(await ground.rows(number)) == 3
    source = (await ground.sources())["Late.m3u"]
    assert source.state == "conflict"
    await ground.files.settle(ground.anna, source.id, "file")
    assert [row.track_id for row in await ground.rows(number)] == [roads, roads]
    assert (await ground.sources())["Late.m3u"].state == "in_step"
    with pytest.raises(FileNotInConflict):
        await ground.files.settle(ground.anna, source.id, "list")


async def test_a_list_that_holds_against_its_file_is_left_alone_until_the_file_changes_again(ground: Ground) -> None:
    ground.put("Late.m3u", "Portishead/Dummy/01 Roads.flac\n")
    await ground.scan()
    number = (await ground.lists())["Late"]
    await ground.playlists.add_tracks(ground.anna, number, [ground.tracks[1]])
    ground.put("Late.m3u", "Massive Attack/Mezzanine/01 Angel.flac\n")
    await ground.scan()
    source = (await ground.sources())["Late.m3u"]
    await ground.files.settle(ground.anna, source.id, "list")
    await ground.scan()
    assert [row.track_id for row in await ground.rows(number)] == ground.tracks[:2]
    assert (await ground.sources())["Late.m3u"].state == "in_step"
    assert (ground.root / "Late.m3u").read_text() == "Massive Attack/Mezzanine/01 Angel.flac\n"


async def test_a_deleted_list_is_not_made_again_and_a_file_that_is_gone_takes_no_list_with_it(ground: Ground) -> None:
    first, second = ground.put("A.m3u", "Portishead/Dummy/01 Roads.flac\n"), ground.put("sub/B.m3u", "x.mp3\n")
    await ground.scan()
    lists = await ground.lists()
    await ground.playlists.delete(ground.anna, lists["A"])
    ground.put("A.m3u", "Portishead/Dummy/02 Numb.flac\n")
    second.unlink()
    await ground.scan()
    assert list(await ground.lists()) == ["B"]
    states = {path: row.state for path, row in (await ground.sources()).items()}
    assert states == {"A.m3u": "dropped", "sub/B.m3u": "gone"}
    await ground.files.settle(ground.anna, (await ground.sources())["A.m3u"].id, "file")
    assert sorted(await ground.lists()) == ["A", "B"]
    first.unlink()
    await ground.scan(below="sub")
    assert (await ground.sources())["A.m3u"].state == "in_step"


async def test_what_cannot_be_read_is_told_and_not_tried_again_until_it_changes(ground: Ground) -> None:
    (ground.root / "big.m3u").touch()
    os.truncate(ground.root / "big.m3u", 2 * 2**30)
    ground.put("bad.nsp", "{nonsense")
    await ground.scan()
    sources = await ground.sources()
    assert (sources["big.m3u"].state, sources["big.m3u"].doubts[0][0]) == ("refused", "file_too_large")
    assert sources["bad.nsp"].doubts
    assert "big" not in await ground.lists()


async def test_a_list_is_written_back_into_its_file_where_that_is_wanted(ground: Ground) -> None:
    roads, numb, angel = ground.tracks
    path = ground.put("Playlists/Late.m3u8", LATE + "#EXTINF:9,Nobody - Unheard\nnowhere.mp3\n")
    path.chmod(0o640)
    await ground.scan()
    number = (await ground.lists())["Late"]
    await ground.playlists.add_tracks(ground.anna, number, [numb])
    source = (await ground.sources())["Playlists/Late.m3u8"]
    before = path.read_bytes()
    assert await ground.files.write_back(source.id) == "unwanted"
    assert path.read_bytes() == before
    ground.options["write_back"] = True
    assert await ground.files.write_back(source.id) == "written"
    text = path.read_text("utf-8")
    locations = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert locations == [
        "../Portishead/Dummy/01 Roads.flac", "../Massive Attack/Mezzanine/01 Angel.flac", "nowhere.mp3",
        "../Portishead/Dummy/02 Numb.flac",
    ]  # fmt: skip
    assert path.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in path.parent.iterdir()] == ["Late.m3u8"]
    assert await ground.files._storage.get(f"playlists/before/{source.id}") == before
    await ground.scan()
    assert [row.track_id for row in await ground.rows(number)] == [roads, angel, None, numb]
    assert await ground.files.write_back(source.id) == "alike"
    await ground.playlists.remove_rows(ground.anna, number, [(await ground.rows(number))[0].id])
    ground.put("Playlists/Late.m3u8", "#EXTM3U\n")
    assert await ground.files.write_back(source.id) == "conflict"
    assert path.read_text() == "#EXTM3U\n"


async def test_a_file_that_was_replaced_comes_back_and_its_list_stays_as_it_is(ground: Ground) -> None:
    roads, numb, _ = ground.tracks
    path = ground.put("Late.m3u8", "#EXTM3U\nPortishead/Dummy/01 Roads.flac\nnowhere.mp3\n")
    await ground.scan()
    number, source = (await ground.lists())["Late"], (await ground.sources())["Late.m3u8"]
    with pytest.raises(NeverWritten):
        await ground.files.restore(ground.anna, source.id)
    before = path.read_bytes()
    ground.options["write_back"] = True
    await ground.playlists.add_tracks(ground.anna, number, [numb])
    assert await ground.files.write_back(source.id) == "written"
    written = path.read_bytes()
    await ground.files.restore(ground.anna, source.id)
    assert path.read_bytes() == before
    assert await ground.files.write_back(source.id) == "alike"
    await ground.scan()
    assert [row.track_id for row in await ground.rows(number)] == [roads, None, numb]
    assert (await ground.sources())["Late.m3u8"].state == "in_step"
    await ground.files.restore(ground.anna, source.id)
    assert path.read_bytes() == written, "what was there is kept in turn"
    path.write_text("#EXTM3U\n# changed by another program\n")
    with pytest.raises(FileChangedSince):
        await ground.files.restore(ground.anna, source.id)
    assert "another program" in path.read_text()


async def test_a_changed_list_asks_for_its_file_to_be_written_once_for_many_changes(ground: Ground) -> None:
    ground.put("Late.m3u", "Portishead/Dummy/01 Roads.flac\n")
    await ground.scan()
    number = (await ground.lists())["Late"]
    for _ in range(3):
        await ground.playlists.add_tracks(ground.anna, number, [ground.tracks[1]])
    found = (await ground.jobs.page(SYSTEM, kinds=["playlists.write_back"])).items
    assert len(found) == 1


def test_a_scan_sees_playlists_without_taking_them_for_a_change_of_the_music(tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_bytes(b"x")
    before, _ = list_folder(os.fsencode(tmp_path), b"")
    (tmp_path / "List.M3U8").write_bytes(b"a.mp3\n")
    after, _ = list_folder(os.fsencode(tmp_path), b"")
    assert [entry.name for entry in after.lists] == [b"List.M3U8"]
    assert before.fingerprint == after.fingerprint
