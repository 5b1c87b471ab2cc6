"""Looking into the archive over REST, and by the older names."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert

from segue.core.clock import utc_now
from segue.core.db import Database
from segue.emulator import Emulator
from segue.emulator.archive import Archive
from segue.live.facts import artist_key
from segue.live.models import LiveArtist, LiveMirror, LiveRecording
from tests.live.archive.faces import faces

pytestmark = pytest.mark.anyio
API = "/api/v1/live/archive"
OLD = "/compat/live"


async def test_a_band_that_is_not_mirrored_is_searched_in_the_archive_and_the_answer_says_so(
    db: Database, emulator: Emulator, url: str
) -> None:
    asked = {"q": "Lantern Parade", "year": 1977, "limit": 10}
    async with faces(db, url) as house:
        first = (await house.person.get(f"{API}/search", params=asked)).json()
        rest = (await house.person.get(f"{API}/search", params={**asked, "page": 2})).json()
        again = (await house.person.get(f"{API}/search", params=asked)).json()
    assert (first["source"], first["next"], len(first["items"])) == ("live", 2, 10) and first["age_s"] >= 0
    assert again["at"] == first["at"] and emulator.world.calls.counts["archive/search"] == 2
    dates = [one["date"] for one in first["items"] + rest["items"]]
    assert dates == sorted(dates) and all(date.startswith("1977") for date in dates)
    assert len(dates) == len({one["identifier"] for one in first["items"] + rest["items"]})
    one = next(one for one in first["items"] if ".sbd." in one["identifier"])
    assert (one["artist"], one["source_type"], one["precision"], one["recording"]) == (
        "The Lantern Parade", "SBD", "day", None,
    )  # fmt: skip


async def test_a_band_that_is_mirrored_is_searched_here_and_nobody_is_asked(
    db: Database, emulator: Emulator, url: str
) -> None:
    async with db.write() as tx:
        listed = utc_now() - timedelta(hours=3)
        await tx.execute(insert(LiveMirror).values(collection="LanternParade", listed_at=listed))
        artist = {"key": artist_key("The Lantern Parade"), "name": "The Lantern Parade", "sort_name": "Lantern Parade"}
        row = await tx.execute(insert(LiveArtist).values(**artist, collection="LanternParade").returning(LiveArtist.id))
        common = {
            "precision": "day",
            "kind": "concert",
            "source_type": "AUD",
            "seen_at": utc_now(),
            "artist_id": row.scalar_one(),
        }
        for day in (8, 9):
            said = {"identifier": f"lp1977-05-0{day}", "date": f"1977-05-0{day}", "date_sort": f"1977-05-0{day}"}
            await tx.execute(insert(LiveRecording).values(**said, **common, collections=" LanternParade etree "))
    async with faces(db, url) as house:
        by_artist = (await house.person.get(f"{API}/search", params={"artist": "the lantern parade"})).json()
        by_day = (
            await house.person.get(f"{API}/search", params={"collection": "LanternParade", "date": "1977-05-09"})
        ).json()
        forced = (
            await house.person.get(f"{API}/search", params={"collection": "LanternParade", "source": "live"})
        ).json()
    assert (by_artist["source"], by_artist["total"]) == ("mirrored", 2) and 10_700 < by_artist["age_s"] < 11_500
    assert [one["identifier"] for one in by_day["items"]] == ["lp1977-05-09"] and by_day["items"][0]["recording"]
    assert (forced["source"], emulator.world.calls.counts["archive/search"]) == ("live", 1)


async def test_while_the_archive_is_away_a_search_finds_what_happens_to_be_here(
    db: Database, emulator: Emulator, url: str
) -> None:
    async with db.write() as tx:
        said = {"identifier": "x1", "date": "1990-01-01", "seen_at": utc_now() - timedelta(days=40)}
        await tx.execute(insert(LiveRecording).values(**said, precision="day", kind="concert", source_type="AUD"))
    emulator.world.faults.add("status", status=500, service="archive")
    async with faces(db, url) as house:
        here = (await house.person.get(f"{API}/search", params={"year": 1990})).json()
        nothing = await house.person.get(f"{API}/search", params={"year": 1991})
        live = await house.person.get(f"{API}/search", params={"year": 1990, "source": "live"})
    assert (here["source"], here["total"], here["age_s"] > 39 * 86_400) == ("mirrored", 1, True)
    assert nothing.status_code == live.status_code == 502


@pytest.mark.parametrize(
    "typed", ['") OR mediatype:"movies', "[1 TO 9]", "a AND", "collection:nasa", "* : ( ) ~", "😀", "x\\"]
)
async def test_whatever_is_typed_is_looked_for_and_is_no_query(
    db: Database, emulator: Emulator, url: str, typed: str
) -> None:
    async with faces(db, url) as house:
        answer = await house.person.get(f"{API}/search", params={"q": typed, "artist": typed})
    assert answer.status_code == 200
    asked = emulator.world.calls.of("archive", "search")[0].params["q"]
    assert asked.startswith('(collection:"etree") AND NOT mediatype:collection AND creator:"')


async def test_an_item_shows_its_tracks_and_a_directory_its_files_by_what_they_are_for(
    db: Database, archive: Archive, url: str
) -> None:
    name = next(one for one in archive.items if one.startswith("lp1978-07-08") and ".sbd." in one)
    async with faces(db, url) as house:
        item = (await house.person.get(f"{API}/items/{name}")).json()
        directory = (await house.person.get(f"{API}/items/{name}/files")).json()
        missing = await house.person.get(f"{API}/items/nobody")
        strange = await house.person.get(f"{API}/items/..%2Fetc")
    assert item["stream_only"] and item["source_type"] == "SBD" and len(item["tracks"]) > 8
    assert item["source_of_answer"] == "live" and directory["age_s"] >= 0
    by = {one["category"]: one for one in directory["categories"]}
    assert by["lossless"]["count"] == by["lossy"]["count"] == len(item["tracks"]) == by["pictures"]["count"]
    assert [by[name]["count"] for name in ("text", "checksums")] == [1, 2]
    assert all(one["private"] for one in by["lossless"]["files"]) and not any(
        one["downloadable"] for one in by["lossy"]["files"]
    )
    assert directory["files"] == sum(one["count"] for one in by.values())
    assert (missing.status_code, missing.json()["code"]) == (404, "no_such_item") and strange.status_code in (404, 422)


async def test_the_cache_tells_real_numbers_and_only_an_administrator_empties_it(
    db: Database, archive: Archive, url: str
) -> None:
    archive.add("x1", {"t1.flac": b"fLaC"})
    async with faces(db, url) as house:
        for _ in range(3):
            await house.person.get(f"{API}/items/x1")
        stats = (await house.person.get(f"{API}/cache")).json()
        assert (stats["hits"], stats["misses"], stats["entries"], stats["kinds"]) == (2, 1, 1, {"metadata": 1})
        assert stats["hit_share"] == pytest.approx(0.6667) and stats["size_bytes"] > 0 and stats["oldest"]
        assert (await house.person.delete(f"{API}/cache")).status_code == 403
        assert (await house.admin.delete(f"{API}/cache")).json() == {"forgotten": 1}
        after = (await house.person.get(f"{OLD}/browse/cache/stats")).json()
    assert (after["entries"], after["size_bytes"], after["oldest"]) == (0, 0, None) and after["hits"] == 2


async def test_how_things_stand_is_shown_with_what_went_wrong_last(db: Database, emulator: Emulator, url: str) -> None:
    async with faces(db, url) as house:
        before = (await house.person.get(API)).json()
        assert (before["breaker"], before["asked_at"], before["last_fault"], before["rate"]) == (
            "closed",
            None,
            None,
            1.0,
        )
        emulator.world.faults.add("status", status=500, service="archive")
        for number in range(5):
            answer = await house.person.get(f"{API}/items/x{number}")
            assert answer.status_code == 502
        after = (await house.person.get(API)).json()
    assert after["breaker"] == "open" and after["open_until"] and after["rate"] < 0.1
    assert after["last_fault"]["reason"] == "server_error" and after["collections"] == ["etree"] and after["contact"]


async def test_the_older_names_answer_alike(db: Database, archive: Archive, url: str) -> None:
    archive.add("x1", {"t1.flac": b"fLaC"}, creator="Cold Harbor", date="1995-01-01")
    async with faces(db, url) as house:
        for old, new in (
            ("music/search?q=Cold+Harbor", "search?q=Cold+Harbor"),
            ("browse/search?q=Cold+Harbor", "search?q=Cold+Harbor"),
            ("browse/items/x1", "items/x1"),
            ("browse/directory/x1", "items/x1/files"),
        ):
            first, second = await house.person.get(f"{API}/{new}"), await house.person.get(f"{OLD}/{old}")
            assert first.status_code == second.status_code == 200
            said = [one.json() | {"age_s": 0, "source_of_answer": ""} for one in (first, second)]
            assert said[0] == said[1]
        assert (await house.admin.post(f"{OLD}/browse/cache/clear")).json()["forgotten"] >= 2
        assert (await house.nobody.get(f"{OLD}/music/search")).status_code == 401


async def test_bands_with_a_collection_are_listed(db: Database, emulator: Emulator, url: str) -> None:
    async with faces(db, url) as house:
        found = (await house.person.get(f"{API}/bands")).json()
    assert [one["collection"] for one in found["items"]] == ["ColdHarbor", "LanternParade"] and found["total"] == 2
