"""Concerts a person was at: what they heard there and what never, lists taken over, and that a grouping loses none of it."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, func, insert, select, update

from segue.core.access import Actor
from segue.core.clock import utc_now
from segue.core.db import Database
from segue.live import grouping
from segue.live.errors import BadWord, NoSuchConcert, NoSuchThing
from segue.live.facts import artist_key
from segue.live.models import LiveConcert, LiveRedirect, LiveVenue
from segue.live.shows.models import LiveAttendance
from segue.live.shows.service import ShowsService
from segue.query import Window
from tests.live.songs.ground import ANN, Show, an_evening, play

pytestmark = pytest.mark.anyio
BEN = Actor(2, "ben", libraries=None)
BAND = "The Wharf Rats"
SHOWS = (
    Show("1977-05-07", ("Bertha, Ripple", "E:Althea")),
    Show("1977-05-08", ("Bertha > Dark Star", "Ripple")),
    Show("1977-05-09", ("Not Fade Away",)),
    Show("1978-05-08", ("Dark Star",)),
    Show("1978-05-08", ("Bertha",), sequence=2),
    Show("1979-05-08", ("Bertha",), kind="rehearsal"),
)


@pytest.fixture
async def house(db: Database) -> tuple[ShowsService, dict[Show, int]]:
    _, concerts = await play(db, SHOWS, BAND)
    return ShowsService(db), concerts


async def test_songs_one_heard_and_never_heard_with_ones_own_gaps(house: tuple[ShowsService, dict[Show, int]]) -> None:
    service, concerts = house
    for at in (0, 1, 2):
        await service.attend(ANN, concerts[SHOWS[at]])
    await service.attend(BEN, concerts[SHOWS[3]])
    heard = (await service.songs(ANN)).items
    assert [(one.song.name, one.times, one.first, one.last, one.gap) for one in heard] == [
        ("Bertha", 2, "1977-05-07", "1977-05-08", 1),
        ("Ripple", 2, "1977-05-07", "1977-05-08", 1),
        ("Dark Star", 1, "1977-05-08", "1977-05-08", 1),
        ("Althea", 1, "1977-05-07", "1977-05-07", 2),
        ("Not Fade Away", 1, "1977-05-09", "1977-05-09", 0),
    ]
    never = (await service.songs(BEN, seen=False)).items
    assert [one.song.name for one in never] == ["Bertha", "Ripple", "Althea", "Not Fade Away"]
    assert (await service.songs(ANN, order="gap")).items[0].song.name == "Althea"


async def test_a_note_stays_until_another_is_written_and_nobody_else_sees_any_of_it(
    house: tuple[ShowsService, dict[Show, int]],
) -> None:
    service, concerts = house
    number = concerts[SHOWS[0]]
    assert (await service.attend(ANN, number, "front row")).note == "front row"
    assert (await service.attend(ANN, number)).note == "front row"
    assert (await service.attend(ANN, number, "")).note == ""
    assert (await service.shows(BEN)).items == []
    assert await service.was_there(ANN, concerts.values()) == {number}
    await service.forget_concert(ANN, number)
    assert (await service.shows(ANN)).total == 0
    with pytest.raises(NoSuchThing):
        await service.forget_concert(ANN, number)
    with pytest.raises(NoSuchConcert):
        await service.attend(ANN, 999)


async def test_pages_and_years_of_ones_shows(house: tuple[ShowsService, dict[Show, int]]) -> None:
    service, concerts = house
    for show in SHOWS[:5]:
        await service.attend(ANN, concerts[show])
    first = await service.shows(ANN, window=Window(2))
    rest = await service.shows(ANN, window=Window(9, first.next))
    assert [one.date for one in (*first.items, *rest.items)] == [
        "1978-05-08", "1978-05-08", "1977-05-09", "1977-05-08", "1977-05-07",
    ]  # fmt: skip
    assert [one.date[:4] for one in (await service.shows(ANN, year="1978")).items] == ["1978", "1978"]


async def test_statistics_count_bands_years_and_places(
    db: Database, house: tuple[ShowsService, dict[Show, int]]
) -> None:
    service, concerts = house
    async with db.write() as tx:
        await tx.execute(
            insert(LiveVenue).values(
                key="barn|x",
                name="The Barn",
                sort_name="barn",
                city="Ithaca",
                country="USA",
                latitude=42.4,
                longitude=-76.5,
            )
        )
        venue = await tx.scalar(select(LiveVenue.id))
        here = [concerts[SHOWS[0]], concerts[SHOWS[1]]]
        await tx.execute(update(LiveConcert).where(LiveConcert.id.in_(here)).values(venue_id=venue))
    for show in SHOWS[:3]:
        await service.attend(ANN, concerts[show])
    await service.bring(ANN, "Unknown Band, 1990-01-02")
    found = await service.statistics(ANN)
    assert (found.shows, found.known, found.with_setlist, found.songs, found.performances) == (4, 3, 3, 5, 7)
    assert (found.first, found.last) == ("1977-05-07", "1990-01-02")
    assert [(name, many) for _, name, many in found.artists] == [(BAND, 3), ("Unknown Band", 1)]
    assert found.years == [("1977", 3), ("1990", 1)]
    assert found.venues == [(venue, "The Barn", "Ithaca", 2, 42.4, -76.5)]
    assert found.countries == [("USA", 2)]
    assert found.most_heard[0].song.name == "Bertha"


async def test_a_list_is_taken_over_line_by_line_and_twice_does_nothing(
    house: tuple[ShowsService, dict[Show, int]],
) -> None:
    service, concerts = house
    text = """# my shows
The Wharf Rats, 1977-05-07, with Eve
wharf rats; May 8, 1977
5/8/78, The Wharf Rats
The Wharf Rats, 1980-01-01
somewhere in spring
The Wharf Rats, 1977-02-30"""
    dry = await service.bring(ANN, text, dry_run=True)
    assert [one.state for one in dry] == ["found", "found", "several", "new", "bad", "bad"]
    assert (await service.shows(ANN)).total == 0
    found = await service.bring(ANN, text)
    assert [one.state for one in found] == ["found", "found", "several", "new", "bad", "bad"]
    assert [one.problem for one in found[-2:]] == ["no_date", "bad_date"]
    assert {view.id for view in found[2].concerts} == {concerts[SHOWS[3]], concerts[SHOWS[4]]}
    kept = (await service.shows(ANN)).items
    assert [(one.date, one.note, one.concert is not None) for one in kept] == [
        ("1980-01-01", "", False), ("1977-05-08", "", True), ("1977-05-07", "with Eve", True),
    ]  # fmt: skip
    assert [one.state for one in await service.bring(ANN, text)][:4] == ["kept", "kept", "several", "kept"]
    out = "".join([part async for part in service.export(ANN)])
    assert [one.state for one in await service.bring(ANN, out)] == ["kept"] * 3
    assert [one.state for one in await service.bring(BEN, out)] == ["new", "found", "found"]


async def test_a_show_that_was_not_known_is_found_when_its_concert_comes(
    db: Database, house: tuple[ShowsService, dict[Show, int]]
) -> None:
    service, _ = house
    await service.bring(ANN, f"{BAND}, 1980-01-01")
    async with db.write() as tx:
        artist = await tx.scalar(select(LiveConcert.artist_id).limit(1))
        number = await an_evening(tx, artist, Show("1980-01-01"))
        uid = grouping.concert_uid(grouping.concert_key(artist_key(BAND), "1980-01-01"))
        await tx.execute(update(LiveConcert).where(LiveConcert.id == number).values(uid=uid))
    (one,) = (await service.shows(ANN)).items
    assert one.concert is not None
    assert one.concert.id == number


async def test_who_was_at_a_concert_that_became_part_of_another_was_at_that_one(
    db: Database, house: tuple[ShowsService, dict[Show, int]]
) -> None:
    service, concerts = house
    early, late = concerts[SHOWS[3]], concerts[SHOWS[4]]
    db.followers["concert"] = [service.on_concert_ended]
    await service.attend(ANN, early, "both of them")
    await service.attend(BEN, early)
    await service.attend(BEN, late)
    async with db.write() as tx:
        await tx.ended_in("concert", early, late)
        await tx.execute(insert(LiveRedirect).values(ended_id=early, uid="gone", concert_id=late))
        await tx.execute(delete(LiveConcert).where(LiveConcert.id == early))
    (one,) = (await service.shows(ANN)).items
    assert (one.note, one.concert and one.concert.id) == ("both of them", late)
    assert (await service.shows(BEN)).total == 1
    assert (await service.attend(ANN, early)).concert is not None


async def test_this_day_has_ones_own_shows_and_those_of_bands_one_has_seen(
    house: tuple[ShowsService, dict[Show, int]],
) -> None:
    service, concerts = house
    await service.attend(ANN, concerts[SHOWS[1]])
    found = await service.today(ANN, "05-08")
    assert [one.date for one in found.mine] == ["1977-05-08"]
    assert [view.date for view in found.favourites] == ["1978-05-08", "1978-05-08"]
    nobody = await service.today(BEN, "1999-05-08")
    assert (nobody.mine, nobody.favourites) == ([], [])
    with pytest.raises(BadWord):
        await service.today(ANN, "13-45")


async def test_a_person_that_is_erased_leaves_no_shows(
    db: Database, house: tuple[ShowsService, dict[Show, int]]
) -> None:
    service, concerts = house
    await service.attend(ANN, concerts[SHOWS[0]])
    await service.attend(BEN, concerts[SHOWS[0]])
    async with db.write() as tx:
        await service.on_user_erased(tx, ANN.person)
        assert await tx.scalar(select(func.count()).select_from(LiveAttendance)) == 1
    assert (await service.shows(BEN)).items[0].at <= utc_now()
