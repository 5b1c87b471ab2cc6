"""Two recordings of one performance are lined up to 20 ms and 0.05 %, and nothing is claimed about two that are none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.live.alignment import curve, errors
from bench.live.performance import RATE, Samples, Tape, perform, write
from segue.live.alignment.fitting import align
from segue.live.alignment.onsets import Curve, curve_of, onset_curve
from segue.live.alignment.pairs import align_pair
from segue.live.alignment.records import Fit, NoSound, Sound

SECONDS = 75.0


@pytest.fixture(scope="module")
def music() -> Samples:
    return perform(21, SECONDS)


@pytest.fixture(scope="module")
def good(music: Samples) -> Curve:
    return curve(Tape(noise_db=-30, seed=9).record(music))


def close(fit: Fit, tape: Tape) -> None:
    found = errors(fit, tape)
    assert found is not None, f"nothing claimed, score {fit.score}"
    assert found[0] <= 20
    assert found[1] <= 0.05


@pytest.mark.parametrize("speed", [0.962, 1.013, 1.038])
def test_a_deck_that_ran_off_is_lined_up(music: Samples, good: Curve, speed: float) -> None:
    tape = Tape(speed=speed, noise_db=-20, seed=2)
    close(align(good, curve(tape.record(music))), tape)


def test_noise_as_loud_as_the_music_is_heard_through(music: Samples, good: Curve) -> None:
    tape = Tape(speed=1.009, noise_db=0, seed=3)
    close(align(good, curve(tape.record(music))), tape)


def test_another_place_in_the_room_and_another_equalisation_change_nothing(music: Samples, good: Curve) -> None:
    tape = Tape(speed=0.991, room_s=0.6, crowd=True, tilt=-4, seed=4)
    close(align(good, curve(tape.record(music))), tape)


def test_parts_missing_at_both_ends_are_no_matter(music: Samples, good: Curve) -> None:
    tape = Tape(speed=1.02, start_s=20, end_s=25, seed=5)
    fit = align(good, curve(tape.record(music)))
    close(fit, tape)
    assert fit.alignment is not None
    assert fit.alignment.place(5_000) is None


def test_a_tape_that_was_turned_over_has_two_stretches_and_a_hole_between(music: Samples, good: Curve) -> None:
    tape = Tape(speed=0.99, gap_at_s=40, gap_s=12, seed=6)
    fit = align(good, curve(tape.record(music)))
    close(fit, tape)
    assert fit.alignment is not None
    first, second = fit.alignment.stretches
    assert abs(first.end_ms - 40_000) < 1_500
    assert abs(second.start_ms - 52_000) < 1_500
    assert fit.alignment.place(46_000) is None


def test_what_the_first_lacks_is_a_jump_in_the_second(music: Samples, good: Curve) -> None:
    tape = Tape(gap_at_s=40, gap_s=12, seed=6)
    fit = align(curve(tape.record(music)), good)
    assert fit.alignment is not None
    assert abs((fit.alignment.place(30_000) or 0) - 30_000) <= 20
    assert abs((fit.alignment.place(60_000) or 0) - 72_000) <= 20


def test_the_other_way_round_is_the_same_line(music: Samples, good: Curve) -> None:
    tape = Tape(speed=0.99, gap_at_s=40, gap_s=12, seed=6)
    said = align(good, curve(tape.record(music))).alignment
    assert said is not None
    back = said.inverse(round(SECONDS * 1000))
    for moment in (10_000, 35_000, 60_000, 72_000):
        place = said.place(moment)
        assert place is not None
        assert abs((back.place(place) or 0) - moment) < 2
    assert back.place(-5) is None


@pytest.mark.parametrize("arrangement", [21, None], ids=["another night of the song", "another song"])
def test_nothing_is_claimed_about_another_performance(good: Curve, arrangement: int | None) -> None:
    fit = align(good, curve(perform(777, SECONDS, arrangement=arrangement)))
    assert fit.alignment is None
    assert fit.score < 0.45


def test_silence_and_snippets_have_no_line(good: Curve) -> None:
    silence = onset_curve(iter([np.zeros(RATE * 30, np.float32)]))
    assert align(good, silence).alignment is None
    assert align(silence, silence).alignment is None
    assert align(good[:500], good).alignment is None
    assert align(good[:0], good[:0]).alignment is None


def test_files_of_two_formats_are_lined_up_and_a_part_of_one_too(music: Samples, tmp_path: Path) -> None:
    tape = Tape(speed=1.011, start_s=8, noise_db=-12, seed=7)
    one, two = write(music, tmp_path / "one.flac"), write(tape.record(music), tmp_path / "zwei ü.mp3")
    close(align_pair((Sound(bytes(one)), Sound(bytes(two)))), tape)
    said = align_pair((Sound(bytes(one), 30_000, 80_000), Sound(bytes(two)))).alignment
    assert said is not None
    truth = tape.place(40)
    assert truth is not None
    assert abs((said.place(10_000) or 0) - truth * 1000) <= 20


def test_a_file_without_sound_says_so(tmp_path: Path) -> None:
    broken = tmp_path / "broken.flac"
    broken.write_bytes(b"fLaC" + bytes(200))
    with pytest.raises(NoSound):
        curve_of(Sound(bytes(broken)))
    with pytest.raises(NoSound):
        curve_of(Sound(bytes(tmp_path / "nothing here.flac")))
