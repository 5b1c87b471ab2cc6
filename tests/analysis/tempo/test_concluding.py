"""Which level is the beat: knowledge and a person's word, without listening again."""

from __future__ import annotations

import math
import random
import subprocess
import sys

import pytest

from segue.analysis.records import Knowledge
from segue.analysis.tempo import Level, Pulse, again, conclude
from segue.analysis.tempo.knowing import known, range_of


def pulse(bpm: float = 140.0, count: int = 64, **more: object) -> Pulse:
    beats = tuple(500 + 60_000 * one / bpm for one in range(count))
    levels = (
        Level(bpm / 2, math.log(0.48)),
        Level(bpm, math.log(0.47)),
        Level(bpm * 2 / 3, math.log(0.03)),
        Level(bpm * 3 / 2, math.log(0.02)),
    )
    plain: dict[str, object] = {
        "agreement": 0.95,
        "steadiness": 0.9,
        "even": True,
        "strong_ms": beats[1],
        "bar": 4,
        "bar_ms": beats[1],
    }
    return Pulse(60_000, bpm, beats, levels, **{**plain, **more})  # type: ignore[arg-type]


def test_without_knowledge_the_likeliest_level_is_taken_and_the_others_are_kept() -> None:
    tempo = conclude(pulse())
    assert tempo.bpm == 70
    assert [candidate.bpm for candidate in tempo.candidates] == [70, 140, 93.33, 210]
    assert tempo.confidence < 0.7, "a ballad and dubstep with the same drums cannot be told apart"


@pytest.mark.parametrize(
    ("knowledge", "bpm"),
    [
        (Knowledge(genres=("Dubstep",)), 140),
        (Knowledge(genres=("Power ballad",)), 70),
        (Knowledge(tag_bpm=139.8), 140),
        (Knowledge(tag_bpm=70), 70),
        (Knowledge(low=100, high=180), 140),
        (Knowledge(high=100), 70),
        (Knowledge(album=(138, 141, 142, 139)), 140),
        (Knowledge(album=(68, 72, 75)), 70),
        (Knowledge(genres=("Music from Mars",)), 70),
    ],
)
def test_what_is_known_turns_the_balance(knowledge: Knowledge, bpm: float) -> None:
    assert conclude(pulse(), knowledge).bpm == bpm


def test_a_person_s_word_is_taken_as_it_is() -> None:
    tempo = conclude(pulse(), Knowledge(said=140.5, high=90))
    assert tempo.bpm == 140.5
    assert tempo.confidence == 1.0


def test_halving_keeps_every_other_beat_and_doubling_puts_one_between() -> None:
    whole = conclude(pulse(), Knowledge(said=140))
    half = again(whole, Knowledge(said=70))
    double = again(whole, Knowledge(said=280))
    assert half.beats_ms == whole.beats_ms[1::2], "the strong ones stay"
    assert double.beats_ms[0::2] == whole.beats_ms
    assert all(later > one for one, later in zip(double.beats_ms, double.beats_ms[1:], strict=False))
    back = again(half, Knowledge(said=140)).beats_ms
    assert all(abs(one - before) <= 1 for one, before in zip(back, whole.beats_ms[1:], strict=False))


def test_beats_lie_on_the_grid_at_every_level() -> None:
    whole = conclude(pulse())
    for said in (70, 140, 280, 93.333, 210, 35):
        tempo = again(whole, Knowledge(said=said))
        assert tempo.grid is not None
        period = 60_000 / tempo.grid.bpm
        for beat in tempo.beats_ms:
            off = (beat - tempo.grid.first_ms) / period
            assert abs(off - round(off)) * period <= 2.5, said


def test_bars_keep_their_length_when_the_level_changes() -> None:
    whole = conclude(pulse(), Knowledge(said=140))
    half = again(whole, Knowledge(said=70))
    assert whole.grid and whole.grid.beats_a_bar == 4
    assert half.grid and half.grid.beats_a_bar == 2
    bars = {whole.beats_ms[one] for one in whole.downbeats}
    assert {half.beats_ms[one] for one in half.downbeats} == bars
    assert whole.grid.first_ms == pytest.approx(min(bars), abs=1)


def test_a_tempo_that_has_nothing_to_do_with_what_was_heard_gets_an_even_grid() -> None:
    tempo = again(conclude(pulse()), Knowledge(said=117))
    assert tempo.bpm == 117
    assert tempo.grid and tempo.grid.bpm == 117
    steps = {later - one for one, later in zip(tempo.beats_ms, tempo.beats_ms[1:], strict=False)}
    assert steps <= {512, 513, 514}


def test_knowledge_of_before_is_forgotten_when_it_is_concluded_again() -> None:
    first = conclude(pulse())
    there = again(first, Knowledge(genres=("dubstep",)))
    assert again(there).candidates == first.candidates
    assert again(there).bpm == first.bpm


def test_without_a_pulse_there_is_only_what_a_person_says() -> None:
    nothing = conclude(Pulse(1000, None), Knowledge(genres=("house",), tag_bpm=120))
    assert nothing.bpm is None
    assert nothing.confidence == 0
    assert again(nothing, Knowledge(said=120)).bpm == 120


def test_genres_are_found_as_words_and_the_longest_counts() -> None:
    assert range_of("Liquid Drum & Bass") == (160, 180)
    assert range_of("Deep House") == (116, 126)
    assert range_of("Trap") == range_of("Cloud trap / rap")
    assert range_of("Strapping") is None
    assert range_of("Household") is None
    assert range_of("") is None


def test_knowledge_never_breaks_on_odd_values() -> None:
    dice = random.Random(4)
    for _ in range(300):
        odd = Knowledge(
            tag_bpm=dice.choice((None, 0.0, -3.0, 1e-3, 1e6, 120.0)),
            genres=tuple(dice.choice(("", "House", "ÄÖ", "rap" * 50)) for _ in range(dice.randint(0, 3))),
            album=tuple(dice.choice((0.0, -1.0, 60.0, 1e5)) for _ in range(dice.randint(0, 4))),
            low=dice.choice((None, 0.0, 60.0, 300.0)),
            high=dice.choice((None, 0.0, 90.0)),
        )
        assert math.isfinite(known(100.0, odd))
        tempo = conclude(pulse(), odd)
        assert tempo.bpm is not None and 0 <= tempo.confidence <= 1


def test_concluding_needs_no_numpy() -> None:
    code = "import sys, segue.analysis.tempo; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
