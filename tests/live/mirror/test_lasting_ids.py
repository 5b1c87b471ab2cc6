"""What people hold on to stays where it was: ids, pins and words through any number of groupings. On both databases."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from segue.core.db import Database
from segue.live.errors import AlreadyDecided, BadWord, MayNotDecide, NoSuchConcert, NoSuchThing, NotOfConcert
from segue.live.mirror import regroup
from segue.live.mirror.same import match
from segue.live.models import LiveConcert, LivePin, LiveRedirect
from segue.live.service import LiveService
from tests.live.house import ANN, BEN, LANTERNS, TAPES, fill, item, live_in

pytestmark = pytest.mark.anyio


async def concerts(db: Database) -> dict[str, int]:
    """Numbers of the band's concerts by date and sequence."""
    c = LiveConcert
    async with db.read() as conn:
        found = await conn.execute(select(c.date, c.sequence, c.id).order_by(c.id))
        return {f"{date}|{sequence}": number for date, sequence, number in found}


async def number_of(live: LiveService, identifier: str) -> int:
    found = await live.page("recordings", BEN, live.filters("recordings", [("identifier", f'"{identifier}"')]))
    return int(found.items[0].id)


def slots(*given: tuple[str, int, set[int]]) -> Any:
    return [(("band", date, sequence), held) for date, sequence, held in given]


async def test_ids_stay_when_nothing_changed_and_when_a_recording_comes(db: Database) -> None:
    await fill(db)
    before = await concerts(db)
    await regroup(db, 1)
    await regroup(db, 2)
    await fill(db, [item("pl1999-05-08.aud.dunn.200.flac16", source="AUD")])
    assert await concerts(db) == before


def test_a_concert_stays_the_one_that_most_of_its_recordings_were_of() -> None:
    before = {7: (("band", "1999-05-08", 1), {1, 2, 3}), 8: (("band", "1999-05-09", 1), {4})}
    split = match(slots(("1999-05-08", 1, {3}), ("1999-05-08", 2, {1, 2}), ("1999-05-09", 1, {4})), before)
    assert split.ids == [None, 7, 8]
    joined = match(slots(("1999-05-08", 1, {1, 2, 3, 4})), before)
    assert joined.ids == [7]
    assert joined.ended == {8: 0}
    emptied = match(slots(("1999-05-08", 1, set()), ("1999-05-09", 1, {4})), before)
    assert emptied.ids == [7, 8]
    gone = match([], before)
    assert gone.ended == {7: None, 8: None}


async def test_a_recording_that_a_person_dates_otherwise_takes_its_concert_there(db: Database) -> None:
    await fill(db)
    live = live_in(db)
    before = await concerts(db)
    said = await live.say(ANN, "recording", "pl1999-05-09.aud.birch.103.flac16", "date", "1999-05-11")
    assert [(view.id, view.date) for view in said.concerts] == [(before["1999-05-09|1"], "1999-05-11")]
    assert said.word is not None
    back = await live.unsay(ANN, "recording", "pl1999-05-09.aud.birch.103.flac16", "date")
    assert [(view.id, view.date) for view in back.concerts] == [(before["1999-05-09|1"], "1999-05-09")]
    assert await concerts(db) == before


async def test_a_concert_that_ends_in_another_leads_there_with_what_people_hold_of_it(db: Database) -> None:
    await fill(db)
    live = live_in(db)
    before = await concerts(db)
    ended, kept = before["1999-05-09|1"], before["1999-05-08|1"]
    tape = await number_of(live, "pl1999-05-09.aud.birch.103.flac16")
    await live.pin(BEN, ended, tape)
    told: list[tuple[int, int]] = []

    async def follow(_tx: Any, gone: int, here: int) -> None:
        told.append((gone, here))

    db.followers["concert"] = [follow]
    uid = (await live.concert(BEN, ended)).concert.uid
    await live.say(ANN, "recording", "pl1999-05-09.aud.birch.103.flac16", "date", "1999-05-08")
    assert told == [(ended, kept)]
    assert (await live.concert(BEN, ended)).concert.id == kept
    assert await live.by_uid(BEN, uid) == kept
    async with db.read() as conn:
        assert list(await conn.scalars(select(LivePin.concert_id))) == [kept]
        assert list(await conn.scalars(select(LiveRedirect.ended_id))) == [ended]
    assert (await live.concert(BEN, kept)).held[0].recording.id == tape


async def test_a_word_holds_through_new_items_and_whole_groupings(db: Database) -> None:
    await fill(db)
    live = live_in(db)
    name = "pl1999-05-08.aud.birch.102.flac16"
    await live.say(ANN, "recording", name, "source_type", "MTX")
    await live.say(ANN, "recording", name, "taper", "Someone Else")
    await fill(db, [item(name, source="AKG 480 > DAT", taper="Tom Birch")])
    await regroup(db, 1)
    found = await live.recording(BEN, await number_of(live, name), fetch=False)
    assert (found.recording.source_type, found.recording.taper) == ("MTX", "Someone Else")
    assert {row.field for row in found.words} == {"source_type", "taper"}
    assert found.recording.source == "AKG 480 > DAT"


async def test_a_concert_takes_the_title_and_the_setlist_that_a_person_gives_it(db: Database) -> None:
    await fill(db)
    live = live_in(db)
    number = (await concerts(db))["1999-05-08|1"]
    uid = (await live.concert(BEN, number)).concert.uid
    await live.say(ANN, "concert", uid, "title", "Spring Fair")
    songs = [["Set 1", [["Open Sky", True, ""], "Long Road"]], ["Encore", ["Home"]]]
    await live.say(ANN, "concert", uid, "setlist", songs)
    found = await live.concert(BEN, number)
    assert found.concert.title == "Spring Fair"
    assert [(song.name, song.segue) for song in found.songs] == [
        ("Open Sky", True),
        ("Long Road", False),
        ("Home", False),
    ]
    assert found.concert.setlist_source == "person"
    await live.unsay(ANN, "concert", uid, "setlist")
    assert (await live.concert(BEN, number)).songs == []


async def test_what_cannot_be_said_is_refused_and_changes_nothing(db: Database) -> None:
    await fill(db)
    live = live_in(db)
    name = TAPES[0].identifier
    for field, value in (("date", "1999-16-07"), ("date", "1991-02-29"), ("source_type", "TAPE"), ("colour", "red")):
        with pytest.raises(BadWord):
            await live.say(ANN, "recording", name, field, value)
    with pytest.raises(MayNotDecide):
        await live.say(BEN, "recording", name, "date", "1999-05-09")
    with pytest.raises(NoSuchThing):
        await live.say(ANN, "recording", "nothing", "date", "1999-05-09")
    with pytest.raises(NoSuchThing):
        await live.unsay(ANN, "recording", name, "date")
    with pytest.raises(NoSuchConcert):
        await live.concert(BEN, 999)
    found = await concerts(db)
    with pytest.raises(NotOfConcert):
        await live.pin(BEN, found["1999-05-08|1"], await number_of(live, "no2000-05-08.fm.cedar.106.flac16"))


async def test_a_doubt_that_was_refused_stays_refused_and_an_accepted_one_is_a_persons_word(db: Database) -> None:
    wrong = item("pl1999-06-01.aud.dunn.300.flac16", date="1999-06-10", title=f"{LANTERNS} Live at Mill Theatre")
    await fill(db, [*TAPES, wrong])
    live = live_in(db)
    (doubt,) = [one for one in await live.doubts(BEN) if one.identifier == wrong.identifier]
    assert doubt.kind.startswith("date_")
    with pytest.raises(MayNotDecide):
        await live.decide(BEN, doubt.id, accept=True)
    await live.decide(ANN, doubt.id, accept=False)
    await regroup(db, 1)
    assert [one.id for one in await live.doubts(BEN, states=("refused",))] == [doubt.id]
    with pytest.raises(AlreadyDecided):
        await live.decide(ANN, doubt.id, accept=True)
    other = item("pl1999-07-01.aud.dunn.301.flac16", date="1999-07-10", title=f"{LANTERNS} Live at Mill Theatre")
    await fill(db, [other])
    (fresh,) = [one for one in await live.doubts(BEN) if one.identifier == other.identifier]
    decided, now = await live.decide(ANN, fresh.id, accept=True)
    assert decided.state == "accepted"
    assert [view.date for view in now] == [fresh.proposal[:10]]
