"""The key of made-up music: its tonic, mode, tuning and modulations; and that there is none in noise."""

from __future__ import annotations

import numpy as np
import pytest

from segue.analysis.key import evidence, judging
from segue.analysis.key.part import KeyPart
from segue.analysis.key.pitches import Pitches
from segue.analysis.parts import MONO_RATE
from segue.analysis.records import Key
from tests.analysis.key.played import cadences, drums
from tests.analysis.sounded import Samples, heard, noise


def key(samples: Samples, sizes: list[int] | None = None) -> Key | None:
    found: Key | None = heard(KeyPart(), samples, MONO_RATE, sizes=sizes)
    return found


def certain(samples: Samples) -> Key:
    found = key(samples)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("tonic", "mode"), [(0, "major"), (6, "major"), (10, "major"), (1, "minor"), (4, "minor"), (9, "minor")]
)
def test_cadences_are_in_their_key(tonic: int, mode: str) -> None:
    found = certain(cadences(tonic, mode))
    assert (found.tonic, found.mode) == (tonic, mode)
    assert found.confidence > 0.8
    assert abs(found.tuning_cents) < 3
    assert int(np.argmax(found.scores)) == tonic + (12 if mode == "minor" else 0)
    assert sum(found.scores) == pytest.approx(1, abs=0.01)
    assert [(segment.start_ms, segment.end_ms, segment.tonic) for segment in found.segments] == [(0, 16_000, tonic)]


@pytest.mark.parametrize("cents", [-45, -20, 30, 48])
def test_instruments_out_of_tune_are_told_and_do_not_change_the_key(cents: int) -> None:
    found = certain(cadences(2, "minor", seconds=8, cents=cents))
    assert (found.tonic, found.mode) == (2, "minor")
    assert abs(found.tuning_cents - cents) < 4


def test_half_a_semitone_up_is_half_a_semitone_down() -> None:
    found = certain(cadences(2, "minor", seconds=8, cents=50))
    assert abs(found.tuning_cents) > 46
    assert found.tonic in (2, 3)


def test_all_of_it_turned_by_some_semitones_is_the_same_in_another_key() -> None:
    pitches = Pitches()
    pitches.hear(cadences(7, "minor"))
    said = pitches.heard()
    before = judging.judge(said, 16_000)
    assert before is not None
    for turn in range(1, 12):
        after = judging.judge(said._replace(classes=np.roll(said.classes, turn, axis=2)), 16_000)
        assert after is not None
        assert (after.tonic, after.mode) == ((before.tonic + turn) % 12, before.mode)
        assert after.confidence == pytest.approx(before.confidence, abs=1e-3)
        turned = [*np.roll(before.scores[:12], turn), *np.roll(before.scores[12:], turn)]
        assert after.scores == pytest.approx(turned, abs=1e-3)


def test_evidence_has_a_name_or_a_degree_for_each_of_its_columns() -> None:
    assert evidence.of_keys(np.ones((20, 2, 12), np.float32)).shape == (24, evidence.SIZE)


def test_a_modulation_is_a_segment_and_does_not_change_what_the_piece_is_in() -> None:
    found = certain(np.concatenate([cadences(0, "major", 32), cadences(2, "major", 20)]))
    assert (found.tonic, found.mode) == (0, "major")
    assert [(segment.tonic, segment.mode) for segment in found.segments] == [(0, "major"), (2, "major")]
    assert abs(found.segments[1].start_ms - 32_000) < 5_000
    assert found.segments[0].end_ms == found.segments[1].start_ms
    assert found.segments[-1].end_ms == 52_000


@pytest.mark.parametrize("level", [1.0, 0.01])
def test_how_loud_it_is_does_not_matter(level: float) -> None:
    found = certain(cadences(5, "minor", 8) * level)
    assert (found.tonic, found.mode) == (5, "minor")


def test_silence_around_does_not_matter() -> None:
    still = np.zeros(5 * MONO_RATE, np.float32)
    piece = cadences(5, "minor", 12)
    found, alone = certain(np.concatenate([still, piece, still])), certain(piece)
    assert (found.tonic, found.mode) == (5, "minor")
    assert found.confidence == pytest.approx(alone.confidence, abs=0.05)


def test_the_size_of_the_blocks_hardly_matters() -> None:
    piece = cadences(8, "major", 12)
    whole, small = key(piece), key(piece, sizes=[1, 700, 4_096, 30_000])
    assert whole is not None
    assert small is not None
    assert (small.tonic, small.mode) == (whole.tonic, whole.mode)
    assert small.confidence == pytest.approx(whole.confidence, abs=0.05)


@pytest.mark.parametrize("pitches", [[440.0], [261.63, 329.63, 392.0]], ids=["a tone", "a triad"])
def test_of_a_tone_or_a_chord_alone_nothing_is_sure(pitches: list[float]) -> None:
    at = np.arange(8 * MONO_RATE) / MONO_RATE
    sounding = (0.2 * np.sin(2 * np.pi * np.outer(pitches, at)).sum(axis=0)).astype(np.float32)
    assert certain(sounding).confidence <= 0.5


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(0, np.float32),
        np.zeros(20 * MONO_RATE, np.float32),
        np.full(10 * MONO_RATE, 0.5, np.float32),
        noise(12, MONO_RATE, channels=1)[0],
        drums(),
        np.eye(1, 10 * MONO_RATE, 5, dtype=np.float32)[0],
        cadences(0, "major", seconds=1),
    ],
    ids=["nothing", "silence", "an offset", "noise", "drums", "a click", "one second"],
)
def test_what_has_no_key_is_given_none(samples: Samples) -> None:
    assert key(samples) is None


def test_confidence_never_falls_where_the_chance_rises() -> None:
    said = [judging.confidence_of(chance) for chance in np.linspace(0, 1, 101)]
    assert said == sorted(said)
    assert 0 < said[0]
    assert said[-1] < 1


def test_hours_are_heard_an_hour_at_a_time() -> None:
    pitches = Pitches()
    pitches.hear(cadences(3, "minor"))
    said = pitches.heard()
    long = said._replace(classes=np.tile(said.classes, (judging.HOUR * 2 // len(said.classes), 1, 1)))
    found = judging.judge(long, 7_200_000)
    assert found is not None
    assert (found.tonic, found.mode) == (3, "minor")
    assert [(segment.start_ms, segment.end_ms) for segment in found.segments] == [(0, 7_200_000)]


def test_samples_far_beyond_full_scale_are_still_music() -> None:
    found = certain(1e5 * cadences(3, "major", 8))
    assert (found.tonic, found.mode) == (3, "major")
