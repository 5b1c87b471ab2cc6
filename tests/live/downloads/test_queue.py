"""What people steer: pause, go on, cancel, order, quotas, hours, and what happens when the worker is gone."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from segue.core.db import Database
from segue.emulator import Emulator
from segue.emulator.archive import Archive
from segue.live.downloads.errors import BadIdentifier, DownloadNotFound, NotAllowedToDownload, WrongState
from tests.live.downloads.ground import ADMIN, ANNA, BEN, BOTH, House, flac, show
from tests.waiting import until

pytestmark = pytest.mark.anyio
ITEM = "gd1977-05-08.test"


def one_file(archive: Archive, size: int = 700_000, item: str = ITEM) -> dict[str, bytes]:
    files = {"t1.flac": flac(item, size)}
    archive.add(item, files)
    return files


async def under_way(house: House, least: int = 1) -> None:
    """Wait until some bytes of something are here."""

    async def some() -> bool:
        return any(flow.came >= least for flow in house.ground.under_way.flows.values())

    await until(some)


def slow(house: House, kib_s: int = 300) -> None:
    house.chosen["kib_s"] = kib_s


def requested(emulator: Emulator) -> list[str | None]:
    return [call.params.get("range") for call in emulator.world.calls.of("archive", "file")]


@BOTH
async def test_a_paused_download_keeps_what_came_and_goes_on_from_there(
    house: House, archive: Archive, emulator: Emulator
) -> None:
    files = one_file(archive)
    slow(house)
    number = await house.want(ITEM)
    async with house.working():
        await under_way(house, 256 * 1024)
        await house.downloads.pause(ANNA, number)

        async def given_back() -> bool:
            return (await house.files(number))["t1.flac"].state == "queued"

        await until(given_back)
        kept = (await house.files(number))["t1.flac"].done_bytes
        assert (await house.row(number)).state == "paused" and kept > 0
        house.chosen["kib_s"] = 0
        await house.downloads.resume(ANNA, number)

        async def done() -> bool:
            return (await house.row(number)).state == "done"

        await until(done)
    assert house.on_disk(ITEM) == files
    assert requested(emulator) == [None, f"bytes={kept}-"]


@BOTH
async def test_cancel_stops_within_a_moment_and_is_never_overwritten(
    house: House, archive: Archive, emulator: Emulator
) -> None:
    one_file(archive)
    slow(house)
    number = await house.want(ITEM)
    async with house.working():
        await under_way(house)
        row = await house.downloads.cancel(ANNA, number)
        assert row.state == "cancelled"

        async def let_go() -> bool:
            return not house.ground.under_way.flows

        await until(let_go)
        house.chosen["kib_s"] = 0
        await house.work()
    assert (await house.row(number)).state == "cancelled"
    assert (await house.files(number))["t1.flac"].state == "cancelled"
    assert house.on_disk(ITEM) == {}, "nothing is left, not even the part"
    with pytest.raises(WrongState):
        await house.downloads.cancel(ANNA, number)


async def test_what_was_cancelled_or_failed_can_be_wanted_again(
    house: House, archive: Archive, emulator: Emulator
) -> None:
    files = one_file(archive, 20_000)
    emulator.world.faults.add("flip", route="file")
    row = await house.fetch(ITEM)
    assert row.state == "failed"
    emulator.world.faults.clear()
    again = await house.downloads.retry(ANNA, row.id)
    assert again.state == "queued" and again.error is None
    await house.work(row.id)
    assert (await house.row(row.id)).state == "done" and house.on_disk(ITEM)["t1.flac"] == files["t1.flac"]
    other = await house.want("gd1999-01-01.none")
    await house.downloads.cancel(ANNA, other)
    anew = await house.want("gd1999-01-01.none")
    assert anew != other, "a row that has ended blocks nothing"


async def test_wanting_twice_is_wanting_once(house: House, archive: Archive) -> None:
    one_file(archive, 10_000)
    first = await house.want(ITEM)
    assert await house.want(ITEM) == first
    await house.work(first)
    assert await house.want(ITEM) == first, "it is here"
    assert await house.want(ITEM, BEN) != first, "each has their own"


async def test_what_is_here_is_not_fetched_again(house: House, archive: Archive, emulator: Emulator) -> None:
    files = one_file(archive, 50_000)
    archive.add("gd1977-05-08.twin", {"d1t1.flac": files["t1.flac"]})
    await house.fetch(ITEM)
    sent = len(requested(emulator))
    for identifier, actor in ((ITEM, BEN), ("gd1977-05-08.twin", ANNA)):
        number = await house.want(identifier, actor)
        await house.work(number)
        assert (await house.row(number)).state == "done"
        assert {file.state for file in (await house.files(number)).values()} == {"here"}
    assert len(requested(emulator)) == sent
    assert house.on_disk("gd1977-05-08.twin") == {"d1t1.flac": files["t1.flac"]}


async def test_a_foreign_file_of_the_same_name_is_left_alone(house: House, archive: Archive) -> None:
    files = one_file(archive, 20_000)
    house.path(ITEM).mkdir()
    house.path(ITEM, "t1.flac").write_bytes(b"somebody's own")
    row = await house.fetch(ITEM)
    assert row.state == "done"
    assert house.on_disk(ITEM) == {"t1.flac": b"somebody's own", "t1 (2).flac": files["t1.flac"]}
    await house.downloads.remove(ANNA, row.id)
    assert house.on_disk(ITEM) == {"t1.flac": b"somebody's own"}


async def test_removing_takes_the_files_and_leaves_the_history(house: House, archive: Archive) -> None:
    archive.add(ITEM, show())
    row = await house.fetch(ITEM)
    gone = await house.downloads.remove(ANNA, row.id)
    assert gone.removed_at is not None and gone.state == "done"
    assert not house.path(ITEM).exists()
    rows, total = await house.downloads.page(ANNA)
    assert total == 1 and rows[0].id == row.id
    again = await house.downloads.retry(ANNA, row.id)
    await house.work(row.id)
    assert again.removed_at is None and len(house.on_disk(ITEM)) == 6


@BOTH
async def test_files_that_another_download_has_stay(house: House, archive: Archive) -> None:
    one_file(archive, 20_000)
    mine = await house.fetch(ITEM)
    theirs = await house.want(ITEM, BEN)
    await house.work(theirs)
    await house.downloads.remove(ANNA, mine.id)
    assert list(house.on_disk(ITEM)) == ["t1.flac"]
    await house.downloads.remove(BEN, theirs)
    assert house.on_disk(ITEM) == {}


async def test_what_may_only_be_streamed_is_refused_with_its_reason(house: House, archive: Archive) -> None:
    archive.add(ITEM, {"t1.flac": flac(1)}, collection=["GratefulDead", "etree", "stream_only"])
    row = await house.fetch(ITEM)
    assert (row.state, row.error["code"], row.error["retryable"]) == ("blocked", "stream_only", False)
    archive.add("gd2.private", {"t1.flac": flac(2)}, private=("t1.flac",))
    row = await house.fetch("gd2.private")
    assert (row.state, row.error["code"]) == ("blocked", "private")
    archive.add("gd3.dark", {"t1.flac": flac(3)})
    archive.darken("gd3.dark")
    row = await house.fetch("gd3.dark")
    assert (row.state, row.error["code"]) == ("blocked", "dark")


async def test_one_file_alone_can_be_wanted(house: House, archive: Archive) -> None:
    files = show()
    archive.add(ITEM, files)
    row = await house.fetch(ITEM, files=["showt02.flac"])
    assert row.state == "done" and house.on_disk(ITEM) == {"showt02.flac": files["showt02.flac"]}
    row = await house.fetch(ITEM, files=["nothing.flac"])
    assert row.state == "failed" and row.error["code"] == "no_such_file"


async def test_nobody_sees_or_steers_anothers_downloads_but_an_administrator(house: House, archive: Archive) -> None:
    one_file(archive, 10_000)
    number = await house.want(ITEM)
    for verb in (house.downloads.get, house.downloads.pause, house.downloads.cancel, house.downloads.retry):
        with pytest.raises(DownloadNotFound):
            await verb(BEN, number)
    assert (await house.downloads.page(BEN, everybody=True))[1] == 0
    assert (await house.downloads.page(ADMIN, everybody=True))[1] == 1
    assert (await house.downloads.pause(ADMIN, number)).state == "paused"
    assert (await house.downloads.progress(BEN))["items"] == []
    assert len((await house.downloads.progress(ANNA))["items"]) == 1


@pytest.mark.parametrize("identifier", ["../etc", "a/b", "", "a b", "x" * 201, "-a", "a\0b"])
async def test_what_is_no_identifier_is_refused(house: House, identifier: str) -> None:
    with pytest.raises(BadIdentifier):
        await house.want(identifier)


@BOTH
async def test_the_order_of_a_queue_is_its_persons(house: House, archive: Archive) -> None:
    numbers = [await house.want(f"gd{number}.x") for number in range(4)]
    await house.downloads.reorder(ANNA, numbers[3], 0)
    await house.downloads.reorder(ANNA, numbers[0], 2)
    assert [row.id for row in await house.downloads.queue(ANNA)] == [
        numbers[3], numbers[1], numbers[0], numbers[2],
    ]  # fmt: skip


@BOTH
async def test_turns_go_round_among_people(house: House, archive: Archive, emulator: Emulator) -> None:
    for number in range(3):
        archive.add(f"anna{number}", {"t1.flac": flac(f"anna{number}", 5_000)})
        await house.want(f"anna{number}")
    archive.add("ben0", {"t1.flac": flac("ben0", 5_000)})
    await house.want("ben0", BEN)
    house.parallel = 1
    await house.work()
    order = [row.identifier for row in sorted(await all_rows(house), key=lambda row: row.ended_at)]
    assert order.index("ben0") < 3, "whoever wants one waits for no whole queue of another"


async def all_rows(house: House) -> list[object]:
    rows, _ = await house.downloads.page(ADMIN, everybody=True)
    return list(rows)


async def test_a_quota_is_kept(house: House, archive: Archive) -> None:
    one_file(archive, 30_000)
    one_file(archive, 30_000, "gd2.second")
    house.chosen["quota_gb"] = 40_000 / 2**30
    assert (await house.fetch(ITEM)).state == "done"
    row = await house.fetch("gd2.second")
    assert (row.state, row.error["code"]) == ("failed", "over_quota")
    number = await house.want("gd2.second", BEN)
    await house.work(number)
    assert (await house.row(number)).state == "done", "each has their own"
    quota = await house.downloads.quota(ANNA)
    assert (quota.used, quota.limit) == (30_000, 40_000)


async def test_without_room_nothing_is_begun_and_it_goes_on_when_there_is(
    house: House, archive: Archive, emulator: Emulator
) -> None:
    files = one_file(archive, 20_000)
    house.chosen["free_gb"] = 900_000.0
    number = await house.want(ITEM)
    async with house.working():

        async def waits() -> bool:
            row = await house.row(number)
            return row.waiting is not None and row.waiting["code"] == "no_space"

        await until(waits)
        assert not requested(emulator)
        house.chosen["free_gb"] = 0.0
        await house.work(number)
    assert house.on_disk(ITEM) == files


async def test_in_quiet_hours_nothing_is_fetched_and_what_was_begun_stops(
    house: House, archive: Archive, emulator: Emulator
) -> None:
    one_file(archive)
    slow(house)
    house.chosen["quiet_hours"] = "18:00-23:30"
    house.time_zone = "America/New_York"
    house.now = lambda: datetime(2040, 7, 1, 21, 59, tzinfo=UTC)  # 17:59 there
    number = await house.want(ITEM)
    async with house.working():
        await under_way(house)
        house.now = lambda: datetime(2040, 7, 1, 22, 1, tzinfo=UTC)

        async def waits() -> bool:
            job = await house.jobs.latest("live.download")
            return job is not None and (job.waiting or {}).get("code") == "quiet_hours"

        await until(waits)
        assert not house.ground.under_way.flows
    job = await house.jobs.latest("live.download")
    assert job is not None and job.run_at == datetime(2040, 7, 2, 3, 30, tzinfo=UTC)
    assert (await house.files(number))["t1.flac"].state == "queued"


@BOTH
async def test_a_worker_that_is_gone_is_gone_on_for(
    house: House, archive: Archive, emulator: Emulator, db: Database, url: str
) -> None:
    files = one_file(archive)
    slow(house)
    number = await house.want(ITEM)
    async with house.working():
        await under_way(house, 256 * 1024)
    kept = house.path(ITEM, "t1.flac.part").stat().st_size
    assert kept >= 256 * 1024
    house.chosen["kib_s"] = 0
    await house.work(number)
    assert house.on_disk(ITEM) == files
    assert requested(emulator)[-1] == f"bytes={kept}-"


async def test_at_most_two_files_come_at_once_in_the_whole_house(
    house: House, archive: Archive, emulator: Emulator
) -> None:
    for actor, name in ((ANNA, "a"), (BEN, "b"), (ADMIN, "c")):
        archive.add(name, show(2, 20_000, of=name))
        await house.want(name, actor)
    emulator.world.faults.add("drip", route="file", bytes=8_000, delay_s=0.05)
    await house.work()
    assert {row.state for row in await all_rows(house)} == {"done"}  # type: ignore[attr-defined]
    assert archive.most_open == 2


async def test_an_item_with_very_many_files_is_planned_and_can_be_cancelled(house: House, archive: Archive) -> None:
    archive.add_many_files(ITEM, 1_500)
    slow(house, 1)
    number = await house.want(ITEM)
    async with house.working():

        async def planned() -> bool:
            return (await house.row(number)).file_count == 1_500

        await until(planned)
        await house.downloads.cancel(ANNA, number)
    assert (await house.row(number)).state == "cancelled"
    assert not any(path.is_file() for path in house.root.rglob("*"))


async def test_a_known_recording_that_may_only_be_streamed_is_refused_at_once(house: House, db: Database) -> None:
    from tests.live.downloads.rows import recording

    await recording(db, ITEM, stream_only=True)
    with pytest.raises(NotAllowedToDownload) as caught:
        await house.want(ITEM)
    assert caught.value.code == "download_stream_only"


@BOTH
async def test_a_person_who_is_erased_leaves_what_is_here(house: House, archive: Archive, db: Database) -> None:
    files = one_file(archive, 10_000)
    row = await house.fetch(ITEM)
    waiting = await house.want("gd2.later")
    async with db.write() as tx:
        await house.downloads.on_user_erased(tx, ANNA.person)
    assert house.on_disk(ITEM) == files
    assert ((await house.row(row.id)).user_id, (await house.row(waiting)).state) == (0, "cancelled")


async def test_the_ringer_goes_on_with_what_nobody_works_at(house: House, archive: Archive) -> None:
    one_file(archive, 10_000)
    number = await house.want(ITEM)
    job = await house.jobs.latest("live.download")
    assert job is not None
    await house.jobs.cancel(ADMIN, job.id)
    assert await house.downloads.ring_if_waiting()
    await house.work(number)
    assert (await house.row(number)).state == "done"


@BOTH
async def test_whoever_wants_more_wakes_a_porter_that_waits(house: House, archive: Archive, emulator: Emulator) -> None:
    one_file(archive, 10_000)
    one_file(archive, 10_000, "gd2.other")
    emulator.world.faults.add("status", route="file", status=503, retry_after_s=600, match=ITEM)
    first = await house.want(ITEM)
    async with house.working():

        async def waits() -> bool:
            job = await house.jobs.latest("live.download")
            return job is not None and (job.waiting or {}).get("code") == "downloads_wait"

        await until(waits)
        house.clock.now += 700  # the archive would answer again
        second = await house.want("gd2.other")
        await house.work(second)
    assert ((await house.row(second)).state, (await house.row(first)).state) == ("done", "downloading")
    waiting = (await house.row(first)).waiting
    assert waiting is not None and waiting["code"] == "throttled"


async def test_the_same_audio_is_known_by_its_fingerprint_whatever_its_tags(
    house: House, archive: Archive, emulator: Emulator, tmp_path: Path
) -> None:
    files = show(2)
    archive.add(ITEM, files)
    mine = tmp_path / "tagged.flac"
    mine.write_bytes(files["showt01.flac"] + b"other tags")

    async def at_home(audio: str) -> bytes | None:
        return os.fsencode(mine) if audio == files["showt01.flac"][26:42].hex() else None

    house.ground.file_with_audio = at_home
    row = await house.fetch(ITEM)
    kept = await house.files(row.id)
    assert (row.state, row.verified) == ("done", "whole")
    assert (kept["showt01.flac"].state, kept["showt01.flac"].verified) == ("here", "audio")
    assert house.on_disk(ITEM)["showt01.flac"] == mine.read_bytes()
    assert len(requested(emulator)) == 4, "the second track and the three texts"


async def test_another_process_is_told_how_far_it_is(
    house: House, archive: Archive, emulator: Emulator, db: Database, url: str, tmp_path: Path
) -> None:
    one_file(archive)
    slow(house)
    number = await house.want(ITEM)
    other = House(db, url, tmp_path / "live")
    async with house.working():

        async def told() -> bool:
            (item,) = (await other.downloads.progress(ANNA))["items"]
            return bool(item["files"]) and 0 < item["done_bytes"] < 700_000

        await until(told)
        await house.downloads.cancel(ANNA, number)
        ended = (await other.downloads.progress(ANNA))["items"]
    assert [(item["id"], item["state"]) for item in ended] == [(f"dl-{number}", "cancelled")]
    await other.close()
