"""Which catalogue the full server serves: named by the settings, changed while it runs, told when it cannot be opened."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from segue.catalog.metrics import catalog_metrics
from segue.catalog.service import CatalogService, NoCatalogue
from segue.catalog.snapshot.layout import CATALOG, MANIFEST
from segue.catalog.snapshot.manifest import SnapshotDamaged
from segue.core.errors import SegueError
from segue.settings import Settings, load_settings
from tests.catalog.tiny import TRACKS, write_snapshot
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.anyio


class Now:
    """Settings that a test changes."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.set()

    def set(self, **given: object) -> None:
        self.settings = load_settings({"data_dir": self.data, **given}, environ={})

    def __call__(self) -> Settings:
        return self.settings


@pytest.fixture
def now(tmp_path: Path) -> Now:
    return Now(tmp_path / "data")


@pytest.fixture
async def catalog(now: Now, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[CatalogService]:
    monkeypatch.setattr("segue.catalog.snapshot.opening.LOOKS_EVERY_S", 0.01)
    monkeypatch.setattr("segue.catalog.service.LOOK_EVERY_S", 0.01)
    service = CatalogService(now)
    yield service
    await service.close()


async def until(said: object) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not said():  # type: ignore[operator]
            await asyncio.sleep(0.01)


async def test_without_a_catalogue_nothing_is_wrong_and_asking_says_so(catalog: CatalogService) -> None:
    with pytest.raises(NoCatalogue):
        async with catalog.use():
            pass
    assert catalog.facts is None and catalog.problem is None
    assert (await catalog.check()).status == "ok"
    assert await catalog_metrics(catalog) == []


async def test_one_in_the_data_folder_is_served_without_any_setting(catalog: CatalogService, now: Now) -> None:
    write_snapshot(now.data / "catalog", id="one")
    async with catalog.use() as backend:
        assert await backend.ranks("track", [TRACKS[0].id]) == [1]
    assert catalog.facts is not None
    assert catalog.facts.counts.tracks == len(TRACKS)
    assert catalog.facts.size_bytes > 1000
    rows, size = await catalog_metrics(catalog)
    assert {sample.labels["kind"]: sample.value for sample in rows.samples}["tracks"] == len(TRACKS)
    assert size.samples[0].value == catalog.facts.size_bytes


async def test_another_setting_is_another_catalogue_and_no_request_is_dropped(
    catalog: CatalogService, now: Now, tmp_path: Path
) -> None:
    write_snapshot(now.data / "catalog", id="one")
    write_snapshot(tmp_path / "elsewhere", id="two", tracks=TRACKS[:2])
    told: list[str] = []

    async def changed(id: str) -> None:
        told.append(id)

    catalog.on_changed.append(changed)
    catalog.watch()
    async with catalog.use() as before:
        now.set(**{"catalog.snapshot": tmp_path / "elsewhere"})
        await until(lambda: told == ["one", "two"])
        async with catalog.use() as after:
            assert (before.id, after.id) == ("one", "two")
            assert len(await after.tracks([1, 2])) == 2
        assert len(await before.tracks([1, 2, 3, 4, 5])) == 5


async def test_a_new_snapshot_in_the_same_folder_is_picked_up(
    catalog: CatalogService, now: Now, tmp_path: Path
) -> None:
    folder = write_snapshot(now.data / "catalog", id="one")
    fresh = write_snapshot(tmp_path / "fresh", id="two")
    told: list[str] = []

    async def changed(id: str) -> None:
        told.append(id)

    catalog.on_changed.append(changed)
    catalog.watch()
    await until(lambda: told == ["one"])
    folder.rename(now.data / "catalog.previous")
    fresh.rename(folder)
    await until(lambda: told == ["one", "two"])


async def test_what_cannot_be_opened_is_told_and_the_one_before_is_served_on(
    catalog: CatalogService, now: Now, tmp_path: Path
) -> None:
    write_snapshot(now.data / "catalog", id="one")
    async with catalog.use() as backend:
        assert backend.id == "one"
    now.set(**{"catalog.snapshot": tmp_path / "nowhere"})
    await catalog.refresh()
    assert isinstance(catalog.problem, SegueError) and catalog.problem.code == "no_snapshot"
    found = await catalog.check()
    assert found.status == "degraded" and "nowhere" in (found.detail or "")
    async with catalog.use() as backend:
        assert backend.id == "one"
    write_snapshot(tmp_path / "nowhere", id="two")
    await catalog.refresh()
    assert catalog.problem is None and catalog.facts is not None and catalog.facts.manifest.id == "two"


async def test_a_damaged_one_gives_way_to_the_one_before_it(catalog: CatalogService, now: Now) -> None:
    write_snapshot(now.data / "catalog", id="two")
    shutil.copytree(write_snapshot(now.data / "first", id="one"), now.data / "catalog.previous")
    with (now.data / "catalog" / CATALOG).open("r+b") as file:
        file.truncate(100)
    async with catalog.use() as backend:
        assert backend.id == "one"
    assert (await catalog.check()).status == "degraded"


async def test_the_only_one_damaged_is_a_problem_that_names_the_file(catalog: CatalogService, now: Now) -> None:
    write_snapshot(now.data / "catalog", id="one")
    (now.data / "catalog" / MANIFEST).write_text("{")
    with pytest.raises(SnapshotDamaged, match=MANIFEST):
        async with catalog.use():
            pass


async def test_damage_found_while_it_is_served_brings_the_one_before(catalog: CatalogService, now: Now) -> None:
    write_snapshot(now.data / "catalog", id="two")
    shutil.copytree(write_snapshot(now.data / "first", id="one"), now.data / "catalog.previous")
    with pytest.raises(SnapshotDamaged):
        async with catalog.use() as backend:
            assert backend.id == "two"
            raise SnapshotDamaged(now.data / "catalog" / CATALOG, "a page is torn")
    await until(lambda: catalog.facts is not None and catalog.facts.manifest.id == "one")
