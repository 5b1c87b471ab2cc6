"""What a person says of tempo, key and beats stands before what was heard, and can be taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from segue.analysis import words
from segue.analysis.records import Grid
from segue.analysis.refusals import BadWord, MayNotSay, NoTempoToScale, NothingSaid
from segue.analysis.saying import Words
from segue.core.access import Actor
from segue.core.db import Database
from tests.analysis.store.engines import heard
from tests.analysis.store.ground import Studio, studio

pytestmark = pytest.mark.anyio
ANN = Actor(7, "ann", frozenset({"editor"}), libraries=None)
BEN = Actor(8, "ben", frozenset({"user"}), libraries=None)
TEMPO = heard(120.0).tempo


def say(**values: object) -> Words:
    return Words(**values, given=frozenset(values))  # type: ignore[arg-type]


def test_the_beats_follow_a_tempo_that_a_person_gives():
    halved = words.tempo_by(TEMPO, 60.0, {}, 10_000)
    doubled = words.tempo_by(TEMPO, 240.0, {}, 10_000)
    assert halved.bpm == 60.0 and set(halved.beats_ms) <= set(TEMPO.beats_ms) and len(halved.beats_ms) == 8
    assert set(TEMPO.beats_ms) <= set(doubled.beats_ms) and doubled.grid.bpm == pytest.approx(240)


def test_a_tapped_tempo_gives_beats_to_a_track_in_which_none_was_heard():
    silent = words.tempo_by(
        words.replace(TEMPO, bpm=None, beats_ms=(), downbeats=(), grid=None, evidence={}), 100.0, {}, 3_000
    )
    assert silent.beats_ms == (0, 600, 1200, 1800, 2400, 3000)


def test_the_bar_begins_later_beat_by_beat_and_comes_around():
    shifted = words.tempo_by(TEMPO, None, {"grid": {"downbeat": 1}}, 10_000)
    assert shifted.downbeats == (1, 5, 9, 13) and shifted.grid.first_ms == pytest.approx(600)
    assert words.tempo_by(TEMPO, None, {"grid": {"downbeat": 4}}, 10_000).downbeats == TEMPO.downbeats


def test_beats_moved_to_before_the_beginning_are_left_out():
    moved = words.tempo_by(TEMPO, None, {"grid": {"offset_ms": -150.0}}, 10_000)
    assert moved.beats_ms[0] == TEMPO.beats_ms[1] - 150 and moved.downbeats[0] == 3
    assert moved.grid.first_ms == pytest.approx(-50)


def test_a_grid_that_stands_fast_covers_the_whole_track():
    fixed = words.tempo_by(TEMPO, None, {"grid": {"fixed": {"first_ms": 1_250, "bpm": 120, "beats_a_bar": 4}}}, 10_000)
    assert fixed.beats_ms[:2] == (250, 750) and fixed.beats_ms[-1] == 9_750
    assert fixed.beats_ms[fixed.downbeats[0]] == 1_250 and fixed.grid == Grid(1_250, 120, 4)


@pytest.fixture
async def here(db: Database, tmp_path: Path) -> AsyncIterator[Studio]:
    async with studio(db, tmp_path) as made:
        made.home.song("a.flac", title="One", seed=1)
        await made.scan()
        await made.listen()
        yield made


async def test_halving_is_an_edit_that_wins_and_is_undone(here: Studio):
    one = await here.track("One")
    before = await here.analysis.of_track(ANN, one)
    after, edit = await here.analysis.say(ANN, one, say(tempo="halve"))
    assert after.bpm == words_shown(before.bpm.value / 2, "edit") and edit is not None
    assert after.tempo.beats_ms == before.tempo.beats_ms[::2] and after.heard.tempo == before.heard.tempo
    assert (await here.library.track(one, ANN)).bpm == pytest.approx(before.bpm.value / 2)
    await here.edits.undo(ANN, edit)
    assert (await here.analysis.of_track(ANN, one)).tempo == before.tempo


def words_shown(value: float, source: str) -> object:
    from segue.analysis.views import Shown

    return Shown(pytest.approx(value), source)  # type: ignore[arg-type]


async def test_a_tapped_tempo_and_a_key_in_any_spelling_are_edits(here: Studio):
    one = await here.track("One")
    after, _ = await here.analysis.say(ANN, one, say(bpm=97.5, key="1m"))
    assert (after.bpm.value, after.musical_key.value, after.musical_key.source) == (97.5, "Am", "edit")
    back, edit = await here.analysis.say(ANN, one, say(bpm=None, key=None))
    assert (back.bpm.source, back.musical_key.source) == ("analysis", "analysis") and edit is not None


async def test_what_is_locked_stays_as_it_is_whatever_is_heard_later(here: Studio):
    one = await here.track("One")
    await here.analysis.say(ANN, one, say(downbeat_shift=1, grid_offset_ms=12.0))
    locked, _ = await here.analysis.say(ANN, one, say(locked=True))
    assert locked.words["locked"].value is True and locked.bpm.source == locked.musical_key.source == "edit"
    here.use(version=9)
    await here.analysis.again(ANN, one)
    await here.listen()
    later = await here.analysis.of_track(ANN, one)
    assert (later.bpm, later.tempo.grid, later.musical_key) == (locked.bpm, locked.tempo.grid, locked.musical_key)
    opened, _ = await here.analysis.say(ANN, one, say(locked=False))
    assert "fixed" not in (opened.words["grid"].value or {})


async def test_downbeat_grid_and_points_are_kept_and_taken_back(here: Studio):
    one = await here.track("One")
    first = await here.analysis.of_track(ANN, one)
    said, edit = await here.analysis.say(ANN, one, say(downbeat_shift=2, intro_end_ms=3_000))
    assert edit is None and said.tempo.downbeats[0] == 2 and said.shape.intro_end_ms == 3_000
    more, _ = await here.analysis.say(ANN, one, say(downbeat_shift=-1))
    assert more.tempo.downbeats[0] == 1
    assert (await here.analysis.unsay(ANN, one)).tempo.downbeats[0] == 2
    assert (await here.analysis.unsay(ANN, one)).tempo == first.tempo
    assert (await here.analysis.unsay(ANN, one)).shape == first.shape
    await here.analysis.say(ANN, one, say(downbeat_shift=2, outro_start_ms=9_000))
    cleared, _ = await here.analysis.say(ANN, one, say(downbeat_shift=None, outro_start_ms=None))
    assert (cleared.tempo, cleared.shape) == (first.tempo, first.shape)


async def test_who_is_no_editor_says_nothing_and_nonsense_is_refused(here: Studio):
    one = await here.track("One")
    with pytest.raises(MayNotSay):
        await here.analysis.say(BEN, one, say(tempo="halve"))
    with pytest.raises(BadWord):
        await here.analysis.say(ANN, one, say(key="Q sharp"))
    with pytest.raises(BadWord):
        await here.analysis.say(ANN, one, say(intro_end_ms=20_000))
    with pytest.raises(BadWord):
        await here.analysis.say(ANN, one, say(intro_end_ms=9_000, outro_start_ms=1_000))
    with pytest.raises(NothingSaid):
        await here.analysis.unsay(ANN, one)
    here.home.song("b.flac", title="Two", seed=2)
    await here.home.scan()
    with pytest.raises(NoTempoToScale):
        await here.analysis.say(ANN, await here.track("Two"), say(tempo="double"))


async def test_a_person_who_goes_takes_their_requests_and_leaves_their_words(here: Studio):
    one = await here.track("One")
    await here.analysis.say(ANN, one, say(downbeat_shift=2))
    await here.analysis.ask(ANN, track_id=one)
    kept = await here.analysis.on_export(ANN.person)
    assert [row["name"] for row in kept["requests"]] == ["One"] and kept["words"][0]["value"] == {"downbeat": 2}
    async with here.db.write() as tx:
        await here.analysis.on_user_erased(tx, ANN.person)
    assert await here.analysis.on_export(ANN.person) == {"requests": [], "words": []}
    assert (await here.analysis.of_track(BEN, one)).tempo.downbeats[0] == 2
