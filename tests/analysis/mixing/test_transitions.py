"""From one track to the next, along the beats where there are any."""

from __future__ import annotations

from dataclasses import replace

import pytest

from segue.analysis.mixing.cues import cues, points
from segue.analysis.mixing.pairs import pair_scores
from segue.analysis.mixing.records import Key, Manner, Mixable
from segue.analysis.mixing.transition import plan
from tests.analysis.mixing.tracks import pool, track

BEAT = 500


def test_points_lie_on_bars_and_phrases() -> None:
    one = track(intro_end_ms=16_700, outro_start_ms=208_900)
    found = points(one)
    assert found.in_ms == 500 and found.body_ms == 16_500 and found.body_beat == 32
    assert found.leave_beat == 416 and found.leave_ms == 208_500
    assert found.beats_in == 32 and found.beats_out == 62
    names = [cue.name for cue in cues(one, 4)]
    assert names[0] == "mix_in" and names[-1] == "mix_out" and names.count("phrase") == 4
    assert [cue.at_ms for cue in cues(one, 4)] == sorted(cue.at_ms for cue in cues(one, 4))
    inner = [cue for cue in cues(one, 100) if cue.name == "phrase"]
    assert all(
        (cue.beat - 32) % 32 == 0 and one.beats_ms[cue.beat] == cue.at_ms for cue in inner if cue.beat is not None
    )


def test_a_late_outro_leaves_two_bars_all_the_same() -> None:
    found = points(track(outro_start_ms=239_500))
    assert found.beats_out == 10 and found.leave_beat == 468


def test_phrases_are_counted_from_where_the_intro_ends() -> None:
    near = points(track(intro_end_ms=12_500, outro_start_ms=203_000))
    assert near.body_beat == 24 and near.leave_beat == 24 + 24 * 16
    far = points(track(intro_end_ms=12_500, outro_start_ms=200_000))
    assert far.leave_beat == 400


def test_a_track_without_beats_has_points_where_they_were_heard() -> None:
    one = track(bpm=None, sound_start_ms=300, sound_end_ms=200_000, intro_end_ms=10_000, outro_start_ms=150_000)
    found = points(one)
    assert (found.in_ms, found.body_ms, found.leave_ms, found.out_ms) == (300, 10_000, 150_000, 200_000)
    assert found.beats_in == found.beats_out == 0 and [cue.name for cue in cues(one, 8)].count("phrase") == 0


def test_the_intro_ends_where_the_overlap_does() -> None:
    first = track(1, 120, outro_start_ms=208_500)
    second = track(2, 122, first_ms=100, intro_end_ms=round(100 + 32 * 60_000 / 122))
    way = plan(first, second, Manner())
    assert way.kind == "beats" and way.beats == 32 and way.out_ms == 208_500 and way.length_ms == 32 * BEAT
    assert way.rate == pytest.approx(120 / 122, abs=1e-5) and way.in_ms == 100
    assert way.in_ms + way.length_ms * way.rate == pytest.approx(second.intro_end_ms, abs=3)
    assert way.bass_swap_ms == way.length_ms
    assert way.settle_ms == 16 * BEAT
    assert {"key_same", "tempo_close", "energy_level", "intro", "outro"} == {reason.code for reason in way.reasons}


def test_without_intro_and_outro_the_basses_change_in_the_middle() -> None:
    way = plan(track(1), track(2), Manner())
    assert way.kind == "beats" and way.beats == 16 and way.bass_swap_ms == 8 * BEAT and way.settle_ms == 0
    assert way.in_ms == 500 and way.out_ms + way.length_ms <= 240_000


def test_a_track_of_half_the_tempo_is_counted_double() -> None:
    first, second = track(1, 140, outro_start_ms=200_000), track(2, 70, intro_end_ms=round(500 + 32 * 60_000 / 70))
    way = plan(first, second, Manner())
    assert way.kind == "beats" and way.tempo_factor == 0.5 and way.rate == 1
    assert way.in_ms + way.length_ms == pytest.approx(second.intro_end_ms, abs=5)
    assert any(reason.code == "tempo_octave" for reason in way.reasons)


@pytest.mark.parametrize("other", [track(2, 135), track(2, None)])
def test_what_does_not_come_together_is_faded(other: Mixable) -> None:
    way = plan(track(1), other, Manner())
    assert way.kind == "crossfade" and way.beats == 0 and way.rate == 1 and way.settle_ms == 0
    assert way.out_ms + way.length_ms == 240_000 and way.length_ms == 6000 and way.in_ms == other.sound_start_ms


def test_a_short_track_or_one_that_fades_is_not_talked_over() -> None:
    short = replace(track(2, None), duration_ms=2_000)
    assert plan(track(1, None), short, Manner()).length_ms == 1000
    fading = track(1, None, fade_out_start_ms=236_000)
    assert plan(fading, track(2, None), Manner()).out_ms == 236_000
    assert plan(track(1, None), replace(short, duration_ms=100), Manner()).kind == "gap"


def test_reasons_name_what_is_against_it() -> None:
    first = track(1, 120, key=Key(0, "major"), energy=0.9, artists=frozenset({7}))
    second = track(2, 140, key=Key(6, "minor"), energy=0.1, artists=frozenset({7, 8}))
    way = plan(first, second, Manner())
    codes = {reason.code for reason in way.reasons}
    assert {"key_apart", "tempo_apart", "energy_down", "same_artist"} <= codes
    assert way.score < 0.2 < 0.95 < plan(first, track(3, 120, key=Key(0, "major"), energy=0.9), Manner()).score + 0.1
    detuned = plan(track(1, 120), track(2, 122.5), Manner(key_lock=False))
    assert any(reason.code == "out_of_tune" for reason in detuned.reasons)


@pytest.mark.parametrize("manner", [Manner(), Manner("strict", 0.03), Manner("adventurous", 0.08, key_lock=False)])
def test_the_matrix_of_a_pool_says_what_the_plans_say(manner: Manner) -> None:
    tracks = pool(24, seed=5)
    scores = pair_scores(tracks, manner)
    for row, first in enumerate(tracks):
        for column, second in enumerate(tracks):
            assert scores[row, column] == pytest.approx(plan(first, second, manner).score, abs=2e-4)


@pytest.mark.parametrize("seed", range(5))
def test_every_plan_keeps_within_both_tracks(seed: int) -> None:
    tracks = pool(14, seed)
    manner = Manner("adventurous", 0.1, key_lock=bool(seed % 2))
    for first in tracks:
        for second in tracks:
            way = plan(first, second, manner)
            assert 0 <= way.score <= 1 and all(
                0 <= term <= 1 for term in (way.terms.key, way.terms.tempo, way.terms.room)
            )
            assert 0 <= way.out_ms <= way.out_ms + way.length_ms <= first.end_ms
            assert 0 <= way.in_ms <= second.end_ms
            if way.kind == "beats":
                assert way.out_ms in first.beats_ms and way.in_ms in second.beats_ms
                assert way.bass_swap_ms is not None and 0 < way.bass_swap_ms <= way.length_ms
                assert abs(way.rate - 1) <= 0.1 + 1e-6
