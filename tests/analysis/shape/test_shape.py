"""Where the music is: made-up tracks with a known silence, fade, intro and outro."""

from __future__ import annotations

import numpy as np
import pytest

from segue.analysis.records import Shape
from segue.analysis.shape.part import ShapePart
from tests.analysis.sounded import Samples, heard, noise, sine

RATE = 22_050
SECONDS = 64
BEAT = 60 / 128


def track(intro: float = 0.0, outro: float = 0.0, seconds: float = SECONDS) -> Samples:
    """Hats and a pad throughout; kick and bass without the intro and the outro."""
    at = np.arange(round(seconds * RATE)) / RATE
    rng = np.random.default_rng(1)
    kick = 0.6 * np.sin(2 * np.pi * 55 * (at % BEAT)) * np.exp(-18 * (at % BEAT))
    bass = 0.15 * np.sin(2 * np.pi * 110 * at)
    hats = 0.15 * rng.standard_normal(len(at)) * np.exp(-40 * ((at + BEAT / 2) % BEAT))
    pad = 0.05 * np.sin(2 * np.pi * 440 * at)
    body = (at >= intro) & (at < seconds - outro)
    return (hats + pad + (kick + bass) * body).astype(np.float32)


def shape(samples: Samples) -> Shape:
    found: Shape = heard(ShapePart(), samples, RATE)
    return found


def test_music_from_end_to_end_has_nothing_to_tell() -> None:
    assert shape(track()) == Shape(sound_start_ms=0, sound_end_ms=64_000)


def test_silence_around_and_within_is_found() -> None:
    still = np.zeros(RATE, np.float32)
    piece = track(seconds=16)
    found = shape(np.concatenate([still, piece, still, piece, still, still, still, piece, still]))
    assert (found.sound_start_ms, found.sound_end_ms) == (1000, 53_000)
    assert found.silences == ((34_000, 37_000),)


def test_hiss_is_silence_and_a_quiet_tone_is_not() -> None:
    hiss = noise(3, RATE, 1, 0.0003)[0]
    found = shape(np.concatenate([hiss, sine(300, 2, -50, RATE), hiss]))
    assert found.sound_start_ms == pytest.approx(3000, abs=20)
    assert found.sound_end_ms == pytest.approx(5000, abs=20)
    assert shape(hiss) == Shape()


def test_intro_and_outro_end_where_kick_and_bass_come_and_go() -> None:
    found = shape(track(intro=16, outro=12))
    assert found.intro_end_ms == pytest.approx(16_000, abs=400)
    assert found.outro_start_ms == pytest.approx(52_000, abs=1300)
    assert found.fade_in_end_ms is None and found.fade_out_start_ms is None


@pytest.mark.parametrize("kind", ["amplitude", "decibels"])
def test_a_fade_begins_where_it_begins(kind: str) -> None:
    samples = track()
    at = np.arange(len(samples)) / RATE
    gain = np.clip((64 - at) / 10, 0, 1) if kind == "amplitude" else 10 ** (-np.clip(at - 54, 0, None) * 5 / 20)
    out = shape(samples * gain)
    assert out.fade_out_start_ms == pytest.approx(54_000, abs=1000) and out.fade_in_end_ms is None
    into = shape((samples * gain)[::-1])
    assert into.fade_in_end_ms == pytest.approx(10_000, abs=1000) and into.fade_out_start_ms is None


def test_a_sudden_end_with_a_tail_is_no_fade() -> None:
    samples = np.concatenate([track(seconds=40), 0.02 * noise(4, RATE, 1)[0]])
    tail = np.concatenate([np.ones(40 * RATE), np.exp(-np.arange(4 * RATE) / RATE * 1.2)])
    assert shape((samples * tail).astype(np.float32)).fade_out_start_ms is None


def test_the_level_of_any_blocks_is_the_same() -> None:
    samples = np.concatenate([np.zeros(RATE // 3, np.float32), track(intro=8, seconds=40)])
    pieces: Shape = heard(ShapePart(), samples, RATE, "", [5, 0, 1111, 50_000, 12_345])
    assert pieces == shape(samples)


def test_what_is_next_to_nothing_has_a_shape_too() -> None:
    assert heard(ShapePart(), np.zeros((2, 0)), RATE) == Shape()
    assert heard(ShapePart(), np.zeros((2, 5)), RATE) == Shape()
    assert heard(ShapePart(), np.full((1, 100), 0.3), RATE) == Shape(0, 5)
    click = np.zeros(RATE, np.float32)
    click[RATE // 2] = 1
    assert shape(click) == Shape(500, 510)
