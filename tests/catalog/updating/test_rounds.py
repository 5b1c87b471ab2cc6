from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from segue.app import Segue
from segue.catalog.service import CatalogService
from segue.catalog.snapshot.manifest import read_manifest
from segue.catalog.synth.making import make
from segue.catalog.updating import fetching
from segue.catalog.updating.errors import NoSuchDump
from segue.catalog.updating.rounds import Round, Updated
from segue.catalog.updating.service import CatalogUpdating
from segue.catalog.updating.tasks import monthly, update_catalog
from segue.core.access import SYSTEM
from segue.core.outside.faults import ProviderBug, Transient
from segue.jobs import JobService, Registry
from segue.settings import Settings, load_settings
from tests.catalog.dumps import world, write_documents, write_tables
from tests.catalog.updating.site import Site, serving
from tests.jobs.ground import ended, in_state, jobs_database, until, working

RELEASE = """<release id="{0}"><title>T{0}</title>
<tracklist><track><position>1</position><title>x</title></track></tracklist></release>"""


@pytest.fixture(scope="module")
def dumps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("dumps")
    write_documents(folder / "json", world(), ["artist", "release", "label"])
    write_tables(folder / "tables", world())
    return {path.name: path.read_bytes() for path in (*folder.glob("json/*"), *folder.glob("tables/*"))}


@pytest.fixture
def site(dumps: dict[str, bytes]) -> Iterator[Site]:
    files = {f"/json/20261101-1/{name}": data for name, data in dumps.items() if name.endswith(".xz")}
    files |= {f"/tables/20261102-1/{name}": data for name, data in dumps.items() if name.endswith(".bz2")}
    files |= {"/json/LATEST": b"20261101-1\n", "/tables/LATEST": b"20261102-1\n"}
    with serving(Site(files)) as site:
        site.put_sums("/json/20261101-1")
        site.put_sums("/tables/20261102-1", "MD5SUMS", "md5")
        yield site


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(seconds: float) -> None:
        pass

    monkeypatch.setattr(
        fetching.Fetcher.__init__, "__kwdefaults__", fetching.Fetcher.__init__.__kwdefaults__ | {"sleep": at_once}
    )


def settings_for(tmp_path: Path, url: str | None, source: str = "musicbrainz", **given: Any) -> Settings:
    flags = {f"catalog.update.{name}": value for name, value in given.items()}
    flags |= {"data_dir": tmp_path, "catalog.update.source": source, "catalog.update.free_gb": 0}
    return load_settings(flags | ({"catalog.update.url": url} if url else {}), environ={})


async def updated(tmp_path: Path, site: Site, dumps: str = "json", again: bool = False, **given: Any) -> Updated:
    settings = settings_for(tmp_path, f"{site.url}/{dumps}", dumps=dumps, **given)
    return await Round(settings, tmp_path / "catalog").run(again=again)


@pytest.mark.anyio
@pytest.mark.parametrize("form", ["json", "tables"])
async def test_the_newest_dump_of_musicbrainz_is_fetched_and_built(site: Site, tmp_path: Path, form: str) -> None:
    done = await updated(tmp_path, site, form, derived=True)
    assert done.built is not None and done.version.startswith("2026110")
    assert done.built.counts.albums == 12
    assert read_manifest(tmp_path / "catalog").id == done.built.id
    assert sorted(path.name for path in tmp_path.iterdir()) == ["catalog", "catalog-dumps"]
    assert [path.name for path in (tmp_path / "catalog-dumps").iterdir()] == ["built.json"]


@pytest.mark.anyio
async def test_the_same_dump_is_not_built_twice_and_a_newer_one_is(site: Site, tmp_path: Path) -> None:
    first = await updated(tmp_path, site, keep_dumps=True)
    assert (await updated(tmp_path, site, keep_dumps=True)).built is None
    assert (await updated(tmp_path, site, keep_dumps=True, again=True)).built is not None
    assert len(site.of("/json/20261101-1/release.tar.xz")) == 1
    site.files["/json/LATEST"] = b"20261108-1\n"
    for path in list(site.files):
        if "20261101-1" in path:
            site.files[path.replace("20261101-1", "20261108-1")] = site.files[path]
    newer = await updated(tmp_path, site, keep_dumps=True)
    assert newer.built is not None and first.built is not None
    assert sorted(path.name for path in (tmp_path / "catalog-dumps").iterdir()) == [
        "built.json",
        "musicbrainz-20261108-1",
    ]


@pytest.mark.anyio
async def test_what_was_built_before_a_kill_at_the_very_end_is_not_built_again(site: Site, tmp_path: Path) -> None:
    first = await updated(tmp_path, site, keep_dumps=True)
    (tmp_path / "catalog-dumps" / "built.json").unlink()
    assert first.built is not None and (await updated(tmp_path, site)).built is None
    assert read_manifest(tmp_path / "catalog").id == first.built.id
    assert [path.name for path in (tmp_path / "catalog-dumps").iterdir()] == ["built.json"]


@pytest.mark.anyio
async def test_a_cut_connection_and_a_busy_server_only_take_longer(site: Site, tmp_path: Path) -> None:
    release = "/json/20261101-1/release.tar.xz"
    site.fail(release, ("cut", 1_000), ("status", 503, {"Retry-After": "1"}), ("cut", 500), None)
    site.fail("/json/LATEST", ("status", 503, {"Retry-After": "1"}))
    assert (await updated(tmp_path, site)).built is not None
    assert site.of(release)[-1]["range"] == "bytes=1500-"


@pytest.mark.anyio
async def test_a_place_that_has_no_dump_is_told(site: Site, tmp_path: Path) -> None:
    del site.files["/json/LATEST"]
    with pytest.raises(NoSuchDump, match="LATEST"):
        await updated(tmp_path, site)
    site.files["/json/LATEST"] = b"../../etc\n"
    with pytest.raises(ProviderBug):
        await updated(tmp_path, site)
    site.files["/json/LATEST"] = b"20261101-1"
    site.files["/json/20261101-1/SHA256SUMS"] = b"0" * 64 + b"  artist.tar.xz\n"
    with pytest.raises(NoSuchDump, match=r"release\.tar\.xz"):
        await updated(tmp_path, site)


@pytest.mark.anyio
async def test_nothing_is_fetched_while_outside_services_are_off(site: Site, tmp_path: Path) -> None:
    settings = load_settings(
        {
            "data_dir": tmp_path,
            "catalog.update.source": "musicbrainz",
            "catalog.update.url": site.url,
            "outside.enabled": False,
        },
        environ={},
    )
    with pytest.raises(Transient, match="switched off"):
        await Round(settings, tmp_path / "catalog").run()
    assert site.asked == []


@pytest.mark.anyio
async def test_discogs_is_the_last_month_that_has_a_dump(site: Site, tmp_path: Path) -> None:
    text = f"<releases>{RELEASE.format(1)}{RELEASE.format(2)}</releases>"
    site.files["/data/2026/discogs_20261201_releases.xml.gz"] = gzip.compress(text.encode())
    site.put_sums("/data/2026", "discogs_20261201_CHECKSUM.txt")
    settings = settings_for(tmp_path, f"{site.url}/data", "discogs")
    done = await Round(settings, tmp_path / "catalog", today=date(2027, 2, 3)).run()
    assert done.version == "20261201" and done.built is not None and done.built.counts.albums == 2
    assert [path for method, path, _ in site.asked][:2] == [
        "/data/2027/discogs_20270201_CHECKSUM.txt",
        "/data/2027/discogs_20270101_CHECKSUM.txt",
    ]
    with pytest.raises(NoSuchDump):
        await Round(settings, tmp_path / "catalog", today=date(2028, 2, 3)).run()


@pytest.mark.anyio
async def test_two_files_are_fetched_from_their_addresses_and_again_when_they_change(
    site: Site, tmp_path: Path, two_files: Callable[[], tuple[bytes, bytes]]
) -> None:
    main, tracks = two_files()
    site.files |= {"/m.sqlite3": main, "/t.sqlite3": tracks}
    settings = settings_for(tmp_path, None, "two-file", files=(f"{site.url}/m.sqlite3", f"{site.url}/t.sqlite3"))
    first = await Round(settings, tmp_path / "catalog").run()
    assert first.built is not None and first.built.counts.tracks == 200
    assert (await Round(settings, tmp_path / "catalog").run()).built is None
    assert len(site.of("/m.sqlite3")) == 1


@pytest.fixture(scope="session")
def two_files(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], tuple[bytes, bytes]]:
    def made() -> tuple[bytes, bytes]:
        folder = tmp_path_factory.mktemp("two")
        make(folder, 200)
        return (folder / "main_database.sqlite3").read_bytes(), (folder / "track_files.sqlite3").read_bytes()

    return made


# as background work


def services(settings: Settings) -> tuple[Registry, Callable[[type[Any]], Any]]:
    catalog = CatalogService(lambda: settings)

    async def current() -> Settings:
        return settings

    updating = CatalogUpdating(catalog, current)
    return Registry().add(update_catalog), {CatalogUpdating: updating}.__getitem__


@pytest.mark.anyio
async def test_as_a_job_it_says_how_far_it_is_and_what_came_of_it(site: Site, tmp_path: Path, db_url: str) -> None:
    settings = settings_for(tmp_path, f"{site.url}/json")
    registry, resolve = services(settings)
    async with jobs_database(db_url) as db:
        service = JobService(db, registry)
        async with working(db, registry, resolve=resolve):
            job = await ended(service, (await service.enqueue_now("catalog.update", {})).id)
        assert job.state == "done" and job.result is not None
        assert (job.result["version"], job.result["albums"]) == ("20261101-1", 12)


@pytest.mark.anyio
async def test_a_cancelled_job_keeps_what_it_fetched_for_the_next(
    site: Site, tmp_path: Path, db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for(tmp_path, f"{site.url}/json")
    registry, resolve = services(settings)
    release = "/json/20261101-1/release.tar.xz"
    site.fail(release, ("cut", 2_000), *[("status", 503, {"Retry-After": "2"})] * 400)

    async def a_little(seconds: float) -> None:
        await asyncio.sleep(0.02)

    kwargs = fetching.Fetcher.__init__.__kwdefaults__ | {"sleep": a_little}
    monkeypatch.setattr(fetching.Fetcher.__init__, "__kwdefaults__", kwargs)
    monkeypatch.setattr(fetching, "FAILURES", 10**6)
    async with jobs_database(db_url) as db:
        service = JobService(db, registry)
        async with working(db, registry, resolve=resolve):
            first = (await service.enqueue_now("catalog.update", {})).id
            await in_state(service, first, "running")
            while len(site.of(release)) < 3:
                await a_little(0)
            await service.cancel(SYSTEM, first)
            assert (await ended(service, first)).state == "cancelled"
            site.faults.clear()
            had = len(site.of(release))
            second = await ended(service, (await service.enqueue_now("catalog.update", {})).id)
        assert second.state == "done"
        assert site.of(release)[had]["range"] == "bytes=2000-"


@pytest.mark.anyio
async def test_without_a_source_a_job_does_nothing(tmp_path: Path, db_url: str) -> None:
    settings = load_settings({"data_dir": tmp_path}, environ={})
    registry, resolve = services(settings)
    async with jobs_database(db_url) as db:
        service = JobService(db, registry)
        async with working(db, registry, resolve=resolve):
            job = await ended(service, (await service.enqueue_now("catalog.update", {})).id)
    assert job.state == "done" and job.result == {"source": "none"}


def test_it_is_off_until_a_source_is_set(tmp_path: Path) -> None:
    assert not monthly(load_settings({"data_dir": tmp_path}, environ={})).enabled
    assert monthly(settings_for(tmp_path, None, "discogs")).enabled


@pytest.mark.anyio
async def test_setting_a_source_turns_the_schedule_on_while_segue_runs(tmp_path: Path) -> None:
    segue = Segue(load_settings({"data_dir": tmp_path}, environ={}))
    await segue.open()
    try:
        jobs = segue.services.get(JobService)

        async def enabled() -> bool:
            return next(one.enabled for one in await jobs.schedules() if one.name == "catalog.update")

        assert not await enabled()
        await segue.settings.patch({"catalog.update.source": "discogs"})
        await until(enabled)
        await segue.settings.patch({"catalog.update.source": "none"})
        await until(lambda: _not(enabled))
    finally:
        await segue.close()


async def _not(said: Callable[[], Awaitable[bool]]) -> bool:
    return not await said()
