from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from segue.catalog.updating import fetching
from segue.catalog.updating.errors import NoRoomForDump, NoSuchDump, WrongChecksum
from segue.catalog.updating.fetching import Fetcher, Wanted
from segue.core.outside.faults import ProviderBug, Throttled, Transient
from tests.catalog.updating.site import Site, serving

DATA = random.Random(1).randbytes(300_000)
SUM = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site({"/big.bin": DATA})) as site:
        yield site


class Slept(list[float]):
    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


async def fetched(site: Site, folder: Path, checksum: str = SUM, **options: Any) -> bytes:
    options.setdefault("sleep", Slept())
    async with Fetcher("The site", **options) as fetcher:
        path = await fetcher.fetch(Wanted("big.bin", f"{site.url}/big.bin", checksum), folder)
    assert sorted(one.name for one in folder.iterdir()) == ["big.bin"]
    return path.read_bytes()


@pytest.mark.anyio
async def test_a_file_arrives_whole_and_is_not_fetched_twice(site: Site, tmp_path: Path) -> None:
    assert await fetched(site, tmp_path) == DATA
    assert await fetched(site, tmp_path) == DATA
    assert len(site.of("/big.bin")) == 1
    assert site.of("/big.bin")[0]["user-agent"].startswith("Segue/")


@pytest.mark.anyio
async def test_a_cut_connection_goes_on_where_it_was(site: Site, tmp_path: Path) -> None:
    site.fail("/big.bin", ("cut", 100_000), ("cut", 50_000), ("cut", 0))
    assert await fetched(site, tmp_path) == DATA
    assert [headers.get("range") for headers in site.of("/big.bin")] == [
        None, "bytes=100000-", "bytes=150000-", "bytes=150000-",
    ]  # fmt: skip
    assert all("if-range" in headers for headers in site.of("/big.bin")[1:])


@pytest.mark.anyio
async def test_a_part_from_before_is_used(site: Site, tmp_path: Path) -> None:
    (tmp_path / "big.bin.part").write_bytes(DATA[:200_000])
    (tmp_path / "big.bin.part.version").write_text(f'"{hashlib.md5(DATA).hexdigest()}"')
    assert await fetched(site, tmp_path) == DATA
    assert site.of("/big.bin")[0]["range"] == "bytes=200000-"


@pytest.mark.anyio
async def test_a_part_of_another_version_is_thrown_away(site: Site, tmp_path: Path) -> None:
    (tmp_path / "big.bin.part").write_bytes(b"old" * 50_000)
    (tmp_path / "big.bin.part.version").write_text('"old"')
    assert await fetched(site, tmp_path) == DATA
    assert len(site.of("/big.bin")) == 1


@pytest.mark.anyio
async def test_a_server_without_ranges_is_asked_for_everything(site: Site, tmp_path: Path) -> None:
    site.ranges = False
    site.fail("/big.bin", ("cut", 100_000))
    assert await fetched(site, tmp_path) == DATA


@pytest.mark.anyio
async def test_a_part_that_is_the_whole_file_needs_no_more(site: Site, tmp_path: Path) -> None:
    (tmp_path / "big.bin.part").write_bytes(DATA)
    assert await fetched(site, tmp_path) == DATA
    (tmp_path / "big.bin").rename(tmp_path / "big.bin.part")
    with (tmp_path / "big.bin.part").open("ab") as file:
        file.write(b"too much")
    assert await fetched(site, tmp_path) == DATA


@pytest.mark.anyio
async def test_a_wrong_checksum_is_fetched_once_more_and_then_refused(site: Site, tmp_path: Path) -> None:
    site.fail("/big.bin", ("bytes", b"x" + DATA[1:]))
    assert await fetched(site, tmp_path) == DATA
    (tmp_path / "big.bin").unlink()
    site.fail("/big.bin", ("bytes", b"x" + DATA[1:]), ("bytes", b"y" + DATA[1:]))
    with pytest.raises(WrongChecksum):
        await fetched(site, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.anyio
@pytest.mark.parametrize("kind", ["md5", "sha1", "sha512"])
async def test_checksums_of_other_kinds_count_too(site: Site, tmp_path: Path, kind: str) -> None:
    assert await fetched(site, tmp_path, hashlib.new(kind, DATA).hexdigest().upper()) == DATA


@pytest.mark.anyio
async def test_a_busy_server_is_left_alone_as_long_as_it_says(site: Site, tmp_path: Path) -> None:
    slept = Slept()
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    site.fail("/big.bin", ("status", 503, {"Retry-After": "7"}), ("status", 429, {"Retry-After": date}))
    assert await fetched(site, tmp_path, sleep=slept) == DATA
    assert slept[0] == 7 and 80 < slept[1] <= 100


@pytest.mark.anyio
async def test_a_long_wait_is_for_another_time(site: Site, tmp_path: Path) -> None:
    site.fail("/big.bin", ("status", 503, {"Retry-After": "7200"}))
    with pytest.raises(Throttled) as raised:
        await fetched(site, tmp_path)
    assert timedelta(hours=1) < raised.value.retry_at - datetime.now(UTC) <= timedelta(hours=2)


@pytest.mark.anyio
async def test_a_server_that_stays_broken_is_told_after_some_attempts(site: Site, tmp_path: Path) -> None:
    site.fail("/big.bin", ("cut", 1_000), *[("status", 500, {})] * 20)
    slept = Slept()
    with pytest.raises(Transient):
        await fetched(site, tmp_path, sleep=slept)
    assert len(site.of("/big.bin")) == 1 + fetching.FAILURES - 1
    assert (tmp_path / "big.bin.part").stat().st_size == 1_000


@pytest.mark.anyio
async def test_what_is_not_there_is_told(site: Site, tmp_path: Path) -> None:
    async with Fetcher("The site", sleep=Slept()) as fetcher:
        with pytest.raises(NoSuchDump, match=r"no\.bin"):
            await fetcher.fetch(Wanted("no.bin", f"{site.url}/no.bin"), tmp_path)
        assert await fetcher.text(f"{site.url}/no.txt") is None
        site.fail("/big.bin", ("status", 403, {}))
        with pytest.raises(ProviderBug):
            await fetcher.fetch(Wanted("big.bin", f"{site.url}/big.bin"), tmp_path)


@pytest.mark.anyio
async def test_a_disk_that_would_be_too_full_is_told_before(site: Site, tmp_path: Path) -> None:
    with pytest.raises(NoRoomForDump):
        await fetched(site, tmp_path, floor=1 << 60)
    assert not (tmp_path / "big.bin").exists()


@pytest.mark.anyio
async def test_what_came_before_a_stop_stays(site: Site, tmp_path: Path) -> None:
    class Stopped(BaseException):
        pass

    def told(done: int, total: int, what: str) -> None:
        if done >= 100_000:
            raise Stopped

    with pytest.raises(Stopped):
        await fetched(site, tmp_path, told=told)
    had = (tmp_path / "big.bin.part").stat().st_size
    assert 100_000 <= had < len(DATA)
    assert await fetched(site, tmp_path) == DATA
    assert site.of("/big.bin")[1]["range"] == f"bytes={had}-"
