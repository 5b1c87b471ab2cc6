"""Listening for the beat, on sounds whose beats are known."""

from __future__ import annotations

import numpy as np
import pytest

from segue.analysis.frames import BINS, Frames, Spectra
from segue.analysis.parts import MONO_RATE, Block
from segue.analysis.records import Knowledge
from segue.analysis.tempo import again, conclude, hearing
from segue.analysis.tempo.part import TempoPart
from tests.analysis.tempo.sounds import CLICK, HAT, Sound, at, clicks, heard, rock


@pytest.mark.parametrize("bpm", [60, 75.5, 100, 120, 133.33, 174, 200])
def test_clicks_are_found_to_half_a_per_cent_and_every_beat_to_twenty_milliseconds(bpm: float) -> None:
    sound, times = clicks(bpm)
    tempo = again(conclude(heard(sound)), Knowledge(said=bpm))
    assert any(abs(candidate.bpm / bpm - 1) < 0.005 for candidate in tempo.candidates)
    assert tempo.grid is not None
    assert tempo.grid.bpm == pytest.approx(bpm, rel=0.001)
    beats = np.array(tempo.beats_ms)
    assert abs(len(beats) - len(times)) <= 1
    assert max(np.abs(beats - 1000 * time).min() for time in times[1:-1]) <= 20


@pytest.mark.parametrize("bpm", [80, 100, 120, 150])
def test_clicks_alone_are_the_beat(bpm: float) -> None:
    assert conclude(heard(clicks(bpm)[0])).bpm == pytest.approx(bpm, rel=0.005)


@pytest.mark.parametrize("bpm", [100, 110, 140, 170])
def test_kick_and_snare_taking_turns_are_the_beat_whatever_the_hats_do(bpm: float) -> None:
    sound, times = rock(bpm)
    tempo = conclude(heard(sound))
    assert tempo.bpm == pytest.approx(bpm, rel=0.005)
    beats = np.array(tempo.beats_ms)
    assert np.median([np.abs(beats - 1000 * time).min() for time in times]) <= 20


def test_a_time_scale_scales_the_tempo() -> None:
    sound, _ = rock(100)
    base = conclude(heard(sound)).bpm
    assert base is not None
    for ratio in (0.9, 1.15):
        count = int(len(sound) * ratio)
        slower = np.interp(np.arange(count) / ratio, np.arange(len(sound)), sound).astype(np.float32)
        found = conclude(heard(slower))
        assert any(abs(one.bpm * ratio / base - 1) < 0.005 for one in found.candidates[:2])


def silence() -> Sound:
    return np.zeros(10 * MONO_RATE, np.float32)


def one_click() -> Sound:
    return at([5.0], CLICK, 10)


def white_noise() -> Sound:
    return (np.random.default_rng(2).standard_normal(20 * MONO_RATE) * 0.1).astype(np.float32)


def random_hits() -> Sound:
    return at(np.cumsum(np.random.default_rng(3).exponential(0.2, 80)), HAT, 20)


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(0, np.float32),
        silence(),
        np.full(10 * MONO_RATE, 0.5, np.float32),
        rock(120, 0.2)[0],
        one_click(),
        at([4.0, 6.5], CLICK, 12),
        white_noise(),
        random_hits(),
    ],
    ids=["nothing", "silence", "a constant", "a fifth of a second", "one click", "two clicks", "noise", "random hits"],
)
def test_where_there_is_no_pulse_there_is_no_tempo(sound: Sound) -> None:
    tempo = conclude(heard(sound))
    assert tempo.bpm is None
    assert tempo.confidence == 0
    assert tempo.beats_ms == ()


def test_without_the_shared_frames_there_is_a_tempo_all_the_same() -> None:
    sound, _ = rock(121)
    part = TempoPart()
    part.hear(Block(sound[None], MONO_RATE, sound))
    found = conclude(part.found())
    assert any(candidate.bpm == pytest.approx(121, rel=0.005) for candidate in found.candidates)


def test_how_the_sound_is_cut_into_blocks_makes_little_difference() -> None:
    sound, _ = rock(121)
    whole = conclude(heard(sound, len(sound)))
    for cut in (1_000, 50_001):
        parts = conclude(heard(sound, cut))
        assert parts.bpm == pytest.approx(whole.bpm, rel=0.001)


def test_a_quiet_recording_has_the_tempo_of_a_loud_one() -> None:
    sound, _ = rock(121)
    assert conclude(heard(sound * np.float32(0.003))).bpm == pytest.approx(121, rel=0.002)


def test_where_the_tempo_moves_there_is_a_curve_and_no_grid() -> None:
    ticks = np.arange(0, 34, 0.001)
    tempo = 100 * (1 + 0.12 * ticks / 34)
    beats = ticks[np.flatnonzero(np.diff(np.floor(np.cumsum(tempo / 60 * 0.001))) > 0)]
    sound = at(beats[0::2], CLICK, 34, 0.8) + at(beats[1::2], CLICK, 34)
    found = again(conclude(heard(sound)), Knowledge(said=106))
    assert found.grid is None
    assert found.curve[0][1] < found.curve[-1][1]
    assert found.curve[-1][1] == pytest.approx(111, abs=3)
    placed = np.array(found.beats_ms)
    assert np.mean([np.abs(placed - 1000 * beat).min() <= 40 for beat in beats[1:-1]]) > 0.95


def test_a_waltz_has_three_beats_a_bar() -> None:
    beats = np.arange(0.2, 29.8, 60 / 120)
    sound = at(beats[0::3], rock_kick(), 30, 0.9) + at(beats[1::3], HAT, 30, 0.3) + at(beats[2::3], HAT, 30, 0.3)
    tempo = again(conclude(heard(sound)), Knowledge(said=120))
    assert tempo.grid is not None
    assert tempo.grid.beats_a_bar == 3
    assert all(np.abs(1000 * beats[0::3] - tempo.beats_ms[one]).min() < 30 for one in tempo.downbeats)


def rock_kick() -> Sound:
    steps = np.arange(3000)
    return (np.sin(steps * 60 / 3509.3) * np.exp(-steps / 900)).astype(np.float32)


def test_what_lasts_for_hours_is_followed_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "_LONG_S", 40.0)
    monkeypatch.setattr(hearing, "_EXCERPTS", 1)
    sound, times = rock(110, 60)
    tempo = again(conclude(heard(sound)), Knowledge(said=110))
    assert tempo.grid is None
    assert tempo.curve
    beats = np.array(tempo.beats_ms)
    assert np.all(np.diff(beats) > 250)
    assert np.mean([np.abs(beats - 1000 * time).min() <= 40 for time in times]) > 0.9


def test_frames_are_the_same_however_the_stream_is_cut() -> None:
    sound = white_noise()[:30_000]
    frames = Frames()
    whole = np.concatenate((frames.of(Block(sound[None], MONO_RATE, sound)), frames.last()))
    spectra = Spectra(2048, 512)
    parts = [spectra.of(sound[start : start + 777]) for start in range(0, len(sound), 777)]
    cut = np.concatenate([*parts, spectra.last()])
    assert whole.shape == cut.shape == (len(sound) // 512 + 1, BINS)
    assert whole.dtype == np.float32
    np.testing.assert_allclose(cut, whole, rtol=1e-5, atol=1e-12)


def test_a_full_scale_sine_reads_one() -> None:
    sound = np.sin(2 * np.pi * 93 * MONO_RATE / 2048 * np.arange(8192) / MONO_RATE).astype(np.float32)
    assert Spectra(2048, 512).of(sound)[5].max() == pytest.approx(1, abs=0.01)
