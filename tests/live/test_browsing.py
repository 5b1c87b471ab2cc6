"""Looking around: lists and filters, one concert with all of it, this day, search as one types. On both databases."""

from __future__ import annotations

from typing import Any

import pytest

from segue.core.db import Database
from segue.live import spelling
from segue.live.service import LiveService
from segue.query import EVERYTHING, Window
from tests.live.house import ANN, BEN, fill, live_in

pytestmark = pytest.mark.anyio


@pytest.fixture
async def live(db: Database) -> LiveService:
    await fill(db)
    return live_in(db)


async def dates(live: LiveService, *parameters: tuple[str, str], **more: Any) -> list[str]:
    where = live.filters("concerts", parameters)
    return [view.date for view in (await live.page("concerts", BEN, where, **more)).items]


async def test_concerts_come_by_date_and_a_partial_date_last_in_its_year(live: LiveService) -> None:
    assert await dates(live) == ["1999-05-08", "1999-05-09", "2000-05-08", "2000-05-08", "2001"]


async def test_concerts_are_found_by_band_year_place_source_taper_and_rating(live: LiveService) -> None:
    assert await dates(live, ("artist.name", "night owls")) == ["2000-05-08"]
    assert await dates(live, ("year", "1999")) == ["1999-05-08", "1999-05-09"]
    assert await dates(live, ("year", "2000..2001"), ("artist.name", '"Paper Lanterns"')) == ["2000-05-08", "2001"]
    assert await dates(live, ("venue.name", "mill theatre")) == ["1999-05-09"]
    assert await dates(live, ("source", "SBD")) == ["1999-05-08"]
    assert await dates(live, ("source", "FM,MTX")) == ["2000-05-08", "2000-05-08"]
    assert await dates(live, ("taper", "tom birch")) == ["1999-05-08", "1999-05-09"]
    assert await dates(live, ("rating", ">=4.5")) == ["1999-05-08"]
    assert await dates(live, ("kept", "true")) == []


async def test_a_query_in_the_language_is_asked_of_concerts(live: LiveService) -> None:
    assert await dates(live, q='artist:"paper lanterns" year:1999 source:SBD') == ["1999-05-08"]
    assert await dates(live, q="city:springfield -source:AUD sort:-date") == ["2000-05-08", "2000-05-08"]


async def test_pages_follow_one_another_without_a_gap(live: LiveService) -> None:
    found, cursor = [], None
    while True:
        page = await live.page("concerts", BEN, sort="-date", window=Window(2, cursor))
        found += [view.id for view in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert len(found) == len(set(found)) == 5


async def test_one_concert_has_its_recordings_in_order_with_reasons_and_its_neighbours(live: LiveService) -> None:
    page = await live.page("concerts", BEN, live.filters("concerts", [("date", "1999-05-08")]))
    found = await live.concert(BEN, page.items[0].id)
    body = spelling.whole_concert(found)
    assert [one["identifier"] for one in body["sources_held"]] == [
        "pl1999-05-08.sbd.alder.101.flac16",
        "pl1999-05-08.aud.birch.102.flac16",
    ]
    assert body["best"] == body["sources_held"][0]["id"]
    assert body["sources_held"][0]["rank"] == 1
    assert body["sources_held"][0]["terms"]
    assert body["sources_held"][0]["evidence"]
    assert body["previous"] is None
    assert body["next"]["date"] == "1999-05-09"
    assert body["venue"]["name"] == "Harbour Hall"


async def test_other_bands_of_an_evening_stand_beside_it_where_the_venue_is_the_same(live: LiveService) -> None:
    page = await live.page("concerts", BEN, live.filters("concerts", [("source", "MTX")]))
    assert (await live.concert(BEN, page.items[0].id)).others == []


async def test_this_day_is_any_year_of_it(live: LiveService) -> None:
    found = await live.on_this_day(BEN, "05-08", EVERYTHING, Window())
    assert [view.date for view in found.items] == ["1999-05-08", "2000-05-08", "2000-05-08"]
    assert len(await live.random(BEN, EVERYTHING, 3)) == 3


async def test_search_finds_bands_places_and_evenings_as_they_are_typed(live: LiveService) -> None:
    found = await live.search(BEN, "owl", ["artists", "concerts", "venues", "songs"], 10)
    assert [view.name for view in found.artists] == ["The Night Owls"]
    assert [view.artist for view in found.concerts] == ["The Night Owls"]
    found = await live.search(BEN, "cafe ori", ["venues", "concerts"], 10)
    assert [view.name for view in found.venues] == ["Café Orion"]
    for typed in ("lanterns 1999-05-08", "paper lanterns may 8 1999", "5/8/99 lanterns", "19990508"):
        found = await live.search(BEN, typed, ["concerts"], 10)
        assert [view.date for view in found.concerts] == ["1999-05-08"], typed


async def test_bands_have_years_and_tapers_have_recordings(live: LiveService) -> None:
    bands = (await live.artists(BEN)).items
    assert [view.name for view in bands] == ["The Night Owls", "Paper Lanterns"]
    lanterns = await live.artist(BEN, bands[1].id)
    assert [(row.year, row.concerts) for row in lanterns.years] == [("1999", 2), ("2000", 1), ("2001", 1)]
    tapers = (await live.tapers(BEN)).items
    assert [(row.name, row.recordings) for row in tapers] == [("Ida Alder", 2), ("Tom Birch", 2), ("Eve Cedar", 1)]
    assert (await live.taper(BEN, "Ida Alder"))["years"] == [("1999", 1), ("2000", 1)]
    assert [row.date for row in await live.days(BEN, 2001)] == ["2001"]


async def test_a_pin_puts_a_recording_first_for_one_person_or_for_the_house(live: LiveService) -> None:
    page = await live.page("concerts", BEN, live.filters("concerts", [("date", "1999-05-08")]))
    number = page.items[0].id
    second = (await live.concert(BEN, number)).held[1].recording.id
    await live.pin(BEN, number, second)
    assert (await live.concert(BEN, number)).held[0].recording.id == second
    assert (await live.concert(ANN, number)).held[0].recording.id != second
    await live.pin(ANN, number, second, house=True)
    await live.unpin(BEN, number)
    mine = (await live.concert(BEN, number)).held[0]
    assert (mine.recording.id, mine.pinned, mine.rank) == (second, "house", 1)
