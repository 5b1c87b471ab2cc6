"""Where blocks end makes no difference, and what is skipped could not have mattered."""

from __future__ import annotations

import math

import numpy as np
import pytest

from segue.analysis.loudness import album
from segue.analysis.loudness.part import LoudnessPart
from segue.analysis.loudness.peaks import BEFORE, CELL, TAPS, TruePeak, _interpolator, oversampling
from segue.analysis.records import Loudness
from tests.analysis.sounded import Samples, heard, noise, sine


def lively(seed: int, rate: int, seconds: float = 3.0) -> Samples:
    """Noise that comes and goes, one channel duller than the other."""
    samples = noise(seconds, rate, seed=seed)
    samples[1] = np.convolve(samples[1], np.ones(8) / 3, mode="same")
    return (samples * (0.05 + np.abs(np.sin(np.arange(samples.shape[1]) / rate * (1 + seed))))).astype(np.float32)


@pytest.mark.parametrize("seed", range(4))
def test_any_blocks_give_the_same(seed: int) -> None:
    rate = (8000, 11_025, 44_100, 22_050)[seed]
    samples = lively(seed, rate)
    rng = np.random.default_rng(seed)
    sizes = [int(size) for size in rng.integers(1, rate // 2, 40)] + [rate]
    whole: Loudness = heard(LoudnessPart(), samples, rate, "stereo")
    pieces: Loudness = heard(LoudnessPart(), samples, rate, "stereo", [1, 0, 7, *sizes])
    assert pieces.integrated == pytest.approx(whole.integrated, abs=1e-6)
    assert pieces.range == pytest.approx(whole.range, abs=1e-6)
    assert pieces.true_peak == pytest.approx(whole.true_peak, abs=1e-4)
    assert pieces.sample_peak == whole.sample_peak
    assert sum(count for _tenth, count in pieces.histogram) == sum(count for _tenth, count in whole.histogram)


@pytest.mark.parametrize("seed", range(6))
def test_the_true_peak_is_that_of_oversampling_everything(seed: int) -> None:
    rate = (44_100, 48_000, 8000, 96_000, 44_100, 32_000)[seed]
    samples = lively(seed, rate, 1.0)
    if seed >= 4:
        samples = np.clip(samples * 8, -0.9, 0.9)
    peak = TruePeak(rate, 2)
    for start in range(0, samples.shape[1], 5000):
        peak.hear(samples[:, start : start + 5000])
    peak.end()
    times = oversampling(rate)
    matrix, _bend = _interpolator(times)
    between = 0.0
    for phase in range(times - 1):
        taps = matrix[:TAPS, phase * CELL]
        between = max(between, *(float(np.abs(np.convolve(each, taps[::-1])).max()) for each in samples))
    assert peak.true == pytest.approx(max(between, float(np.abs(samples).max())), abs=1e-5)


def test_no_value_between_samples_is_beyond_the_bound() -> None:
    rng = np.random.default_rng(3)
    matrix, bend = _interpolator(4)
    windows = rng.uniform(-1, 1, (20_000, CELL + TAPS - 1)).astype(np.float32)
    windows[::3] = np.sign(windows[::3])
    windows[1::3] = np.cumsum(windows[1::3], axis=1) / 8
    bound = np.abs(windows).max(axis=1) + bend * np.abs(np.diff(windows, n=2, axis=1)).max(axis=1)
    assert (np.abs(windows @ matrix).max(axis=1) <= bound + 1e-5).all()


def test_straight_lines_are_kept() -> None:
    matrix, _bend = _interpolator(4)
    line = np.arange(CELL + TAPS - 1, dtype=np.float32)
    expected = [BEFORE + place + phase / 4 for phase in (1, 2, 3) for place in range(CELL)]
    assert line @ matrix == pytest.approx(expected, abs=1e-3)


def test_how_often_is_by_the_rate() -> None:
    assert [oversampling(rate) for rate in (8000, 44_100, 48_000, 96_000, 176_400, 192_000, 384_000)] == [
        24,
        4,
        4,
        2,
        2,
        1,
        1,
    ]


def test_an_album_is_gated_as_one() -> None:
    rate = 16_000
    loud = np.stack([sine(1000, 30, -20, rate)] * 2)
    quiet = np.stack([sine(1000, 30, -35, rate)] * 2)
    parts = [heard(LoudnessPart(), each, rate, "stereo") for each in (loud, quiet)]
    together: Loudness = heard(LoudnessPart(), np.concatenate([loud, quiet], axis=1), rate, "stereo")
    one = album(part.histogram for part in parts)
    assert one == pytest.approx(together.integrated, abs=0.06)
    assert one == pytest.approx(-20, abs=0.1)
    mean = sum(part.integrated for part in parts) / 2
    assert one is not None and not math.isclose(one, mean, abs_tol=1)
    assert album([]) is None and album([(), ()]) is None
    assert album([parts[1].histogram]) == pytest.approx(parts[1].integrated, abs=0.06)
