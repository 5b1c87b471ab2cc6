"""What people said of songs, and what recordings mark, holds through taking in and grouping."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from segue.core.clock import utc_now
from segue.core.db import Database
from segue.jobs import JobService, Registry
from segue.live import tasks
from segue.live.fields import ENTITIES
from segue.live.mirror import regroup_marked
from segue.live.mirror.details import take_in_details
from segue.live.models import LiveSetlist
from segue.live.records import Item, ItemFile, ItemTrack
from segue.live.songs.service import SongService
from segue.query import Entities
from tests.live.house import ANN, LANTERNS, item

pytestmark = pytest.mark.anyio
TITLES = ("01 Harbor Lights ->", "02 Long Way Down", "03 crowd", "04 Amber Waltz")


def a_tape(identifier: str) -> Item:
    tracks = tuple(
        ItemTrack(at, title, 200_000, files=(ItemFile(f"t{at}.flac", "Flac", "original"),))
        for at, title in enumerate(TITLES, 1)
    )
    return item(identifier, tracks=tracks)


async def test_a_title_that_a_person_gave_a_meaning_and_segues_of_tapes_stay_when_all_is_grouped_again(
    db: Database,
) -> None:
    tapes = [a_tape("pl1999-05-08.aud.one.flac16"), a_tape("pl1999-05-08.sbd.two.flac16")]
    async with db.write() as tx:
        for tape in tapes:
            await take_in_details(tx, tape, utc_now())
    await regroup_marked(db)
    service = SongService(db, Entities(ENTITIES), JobService(db, Registry().add(tasks)))
    found = (await service.setlists(ANN, '"Harbor Lights" > "Long Way Down"')).items
    assert [(one.concert.date, one.concert.setlist_source) for one in found] == [("1999-05-08", "consensus")]
    first = found[0].matches[0].songs[0]
    assert first.play is not None
    assert (first.play.number, first.play.title) == (1, TITLES[0])
    songs = {view.name: view.id for view in (await service.songs(ANN)).items}
    assert set(songs) == {"Harbor Lights", "Long Way Down", "Amber Waltz"}

    await service.merge(ANN, songs["Amber Waltz"], songs["Long Way Down"])
    await regroup_marked(db)
    assert {view.name: view.times for view in (await service.songs(ANN)).items} == {
        "Harbor Lights": 1,
        "Long Way Down": 1,
    }
    (again,) = (await service.setlists(ANN, 'closer:"Amber Waltz"')).items
    (closing,) = again.matches[0].songs
    assert closing.name == "Long Way Down"
    assert closing.play is not None


async def test_an_arrow_on_a_tape_counts_where_the_setlist_has_none(db: Database) -> None:
    async with db.write() as tx:
        songs = [["Harbor Lights", False, ""], ["Long Way Down", False, ""], ["Amber Waltz", False, ""]]
        await tx.execute(
            insert(LiveSetlist).values(
                source="reference",
                artist_key=LANTERNS.lower(),
                date="1999-05-08",
                sets=[["Set 1", songs]],
                at=utc_now(),
            )
        )
        tapes = [a_tape("pl1999-05-08.aud.one.flac16")]
        for tape in tapes:
            await take_in_details(tx, tape, utc_now())
    await regroup_marked(db)
    service = SongService(db, Entities(ENTITIES), JobService(db, Registry().add(tasks)))
    (found,) = (await service.setlists(ANN, "harbor > down")).items
    assert (found.concert.setlist_source, found.matches[0].links) == ("reference", ["recording"])
    assert (await service.setlists(ANN, "down > amber")).items == []
