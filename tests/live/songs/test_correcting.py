"""People's word on songs wins: names, songs that are one, titles, and what is no song."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from segue.live.errors import MayNotDecide, NoSuchThing
from segue.live.models import LiveConcert, LiveRegroup
from segue.live.songs.errors import BadSong, SongNameTaken, SongNotFound
from segue.live.songs.writing import write_setlist
from tests.live.songs.conftest import SHOWS, Band
from tests.live.songs.ground import ANN, EDITOR, Show, performances_of, play, setlist, songs_of

pytestmark = pytest.mark.anyio


async def names(band: Band, show: Show) -> list[str]:
    return [row.name for row in await performances_of(band.db, band.concerts[show])]


async def again(band: Band, show: Show, *sets: str) -> None:
    async with band.db.write() as tx:
        await write_setlist(tx, band.concerts[show], band.artist, setlist(sets or show.sets), "reference")


async def test_a_song_that_was_renamed_is_found_by_both_names_in_setlists_that_come_later(band: Band) -> None:
    number = await band.song("Space")
    assert await band.service.rename(EDITOR, number, "Feedback") == number
    await again(band, SHOWS[0])
    await again(band, SHOWS[4], "Feedback", "Space")
    assert await names(band, SHOWS[4]) == ["Feedback", "Feedback"]
    assert (await band.service.song(ANN, number)).titles == ["Space"]
    assert [one.concert.date for one in (await band.service.setlists(ANN, 'song:"Space"')).items] == [
        "1976-06-01",
        "1978-01-01",
    ]
    with pytest.raises(SongNameTaken):
        await band.service.rename(EDITOR, number, "ripple")
    await band.service.rename(EDITOR, number, "Space")
    assert (await band.service.song(ANN, number)).song.name == "Space"


async def test_songs_that_are_one_count_as_one_and_the_old_number_leads_to_it(band: Band) -> None:
    space, star = await band.song("Space"), await band.song("Dark Star")
    assert await band.service.merge(EDITOR, space, star) == star
    found = await band.service.song(ANN, space)
    assert (found.song.id, found.song.times, found.song.last) == (star, 4, "1978-01-01")
    assert [row.gap for row in await performances_of(band.db, band.concerts[SHOWS[4]]) if row.name == "Dark Star"] == [
        2
    ]
    await again(band, SHOWS[0])
    assert (await names(band, SHOWS[0]))[3:6] == ["Dark Star"] * 3
    async with band.db.read() as conn:
        assert await conn.scalar(select(LiveConcert.song_count).where(LiveConcert.id == band.concerts[SHOWS[0]])) == 4
        assert (await conn.execute(select(LiveRegroup.artist_id, LiveRegroup.date))).one() == (band.artist, "")
    with pytest.raises(BadSong):
        await band.service.merge(EDITOR, space, star)


async def test_what_is_no_song_leaves_all_setlists_and_stays_out(band: Band) -> None:
    await band.service.no_song(EDITOR, await band.song("Space"))
    assert await names(band, SHOWS[4]) == ["Althea", "Bertha"]
    rows = await performances_of(band.db, band.concerts[SHOWS[0]])
    assert [(row.name, row.position, row.place) for row in rows[3:5]] == [
        ("Dark Star", 4, "opener"),
        ("Dark Star", 5, "closer"),
    ]
    await again(band, SHOWS[4])
    assert await names(band, SHOWS[4]) == ["Althea", "Bertha"]
    assert "Space" not in [view.name for view in (await band.service.songs(ANN, artist=band.artist)).items]
    await band.service.forget(EDITOR, band.artist, "space")
    await again(band, SHOWS[4])
    assert await names(band, SHOWS[4]) == ["Althea", "Space", "Bertha"]


async def test_a_title_means_the_song_that_a_person_says(band: Band) -> None:
    star = await band.song("Dark Star")
    await band.service.call(EDITOR, band.artist, "DS", star)
    await again(band, SHOWS[3], "Bertha, DS")
    assert await names(band, SHOWS[3]) == ["Bertha", "Dark Star"]
    assert (await band.service.setlists(ANN, 'opener:"DS" OR closer:"ds"')).total == 4
    await band.service.call(EDITOR, band.artist, "Tuning", None)
    await again(band, SHOWS[3], "Tuning > Bertha")
    assert await names(band, SHOWS[3]) == ["Bertha"]
    assert [(row.title, row.song) for row in await band.service.titles(band.artist)] == [
        ("DS", "Dark Star"),
        ("Tuning", None),
    ]
    await band.service.call(EDITOR, band.artist, "space!", star)
    assert (await band.service.song(ANN, star)).song.times == 4
    with pytest.raises(NoSuchThing):
        await band.service.forget(EDITOR, band.artist, "never said")


async def test_only_editors_say_so_and_only_of_songs_that_are(band: Band) -> None:
    number = await band.song("Space")
    other, _ = await play(band.db, [Show("1999-01-01", ("Bertha",))], "The Night Owls")
    foreign = (await songs_of(band.db, other))["Bertha"].id
    with pytest.raises(MayNotDecide):
        await band.service.rename(ANN, number, "Feedback")
    with pytest.raises(BadSong):
        await band.service.rename(EDITOR, number, " !? ")
    with pytest.raises(BadSong):
        await band.service.merge(EDITOR, number, foreign)
    with pytest.raises(BadSong):
        await band.service.call(EDITOR, band.artist, "B", foreign)
    with pytest.raises(SongNotFound):
        await band.service.merge(EDITOR, number, 999)
    with pytest.raises(NoSuchThing):
        await band.service.call(EDITOR, 999, "B", None)
