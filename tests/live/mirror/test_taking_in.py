"""Items become rows: only what changed is written again, what was said is kept, and what it touches is marked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select, update

from segue.core.changes import Change
from segue.core.db import Database
from segue.live.archive.items import item_of_listed
from segue.live.mirror import Intake, TakenIn, regroup_marked
from segue.live.mirror.again import bring_up_to_date
from segue.live.mirror.kept import kept_item, kept_raw
from segue.live.models import LiveArtist, LiveBill, LiveRecording, LiveRegroup
from segue.live.records import Item
from tests.live.house import LANTERNS, TAPES, fill, item

pytestmark = pytest.mark.anyio

DOC: dict[str, Any] = {
    "identifier": "pl1999-05-08.sbd.alder.101.flac16",
    "title": "Paper Lanterns Live at Harbour Hall on 1999-05-08",
    "creator": ["Paper Lanterns"],
    "date": "1999-05-08T00:00:00Z",
    "collection": ["PaperLanterns", "etree"],
    "source": "SBD > DAT",
    "downloads": 12,
    "addeddate": "2004-07-13T15:00:31Z",
}


async def take(db: Database, *items: Item) -> TakenIn:
    async with db.write() as tx:
        return await Intake().take_in(tx, list(items))


async def rows(db: Database, statement: Any) -> list[Any]:
    async with db.read() as conn:
        return list(await conn.execute(statement))


async def test_an_item_that_is_as_it_was_is_not_written_again(db: Database) -> None:
    assert await take(db, *TAPES) == TakenIn(new=6, dates=5)
    assert await take(db, *TAPES) == TakenIn(same=6)
    louder = replace(TAPES[0], source="SBD > DAT > CDR")
    assert await take(db, louder, *TAPES[1:]) == TakenIn(changed=1, same=5, dates=1)


async def test_a_counter_that_moves_is_no_change(db: Database) -> None:
    assert (await take(db, item_of_listed(DOC))).new == 1
    assert (await take(db, item_of_listed({**DOC, "downloads": 13, "week": 3}))).same == 1
    assert (await take(db, item_of_listed({**DOC, "source": "AUD"}))).changed == 1


async def test_what_the_archive_said_is_kept_and_read_back(db: Database) -> None:
    await take(db, item_of_listed(DOC), TAPES[1])
    async with db.read() as conn:
        assert await kept_raw(conn, 1, "listed") == DOC
        assert await kept_item(conn, 1, "listed") == item_of_listed(DOC)
        assert await kept_item(conn, 2, "listed") == TAPES[1]
        assert await kept_item(conn, 2, "details") is None


async def test_dates_that_an_item_leaves_and_enters_are_both_put_together_again(db: Database) -> None:
    await fill(db, TAPES[:1])
    moved = replace(TAPES[0], date="1999-05-10", title=TAPES[0].title.replace("05-08", "05-10"))
    await take(db, moved)
    marked = {row[0] for row in await rows(db, select(LiveRegroup.date))}
    (now,) = await rows(db, select(LiveRecording.date))
    assert marked == {"1999-05-08", now[0]}
    await regroup_marked(db)
    assert await rows(db, select(func.count()).select_from(LiveRegroup)) == [(0,)]


async def test_bands_are_one_however_they_are_spelled(db: Database) -> None:
    await take(
        db,
        item("pl1999-05-08.a.1", "The Paper Lanterns"),
        item("pl1999-05-09.a.2", "Paper  Lanterns"),
        item("pl1999-05-10.a.3", "PAPER LANTERNS"),
    )
    assert len(await rows(db, select(LiveArtist.key))) == 1


async def test_a_shared_bill_is_a_concert_of_each_band(db: Database) -> None:
    shared = item("plno2002-07-04.aud.1", creators=(LANTERNS, "The Night Owls"), date="2002-07-04", title="Two bands")
    await fill(db, [*TAPES, shared])
    assert await rows(db, select(LiveBill.artist_id))
    async with db.read() as conn:
        held = (
            await conn.execute(select(func.count()).select_from(LiveArtist).where(LiveArtist.last_date == "2002-07-04"))
        ).scalar()
    assert held == 2


async def test_every_recording_and_concert_that_changed_is_told_in_the_feed(db: Database) -> None:
    await fill(db)
    kinds = dict(await rows(db, select(Change.kind, func.count()).group_by(Change.kind)))
    assert kinds["recording"] == 6
    assert kinds["concert"] == 5
    assert kinds["live_artist"] == 2
    last = (await rows(db, select(func.max(Change.cursor))))[0][0]
    await take(db, *TAPES)
    await regroup_marked(db)
    assert (await rows(db, select(func.max(Change.cursor))))[0][0] == last


async def test_items_that_nobody_would_write_are_taken_in_as_they_are(db: Database) -> None:
    odd = [
        Item(identifier="x"),
        Item(identifier="lotus2011-16-07", date="2011-16-07", creators=("Lotus",)),
        Item(identifier="y1991-02-29", date="1991-02-29", title="<script>alert(1)</script>", creators=("Y",)),
        Item(identifier="z#%.\U0001f3b8../..", date="1969-00-00", creators=("Z" * 5_000,), venue="\u0000weird"),
    ]
    cleaned = [replace(one, venue=one.venue.replace("\u0000", "")) for one in odd]
    assert (await take(db, *cleaned)).new == 4
    await regroup_marked(db)
    dates = dict(await rows(db, select(LiveRecording.identifier, LiveRecording.date)))
    assert dates["lotus2011-16-07"] in ("2011-07-16", "2011")
    assert dates["y1991-02-29"] in ("1991-02", "1991")
    assert dates[odd[3].identifier] in ("1969", "")


async def test_better_rules_look_at_what_was_said_again(db: Database) -> None:
    await fill(db)
    async with db.write() as tx:
        older = update(LiveRecording).where(LiveRecording.id == 1)
        await tx.execute(older.values(source_type="UNKNOWN", concluded_version=0))
    done: list[int] = []
    assert await bring_up_to_date(db, done.append) == 1
    assert done == [1]
    await regroup_marked(db)
    assert (await rows(db, select(LiveRecording.source_type).where(LiveRecording.id == 1)))[0][0] == "SBD"
    assert await bring_up_to_date(db, done.append) == 0
