"""The archive is asked politely, what it says is kept and said to be old, and whatever goes wrong is a fault."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from segue.core.db import Database
from segue.core.outside import Fault, ProviderBug, Throttled, Transient
from segue.core.outside import rows as stored
from segue.emulator import Emulator
from segue.emulator.archive import Archive
from segue.live.archive import ContactMissing, ListPage, Restricted, item_of_listed, item_of_metadata
from segue.live.archive.client import ArchiveClient
from segue.live.archive.queries import quoted
from tests.core.outside.ground import Moved
from tests.live.archive.ground import CONTACT, a_client, read

pytestmark = pytest.mark.anyio
SMALL = "test1999-12-31.1.sbd.flac16"
BODY = bytes(range(256)) * 64


def small(archive: Archive, **metadata: object) -> str:
    """An item of one file, t1.flac."""
    archive.add(SMALL, {"t1.flac": BODY}, **metadata)
    return SMALL


async def all_pages(client: ArchiveClient, collection: str, **how: str) -> list[ListPage]:
    return [page async for page in client.listing(collection, **how)]


# Who asks, and how often


async def test_without_a_contact_nobody_is_asked_and_it_is_said_what_to_do(
    db: Database, emulator: Emulator, url: str
) -> None:
    async with a_client(db, url, contact=None) as client:
        for asked in (client.metadata("x"), client.search("x"), client.bands(), read(client, "x", "y")):
            with pytest.raises(ContactMissing) as caught:
                await asked
            assert "outside.contact" in str(caught.value.hint)
    assert not emulator.world.calls.of("archive")


async def test_the_archive_is_told_who_asks_and_whom_to_write_to(db: Database, emulator: Emulator, url: str) -> None:
    async with a_client(db, url) as client:
        await client.metadata("nobody")
    agent = emulator.world.calls.of("archive")[0].params["user_agent"]
    assert agent.startswith("Segue/") and CONTACT in agent


async def test_after_a_burst_of_five_there_is_one_question_a_second(db: Database, emulator: Emulator, url: str) -> None:
    clock = Moved()
    async with a_client(db, url, clock=clock) as client:
        began = clock.now
        for number in range(9):
            await client.metadata(f"nobody{number}")
    assert clock.now - began == pytest.approx(4, abs=0.5)


@pytest.mark.parametrize("status", [429, 503])
async def test_a_busy_archive_is_left_alone_as_long_as_it_says_and_then_asked_half_as_often(
    db: Database, emulator: Emulator, url: str, status: int
) -> None:
    clock = Moved()
    emulator.world.faults.add("status", status=status, retry_after_s=40, service="archive", times=1)
    async with a_client(db, url, clock=clock) as client:
        with pytest.raises(Throttled) as caught:
            await client.metadata("nobody")
        assert caught.value.retry_at - datetime.now(UTC) == pytest.approx(
            timedelta(seconds=40), abs=timedelta(seconds=5)
        )
        standing = await client.standing()
        assert (standing.blocked_by, standing.rate, standing.full_rate) == ("throttled", 0.5, 1.0)
        async with a_client(db, url, clock=clock) as other:  # another process: it waits too
            before = clock.now
            await other.metadata("nobody")
            assert clock.now - before == pytest.approx(40, abs=5)
        for number in range(12):
            await client.metadata(f"nobody{number}")
        assert (await client.standing()).rate == 1.0


async def test_an_archive_that_is_away_opens_the_breaker_which_is_shown_with_its_end(db: Database) -> None:
    async with a_client(db, "http://127.0.0.1:9") as client:
        for number in range(6):
            with pytest.raises(Transient):
                await client.metadata(f"item{number}")
        standing = await client.standing()
    assert standing.breaker == "open" and standing.open_until is not None
    assert standing.rate == pytest.approx(1 / 32)
    assert standing.last_fault is not None and standing.last_fault["reason"] == "unreachable"


async def test_no_more_files_are_open_at_once_than_the_settings_allow(
    db: Database, emulator: Emulator, url: str
) -> None:
    small(emulator.archive)
    emulator.world.faults.add("drip", service="archive", route="file", bytes=4096, delay_s=0.02)
    async with a_client(db, url, parallel_downloads=2) as client:
        await asyncio.gather(*(read(client, SMALL, "t1.flac") for _ in range(6)))
        assert (await client.standing()).downloads == 0
    assert emulator.archive.most_open == 2


# What is kept


async def test_a_document_is_kept_and_given_with_its_age_when_the_archive_is_away(
    db: Database, emulator: Emulator, url: str
) -> None:
    small(emulator.archive)
    async with a_client(db, url) as client:
        first = await client.metadata(SMALL)
        again = await client.metadata(SMALL)
        assert first and again and again.at == first.at
        assert emulator.world.calls.counts["archive/metadata"] == 1
        emulator.world.faults.add("status", service="archive", status=500)
        stale = await client.metadata(SMALL, fresh=True)
        assert stale is not None and stale.at == first.at and stale.age_s >= 0
        figures = await client.cache_figures()
    assert (figures.hits, figures.stale_hits, figures.misses, figures.entries) == (1, 1, 1, 1)
    assert figures.size_bytes > 100 and figures.oldest == figures.newest == first.at


async def test_asking_freshly_sees_what_changed_and_others_get_it_too(
    db: Database, emulator: Emulator, url: str
) -> None:
    small(emulator.archive)
    async with a_client(db, url) as client:
        first = await client.metadata(SMALL)
        emulator.archive.change(SMALL, "t1.flac")
        fresh = await client.metadata(SMALL, fresh=True)
        kept = await client.metadata(SMALL)
    assert first and fresh and kept
    sizes = [item_of_metadata(one).tracks[0].files[0].size for one in (first, fresh, kept)]
    assert sizes[0] == len(BODY) and sizes[1] == sizes[2] != sizes[0]


async def test_a_cleared_cache_is_empty_for_every_process(db: Database, emulator: Emulator, url: str) -> None:
    small(emulator.archive)
    async with a_client(db, url) as client, a_client(db, url) as other:
        await client.metadata(SMALL)
        await other.metadata(SMALL)
        assert await client.clear_cache() == 1
        await other.metadata(SMALL)
        assert (await client.cache_figures()).entries == 1
    assert emulator.world.calls.counts["archive/metadata"] == 2


# Items


async def test_no_such_item_is_none_and_one_that_cannot_be_served_is_a_fault_that_opens_no_breaker(
    db: Database, emulator: Emulator, url: str
) -> None:
    small(emulator.archive)
    emulator.archive.break_(SMALL)
    async with a_client(db, url) as client:
        assert await client.metadata("nobody") is None
        for _ in range(6):
            with pytest.raises(ProviderBug) as caught:
                await client.metadata(SMALL)
            assert caught.value.reason == "refused"
        assert (await client.standing()).breaker == "closed"


async def test_a_withdrawn_item_says_so_and_one_that_vanished_is_none(
    db: Database, emulator: Emulator, url: str
) -> None:
    small(emulator.archive)
    emulator.archive.darken(SMALL)
    async with a_client(db, url) as client:
        document = await client.metadata(SMALL)
        assert document is not None and document.dark and item_of_metadata(document).dark
        assert item_of_metadata(document).identifier == SMALL
        emulator.archive.vanish(SMALL)
        assert await client.metadata(SMALL, fresh=True) is None


@pytest.mark.parametrize("fault", ["html", "empty", "nonsense", "truncated", "reset"])
async def test_whatever_the_archive_answers_is_a_document_or_a_fault(
    db: Database, emulator: Emulator, url: str, fault: str
) -> None:
    small(emulator.archive)
    emulator.world.faults.add(fault, service="archive", route="metadata", times=1)
    async with a_client(db, url) as client:
        with pytest.raises(Fault):
            await client.metadata(SMALL)
        assert await client.metadata(SMALL) is not None


# Lists


async def test_a_list_comes_page_by_page_and_every_item_once(db: Database, archive: Archive, url: str) -> None:
    archive.bulk(1000, bands=3)
    archive.page_of(300)
    async with a_client(db, url) as client:
        pages = await all_pages(client, "etree")
    names = [str(doc["identifier"]) for page in pages for doc in page.docs]
    assert len(names) == len(set(names)) == pages[-1].seen == pages[-1].total > 1000
    assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
    assert pages[-1].missing == 0 and {page.how for page in pages} == {"cursor"}


async def test_a_list_goes_on_where_it_was_left(db: Database, archive: Archive, url: str) -> None:
    archive.bulk(500, bands=3)
    archive.page_of(200)
    async with a_client(db, url) as client:
        whole = [doc for page in await all_pages(client, "etree") for doc in page.docs]
        first = await anext(client.listing("etree"))
        rest = [doc for page in await all_pages(client, "etree", cursor=first.cursor) for doc in page.docs]
    assert [*first.docs, *rest] == whole


async def test_pages_that_overlap_bring_every_item_once(db: Database, emulator: Emulator, url: str) -> None:
    emulator.archive.bulk(500, bands=3)
    emulator.archive.page_of(200)
    emulator.world.faults.add("overlap", service="archive", route="scrape")
    async with a_client(db, url) as client:
        pages = await all_pages(client, "etree")
    names = [str(doc["identifier"]) for page in pages for doc in page.docs]
    assert len(names) == len(set(names)) == pages[-1].total


async def test_a_cursor_that_stands_still_is_noticed_and_the_rest_is_asked_for_by_days(
    db: Database, emulator: Emulator, url: str
) -> None:
    emulator.archive.bulk(900, bands=3)
    emulator.archive.page_of(300)
    emulator.world.faults.add("stuck_cursor", service="archive", route="scrape")
    async with a_client(db, url, requests_per_second=5) as client:
        pages = await all_pages(client, "etree")
    names = [str(doc["identifier"]) for page in pages for doc in page.docs]
    assert len(names) == len(set(names)) == pages[-1].total
    assert pages[-1].last and pages[-1].missing == 0 and pages[-1].how == "dates"


async def test_a_list_that_ends_too_early_says_how_many_are_missing(db: Database, emulator: Emulator, url: str) -> None:
    archive = emulator.archive
    archive.bulk(400, bands=2)
    archive.page_of(200)
    archive.say(next(iter(archive.items)), addeddate="")  # no window of days finds this one
    emulator.world.faults.add("stuck_cursor", service="archive", route="scrape")
    archive._found.clear()
    async with a_client(db, url, requests_per_second=5) as client:
        pages = await all_pages(client, "etree")
    assert pages[-1].missing in (0, 1) and pages[-1].missing == pages[-1].total - pages[-1].seen


async def test_a_list_since_a_moment_has_what_was_added_then(db: Database, archive: Archive, url: str) -> None:
    small(archive, addeddate="2026-10-01 08:00:00")
    async with a_client(db, url) as client:
        pages = await all_pages(client, "etree", since="2026-09-30T00:00:00Z")
    assert [doc["identifier"] for page in pages for doc in page.docs] == [SMALL]


async def test_bands_are_the_collections_under_their_parent(db: Database, emulator: Emulator, url: str) -> None:
    async with a_client(db, url) as client:
        bands = await client.bands()
        await client.bands()
    assert [(one.identifier, one.title) for one in bands] == [
        ("ColdHarbor", "Cold Harbor"),
        ("LanternParade", "The Lantern Parade"),
    ]
    assert all(one.item_count for one in bands)
    assert emulator.world.calls.counts["archive/scrape"] == 1


async def test_a_search_is_paged_sorted_and_kept(db: Database, emulator: Emulator, url: str) -> None:
    async with a_client(db, url) as client:
        query = f"collection:{quoted('LanternParade')} AND date:[1977-05-01 TO 1977-05-31]"
        found = await client.search(query, rows=5, sort=["date asc"])
        more = await client.search(query, rows=5, page=2, sort=["date asc"])
        await client.search(query, rows=5, sort=["date asc"])
    dates = [item_of_listed(doc).date for doc in (*found.docs, *more.docs)]
    assert found.total > 10 and len(dates) == 10 and dates == sorted(dates) and dates[0] == "1977-05-06"
    assert emulator.world.calls.counts["archive/search"] == 2


# Files


async def test_a_file_comes_whole_or_from_where_one_was(db: Database, archive: Archive, url: str) -> None:
    small(archive)
    async with a_client(db, url) as client:
        async with client.open_file(SMALL, "t1.flac") as file:
            assert file is not None and (file.status, file.size) == (200, len(BODY))
            version = file.version
            assert b"".join([chunk async for chunk in file.chunks()]) == BODY
        async with client.open_file(SMALL, "t1.flac", offset=1000, if_range=version) as file:
            assert file is not None and (file.status, file.size) == (206, len(BODY))
            assert b"".join([chunk async for chunk in file.chunks()]) == BODY[1000:]
        assert await read(client, SMALL, "t1.flac", offset=10, end=20) == BODY[10:20]
        async with client.open_file(SMALL, "t1.flac", offset=len(BODY)) as file:
            assert file is not None and file.status == 416 and file.size == len(BODY)
        async with client.open_file(SMALL, "nothing.flac") as file:
            assert file is None


async def test_a_file_that_changed_meanwhile_comes_whole(db: Database, archive: Archive, url: str) -> None:
    small(archive)
    async with a_client(db, url) as client:
        async with client.open_file(SMALL, "t1.flac") as file:
            assert file is not None
            version = file.version
        archive.change(SMALL, "t1.flac")
        async with client.open_file(SMALL, "t1.flac", offset=1000, if_range=version) as file:
            assert file is not None and file.status == 200


ODD = ["a b#c.flac", "100% live?.flac", "über/naïve 🎷.flac", "a;b&c=d+e.flac", "%2e%2e.flac", "semi:colon@host.flac"]


@pytest.mark.parametrize("name", ODD)
async def test_any_name_is_asked_for_as_it_is(db: Database, archive: Archive, url: str, name: str) -> None:
    archive.add(SMALL, {name: name.encode()})
    async with a_client(db, url) as client:
        assert await read(client, SMALL, name) == name.encode()


@pytest.mark.parametrize("name", ["../other/t1.flac", "a/../../b.flac", "", "/etc/passwd", "a//b", "nul\0.flac", "."])
async def test_a_name_that_climbs_is_not_asked_for(db: Database, emulator: Emulator, url: str, name: str) -> None:
    async with a_client(db, url) as client:
        with pytest.raises(ProviderBug) as caught:
            await read(client, SMALL, name)
    assert caught.value.reason == "url" and not emulator.world.calls.of("archive")


@pytest.mark.parametrize(
    ("fault", "offset", "reason"),
    [("html", 0, "html"), ("wrong_range", 1000, "content_range"), ("reset", 0, "broken_off"), ("cut", 0, "broken_off")],
)
async def test_what_is_not_the_file_is_never_given_on(
    db: Database, emulator: Emulator, url: str, fault: str, offset: int, reason: str
) -> None:
    small(emulator.archive)
    emulator.world.faults.add(fault, service="archive", route="file", bytes=5000)
    async with a_client(db, url) as client:
        with pytest.raises((ProviderBug, Transient)) as caught:
            await read(client, SMALL, "t1.flac", offset=offset)
    assert caught.value.reason == reason


async def test_a_range_that_is_ignored_is_a_whole_answer_and_says_so(
    db: Database, emulator: Emulator, url: str
) -> None:
    small(emulator.archive)
    emulator.world.faults.add("ignore_range", service="archive", route="file")
    async with a_client(db, url) as client, client.open_file(SMALL, "t1.flac", offset=99) as file:
        assert file is not None and (file.status, file.content_range) == (200, None)


async def test_a_file_that_is_not_given_out_is_restricted(db: Database, archive: Archive, url: str) -> None:
    archive.add(SMALL, {"t1.flac": BODY}, private=("t1.flac",))
    async with a_client(db, url) as client:
        with pytest.raises(Restricted):
            await read(client, SMALL, "t1.flac")


async def test_an_item_s_texts_are_read_in_any_encoding(db: Database, archive: Archive, url: str) -> None:
    flac = "c" * 32
    archive.add(
        SMALL,
        {
            "t1.flac": BODY,
            f"{SMALL}.txt": "Band\r\nMünchen, Löwenbräukeller".encode("latin-1"),
            "shntool.txt": b"length 1:00",
            "a.ffp": f"t1.flac:{flac}".encode(),
        },
    )
    async with a_client(db, url) as client:
        document = await client.metadata(SMALL)
        assert document is not None
        item = await client.with_info(item_of_metadata(document))
        assert item.info_text == "Band\nMünchen, Löwenbräukeller"
        assert await client.fingerprints(item) == {"t1.flac": flac}
        assert await client.text(SMALL, "nothing.txt") is None
        assert await client.text(SMALL, "shntool.txt", most=6) == "length"


async def test_what_was_learnt_of_the_archive_holds_for_its_files_alone_and_the_other_way_round(
    db: Database, emulator: Emulator, url: str
) -> None:
    small(emulator.archive)
    emulator.world.faults.add("status", status=503, retry_after_s=3600, service="archive", route="file")
    async with a_client(db, url) as client:
        with pytest.raises(Throttled):
            await read(client, SMALL, "t1.flac")
        assert await client.metadata(SMALL) is not None
        async with db.read() as conn:
            kept = {row.key.partition("@")[0]: row for row in await stored.gates(conn)}
    assert set(kept) == {"archive", "archive_files"}
