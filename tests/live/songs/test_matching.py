"""Why a setlist was found: the songs that meet the question and the track to begin with."""

from __future__ import annotations

import pytest

from segue.core.access import Actor
from segue.live.songs.heard import mark_segues, runs_into
from segue.live.songs.service import FoundSetlist
from tests.live.songs.conftest import SHOWS, Band
from tests.live.songs.ground import ANN, a_tape

pytestmark = pytest.mark.anyio


async def ask(band: Band, q: str) -> dict[str, list[tuple[str, list[str]]]]:
    listing = await band.service.setlists(ANN, q)
    return {one.concert.date: told(one) for one in listing.items}


def told(one: FoundSetlist) -> list[tuple[str, list[str]]]:
    return [(match.condition, [f"{song.position} {song.name}" for song in match.songs]) for match in one.matches]


async def test_every_condition_on_songs_tells_the_songs_that_meet_it(band: Band) -> None:
    assert await ask(band, "bertha > ripple") == {
        "1976-06-01": [("bertha > ripple", ["1 Bertha", "2 Ripple"])],
        "1977-05-09": [("bertha > ripple", ["1 Bertha", "2 Ripple"])],
    }
    assert await ask(band, '(encore:ripple OR gap:>3) year:1976..1978 -song:"Cassidy"') == {
        "1976-06-01": [("encore:ripple", ["7 Ripple"])],
        "1978-01-01": [("gap:>3", ["2 Space"])],
    }
    assert await ask(band, 'set2.opener:"Dark Star" "Dark Star" > * > star') == {
        "1976-06-01": [
            ('set2.opener:"Dark Star"', ["4 Dark Star"]),
            ('"Dark Star" > * > star', ["4 Dark Star", "5 Space", "6 Dark Star"]),
        ]
    }
    assert await ask(band, "year:1978") == {"1978-01-01": []}


async def test_links_say_by_whose_word_a_song_runs_into_the_next(band: Band) -> None:
    bertha, ripple = await band.song("Bertha"), await band.song("Ripple")
    concert = band.concerts[SHOWS[1]]
    tracks = [
        [[bertha, "Bertha", "song", True, False, False]],
        [[None, "Tuning", "nonsong", False, False, False]],
        [[ripple, "Ripple", "song", False, False, False]],
    ]
    recording = await a_tape(band.db, concert, tracks)
    async with band.db.write() as tx:
        assert await mark_segues(tx, [concert]) == 1
        assert await mark_segues(tx, [concert]) == 0
    found = {one.concert.date: one for one in (await band.service.setlists(ANN, '"Bertha" > "Ripple"')).items}
    assert {date: one.matches[0].links for date, one in found.items()} == {
        "1976-06-01": ["setlist"], "1977-05-07": ["recording"], "1977-05-09": ["setlist"],
    }  # fmt: skip
    play = found["1977-05-07"].matches[0].songs[0].play
    assert play is not None
    assert (play.recording_id, play.number) == (recording, 1)
    later = (await band.service.setlists(ANN, '"Ripple" >>> "Dark Star" year:1977')).items
    assert [one.matches[0].links for one in later] == [["later"], ["later"]]


async def test_a_search_that_is_to_be_kept_is_told_to_the_history_once(band: Band) -> None:
    heard: list[tuple[int, str, str, int | None]] = []

    async def note(actor: Actor, box: str, query: str, results: int | None) -> None:
        heard.append((actor.person, box, query, results))

    band.service.on_searched.append(note)
    await band.service.setlists(ANN, "bertha > ripple", noted=True)
    await band.service.setlists(ANN, "bertha > ripple")
    assert heard == [(ANN.person, "live", "bertha > ripple", 2)]


async def test_limits_orders_and_pages_of_a_question_hold(band: Band) -> None:
    found = await band.service.setlists(ANN, "song:bertha sort:-date limit:2")
    assert [one.concert.date for one in found.items] == ["1978-01-01", "1977-05-09"]


def test_segues_are_marked_between_songs_whatever_noise_lies_between() -> None:
    heard = [
        [1, "A", "song", True, False, False],
        [None, "crowd", "nonsong", True, False, False],
        [2, "B", "song", True, False, False],
        [None, "?", "unknown", False, False, False],
        [3, "C", "song", False, False, False],
        [4, "D", "song", False, False, False],
    ]
    assert runs_into(heard) == {(1, 2)}
    assert runs_into([]) == set()
