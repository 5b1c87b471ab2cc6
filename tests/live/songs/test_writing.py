"""Setlists become performances, and what hangs on other evenings is right after every write."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from sqlalchemy import delete, update

from segue.core.db import Database
from segue.live.models import LiveConcert
from segue.live.songs.writing import NewSetlist, settle, write_setlist, write_setlists
from tests.live.songs.ground import (
    Played,
    Show,
    a_band,
    an_evening,
    performances_of,
    play,
    setlist,
    songs_of,
    worked_out,
)

pytestmark = pytest.mark.anyio
SONGS = ("Bertha", "Ripple", "Althea", "Dark Star", "Not Fade Away")
LONG = 3


async def kept(db: Database, concert: int) -> list[Played]:
    return [
        Played(row.name, row.set_number, row.set_name.startswith("Encore"), row.place, row.segue, row.gap, row.position)
        for row in await performances_of(db, concert)
    ]


async def test_sets_are_counted_encores_go_on_and_a_soundcheck_is_none(db: Database) -> None:
    show = Show("1977-05-08", ("S:Althea", "Bertha > Ripple, Althea", "Dark Star", "E:Ripple"))
    _, concerts = await play(db, [show])
    rows = await performances_of(db, concerts[show])
    assert [(row.name, row.set_number, row.set_name, row.place, row.segue, row.gap) for row in rows] == [
        ("Althea", 0, "Soundcheck", "", False, None),
        ("Bertha", 1, "Set 1", "opener", True, None),
        ("Ripple", 1, "Set 1", "", False, None),
        ("Althea", 1, "Set 1", "closer", False, None),
        ("Dark Star", 2, "Set 2", "both", False, None),
        ("Ripple", 3, "Encore", "both", False, 0),
    ]


async def test_spellings_of_one_song_are_one_song_and_it_keeps_the_first_name(db: Database) -> None:
    artist, _ = await play(
        db, [Show("1977-05-08", ("Dark Star",)), Show("1977-05-09", ("dark star!", "E:The Dark Star"))]
    )
    (song,) = (await songs_of(db, artist)).values()
    assert (song.name, song.play_count, song.first_date, song.last_date) == ("Dark Star", 2, "1977-05-08", "1977-05-09")


async def test_a_setlist_that_comes_late_moves_the_gaps_behind_it(db: Database) -> None:
    shows = [Show("1977-05-01", ("Bertha",)), Show("1977-05-02", ()), Show("1977-05-03", ("Bertha",))]
    artist, concerts = await play(db, shows)
    assert (await kept(db, concerts[shows[2]]))[0].gap == 1
    async with db.write() as tx:
        assert await write_setlist(tx, concerts[shows[1]], artist, setlist(["Ripple"]), "person")
    assert (await kept(db, concerts[shows[2]]))[0].gap == 2
    async with db.write() as tx:
        assert not await write_setlist(tx, concerts[shows[1]], artist, setlist(["Ripple"]), "person")
        assert await write_setlist(tx, concerts[shows[1]], artist, (), "")
    assert (await kept(db, concerts[shows[2]]))[0].gap == 1


async def test_what_is_no_concert_neither_counts_nor_has_gaps(db: Database) -> None:
    shows = [
        Show("1977-05-01", ("Bertha",)),
        Show("1977-05-02", ("Bertha, Ripple",), kind="rehearsal"),
        Show("1977-05-03", ("Bertha, Ripple",)),
    ]
    artist, concerts = await play(db, shows)
    assert [one.gap for one in await kept(db, concerts[shows[1]])] == [None, None]
    assert [one.gap for one in await kept(db, concerts[shows[2]])] == [1, None]
    async with db.write() as tx:
        await tx.execute(update(LiveConcert).where(LiveConcert.id == concerts[shows[1]]).values(kind="concert"))
        await settle(tx, artist)
    assert [one.gap for one in await kept(db, concerts[shows[1]])] == [1, None]
    assert [one.gap for one in await kept(db, concerts[shows[2]])] == [1, 1]
    async with db.write() as tx:
        await tx.execute(delete(LiveConcert).where(LiveConcert.id == concerts[shows[1]]))
        await settle(tx, artist)
    assert (await songs_of(db, artist))["Ripple"].play_count == 1


@pytest.mark.parametrize("seed", range(LONG))
async def test_however_setlists_come_the_rows_are_those_of_all_evenings_in_order(db: Database, seed: int) -> None:
    chance = random.Random(seed)

    def sets() -> tuple[str, ...]:
        if chance.random() < 0.2:
            return ()
        return tuple(
            prefix + ", ".join(" > ".join(chance.choices(SONGS, k=chance.randint(1, 2))) for _ in range(2))
            for prefix in chance.sample(["S:", "", "", "E:"], chance.randint(1, 3))
        )

    async with db.write() as tx:
        artist = await a_band(tx)
        shows = [
            Show(
                f"19{70 + at % 3}-0{1 + at % 4}", (), sequence=at, kind=chance.choice(["concert", "concert", "studio"])
            )
            for at in range(12)
        ]
        concerts = {show.sequence: await an_evening(tx, artist, show) for show in shows}
    for _ in range(8):
        some = chance.sample(range(12), chance.randint(1, 5))
        for at in some:
            shows[at] = replace(shows[at], sets=sets())
        async with db.write() as tx:
            new = [NewSetlist(concerts[at], setlist(shows[at].sets), "reference") for at in some]
            if len(new) == 1:
                await write_setlist(tx, new[0].concert_id, artist, new[0].sets, new[0].source)
            else:
                await write_setlists(tx, artist, new)
    right = worked_out(shows)
    for show in shows:
        assert await kept(db, concerts[show.sequence]) == right[show]
    counts = {name: row.play_count for name, row in (await songs_of(db, artist)).items()}
    played = {
        name: sum(
            any(one.name == name and one.set_number for one in rows)
            for show, rows in right.items()
            if show.kind == "concert"
        )
        for name in counts
    }
    assert counts == played
