"""Pixels and colours of what goes by."""

from __future__ import annotations

import numpy as np
import pytest

from segue.analysis.records import Waveform
from segue.analysis.waveform import coarser, part
from segue.analysis.waveform.part import WaveformPart, samples_per_pixel
from tests.analysis.sounded import heard, noise, sine


def pairs(waveform: Waveform) -> np.ndarray:
    return np.frombuffer(waveform.peaks, dtype=np.int8).reshape(-1, 2)


def bands(waveform: Waveform) -> np.ndarray:
    return np.frombuffer(waveform.bands, dtype=np.uint8).reshape(-1, 3)


def test_a_pixel_is_about_a_hundredth_of_a_second_at_any_rate() -> None:
    assert samples_per_pixel(44_100) == samples_per_pixel(48_000) == 512
    assert samples_per_pixel(96_000) == 1024 and samples_per_pixel(22_050) == 256
    for rate in (8000, 11_025, 16_000, 32_000, 88_200, 192_000, 384_000, 768_000):
        assert 0.005 < samples_per_pixel(rate) / rate < 0.013
    assert samples_per_pixel(1000) == 16


def test_minimum_and_maximum_are_those_of_the_mix_of_all_channels() -> None:
    samples = np.zeros((2, 512 * 3), np.float32)
    samples[0, 10], samples[1, 10] = 1.0, 0.5
    samples[:, 600] = -1.5
    found: Waveform = heard(WaveformPart(), samples, 44_100)
    assert pairs(found).tolist() == [[0, 96], [-128, 0], [0, 0]]


@pytest.mark.parametrize("seed", range(3))
def test_any_blocks_draw_the_same(seed: int) -> None:
    rate = (8000, 44_100, 48_000)[seed]
    samples = noise(1.5, rate, seed=seed)
    sizes = [int(size) for size in np.random.default_rng(seed).integers(1, 20_000, 30)] + [rate]
    whole: Waveform = heard(WaveformPart(), samples, rate)
    pieces: Waveform = heard(WaveformPart(), samples, rate, "", [3, *sizes])
    assert pieces.peaks == whole.peaks and len(pieces.bands) == len(whole.bands)
    assert (np.abs(bands(pieces).astype(int) - bands(whole)) <= 2).mean() > 0.98


@pytest.mark.parametrize("most", [7, 16, 33])
def test_a_long_sound_gets_longer_pixels_and_loses_nothing(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    samples = noise(3, 8000, 1)
    fine: Waveform = heard(WaveformPart(), samples, 8000)
    monkeypatch.setattr(part, "MOST_PIXELS", most)
    long: Waveform = heard(WaveformPart(), samples, 8000, "", [100, 64, 1000])
    factor = long.samples_per_pixel // fine.samples_per_pixel
    assert factor > 4 and factor & (factor - 1) == 0
    assert long.peaks == coarser(fine, factor).peaks
    assert len(long.bands) == len(long.peaks) // 2 * 3


@pytest.mark.parametrize(("hz", "band"), [(80, 0), (180, 0), (700, 1), (1800, 1), (4000, 2), (9000, 2)])
def test_a_tone_is_strong_in_its_band_alone(hz: float, band: int) -> None:
    found: Waveform = heard(WaveformPart(), sine(hz, 1, -6.02, 44_100), 44_100)
    middle = bands(found)[20:60].astype(float).mean(axis=0)
    assert (middle[band] / 255) ** 2 == pytest.approx(0.5, rel=0.06)
    assert all((other / 255) ** 2 < 0.05 for number, other in enumerate(middle) if number != band)


def test_what_is_next_to_nothing_has_a_waveform_too() -> None:
    found: Waveform = heard(WaveformPart(), np.zeros((1, 3), np.float32), 44_100)
    assert pairs(found).tolist() == [[0, 0]] and bands(found).tolist() == [[0, 0, 0]]
    assert heard(WaveformPart(), np.zeros((2, 0), np.float32), 44_100).peaks == b""
