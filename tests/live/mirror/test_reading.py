"""A list is read to its end, goes on where it stopped, brings what is new, and does not believe that much is gone at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select

from segue.core.access import SYSTEM
from segue.core.clock import utc_now
from segue.core.db import Database, Transaction
from segue.jobs import Registry
from segue.jobs.worker import run_worker
from segue.live import repository_lists, tasks
from segue.live.errors import AlreadyMirrored
from segue.live.fields import ENTITIES
from segue.live.mirror.reading import ListSuddenlyShort, Reading, read_list, since_of
from segue.live.models import LiveRecording
from segue.live.service import LiveService
from segue.query import Entities
from tests.live.house import Archive, live_in

pytestmark = pytest.mark.anyio
LIST = "PaperLanterns"


def doc(number: int, **more: Any) -> dict[str, Any]:
    """An item of the list; the n-th was added on the n-th day."""
    date = f"1999-{1 + number % 12:02}-{1 + number % 28:02}"
    return {
        "identifier": f"pl{date}.aud.birch.{number}.flac16", "title": f"Paper Lanterns Live at Mill Theatre on {date}",
        "creator": "Paper Lanterns", "date": f"{date}T00:00:00Z", "collection": [LIST, "etree"],
        "addeddate": f"2010-{1 + number // 28:02}-{1 + number % 28:02}T10:00:00Z", **more,
    }  # fmt: skip


async def nothing(_tx: Transaction, _said: dict[str, Any]) -> None:
    pass


async def states(db: Database) -> dict[str, int]:
    async with db.read() as conn:
        found: dict[str, int] = {}
        for status in await conn.scalars(select(LiveRecording.status)):
            found[status] = found.get(status, 0) + 1
        return found


async def test_a_list_that_breaks_off_goes_on_where_it_stopped(db: Database) -> None:
    archive = Archive({}, {LIST: [doc(number) for number in range(7)]})
    saved: list[dict[str, Any]] = []

    async def step(_tx: Transaction, said: dict[str, Any]) -> None:
        saved.append(said)
        if len(saved) == 2:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await read_list(db, archive, LIST, Reading(1, True, utc_now()), step)  # type: ignore[arg-type]
    assert await states(db) == {"there": 2}
    asked: list[str] = []
    usual = archive.listing

    def listing(collection: str, *, since: str = "", cursor: str = "", **more: Any) -> AsyncIterator[Any]:
        asked.append(cursor)
        return usual(collection, since=since, cursor=cursor, **more)  # type: ignore[no-any-return]

    archive.listing = listing  # type: ignore[method-assign, assignment]
    done = await read_list(db, archive, LIST, Reading.of_json(saved[0]), nothing)  # type: ignore[arg-type]
    assert asked == ["2"]
    assert (done.items, done.done.new, done.gone) == (7, 7, 0)
    assert await states(db) == {"there": 7}


async def test_what_a_whole_list_lacks_is_marked_gone_and_never_deleted(db: Database) -> None:
    archive = Archive({}, {LIST: [doc(number) for number in range(20)]})
    await read_list(db, archive, LIST, Reading(1, True, utc_now()), nothing)  # type: ignore[arg-type]
    archive.lists[LIST] = archive.lists[LIST][:16]
    done = await read_list(db, archive, LIST, Reading(1, True, utc_now()), nothing)  # type: ignore[arg-type]
    assert done.gone == 4
    assert await states(db) == {"there": 16, "gone": 4}
    archive.lists[LIST] = [doc(number) for number in range(20)]
    await read_list(db, archive, LIST, Reading(1, True, utc_now()), nothing)  # type: ignore[arg-type]
    assert await states(db) == {"there": 20}


async def test_a_list_that_suddenly_lacks_much_marks_nothing_until_a_person_says_so(db: Database) -> None:
    archive = Archive({}, {LIST: [doc(number) for number in range(20)]})
    await read_list(db, archive, LIST, Reading(1, True, utc_now()), nothing)  # type: ignore[arg-type]
    archive.lists[LIST] = archive.lists[LIST][:9]
    with pytest.raises(ListSuddenlyShort) as short:
        await read_list(db, archive, LIST, Reading(1, True, utc_now()), nothing)  # type: ignore[arg-type]
    assert (short.value.missing, short.value.known) == (11, 20)
    assert await states(db) == {"there": 20}
    await read_list(db, archive, LIST, Reading(1, True, utc_now()), nothing, anyway=True)  # type: ignore[arg-type]
    assert await states(db) == {"there": 9, "gone": 11}


async def test_an_increment_begins_a_little_before_the_newest_item(db: Database) -> None:
    assert since_of("2010-01-09T10:00:00Z") == "2010-01-07T00:00:00Z"
    assert since_of("") == ""
    archive = Archive({}, {LIST: [doc(number) for number in range(9)]})
    first = await read_list(db, archive, LIST, Reading(1, True, utc_now()), nothing)  # type: ignore[arg-type]
    archive.lists[LIST] = [*archive.lists[LIST], doc(11)]
    again = await read_list(db, archive, LIST, Reading(1, False, utc_now(), newest=first.newest), nothing)  # type: ignore[arg-type]
    assert (again.done.new, again.items) == (1, 4)
    assert again.newest == "2010-01-12T10:00:00Z"
    assert await states(db) == {"there": 10}


async def work_off(db: Database, live: LiveService) -> None:
    """Do the jobs that wait, as a worker does."""
    stop = asyncio.Event()
    services = {LiveService: live}
    worker = asyncio.create_task(
        run_worker(
            db, live.jobs.registry, stop=stop, queues=("live",), resolve=lambda kind: services[kind], service=live.jobs
        )
    )
    async with asyncio.timeout(120):
        while waiting := (await live.jobs.page(SYSTEM, states=["queued", "running"])).items:
            assert all(job.error is None for job in waiting), waiting
            await asyncio.sleep(0.02)
    stop.set()
    await worker


async def test_a_mirror_is_kept_by_a_job_and_says_how_it_stands(db: Database) -> None:
    archive = Archive({}, {LIST: [doc(number) for number in range(12)]})
    live = live_in(db, archive)
    added, ticket = await live.add_mirror(SYSTEM, LIST)
    with pytest.raises(AlreadyMirrored):
        await live.add_mirror(SYSTEM, LIST)
    await work_off(db, live)
    result = (await live.jobs.get(SYSTEM, ticket.id)).result
    assert result is not None
    assert (result["new"], result["concerts_new"]) == (12, 12)
    (view,) = await live.mirrors()
    assert (view.state, view.item_count, view.newest) == ("whole", 12, "2010-01-12T10:00:00Z")
    assert view.listed_at is not None
    archive.lists[LIST] = archive.lists[LIST][:3]
    await live.start_mirror(SYSTEM, whole=True)
    await work_off(db, live)
    (view,) = await live.mirrors()
    assert (view.state, view.error) == ("blocked", {"code": "list_suddenly_short", "missing": 9, "known": 12})
    await live.remove_mirror(SYSTEM, added.id)
    async with db.read() as conn:
        assert [one.wanted for one in await repository_lists.mirrors(conn)] == [False]
    assert await states(db) == {"there": 12}


def test_the_jobs_of_live_music_can_be_declared() -> None:
    registry = Registry().add(tasks)
    assert {tasks.MIRROR, tasks.REGROUP} <= set(registry.kinds)
    assert registry.queues["live"].concurrency == 1
    assert Entities(ENTITIES)["concerts"].default_sort == "date"
