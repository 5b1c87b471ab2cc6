"""What setlists add up to: a song's evenings, what stands beside it, and an artist's firsts, returns and rarities."""

from __future__ import annotations

import pytest

from segue.live.errors import NoSuchThing
from segue.live.songs.errors import SongNotFound
from segue.query import Window
from tests.live.songs.conftest import SHOWS, Band
from tests.live.songs.ground import ANN, Show, a_tape, play

pytestmark = pytest.mark.anyio


async def test_songs_of_an_artist_come_by_plays_gap_dates_or_name(band: Band) -> None:
    async def names(order: str, **more: object) -> list[str]:
        listing = await band.service.songs(ANN, artist=band.artist, order=order, **more)  # type: ignore[arg-type]
        return [f"{view.name} {view.times} {view.gap}" for view in listing.items]

    assert await names("plays") == ["Bertha 5 0", "Ripple 4 1", "Althea 3 0", "Dark Star 3 2", "Space 2 0"]
    assert await names("gap") == ["Dark Star 3 2", "Ripple 4 1", "Althea 3 0", "Bertha 5 0", "Space 2 0"]
    assert (await names("name"))[:2] == ["Althea 3 0", "Bertha 5 0"]
    assert (await names("plays", descending=False))[0] == "Space 2 0"
    assert (await names("last"))[:2] == ["Dark Star 3 2", "Ripple 4 1"]


async def test_pages_of_songs_follow_one_another_and_typed_letters_narrow_them(band: Band) -> None:
    first = await band.service.songs(ANN, artist=band.artist, window=Window(2))
    rest = await band.service.songs(ANN, artist=band.artist, window=Window(9, first.next))
    assert [view.name for view in (*first.items, *rest.items)] == ["Bertha", "Ripple", "Althea", "Dark Star", "Space"]
    assert (first.total, rest.next) == (5, None)
    assert [view.name for view in (await band.service.songs(ANN, typed="sta")).items] == ["Dark Star"]
    with pytest.raises(NoSuchThing):
        await band.service.songs(ANN, artist=999)


async def test_a_song_tells_when_where_and_beside_what_it_was_played(band: Band) -> None:
    found = await band.service.song(ANN, await band.song("Ripple"))
    assert (found.song.times, found.concerts, found.since_first) == (4, 5, 5)
    assert found.first is not None
    assert found.last is not None
    assert (found.first.evening.date, found.last.evening.date) == ("1976-06-01", "1977-05-09")
    assert [(one.year, one.times, one.concerts) for one in found.years] == [
        ("1976", 1, 1),
        ("1977", 3, 3),
        ("1978", 0, 1),
    ]
    assert found.sets == {"Set 1": 4, "Encore": 1}
    assert (found.opened, found.closed, found.encores) == (1, 2, 1)
    assert [(one.name, one.times, one.segues) for one in found.before] == [("Bertha", 3, 2)]
    assert [(one.name, one.times, one.segues) for one in found.after] == [("Bertha", 1, 1), ("Althea", 1, 0)]
    assert [(one.name, one.times) for one in found.together] == [
        ("Bertha", 4), ("Dark Star", 3), ("Althea", 2), ("Space", 1),
    ]  # fmt: skip
    assert found.segue_share == 0.2
    assert found.mean_position == pytest.approx((1 / 6 + 1 + 1 / 3 + 0 + 1) / 5)


async def test_the_longest_gap_is_told_with_its_evening_and_a_soundcheck_ends_none(band: Band) -> None:
    found = await band.service.song(ANN, await band.song("Space"))
    assert found.longest is not None
    assert (found.longest.gap, found.longest.evening.date) == (4, "1978-01-01")
    assert (found.song.times, found.together[0].name) == (2, "Althea")


async def test_performances_carry_the_track_of_the_best_recording_that_has_them(band: Band) -> None:
    star, space = await band.song("Dark Star"), await band.song("Space")
    said = [star, "Dark Star", "song", True, False, False]
    twice = [[said], [[space, "Space", "song", True, False, False]], [said]]
    concert = band.concerts[SHOWS[0]]
    await a_tape(band.db, concert, [[[None, "Tuning", "nonsong", False, False, False]]], rank=1)
    best = await a_tape(band.db, concert, twice, rank=2)
    await a_tape(band.db, concert, twice, rank=3)
    found = await band.service.performances(ANN, star)
    assert [(one.evening.date, one.gap, one.play and one.play.number) for one in found.items] == [
        ("1976-06-01", None, 1), ("1976-06-01", 0, 3), ("1977-05-07", 1, None), ("1977-05-08", 1, None),
    ]  # fmt: skip
    assert found.items[0].play is not None
    assert found.items[0].play.recording_id == best
    longest = await band.service.performances(ANN, star, order="duration", descending=True, window=Window(1))
    assert longest.items[0].play is not None
    assert (longest.items[0].play.duration_ms, longest.total) == (180_000, 4)


async def test_an_artist_has_rarities_first_times_returns_openers_and_transitions(band: Band) -> None:
    found = await band.service.of_artist(ANN, band.artist, least_gap=3)
    assert (found.concerts, found.songs, found.performances) == (5, 5, 19)
    assert found.segue_share == pytest.approx(6 / 19)
    assert [view.name for view in found.rarities] == ["Space", "Dark Star", "Althea"]
    assert [(year, [song.name for song, _ in debuts]) for year, debuts in found.debuts] == [
        ("1976", ["Bertha", "Ripple", "Althea", "Dark Star", "Space"])
    ]
    assert [(year, [(one.name, one.gap) for one in back]) for year, back in found.bust_outs] == [
        ("1978", [("Space", 4), ("Althea", 3)])
    ]
    assert (found.openers[0].name, found.openers[0].times) == ("Bertha", 3)
    assert [(one.name, one.times) for one in found.encores] == [("Bertha", 1), ("Ripple", 1)]
    first, second, times, segues = found.transitions[0]
    assert (first.name, second.name, times, segues) == ("Bertha", "Ripple", 3, 2)
    with pytest.raises(NoSuchThing):
        await band.service.of_artist(ANN, 999)


async def test_a_song_of_another_band_of_the_same_name_is_another_song(band: Band) -> None:
    other, _ = await play(band.db, [Show("1999-01-01", ("Bertha",))], "The Night Owls")
    found = await band.service.songs(ANN, typed="bertha")
    assert {(view.artist_id, view.times) for view in found.items} == {(band.artist, 5), (other, 1)}
    with pytest.raises(SongNotFound):
        await band.service.song(ANN, 999)
