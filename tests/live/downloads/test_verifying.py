"""What was verified once stays known, and what is damaged later is found and fetched again, alone."""

from __future__ import annotations

import os
from typing import Any

import pytest

from segue.emulator import Emulator
from segue.emulator.archive import Archive
from segue.jobs.repository import JobInfo
from tests.live.downloads.ground import ADMIN, ANNA, BOTH, House, show
from tests.waiting import until

pytestmark = pytest.mark.anyio
ITEM = "gd1977-05-08.test"


async def looked(house: House, number: int | None = None, **how: Any) -> dict[str, int]:
    """Ask for a look, work until nothing is left to do, and say what was found."""
    job = await house.downloads.request_verify(ADMIN, number, **how)
    ended: list[JobInfo] = []

    async def over() -> bool:
        ended[:] = [await house.jobs.get(ADMIN, job)]
        return not ended[0].active

    async with house.working():
        await until(over)
    assert ended[0].state == "done", ended[0].error
    await house.work()
    counts: dict[str, int] = (ended[0].result or {})["counts"]
    return counts


async def test_a_look_at_what_is_as_it_was_reads_nothing(house: House, archive: Archive) -> None:
    archive.add(ITEM, show())
    row = await house.fetch(ITEM)
    assert await looked(house, row.id) == {"looked": 6, "read": 0, "good": 6, "damaged": 0, "missing": 0}
    assert await looked(house, deep=True) == {"looked": 6, "read": 6, "good": 6, "damaged": 0, "missing": 0}
    assert await house.downloads.receipt_counts() == {"good": 6}


@BOTH
async def test_a_damaged_file_is_fetched_again_alone(house: House, archive: Archive, emulator: Emulator) -> None:
    files = show()
    archive.add(ITEM, files)
    row = await house.fetch(ITEM)
    path = house.path(ITEM, "showt02.flac")
    data = bytearray(path.read_bytes())
    data[1000] ^= 1
    path.write_bytes(data)
    emulator.world.calls.clear()
    counts = await looked(house)
    assert (counts["damaged"], counts["read"]) == (1, 1), "only what changed is read"
    assert len(emulator.world.calls.of("archive", "file")) == 1
    after = house.on_disk(ITEM)
    assert after.pop("showt02.flac.bad") == bytes(data) and after == files
    assert (await house.row(row.id)).state == "done"
    assert await house.downloads.receipt_counts() == {"good": 6}


async def test_bit_rot_that_leaves_size_and_time_is_found_by_a_deep_look(house: House, archive: Archive) -> None:
    files = show(1)
    archive.add(ITEM, files)
    await house.fetch(ITEM)
    path = house.path(ITEM, "showt01.flac")
    stat = path.stat()
    with path.open("r+b") as file:
        file.seek(500)
        file.write(b"\0\1\2\3")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert (await looked(house))["damaged"] == 0
    assert (await looked(house, deep=True))["damaged"] == 1
    assert path.read_bytes() == files["showt01.flac"]


@BOTH
async def test_a_file_that_is_gone_comes_back_unless_nothing_is_to_be_repaired(house: House, archive: Archive) -> None:
    files = show(2)
    archive.add(ITEM, files)
    row = await house.fetch(ITEM)
    house.path(ITEM, "showt01.flac").unlink()
    assert (await looked(house, row.id, repair=False))["missing"] == 1
    assert "showt01.flac" not in house.on_disk(ITEM)
    assert await house.downloads.receipt_counts() == {"good": 4, "missing": 1}
    assert (await looked(house, row.id))["missing"] == 1
    assert house.on_disk(ITEM) == files


async def test_nothing_is_fetched_where_a_whole_folder_is_gone_as_when_a_disk_is_not_mounted(
    house: House, archive: Archive, emulator: Emulator
) -> None:
    archive.add(ITEM, show(1))
    await house.fetch(ITEM)
    house.path(ITEM).rename(house.path("elsewhere"))
    emulator.world.calls.clear()
    assert (await looked(house))["missing"] == 4
    assert emulator.world.calls.of("archive", "file") == []
    house.path("elsewhere").rename(house.path(ITEM))
    assert (await looked(house))["good"] == 4


async def test_a_touched_file_is_read_once_and_known_again(house: House, archive: Archive) -> None:
    archive.add(ITEM, show(1))
    await house.fetch(ITEM)
    os.utime(house.path(ITEM, "showt01.flac"), (1, 1))
    assert (await looked(house))["read"] == 1
    assert (await looked(house))["read"] == 0


async def test_lists_of_the_uploader_that_say_otherwise_are_a_doubt_and_nothing_more(
    house: House, archive: Archive
) -> None:
    files = show(2)
    files["show.ffp"] = (
        b"showt01.flac:" + b"0" * 31 + b"1\r\nshowt02.flac:" + files["showt02.flac"][26:42].hex().encode()
    )
    files["show.md5"] = b"f" * 32 + b" *showt02.flac\r\n"
    archive.add(ITEM, files)
    row = await house.fetch(ITEM)
    kept = await house.files(row.id)
    assert (row.state, row.verified) == ("done", "whole")
    assert kept["showt01.flac"].doubts == [["fingerprint_differs", {"list": "show.ffp"}]]
    assert kept["showt02.flac"].doubts == [["checksum_differs", {"list": "show.md5"}]]


async def test_a_derivative_that_the_archive_made_anew_is_taken_and_said_to_be_unverified(
    house: House, archive: Archive, emulator: Emulator
) -> None:
    data = b"ID3\3" + bytes(20_000)
    item = archive.add(ITEM, {"t1.mp3": data})
    item.files["t1.mp3"].source = "derivative"
    archive.claim(ITEM, "t1.mp3", md5="0" * 32)
    house.chosen["kib_s"] = 20
    number = await house.want(ITEM, ANNA)
    async with house.working():

        async def begun() -> bool:
            return bool(house.ground.under_way.flows)

        await until(begun)
        archive.claim(ITEM, "t1.mp3", md5="1" * 32)
        house.chosen["kib_s"] = 0
        await house.work(number)
    row = await house.row(number)
    assert (row.state, row.verified) == ("done", "partly")
    assert (await house.files(number))["t1.mp3"].verified == "unverified"
    assert await house.downloads.receipt_counts() == {"unverified": 1}
    assert len(emulator.world.calls.of("archive", "file")) == 1
