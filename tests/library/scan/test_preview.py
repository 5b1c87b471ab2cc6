"""What a preview says is what the scan then does; and a preview itself does nothing."""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import select

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Base, Database
from segue.library.models import Album, Track
from segue.library.overrides.grouping import load
from segue.library.preview import tasks as preview_tasks
from segue.library.preview.compare import regrouped
from segue.library.preview.models import ScanPreview, ScanPreviewChange
from segue.library.preview.recorder import TOLD
from segue.library.preview.report import Report
from segue.library.preview.service import Preview, PreviewNotFound, PreviewService, TryFolder, TryRules
from segue.library.preview.trying import Trial, TriedScan, regroup
from segue.library.scan import repository
from segue.library.scan.control import Alone
from segue.library.scan.errors import UnknownRule
from segue.library.scan.repository import Wanted
from segue.library.scan.service import ScanService
from segue.settings import Settings
from tests.jobs.ground import ended, until, working
from tests.library.scan.ground import House, Place, house
from tests.library.scan.recount import differences

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(900)]
ANN = Actor(1, "Ann", frozenset({"admin"}), libraries=None)
LONG = 20 if os.environ.get("SEGUE_TEST_LONG") == "1" else 1
RELEASES = ("6f3ac2fd-8c8c-4ee6-8a2e-1a0d5b1cde01", "7a3ac2fd-8c8c-4ee6-8a2e-1a0d5b1cde02")


@pytest.fixture
async def home(db: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with house(db, tmp_path) as found:
        yield found
        assert await differences(db) == []


async def preview(home: House, **wanted: Any) -> Report:
    report = Report()
    async with home.db.read() as conn:
        library = await repository.library(conn, home.library_id)
    asked = Wanted((), wanted.get("full", False), wanted.get("accept_missing", False), wanted.get("folders"))
    await TriedScan(home.ground, library, asked, Alone(), utc_now(), report).run()
    report.finish()
    return report


async def everything(db: Database) -> dict[str, list[Any]]:
    """Every row of every table."""
    async with db.read() as conn:
        return {
            table.fullname: sorted(map(tuple, (await conn.execute(select(table))).all()), key=repr)
            for table in Base.metadata.sorted_tables
        }


async def moment(home: House) -> tuple[dict[int, int], dict[int, Any], set[int]]:
    """Tracks and their albums, albums, and the albums of which something is present."""
    tracks = {row.id: row.album_id for row in await home.rows(Track)}
    albums = {row.id: row for row in await home.rows(Album)}
    return tracks, albums, {number for number, row in albums.items() if row.missing_since is None}


def told(parts: list[dict[str, Any]]) -> Counter[str]:
    """(album, tracks) of what a report says an album came to."""
    found: Counter[str] = Counter()
    for part in parts:
        found[part["album"]["id"] or "new"] += part["tracks"]
    return found


async def compare(home: House, **wanted: Any) -> Counter[str]:
    """Preview, scan, and hold what was said against what was done; returns how much of each kind there was."""
    report = await preview(home, **wanted)
    tracks, albums, present = await moment(home)
    result = await home.scan(**wanted)
    now_tracks, now_albums, now_present = await moment(home)
    assert (report.stopped is not None) == (result.state == "stopped")
    changes = regrouped(tracks, now_tracks, albums)

    def name(album: int) -> str:
        return f"al-{album}" if album in albums else "new"

    def counted(sides: dict[int, list[int]]) -> Counter[str]:
        found: Counter[str] = Counter()
        for album, some in sides.items():
            found[name(album)] += len(some)
        return found

    said = report.examples
    assert {row["album"]["id"]: told(row["into"]) for row in said["split"]} == {
        name(album): counted(into) for album, into in changes.splits.items()
    }
    assert sorted((row["album"]["id"] or "new", sorted(told(row["from"]).items())) for row in said["merged"]) == sorted(
        (name(album), sorted(counted(out_of).items())) for album, out_of in changes.merges.items()
    )
    assert sorted(
        (row["album"]["title"], row["album"]["tracks"], row["album"]["reason"]["code"]) for row in said["added"]
    ) == sorted(
        (now_albums[album].title, now_albums[album].track_count, now_albums[album].rule) for album in changes.added
    )
    assert {row["album"]["id"] for row in said["lost"]} == {
        name(album) for album in present - now_present if album in now_albums
    }
    assert {row["album"]["id"] for row in said["ended"]} == {name(album) for album in albums if album not in now_albums}
    differing = {}
    for number, row in now_albums.items():
        old = albums.get(number)
        fields = {} if old is None else {column for column in TOLD if getattr(old, column) != getattr(row, column)}
        if old is not None and (old.rule, old.rule_params) != (row.rule, row.rule_params):
            fields = {*fields, "reason"}
        if fields and not (number in present and number not in now_present):
            differing[name(number)] = fields
    assert {row["album"]["id"]: set(row["fields"]) for row in said["album_changed"]} == differing
    assert report.counts["missing"] == (result.missing if result.state == "done" else 0)
    assert report.counts["new"] == len(now_tracks.keys() - tracks.keys())
    return report.counts


class Gardener:
    """Makes, moves, retags and removes files at random."""

    def __init__(self, home: House, chance: random.Random) -> None:
        self.home, self.chance, self.made = home, chance, 0
        self.songs: dict[Path, dict[str, Any]] = {}

    def tags(self) -> dict[str, Any]:
        pick = self.chance.choice
        given = {
            "artist": pick(["Ann", "Bob", "Ann feat. Bob"]), "album": pick(["One", "One", "Two", "Two (Disc 2)", None]),
            "albumartist": pick(["Ann", "Bob", "Ann & Bob", None, None]), "tracknumber": str(pick([1, 2, 3, 4])),
            "musicbrainz_albumid": pick([None, None, None, None, *RELEASES]), "date": pick(["1977", "2001", None]),
            "compilation": pick([None, None, "1"]),
        }  # fmt: skip
        return {name: value for name, value in given.items() if value is not None}

    def folder(self) -> str:
        return self.chance.choice(["A", "B", "Box/CD1", "Box/CD2", "C/D", "E"])

    def write(self, path: Path, tags: dict[str, Any]) -> None:
        self.home.song(str(path.relative_to(self.home.music)), **tags)
        self.songs[path] = tags

    def add(self) -> None:
        self.made += 1
        path = self.home.music / self.folder() / f"{self.made}.flac"
        self.write(path, {"title": f"Song {self.made}", "seed": self.made, **self.tags()})

    def retag(self) -> None:
        for path in self.some(3):
            kept = {name: self.songs[path][name] for name in ("title", "seed")}
            self.write(path, {**kept, **self.tags()})

    def move(self) -> None:
        for path in self.some(3):
            target = self.home.music / self.folder() / path.name
            if target != path:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(path, target)
                self.songs[target] = self.songs.pop(path)

    def remove(self) -> None:
        for path in self.some(2):
            path.unlink()
            del self.songs[path]

    def move_folder(self) -> None:
        old, new = self.home.music / self.folder(), self.home.music / f"New {self.made}"
        if old.exists() and not new.exists():
            shutil.move(old, new)
            for path in [path for path in self.songs if path.is_relative_to(old)]:
                self.songs[new / path.relative_to(old)] = self.songs.pop(path)

    def some(self, most: int) -> list[Path]:
        return self.chance.sample(sorted(self.songs), min(len(self.songs), self.chance.randint(1, most)))

    def work(self) -> None:
        for _ in range(self.chance.randint(1, 4)):
            self.chance.choice(
                [self.add, self.add, self.add, self.retag, self.retag, self.move, self.remove, self.move_folder]
            )()


@pytest.mark.parametrize("seed", range(6 * LONG))
async def test_what_a_preview_says_is_what_the_scan_then_does(home: House, seed: int) -> None:
    gardener = Gardener(home, random.Random(f"garden {seed}"))
    for _ in range(8):
        gardener.add()
    seen: Counter[str] = Counter()
    for _ in range(12):
        seen += await compare(home, accept_missing=True)
        gardener.work()
    assert {"new", "added", "split", "merged"} <= seen.keys()


async def test_a_preview_changes_nothing_at_all(home: House) -> None:
    gardener = Gardener(home, random.Random("still"))
    for _ in range(10):
        gardener.add()
    home.song("A/cover.flac", cover=b"", title="x", album="X")
    before = await everything(home.db)
    stored = sorted(path for path in Path(home.ground.spool).parent.rglob("*") if "music" not in path.parts)
    await preview(home)
    assert await everything(home.db) == before
    await home.scan()
    gardener.work()
    before = await everything(home.db)
    await preview(home)
    assert await everything(home.db) == before
    assert stored


async def test_a_preview_says_where_the_guard_would_stop(home: House) -> None:
    for n in range(12):
        home.song(f"A/{n}.flac", title=f"t{n}", album="One", artist="Ann")
    await home.scan()
    for n in range(8):
        (home.music / f"A/{n}.flac").unlink()
    report = await preview(home)
    assert report.stopped
    assert report.stopped["code"] == "too_many_missing"
    await compare(home)


async def test_a_preview_says_from_where_files_moved_and_why_they_are_the_same(home: House) -> None:
    home.song("A/1.flac", title="Song", album="One", artist="Ann", seed=7)
    home.song("A/2.flac", title="Other", album="One", artist="Ann", seed=8)
    await home.scan()
    (home.music / "B").mkdir()
    (home.music / "A/1.flac").rename(home.music / "B/new name.flac")
    report = await preview(home)
    (moved,) = report.examples["moved"]
    assert (moved["path"], moved["from"]) == ("B/new name.flac", "A/1.flac")
    assert moved["reason"]["sentence"]
    assert report.counts["changed"] == 0
    (split,) = report.examples["split"]
    assert [part["paths"] for part in split["into"]] == [["B/new name.flac"], []]


async def test_other_rules_are_tried_on_what_is_stored(home: House) -> None:
    for n, release in enumerate((RELEASES[0], RELEASES[1]), 1):
        home.song(
            f"A/{n}.flac", title=f"t{n}", album="One", artist="Ann", albumartist="Ann", tracknumber=str(n * 3),
            musicbrainz_albumid=release,
        )  # fmt: skip
    await home.scan()
    for path in home.music.rglob("*.flac"):
        path.unlink()
    async with home.db.read() as conn:
        library = await repository.library(conn, home.library_id)
        grouping = await load(conn, home.library_id, ["folder_album_artist"])
    report = Report()
    assert await regroup(home.db, library, Trial(grouping), Alone(), report) == 2
    report.finish()
    (merged,) = report.examples["merged"]
    assert merged["album"]["reason"]["code"] == "folder_album_artist"
    assert [part["tracks"] for part in merged["from"]] == [1, 1]
    assert report.counts["merged"] == report.counts["ended"] == 1


class Previewing(NamedTuple):
    """A preview service with its scans, and a worker for both."""

    place: Place
    previews: PreviewService

    async def answer(self, **wanted: Any) -> Preview:
        asked = await self.previews.ask(ANN, await self.library(), **wanted)
        jobs = self.place.jobs
        services = {ScanService: self.place.scans, PreviewService: self.previews}
        async with working(self.place.db, jobs.registry, resolve=services.__getitem__, service=jobs):
            await ended(jobs, asked.job or 0)
        return await self.previews.get(asked.id)

    async def library(self) -> int:
        async with self.place.db.read() as conn:
            return int((await repository.libraries(conn))[0].id)


@pytest.fixture
async def previewing(place: Place, tmp_path: Path) -> Previewing:
    place.jobs.registry.add(preview_tasks)
    settings = Settings(data_dir=tmp_path / "data")
    return Previewing(place, PreviewService(place.db, place.jobs, place.scans, settings))


async def test_a_preview_is_a_job_whose_answer_is_paged_and_expires(
    previewing: Previewing, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, previews = previewing
    await place.scans.add_library(str(place.music))
    async with place.worker():
        await until(place.idle)
    for n in range(5):
        place.song(f"s{'x' * n}.flac", title=f"t{n}", album="One", artist="Ann")
    found = await previewing.answer()
    assert (found.state, found.counts["new"], found.counts["added"], found.files) == ("done", 5, 1, 5)
    first, following, total = await previews.changes(found.id, "new", limit=3)
    rest, end, _ = await previews.changes(found.id, "new", following if following is not None else -1, limit=3)
    assert (len(first), len(rest), end, total) == (3, 2, None, 5)
    later = utc_now() + timedelta(days=2)
    monkeypatch.setattr("segue.library.preview.service.utc_now", lambda: later)
    with pytest.raises(PreviewNotFound):
        await previews.get(found.id)
    await previewing.answer()
    async with place.db.read() as conn:
        assert [row.id for row in await conn.execute(select(ScanPreview.id))] != [found.id]
        left = set(await conn.scalars(select(ScanPreviewChange.preview_id)))
    assert found.id not in left


async def test_a_decision_about_a_folder_and_other_tag_rules_are_tried(previewing: Previewing) -> None:
    place, previews = previewing
    for n, name in enumerate(("Ann; Bob", "Ann")):
        (place.music / f"d{n}").mkdir()
        place.song(f"d{n}/{n}.flac", title=f"t{n}", album=f"Album {n}", artist=name, albumartist=name)
    await place.scans.add_library(str(place.music))
    async with place.worker():
        await until(place.idle)
    async with place.db.read() as conn:
        (root,) = [row.id async for row in repository.folders(conn, await previewing.library()) if row.path == b""]
    tried = await previewing.answer(rules=TryRules(folders=[TryFolder(root, "one_album")]))
    assert (tried.counts["merged"], tried.counts["ended"], tried.counts["new"]) == (1, 1, 0)
    tried = await previewing.answer(rules=TryRules(tag_rules=""))
    assert tried.counts["changed"] == 0
    with pytest.raises(UnknownRule):
        await previews.ask(ANN, await previewing.library(), rules=TryRules(grouping_rules=["nonsense"]))
