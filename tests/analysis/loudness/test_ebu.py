"""The test signals of EBU Tech 3341 and Tech 3342, made here, and ITU-R BS.1770's own coefficients."""

from __future__ import annotations

import numpy as np
import pytest

from segue.analysis.loudness.part import LoudnessPart
from segue.analysis.loudness.weighting import channel_weights, k_weighting
from segue.analysis.records import Loudness
from tests.analysis.sounded import Samples, heard, sine

RATE = 12_000


def stereo(*parts: tuple[float, float], rate: int = RATE) -> Samples:
    """1 kHz on both channels, one part after another: (dBFS, seconds)."""
    tone = np.concatenate([sine(1000, seconds, level, rate) for level, seconds in parts])
    return np.stack([tone, tone])


def loudness(samples: Samples, rate: int = RATE, layout: str = "stereo") -> Loudness:
    found: Loudness = heard(LoudnessPart(), samples, rate, layout)
    return found


def test_at_48_khz_the_filters_are_those_of_the_standard() -> None:
    shelf, high_pass = k_weighting(48_000)
    assert shelf == pytest.approx(
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1, -1.69065929318241, 0.73248077421585], abs=1e-9
    )
    assert high_pass == pytest.approx([1, -2, 1, 1, -1.99004745483398, 0.99007225036621], abs=1e-9)


@pytest.mark.parametrize("level", [-23.0, -33.0])
def test_a_sine_of_1_khz_on_two_channels_is_as_loud_as_its_peak(level: float) -> None:
    assert loudness(stereo((level, 5))).integrated == pytest.approx(level, abs=0.1)


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 44_100, 48_000, 96_000, 192_000, 384_000, 768_000])
def test_it_is_so_at_every_rate(rate: int) -> None:
    assert loudness(stereo((-23, 0.9), rate=rate), rate).integrated == pytest.approx(-23, abs=0.1)


def test_quiet_parts_are_gated_away() -> None:
    assert loudness(stereo((-36, 10), (-23, 60), (-36, 10))).integrated == pytest.approx(-23, abs=0.1)
    assert loudness(stereo((-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10))).integrated == pytest.approx(
        -23, abs=0.1
    )


def test_parts_within_the_gate_count_with_their_power() -> None:
    assert loudness(stereo((-26, 20), (-20, 20.1), (-26, 20))).integrated == pytest.approx(-23, abs=0.1)


def test_surround_counts_with_its_weights() -> None:
    levels = [-28.0, -28.0, -24.0, -30.0, -30.0]
    five = np.stack([sine(1000, 4, level, RATE) for level in levels])
    assert loudness(five, layout="5.0").integrated == pytest.approx(-23, abs=0.1)
    with_lfe = np.insert(five, 3, sine(60, 4, 0, RATE), axis=0)
    assert loudness(with_lfe, layout="5.1").integrated == pytest.approx(-23, abs=0.1)
    assert loudness(with_lfe, layout="").integrated == pytest.approx(-23, abs=0.1)


def test_channels_weigh_by_where_they_stand() -> None:
    assert channel_weights("mono", 1) == (1,) and channel_weights("stereo", 2) == (1, 1)
    assert channel_weights("5.1(side)", 6) == (1, 1, 1, 0, 1.41, 1.41) == channel_weights("5.1", 6)
    assert channel_weights("7.1", 8) == (1, 1, 1, 0, 1, 1, 1.41, 1.41)
    assert channel_weights("2.1", 3) == (1, 1, 0)
    assert channel_weights("", 8) == channel_weights("7.1", 8)
    assert channel_weights("5.1", 2) == (1, 1) and channel_weights("", 11) == (1,) * 11


def test_one_channel_is_three_decibels_quieter_than_two() -> None:
    tone = sine(1000, 2, -20, RATE)
    assert loudness(tone[np.newaxis], layout="mono").integrated == pytest.approx(-23, abs=0.1)


@pytest.mark.parametrize(
    ("levels", "range_lu"),
    [((-20, -30), 10), ((-20, -15), 5), ((-40, -20), 20), ((-50, -35, -20, -35, -50), 15)],
)
def test_the_range_is_that_of_tech_3342(levels: tuple[int, ...], range_lu: int) -> None:
    assert loudness(stereo(*((level, 20.0) for level in levels))).range == pytest.approx(range_lu, abs=1)


@pytest.mark.parametrize(
    ("divisor", "phase", "level"),
    [(4, 0.0, -6.0), (4, 45.0, -6.0), (6, 60.0, -6.0), (8, 67.5, -6.0), (4, 45.0, 3.0)],
)
def test_peaks_between_samples_are_found(divisor: int, phase: float, level: float) -> None:
    rate = 48_000
    tone = sine(rate / divisor, 0.5, level + 0.0206 * (level == -6), rate, np.radians(phase))
    fade = np.minimum(1, np.minimum(np.arange(len(tone)), np.arange(len(tone))[::-1]) / 2000).astype(np.float32)
    peak = loudness((tone * fade)[np.newaxis], rate).true_peak
    assert peak is not None and -0.4 <= peak - level <= 0.2


def test_silence_has_no_loudness_and_no_peak() -> None:
    assert loudness(np.zeros((2, RATE * 5), np.float32)) == Loudness(None, None, None, None, ())


def test_what_is_shorter_than_a_gating_block_has_peaks_only() -> None:
    click = np.zeros((1, 1000), np.float32)
    click[0, 500] = 0.5
    found = loudness(click, layout="mono")
    assert found.integrated is None and found.range is None
    assert found.sample_peak == pytest.approx(-6.02, abs=0.01) and found.true_peak == pytest.approx(-6.02, abs=0.05)


def test_an_offset_is_not_loud() -> None:
    assert loudness(stereo((-23, 20)) + np.float32(0.2)).integrated == pytest.approx(-23, abs=0.15)
