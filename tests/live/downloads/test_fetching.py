"""A recording is fetched and proven, whatever the line and the archive do."""

from __future__ import annotations

import hashlib

import pytest

from segue.emulator import Emulator
from segue.emulator.archive import Archive
from tests.live.downloads.ground import House, show
from tests.waiting import until

pytestmark = pytest.mark.anyio
ITEM = "gd1977-05-08.test"


async def test_a_recording_that_is_wanted_is_here_whole_and_verified(house: House, archive: Archive) -> None:
    files = show()
    archive.add(ITEM, files)
    row = await house.fetch(ITEM)
    assert (row.state, row.verified, row.error) == ("done", "whole", None)
    assert house.on_disk(ITEM) == files
    kept = await house.files(row.id)
    assert {file.verified for file in kept.values()} == {"md5"}
    assert row.done_bytes == row.size_bytes == sum(map(len, files.values()))
    assert (row.done_count, row.file_count) == (6, 6)
    assert all(file.doubts is None for file in kept.values())
    assert kept["showt01.flac"].md5 == hashlib.md5(files["showt01.flac"]).hexdigest()


# The line


async def test_a_cut_download_goes_on_where_it_stopped(house: House, archive: Archive, emulator: Emulator) -> None:
    files = archive_of_one(archive, 900_000)
    emulator.world.faults.add("cut", route="file", bytes=300_000, times=2)
    row = await house.fetch(ITEM)
    assert row.state == "done" and house.on_disk(ITEM) == files
    ranges = [call.params.get("range") for call in emulator.world.calls.of("archive", "file")]
    assert ranges[0] is None and len(ranges) == 3
    starts = [int(str(one).removeprefix("bytes=").rstrip("-")) for one in ranges[1:]]
    assert starts == [300_000, 600_000], "not a byte that had come is asked for again"


async def test_a_server_that_ignores_ranges_has_the_file_begun_again(
    house: House, archive: Archive, emulator: Emulator
) -> None:
    files = archive_of_one(archive, 600_000)
    emulator.world.faults.add("cut", route="file", bytes=300_000, times=1)
    emulator.world.faults.add("ignore_range", route="file")
    row = await house.fetch(ITEM)
    assert row.state == "done" and house.on_disk(ITEM) == files


async def test_a_206_of_another_place_is_not_taken(house: House, archive: Archive, emulator: Emulator) -> None:
    files = archive_of_one(archive, 600_000)
    emulator.world.faults.add("cut", route="file", bytes=300_000, times=1)
    emulator.world.faults.add("wrong_range", route="file", times=1)
    row = await house.fetch(ITEM)
    assert row.state == "done" and house.on_disk(ITEM) == files


async def test_a_416_to_the_rest_of_a_file_has_it_begun_again(
    house: House, archive: Archive, emulator: Emulator
) -> None:
    files = archive_of_one(archive, 600_000)
    emulator.world.faults.add("cut", route="file", bytes=300_000, times=1)
    emulator.world.faults.add("no_range", route="file", times=1)
    row = await house.fetch(ITEM)
    assert row.state == "done" and house.on_disk(ITEM) == files


async def test_a_flipped_bit_is_noticed_and_the_file_fetched_again(
    house: House, archive: Archive, emulator: Emulator
) -> None:
    files = archive_of_one(archive, 100_000)
    emulator.world.faults.add("flip", route="file", times=2)
    row = await house.fetch(ITEM)
    assert row.state == "done" and house.on_disk(ITEM) == files


async def test_a_file_that_comes_wrong_every_time_is_kept_aside_and_failed_honestly(
    house: House, archive: Archive, emulator: Emulator
) -> None:
    archive_of_one(archive, 100_000)
    emulator.world.faults.add("flip", route="file")
    row = await house.fetch(ITEM)
    assert row.state == "failed" and row.error["code"] == "files_failed"
    assert row.error["params"]["first"]["code"] == "wrong_checksum"
    (file,) = (await house.files(row.id)).values()
    assert file.state == "failed" and file.error["params"]["claimed"] != file.error["params"]["came"]
    assert list(house.on_disk(ITEM)) == ["t1.flac.bad"], "nothing that is wrong has the file's name"
    assert len(emulator.world.calls.of("archive", "file")) == 3, "once, and twice more from zero"
    assert len(emulator.world.calls.of("archive", "metadata")) == 2, "and the archive was asked what it should be"


async def test_a_web_page_with_200_is_no_file(house: House, archive: Archive, emulator: Emulator) -> None:
    files = archive_of_one(archive, 100_000)
    emulator.world.faults.add("html", route="file", times=2)
    row = await house.fetch(ITEM)
    assert row.state == "done" and house.on_disk(ITEM) == files


async def test_a_web_page_that_stays_is_told_and_leaves_nothing_behind(
    house: House, archive: Archive, emulator: Emulator
) -> None:
    archive_of_one(archive, 100_000)
    emulator.world.faults.add("html", route="file")
    row = await house.fetch(ITEM)
    assert row.state == "failed" and row.error["params"]["first"]["code"] == "html"
    assert not any(name.endswith(".flac") for name in house.on_disk(ITEM))


@pytest.mark.parametrize("status", [503, 429])
async def test_a_busy_archive_is_waited_for_as_long_as_it_says(
    house: House, archive: Archive, emulator: Emulator, status: int
) -> None:
    files = archive_of_one(archive, 50_000)
    emulator.world.faults.add("status", route="file", status=status, retry_after_s=0.2, times=2)
    row = await house.fetch(ITEM)
    assert row.state == "done" and house.on_disk(ITEM) == files
    (file,) = (await house.files(row.id)).values()
    assert file.error is None and file.tries == 0, "a wait is no failure"


@pytest.mark.parametrize("kind", ["reset", "truncated", "lost"])
async def test_a_connection_that_breaks_is_made_again(
    house: House, archive: Archive, emulator: Emulator, kind: str
) -> None:
    files = archive_of_one(archive, 50_000)
    emulator.world.faults.add(kind, route="file", times=2)
    row = await house.fetch(ITEM)
    assert row.state == "done" and house.on_disk(ITEM) == files


async def test_names_with_signs_spaces_and_folders_come_as_they_are(house: House, archive: Archive) -> None:
    names = ("weird # 100% name?.flac", "disc 1/01 Añejo 🎷.flac", "disc 2/01 Añejo 🎷.flac")
    archive.add(ITEM, {name: show(1, 5_000, of=name)[f"{name}t01.flac"] for name in names})
    row = await house.fetch(ITEM)
    assert row.state == "done"
    assert set(house.on_disk(ITEM)) == {
        "weird # 100% name_.flac", "disc 1 - 01 Añejo 🎷.flac", "disc 2 - 01 Añejo 🎷.flac",
    }  # fmt: skip


# What the archive claims


async def test_more_bytes_than_claimed_are_never_written(house: House, archive: Archive, emulator: Emulator) -> None:
    archive_of_one(archive, 100_000)
    archive.claim(ITEM, "t1.flac", size="5000")
    row = await house.fetch(ITEM)
    assert row.state == "failed" and row.error["params"]["first"]["code"] == "wrong_size"
    assert all(len(data) <= 5000 for data in house.on_disk(ITEM).values())


async def test_a_5_gb_claim_for_a_small_file_is_said_to_be_wrong(house: House, archive: Archive) -> None:
    archive_of_one(archive, 50_000)
    archive.claim(ITEM, "t1.flac", size="5000000000")
    row = await house.fetch(ITEM)
    assert row.state == "failed"
    assert row.error["params"]["first"]["params"] == {"claimed": 5_000_000_000, "came": 50_000}


async def test_a_file_that_was_changed_meanwhile_is_fetched_as_it_is_now(
    house: House, archive: Archive, emulator: Emulator
) -> None:
    archive_of_one(archive, 600_000)
    emulator.world.faults.add("cut", route="file", bytes=300_000, times=1)
    number = await house.want(ITEM)
    house.chosen["kib_s"] = 400
    async with house.working():
        await came(house, number)
        archive.change(ITEM, "t1.flac")
        house.chosen["kib_s"] = 0
    await house.work(number)
    row = await house.row(number)
    assert row.state == "done" and row.verified == "whole"
    assert house.on_disk(ITEM)["t1.flac"] == archive.items[ITEM].files["t1.flac"].read()


async def test_an_item_that_is_withdrawn_meanwhile_is_blocked_with_its_reason(
    house: House, archive: Archive, emulator: Emulator
) -> None:
    archive_of_one(archive, 600_000)
    emulator.world.faults.add("cut", route="file", bytes=300_000, times=1)
    house.chosen["kib_s"] = 400
    number = await house.want(ITEM)
    async with house.working():
        await came(house, number)
        archive.darken(ITEM)
        house.chosen["kib_s"] = 0
    await house.work(number)
    row = await house.row(number)
    assert row.state == "blocked" and row.error["code"] == "dark"


async def test_an_item_that_vanishes_meanwhile_fails_honestly(
    house: House, archive: Archive, emulator: Emulator
) -> None:
    archive_of_one(archive, 600_000)
    emulator.world.faults.add("cut", route="file", bytes=300_000, times=1)
    house.chosen["kib_s"] = 400
    number = await house.want(ITEM)
    async with house.working():
        await came(house, number)
        archive.vanish(ITEM)
        house.chosen["kib_s"] = 0
    await house.work(number)
    row = await house.row(number)
    assert row.state == "failed" and row.error["params"]["first"]["code"] == "gone"
    assert house.on_disk(ITEM) == {}


async def test_what_is_no_item_is_said_at_once(house: House, archive: Archive) -> None:
    row = await house.fetch("nobody1999-01-01")
    assert row.state == "failed" and row.error["code"] == "no_such_item" and not row.error["retryable"]


def archive_of_one(archive: Archive, size: int) -> dict[str, bytes]:
    files = {"t1.flac": show(1, size)["showt01.flac"]}
    archive.add(ITEM, files)
    return files


async def came(house: House, number: int) -> None:
    """Wait until some of a download is here."""

    async def some() -> bool:
        return any(flow.came for flow in house.ground.under_way.flows.values())

    await until(some)
